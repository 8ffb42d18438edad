"""How waiting ends badly, and how it goes on: what Airflow documents for sensors holds when they are deferred, too."""

from __future__ import annotations

import asyncio
import importlib
import json
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from airflow_provider_pachyderm._compat import AirflowSensorTimeout, AirflowSkipException
from airflow_provider_pachyderm.client import PfsClient, RepoNotFound
from airflow_provider_pachyderm.sensors.pachyderm import PachydermCommitSensor
from airflow_provider_pachyderm.triggers.pachyderm import PachydermCommitTrigger
from tests.support.airflow_task import context_of

GONE = {"status": "error", "error_type": "RepoNotFound", "message": "gone"}
TOO_LATE = {"status": "timeout", "message": "too late"}


def resume(event: dict[str, Any], **arguments: Any) -> Any:
    """Come back from the triggerer as Airflow does."""
    sensor = PachydermCommitSensor(task_id="wait", repo="images", deferrable=True, **arguments)
    return sensor.resume_execution("execute_complete", {"event": event}, context_of(sensor))


@pytest.mark.parametrize(
    ("arguments", "event", "ending"),
    [
        ({}, TOO_LATE, AirflowSensorTimeout),
        ({"soft_fail": True}, TOO_LATE, AirflowSkipException),
        ({}, GONE, RepoNotFound),
        ({"soft_fail": True}, GONE, RepoNotFound),  # as when it pokes: only a timeout is soft
        ({"never_fail": True}, GONE, AirflowSkipException),
    ],
)
def test_ending_of_a_deferred_sensor(arguments: dict[str, Any], event: Any, ending: type[Exception]) -> None:
    with pytest.raises(ending):
        resume(event, **arguments)


@pytest.mark.parametrize(
    ("arguments", "ending"),
    [({}, RepoNotFound), ({"soft_fail": True}, RepoNotFound), ({"never_fail": True}, AirflowSkipException)],
)
def test_ending_of_a_poke(client: PfsClient, arguments: dict[str, Any], ending: type[Exception]) -> None:
    sensor = PachydermCommitSensor(task_id="wait", repo="missing-repo", **arguments)
    with pytest.raises(ending):
        sensor.execute(context_of(sensor))


def test_soft_timeout_of_a_poke(client: PfsClient, repo: str) -> None:
    sensor = PachydermCommitSensor(task_id="wait", repo=repo, timeout=0, poke_interval=0, soft_fail=True)
    with pytest.raises(AirflowSkipException):
        sensor.execute(context_of(sensor))


async def test_silent_trigger_waits_through_errors(client: PfsClient, repo: str) -> None:
    later = f"{repo}-later"
    running = asyncio.ensure_future(event_of(trigger(repo=later, silent_fail=True)))
    await asyncio.sleep(0.3)
    assert not running.done()
    await asyncio.to_thread(client.create_repo, later)
    commit = await asyncio.to_thread(put, client, later)
    assert await asyncio.wait_for(running, 20) == {"status": "success", "commit": commit}


async def test_another_triggerer_sees_what_came_in_between(client: PfsClient, repo: str) -> None:
    """A triggerer goes away, two commits come, another triggerer takes over what the first one was given."""
    path, kwargs = trigger(repo=repo).serialize()
    module, _, name = path.rpartition(".")

    def start() -> asyncio.Task[Any]:
        again = getattr(importlib.import_module(module), name)(**json.loads(json.dumps(kwargs)))
        return asyncio.create_task(event_of(again))

    first = start()
    await asyncio.sleep(0.3)
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    commits = [await asyncio.to_thread(put, client, repo) for _ in range(2)]
    assert await start() == {"status": "success", "commit": commits[0]}


def test_retry_waits_from_the_same_point(client: PfsClient, repo: str) -> None:
    """A try that comes back late, as a retry or a task that was rescheduled does, is not later in what it sees."""
    from airflow.providers.common.compat.sdk import TaskDeferred

    def deferred(try_number: int) -> Any:
        sensor = PachydermCommitSensor(task_id="wait", repo=repo, deferrable=True, retries=3)
        with pytest.raises(TaskDeferred) as caught:
            sensor.execute(context_of(sensor, try_number=try_number, due=due))
        return caught.value.trigger.serialize()[1]["after"]

    due = datetime.now(timezone.utc)
    assert deferred(1) == deferred(2) == due.isoformat()
    commit = put(client, repo)
    put(client, repo)
    sensor = PachydermCommitSensor(task_id="wait", repo=repo, deferrable=True, retries=3)
    assert sensor.execute(context_of(sensor, try_number=3, due=due)) == commit


def put(client: PfsClient, repo: str) -> str:
    with client.commit(repo, "master") as commit:
        client.put_file_bytes(commit, "/a", b"x")
    return str(client.inspect_commit(commit).commit)


def trigger(**arguments: Any) -> PachydermCommitTrigger:
    now = datetime.now(timezone.utc)
    times = {"after": (now - timedelta(minutes=1)).isoformat(), "deadline": (now + timedelta(seconds=30)).isoformat()}
    return PachydermCommitTrigger(branch="master", **times, **arguments)


async def event_of(trigger: PachydermCommitTrigger) -> Any:
    (event,) = [event.payload async for event in trigger.run()]
    return event
