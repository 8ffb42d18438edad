"""The engine's values: names, references, what it tells about repos, branches, commits and files."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from airflow_provider_pachyderm.devserver.engine.store.blobs import Blob

DEFAULT_PROJECT = "default"


class Origin(str, Enum):
    """Who started a commit."""

    USER = "USER"
    AUTO = "AUTO"
    FSCK = "FSCK"
    ALIAS = "ALIAS"
    """Another name of its parent, up to 2.5."""


class State(str, Enum):
    """How far a commit is; the order of the members is the order of its life."""

    STARTED = "STARTED"
    READY = "READY"
    FINISHING = "FINISHING"
    FINISHED = "FINISHED"


@dataclass(frozen=True, order=True)
class RepoKey:
    """A repo's full name. Worlds without projects and types keep the defaults."""

    name: str
    project: str = DEFAULT_PROJECT
    type: str = "user"

    @property
    def path(self) -> str:
        """``project/name.type``: the spelling under which it is stored."""
        return f"{self.project}/{self.name}.{self.type}"


SPECS = RepoKey("__spec__")
"""Where 1.x keeps the specs of pipelines; no list shows it, and by itself it makes nothing follow."""


@dataclass(frozen=True, order=True)
class BranchKey:
    """A branch's full name."""

    repo: RepoKey
    name: str

    @property
    def path(self) -> str:
        """``project/repo.type@branch``."""
        return f"{self.repo.path}@{self.name}"

    @property
    def key(self) -> str:
        """``repo/branch``: the key under which etcd has it on 1.x."""
        return f"{self.repo.name}/{self.name}".rstrip("/")

    @property
    def proto(self) -> str:
        """The message of 1.x as Go prints it."""
        return f'repo:<name:"{self.repo.name}" > name:"{self.name}" '


@dataclass(frozen=True, order=True)
class CommitKey:
    """A commit's full name.

    :param branch: in 2.x up to 2.10; up to 2.5 commits of several branches can share an id.
    :param branchless: a file set that is told without a branch, not even one without a name.
    """

    repo: RepoKey
    id: str
    branch: str = ""
    branchless: bool = False


@dataclass(frozen=True)
class CommitRef:
    """A commit as a request names it.

    :param id: 32 hex digits, a branch name, either with an ancestry suffix, or empty (2.x: the branch's head).
    :param branch: 2.x only; ignored where ``id`` is a commit id.
    :param branchless: it was named without a branch, not even one without a name.
    """

    repo: RepoKey
    id: str = ""
    branch: str = ""
    branchless: bool = False


@dataclass(frozen=True)
class CommitLink:
    """A commit named by another one, with the branch it was made on (None after that was deleted in 2.x)."""

    key: CommitKey
    branch: str | None


@dataclass(frozen=True)
class ProjectInfo:
    """A project; times are nanoseconds since 1970 everywhere."""

    name: str
    description: str
    created: int


@dataclass(frozen=True)
class RepoInfo:
    """A repo.

    :param size: bytes of the head of ``master``.
    :param branches: names, newest branch first.
    :param provenance: repos that it is made from (up to 1.6).
    """

    key: RepoKey
    description: str
    created: int
    size: int
    branches: tuple[str, ...]
    provenance: tuple[RepoKey, ...] = ()


@dataclass(frozen=True)
class Trigger:
    """When a branch moves to the head of another one of its repo.

    :param all: when all conditions hold, else when one does.
    :param rate_limit: a cron expression: not more often than that.
    :param cron: a cron expression (2.6.6 and later).
    :param size: bytes that have come, such as ``100MB``.
    :param commits: commits that have come.
    """

    branch: str
    all: bool = False
    rate_limit: str = ""
    cron: str = ""
    size: str = ""
    commits: int = 0


@dataclass(frozen=True)
class BranchInfo:
    """A branch; provenance and subvenance are transitive and exclude the branch itself."""

    key: BranchKey
    head: CommitKey | None
    created: int
    updated: int
    provenance: tuple[BranchKey, ...] = ()
    subvenance: tuple[BranchKey, ...] = ()
    direct_provenance: tuple[BranchKey, ...] = ()
    trigger: Trigger | None = None


@dataclass(frozen=True)
class CommitInfo:
    """A commit.

    :param size: bytes of all its files once finished, else 0.
    :param validated: whether the finisher looked at it (2.x shows times for that).
    :param detailed: whether details are told, be they empty.
    :param provenance: direct in 2.x, transitive in 1.x; subvenance is direct, and only of 2.x.
    :param ranges: what is made from it in 1.x: repo (as it is stored), ids of the oldest and the newest commit.
    :param counted: ranges, finished and failed commits downstream that 1.x counted.
    """

    num: int
    key: CommitKey
    branch: str | None
    parent: CommitKey | None
    children: tuple[CommitLink, ...]
    origin: Origin
    description: str
    started: int
    finishing: int | None
    finished: int | None
    error: str
    size: int
    validated: bool
    detailed: bool
    created: int
    updated: int
    provenance: tuple[CommitLink, ...] = ()
    subvenance: tuple[CommitLink, ...] = ()
    ranges: tuple[tuple[str, str, str], ...] = ()
    counted: tuple[int, int, int] = (0, 0, 0)

    @property
    def is_open(self) -> bool:
        """Whether it still takes changes."""
        return self.finishing is None


@dataclass(frozen=True)
class HeaderFooter:
    """What is read before and behind the files of a directory: each alone, or all that are read in one go."""

    header: Blob | None = None
    footer: Blob | None = None

    def __bool__(self) -> bool:
        return self != HeaderFooter()

    @property
    def size(self) -> int:
        """Bytes of both."""
        return sum(blob.size for blob in (self.header, self.footer) if blob is not None)


NO_HEADER_FOOTER = HeaderFooter()


@dataclass(frozen=True)
class File:
    """What is stored at one path (and datum): pieces in order, one a put (an object of 1.x).

    :param shared: what it shares with others of its directory (1.x splits).
    :param drift: bytes by which 1.x is wrong about its size. An entry of a directory has nothing but this and what its
        files share.
    :param beside: what stands beside it at the same path and datum (2.x), see :class:`Put`; such a commit fails.
    """

    pieces: tuple[Blob, ...] = ()
    shared: HeaderFooter = NO_HEADER_FOOTER
    drift: int = 0
    beside: tuple[tuple[Blob, ...], ...] = ()

    @property
    def objects(self) -> tuple[Blob, ...]:
        """All that is read of it alone."""
        return tuple(filter(None, (self.shared.header, *self.pieces, self.shared.footer)))

    @property
    def size(self) -> int:
        """Bytes of the pieces as they are counted, without what is shared."""
        return sum(piece.size for piece in self.pieces) + self.drift


@dataclass(frozen=True)
class FileInfo:
    """A file or directory of a commit.

    :param path: absolute, without trailing slash; the root is ``/``.
    :param size: a directory's is the sum of all below it.
    :param files: what a file consists of, datum by datum; empty for a directory.
    """

    commit: CommitKey
    path: str
    is_dir: bool
    size: int
    hash: bytes
    committed: int | None
    datum: str = ""
    files: tuple[File, ...] = field(default=(), repr=False)


# What an open commit is told to do, in order. Paths are clean and absolute.


@dataclass(frozen=True)
class Put:
    """Append pieces to a file; no pieces make an empty one.

    :param overwrite: first replace the file from this object on (0: all of it).
    :param sizes: what counts as the sizes of the pieces, if not what they are (1.x copies).
    :param beside: how many contents of that file came before in its stream that it is not joined with (2.x): a copy is
        joined with nothing.
    """

    path: str
    pieces: tuple[Blob, ...] = ()
    datum: str = ""
    overwrite: int | None = None
    sizes: tuple[int, ...] = ()
    beside: int = 0


@dataclass(frozen=True)
class PutSplit:
    """Add each piece as a file of its own, ``path/%016x``, numbered after the last one there (1.x).

    :param shared: also for files of the directory that shared something else before.
    :param sizes: as of :class:`Put`.
    """

    path: str
    pieces: tuple[Blob, ...] = ()
    shared: HeaderFooter = NO_HEADER_FOOTER
    sizes: tuple[int, ...] = ()


@dataclass(frozen=True)
class Delete:
    """Delete a file; in 2.x a directory only if ``path`` ends in a slash, in 1.x whatever is there."""

    path: str
    datum: str = ""


Change = Put | PutSplit | Delete
