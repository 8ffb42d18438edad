"""Content of files, kept once per content: named by its SHA-256, on disk or in memory.

A writer takes a stream in pieces of any size in constant memory; nothing of it is visible before ``commit``.
On disk a blob is a plain file ``<2 hex>/<2 hex>/<64 hex>`` that got its name by a rename, so a killed server
leaves at most a temporary file, which the next one removes.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from typing import BinaryIO, Protocol

CHUNK = 2 * 1024 * 1024
"""Default size in bytes of the pieces that :meth:`BlobStore.read` yields."""

_IN_MEMORY = 256 * 1024  # what a writer holds back before it begins a file
_AT_ONCE = 16 * 1024  # up to here a hop to a thread costs more than the work itself


@dataclass(frozen=True)
class Blob:
    """Reference to stored content.

    :param hash: SHA-256 of the content, 64 hex digits.
    :param size: length of the content in bytes.
    """

    hash: str
    size: int


class BlobWriter(Protocol):
    """Takes the content of one blob; ends with either ``commit`` or ``abort``."""

    async def write(self, data: bytes) -> None:
        """Add bytes at the end."""

    async def commit(self) -> Blob:
        """Make the blob readable under its hash."""

    async def abort(self) -> None:
        """Forget what was written."""


class BlobStore(Protocol):
    """A place for blobs."""

    def open_writer(self) -> BlobWriter:
        """Begin a blob."""

    def read(self, hash: str, offset: int = 0, size: int | None = None, chunk: int = CHUNK) -> AsyncIterator[bytes]:
        """Content of a blob in pieces.

        :param hash: the blob's hash; an unknown one raises FileNotFoundError.
        :param offset: bytes to leave out at the start.
        :param size: most bytes to give; None means to the end.
        :param chunk: most bytes a piece.
        """


class DirectoryBlobs:
    """Blobs as files below a directory, which is made if needed."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._path = Path(path)
        self.temporary = self._path / "tmp"
        shutil.rmtree(self.temporary, ignore_errors=True)
        self.temporary.mkdir(parents=True)

    def open_writer(self) -> BlobWriter:
        """See :meth:`BlobStore.open_writer`."""
        return _FileWriter(self)

    def file_of(self, hash: str) -> Path:
        """Where the blob of this hash is kept."""
        return self._path / hash[:2] / hash[2:4] / hash

    async def read(
        self, hash: str, offset: int = 0, size: int | None = None, chunk: int = CHUNK
    ) -> AsyncIterator[bytes]:
        """See :meth:`BlobStore.read`."""
        if size is not None and size <= min(chunk, _AT_ONCE):
            with _open_at(self.file_of(hash), offset) as file:
                data = file.read(size)
            if data:
                yield data
            return
        file = await asyncio.to_thread(_open_at, self.file_of(hash), offset)
        try:
            rest = size
            while rest is None or rest > 0:
                wanted = chunk if rest is None else min(chunk, rest)
                # memory that a worker thread takes stays with that thread, so the buffer is taken here
                buffer = bytearray(wanted)
                count = await asyncio.to_thread(file.readinto, buffer)
                if not count:
                    return
                rest = rest if rest is None else rest - count
                yield bytes(memoryview(buffer)[:count])
        finally:
            file.close()

    def store(self, source: str | bytes, hash: str) -> None:
        """Put content in its place, unless it is there.

        :param source: path of a temporary file, which is moved or removed, or the content itself.
        :param hash: its SHA-256.
        """
        target = self.file_of(hash)
        if target.exists():
            if isinstance(source, str):
                os.unlink(source)
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(source, bytes):
            with self.new_file() as file:
                file.write(source)
            source = file.name
        os.replace(source, target)

    def new_file(self) -> BinaryIO:
        """A temporary file of its own, open for writing."""
        descriptor, name = tempfile.mkstemp(dir=self.temporary)
        os.close(descriptor)
        return open(name, "wb")


class _FileWriter:
    """Holds back a small blob in memory and spills a larger one to a temporary file."""

    def __init__(self, store: DirectoryBlobs) -> None:
        self._store = store
        self._hash = hashlib.sha256()
        self._size = 0
        self._held = bytearray()
        self._file: BinaryIO | None = None

    async def write(self, data: bytes) -> None:
        self._held += data
        self._size += len(data)
        if len(self._held) > _IN_MEMORY:
            held, self._held = bytes(self._held), bytearray()
            await _finished(lambda: self._spill(held))

    async def commit(self) -> Blob:
        if self._size <= _AT_ONCE:
            self._close()
        else:
            await _finished(self._close)
        return Blob(self._hash.hexdigest(), self._size)

    async def abort(self) -> None:
        if self._file:
            self._file.close()
            Path(self._file.name).unlink(missing_ok=True)

    def _spill(self, data: bytes) -> None:
        self._hash.update(data)
        if self._file is None:
            self._file = self._store.new_file()
        self._file.write(data)

    def _close(self) -> None:
        if self._file is None:
            self._hash.update(self._held)
            self._store.store(bytes(self._held), self._hash.hexdigest())
        else:
            self._spill(bytes(self._held))
            self._file.close()
            self._store.store(self._file.name, self._hash.hexdigest())


class MemoryBlobs:
    """Blobs in a dictionary, for tests."""

    def __init__(self) -> None:
        self._contents: dict[str, bytes] = {}

    def open_writer(self) -> BlobWriter:
        """See :meth:`BlobStore.open_writer`."""
        return _MemoryWriter(self._contents)

    async def read(
        self, hash: str, offset: int = 0, size: int | None = None, chunk: int = CHUNK
    ) -> AsyncIterator[bytes]:
        """See :meth:`BlobStore.read`."""
        try:
            content = self._contents[hash]
        except KeyError:
            raise FileNotFoundError(f"no blob {hash}") from None
        end = len(content) if size is None else min(len(content), offset + size)
        for start in range(offset, end, chunk):
            yield content[start : min(start + chunk, end)]


class _MemoryWriter:
    def __init__(self, contents: dict[str, bytes]) -> None:
        self._contents = contents
        self._held = bytearray()

    async def write(self, data: bytes) -> None:
        self._held += data

    async def commit(self) -> Blob:
        content = bytes(self._held)
        blob = Blob(hashlib.sha256(content).hexdigest(), len(content))
        self._contents.setdefault(blob.hash, content)
        return blob

    async def abort(self) -> None:
        self._held.clear()


async def _finished(work: Callable[[], None]) -> None:
    """Run in a thread and wait for its end even when cancelled: an abort must not meet a running write."""
    task = asyncio.ensure_future(asyncio.to_thread(work))
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        raise


def _open_at(path: Path, offset: int) -> FileIO:
    file = path.open("rb", buffering=0)
    file.seek(offset)
    return file
