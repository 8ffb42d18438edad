"""The watch that all waiters of a branch share: who comes, leaves, or is impatient does not disturb the others."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, cast

import pytest

from airflow_provider_pachyderm.client import CommitFailed, PachydermError, Unavailable
from airflow_provider_pachyderm.waiting.hub import Shared
from airflow_provider_pachyderm.waiting.poll import Watch
from airflow_provider_pachyderm.waiting.shared_client import Line

LINE = cast(Line, None)
LONG = 60.0
SOON = 5.0


@dataclass(frozen=True)
class Wanted:
    name: str = ""

    def found(self, seen: Seen) -> str | None:
        if seen.failed:
            raise CommitFailed("spoilt")
        return seen.commit


@dataclass(frozen=True)
class Seen:
    commit: str | None = None
    failed: bool = False
    newest: None = None


class Branch:
    """What the looks of a watch show: nothing, until the test says so. ``looks`` has the names they were for."""

    def __init__(self) -> None:
        self.shows: Seen | Exception = Seen()
        self.looks: list[set[str]] = []
        self.hint: Callable[[], None] = lambda: None
        self.open = asyncio.Event()
        self.open.set()

    async def look(self, line: Line, wanted: Collection[Wanted]) -> dict[Wanted, Any]:
        self.looks.append({each.name for each in wanted})
        await self.open.wait()
        return dict.fromkeys(wanted, self.shows)

    @asynccontextmanager
    async def follow(self, listener: Callable[[], None], newest: str | None) -> AsyncIterator[None]:
        self.hint = listener
        yield

    def watch(self) -> Watch[Wanted, Seen]:
        return Watch(LINE, self.look, self.follow)


async def wait(watches: Shared[Watch[Wanted, Seen]], branch: Branch, name: str, **arguments: Any) -> Any:
    async with watches.lend("key", branch.watch) as watch:
        return await watch.wait(Wanted(name), **{"poll_interval": LONG, **arguments})


@pytest.fixture
def branch() -> Branch:
    return Branch()


@pytest.fixture
def watches() -> Shared[Watch[Wanted, Seen]]:
    return Shared()


async def begin(branch: Branch, watches: Any, name: str, **arguments: Any) -> asyncio.Task[Any]:
    """Let somebody wait, and return when he was looked for."""
    looks = len(branch.looks)
    task = asyncio.create_task(wait(watches, branch, name, **arguments))
    while len(branch.looks) == looks:
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.01)
    return task


async def test_a_hint_is_a_look_for_all(branch: Branch, watches: Any) -> None:
    tasks = [await begin(branch, watches, name) for name in "ab"]
    branch.shows = Seen("c")
    branch.hint()
    assert await asyncio.wait_for(asyncio.gather(*tasks), SOON) == ["c", "c"]
    assert branch.looks == [{"a"}, {"b"}, {"a", "b"}]


async def test_who_comes_and_leaves_during_a_look_keeps_nobody(branch: Branch, watches: Any) -> None:
    first = await begin(branch, watches, "first")
    branch.open.clear()
    branch.shows = Seen("c")
    branch.hint()
    await asyncio.sleep(0.05)
    passing = asyncio.create_task(wait(watches, branch, "passing"))
    await asyncio.sleep(0.05)
    passing.cancel()
    await asyncio.sleep(0.05)
    branch.open.set()
    assert await asyncio.wait_for(first, SOON) == "c"


@pytest.mark.parametrize("turns", range(4))
async def test_who_is_cancelled_at_a_hint_leaves(branch: Branch, watches: Any, turns: int) -> None:
    task = await begin(branch, watches, "a")
    branch.hint()
    for _ in range(turns):
        await asyncio.sleep(0)
    task.cancel()
    done, _ = await asyncio.wait([task], timeout=SOON)
    assert done


async def test_who_is_cancelled_while_the_watch_closes_is_cancelled(branch: Branch) -> None:
    closing = asyncio.Event()

    @asynccontextmanager
    async def slow(listener: Callable[[], None], newest: str | None) -> AsyncIterator[None]:
        try:
            yield
        finally:
            closing.set()
            await asyncio.sleep(0.1)

    watches: Shared[Watch[Wanted, Seen]] = Shared()

    async def leave() -> None:
        async with watches.lend("key", lambda: Watch(LINE, branch.look, slow)) as watch:
            waiting = asyncio.create_task(watch.wait(Wanted(), poll_interval=LONG))
            await asyncio.sleep(0.05)
            waiting.cancel()

    task = asyncio.create_task(leave())
    await asyncio.wait_for(closing.wait(), SOON)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(task, SOON)


async def test_silence_about_a_commit_that_failed(
    branch: Branch, watches: Any, caplog: pytest.LogCaptureFixture
) -> None:
    branch.shows = Seen(failed=True)
    with pytest.raises(CommitFailed):
        await asyncio.wait_for(wait(watches, branch, "minds"), SOON)
    silent = await begin(branch, watches, "silent", patient_with=(PachydermError,))
    assert not silent.done()
    assert "spoilt" in caplog.text
    branch.shows = Seen("c")
    branch.hint()
    assert await asyncio.wait_for(silent, SOON) == "c"


async def test_a_server_that_is_away_for_one_is_asked_again_soon(branch: Branch, watches: Any) -> None:
    branch.shows = Unavailable("away")
    task = await begin(branch, watches, "a")
    branch.shows = Seen("c")
    assert await asyncio.wait_for(task, SOON) == "c"


async def test_the_least_patient_decides(branch: Branch, watches: Any) -> None:
    patient = await begin(branch, watches, "patient")
    impatient = await begin(branch, watches, "impatient", poll_interval=0.1)
    branch.shows = Seen("c")
    assert await asyncio.wait_for(asyncio.gather(patient, impatient), SOON) == ["c", "c"]


async def test_nothing_is_written_to_who_has_left(
    branch: Branch, watches: Any, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(line: Line, wanted: Collection[Wanted]) -> Any:
        branch.looks.append({each.name for each in wanted})
        raise Unavailable("away")

    monkeypatch.setattr(branch, "look", away)
    caplog.set_level(logging.WARNING)
    tasks = [asyncio.create_task(wait(watches, branch, name)) for name in "ab"]
    await asyncio.sleep(0.1)
    assert caplog.text.count("does not answer") == 2
    tasks[0].cancel()
    while len(branch.looks) < 2:
        await asyncio.sleep(0.05)
    await asyncio.sleep(0.05)
    assert caplog.text.count("does not answer") == 3
    tasks[1].cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def test_nobody_waits_for_a_watch_that_has_ended(branch: Branch, watches: Any) -> None:
    task = await begin(branch, watches, "a")
    async with watches.lend("key", branch.watch) as watch:
        watch._task.cancel()
        with pytest.raises(RuntimeError, match="watch has ended"):
            await asyncio.wait_for(task, SOON)
        with pytest.raises(RuntimeError, match="watch has ended"):
            await asyncio.wait_for(watch.wait(Wanted("late"), poll_interval=LONG), SOON)
