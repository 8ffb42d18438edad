"""Archives of files: made piece by piece, and read member by member."""

from __future__ import annotations

import io
import os
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from airflow_provider_pachyderm.client._errors import InvalidRequest, StreamBroken
from airflow_provider_pachyderm.client._local import disk
from airflow_provider_pachyderm.client._local.chunks import CHUNK_SIZE, BinaryFile, check_source, is_file
from airflow_provider_pachyderm.client._local.names import BadNames, check_bad_names, place, say_skipped, unstorable
from airflow_provider_pachyderm.client._local.progress import CountedFile, Transfer
from airflow_provider_pachyderm.client._models import FileInfo, FileType

_T = TypeVar("_T")

# members that say more of the one behind them: its long name, its large size
_EXTENSIONS = (tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK)

_LONGEST_EXTENSION = 1024 * 1024

END = bytes(2 * tarfile.BLOCKSIZE)
"""What closes an archive."""


def header(info: FileInfo) -> bytes:
    """Give what is before a file's content, or all of a directory; named as 2.x servers name them, by absolute path."""
    is_file = info.type is FileType.FILE
    member = tarfile.TarInfo(info.path if is_file else info.path.rstrip("/") + "/")
    member.type = tarfile.REGTYPE if is_file else tarfile.DIRTYPE
    member.mode = 0o644 if is_file else 0o755
    member.size = info.size_bytes if is_file else 0
    return member.tobuf(tarfile.PAX_FORMAT)


def padding(size: int) -> bytes:
    """Give what is behind a file's content of ``size`` bytes."""
    return bytes(-size % tarfile.BLOCKSIZE)


def extension_size(blocks: bytes) -> int:
    """Give how many bytes belong to a header before the next one, if it only goes before another; else 0.

    :param blocks: one header, or several with what belongs to them, of which the last counts.
    """
    last = blocks[-tarfile.BLOCKSIZE :]
    if last[156:157] not in _EXTENSIONS:
        return 0
    size = _parsed(tarfile.TarInfo.frombuf, last, tarfile.ENCODING, "surrogateescape").size
    if not 0 <= size <= _LONGEST_EXTENSION:
        raise StreamBroken(f"the archive is damaged: a header has {size} bytes")
    return size + len(padding(size))


def parse(blocks: bytes) -> tarfile.TarInfo | None:
    """Read a header, with those that go before it; None for the end of an archive.

    :raises StreamBroken: if it is none.
    """
    if not any(blocks):
        return None
    archive = _parsed(tarfile.open, None, "r:", io.BytesIO(blocks + END))
    member = archive.next()
    if member is not None and member.size < 0:
        raise StreamBroken(f"the archive is damaged: a member has {member.size} bytes")
    return member


class Follower:
    """Follows an archive while it passes, to tell at its end whether all of it came."""

    def __init__(self) -> None:
        self._blocks = b""
        self._needed = tarfile.BLOCKSIZE
        self._content = 0
        self._ended = False

    def feed(self, data: memoryview) -> None:
        """Note what came.

        :raises StreamBroken: if it is no archive.
        """
        at = 0
        while at < len(data) and not self._ended:
            skipped = min(self._content, len(data) - at)
            self._content -= skipped
            at += skipped
            part = data[at : at + self._needed - len(self._blocks)]
            self._blocks += part
            at += len(part)
            if len(self._blocks) == self._needed:
                self._header()

    def _header(self) -> None:
        if size := extension_size(self._blocks):
            self._needed += size + tarfile.BLOCKSIZE
            return
        member = parse(self._blocks)
        self._blocks, self._needed = b"", tarfile.BLOCKSIZE
        if member is None:
            self._ended = True
        else:
            self._content = member.size + len(padding(member.size))

    def missing(self) -> str:
        """Say what is missing, if this was all; empty if nothing is."""
        return "" if self._ended else "the archive is incomplete"


def _parsed(read: Callable[..., _T], *arguments: Any) -> _T:
    try:
        return read(*arguments)
    except tarfile.TarError as error:
        raise StreamBroken(f"the archive is damaged: {error}") from error


class Members:
    """The files in an archive, each with its path in PFS and the pieces of its content, to be read before the next.

    :param root: directory in PFS that they go to.
    :param bad_names: what becomes of those whose names PFS cannot store.
    """

    def __init__(self, archive: tarfile.TarFile, root: str, bad_names: BadNames) -> None:
        check_bad_names(bad_names)
        self._archive = archive
        self._root = root
        self._bad_names = bad_names
        self._seen: set[str] = set()
        self._skipped: list[str] = []

    @property
    def count(self) -> int:
        """How many there were so far."""
        return len(self._seen)

    def __iter__(self) -> Iterator[tuple[str, Iterator[bytes]]]:
        while (member := self._next()) is not None:
            if not member.isdir() and (path := self._place(member)) is not None:
                yield path, self._pieces(member)
        say_skipped(self._skipped)

    def _next(self) -> tarfile.TarInfo | None:
        member = self._archive.next()
        self._archive.members = []  # type: ignore[attr-defined]  # it would remember all of them
        return member

    def _place(self, member: tarfile.TarInfo) -> str | None:
        if not member.isreg():
            raise InvalidRequest(f"{member.name} in the archive is a link or a device, which PFS cannot store")
        name = "/".join(segment for segment in member.name.split("/") if segment not in ("", "."))
        path = place(name, self._root, self._bad_names)
        if path is None:
            self._leave_out(name)
        elif path in self._seen:
            raise InvalidRequest(f"{member.name} is in the archive twice")
        else:
            self._seen.add(path)
        return path

    def _leave_out(self, name: str) -> None:
        if self._bad_names == "refuse":
            raise unstorable([name])
        self._skipped.append(name)

    def _pieces(self, member: tarfile.TarInfo) -> Iterator[bytes]:
        content = self._archive.extractfile(member)
        assert content is not None
        while data := content.read(CHUNK_SIZE):
            yield data


@contextmanager
def open_members(
    source: str | os.PathLike[str] | BinaryFile,
    root: str,
    bad_names: BadNames = "refuse",
    transfer: Transfer | None = None,
) -> Iterator[Members]:
    """Open an archive, compressed or not, to be read from front to back.

    :param transfer: counts what is read of it.
    :raises InvalidRequest: if it is no archive.
    """
    if isinstance(source, (str, os.PathLike)):
        with (
            disk.open_file(disk.check_file(Path(source))) as file,
            open_members(file, root, bad_names, transfer) as members,
        ):
            yield members
        return
    check_source(source)
    if not is_file(source):
        raise InvalidRequest(f"an archive must be a path or a binary file, not {type(source).__name__}")
    try:
        counted = CountedFile(source, transfer or Transfer(None))
        with tarfile.open(fileobj=counted, mode="r|*", tarinfo=_Header) as archive:  # type: ignore[call-overload]
            yield Members(archive, root, bad_names)
    except (tarfile.TarError, EOFError) as error:
        raise _broken(error) from error


class _Header(tarfile.TarInfo):
    """A header that has to be one: ``tarfile`` takes an archive that was cut off for one that has ended."""

    @classmethod
    def fromtarfile(cls, archive: tarfile.TarFile) -> _Header:
        try:
            return super().fromtarfile(archive)
        except tarfile.EOFHeaderError:  # type: ignore[attr-defined]
            raise
        except tarfile.HeaderError as error:
            raise _broken(error) from error


def _broken(error: Exception) -> InvalidRequest:
    return InvalidRequest(f"the archive is damaged or incomplete: {error}")
