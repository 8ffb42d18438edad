"""Arguments and results of the client: frozen values, the same for every server, never protobuf."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import TypeAlias

_VERSION = re.compile(r"v?(\d+)\.(\d+)\.(\d+)(.*)")


@dataclass(frozen=True, order=True)
class Version:
    """Version of a Pachyderm server, ordered by its three numbers.

    :param additional: suffix such as ``-rc.1``, which is ignored in comparisons.
    """

    major: int
    minor: int
    micro: int
    additional: str = field(default="", compare=False)

    @classmethod
    def parse(cls, text: str) -> Version:
        """Read ``2.11.6`` or ``v1.13.4-rc.1``.

        :raises ValueError: for anything else.
        """
        match = _VERSION.fullmatch(text.strip())
        if match is None:
            raise ValueError(f"{text!r} is not a version such as 2.11.6")
        major, minor, micro, additional = match.groups()
        return cls(int(major), int(minor), int(micro), additional)

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}.{self.micro}{self.additional}"


class CommitState(Enum):
    """State of a commit. 1.x servers have neither FINISHING nor FAILED."""

    OPEN = "open"
    FINISHING = "finishing"
    FINISHED = "finished"
    FAILED = "failed"

    @property
    def done(self) -> bool:
        """Whether the state is final."""
        return self in (CommitState.FINISHED, CommitState.FAILED)


class OriginKind(Enum):
    """Who made a commit: a user, a change upstream (AUTO), a repair, an alias (2.0 to 2.5)."""

    UNKNOWN = "unknown"
    USER = "user"
    AUTO = "auto"
    FSCK = "fsck"
    ALIAS = "alias"


@dataclass(frozen=True, slots=True)
class WhoAmI:
    """The user that a server takes the client for.

    :param username: with its kind, as ``user:jane@example.com``, ``robot:ci``, ``pach:root``; 1.x: ``github:jane``.
    :param expires: when the token expires; None if never, or if the server does not say.
    """

    username: str
    expires: datetime | None = None


@dataclass(frozen=True, slots=True)
class OidcLogin:
    """A login in progress. Whoever knows it can get the session, so it is not shown in the repr.

    :param url: where the user is to log in.
    :param state: identifies the login; :meth:`PfsClient.authenticate_oidc` takes it.
    """

    url: str = field(repr=False)
    state: str = field(repr=False)


class FileType(Enum):
    """A file or a directory."""

    FILE = "file"
    DIR = "dir"


class FileSetType(Enum):
    """Which files of a commit a file set has: all, or those that the commit changed."""

    TOTAL = "total"
    DIFF = "diff"


class Delimiter(Enum):
    """Where a 1.x server splits the content of a put into many files; NONE: nowhere."""

    NONE = "none"
    JSON = "json"
    LINE = "line"
    SQL = "sql"
    CSV = "csv"


@dataclass(frozen=True, slots=True)
class Repo:
    """A repo. ``str()`` gives ``project/name.type``, without a project if there is none, and without the type ``user``.

    :param project: None on servers before 2.5, which have no projects, and for the default project.
    :param type: ``user``; ``spec`` and ``meta`` belong to pipelines (2.x).
    """

    name: str
    project: str | None = None
    type: str = "user"

    def __str__(self) -> str:
        name = self.name if self.type == "user" else f"{self.name}.{self.type}"
        return f"{self.project}/{name}" if self.project else name


@dataclass(frozen=True, slots=True)
class Branch:
    """A branch of a repo."""

    repo: Repo
    name: str

    def __str__(self) -> str:
        return f"{self.repo}@{self.name}"


@dataclass(frozen=True, slots=True)
class Commit:
    """A reference to a commit: by branch (its head), by ID, or both. ``str()`` returns a text that calls take, too."""

    repo: Repo
    branch: str | None = None
    id: str | None = None

    def __str__(self) -> str:
        return f"{self.repo}@{'='.join(part for part in (self.branch, self.id) if part)}"


@dataclass(frozen=True, slots=True)
class CommitInfo:
    """What a server knows about a commit; times are aware and in UTC.

    :param finishing: when writing ended (2.x), before the server has checked the content.
    :param error: why it failed; empty if it did not.
    :param size_bytes: None while it is not known.
    :param provenance: the commits it was made from.
    """

    commit: Commit
    state: CommitState
    origin: OriginKind = OriginKind.UNKNOWN
    parent: Commit | None = None
    children: tuple[Commit, ...] = ()
    description: str = ""
    started: datetime | None = None
    finishing: datetime | None = None
    finished: datetime | None = None
    error: str = ""
    size_bytes: int | None = None
    provenance: tuple[Commit, ...] = ()


class FileCount(int):
    """How many files were written.

    :param commit: the commit that was made or written to; None if there was nothing to write.
    """

    commit: Commit | None

    def __new__(cls, number: int, commit: Commit | None = None) -> FileCount:
        """Count the files that were written to a commit."""
        count = super().__new__(cls, number)
        count.commit = commit
        return count

    def __repr__(self) -> str:
        return f"{int(self)} ({self.commit})" if self.commit else str(int(self))

    def __str__(self) -> str:
        return str(int(self))

    def __reduce__(self) -> tuple[type[FileCount], tuple[int, Commit | None]]:
        return FileCount, (int(self), self.commit)


@dataclass(frozen=True, slots=True)
class CommitSetInfo:
    """The commits of one change, with all downstream commits that follow from it; they share one ID (2.x)."""

    id: str
    commits: tuple[CommitInfo, ...] = ()


@dataclass(frozen=True, slots=True)
class ProjectInfo:
    """What a server knows about a project (2.5 and later).

    :param created: 2.6 and later.
    """

    name: str
    created: datetime | None = None
    description: str = ""


@dataclass(frozen=True, slots=True)
class TransactionInfo:
    """What a server stores about a transaction that is open or was run.

    :param calls: its calls in order, by the names of the client's functions: ``create_repo``, …
    :param commits: the commits that it starts, in order.
    """

    id: str
    started: datetime | None = None
    calls: tuple[str, ...] = ()
    commits: tuple[Commit, ...] = ()


@dataclass(frozen=True, slots=True)
class RepoInfo:
    """What a server knows about a repo.

    :param size_bytes: size of the head of ``master`` (1.x); of all stored data, or an upper bound of it (2.x).
    """

    repo: Repo
    created: datetime | None = None
    size_bytes: int | None = None
    description: str = ""
    branches: tuple[Branch, ...] = ()


@dataclass(frozen=True, slots=True)
class Trigger:
    """When a server moves a branch to the head of another branch of the repo; checked when a commit there is finished.

    :param branch: name of the other branch.
    :param all: whether all given conditions must hold; otherwise one is enough.
    :param size: size of new data, such as ``100MB``.
    :param commits: number of new commits.
    :param rate_limit_spec: a cron expression: its time has passed since the last move.
    :param cron_spec: a cron expression: at its times, independent of the other conditions (2.6.6 and later).
    """

    branch: str
    all: bool = False
    size: str = ""
    commits: int = 0
    rate_limit_spec: str = ""
    cron_spec: str = ""


@dataclass(frozen=True, slots=True)
class BranchInfo:
    """What a server knows about a branch.

    :param head: None for a branch without commits (1.x only).
    :param provenance: its upstream branches, direct and indirect.
    :param subvenance: its downstream branches, direct and indirect.
    """

    branch: Branch
    head: Commit | None = None
    provenance: tuple[Branch, ...] = ()
    trigger: Trigger | None = None
    subvenance: tuple[Branch, ...] = ()


@dataclass(frozen=True, slots=True)
class FileInfo:
    """A file or a directory of a commit.

    :param path: absolute, without a slash at the end; the root is ``/``.
    :param size_bytes: size; of a directory, of everything below it.
    :param hash: hash of the content; comparable only within one server version.
    """

    commit: Commit
    path: str
    type: FileType
    size_bytes: int = 0
    committed: datetime | None = None
    hash: bytes = b""


FilePair: TypeAlias = "tuple[FileInfo | None, FileInfo | None]"
"""A file as two commits have it, the newer first; None where one has no such file."""


@dataclass(frozen=True, slots=True)
class PathRange:
    """The paths from ``lower`` on and before ``upper``, in the order of their bytes (2.4 and later).

    :param lower: the first path; empty: from the start.
    :param upper: the first path after the range; empty: to the end.
    """

    lower: str = ""
    upper: str = ""


@dataclass(frozen=True, slots=True)
class DownloadedFile:
    """A file that ``download`` wrote."""

    path: str
    local: Path
    size_bytes: int
