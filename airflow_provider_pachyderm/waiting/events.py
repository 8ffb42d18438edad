"""The events that triggers fire: how they are written, and how the task that waited reads them."""

from __future__ import annotations

import asyncio
from typing import TypeGuard

from airflow_provider_pachyderm import client as errors
from airflow_provider_pachyderm._compat import AirflowException, AirflowSensorTimeout
from airflow_provider_pachyderm.client import PachydermError

SUCCESS, TIMEOUT, ERROR = "success", "timeout", "error"


COMMIT, JOBS = "commit", "jobs"


def event_of_success(found: str | list[str], kind: str = COMMIT) -> dict[str, object]:
    """Make the event of a commit, or of several.

    :param kind: what was found
    """
    return {"status": SUCCESS, kind: found}


def event_of_error(error: Exception, condition: object) -> dict[str, object]:
    """Make the event of what ended the waiting.

    :param condition: what was waited for
    """
    if isinstance(error, asyncio.TimeoutError) and not isinstance(error, PachydermError):
        return {"status": TIMEOUT, "message": f"Timed out waiting for {condition}"}
    reference = error.reference if isinstance(error, PachydermError) else ""
    return {"status": ERROR, "error_type": type(error).__name__, "message": str(error), "reference": reference}


def commit_of_event(event: object, kind: str = COMMIT) -> str | list[str]:
    """Return the commit, or the list of commits, of a trigger's event, or raise what the event tells.

    :param event: what Airflow hands to ``execute_complete``
    :param kind: what was to be found
    :raises AirflowSensorTimeout: the deadline passed
    :raises PachydermError: the class that the trigger met, by its name
    :raises AirflowException: another error, or an event that no version of this trigger fires
    """
    fields: dict[object, object] = event if isinstance(event, dict) else {}
    status = fields.get("status")
    if status == SUCCESS and _is_found(found := fields.get(kind)):
        return found
    if status == TIMEOUT:
        raise AirflowSensorTimeout(_text(fields, "message") or "The trigger's deadline passed")
    if status == ERROR:
        raise _error_of(fields)
    raise AirflowException(f"Unexpected event from the trigger: {event!r}")


def _is_found(found: object) -> TypeGuard[str | list[str]]:
    """Say whether it is the name of a commit, or a list of some; what uses it finds out whether they are good ones."""
    names = found if isinstance(found, list) and found else [found]
    return all(isinstance(name, str) and name for name in names)


def _error_of(event: dict[object, object]) -> Exception:
    kind, message = _text(event, "error_type"), _text(event, "message")
    known = getattr(errors, kind, None) if kind else None
    if isinstance(known, type) and issubclass(known, PachydermError):
        return known(message, reference=_text(event, "reference"))
    return AirflowException(f"{kind or 'Error'} in the trigger: {message or repr(event)}")


def _text(event: dict[object, object], key: str) -> str:
    value = event.get(key)
    return value if isinstance(value, str) else ""
