"""Commits: what dialects have in common of them. Taking them away is in :mod:`.commit_removal`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import replace
from typing import TypeAlias

from airflow_provider_pachyderm.client._capabilities import Capabilities, Feature
from airflow_provider_pachyderm.client._dialects.branches import Branches
from airflow_provider_pachyderm.client._dialects.calls import Call, Listing, Plan
from airflow_provider_pachyderm.client._dialects.commit_filter import ALL_COMMITS, CommitFilter
from airflow_provider_pachyderm.client._error_texts import classify
from airflow_provider_pachyderm.client._errors import (
    BranchHasNoHead,
    BranchNotFound,
    CommitFailed,
    CommitFinished,
    CommitNotFinished,
    CommitNotFound,
    NotFound,
    OutputBranch,
    PathConflict,
)
from airflow_provider_pachyderm.client._models import Branch, Commit, CommitInfo, CommitState, OriginKind, Repo
from airflow_provider_pachyderm.client._refs import is_expression

ONE_CALL = "made by one call of a Python client"
"""Describes a commit that exists for one call: others wait for its end instead of writing to what may be dropped."""

_NO_COMMIT = (BranchNotFound, BranchHasNoHead, CommitNotFound)
_Commits: TypeAlias = "list[Commit]"
_Infos: TypeAlias = "list[CommitInfo]"


class Commits(ABC):
    """The calls of one server version for commits."""

    def __init__(self, capabilities: Capabilities, branches: Branches) -> None:
        self.capabilities = capabilities
        self._branches = branches

    # starting

    def start(
        self, branch: Branch, parent: Commit | None, description: str | None, provenance: Sequence[Commit] = ()
    ) -> Plan[Commit]:
        """Start a commit.

        As parent, servers of 1.7 to 2.7 do not find what is named after its own branch: that is the head anyway.
        """
        if parent is not None and parent.id is None:
            parent = yield from self._parent(branch, parent)
        if Feature.ANY_PROVENANCE in self.capabilities:
            provenance = yield from self._by_id(provenance)
        try:
            commit: Commit = yield self._start(branch, parent, description, provenance)
        except CommitNotFinished:
            # from 2.8 on, this is all that is said of an output branch with an open head
            yield from self._refuse_output(branch)
            raise
        return commit

    @abstractmethod
    def _start(
        self, branch: Branch, parent: Commit | None, description: str | None, provenance: Sequence[Commit]
    ) -> Call[Commit]: ...

    def _parent(self, branch: Branch, parent: Commit) -> Plan[Commit | None]:
        """Say in a server's words what parent is meant that is named after a branch."""
        own, expression = parent.branch == branch.name, is_expression(parent.branch or "")
        if not own and not expression:
            return parent
        try:
            found = yield from self.with_id(parent)
        except (NotFound, BranchHasNoHead) as error:
            raise CommitNotFound(f"parent commit {parent} not found", reference=str(branch)) from error
        # no id for the head, as it may move on meanwhile
        return None if own else found

    def _by_id(self, commits: Sequence[Commit]) -> Plan[_Commits]:
        """Find the ids of commits that are named by their branches, which servers before 1.9 do not take."""
        found: list[Commit] = []
        for commit in commits:
            if not commit.id or is_expression(commit.id):
                commit = (yield from self.inspect(commit)).commit
            found.append(commit)
        return found

    def _refuse_output(self, branch: Branch) -> Plan[None]:
        if Feature.BRANCH_OBJECTS not in self.capabilities:
            return
        info = yield from self._branches.inspect(branch)
        if info.provenance:
            raise OutputBranch(f"cannot start a commit on an output branch: {branch}", reference=str(branch))

    def makes_branch(self, branch: Branch) -> Plan[tuple[bool, Commit | None]]:
        """Say whether a commit that is started there makes the branch, and is not the one to tell it later.

        :return: that, and the head of the branch; None if it has none, or where that was not asked.
        """
        yield from ()
        return False, None

    # finding

    @abstractmethod
    def inspect(self, commit: Commit, wait: CommitState | None = None, *, limited: bool = False) -> Plan[CommitInfo]:
        """Describe a commit.

        :param wait: first wait until it has reached this state.
        :param limited: wait no longer than any call may take.
        """

    def with_id(self, commit: Commit) -> Plan[Commit]:
        """Find the id of a commit; its repo stays as it was named."""
        info = yield from self.inspect(commit)
        return Commit(commit.repo, info.commit.branch, info.commit.id)

    def existing(self, commit: Commit) -> Plan[CommitInfo]:
        """Inspect a commit, which must be the one that was asked for if it was asked for by id."""
        info = yield from self.inspect(commit)
        if commit.id and not is_expression(commit.id) and info.commit.id != commit.id:
            raise CommitNotFound(f"commit {commit} not found", reference=str(commit))
        return info

    def open(self, commit: Commit) -> Plan[CommitInfo]:
        """Inspect a commit that must be open."""
        return (yield from self.behind_alias(check_open((yield from self.existing(commit)))))

    def behind_alias(self, info: CommitInfo) -> Plan[CommitInfo]:
        """Give the open commit that an alias stands for (2.0 to 2.5), else the same.

        What is written to an alias is lost, and it cannot be finished; it follows the other one by itself.
        """
        while info.origin is OriginKind.ALIAS and info.parent is not None:
            info = check_open((yield from self.inspect(info.parent)))
        return info

    def open_head(self, branch: Branch) -> Plan[CommitInfo | None]:
        """Find the open commit at the head of a branch, if there is one."""
        try:
            return (yield from self.open(Commit(branch.repo, branch.name)))
        except (*_NO_COMMIT, CommitFinished):
            return None

    def by_id(self, commit: Commit) -> Plan[Commit]:
        """Name a commit for a write, where servers take that by its id alone.

        If it is gone, they write to the branch that is named with it.
        """
        yield from ()
        return commit

    def writable(self, commit: Commit, *, started: bool) -> Plan[Commit]:
        """Make sure that a write to a commit goes there: many servers take an id that is gone for a new branch.

        :param started: this client has started the commit, and neither finished nor dropped it.
        """
        if started and Feature.REFUSES_FINISHED in self.capabilities:
            return commit
        info = yield from self.open(commit)
        return Commit(commit.repo, info.commit.branch, info.commit.id)

    def list(
        self, repo: Repo, to: Commit | None, from_: Commit | None, number: int, wanted: CommitFilter = ALL_COMMITS
    ) -> Listing[CommitInfo]:
        """List commits; what the server cannot choose is chosen from all that it sends."""
        left = wanted.beyond(self.capabilities, to)
        listing = self._list(repo, to, from_, 0 if left else number, wanted)
        return replace(left.apply(listing), limit=number or None)

    @abstractmethod
    def _list(
        self, repo: Repo, to: Commit | None, from_: Commit | None, number: int, wanted: CommitFilter
    ) -> Listing[CommitInfo]:
        """ListCommit itself, with what the server can choose."""

    @abstractmethod
    def follow(
        self, branch: Branch, from_: Commit | None, state: CommitState, skip: frozenset[str]
    ) -> Listing[CommitInfo]:
        """SubscribeCommit itself, without the commits in ``skip``; see :mod:`.subscriptions`."""

    # finishing, and waiting for it

    def finish(
        self, commit: Commit, description: str | None, error: str | None, *, wait: bool, started: bool = False
    ) -> Plan[CommitInfo | None]:
        """Finish a commit and, if asked, wait until the server has accepted what is in it.

        :param started: this client has started it, on top of what was finished, or at least is being finished.
        """
        if error is not None:
            self.capabilities.require(Feature.COMMIT_ERROR)
        if wait and (commit.id is None or is_expression(commit.id)):
            # by the time that it is waited for, the branch may have another head
            commit = yield from self.with_id(commit)
        safe = started and Feature.FINISHES_IN_ORDER in self.capabilities
        if Feature.BRANCH_OBJECTS in self.capabilities and not safe:
            yield from self._wait_for_parent(commit)
        yield from self.end(commit, description, error)
        return (yield from self._judgement(commit)) if wait else None

    def _wait_for_parent(self, commit: Commit) -> Plan[None]:
        """Refuse to finish a commit before its parent, on top of which a server makes what is made from others.

        The server would finish neither then, and none that comes after them; on 2.0, it leaves out the parent's files.
        """
        try:
            info = yield from self.inspect(commit)
            if info.state is not CommitState.OPEN or info.parent is None or info.origin is OriginKind.ALIAS:
                return
            if Feature.FINISHES_IN_ORDER in self.capabilities and not (
                info.origin is OriginKind.AUTO or info.provenance
            ):
                return
            parent = yield from self.inspect(info.parent)
        except (NotFound, BranchHasNoHead):
            return
        if parent.state is CommitState.OPEN:
            raise CommitNotFinished(
                f"commit {info.commit} cannot be finished before its parent: finish {parent.commit} first, which is "
                "open",
                reference=str(parent.commit),
            )
        if not parent.state.done:
            # not without limit: it may itself wait for what is never finished
            yield from self.inspect(parent.commit, CommitState.FINISHED, limited=True)

    def end(self, commit: Commit, description: str | None, error: str | None) -> Plan[None]:
        """Finish a commit without looking at anything, as in a transaction there is nothing to be seen yet."""
        try:
            yield self._finish(commit, description, error)
        except CommitFinished as refusal:
            # the attempt before this one got through, only its answer was lost
            if refusal.attempts == 1:
                raise

    @abstractmethod
    def _finish(self, commit: Commit, description: str | None, error: str | None) -> Call[None]: ...

    def _judgement(self, commit: Commit) -> Plan[CommitInfo | None]:
        """Wait for what the server makes of a commit that was finished."""
        return (yield from self.wait(commit))

    def wait(self, commit: Commit) -> Plan[CommitInfo]:
        """Wait for the end of a commit, which must be a good one."""
        return good((yield from self.inspect(commit, CommitState.FINISHED)))

    def flush(self, commits: Sequence[Commit], repos: Sequence[Repo]) -> Plan[_Infos]:
        """Wait for commits, then for what is made from them. Old servers answer for open commits at once: "nothing"."""
        finished: list[Commit] = []
        for commit in commits:
            info = yield from self.wait(commit)
            finished.append(info.commit)
        return (yield from self.downstream(finished, repos))

    @abstractmethod
    def downstream(self, commits: Sequence[Commit], repos: Sequence[Repo]) -> Plan[_Infos]:
        """Wait for what is made from all of these finished commits."""


def check_open(info: CommitInfo) -> CommitInfo:
    """Pass if a commit is open."""
    if info.state is not CommitState.OPEN:
        raise CommitFinished(f"commit {info.commit} has already finished", reference=str(info.commit))
    return info


def good(info: CommitInfo) -> CommitInfo:
    """Refuse a commit that was finished with an error."""
    if info.state is CommitState.FAILED:
        kind = PathConflict if classify("", info.error) is PathConflict else CommitFailed
        raise kind(f"commit {info.commit} failed: {info.error}", server_text=info.error, reference=str(info.commit))
    return info
