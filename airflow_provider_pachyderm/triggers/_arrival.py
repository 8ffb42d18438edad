"""Which commit a sensor waits for: one pure rule, and two ways to apply it, for a task and for a trigger."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from contextlib import aclosing, closing
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from itertools import takewhile
from typing import TYPE_CHECKING

from airflow_provider_pachyderm.client import (
    BranchHasNoHead,
    BranchNotFound,
    CommitFailed,
    CommitInfo,
    CommitState,
    NotFound,
    OriginKind,
)
from airflow_provider_pachyderm.triggers._hints import Followed

if TYPE_CHECKING:
    from airflow_provider_pachyderm.client import AsyncPfsClient, PfsClient

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

    def found(self, seen: Seen) -> str | None:
        """Return the commit that ends the waiting, or None."""
        return reference(self.branch, seen.arrived) if seen.arrived else None


@dataclass(frozen=True)
class Start:
    """The point up to which everything is old."""

    after: datetime | None = None
    commit_id: str | None = None

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

    :raises CommitFailed: the very commit asked for finished with an error, or with ``on_failed="raise"`` another one
    :raises NotFound: there is no such repo, or no such commit
    """
    if awaited.commit:
        return _one(client.inspect_commit(awaited.commit))
    try:
        start = _look_up_start(client, awaited)
        with closing(client.list_commit(awaited.repo, to_commit=awaited.branch)) as newest_first:
            return _approved(judge(newest_first, start), awaited)
    except NO_COMMIT_YET:
        client.inspect_repo(awaited.repo)
        return Seen()


async def look_async(client: AsyncPfsClient, awaited: Awaited) -> Seen:
    """Ask the server once, from a trigger; as ``look``."""
    if awaited.commit:
        return _one(await client.inspect_commit(awaited.commit))
    try:
        start = await _look_up_start_async(client, awaited)
        newest_first = []
        async with aclosing(await client.list_commit(awaited.repo, to_commit=awaited.branch)) as stream:
            async for info in stream:
                newest_first.append(info)
                if start.covers(info):
                    break
        return _approved(judge(newest_first, start), awaited)
    except NO_COMMIT_YET:
        await client.inspect_repo(awaited.repo)
        return Seen()


async def beginning(client: AsyncPfsClient, awaited: Awaited) -> Awaited:
    """Find out behind which commit new ones begin: ``from_commit``, or else what is finished on the branch now.

    :return: ``awaited`` with that commit and its time; with neither if there is none, so that every commit is new
    """
    if awaited.from_commit:
        try:
            return behind(awaited, await client.inspect_commit(awaited.from_commit))
        except NotFound as error:
            log.warning("from_commit %s is gone (%s); beginning at the head", awaited.from_commit, error)
            awaited = replace(awaited, from_commit=None)
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
    """Read a time as templates render it; one without an offset is UTC."""
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(value.strip().replace("Z", "+00:00"))
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)


def _look_up_start(client: PfsClient, awaited: Awaited) -> Start:
    if awaited.from_commit:
        try:
            return _behind(client.inspect_commit(awaited.from_commit))
        except NotFound as error:
            _warn_gone(awaited, error)
    return _after(awaited)


async def _look_up_start_async(client: AsyncPfsClient, awaited: Awaited) -> Start:
    if awaited.from_commit:
        try:
            return _behind(await client.inspect_commit(awaited.from_commit))
        except NotFound as error:
            _warn_gone(awaited, error)
    return _after(awaited)


def _behind(info: CommitInfo) -> Start:
    # The time is the stop if the branch was moved and the commit is not an ancestor of its head any more.
    return Start(info.finished or info.started, info.commit.id)


def _after(awaited: Awaited) -> Start:
    return Start(parse_time(awaited.after) if awaited.after else None)


def _warn_gone(awaited: Awaited, error: NotFound) -> None:
    log.warning("from_commit %s is gone (%s); going by time, after %s", awaited.from_commit, error, awaited.after)


def _one(info: CommitInfo) -> Seen:
    if info.state is CommitState.FAILED:
        raise CommitFailed(f"Commit {info.commit} finished with an error: {info.error}")
    return Seen(info) if info.state is CommitState.FINISHED else Seen()


def _approved(seen: Seen, awaited: Awaited) -> Seen:
    for info in seen.failed:
        if awaited.on_failed == "raise":
            raise CommitFailed(f"Commit {info.commit} finished with an error: {info.error}")
        log.warning("Skipped commit %s, which finished with an error: %s", info.commit, info.error)
    return seen


def _is_placeholder(info: CommitInfo) -> bool:
    # A new branch without a head gets such a commit; nobody put anything into it.
    return info.origin is OriginKind.AUTO and not info.provenance
