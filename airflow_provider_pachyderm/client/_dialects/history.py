"""What dialects have in common of commits and commit sets; see :mod:`.base`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from airflow_provider_pachyderm.client._capabilities import Capabilities, Feature
from airflow_provider_pachyderm.client._dialects.auth import Auth
from airflow_provider_pachyderm.client._dialects.branches import Branches
from airflow_provider_pachyderm.client._dialects.calls import Call, Listing, Plan, Subscription, raw
from airflow_provider_pachyderm.client._dialects.chosen import ALL, Chosen
from airflow_provider_pachyderm.client._dialects.file_system import FileSystem
from airflow_provider_pachyderm.client._dialects.projects import Projects
from airflow_provider_pachyderm.client._dialects.repos import Repos
from airflow_provider_pachyderm.client._dialects.roles import Roles
from airflow_provider_pachyderm.client._dialects.transactions import Transactions
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
from airflow_provider_pachyderm.client._models import (
    Branch,
    Commit,
    CommitInfo,
    CommitSetInfo,
    CommitState,
    FilePair,
    OriginKind,
    Repo,
)
from airflow_provider_pachyderm.client._refs import is_expression

ONE_CALL = "made by one call of a Python client"
"""Describes a commit that exists for one call: others wait for its end instead of writing to what may be dropped."""

_NO_COMMIT = (BranchNotFound, BranchHasNoHead, CommitNotFound)


class History(ABC):
    """Commits as one server version speaks of them."""

    branches: Branches
    repos: Repos
    projects: Projects
    file_system: FileSystem
    transactions: Transactions
    auth: Auth
    roles: Roles

    def __init__(self, capabilities: Capabilities) -> None:
        self.capabilities = capabilities

    # commits

    @abstractmethod
    def begin_commit(
        self, branch: Branch, parent: Commit | None, description: str | None, provenance: Sequence[Commit] = ()
    ) -> Call[Commit]:
        """StartCommit itself; see :meth:`start_commit`."""

    def start_commit(
        self, branch: Branch, parent: Commit | None, description: str | None, provenance: Sequence[Commit] = ()
    ) -> Call[Commit]:
        """Start a commit.

        As parent, servers of 1.7 to 2.7 do not find what is named after its own branch: that is the head anyway.
        """
        own = parent is not None and parent.id is None and parent.branch == branch.name
        begin = partial(self.begin_commit, branch, description=description)
        call = begin(parent=None if own else parent, provenance=provenance)
        return replace(call, by=partial(self._start, begin, branch, parent, provenance))

    def _start(
        self, begin: Callable[..., Call[Commit]], branch: Branch, parent: Commit | None, provenance: Sequence[Commit]
    ) -> Plan[Any]:
        if parent is not None and parent.id is None:
            parent = yield from self._parent(branch, parent)
        if Feature.ANY_PROVENANCE in self.capabilities:
            provenance = yield from self._by_id(provenance)
        try:
            return (yield replace(begin(parent=parent, provenance=provenance), read=raw))
        except CommitNotFinished:
            # from 2.8 on, this is all that is said of an output branch with an open head
            yield from self._refuse_output(branch)
            raise

    def _parent(self, branch: Branch, parent: Commit) -> Plan[Commit | None]:
        """Say in a server's words what parent is meant that is named after a branch."""
        own, expression = parent.branch == branch.name, is_expression(parent.branch or "")
        if not own and not expression:
            return parent
        try:
            info: CommitInfo = yield self.inspect_commit(parent)
        except (NotFound, BranchHasNoHead) as error:
            raise CommitNotFound(f"parent commit {parent} not found", reference=str(branch)) from error
        # no id for the head, as it may move on meanwhile
        return None if own else Commit(parent.repo, info.commit.branch, info.commit.id)

    def _by_id(self, commits: Sequence[Commit]) -> Plan[list[Commit]]:
        """Find the ids of commits that are named by their branches, which servers before 1.9 do not take."""
        found: list[Commit] = []
        for commit in commits:
            if not commit.id or is_expression(commit.id):
                info: CommitInfo = yield self.inspect_commit(commit)
                commit = info.commit
            found.append(commit)
        return found

    def _refuse_output(self, branch: Branch) -> Plan[None]:
        if Feature.BRANCH_OBJECTS not in self.capabilities:
            return
        info = yield from self.branches.inspect(branch)
        if info.provenance:
            raise OutputBranch(f"cannot start a commit on an output branch: {branch}", reference=str(branch))

    @abstractmethod
    def close_commit(self, commit: Commit, description: str | None, error: str | None) -> Call[None]:
        """FinishCommit itself; see :meth:`finish_commit`."""

    @abstractmethod
    def inspect_commit(self, commit: Commit, wait: CommitState | None = None) -> Call[CommitInfo]: ...

    @abstractmethod
    def commits(
        self, repo: Repo, to: Commit | None, from_: Commit | None, number: int, chosen: Chosen
    ) -> Listing[CommitInfo]:
        """ListCommit itself, with what the server can choose; see :meth:`list_commit`."""

    def list_commit(
        self, repo: Repo, to: Commit | None, from_: Commit | None, number: int, chosen: Chosen = ALL
    ) -> Listing[CommitInfo]:
        """List commits; what the server cannot choose is chosen from all that it sends."""
        left = chosen.beyond(self.capabilities, to)
        call = self.commits(repo, to, from_, 0 if left else number, chosen)
        return replace(left.choose(call), limit=number or None)

    @abstractmethod
    def follow(
        self, branch: Branch, from_: Commit | None, state: CommitState, skip: frozenset[str]
    ) -> Listing[CommitInfo]:
        """SubscribeCommit itself, without the commits in ``skip``; see :meth:`subscribe_commit`."""

    def clear_commit(self, commit: Commit) -> Call[None]:
        raise self.capabilities.unsupported(Feature.CLEAR_COMMIT)

    def drop_commit(self, commit: Commit, *, new_branch: bool = False, finished: bool = False) -> Plan[None]:
        """Drop a commit that is open, or that the server has found to be bad.

        :param new_branch: there was no such branch before it was started; 2.x tell that themselves.
        :param finished: also one that was to be finished, however far that has come.
        """
        info = yield from self.existing_commit(commit)
        branch = None if not commit.branch or is_expression(commit.branch) else Branch(commit.repo, commit.branch)
        if info.state is CommitState.FAILED:
            yield from self.drop_failed(info, branch)
        elif finished and info.state is not CommitState.OPEN:
            yield from self.remove_commit(info)
        else:
            yield from self.drop_open((yield from self.behind_alias(self.check_open(info))))
        if branch is not None:
            yield from self.drop_branch(branch, info, new_branch)

    @abstractmethod
    def drop_open(self, info: CommitInfo) -> Plan[None]:
        """Take away an open commit; see :meth:`drop_commit`."""

    def drop_failed(self, info: CommitInfo, branch: Branch | None) -> Plan[None]:
        """Take away a commit that the server has found to be bad; see :meth:`drop_commit`.

        :param branch: the one that it was made on, if that is known.
        """
        yield from self.remove_commit(info)

    def drop_branch(self, branch: Branch, info: CommitInfo, new: bool) -> Plan[None]:
        """Take away what is left of a branch that was made with a commit that is gone now.

        :param new: see :meth:`drop_commit`.
        """
        yield from ()

    @abstractmethod
    def remove_commit(self, info: CommitInfo) -> Plan[None]:
        """Take away a commit whether it is open or finished; see :meth:`delete_commit`."""

    def delete_commit(self, commit: Commit) -> Plan[None]:
        yield from self.remove_commit((yield from self.existing_commit(commit)))

    @abstractmethod
    def downstream(self, commits: Sequence[Commit], repos: Sequence[Repo]) -> Plan[list[CommitInfo]]:
        """Wait for what is made from all of these finished commits; see :meth:`flush_commit`."""

    @abstractmethod
    def squash_commit(self, commit: Commit, *, recursive: bool) -> Plan[None]: ...

    # commit sets

    def list_commit_set(self, project: str | None) -> Listing[CommitSetInfo]:
        raise self.capabilities.unsupported(Feature.COMMIT_SETS)

    def inspect_commit_set(self, id: str, *, wait: bool) -> Listing[CommitInfo]:
        raise self.capabilities.unsupported(Feature.COMMIT_SETS)

    def squash_commit_set(self, id: str) -> Call[None]:
        raise self.capabilities.unsupported(Feature.COMMIT_SETS)

    def drop_commit_set(self, id: str) -> Call[None]:
        raise self.capabilities.unsupported(Feature.COMMIT_SETS)

    def wait_commit_set(self, id: str) -> Plan[list[CommitInfo]]:
        """Wait for the end of all commits of a set, which must be good ones."""
        infos = yield from self.inspect_commit_set(id, wait=True).all()
        return [_good(info) for info in infos]

    # what takes several calls

    def find_commits(self, start: Commit, path: str, limit: int) -> Listing[Commit]:
        """Find the commits in which a file was changed, on servers that do not search themselves."""
        return Listing(partial(self._search, start, path, limit))

    def _search(self, start: Commit, path: str, limit: int) -> Plan[list[Commit]]:
        info: CommitInfo = yield self.inspect_commit(start)
        if not info.state.done:
            raise CommitNotFinished(f"commit {info.commit} is not finished", reference=str(info.commit))
        found: list[Commit] = []
        for each in (yield from self.list_commit(start.repo, info.commit, None, 0).all()):
            if (yield from self.diff_file(each.commit, path, None, path, shallow=False).all()):
                found.append(each.commit)
            if limit and len(found) == limit:
                break
        return found

    @abstractmethod
    def diff_file(
        self, new: Commit, new_path: str, old: Commit | None, old_path: str, *, shallow: bool
    ) -> Listing[FilePair]:
        """Compare two commits.

        :param old: the parent of ``new`` if None.
        """

    def flush_commit(self, commits: Sequence[Commit], repos: Sequence[Repo]) -> Plan[list[CommitInfo]]:
        """Wait for commits, then for what is made from them. Old servers answer for open commits at once: "nothing"."""
        finished: list[Commit] = []
        for commit in commits:
            info = yield from self.wait_commit(commit)
            finished.append(info.commit)
        return (yield from self.downstream(finished, repos))

    def finish_commit(
        self, commit: Commit, description: str | None, error: str | None, *, wait: bool, started: bool = False
    ) -> Plan[CommitInfo | None]:
        """Finish a commit and, if asked, wait until the server has accepted what is in it.

        :param started: this client has started it, on top of what was finished, or at least is being finished.
        """
        if error is not None:
            self.capabilities.require(Feature.COMMIT_ERROR)
        safe = started and Feature.FINISHES_IN_ORDER in self.capabilities
        if Feature.BRANCH_OBJECTS in self.capabilities and not safe:
            yield from self._wait_for_parent(commit)
        yield from self.end_commit(commit, description, error)
        return (yield from self._judgement(commit)) if wait else None

    def _wait_for_parent(self, commit: Commit) -> Plan[None]:
        """Refuse to finish a commit before its parent, on top of which a server makes what is made from others.

        The server would finish neither then, and none that comes after them; on 2.0, it leaves out the parent's files.
        """
        try:
            info: CommitInfo = yield self.inspect_commit(commit)
            if info.state is not CommitState.OPEN or info.parent is None or info.origin is OriginKind.ALIAS:
                return
            if Feature.FINISHES_IN_ORDER in self.capabilities and not (
                info.origin is OriginKind.AUTO or info.provenance
            ):
                return
            parent: CommitInfo = yield self.inspect_commit(info.parent)
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
            yield replace(self.inspect_commit(parent.commit, CommitState.FINISHED), waits=False)

    def end_commit(self, commit: Commit, description: str | None, error: str | None) -> Plan[None]:
        """Finish a commit without looking at anything, as in a transaction there is nothing to be seen yet."""
        try:
            yield self.close_commit(commit, description, error)
        except CommitFinished as refusal:
            # the attempt before this one got through, only its answer was lost
            if refusal.attempts == 1:
                raise

    def _judgement(self, commit: Commit) -> Plan[CommitInfo | None]:
        """Wait for what the server makes of a commit that was finished."""
        return (yield from self.wait_commit(commit))

    def wait_commit(self, commit: Commit) -> Plan[CommitInfo]:
        """Wait for the end of a commit, which must be a good one."""
        info: CommitInfo = yield self.inspect_commit(commit, CommitState.FINISHED)
        return _good(info)

    def open_commit(self, commit: Commit) -> Plan[CommitInfo]:
        """Inspect a commit that must be open."""
        return (yield from self.behind_alias(self.check_open((yield from self.existing_commit(commit)))))

    @staticmethod
    def check_open(info: CommitInfo) -> CommitInfo:
        """Pass if a commit is open."""
        if info.state is not CommitState.OPEN:
            raise CommitFinished(f"commit {info.commit} has already finished", reference=str(info.commit))
        return info

    def behind_alias(self, info: CommitInfo) -> Plan[CommitInfo]:
        """Give the open commit that an alias stands for (2.0 to 2.5), else the same.

        What is written to an alias is lost, and it cannot be finished; it follows the other one by itself.
        """
        while info.origin is OriginKind.ALIAS and info.parent is not None:
            info = self.check_open((yield self.inspect_commit(info.parent)))
        return info

    def existing_commit(self, commit: Commit) -> Plan[CommitInfo]:
        """Inspect a commit, which must be the one that was asked for if it was asked for by id."""
        info: CommitInfo = yield self.inspect_commit(commit)
        if commit.id and not is_expression(commit.id) and info.commit.id != commit.id:
            raise CommitNotFound(f"commit {commit} not found", reference=str(commit))
        return info

    def writable(self, commit: Commit, *, started: bool) -> Plan[Commit]:
        """Make sure that a write to a commit goes there: many servers take an id that is gone for a new branch.

        :param started: this client has started the commit, and neither finished nor dropped it.
        """
        if started and Feature.REFUSES_FINISHED in self.capabilities:
            return commit
        info = yield from self.open_commit(commit)
        return Commit(commit.repo, info.commit.branch, info.commit.id)

    def open_head(self, branch: Branch) -> Plan[CommitInfo | None]:
        """Find the open commit at the head of a branch, if there is one."""
        try:
            return (yield from self.open_commit(Commit(branch.repo, branch.name)))
        except (*_NO_COMMIT, CommitFinished):
            return None

    def on_new_branch(self, branch: Branch) -> Plan[bool]:
        """Say whether a commit that is started there makes the branch, and is not the one to tell it later."""
        yield from ()
        return False

    def subscribe_commit(self, branch: Branch, from_: Commit | None, state: CommitState) -> Plan[Subscription]:
        """Follow a branch, from its first commit or after a cursor.

        Servers ignore a cursor that was deleted and send all history; most leave out only the cursor and send its
        ancestors again. So what is older is found out here, and skipped.
        """
        yield from self.repos.inspect(branch.repo)
        resume = partial(self._behind, branch, from_, state)
        if from_ is None:
            return Subscription(replace(self.follow(branch, None, state, frozenset()), resume=resume))
        cursor_lost = False
        newest_known = Commit(branch.repo, branch.name)
        try:
            info: CommitInfo = yield self.inspect_commit(from_)
            newest_known = info.commit
        except CommitNotFound:
            cursor_lost = True
        known = yield from self._ancestry(newest_known)
        listing = self.follow(branch, None if cursor_lost else newest_known, state, known)
        return Subscription(replace(listing, resume=resume), cursor_lost)

    def _behind(self, branch: Branch, from_: Commit | None, state: CommitState, last: str | None) -> Plan[Any]:
        """Find the call for what comes behind the last commit that came."""
        cursor = from_ if last is None else Commit(branch.repo, branch.name, last)
        again = yield from self.subscribe_commit(branch, cursor, state)
        # what was made between a commit that is gone and the head would be missed
        return None if again.cursor_lost else again.listing.source

    def _ancestry(self, commit: Commit) -> Plan[frozenset[str]]:
        listing: Any = self.list_commit(commit.repo, commit, None, 0)
        ids: Listing[str] = Listing(replace(listing.source, read=_commit_ids))
        try:
            return frozenset((yield from ids.all()))
        except (BranchNotFound, BranchHasNoHead):
            return frozenset()


def _good(info: CommitInfo) -> CommitInfo:
    """Refuse a commit that was finished with an error."""
    if info.state is CommitState.FAILED:
        kind = PathConflict if classify("", info.error) is PathConflict else CommitFailed
        raise kind(f"commit {info.commit} failed: {info.error}", server_text=info.error, reference=str(info.commit))
    return info


def _commit_ids(reply: Any) -> Iterator[str]:
    """Read the ids of a reply that is one commit, or a list of them (1.4 to 1.6)."""
    return (info.commit.id for info in getattr(reply, "commit_info", (reply,)))
