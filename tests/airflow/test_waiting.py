"""Operators that wait for what the server does after a commit is finished, here or in the triggerer."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest
from airflow.providers.common.compat.sdk import TaskDeferred

from airflow_provider_pachyderm.client import CommitFailed, CommitState, DeadlineExceeded, PfsClient, parse_commit
from airflow_provider_pachyderm.operators.pachyderm import PachydermFinishCommitOperator, PachydermPutFileOperator
from tests.support.airflow_task import context_of, run


def finish(commit: Any, **arguments: Any) -> PachydermFinishCommitOperator:
    return PachydermFinishCommitOperator(task_id="finish", commit=str(commit), **arguments)


def deferral(task: Any) -> TaskDeferred:
    with pytest.raises(TaskDeferred) as caught:
        task.execute(context_of(task))
    return caught.value


@pytest.fixture
def pipeline(client: PfsClient, repo: str) -> str:
    """A repo that is made from another one, as a pipeline's is."""
    name = f"{repo}-out"
    client.create_repo(name)
    client.create_branch(name, "master", provenance=[(repo, "master")])
    for info in list(client.list_commit(name)):  # 2.x makes one at once, from nothing
        client.finish_commit(info.commit, wait=True)
    return name


def put(client: PfsClient, repo: str) -> str:
    with client.commit(repo, "master") as commit:
        client.put_file_bytes(commit, "/a", b"x")
    return str(commit)


def made_from(client: PfsClient, pipeline: str, number: int = 1) -> list[str]:
    return [str(info.commit) for info in client.list_commit(pipeline, "master", number=number)]


@pytest.fixture
def held_up(client: PfsClient, repo: str, pipeline: str) -> tuple[str, str]:
    """An open commit and, on top of it, one that the server cannot finish before."""
    if client.version().major < 2:
        pytest.skip("1.x servers finish commits at once")
    put(client, repo)
    put(client, repo)
    newer, older = made_from(client, pipeline, 2)
    # Somebody finishes it out of turn, which this client does not do.
    session = client._session
    session.run(session.dialect().commits.end(parse_commit(newer), None, None))
    return older, newer


def test_a_commit_that_is_done_is_not_waited_for(client: PfsClient, repo: str) -> None:
    commit = put(client, repo)
    assert run(finish(commit, deferrable=True)) == commit
    assert run(finish(commit, deferrable=True, wait_for="downstream")) == commit


def test_put_waits_as_well(client: PfsClient, repo: str) -> None:
    task = PachydermPutFileOperator(task_id="put", repo=repo, path="/a", content="x", deferrable=True)
    context = context_of(task)
    try:
        commit = task.execute(context)
    except TaskDeferred as deferred:
        (event,) = asyncio.run(_events(deferred.trigger))
        commit = task.execute_complete(context, event)
    assert context["ti"].xcoms["commit_info"]["state"] == "finished"
    assert client.get_files(commit, "/a") == {"/a": b"x"}


async def test_the_triggerer_waits_for_the_server(client: PfsClient, repo: str) -> None:
    commit = client.start_commit(repo, "master")
    task = finish(commit, deferrable=True, wait_timeout=60)
    with pytest.raises(TaskDeferred) as caught:  # as if it were finished, and the server took its time
        task._defer(commit)
    running = asyncio.ensure_future(_events(caught.value.trigger))
    await asyncio.sleep(0.3)
    assert not running.done()
    client.finish_commit(commit)
    (event,) = await asyncio.wait_for(running, 60)
    context = context_of(task)
    assert getattr(task, caught.value.method_name)(context, event) == str(commit)
    assert context["ti"].xcoms["commit_info"]["state"] == "finished"


def test_the_end_of_patience_is_an_error_that_is_retried(held_up: tuple[str, str]) -> None:
    _, newer = held_up
    with pytest.raises(DeadlineExceeded):
        run(finish(newer, wait_timeout=0.2))
    task = finish(newer, deferrable=True, wait_timeout=0.2)
    deferred = deferral(task)
    (event,) = asyncio.run(_events(deferred.trigger))
    with pytest.raises(DeadlineExceeded, match="Timed out"):
        task.execute_complete(context_of(task), event)


async def _events(trigger: Any) -> list[Any]:
    return [event.payload async for event in trigger.run()]


async def test_the_triggerer_waits_for_what_is_made_downstream(client: PfsClient, repo: str, pipeline: str) -> None:
    commit = client.start_commit(repo, "master")
    task = finish(commit, wait_for="downstream", deferrable=True, wait_timeout=20)
    deferred = deferral(task)
    running = asyncio.ensure_future(_events(deferred.trigger))
    await asyncio.sleep(0.3)
    assert not running.done()
    client.finish_commit(made_from(client, pipeline)[0])
    (event,) = await asyncio.wait_for(running, 10)
    assert task.execute_complete(context_of(task), event) == str(commit)


@pytest.mark.parametrize("event", [None, {}, {"status": "maybe"}, "success"])
def test_events_that_nobody_fires(event: Any) -> None:
    task = finish("r@0123456789ab4def8123456789abcdef", deferrable=True)
    with pytest.raises(Exception, match="Unexpected event"):
        task.execute_complete(context_of(task), event)


def test_wait_for_what_is_made_downstream(client: PfsClient, repo: str, pipeline: str) -> None:
    commit = client.start_commit(repo, "master")
    timer = threading.Timer(0.5, lambda: client.finish_commit(made_from(client, pipeline)[0]))
    timer.start()
    assert run(finish(commit, wait_for="downstream", wait_timeout=20)) == str(commit)
    assert client.inspect_commit(made_from(client, pipeline)[0]).state is CommitState.FINISHED
    timer.join()


def test_a_failure_downstream_fails_the_task(client: PfsClient, repo: str, pipeline: str) -> None:
    if client.version().major < 2:
        pytest.skip("1.x commits do not fail")
    commit = put(client, repo)
    client.finish_commit(made_from(client, pipeline)[0], error="datum 7 failed")
    with pytest.raises(CommitFailed, match="datum 7 failed"):
        run(finish(commit, wait_for="downstream"))
