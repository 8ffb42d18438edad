"""The poller that all waiters of a branch share: who comes, leaves, or is impatient does not disturb the others."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, cast

import pytest

from airflow_provider_pachyderm.client import CommitFailed, PachydermError, Unavailable
from airflow_provider_pachyderm.waiting.hub import SharedResources
from airflow_provider_pachyderm.waiting.poll import Poller
from airflow_provider_pachyderm.waiting.shared_looks import Observation, SharedClient

SHARED = cast(SharedClient, None)
LONG = 60.0
SOON = 5.0


@dataclass(frozen=True)
class Condition:
    name: str = ""

    def found(self, state: State) -> str | None:
        if state.failed:
            raise CommitFailed("spoilt")
        return state.commit


@dataclass(frozen=True)
class State:
    commit: str | None = None
    failed: bool = False


class Branch:
    """What the looks of a poller show: nothing, until the test says so. ``looks`` has the names they were for."""

    def __init__(self) -> None:
        self.shows: State | Exception = State()
        self.looks: list[set[str]] = []
        self.hint: Callable[[], None] = lambda: None
        self.open = asyncio.Event()
        self.open.set()

    async def look(self, shared: SharedClient, conditions: Collection[Condition]) -> Observation[Condition, State]:
        self.looks.append({each.name for each in conditions})
        await self.open.wait()
        return Observation(dict.fromkeys(conditions, self.shows))

    @asynccontextmanager
    async def follow(self, listener: Callable[[], None], newest: str | None) -> AsyncIterator[None]:
        self.hint = listener
        yield

    def poller(self) -> Poller[Condition, State]:
        return Poller(SHARED, self.look, self.follow)


async def wait_for(poller: Poller[Condition, State], name: str, **arguments: Any) -> str:
    condition = Condition(name)
    return await poller.wait(condition, condition.found, **arguments)


async def wait(pollers: SharedResources[Poller[Condition, State]], branch: Branch, name: str, **arguments: Any) -> Any:
    async with pollers.share("key", branch.poller) as poller:
        return await wait_for(poller, name, **{"poll_interval": LONG, **arguments})


@pytest.fixture
def branch() -> Branch:
    return Branch()


@pytest.fixture
def pollers() -> SharedResources[Poller[Condition, State]]:
    return SharedResources()


async def begin(branch: Branch, pollers: Any, name: str, **arguments: Any) -> asyncio.Task[Any]:
    """Let somebody wait, and return when he was looked for."""
    looks = len(branch.looks)
    task = asyncio.create_task(wait(pollers, branch, name, **arguments))
    while len(branch.looks) == looks:
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.01)
    return task


async def test_a_hint_is_a_look_for_all(branch: Branch, pollers: Any) -> None:
    tasks = [await begin(branch, pollers, name) for name in "ab"]
    branch.shows = State("c")
    branch.hint()
    assert await asyncio.wait_for(asyncio.gather(*tasks), SOON) == ["c", "c"]
    assert branch.looks == [{"a"}, {"b"}, {"a", "b"}]


async def test_who_comes_and_leaves_during_a_look_keeps_nobody(branch: Branch, pollers: Any) -> None:
    first = await begin(branch, pollers, "first")
    branch.open.clear()
    branch.shows = State("c")
    branch.hint()
    await asyncio.sleep(0.05)
    passing = asyncio.create_task(wait(pollers, branch, "passing"))
    await asyncio.sleep(0.05)
    passing.cancel()
    await asyncio.sleep(0.05)
    branch.open.set()
    assert await asyncio.wait_for(first, SOON) == "c"


@pytest.mark.parametrize("turns", range(4))
async def test_who_is_cancelled_at_a_hint_leaves(branch: Branch, pollers: Any, turns: int) -> None:
    task = await begin(branch, pollers, "a")
    branch.hint()
    for _ in range(turns):
        await asyncio.sleep(0)
    task.cancel()
    done, _ = await asyncio.wait([task], timeout=SOON)
    assert done


async def test_who_is_cancelled_while_the_poller_closes_is_cancelled(branch: Branch) -> None:
    closing = asyncio.Event()

    @asynccontextmanager
    async def slow(listener: Callable[[], None], newest: str | None) -> AsyncIterator[None]:
        try:
            yield
        finally:
            closing.set()
            await asyncio.sleep(0.1)

    pollers: SharedResources[Poller[Condition, State]] = SharedResources()

    async def leave() -> None:
        async with pollers.share("key", lambda: Poller(SHARED, branch.look, slow)) as poller:
            waiting = asyncio.create_task(wait_for(poller, "", poll_interval=LONG))
            await asyncio.sleep(0.05)
            waiting.cancel()

    task = asyncio.create_task(leave())
    await asyncio.wait_for(closing.wait(), SOON)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(task, SOON)


async def test_silence_about_a_commit_that_failed(
    branch: Branch, pollers: Any, caplog: pytest.LogCaptureFixture
) -> None:
    branch.shows = State(failed=True)
    with pytest.raises(CommitFailed):
        await asyncio.wait_for(wait(pollers, branch, "minds"), SOON)
    silent = await begin(branch, pollers, "silent", tolerated=(PachydermError,))
    assert not silent.done()
    assert "spoilt" in caplog.text
    branch.shows = State("c")
    branch.hint()
    assert await asyncio.wait_for(silent, SOON) == "c"


async def test_a_server_that_is_away_for_one_is_asked_again_soon(branch: Branch, pollers: Any) -> None:
    branch.shows = Unavailable("away")
    task = await begin(branch, pollers, "a")
    branch.shows = State("c")
    assert await asyncio.wait_for(task, SOON) == "c"


async def test_the_least_patient_decides(branch: Branch, pollers: Any) -> None:
    patient = await begin(branch, pollers, "patient")
    impatient = await begin(branch, pollers, "impatient", poll_interval=0.1)
    branch.shows = State("c")
    assert await asyncio.wait_for(asyncio.gather(patient, impatient), SOON) == ["c", "c"]


async def test_nothing_is_written_to_who_has_left(
    branch: Branch, pollers: Any, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(shared: SharedClient, conditions: Collection[Condition]) -> Any:
        branch.looks.append({each.name for each in conditions})
        raise Unavailable("away")

    monkeypatch.setattr(branch, "look", away)
    caplog.set_level(logging.WARNING)
    tasks = [asyncio.create_task(wait(pollers, branch, name)) for name in "ab"]
    await asyncio.sleep(0.1)
    assert caplog.text.count("does not answer") == 2
    tasks[0].cancel()
    while len(branch.looks) < 2:
        await asyncio.sleep(0.05)
    await asyncio.sleep(0.05)
    assert caplog.text.count("does not answer") == 3
    tasks[1].cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def test_nobody_waits_for_a_poller_that_has_ended(branch: Branch, pollers: Any) -> None:
    task = await begin(branch, pollers, "a")
    async with pollers.share("key", branch.poller) as poller:
        poller._task.cancel()
        with pytest.raises(RuntimeError, match="Polling has ended"):
            await asyncio.wait_for(task, SOON)
        with pytest.raises(RuntimeError, match="Polling has ended"):
            await asyncio.wait_for(wait_for(poller, "late", poll_interval=LONG), SOON)
