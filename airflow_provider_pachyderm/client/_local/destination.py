"""Where downloads go: places for files of PFS below a local directory, and what becomes of those that are taken.

These functions block.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import stat
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal, TypeAlias, get_args

from airflow_provider_pachyderm.client._capabilities import World
from airflow_provider_pachyderm.client._errors import (
    DiskFull,
    InvalidRequest,
    LocalConflict,
    LocalError,
    LocalNameInvalid,
    LocalPermissionDenied,
    PachydermError,
    StreamStalled,
    Unavailable,
)
from airflow_provider_pachyderm.client._local.digests import is_same
from airflow_provider_pachyderm.client._local.names import listed, unquote_path
from airflow_provider_pachyderm.client._local.parts import Part, opened, part_name, sweep
from airflow_provider_pachyderm.client._local.progress import FileTransfer, Transfer
from airflow_provider_pachyderm.client._models import DownloadedFile, FileInfo

Existing: TypeAlias = Literal["replace", "skip_same", "fail"]
"""What becomes of local files that are there already."""

# what is worth to be kept of a run that was broken off, in bytes
_WORTH_KEEPING = 1024 * 1024
_JOURNAL = "download"
_BOOT = Path("/proc/sys/kernel/random/boot_id")
_KINDS: dict[int, type[LocalError]] = {
    errno.ENOSPC: DiskFull,
    errno.EDQUOT: DiskFull,
    errno.ENAMETOOLONG: LocalNameInvalid,
    errno.EACCES: LocalPermissionDenied,
    errno.EPERM: LocalPermissionDenied,
    errno.EROFS: LocalPermissionDenied,
    errno.ENOTDIR: LocalConflict,
    errno.EISDIR: LocalConflict,
    errno.EEXIST: LocalConflict,
    errno.ENOTEMPTY: LocalConflict,
}


@contextmanager
def local_errors(local: Path) -> Iterator[None]:
    """Raise errors of the operating system as errors of this client."""
    try:
        yield
    except PachydermError:
        raise  # some are OSErrors, too
    except OSError as error:
        kind = _KINDS.get(error.errno or 0, LocalError)
        where = error.filename if isinstance(error.filename, str) else str(local)
        raise kind(f"{where}: {error.strerror or error}", errno=error.errno, filename=where) from error


@dataclass(frozen=True, slots=True)
class WrittenFile:
    """A file that is being written."""

    part: Part
    counted: FileTransfer

    def write(self, data: bytes) -> None:
        """Write some more of it."""
        self.part.write(data)
        self.counted.add(len(data))


class Destination:
    """A local directory that files of one commit are written to.

    :param existing: what becomes of files that are there already.
    :param mode: permissions of the files; None leaves them to the umask.
    :param unquote: undo what ``bad_names="quote"`` has done to names.
    :param commit: names the commit, if it stays as it is, so that a later run can go on with what this one leaves.
    :param transfer: is told how many bytes are to be written, and how many are.
    """

    def __init__(
        self,
        root: str | os.PathLike[str],
        existing: Existing,
        mode: int | None,
        unquote: bool,
        commit: str | None,
        transfer: Transfer | None = None,
    ) -> None:
        self.root = Path(root)
        self._existing = existing
        self._mode = mode
        self._unquote = unquote
        self._commit = commit
        self._transfer = transfer or Transfer(None)
        self._places: dict[str, Path] = {}
        self._journal: _Journal | None = None

    # before anything is read

    def prepare(self, files: Iterable[FileInfo], world: World) -> dict[str, DownloadedFile]:
        """Find a place for each file, and see that all can be written.

        :return: those that are there already, by their paths in PFS.
        :raises LocalError: if one cannot be, with nothing written yet.
        """
        wanted = list(files)
        with local_errors(self.root):
            self.root.mkdir(parents=True, exist_ok=True)
            self._find_places(wanted)
            self._sweep(wanted)
            self._journal = _Journal(self.root, self._key("") if self._commit else None)
            there = {info.path for info in wanted if self._is_there(info, world)}
            missing = [info for info in wanted if info.path not in there]
            self._refuse_what_is_there(missing)
            self._check_room(missing)
        self._transfer.expect(sum(info.size_bytes for info in missing))
        return {
            info.path: DownloadedFile(info.path, self._places[info.path], self._places[info.path].stat().st_size)
            for info in wanted
            if info.path in there
        }

    def _find_places(self, files: list[FileInfo]) -> None:
        taken: dict[Path, str] = {}
        root = self.root.resolve()
        for info in files:
            place = self._place(info.path, root)
            if (other := taken.setdefault(place, info.path)) != info.path:
                raise LocalConflict(f"{other} and {info.path} would both be written to {place}", filename=str(place))
            self._places[info.path] = place

    def _place(self, path: str, root: Path) -> Path:
        segments = path.split("/")[1:]
        names = [unquote_path(segment) for segment in segments] if self._unquote else segments
        for name in names:
            self._check_name(path, name)
        local = self.root.joinpath(*names)
        # before a directory is made: the part of the path that exists may go through a link
        parent = local.parent.resolve()
        if not parent.is_relative_to(root):
            raise InvalidRequest(f"{path} would be written to {parent}, which is outside of {self.root}")
        if len(os.fsencode(local.absolute())) >= _limit(self.root, "PC_PATH_MAX", 4096):
            raise LocalNameInvalid(f"{path} has too long a path below {self.root}", filename=str(local))
        self._check_kind(path, local)
        return local

    def _check_name(self, path: str, name: str) -> None:
        try:
            length = len(os.fsencode(name))
        except UnicodeEncodeError as error:
            raise LocalNameInvalid(f"{path}: {name!r} cannot be encoded as a local file name") from error
        if length > _limit(self.root, "PC_NAME_MAX", 255):
            raise LocalNameInvalid(f"{path}: {name[:40]!r}… is too long for a local file name ({length} bytes)")
        if "\0" in name or "/" in name or name in ("", ".", ".."):
            raise LocalNameInvalid(f"{path}: {name!r} cannot be a local file name")

    def _check_kind(self, path: str, local: Path) -> None:
        if local.is_dir() and not local.is_symlink():
            raise LocalConflict(f"{path} is a file, but {local} is a directory", filename=str(local))
        for parent in local.parents:
            if parent == self.root:
                return
            if os.path.lexists(parent) and not parent.is_dir():
                raise LocalConflict(f"{path} needs the directory {parent}, but that is a file", filename=str(parent))

    def _sweep(self, files: list[FileInfo]) -> None:
        keep = {part_name(_JOURNAL, self._key(""))} if self._commit else set()
        keep.update(part_name(self._places[info.path].name, self._part_key(info)) for info in files if self._commit)
        for directory in {self.root, *(place.parent for place in self._places.values())}:
            sweep(directory, frozenset(keep))

    def _is_there(self, info: FileInfo, world: World) -> bool:
        assert self._journal is not None
        place = self._places[info.path]
        if self._journal.knows(info.path, place):
            return True
        if self._existing != "skip_same" or not place.is_file():
            return False
        same = is_same(place, info.size_bytes, info.hash, world)
        return _was_saved_of(place, info) if same is None else same

    def _refuse_what_is_there(self, files: list[FileInfo]) -> None:
        taken = [str(self._places[info.path]) for info in files if os.path.lexists(self._places[info.path])]
        if self._existing == "fail" and taken:
            raise LocalConflict(f"these files already exist: {listed(taken)}", errno=errno.EEXIST, filename=taken[0])

    def _check_room(self, files: list[FileInfo]) -> None:
        needed = sum(info.size_bytes for info in files) - sum(map(self._begun, files))
        free = shutil.disk_usage(self.root).free
        if needed > free:
            raise DiskFull(
                f"{self.root} has {free} bytes of free space, but {needed} are needed",
                errno=errno.ENOSPC,
                filename=str(self.root),
            )

    def _begun(self, info: FileInfo) -> int:
        if self._commit is None:
            return 0
        place = self._places[info.path]
        with suppress(OSError):
            return place.with_name(part_name(place.name, self._part_key(info))).stat().st_size
        return 0

    # while it is read

    @contextmanager
    def writing(self, info: FileInfo, *, goes_on: bool) -> Iterator[WrittenFile]:
        """Write a file, which gets its place when the block has ended well.

        :param goes_on: behind what an earlier run has left of it; else from its start.
        """
        place = self._places[info.path]
        with local_errors(place), ExitStack() as stack:
            place.parent.mkdir(parents=True, exist_ok=True)
            key = self._part_key(info) if goes_on and self._commit else None
            part = stack.enter_context(opened(place.parent, place.name, key, private=self._mode is not None))
            if part.size > info.size_bytes:
                part.restart()
            counted = stack.enter_context(self._transfer.file(info.path, str(place), info.size_bytes))
            counted.add(part.size)
            try:
                yield WrittenFile(part, counted)
                self._publish(part, place, info)
            except BaseException as failure:
                if key is None or part.size < _WORTH_KEEPING or not _may_go_on(failure):
                    part.remove()
                raise

    def _publish(self, part: Part, place: Path, info: FileInfo) -> None:
        assert self._journal is not None
        if self._existing == "fail" and os.path.lexists(place):
            raise LocalConflict(f"{place} already exists", errno=errno.EEXIST, filename=str(place))
        modified = info.committed.timestamp() if info.committed else None
        part.publish(place, self._mode, modified)
        self._journal.note(info.path, place)

    def saved(self, info: FileInfo, size: int) -> DownloadedFile:
        """Tell of a file that was written."""
        return DownloadedFile(info.path, self._places[info.path], size)

    def close(self, *, complete: bool) -> None:
        """End the run.

        :param complete: all is there; else what is worth it is kept for a later run.
        """
        if self._journal is not None:
            self._journal.close(keep=not complete)

    def _part_key(self, info: FileInfo) -> str:
        return self._key(f"{info.path}\0{info.size_bytes}\0{info.hash.hex()}")

    def _key(self, what: str) -> str:
        return hashlib.sha256(f"{self._commit}\0{_boot()}\0{what}".encode()).hexdigest()[:16]


class _Journal:
    """What a run has finished, for a later one that goes on with it."""

    def __init__(self, root: Path, key: str | None) -> None:
        self._stack = ExitStack()
        self._finished: dict[str, list[int]] = {}
        self._bytes = 0
        self._part = self._stack.enter_context(opened(root, _JOURNAL, key)) if key else None
        if self._part is not None:
            self._read(self._part.read())

    def _read(self, data: bytes) -> None:
        for line in data.split(b"\n"):
            # the last one may have been cut off
            with suppress(ValueError):
                path, *what = json.loads(line)
                self._finished[path] = what

    def knows(self, path: str, place: Path) -> bool:
        """Whether a file was finished and is still there as it was."""
        if path not in self._finished or not place.is_file():
            return False
        known = self._finished[path] == _state(place)
        self._bytes += place.stat().st_size if known else 0
        return known

    def note(self, path: str, place: Path) -> None:
        """Note that a file is finished."""
        if self._part is not None:
            state = _state(place)
            self._part.write(json.dumps([path, *state]).encode() + b"\n")
            self._bytes += state[0]

    def close(self, *, keep: bool) -> None:
        if self._part is not None and not (keep and self._bytes >= _WORTH_KEEPING):
            self._part.remove()
        self._stack.close()


def check_existing(existing: str) -> None:
    """Refuse what is none of the choices."""
    if existing not in get_args(Existing):
        raise InvalidRequest(f"existing must be 'replace', 'skip_same' or 'fail', not {existing!r}")


def check_mode(mode: int | None) -> None:
    """Refuse what are no permissions."""
    if mode is not None and mode not in range(0o1000):
        raise InvalidRequest(f"mode must be a number such as 0o644, or None for what the umask allows, not {mode!r}")


def _may_go_on(failure: BaseException) -> bool:
    """Say whether what came before a failure is as good as it is: not if the server itself took it for all."""
    if isinstance(failure, StreamStalled) or not isinstance(failure, Exception):
        return True
    return isinstance(failure, Unavailable) and bool(failure.status)


def _was_saved_of(place: Path, info: FileInfo) -> bool:
    """Say whether a file of the right size is of that commit, as its time says."""
    return info.committed is not None and abs(place.stat().st_mtime - info.committed.timestamp()) < 0.001


def _state(place: Path) -> list[int]:
    status = place.stat()
    return [status.st_size, status.st_mtime_ns, status.st_ino] if stat.S_ISREG(status.st_mode) else []


def _limit(root: Path, name: str, otherwise: int) -> int:
    try:
        return os.pathconf(root, name)
    except (OSError, ValueError, AttributeError):
        return otherwise


@cache
def _boot() -> str:
    """Name this run of the machine: what was written before it went down may not have reached the disk."""
    try:
        return _BOOT.read_text()
    except OSError:
        return ""
