"""What a task may put: a local file or directory, or the same in object storage."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from functools import partial
from io import FileIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Literal, Protocol, TypeGuard

from airflow_provider_pachyderm._urls import masked, masked_userinfo
from airflow_provider_pachyderm.client import _paths
from airflow_provider_pachyderm.client._local import disk, names
from airflow_provider_pachyderm.client._local.filters import Filter

if TYPE_CHECKING:
    from airflow_provider_pachyderm.client import Commit, PfsClient
    from airflow_provider_pachyderm.operators._results import Progress

CHUNK_SIZE = 2 * 1024 * 1024
# Protocols of fsspec for the disk of this machine.
_LOCAL = frozenset({"", "file", "local"})


class StoragePath(Protocol):
    """A path like those of ``pathlib``: on the local disk, or in object storage."""

    @property
    def name(self) -> str:
        """The last part of it."""

    @property
    def parent(self) -> StoragePath:
        """The directory that it is in."""

    def open(self, mode: Literal["rb", "wb"]) -> BinaryIO:
        """Open the file."""

    def exists(self) -> bool:
        """Say whether there is anything."""

    def is_dir(self) -> bool:
        """Say whether it is a directory."""

    def iterdir(self) -> Iterator[StoragePath]:
        """List the directory."""

    def joinpath(self, *parts: str) -> StoragePath:
        """Give a path below it."""

    def mkdir(self, *, parents: bool, exist_ok: bool) -> None:
        """Make the directory."""

    def stat(self) -> os.stat_result:
        """Ask for its size."""


@dataclass(frozen=True)
class Choice:
    """Which files of a directory are put, and how.

    :param include: only files that match one of these patterns
    :param exclude: but none that matches one of these
    :param follow_links: also what is behind links to local directories
    :param bad_names: what becomes of files whose names Pachyderm cannot store
    """

    include: str | Iterable[str] = ()
    exclude: str | Iterable[str] = ()
    follow_links: bool = False
    bad_names: names.BadNames = "refuse"

    @property
    def wanted(self) -> Filter:
        """What the patterns say."""
        return Filter(self.include or (), self.exclude or ())


@dataclass(frozen=True)
class Source:
    """Files that were found, and where they go.

    :param files: of each file the path in Pachyderm, and a local path or one of object storage
    """

    files: list[tuple[str, StoragePath]]

    def put(self, client: PfsClient, commit: Commit, progress: Progress, *, append: bool = False) -> None:
        """Put them into an open commit: in one stream, where the server takes one."""
        with ExitStack() as opened, client.modify(commit) as changes:
            for path, file in self.files:
                if is_local(file) and file.is_file():
                    local = opened.enter_context(closing(LocalFile(disk.check_file(file), progress)))
                    changes.put(path, local, append=append)
                else:
                    changes.put(path, progress.counted(_chunks(file)), append=append)

    def contents(self) -> dict[str, Callable[[], Iterator[bytes]]]:
        """Give each path in Pachyderm with what reads the file that goes there."""
        return {path: partial(_chunks, file) for path, file in self.files}


class LocalFile:
    """A file to upload, which counts what is read of it.

    It is opened when its turn comes and closed at its end. The client reads it again if it has to begin anew.
    """

    def __init__(self, local: Path, progress: Progress) -> None:
        self._local = local
        self._progress = progress
        self._file: FileIO | None = None
        self._size_bytes = 0
        self._complete = False

    def read(self, size: int, /) -> bytes:
        """Read on; empty at the end, where the file is closed."""
        if self._file is None:
            self._file = disk.open_file(self._local)
        data = self._file.read(size)
        if data:
            self._size_bytes += len(data)
            self._progress.add(len(data))
        else:
            self._complete = True
            self._progress.files += 1
            self.close()
        return data

    def seekable(self) -> bool:
        """Say that it can be read again."""
        return True

    def tell(self) -> int:
        """Return the position."""
        return self._size_bytes

    def seek(self, start: Literal[0]) -> None:
        """Go back to the start, the only position from which all can be sent again."""
        self.close()
        self._progress.add(-self._size_bytes)
        self._progress.files -= self._complete
        self._size_bytes, self._complete = start, False

    def close(self) -> None:
        """Close it, whether or not all of it was read."""
        if self._file is not None:
            self._file.close()
            self._file = None


def find_source(path: str, source: Any, choice: Choice) -> Source:
    """Find a file, or all files of a directory, before anything starts that waits for them.

    :param path: path in Pachyderm: of the file, or of the directory that the files go to. A file whose path ends in
        a slash keeps its name
    :param source: local path, URL such as ``s3://conn_id@bucket/key``, or any path-like object with ``open()``
    :param choice: which files of a directory
    :raises FileNotFoundError: there is nothing at ``source``
    :raises UnstorableNames: with all names that Pachyderm cannot store
    """
    origin = path_like(source)
    if not origin.exists():
        raise FileNotFoundError(f"source {masked(str(source))!r} does not exist")
    if not origin.is_dir():
        return Source(_one(path, origin, choice.bad_names))
    target = _paths.normalise(path)
    if is_local(origin):
        found: Iterator[tuple[str, StoragePath]] = disk.walk(origin, choice.wanted, follow_links=choice.follow_links)
    else:
        found = _walk(origin, choice.wanted)
    return Source(names.storable(found, target, choice.bad_names))


def _one(path: str, origin: StoragePath, bad_names: names.BadNames) -> list[tuple[str, StoragePath]]:
    if path.endswith("/"):
        return names.storable([(origin.name, origin)], _paths.normalise(path), bad_names)
    return [(_paths.for_writing(path), origin)]


def _chunks(origin: StoragePath) -> Generator[bytes, None, None]:
    # A generator, so that the thread that reads the file closes it: a task that is killed while a read blocks must not
    # wait for that read.
    with closing(origin.open("rb")) as file:
        while data := file.read(CHUNK_SIZE):
            yield data


def path_like(source: Any) -> StoragePath:
    """Return a local path, or a path in object storage when given a URL, with the methods of ``pathlib.Path``.

    :raises ValueError: a URL has a password in it, which Airflow would take for the name of a connection, and show
    """
    if isinstance(source, str) and "://" in source:
        if masked_userinfo(source) != source:
            raise ValueError(f"{masked(source)!r} contains a user or password: write conn_id@ before the host instead")
        from airflow.providers.common.compat.sdk import ObjectStoragePath

        return _local_if_it_is(ObjectStoragePath(source))
    if isinstance(source, str) or not hasattr(source, "open"):
        return Path(source)
    return _local_if_it_is(source)


def _local_if_it_is(path: Any) -> StoragePath:
    """Return the path of this machine's disk that ``file://…`` means: the client has one way for all of these."""
    protocol = getattr(path, "protocol", None)
    return Path(path.path) if isinstance(protocol, str) and protocol in _LOCAL and hasattr(path, "path") else path


def is_local(origin: object) -> TypeGuard[Path]:
    """Say whether a path is one of this machine's, for which the client has faster ways."""
    # Universal paths may derive from pathlib's: what has a protocol is a place elsewhere.
    return isinstance(origin, Path) and not hasattr(origin, "protocol")


def local_uri(place: Any) -> str | None:
    """Return the ``file://`` URI of a local path; object storage reports what it reads and writes by itself."""
    path = path_like(place)
    return path.absolute().as_uri() if is_local(path) else None


def _walk(folder: StoragePath, wanted: Filter, prefix: str = "") -> Iterator[tuple[str, StoragePath]]:
    for entry in sorted(folder.iterdir(), key=str):
        name = f"{prefix}{entry.name}"
        if wanted.excludes(name):
            continue
        if entry.is_dir():
            yield from _walk(entry, wanted, f"{name}/")
        elif wanted.wants(name):
            yield name, entry
