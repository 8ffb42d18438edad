"""The trigger travels as JSON, and its events say what happened, or fail loudly."""

from __future__ import annotations

import importlib
import json
from typing import Any

import pytest

from airflow_provider_pachyderm._compat import AirflowException, AirflowSensorTimeout
from airflow_provider_pachyderm.client import CommitFailed, RepoNotFound
from airflow_provider_pachyderm.triggers._waiting import commit_of_event
from airflow_provider_pachyderm.triggers.pachyderm import (
    PachydermCommitEventTrigger,
    PachydermCommitSetTrigger,
    PachydermCommitTrigger,
    PachydermFileTrigger,
)

KWARGS = {
    "repo": "images", "branch": "master", "commit": None, "after": "2026-01-01T00:00:00+00:00", "from_commit": None,
    "on_failed": "raise", "deadline": "2026-01-02T00:00:00+00:00", "project": "p", "pachyderm_conn_id": "mine",
    "poll_interval": 5.0, "silent_fail": True,
}  # fmt: skip


FILE_KWARGS = {
    "repo": "images", "branch": "master", "path": None, "pattern": "/*.csv", "deadline": "2026-01-02T00:00:00+00:00",
    "project": "p", "pachyderm_conn_id": "mine", "poll_interval": 5.0, "silent_fail": False,
}  # fmt: skip

SET_KWARGS = {
    "commit": "images@master=f", "commit_set": None, "deadline": "2026-01-02T00:00:00+00:00",
    "project": "p", "pachyderm_conn_id": "mine", "poll_interval": 5.0, "silent_fail": False,
}  # fmt: skip

EVENT_KWARGS = {
    "repo": "images", "branch": "master", "from_commit": "images@f", "project": "p", "pachyderm_conn_id": "mine",
    "event_interval": 1.0, "poll_interval": 5.0,
}  # fmt: skip


@pytest.mark.parametrize(
    ("trigger", "arguments"),
    [
        (PachydermCommitTrigger, KWARGS),
        (PachydermFileTrigger, FILE_KWARGS),
        (PachydermCommitSetTrigger, SET_KWARGS),
        (PachydermCommitEventTrigger, EVENT_KWARGS),
    ],
)
def test_another_triggerer_gets_the_same_trigger(trigger: Any, arguments: dict[str, Any]) -> None:
    path, kwargs = trigger(**arguments).serialize()
    assert kwargs == arguments
    module, _, name = path.rpartition(".")
    again = getattr(importlib.import_module(module), name)(**json.loads(json.dumps(kwargs)))
    assert again.serialize() == (path, kwargs)


def test_success_is_the_commit() -> None:
    assert commit_of_event({"status": "success", "commit": "images@master=f"}) == "images@master=f"


@pytest.mark.parametrize(
    ("event", "error", "message"),
    [
        (None, AirflowException, "Unexpected event .* None"),
        ("success", AirflowException, "Unexpected event"),
        ({}, AirflowException, "Unexpected event"),
        ({"status": "done"}, AirflowException, "Unexpected event .* 'done'"),
        ({"status": "timeout", "message": "too late"}, AirflowSensorTimeout, "too late"),
        ({"status": "error", "error_type": "CommitFailed", "message": "bad"}, CommitFailed, "bad"),
        ({"status": "error", "error_type": "RepoNotFound", "message": "gone"}, RepoNotFound, "gone"),
        ({"status": "error", "error_type": "ValueError", "message": "odd"}, AirflowException, "ValueError .* odd"),
        ({"status": "error", "error_type": "PfsClient", "message": "odd"}, AirflowException, "PfsClient .* odd"),
    ],
)
def test_everything_else_is_an_error(event: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        commit_of_event(event)
