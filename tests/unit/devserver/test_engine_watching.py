"""Waiting and subscribing: nobody polls, everybody wakes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable
from typing import TypeVar

import pytest

from airflow_provider_pachyderm.devserver.engine import EngineError
from airflow_provider_pachyderm.devserver.engine.model import CommitInfo, RepoKey, State
from tests.unit.devserver.conftest import Desk

T = TypeVar("T")


async def soon(awaitable: Awaitable[T]) -> T:
    return await asyncio.wait_for(awaitable, 5)


async def settle() -> None:
    """Let everything run that can."""
    for _ in range(20):
        await asyncio.sleep(0)


def following(stream: AsyncIterator[CommitInfo]) -> list[CommitInfo]:
    """A list that a task fills from a stream."""
    seen: list[CommitInfo] = []

    async def follow() -> None:
        async for info in stream:
            seen.append(info)  # noqa: PERF401  (one by one, as they come)

    tasks.append(asyncio.ensure_future(follow()))
    return seen


tasks: list[asyncio.Future[None]] = []


@pytest.fixture(autouse=True)
async def ended() -> AsyncIterator[None]:
    yield
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    tasks.clear()


async def test_a_waiter_wakes_when_the_commit_is_finished(desk: Desk) -> None:
    ref = desk.start()
    waiter = asyncio.ensure_future(desk.engine.watching.inspect(ref, State.FINISHED))
    await settle()
    assert not waiter.done()
    await desk.put(ref, "/a")
    await settle()
    assert not waiter.done()
    desk.finish(ref)
    assert (await soon(waiter)).finished is not None


async def test_a_waiter_hears_that_the_commit_is_gone(desk: Desk) -> None:
    ref = desk.start()
    waiter = asyncio.ensure_future(desk.engine.watching.inspect(ref, State.FINISHED))
    await settle()
    desk.engine.repos.delete(desk.repo)
    with pytest.raises(EngineError, match=r"deleted|not found"):
        await soon(waiter)


async def test_ready_means_that_the_inputs_are_finished(desk: Desk) -> None:
    desk.engine.repos.create(RepoKey("out"))
    desk.engine.branches.create(desk.branch(repo="out"), provenance=[desk.branch()])
    ref = desk.start()
    waiter = asyncio.ensure_future(desk.engine.watching.inspect(desk.head(repo="out"), State.READY))
    await settle()
    assert not waiter.done()
    desk.finish(ref)
    assert (await soon(waiter)).is_open


async def test_subscribers_get_history_then_what_comes(desk: Desk) -> None:
    first = await desk.commit({"/a": b"x"})
    started = following(desk.engine.watching.subscribe(desk.repo, "master"))
    finished = following(desk.engine.watching.subscribe(desk.repo, "master", state=State.FINISHED))
    everything = following(desk.engine.watching.subscribe(desk.repo))
    later = following(desk.engine.watching.subscribe(desk.repo, "later"))
    without = following(desk.engine.watching.subscribe(desk.repo, "master", start=first))
    await settle()
    second = desk.start()
    await settle()
    assert [[info.key.id for info in seen] for seen in (started, finished)] == [[first.id, second.id], [first.id]]
    desk.finish(second)
    other = desk.start("later")
    await settle()
    assert [info.key.id for info in finished] == [first.id, second.id]
    assert [info.key.id for info in started] == [first.id, second.id]
    assert [info.key.id for info in everything] == [first.id, second.id, other.id]
    assert [info.key.id for info in later] == [other.id]
    assert [info.key.id for info in without] == [second.id]


async def test_2x_subscriptions_end_with_their_repo(desk2: Desk) -> None:
    stream = desk2.engine.watching.subscribe(desk2.repo, "master")
    waiter = asyncio.ensure_future(anext(aiter(stream)))
    await settle()
    desk2.engine.repos.delete(desk2.repo)
    with pytest.raises(EngineError, match="not found"):
        await soon(waiter)
    with pytest.raises(EngineError, match="get repo ID"):
        await soon(anext(aiter(desk2.engine.watching.subscribe(RepoKey("none")))))


async def test_1x_waits_for_a_repo_that_is_not_there_yet(desk1: Desk) -> None:
    seen = following(desk1.engine.watching.subscribe(RepoKey("later"), "master"))
    await settle()
    desk1.engine.repos.create(RepoKey("later"))
    ref = desk1.start(repo="later")
    await settle()
    assert [info.key.id for info in seen] == [ref.id]


async def test_1x_flush_follows_what_is_downstream(desk1: Desk) -> None:
    desk1.engine.repos.create(RepoKey("out"))
    desk1.engine.branches.create(desk1.branch(repo="out"), provenance=[desk1.branch()])
    ref = desk1.start()
    seen = following(desk1.engine.watching.flush([ref]))
    desk1.finish(ref)
    await settle()
    assert seen == []
    desk1.finish(desk1.head(repo="out"))
    await soon(asyncio.wait(tasks))
    assert [info.key.repo.name for info in seen] == ["out"]
    with pytest.raises(EngineError, match="cannot be empty"):
        await anext(aiter(desk1.engine.watching.flush([])))


async def test_a_set_is_told_as_it_finishes(desk2: Desk) -> None:
    desk2.engine.repos.create(RepoKey("out"))
    desk2.engine.branches.create(desk2.branch(repo="out"), provenance=[desk2.branch()])
    for info in desk2.engine.commit_lists.list(RepoKey("out")):
        desk2.finish(desk2.ref(info.key))
    ref = desk2.start()
    seen = following(desk2.engine.watching.inspect_set(ref.id))
    await settle()
    assert seen == []
    desk2.finish(ref)
    await settle()
    assert [info.key.repo.name for info in seen] == ["r"]
    desk2.finish(desk2.head(repo="out"))
    await soon(asyncio.wait(tasks))
    assert [info.key.repo.name for info in seen] == ["r", "out"]


async def test_many_subscribers_wake_at_once(desk2: Desk) -> None:
    streams = [following(desk2.engine.watching.subscribe(desk2.repo, state=State.FINISHED)) for _ in range(2000)]
    others = [following(desk2.engine.watching.subscribe(desk2.repo, "other")) for _ in range(2000)]
    await settle()
    ref = desk2.start()
    desk2.finish(ref)
    await settle()
    assert all([info.key.id for info in seen] == [ref.id] for seen in streams)
    assert not any(others)


async def test_the_finisher_runs_beside(desk2: Desk) -> None:
    task = asyncio.ensure_future(desk2.engine.finisher.run())
    tasks.append(task)
    await settle()
    ref = desk2.start()
    desk2.engine.commits.finish(ref)
    assert desk2.engine.commits.inspect(ref).finished is None
    assert (await soon(desk2.engine.watching.inspect(ref, State.FINISHED))).finished is not None
