"""What dialects have in common of repos, branches and commits; see :mod:`.base`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from airflow_provider_pachyderm.client._capabilities import Capabilities, Feature
from airflow_provider_pachyderm.client._dialects.auth import Auth
from airflow_provider_pachyderm.client._dialects.calls import Call, Listing, Plan, Subscription, one, raw
from airflow_provider_pachyderm.client._dialects.chosen import ALL, Chosen
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
    Conflict,
    NotFound,
    PathConflict,
    PermissionDenied,
)
from airflow_provider_pachyderm.client._models import (
    Branch,
    BranchInfo,
    Commit,
    CommitInfo,
    CommitSetInfo,
    CommitState,
    FilePair,
    OriginKind,
    ProjectInfo,
    Repo,
    RepoInfo,
    Trigger,
)
from airflow_provider_pachyderm.client._refs import is_expression

_NO_COMMIT = (BranchNotFound, BranchHasNoHead, CommitNotFound)


class History(ABC):
    """Repos, branches and commits as one server version speaks of them."""

    def __init__(self, capabilities: Capabilities) -> None:
        self.capabilities = capabilities

    # projects

    def create_project(self, project: str, description: str | None, *, update: bool) -> Call[None]:
        raise self.capabilities.unsupported(Feature.PROJECTS)

    def inspect_project(self, project: str) -> Call[ProjectInfo]:
        raise self.capabilities.unsupported(Feature.PROJECTS)

    def list_project(self) -> Listing[ProjectInfo]:
        raise self.capabilities.unsupported(Feature.PROJECTS)

    def delete_project(self, project: str, *, force: bool) -> Plan[None]:
        raise self.capabilities.unsupported(Feature.PROJECTS)

    # repos

    @abstractmethod
    def create_repo(self, repo: Repo, description: str | None, *, update: bool) -> Call[None]: ...

    @abstractmethod
    def inspect_repo(self, repo: Repo) -> Call[RepoInfo]: ...

    @abstractmethod
    def list_repo(self, project: str | None, type: str | None = "user") -> Listing[RepoInfo]:
        """List the repos of a project, or of all if None, of one type, or of any if None."""

    @abstractmethod
    def delete_repo(self, repo: Repo, *, force: bool) -> Call[None]: ...

    def check_deleted(self, repo: Repo) -> Plan[None]:
        """Make sure that a repo is gone, where a server tells nobody that they may not delete it."""
        if Feature.DELETE_REFUSED in self.capabilities:
            return
        try:
            yield self.inspect_repo(repo)
        except (NotFound, PermissionDenied):
            return
        raise PermissionDenied(f"{repo} is still there: the server lets only its owners delete it", reference=str(repo))

    @abstractmethod
    def delete_every_repo(self, project: str | None, *, force: bool) -> Call[None]:
        """Delete all repos in one call; see :meth:`delete_repos`."""

    def delete_repos(self, project: str | None, *, force: bool) -> Plan[None]:
        """Delete the repos of a project, or all there are."""
        if Feature.DELETE_REPOS in self.capabilities:
            try:
                yield self.delete_every_repo(project, force=force)
                return
            except Conflict:
                pass
        infos: list[RepoInfo] = yield self.list_repo(project)
        # the newest first, as a repo has to go before those that it is made from
        for info in sorted(infos, key=lambda info: str(info.created), reverse=True):
            yield self.delete_repo(info.repo, force=force)

    @abstractmethod
    def delete_all(self) -> Call[None]: ...

    @abstractmethod
    def fsck(self, *, fix: bool) -> Listing[str]: ...

    @property
    @abstractmethod
    def transactions(self) -> Transactions:
        """The calls of the transaction API.

        :raises Unsupported: if the server has none.
        """

    @property
    @abstractmethod
    def auth(self) -> Auth:
        """The calls of the auth API; each says if the server has not got it."""

    @property
    @abstractmethod
    def roles(self) -> Roles:
        """Those calls of it that are about who may do what."""

    # branches

    @abstractmethod
    def create_branch(
        self, branch: Branch, head: Commit | None, provenance: Sequence[Branch] = (), trigger: Trigger | None = None
    ) -> Call[None]: ...

    @abstractmethod
    def inspect_branch(self, branch: Branch) -> Call[BranchInfo]: ...

    @abstractmethod
    def list_branch(self, repo: Repo) -> Listing[BranchInfo]: ...

    @abstractmethod
    def delete_branch(self, branch: Branch, *, force: bool) -> Call[None]: ...

    # commits

    @abstractmethod
    def start_commit(
        self, branch: Branch, parent: Commit | None, description: str | None, provenance: Sequence[Commit] = ()
    ) -> Call[Commit]: ...

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
        if info.state is CommitState.FAILED or (finished and info.state is not CommitState.OPEN):
            yield from self.remove_commit(info)
        else:
            yield from self.drop_open((yield from self.behind_alias(self.check_open(info))))
        if commit.branch and not is_expression(commit.branch):
            yield from self.drop_branch(Branch(commit.repo, commit.branch), info, new_branch)

    @abstractmethod
    def drop_open(self, info: CommitInfo) -> Plan[None]:
        """Take away an open commit; see :meth:`drop_commit`."""

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
        infos: list[CommitInfo] = yield self.inspect_commit_set(id, wait=True)
        return [_good(info) for info in infos]

    # what takes several calls

    def find_commits(self, start: Commit, path: str, limit: int) -> Listing[Commit]:
        """Find the commits in which a file was changed, on servers that do not search themselves."""
        history: Call[Any] = self.list_commit(start.repo, start, None, 0)
        return replace(history, read=one(raw), by=partial(self._search, start, path, limit))

    def _search(self, start: Commit, path: str, limit: int) -> Plan[list[Commit]]:
        info: CommitInfo = yield self.inspect_commit(start)
        if not info.state.done:
            raise CommitNotFinished(f"commit {info.commit} is not finished", reference=str(info.commit))
        found: list[Commit] = []
        for each in (yield self.list_commit(start.repo, info.commit, None, 0)):
            if any((yield self.diff_file(each.commit, path, None, path, shallow=False))):
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
        self, commit: Commit, description: str | None, error: str | None, *, wait: bool
    ) -> Plan[CommitInfo | None]:
        """Finish a commit and, if asked, wait until the server has accepted what is in it."""
        yield from self.end_commit(commit, description, error)
        return (yield from self._judgement(commit)) if wait else None

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
        yield self.inspect_repo(branch.repo)
        if from_ is None:
            return Subscription(self.follow(branch, None, state, frozenset()))
        cursor_lost = False
        newest_known = Commit(branch.repo, branch.name)
        try:
            info: CommitInfo = yield self.inspect_commit(from_)
            newest_known = info.commit
        except CommitNotFound:
            cursor_lost = True
        known = yield from self._ancestry(newest_known)
        call = self.follow(branch, None if cursor_lost else newest_known, state, known)
        return Subscription(call, cursor_lost)

    def _ancestry(self, commit: Commit) -> Plan[frozenset[str]]:
        listing: Call[Any] = self.list_commit(commit.repo, commit, None, 0)
        try:
            return frozenset((yield replace(listing, read=_commit_ids)))
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
