"""Files while they are written: beside their place, under names of our own, locked as long as somebody writes.

The lock tells a part that is being written from one that was left: it goes with its process, however that ends.
"""

from __future__ import annotations

import os
import re
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO

_locks: Any
try:
    import fcntl as _locks
except ImportError:  # on Windows: parts are never gone on with there, nor swept
    _locks = None

_OURS = re.compile(r"\..*\.[0-9a-f]{16}\.pachyderm\.part", re.DOTALL)
# as long as it may be with what is put around it, in bytes
_LONGEST_NAME = 150


def part_name(name: str, key: str | None = None) -> str:
    """Name the part of a file.

    :param key: 16 hexadecimal digits, by which a later run finds it again; a random one if None.
    """
    short = os.fsencode(name)[:_LONGEST_NAME].decode(errors="ignore")
    return f".{short}.{key or secrets.token_hex(8)}.pachyderm.part"


class Part:
    """A file that is being written, behind what is there of it already."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self.path = path
        self.size = os.fstat(descriptor).st_size
        self._descriptor = descriptor
        self._turn = threading.Lock()

    def write(self, data: bytes) -> None:
        """Write all of this."""
        rest = memoryview(data)
        with self._turn:
            while rest:
                rest = rest[os.write(self._descriptor, rest) :]
            self.size += len(data)

    def read(self) -> bytes:
        """Give what is there, without moving on."""
        return os.pread(self._descriptor, self.size, 0)

    def file(self) -> BinaryIO:
        """Give it as a file of Python's, to be closed before anything else is done with it."""
        return open(self._descriptor, "wb", closefd=False)

    def restart(self) -> None:
        """Begin anew."""
        os.ftruncate(self._descriptor, 0)
        self.size = 0

    def publish(self, place: Path, mode: int | None, modified: float | None = None) -> None:
        """Give the file its place, in which nothing is lost before the new one is safe."""
        if mode is not None:
            os.fchmod(self._descriptor, mode)
        if modified is not None:
            os.utime(self._descriptor, (modified, modified))
        if os.path.lexists(place):
            os.fsync(self._descriptor)
        os.replace(self.path, place)

    def remove(self) -> None:
        """Take it away."""
        self.path.unlink(missing_ok=True)

    def close(self) -> None:
        """Let go of it, when a write that nobody waits for any more has ended."""
        with self._turn:
            os.close(self._descriptor)
            self._descriptor = -1


@contextmanager
def opened(directory: Path, name: str, key: str | None, *, private: bool = True) -> Iterator[Part]:
    """Open the part of a file: the one that an earlier run has left under this key, or a new one.

    :param key: None if it is not to be found again.
    :param private: only this user may read it; else whoever the umask lets.
    """
    part = _open(directory, name, key, 0o600 if private else 0o666)
    try:
        yield part
    finally:
        part.close()


def _open(directory: Path, name: str, key: str | None, mode: int) -> Part:
    if key is not None and _locks is not None:
        path = directory / part_name(name, key)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW, mode)
        if _locked(path, descriptor):
            return Part(path, descriptor)
        os.close(descriptor)  # somebody else writes it
    path = directory / part_name(name)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC, mode)
    _locked(path, descriptor)
    return Part(path, descriptor)


def _locked(path: Path, descriptor: int) -> bool:
    """Lock a file, unless somebody else has, or has given it another name meanwhile."""
    if _locks is None:
        return False
    try:
        _locks.flock(descriptor, _locks.LOCK_EX | _locks.LOCK_NB)
        return os.path.samestat(os.fstat(descriptor), os.lstat(path))
    except OSError:
        return False


def sweep(directory: Path, keep: frozenset[str] = frozenset()) -> None:
    """Remove the parts in a directory that nobody writes any more.

    :param keep: names of those that are still wanted.
    """
    with suppress(OSError), os.scandir(directory) as entries:
        found = [entry.name for entry in entries if _OURS.fullmatch(entry.name) and entry.name not in keep]
        for name in found:
            with suppress(OSError):
                _remove_if_left(directory / name)


def _remove_if_left(path: Path) -> None:
    descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
    try:
        if _locked(path, descriptor):
            path.unlink()
    finally:
        os.close(descriptor)
