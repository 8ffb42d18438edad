"""Which commit a sensor waits for: one pure rule, and two ways to apply it, for a task and for triggers."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable
from contextlib import aclosing, closing
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from functools import cached_property
from itertools import takewhile
from typing import TYPE_CHECKING, Any

from airflow_provider_pachyderm.client import (
    BranchHasNoHead,
    BranchNotFound,
    CommitInfo,
    CommitState,
    NotFound,
    OriginKind,
    parse_commit,
)
from airflow_provider_pachyderm.tasks.refused import failure
from airflow_provider_pachyderm.waiting.hints import Followed

if TYPE_CHECKING:
    from airflow_provider_pachyderm.client import AsyncPfsClient, PfsClient
    from airflow_provider_pachyderm.waiting.shared_client import Line

log = logging.getLogger(__name__)

NO_COMMIT_YET = (BranchNotFound, BranchHasNoHead)


@dataclass(frozen=True)
class Awaited:
    """What a sensor waits for, as plain values that survive JSON.

    :param repo: repo to watch
    :param branch: branch to watch
    :param commit: wait for this commit, and nothing else, to finish
    :param after: ISO time; only commits that finished later count
    :param from_commit: only commits newer than this one count, whenever they finished; wins over ``after``
    :param on_failed: ``skip`` or ``raise`` when a commit of the branch finished with an error
    """

    repo: str = ""
    branch: str = ""
    commit: str | None = None
    after: str | None = None
    from_commit: str | None = None
    on_failed: str = "skip"

    def __str__(self) -> str:
        if self.commit:
            return f"{self.commit} to finish"
        start = f"newer than {self.from_commit}" if self.from_commit else f"finished after {self.after}"
        return f"a commit on {self.repo}@{self.branch} {start}"

    @property
    def followed(self) -> Followed:
        """What says when to look."""
        return Followed(self.repo, self.branch, self.commit)

    @cached_property
    def start(self) -> Start:
        """Where the waiting begins; of ``from_commit`` only the id counts, so it is to be pinned first."""
        after = parse_time(self.after) if self.after else None
        return Start(after, parse_commit(self.from_commit).id if self.from_commit else None)

    def found(self, seen: Seen) -> Any:
        """Return the commit that ends the waiting, or None.

        :raises CommitFailed: with ``on_failed="raise"``, if a commit finished with an error
        """
        self._mind(seen.failed)
        return reference(self.branch, seen.arrived) if seen.arrived else None

    def _mind(self, failed: Iterable[CommitInfo]) -> None:
        for info in failed:
            if self.on_failed == "raise":
                raise failure(info)
            log.warning("Skipped commit %s, which finished with an error: %s", info.commit, info.error)


@dataclass(frozen=True)
class AwaitedCommits(Awaited):
    """What a watcher waits for: all that is new."""

    def found(self, seen: Seen) -> Any:
        """Return the new commits, oldest first, or None."""
        self._mind(seen.failed)
        return (seen.arrived, *seen.later) if seen.arrived else None


@dataclass(frozen=True)
class Start:
    """The point up to which everything is old."""

    after: datetime | None = None
    commit_id: str | None = None

    @classmethod
    def earliest(cls, starts: Iterable[Start]) -> Start:
        """Return the point before which all of these find nothing new; each commit has a time as well."""
        times = [start.after for start in starts]
        known = [time for time in times if time is not None]
        return cls(min(known) if len(known) == len(times) else None)

    def covers(self, info: CommitInfo) -> bool:
        """Say whether this commit, and with it each of its ancestors, is old."""
        if info.commit.id == self.commit_id:
            return True
        return self.after is not None and info.finished is not None and info.finished <= self.after


@dataclass(frozen=True)
class Seen:
    """What a look at a branch showed.

    :param arrived: the oldest good commit after the start
    :param failed: commits older than that one, but after the start, which finished with an error
    :param newest: id of the newest commit that is done, to watch from
    :param later: the good commits after ``arrived``, oldest first
    """

    arrived: CommitInfo | None = None
    failed: tuple[CommitInfo, ...] = ()
    newest: str | None = None
    later: tuple[CommitInfo, ...] = ()


def judge(newest_first: Iterable[CommitInfo], start: Start) -> Seen:
    """Find the oldest finished commit after the start: the rule of every sensor, poke and trigger.

    :param newest_first: a branch's commits from its head back to the start at least
    :param start: where waiting begins
    """
    newest = None
    done: list[CommitInfo] = []
    for info in newest_first:
        if info.state.done and newest is None:
            newest = info.commit.id
        if start.covers(info):
            break
        if info.state.done and not _is_placeholder(info):
            done.append(info)
    done.reverse()
    failed = tuple(takewhile(lambda info: info.state is CommitState.FAILED, done))
    good = [info for info in done if info.state is CommitState.FINISHED]
    return Seen(good[0] if good else None, failed, newest, tuple(good[1:]))


def look(client: PfsClient, awaited: Awaited) -> Seen:
    """Ask the server once, from a task.

    :raises CommitFailed: the very commit asked for finished with an error
    :raises NotFound: there is no such repo, or no such commit
    """
    if awaited.commit:
        return _one(client.inspect_commit(awaited.commit))
    try:
        start = _pin(client, awaited).start
        with closing(client.list_commit(awaited.repo, to_commit=awaited.branch)) as newest_first:
            return judge(newest_first, start)
    except NO_COMMIT_YET:
        client.inspect_repo(awaited.repo)
        return Seen()


async def look_async(line: Line, wanted: Collection[Awaited]) -> dict[Awaited, Seen]:
    """Ask the server once, for all triggers that follow one branch, or await one commit; as ``look``.

    :param wanted: what they wait for, pinned
    """
    any_of_them = next(iter(wanted))
    async with line.turn:
        if any_of_them.commit:
            return dict.fromkeys(wanted, _one(await line.client.inspect_commit(any_of_them.commit)))
        start = Start.earliest(awaited.start for awaited in wanted)
        newest_first = await _read_back(line.client, any_of_them, start)
    return {awaited: judge(newest_first, awaited.start) for awaited in wanted}


async def pin(client: AsyncPfsClient, awaited: Awaited) -> Awaited:
    """Find out which commit ``from_commit`` is, and its time, which counts should the commit be gone one day."""
    if not awaited.from_commit:
        return awaited
    try:
        return behind(awaited, await client.inspect_commit(awaited.from_commit))
    except NotFound as error:
        return _without_start(awaited, error)


async def beginning(client: AsyncPfsClient, awaited: Awaited) -> Awaited:
    """Find out behind which commit new ones begin: ``from_commit``, or else what is finished on the branch now.

    :return: ``awaited`` with that commit and its time; with neither if there is none, so that every commit is new
    """
    awaited = await pin(client, awaited)
    if awaited.from_commit:
        return awaited
    try:
        async with aclosing(await client.list_commit(awaited.repo, to_commit=awaited.branch)) as newest_first:
            async for info in newest_first:
                if info.state.done:
                    return behind(awaited, info)
    except NotFound:
        log.info("There is no %s@%s yet", awaited.repo, awaited.branch)
    return awaited


def behind(awaited: Awaited, info: CommitInfo) -> Awaited:
    """Wait for what comes after this commit; its time counts should it be gone one day."""
    moment = info.finished or info.started
    return replace(awaited, from_commit=str(info.commit), after=moment.isoformat() if moment else None)


def reference(branch: str, info: CommitInfo) -> str:
    """Return the commit as the string that a sensor returns; a server need not say which branch it was found on."""
    return str(replace(info.commit, branch=branch) if branch else info.commit)


def parse_time(value: str | datetime) -> datetime:
    """Read a time as templates render it; one without an offset is UTC.

    :raises ValueError: it is no time
    """
    if not isinstance(value, (str, datetime)):
        raise ValueError(f"a time is a str or a datetime, not {type(value).__name__}")
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(value.strip().replace("Z", "+00:00"))
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)


def _pin(client: PfsClient, awaited: Awaited) -> Awaited:
    if not awaited.from_commit:
        return awaited
    try:
        return behind(awaited, client.inspect_commit(awaited.from_commit))
    except NotFound as error:
        return _without_start(awaited, error)


def _without_start(awaited: Awaited, error: NotFound) -> Awaited:
    log.warning("from_commit %s is gone, going on without it: %s", awaited.from_commit, error)
    return replace(awaited, from_commit=None)


async def _read_back(client: AsyncPfsClient, awaited: Awaited, start: Start) -> list[CommitInfo]:
    newest_first = []
    try:
        async with aclosing(await client.list_commit(awaited.repo, to_commit=awaited.branch)) as stream:
            async for info in stream:
                newest_first.append(info)
                if start.covers(info):
                    break
    except NO_COMMIT_YET:
        await client.inspect_repo(awaited.repo)
    return newest_first


def _one(info: CommitInfo) -> Seen:
    if info.state is CommitState.FAILED:
        raise failure(info)
    return Seen(info) if info.state is CommitState.FINISHED else Seen()


def _is_placeholder(info: CommitInfo) -> bool:
    # A new branch without a head gets such a commit; nobody put anything into it.
    return info.origin is OriginKind.AUTO and not info.provenance
