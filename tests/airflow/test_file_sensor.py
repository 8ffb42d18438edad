"""The file sensor against a server, in every mode."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from airflow_provider_pachyderm.client import CommitState, PfsClient, RepoNotFound
from airflow_provider_pachyderm.sensors.pachyderm import PachydermFileSensor
from airflow_provider_pachyderm.triggers.pachyderm import PachydermFileTrigger
from tests.support.airflow_task import context_of

EVERY_WAY = [{"path": "/in/done"}, {"path": "/in"}, {"pattern": "/in/d*"}]


def put(client: PfsClient, repo: str, path: str) -> str:
    with client.commit(repo, "master") as commit:
        client.put_file_bytes(commit, path, b"x")
    return str(client.inspect_commit(commit).commit)


def poke(**arguments: Any) -> str | None:
    sensor = PachydermFileSensor(task_id="wait", **arguments)
    result = sensor.poke(context_of(sensor))
    return str(result.xcom_value) if result else None


@pytest.mark.parametrize("what", EVERY_WAY)
def test_poke(client: PfsClient, repo: str, what: dict[str, str]) -> None:
    assert poke(repo=repo, **what) is None
    put(client, repo, "/other")
    assert poke(repo=repo, **what) is None
    with client.commit(repo, "master") as commit:
        client.put_file_bytes(commit, "/in/done", b"x")
        assert poke(repo=repo, **what) is None  # not before the commit is finished
    assert poke(repo=repo, **what) == str(client.inspect_commit(commit).commit)
    last = put(client, repo, "/other")
    client.start_commit(repo, "master")
    assert poke(repo=repo, **what) == last  # the newest one that can be read, however old the file
    assert poke(repo=repo, branch="other", **what) is None


def test_file_that_is_gone_again(client: PfsClient, repo: str) -> None:
    put(client, repo, "/a")
    with client.commit(repo, "master") as commit:
        client.delete_file(commit, "/a")
    assert poke(repo=repo, path="/a") is None


def test_failed_commit_shows_nothing(client: PfsClient, repo: str) -> None:
    if client.version().major < 2:
        pytest.skip("1.x commits do not fail")
    commit = client.start_commit(repo, "master")
    client.put_file_bytes(commit, "/a", b"x")
    client.finish_commit(commit, error="spoilt")
    client.inspect_commit(commit, wait=CommitState.FINISHED)
    assert poke(repo=repo, path="/a") is None


def test_repo_must_exist(client: PfsClient, repo: str) -> None:
    with pytest.raises(RepoNotFound):
        poke(repo=f"{repo}-missing", path="/a")


def test_deferral(client: PfsClient, repo: str) -> None:
    from airflow.providers.common.compat.sdk import TaskDeferred

    sensor = PachydermFileSensor(task_id="wait", repo=repo, pattern="*.csv", deferrable=True, timeout=100)
    context = context_of(sensor)
    with pytest.raises(TaskDeferred) as caught:
        sensor.execute(context)
    assert isinstance(caught.value.trigger, PachydermFileTrigger)
    assert caught.value.trigger.serialize()[1]["pattern"] == "*.csv"
    commit = f"default/{repo}@master={'0' * 32}"
    assert getattr(sensor, caught.value.method_name)(context, {"status": "success", "commit": commit}) == commit
    commit = put(client, repo, "/a.csv")
    assert sensor.execute(context) == commit


@pytest.mark.parametrize("what", EVERY_WAY)
async def test_trigger(client: PfsClient, repo: str, what: dict[str, str]) -> None:
    deadline = (datetime.now(timezone.utc) + timedelta(seconds=20)).isoformat()
    trigger = PachydermFileTrigger(repo=repo, branch="master", deadline=deadline, **what)

    async def events() -> list[Any]:
        return [event.payload async for event in trigger.run()]

    running = asyncio.ensure_future(events())
    await asyncio.to_thread(put, client, repo, "/other")
    await asyncio.sleep(0.3)
    assert not running.done()
    commit = await asyncio.to_thread(put, client, repo, "/in/done")
    assert await asyncio.wait_for(running, 2) == [{"status": "success", "commit": commit}]


async def test_trigger_reports_a_missing_repo(client: PfsClient, repo: str) -> None:
    deadline = (datetime.now(timezone.utc) + timedelta(seconds=20)).isoformat()
    trigger = PachydermFileTrigger(repo="missing-repo", branch="master", path="/a", deadline=deadline)
    (event,) = [event.payload async for event in trigger.run()]
    assert (event["status"], event["error_type"]) == ("error", "RepoNotFound")
