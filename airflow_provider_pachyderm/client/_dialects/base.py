"""What a dialect is: it turns values into calls and replies into values. No channel, no await, no clock.

What takes several calls is a *plan*: a generator that yields calls, gets their results sent in (errors thrown in)
and returns its own. One plan serves the sync client, the async client and the tests.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from typing import Any, Generic, TypeAlias, TypeVar

from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from google.protobuf.wrappers_pb2 import BytesValue

from airflow_provider_pachyderm._wire.method import Method
from airflow_provider_pachyderm.client._capabilities import Capabilities, Feature
from airflow_provider_pachyderm.client._dialects.uploads import Split, Upload
from airflow_provider_pachyderm.client._errors import (
    BranchHasNoHead,
    BranchNotFound,
    CommitFailed,
    CommitFinished,
    CommitNotFound,
    Conflict,
    FileNotFound,
    PachydermError,
    PathConflict,
    classify,
)
from airflow_provider_pachyderm.client._models import (
    Branch,
    BranchInfo,
    Commit,
    CommitInfo,
    CommitState,
    FileInfo,
    FilePair,
    Repo,
    RepoInfo,
)
from airflow_provider_pachyderm.client._order import PathOrder
from airflow_provider_pachyderm.client._refs import is_expression

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Call(Generic[T]):
    """One call: what to send and how to read the answer.

    :param read: makes the value of a reply; of a listing: the items of a reply, be it one of many or the only one.
    :param about: the repo, commit or file, for error texts.
    :param retry: whether it may be repeated when the server was not reached.
    :param waits: whether the server may take as long as it likes to answer.
    :param limit: cut a listing after so many items.
    :param absent: what to raise when a listing has no items.
    :param order: makes what puts a listing of paths in order, where the server's is another one.
    :param by: a plan that gives the reply instead, or the replies of a listing, as this server needs several calls.
    :param settle: a call that gives what to read instead of a reply of a listing, if that came too early.
    """

    method: Method[Any, Any]
    request: Message
    read: Callable[[Any], T]
    about: object = ""
    retry: bool = False
    waits: bool = False
    limit: int | None = None
    absent: Callable[[], Exception] | None = None
    order: Callable[[], PathOrder[Any]] | None = None
    by: Callable[[], Plan[Any]] | None = None
    settle: Callable[[Any], Call[Any] | None] | None = None


@dataclass(frozen=True, slots=True)
class Send:
    """One call that sends a stream of encoded messages and gets an empty reply."""

    method: Method[Any, Any]
    frames: tuple[bytes, ...]
    about: object = ""


@dataclass(frozen=True, slots=True)
class Pause:
    """Nothing to do for some seconds; a plan that waits for something asks again after it.

    :param about: what it waits for.
    """

    seconds: float
    about: object


Listing: TypeAlias = "Call[Iterable[T]]"
Plan: TypeAlias = "Generator[Call[Any] | Send | Pause, Any, T]"


@dataclass(frozen=True, slots=True)
class Download:
    """How to read one file.

    :param expected: how many bytes must come, if the end of the stream alone does not prove that all came.
    :param limit: how many bytes are wanted; the server may send more.
    :param skip: how many bytes come before those that are wanted.
    """

    call: Call[bytes]
    expected: int | None = None
    limit: int | None = None
    skip: int = 0


@dataclass(frozen=True, slots=True)
class Subscription:
    """How to follow a branch.

    :param cursor_lost: the commit to start after is gone, so this starts at the head.
    """

    call: Listing[CommitInfo]
    cursor_lost: bool = False


class Dialect(ABC):
    """One protocol as one server version speaks it. Chosen once per client; everything is delegated to it."""

    def __init__(self, capabilities: Capabilities) -> None:
        self.capabilities = capabilities

    # repos

    @abstractmethod
    def create_repo(self, repo: Repo, description: str | None, *, update: bool) -> Call[None]: ...

    @abstractmethod
    def inspect_repo(self, repo: Repo) -> Call[RepoInfo]: ...

    @abstractmethod
    def list_repo(self, project: str | None) -> Listing[RepoInfo]: ...

    @abstractmethod
    def delete_repo(self, repo: Repo, *, force: bool) -> Call[None]: ...

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

    # branches

    @abstractmethod
    def create_branch(self, branch: Branch, head: Commit | None, provenance: Sequence[Branch] = ()) -> Call[None]: ...

    @abstractmethod
    def inspect_branch(self, branch: Branch) -> Call[BranchInfo]: ...

    @abstractmethod
    def list_branch(self, repo: Repo) -> Listing[BranchInfo]: ...

    @abstractmethod
    def delete_branch(self, branch: Branch, *, force: bool) -> Call[None]: ...

    # commits

    @abstractmethod
    def start_commit(self, branch: Branch, parent: Commit | None, description: str | None) -> Call[Commit]: ...

    @abstractmethod
    def close_commit(self, commit: Commit, description: str | None, error: str | None) -> Call[None]:
        """FinishCommit itself; see :meth:`finish_commit`."""

    @abstractmethod
    def inspect_commit(self, commit: Commit, wait: CommitState | None = None) -> Call[CommitInfo]: ...

    @abstractmethod
    def list_commit(self, repo: Repo, to: Commit | None, from_: Commit | None, number: int) -> Listing[CommitInfo]: ...

    @abstractmethod
    def follow(
        self, branch: Branch, from_: Commit | None, state: CommitState, skip: frozenset[str]
    ) -> Listing[CommitInfo]:
        """SubscribeCommit itself, without the commits in ``skip``; see :meth:`subscribe_commit`."""

    @abstractmethod
    def drop_commit(self, commit: Commit) -> Plan[None]: ...

    @abstractmethod
    def delete_commit(self, commit: Commit) -> Plan[None]: ...

    @abstractmethod
    def downstream(self, commits: Sequence[Commit], repos: Sequence[Repo]) -> Plan[list[CommitInfo]]:
        """Wait for what is made from all of these finished commits; see :meth:`flush_commit`."""

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
        try:
            yield self.close_commit(commit, description, error)
        except CommitFinished as refusal:
            # the attempt before this one got through, only its answer was lost
            if refusal.attempts == 1:
                raise
        return (yield from self.wait_commit(commit)) if wait else None

    def wait_commit(self, commit: Commit) -> Plan[CommitInfo]:
        """Wait for the end of a commit, which must be a good one."""
        info: CommitInfo = yield self.inspect_commit(commit, CommitState.FINISHED)
        if info.state is CommitState.FAILED:
            kind = PathConflict if classify("", info.error) is PathConflict else CommitFailed
            raise kind(f"commit {info.commit} failed: {info.error}", server_text=info.error, reference=str(info.commit))
        return info

    def open_commit(self, commit: Commit) -> Plan[CommitInfo]:
        """Inspect a commit that must be open."""
        info = yield from self.existing_commit(commit)
        if info.state is not CommitState.OPEN:
            raise CommitFinished(f"commit {info.commit} has already finished", reference=str(info.commit))
        return info

    def existing_commit(self, commit: Commit) -> Plan[CommitInfo]:
        """Inspect a commit, which must be the one that was asked for if it was asked for by id."""
        info: CommitInfo = yield self.inspect_commit(commit)
        if commit.id and not is_expression(commit.id) and info.commit.id != commit.id:
            raise CommitNotFound(f"commit {commit} not found", reference=str(commit))
        return info

    def writable(self, commit: Commit) -> Plan[Commit]:
        """Make sure that a write goes where it is meant to.

        A branch may be missing, open or finished: servers take a write to it as it is, as a commit of its own if need
        be. But an id that does not exist (any more) must not turn into such a commit on a branch.
        """
        if commit.id is None and not is_expression(commit.branch or ""):
            return commit
        info = yield from self.open_commit(commit)
        return Commit(commit.repo, info.commit.branch, info.commit.id)

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

    # files

    @abstractmethod
    def upload(
        self, commit: Commit, path: str, *, append: bool, tree: bool = False, split: Split | None = None
    ) -> Plan[Upload]:
        """Prepare to write the file ``path``, or files below it.

        :param tree: whether ``path`` is a directory.
        :param split: how the server is to make many files of it, always behind those that are there.
        """

    @abstractmethod
    def copy(self, source: FileInfo, target: Commit, path: str, *, append: bool) -> Call[None] | Send:
        """CopyFile itself; see :meth:`copy_file`."""

    def copy_file(self, source: Commit, source_path: str, commit: Commit, path: str, *, append: bool) -> Plan[None]:
        """Copy a file or a directory. Most servers take a missing one for done, so it is looked for first."""
        info: FileInfo = yield self.inspect_file(source, source_path)
        target = yield from self.writable(commit)
        yield self.copy(info, target, path, append=append)

    @abstractmethod
    def download(
        self, commit: Commit, path: str, offset: int = 0, size: int = 0, *, known: FileInfo | None = None
    ) -> Plan[Download]:
        """Prepare to read one file.

        :param size: 0 for all from ``offset`` on.
        :param known: what the server has just said of the file, to spare asking again.
        """

    @abstractmethod
    def inspect_file(self, commit: Commit, path: str) -> Call[FileInfo]: ...

    @abstractmethod
    def list_file(self, commit: Commit, path: str) -> Listing[FileInfo]: ...

    @abstractmethod
    def walk_file(self, commit: Commit, path: str) -> Listing[FileInfo]: ...

    @abstractmethod
    def glob_file(self, commit: Commit, pattern: str) -> Listing[FileInfo]: ...

    @abstractmethod
    def diff_file(
        self, new: Commit, new_path: str, old: Commit | None, old_path: str, *, shallow: bool
    ) -> Listing[FilePair]:
        """Compare two commits.

        :param old: the parent of ``new`` if None.
        """

    @abstractmethod
    def delete_file(self, commit: Commit, path: str) -> Plan[None]: ...


def _commit_ids(reply: Any) -> Iterator[str]:
    """Read the ids of a reply that is one commit, or a list of them (1.4 to 1.6)."""
    return (info.commit.id for info in getattr(reply, "commit_info", (reply,)))


def raw(reply: Any) -> Any:
    """Leave a reply as it is, for a plan that gathers replies."""
    return reply


def forgiving(call: Call[None], kind: type[PachydermError]) -> Call[None]:
    """Make a call for which an error means that there was nothing left to do."""

    def attempt() -> Plan[None]:
        try:
            yield call
        except kind:
            return

    return replace(call, by=attempt)


def nothing(reply: object) -> None:
    """Read a reply that says nothing."""


def one(read: Callable[[Any], T]) -> Callable[[Any], Iterable[T]]:
    """Make the reader of a listing whose replies are one item each."""
    return lambda reply: (read(reply),)


def file_absent(commit: Commit, path: str) -> Callable[[], Exception] | None:
    """Make the error for an empty listing: only the root can be empty, any other directory then does not exist."""
    if path == "/":
        return None
    return lambda: FileNotFound(f"{path} not found in {commit}", reference=f"{commit}:{path}")


def known_branch(commit: Commit | None) -> str | None:
    """Name the branch a commit was asked for by, if it is one."""
    branch = None if commit is None else commit.branch
    return branch if branch and not is_expression(branch) else None


def read_time(message: Message, field: str) -> datetime | None:
    """Read a time that may be unset."""
    if not message.HasField(field):
        return None
    stamp: Timestamp = getattr(message, field)
    return stamp.ToDatetime(tzinfo=timezone.utc)


def read_bytes(reply: BytesValue) -> bytes:
    """Read a part of a file."""
    return reply.value
