"""The trigger in an event loop: it wakes, outlives a restart of the server, ends once, and leaves nothing open."""

from __future__ import annotations

import asyncio
import json
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from airflow_provider_pachyderm.client import PfsClient
from airflow_provider_pachyderm.testing.server import DevServer
from airflow_provider_pachyderm.triggers.pachyderm import PachydermCommitTrigger


def make(timeout: float = 20.0, **arguments: Any) -> PachydermCommitTrigger:
    deadline = datetime.now(timezone.utc) + timedelta(seconds=timeout)
    kwargs = {"after": (datetime.now(timezone.utc) - timedelta(minutes=1)).isoformat(), **arguments}
    if "repo" in kwargs:
        kwargs.setdefault("branch", "master")
    return PachydermCommitTrigger(deadline=deadline.isoformat(), **kwargs)


async def events(trigger: PachydermCommitTrigger) -> list[dict[str, Any]]:
    return [event.payload async for event in trigger.run()]


async def in_thread(call: Any, *arguments: Any) -> Any:
    return await asyncio.to_thread(call, *arguments)


def write(client: PfsClient, repo: str, branch: str = "master") -> str:
    with client.commit(repo, branch) as commit:
        client.put_file_bytes(commit, "/a", b"x")
    return str(client.inspect_commit(commit).commit)


async def test_commit_that_is_there_already(client: PfsClient, repo: str) -> None:
    commit = await in_thread(write, client, repo)
    assert await events(make(repo=repo)) == [{"status": "success", "commit": commit}]


async def test_wakes_within_a_second_of_the_commit(client: PfsClient, repo: str) -> None:
    old = await in_thread(write, client, repo)
    running = asyncio.ensure_future(events(make(repo=repo, from_commit=old)))
    await asyncio.sleep(0.5)
    assert not running.done()
    commit = await in_thread(write, client, repo)
    began = time.monotonic()
    assert await running == [{"status": "success", "commit": commit}]
    assert time.monotonic() - began < 1


async def test_branch_that_is_created_later(client: PfsClient, repo: str) -> None:
    running = asyncio.ensure_future(events(make(repo=repo, branch="later")))
    await asyncio.sleep(0.3)
    commit = await in_thread(write, client, repo, "later")
    assert await running == [{"status": "success", "commit": commit}]


async def test_given_commit(client: PfsClient, repo: str) -> None:
    commit = await in_thread(client.start_commit, repo, "master")
    running = asyncio.ensure_future(events(make(commit=str(commit))))
    await asyncio.sleep(0.3)
    assert not running.done()
    await in_thread(client.finish_commit, commit)
    assert await running == [{"status": "success", "commit": str(commit)}]


async def test_without_a_stream_it_looks_from_time_to_time(client: PfsClient, repo: str) -> None:
    """A commit whose hint was lost is found by the timer: here the first look comes before, the hint never."""
    trigger = make(repo=repo, poll_interval=0.2)
    running = asyncio.ensure_future(events(trigger))
    await asyncio.sleep(0.3)
    commit = await in_thread(write, client, repo)
    assert await running == [{"status": "success", "commit": commit}]


async def test_deadline(client: PfsClient, repo: str) -> None:
    (event,) = await events(make(0.0, repo=repo))
    assert event["status"] == "timeout"
    assert f"{repo}@master" in event["message"]


@pytest.mark.parametrize(
    ("arguments", "kind"),
    [
        ({"repo": "missing-repo"}, "RepoNotFound"),
        ({"commit": "missing-repo@0123456789ab4def8123456789abcdef"}, "NotFound"),
        ({"repo": "a b"}, "InvalidReference"),
        ({"repo": "r", "pachyderm_conn_id": "missing"}, "NotFoundException"),
    ],
)
async def test_errors_are_events(client: PfsClient, arguments: dict[str, Any], kind: str) -> None:
    (event,) = await events(make(**arguments))
    assert event["status"] == "error"
    assert kind in event["error_type"]
    assert json.loads(json.dumps(event)) == event


async def test_repo_that_is_deleted_meanwhile(client: PfsClient, repo: str) -> None:
    running = asyncio.ensure_future(events(make(repo=repo, poll_interval=0.5)))
    await asyncio.sleep(0.3)
    await in_thread(client.delete_repo, repo)
    (event,) = await running
    assert (event["status"], event["error_type"]) == ("error", "RepoNotFound")


async def test_cancelled_trigger_leaves_nothing_running(client: PfsClient, repo: str) -> None:
    before = asyncio.all_tasks()
    trigger = make(repo=repo)
    running = asyncio.ensure_future(events(trigger))
    await asyncio.sleep(0.3)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    await trigger.cleanup()
    assert {task for task in asyncio.all_tasks() if "airflow_provider" in repr(task)} <= before


@pytest.mark.parametrize("version", ["1.13.4", "2.11.6"])
@pytest.mark.parametrize("stop", ["stop", "kill"])
async def test_restart_of_the_server(version: str, stop: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with DevServer(version, tmp_path) as server:
        connection = {"conn_type": "pachyderm", "host": server.host, "port": server.port}
        monkeypatch.setenv("AIRFLOW_CONN_PACHYDERM_DEFAULT", json.dumps(connection))
        with PfsClient(server.host, server.port) as client:
            await in_thread(client.create_repo, "images")
        running = asyncio.ensure_future(events(make(repo="images")))
        await asyncio.sleep(0.3)
        await in_thread(getattr(server, stop))
        await asyncio.sleep(0.3)
        assert not running.done()
        await in_thread(server.start)
        with PfsClient(server.host, server.port) as client:
            commit = await in_thread(write, client, "images")
        assert await running == [{"status": "success", "commit": commit}]
