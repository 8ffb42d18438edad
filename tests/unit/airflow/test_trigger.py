"""The trigger travels as JSON, and its events say what happened, or fail loudly."""

from __future__ import annotations

import importlib
import json
from typing import Any

import pytest

from airflow_provider_pachyderm._compat import AirflowException, AirflowSensorTimeout
from airflow_provider_pachyderm.client import CommitFailed, RepoNotFound
from airflow_provider_pachyderm.triggers.pachyderm import (
    PachydermCommitEventTrigger,
    PachydermCommitSetTrigger,
    PachydermCommitTrigger,
    PachydermFileTrigger,
    PachydermJobTrigger,
)
from airflow_provider_pachyderm.waiting.commit import NewCommits
from airflow_provider_pachyderm.waiting.events import commit_of_event
from airflow_provider_pachyderm.waiting.feed import CommitFeed

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

JOB_KWARGS = {
    "pipeline": "count", "commit": "images@master=f", "job": None, "deadline": "2026-01-02T00:00:00+00:00",
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
        (PachydermJobTrigger, JOB_KWARGS),
        (PachydermCommitEventTrigger, EVENT_KWARGS),
    ],
)
def test_another_triggerer_gets_the_same_trigger(trigger: Any, arguments: dict[str, Any]) -> None:
    path, kwargs = trigger(**arguments).serialize()
    # tasks that are deferred while the provider is upgraded go on by this path
    assert path == f"airflow_provider_pachyderm.triggers.pachyderm.{trigger.__name__}"
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
        ({"status": "success"}, AirflowException, "Unexpected event"),
        ({"status": "success", "commit": None}, AirflowException, "Unexpected event"),
        ({"status": "success", "commit": []}, AirflowException, "Unexpected event"),
        ({"status": "success", "commit": ["r@master", 3]}, AirflowException, "Unexpected event"),
        ({"status": ["success"]}, AirflowException, "Unexpected event"),
        ({"status": "timeout"}, AirflowSensorTimeout, "deadline"),
        ({"status": "timeout", "message": 7}, AirflowSensorTimeout, "deadline"),
        ({"status": "error"}, AirflowException, "Error in the trigger"),
        ({"status": "error", "error_type": ["CommitFailed"], "message": {}}, AirflowException, "in the trigger"),
        ({"status": "error", "error_type": "CommitFailed"}, CommitFailed, "^$"),
    ],
)
def test_everything_else_is_an_error(event: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        commit_of_event(event)


def test_what_the_error_was_about() -> None:
    event = {"status": "error", "error_type": "CommitFailed", "message": "bad", "reference": "images@master=f"}
    with pytest.raises(CommitFailed) as caught:
        commit_of_event(event)
    assert caught.value.reference == "images@master=f"


async def _connect() -> Any:
    raise AssertionError("nothing connects here")


@pytest.mark.parametrize(
    "cursor",
    [[], "images@master", 7, {"commit": "x"}, {"from_commit": 7}, {"from_commit": "images@master"}, {"after": "soon"},
     {"after": 7}, {"from_commit": ["images", "master"]}],
)  # fmt: skip
def test_what_is_no_cursor_is_refused(cursor: Any) -> None:
    feed = CommitFeed(NewCommits("images", "master"), _connect, event_interval=1.0, poll_interval=1.0)
    with pytest.raises(ValueError):
        feed.resume(cursor)
    assert feed.cursor == {"from_commit": None, "after": None}


def test_a_cursor_is_taken_up() -> None:
    feed = CommitFeed(NewCommits("images", "master"), _connect, event_interval=1.0, poll_interval=1.0)
    cursor = {"from_commit": f"images@master={'a' * 32}", "after": "2026-01-01T00:00:00+00:00"}
    feed.resume(json.loads(json.dumps(cursor)))
    assert feed.cursor == cursor
