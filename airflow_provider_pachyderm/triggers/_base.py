"""What the triggers of all sensors do alike: look, wait for a hint, look again, and fire one event."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import asdict
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from airflow.triggers.base import BaseTrigger, TriggerEvent

from airflow_provider_pachyderm import client as errors
from airflow_provider_pachyderm._compat import AirflowException, AirflowSensorTimeout
from airflow_provider_pachyderm.client import PachydermError
from airflow_provider_pachyderm.hooks.pachyderm import PachydermHook
from airflow_provider_pachyderm.waiting.commit import Awaited, parse_time
from airflow_provider_pachyderm.waiting.commit_set import AwaitedSet
from airflow_provider_pachyderm.waiting.file import AwaitedFile
from airflow_provider_pachyderm.waiting.hints import AWAY
from airflow_provider_pachyderm.waiting.hub import StreamHub
from airflow_provider_pachyderm.waiting.poll import patiently
from airflow_provider_pachyderm.waiting.shared_client import Line

if TYPE_CHECKING:
    from airflow_provider_pachyderm.waiting.poll import Look

# Seconds for a trigger that is started when its deadline has passed already, as after a triggerer was down for long.
_LAST_LOOK = 1.0
SUCCESS, TIMEOUT, ERROR = "success", "timeout", "error"

AwaitedT = TypeVar("AwaitedT", bound="Awaited | AwaitedFile | AwaitedSet")


class WaitingTrigger(BaseTrigger, Generic[AwaitedT]):
    """Wait for what a sensor waits for, and fire exactly one event.

    It looks together with all others in the triggerer that wait for the same. The server's stream of commits only says
    when to look again; a look also happens every 60 s or so. What counts is decided anew by each look, so that the
    trigger may be started again anywhere. A server that is away is tried again until the deadline; every other error is
    an event, unless it is to be silent about errors.
    """

    _look: Look[AwaitedT, Any]

    def __init__(
        self,
        awaited: AwaitedT,
        *,
        deadline: str,
        project: str | None = None,
        pachyderm_conn_id: str = PachydermHook.default_conn_name,
        poll_interval: float = 60.0,
        silent_fail: bool = False,
    ) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.awaited: AwaitedT = awaited
        self.deadline = deadline
        self.project = project
        self.pachyderm_conn_id = pachyderm_conn_id
        self.poll_interval = poll_interval
        self.silent_fail = silent_fail

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """Return what another triggerer needs to start this trigger again; no secrets."""
        kwargs = {
            **asdict(self.awaited),
            "deadline": self.deadline,
            "project": self.project,
            "pachyderm_conn_id": self.pachyderm_conn_id,
            "poll_interval": self.poll_interval,
            "silent_fail": self.silent_fail,
        }
        return f"{type(self).__module__}.{type(self).__qualname__}", kwargs

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Wait, then fire one event: ``{"status": "success", "commit": …}``, or ``timeout`` or ``error``."""
        try:
            found = await asyncio.wait_for(self._wait(), max(_LAST_LOOK, self._seconds_left()))
            event = {"status": SUCCESS, "commit": found}
        except Exception as error:
            event = self._event_of(error)
        yield TriggerEvent(event)  # type: ignore[no-untyped-call]

    async def _wait(self) -> Any:
        config = await PachydermHook(self.pachyderm_conn_id, project=self.project).async_config()
        patient_with = (PachydermError,) if self.silent_fail else AWAY
        async with StreamHub.here().watch(config, self.awaited.followed, self._look) as watch:
            wanted = await patiently(lambda: self._wanted(watch.line), patient_with)
            return await watch.wait(wanted, poll_interval=self.poll_interval, patient_with=patient_with)

    async def _wanted(self, line: Line) -> AwaitedT:
        return self.awaited

    def _seconds_left(self) -> float:
        return (parse_time(self.deadline) - datetime.now(timezone.utc)).total_seconds()

    def _event_of(self, error: Exception) -> dict[str, Any]:
        if isinstance(error, asyncio.TimeoutError) and not isinstance(error, PachydermError):
            return {"status": TIMEOUT, "message": f"Timed out waiting for {self.awaited}"}
        about = error.reference if isinstance(error, PachydermError) else ""
        return {"status": ERROR, "error_type": type(error).__name__, "message": str(error), "reference": about}


def commit_of_event(event: Any) -> Any:
    """Return the commit, or the list of commits, of a trigger's event, or raise what the event tells.

    :param event: what Airflow hands to ``execute_complete``
    :raises AirflowSensorTimeout: the deadline passed
    :raises PachydermError: the class that the trigger met, by its name
    :raises AirflowException: another error, or an event that no version of this trigger fires
    """
    status = event.get("status") if isinstance(event, dict) else None
    if status == SUCCESS and _is_commit(event.get("commit")):
        return event["commit"]
    if status == TIMEOUT:
        raise AirflowSensorTimeout(_text(event, "message") or "The trigger's deadline passed")
    if status == ERROR:
        raise _error_of(event)
    raise AirflowException(f"Unexpected event from the trigger: {event!r}")


def _is_commit(found: Any) -> bool:
    """Say whether it is the name of a commit, or a list of some; what uses it finds out whether they are good ones."""
    names = found if isinstance(found, list) and found else [found]
    return all(isinstance(name, str) and name for name in names)


def _error_of(event: dict[str, Any]) -> Exception:
    kind, message = _text(event, "error_type"), _text(event, "message")
    known = getattr(errors, kind, None) if kind else None
    if isinstance(known, type) and issubclass(known, PachydermError):
        return known(message, reference=_text(event, "reference"))
    return AirflowException(f"{kind or 'Error'} in the trigger: {message or repr(event)}")


def _text(event: dict[str, Any], key: str) -> str:
    value = event.get(key)
    return value if isinstance(value, str) else ""
