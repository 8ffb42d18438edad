"""GetFileTAR of 2.x: the entries of a tree as a tar stream, in constant memory.

Names are absolute, directories end with ``/``; mode, owner and times are zero, as the real servers send them.
"""

from __future__ import annotations

import tarfile
from collections.abc import AsyncIterable, AsyncIterator, Callable
from dataclasses import dataclass

_BLOCK = tarfile.BLOCKSIZE
END = bytes(2 * _BLOCK)
"""What closes an archive."""


@dataclass(frozen=True)
class TarEntry:
    """One file or directory to write.

    :param path: absolute, without a trailing slash; the root is ``"/"``.
    :param size: length of a file's content in bytes; None for a directory.
    :param content: the content in pieces, ``size`` bytes in all; None for a directory.
    """

    path: str
    size: int | None = None
    content: AsyncIterable[bytes] | None = None


def header(path: str, size: int | None) -> bytes:
    """The header blocks of an entry; long names get a PAX header before them.

    :param path: absolute path.
    :param size: length of the file in bytes; None for a directory.
    """
    info = tarfile.TarInfo(path if size is not None else path.rstrip("/") + "/")
    info.mode = 0
    info.size = size or 0
    info.type = tarfile.DIRTYPE if size is None else tarfile.REGTYPE
    return info.tobuf(tarfile.PAX_FORMAT)


async def stream(entries: AsyncIterable[TarEntry]) -> AsyncIterator[bytes]:
    """The archive in pieces; the content of a file is passed on as it comes.

    :param entries: in the order they shall stand in the archive; each content is read to its end before the next.
    """
    async for entry in entries:
        yield header(entry.path, entry.size)
        if entry.size is None or entry.content is None:
            continue
        async for piece in entry.content:
            yield piece
        if entry.size % _BLOCK:
            yield bytes(_BLOCK - entry.size % _BLOCK)
    yield END


async def in_messages(
    pieces: AsyncIterable[bytes], size: int, head: Callable[[int], bytes] = lambda length: b""
) -> AsyncIterator[bytes]:
    """Join and cut pieces so that each but the last has exactly this many bytes.

    :param size: bytes a message.
    :param head: what is put before a message of so many bytes. Messages are large: each is made with one copy only.
    """
    held: list[bytes] = []
    length = 0
    async for piece in pieces:
        while length + len(piece) >= size:
            rest = size - length
            message = b"".join((head(size), *held, piece[:rest]))
            held, length, piece = [], 0, piece[rest:]
            yield message
            del message  # before the next one is made
        if piece:
            held.append(piece)
            length += len(piece)
    if held:
        yield b"".join((head(length), *held))
