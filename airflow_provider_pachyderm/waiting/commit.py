"""Which commit a sensor waits for: one pure rule for tasks and triggers."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from functools import cached_property
from itertools import takewhile
from typing import Literal, TypeAlias, TypeVar

from airflow_provider_pachyderm.client import (
    CommitInfo,
    CommitState,
    OriginKind,
    parse_commit,
)
from airflow_provider_pachyderm.tasks.finished import failure
from airflow_provider_pachyderm.waiting.hints import Followed, FollowedBranch, FollowedCommit

log = logging.getLogger(__name__)

OnFailed: TypeAlias = Literal["skip", "raise"]
"""What a sensor does about a commit of its branch that finished with an error."""


@dataclass(frozen=True)
class NewOnBranch:
    """What is new on a branch, as plain values that survive JSON.

    :param repo: repo to watch
    :param branch: branch to watch
    :param after: ISO time; only commits that finished later count
    :param from_commit: only commits newer than this one count, whenever they finished; wins over ``after``
    """

    repo: str = ""
    branch: str = ""
    after: str | None = None
    from_commit: str | None = None

    @property
    def followed(self) -> Followed:
        """What says when to look."""
        return FollowedBranch(self.repo, self.branch)

    @cached_property
    def start(self) -> Start:
        """Where the waiting begins; of ``from_commit`` only the id counts, so its time is to be found out first."""
        return Start(
            parse_time(self.after) if self.after else None,
            parse_commit(self.from_commit).id if self.from_commit else None,
        )


@dataclass(frozen=True)
class NewCommits(NewOnBranch):
    """What an event trigger waits for: all commits that are new."""

    def found(self, state: BranchState) -> tuple[CommitInfo, ...] | None:
        """Return the new commits, oldest first, or None."""
        _log_failed(state.failed)
        return (state.arrived, *state.later) if state.arrived else None


@dataclass(frozen=True)
class CommitCondition(NewOnBranch):
    """What a commit sensor waits for: the oldest commit that is new, or a given one.

    :param commit: wait for this commit, and nothing else, to finish
    :param on_failed: ``skip`` or ``raise`` when a commit of the branch finished with an error
    """

    commit: str | None = None
    on_failed: OnFailed = "skip"

    def __str__(self) -> str:
        if self.commit:
            return f"{self.commit} to finish"
        start = f"newer than {self.from_commit}" if self.from_commit else f"finished after {self.after}"
        return f"a commit on {self.repo}@{self.branch} {start}"

    @property
    def followed(self) -> Followed:
        """What says when to look."""
        return FollowedCommit(self.commit) if self.commit else super().followed

    def found(self, state: BranchState) -> str | None:
        """Return the commit that ends the waiting, or None.

        :raises CommitFailed: with ``on_failed="raise"``, if a commit finished with an error
        """
        if state.failed and self.on_failed == "raise":
            raise failure(state.failed[0])
        _log_failed(state.failed)
        return reference(self.branch, state.arrived) if state.arrived else None


WithStart = TypeVar("WithStart", bound=NewOnBranch)


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
class BranchState:
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


def first_arrival(newest_first: Iterable[CommitInfo], start: Start) -> BranchState:
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
        if info.state.done and not is_placeholder(info):
            done.append(info)
    done.reverse()
    failed = tuple(takewhile(lambda info: info.state is CommitState.FAILED, done))
    good = [info for info in done if info.state is CommitState.FINISHED]
    return BranchState(good[0] if good else None, failed, newest, tuple(good[1:]))


def state_of_commit(info: CommitInfo) -> BranchState:
    """Judge the one commit that is waited for.

    :raises CommitFailed: it finished with an error
    """
    if info.state is CommitState.FAILED:
        raise failure(info)
    return BranchState(info) if info.state is CommitState.FINISHED else BranchState()


def newer_than(condition: WithStart, info: CommitInfo) -> WithStart:
    """Wait for what comes after this commit; its time counts should it be gone one day."""
    moment = info.finished or info.started
    return replace(condition, from_commit=str(info.commit), after=moment.isoformat() if moment else None)


def reference(branch: str, info: CommitInfo) -> str:
    """Return the commit as the string that a sensor returns; a server need not say which branch it was found on."""
    return str(replace(info.commit, branch=branch) if branch else info.commit)


def parse_time(value: str | datetime) -> datetime:
    """Read a time as templates render it; one without an offset is UTC.

    :raises ValueError: it is no time
    """
    if not isinstance(value, (str, datetime)):
        raise ValueError(f"a time must be a str or a datetime, not {type(value).__name__}")
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(value.strip().replace("Z", "+00:00"))
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)


def _log_failed(failed: Iterable[CommitInfo]) -> None:
    for info in failed:
        log.warning("Skipped commit %s, which finished with an error: %s", info.commit, info.error)


def is_placeholder(info: CommitInfo) -> bool:
    """Say whether nobody put anything into a commit: a new branch without a head gets such a one (2.x)."""
    return info.origin is OriginKind.AUTO and not info.provenance
