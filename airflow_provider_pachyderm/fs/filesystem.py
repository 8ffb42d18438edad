"""The files of a Pachyderm server as fsspec has them.

Importing this lets every library that takes fsspec's URLs know ``pfs://conn_id@repo/branch/path``.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from weakref import finalize

from fsspec import AbstractFileSystem, register_implementation  # type: ignore[import-untyped]
from fsspec.callbacks import DEFAULT_CALLBACK  # type: ignore[import-untyped]
from fsspec.compression import compr  # type: ignore[import-untyped]
from fsspec.core import get_compression, has_magic  # type: ignore[import-untyped]
from fsspec.implementations.local import LocalFileSystem  # type: ignore[import-untyped]
from fsspec.utils import stringify_path  # type: ignore[import-untyped]

from airflow_provider_pachyderm.client import (
    AlreadyExists,
    BranchHasNoHead,
    Commit,
    CommitNotFinished,
    FileInfo,
    FileNotFound,
    FileType,
    InvalidConfig,
    InvalidRequest,
    IsADirectory,
    PfsClient,
    Repo,
    Unsupported,
)
from airflow_provider_pachyderm.client._local.disk import replacing
from airflow_provider_pachyderm.client._refs import DEFAULT_PROJECT
from airflow_provider_pachyderm.fs._commits import OpenCommits
from airflow_provider_pachyderm.fs._info import Info
from airflow_provider_pachyderm.fs._location import Location, parts_of
from airflow_provider_pachyderm.fs._reading import PachydermReader
from airflow_provider_pachyderm.fs._writing import PachydermPacker, PachydermTextWriter, PachydermWriter
from airflow_provider_pachyderm.hooks.pachyderm import PachydermHook

log = logging.getLogger(__name__)

Paths = str | os.PathLike[str] | list[str]
"""What fsspec takes where there may be several."""
# Files, as they are in finished commits, and where they go.
Moves = list[tuple[Location, FileInfo, Location]]
_TEXT = ("encoding", "errors", "newline")


class PachydermFileSystem(AbstractFileSystem):  # type: ignore[misc]
    """Repos, branches and files as ``repo/branch/path``, those of another project as ``project.repo/branch/path``.

    Instead of a branch, give the ID of a commit. A branch is read at its newest finished commit; its open commit is not
    visible.

    Each written file is a commit on its branch: it is streamed, finished when the file is closed, and dropped when its
    ``with`` block ends in an error. Files that are open at the same time, those of a ``put``, ``copy`` or ``rm``, and
    all those of a ``with fs.transaction`` are one commit. An open commit of another writer is waited for. A file that
    is written under the ID of an open commit goes into that commit, which stays open.

    If a task is killed, its next try drops the commit that was left open before it writes to the same branch.

    Directories exist only while they contain files; creating one does nothing.

    :param conn_id: connection of type ``pachyderm``
    :param project: project of repos that are named without one, instead of the connection's
    """

    protocol = "pfs"

    def __init__(
        self, conn_id: str = PachydermHook.default_conn_name, project: str | None = None, **storage_options: object
    ) -> None:
        super().__init__(**storage_options)
        self._hook = PachydermHook(conn_id, project=project)
        self._client: PfsClient | None = None
        self._pid = 0
        self._commits = OpenCommits()

    @property
    def client(self) -> PfsClient:
        """The client for all calls. Channels do not survive a fork, so each process has its own."""
        if self._client is None or self._pid != os.getpid():
            self._client, self._pid = self._hook.get_conn(), os.getpid()
            finalize(self, self._client.close)
        return self._client

    @property
    def fsid(self) -> str:
        """The server, to tell whether two filesystems are the same."""
        return f"pfs://{self.client.config.target}"

    @property
    def transaction(self) -> AbstractContextManager[None]:
        """All that is written in this ``with`` block is one commit on each branch; if it raises, there is none."""
        return self._commits.together()

    def start_transaction(self) -> None:
        """Begin a transaction without a ``with`` block."""
        self._commits.begin_block()

    def end_transaction(self) -> None:
        """End it and finish its commits."""
        self._commits.end_block()

    def info(self, path: str, **kwargs: object) -> Info:
        """Describe a path: ``name``, ``size`` and ``type``; for a file also ``hash`` and, if known, ``mtime``.

        :raises FileNotFoundError: if it does not exist, or cannot exist by that name
        """
        place = self._place(path)
        with _not_found_if_invalid(place):
            return self._info(place)

    def _info(self, place: Location) -> Info:
        if place.is_file_path:
            return _file_info(place, self._inspect(place))
        if place.is_branch:
            self.client.inspect_branch(place.repo, place.ref)
        elif place.ref:
            self._commit(place)
        elif place.bucket:
            self.client.inspect_repo(place.repo)
        return _directory_info(place)

    def ls(self, path: str, detail: bool = True, **kwargs: object) -> list[Any]:
        """List a directory, the branches of a repo, or the repos of the server.

        :raises FileNotFoundError: if it does not exist, or cannot exist by that name
        """
        place = self._place(path)
        with _not_found_if_invalid(place):
            infos = list(self._listed(place))
        return infos if detail else [info["name"] for info in infos]

    def find(
        self, path: str, maxdepth: int | None = None, withdirs: bool = False, detail: bool = False, **kwargs: object
    ) -> Any:
        """List all files below a directory, with one call."""
        place = self._place(path)
        if not place.ref:
            return super().find(path, maxdepth, withdirs, detail, **kwargs)
        depth = str(place).count("/") + (maxdepth or 0)
        found = {
            info["name"]: info
            for info in self._below(place)
            if (withdirs or info["type"] == "file") and (maxdepth is None or info["name"].count("/") <= depth)
        }
        names = sorted(found)
        return {name: found[name] for name in names} if detail else names

    def walk(
        self, path: str, maxdepth: int | None = None, topdown: bool = True, on_error: object = "omit", **kwargs: object
    ) -> Any:
        """List directories one by one, without those that were deleted meanwhile; a lost server is an error."""
        return super().walk(path, maxdepth, topdown, _omit_missing if on_error == "omit" else on_error, **kwargs)

    def du(
        self, path: str, total: bool = True, maxdepth: int | None = None, withdirs: bool = False, **kwargs: object
    ) -> Any:
        """Add up sizes in bytes."""
        found = self.find(path, maxdepth=maxdepth, withdirs=withdirs, detail=True, **kwargs)
        sizes = {name: info["size"] for name, info in found.items()}
        return sum(sizes.values()) if total else sizes

    def exists(self, path: str, **kwargs: object) -> bool:
        """Return whether it exists."""
        return self._type(path) is not None

    def isdir(self, path: str) -> bool:
        """Return whether it is a directory, a branch or a repo."""
        return self._type(path) == "directory"

    def isfile(self, path: str) -> bool:
        """Return whether it is a file."""
        return self._type(path) == "file"

    def modified(self, path: str) -> datetime | None:
        """Return the time of the commit in which a file was last written."""
        return self._inspect(self._place(path)).committed

    created = modified

    def checksum(self, path: str) -> int:
        """Return the server's hash of a file; comparable only within one server version."""
        return int.from_bytes(self._inspect(self._place(path)).hash, "big")

    def open(
        self,
        path: str,
        mode: str = "rb",
        block_size: int | None = None,
        cache_options: Mapping[str, object] | None = None,
        compression: str | None = None,
        **kwargs: object,
    ) -> Any:
        """Open a file: ``r`` (seekable), ``w``, ``a`` or ``x``, with ``b`` or as text.

        :raises ValueError: if the mode is another one
        """
        if "r" in mode:
            return super().open(path, mode, compression=compression, **kwargs)
        file = self._open(self._strip_protocol(path), mode.replace("t", "").replace("b", "") + "b")
        try:
            packing = get_compression(path, compression)
            binary = PachydermPacker(file, compr[packing]) if packing else file
            if "b" in mode:
                return binary
            text = {key: kwargs[key] for key in _TEXT if key in kwargs}
            return PachydermTextWriter(binary, **text)
        except BaseException:  # as when there is no such encoding
            file.discard()
            raise

    def put(self, lpath: Paths, rpath: Paths, *args: object, **kwargs: object) -> None:
        """Put local files, as one commit.

        :raises IsADirectoryError: if the source is a directory and ``recursive`` is not set
        """
        if not (args[0] if args else kwargs.get("recursive")) and _is_local_directory(lpath):
            raise IsADirectory(f"{lpath} is a directory: give recursive=True to include everything below it")
        with self._commits.together():
            super().put(lpath, rpath, *args, **kwargs)

    def get(self, rpath: Paths, lpath: Paths, *args: object, **kwargs: object) -> None:
        """Get files to the local disk, all from one commit.

        :raises IsADirectoryError: if the source is a directory and ``recursive`` is not set
        """
        self._refuse_directory(rpath, recursive=bool(args[0] if args else kwargs.get("recursive")))
        with self._commits.together():
            super().get(rpath, lpath, *args, **kwargs)

    def pipe(self, path: Paths | Mapping[str, bytes], value: bytes | None = None, **kwargs: object) -> None:
        """Write one file, or several as one commit."""
        with self._commits.together():
            super().pipe(path, value, **kwargs)

    def cat(self, path: Paths, recursive: bool = False, *args: object, **kwargs: object) -> Any:
        """Read files into memory, all from one commit.

        :param recursive: read all files below directories; the result is then a dict
        """
        with self._commits.together():
            if recursive:
                path = [file for place in self.expand_path(path) for file in self.find(place)]
            return super().cat(path, False, *args, **kwargs)

    def copy(self, path1: Paths, path2: Paths, recursive: bool = False, *args: object, **kwargs: object) -> None:
        """Copy files, as one commit. The server does it.

        As always in fsspec, the target goes into an existing directory under its own name. So the same directory copied
        twice is copied into itself the second time, unless the path of the source ends with a slash.

        :param recursive: also directories, with everything below them
        :raises IsADirectoryError: if the source is a directory and ``recursive`` is not set
        """
        if self._is_same(path1, path2):
            return
        self._refuse_directory(path1, recursive=recursive)
        self._say_if_it_nests(path1, path2)
        with self._commits.together():
            super().copy(path1, path2, recursive, *args, **kwargs)

    def cp_file(self, path1: str, path2: str, planned: Moves | None = None, **kwargs: object) -> None:
        """Copy one file; a directory is skipped, as it exists by its files.

        :param planned: only add to this what would be copied, and where to
        """
        source = self._place(path1)
        info = self._inspect(source)
        if info.type is not FileType.FILE:
            return
        target = self._file_place(path2)
        if self._key(source) == self._key(target):
            return
        if planned is not None:
            planned.append((source, info, target))
            return
        with self._commits.writing(self.client, target) as commit:
            self.client.copy_file(info.commit, info.path, commit, target.path)

    def mv(
        self, path1: Paths, path2: Paths, recursive: bool = False, maxdepth: int | None = None, **kwargs: object
    ) -> None:
        """Move files, as one commit on each branch. Moving something to its own path does nothing.

        :param recursive: also directories, with everything below them
        :raises ValueError: if it would be moved into itself
        :raises IsADirectoryError: if the source is a directory and ``recursive`` is not set
        """
        if self._is_same(path1, path2):
            self.info(stringify_path(path1))
            return
        self._refuse_directory(path1, recursive=recursive)
        if isinstance(path1, str) and isinstance(path2, str):
            source, target = self._key(self._place(path1)), self._key(self._place(path2))
            if target.is_below(source):
                raise InvalidRequest(f"pfs://{source} cannot be moved into itself, to pfs://{target}")
        with self._commits.together():
            planned: Moves = []
            super().copy(path1, path2, recursive, maxdepth, on_error="raise", planned=planned)
            self._move(planned)

    def _move(self, planned: Moves) -> None:
        with ExitStack() as stack:
            # What is written to is finished first: should the other branch take no commit, nothing is lost.
            places = [*(target for _, _, target in planned), *(source for source, _, _ in planned)]
            commits = [stack.enter_context(self._commits.writing(self.client, place)) for place in places]
            targets, sources = commits[: len(planned)], commits[len(planned) :]
            for commit in dict.fromkeys(commits):
                with self.client.modify(commit) as changes:
                    # All is copied from finished commits. So what goes may go first, and a copy may come where it was.
                    for (_, info, _), source in zip(planned, sources, strict=True):
                        if source == commit:
                            changes.delete(info.path)
                    for (_, info, to), target in zip(planned, targets, strict=True):
                        if target == commit:
                            changes.copy(info.commit, info.path, to.path)

    def rm(self, path: Paths, recursive: bool = False, maxdepth: int | None = None) -> None:
        """Delete files, as one commit. Earlier commits keep them.

        :param recursive: also directories, with everything below them
        """
        with self._commits.together():
            for each in self.expand_path(path):
                self._remove(each, recursive=recursive)

    def rm_file(self, path: str) -> None:
        """Delete one file."""
        self._remove(path, recursive=False)

    def get_file(
        self, rpath: str, lpath: object, callback: object = DEFAULT_CALLBACK, outfile: object = None, **kwargs: object
    ) -> None:
        """Get one file to the local disk. An existing file is only replaced once the new one is complete."""
        if outfile is not None or not isinstance(lpath, (str, os.PathLike)) or self.isdir(rpath):
            super().get_file(rpath, lpath, callback=callback, outfile=outfile, **kwargs)
            return
        local = Path(lpath)
        local.parent.mkdir(parents=True, exist_ok=True)
        with replacing(local) as file:
            super().get_file(rpath, lpath, callback=callback, outfile=file, **kwargs)

    @classmethod
    def _strip_protocol(cls, path: Any) -> Any:
        if isinstance(path, list):
            return [cls._strip_protocol(each) for each in path]
        # Airflow 2.11 has its paths begin with a slash if it does not know the scheme yet.
        bucket, *rest = parts_of(super()._strip_protocol(path)) or [""]
        # Of "pfs://conn_id@" urllib leaves "pfs:".
        return "/".join(part for part in (bucket.removesuffix(f"{cls.protocol}:").rpartition("@")[2], *rest) if part)

    @staticmethod
    def _get_kwargs_from_urls(path: str) -> dict[str, str]:
        conn_id = stringify_path(path).partition("://")[2].partition("/")[0].rpartition("@")[0]
        return {"conn_id": conn_id} if conn_id else {}

    def _open(self, path: str, mode: str = "rb", **kwargs: object) -> Any:
        place = self._file_place(path)
        if mode == "rb":
            return PachydermReader(self, path, self.client.open_file(self._commit(place), place.path))
        if mode not in ("wb", "ab", "xb"):
            raise ValueError(f"Files in Pachyderm cannot be opened in mode {mode!r}")
        if mode == "xb" and self.exists(path):
            raise AlreadyExists(f"pfs://{path} already exists")
        shared = self._commits.join(self.client, place)
        try:
            return PachydermWriter(self.client, shared, place.path, append=mode == "ab")
        except BaseException:
            shared.leave(failed=True)
            raise

    def _place(self, path: str) -> Location:
        return Location.parse(self._strip_protocol(path))

    def _file_place(self, path: str) -> Location:
        place = self._place(path)
        if not place.is_file_path:
            raise IsADirectory(f"pfs://{place} is not the path of a file: write pfs://repo/branch/path")
        return place

    def _commit(self, place: Location) -> Commit:
        try:
            return self._commits.to_read(self.client, place)
        except (BranchHasNoHead, CommitNotFinished) as error:
            raise FileNotFound(f"pfs://{place} cannot be read yet: {error}") from error

    def _inspect(self, place: Location) -> FileInfo:
        return self.client.inspect_file(self._commit(place), place.path)

    def _type(self, path: str) -> str | None:
        try:
            return self.info(path)["type"]
        except FileNotFoundError:
            return None

    def _listed(self, place: Location) -> Iterator[Info]:
        if not place.bucket:
            for repo in self.client.list_repo():
                yield _directory_info(Location(self._bucket(repo.repo)))
        elif not place.ref:
            for branch in self.client.list_branch(place.repo):
                yield _directory_info(Location(place.bucket, branch.branch.name))
        elif (commit := self._commit_if_any(place)) is not None:
            with self.client.list_file(commit, place.path) as infos:
                for info in infos:
                    yield _file_info(place, info)

    def _commit_if_any(self, place: Location) -> Commit | None:
        try:
            return self._commit(place)
        except FileNotFoundError:
            if place.is_file_path:
                raise
            self.info(str(place))  # a branch without commits is an empty directory
            return None

    def _below(self, place: Location) -> Iterator[Info]:
        try:
            with _not_found_if_invalid(place), self.client.walk_file(self._commit(place), place.path) as infos:
                for info in infos:
                    yield _file_info(place, info)
        except FileNotFoundError:
            return

    def _key(self, place: Location) -> Location:
        """Return the canonical form of a path, to compare it with others."""
        return place.within(self.client.config.project)

    def _is_same(self, one: object, other: object) -> bool:
        if not (isinstance(one, (str, os.PathLike)) and isinstance(other, (str, os.PathLike))):
            return False
        return self._key(self._place(stringify_path(one))) == self._key(self._place(stringify_path(other)))

    def _refuse_directory(self, path: object, *, recursive: bool) -> None:
        """Refuse a directory where files are expected; fsspec would do nothing, silently."""
        if not recursive and isinstance(path, str) and not has_magic(path) and self.isdir(path):
            raise IsADirectory(
                f"pfs://{self._strip_protocol(path)} is a directory: give recursive=True to include everything below it"
            )

    def _say_if_it_nests(self, path1: object, path2: object) -> None:
        """Warn where a directory goes into the target, as that exists: so it does when a copy is made once more."""
        if not (isinstance(path1, str) and isinstance(path2, str)) or has_magic(path1) or path1.endswith("/"):
            return
        if self.isdir(path1) and self.isdir(path2):
            source, target = self._strip_protocol(path1), self._strip_protocol(path2)
            log.warning(
                "pfs://%s exists, so it gets pfs://%s as a directory in it, pfs://%s/%s. To copy what is in the "
                "directory, end the path of the source with a slash: fs.copy(%r, %r, recursive=True)",
                *(target, source, target, source.rpartition("/")[2], f"{source}/", target),
            )

    def _bucket(self, repo: Repo) -> str:
        own = self.client.config.project or DEFAULT_PROJECT
        return repo.name if repo.project in (None, own) else f"{repo.project}.{repo.name}"

    def _remove(self, path: str, *, recursive: bool) -> None:
        place = self._file_place(path)
        if self._inspect(place).type is FileType.DIR and not recursive:
            raise IsADirectory(f"pfs://{place} is a directory")
        with self._commits.writing(self.client, place) as commit:
            self.client.delete_file(commit, place.path)


def _is_local_directory(path: object) -> bool:
    return isinstance(path, (str, os.PathLike)) and os.path.isdir(LocalFileSystem._strip_protocol(path))


def _directory_info(place: Location) -> Info:
    return {"name": str(place), "size": 0, "type": "directory"}


def _file_info(place: Location, info: FileInfo) -> Info:
    here = place.at(info.path)
    if info.type is FileType.DIR:
        return _directory_info(here)
    found: Info = {"name": str(here), "size": info.size_bytes, "type": "file", "hash": info.hash.hex()}
    if info.committed:
        found["mtime"] = info.committed.timestamp()
    return found


@contextmanager
def _not_found_if_invalid(place: Location) -> Iterator[None]:
    """Raise FileNotFound for a path that cannot be that of a file, directory or repo."""
    try:
        yield
    except InvalidConfig:
        raise
    except (InvalidRequest, Unsupported) as error:  # a server without projects has none of their repos
        raise FileNotFound(f"pfs://{place} does not exist: {error}", reference=str(place)) from error


def _omit_missing(error: OSError) -> None:
    if not isinstance(error, FileNotFoundError):
        raise error


# No entry point of fsspec's: of a scheme it has there universal_pathlib before 0.3, as of Airflow 3.1, warns.
register_implementation(PachydermFileSystem.protocol, PachydermFileSystem, clobber=True)
