"""Content of files, kept once per content: named by its hash, on disk or in memory.

A writer takes a stream in pieces of any size in constant memory; nothing of it is visible before ``commit``.
On disk a blob is a plain file ``<2 hex>/<2 hex>/<hash>`` that got its name by a rename, so a killed server
leaves at most a temporary file, which the next one removes. What is read is checked: the size always, and the
bytes whenever a blob is read from its beginning to its end.
"""

from __future__ import annotations

import asyncio
import ctypes
import hashlib
import os
import shutil
import tempfile
import threading
import weakref
from collections.abc import AsyncIterator, Callable, Collection, Iterable
from dataclasses import dataclass
from io import FileIO
from itertools import count
from pathlib import Path
from typing import Any, BinaryIO, Protocol, TypeVar

T = TypeVar("T")

CHUNK = 2 * 1024 * 1024
"""Default size in bytes of the pieces that :meth:`BlobStore.read` yields."""

SHORT, LONG = "sha256", "sha512"
"""Algorithms of the hashes that name content; 1.x tells the long ones."""

_LONG_HEX = 128
_IN_MEMORY = 256 * 1024  # what a writer holds back before it begins a file
_AT_ONCE = 16 * 1024  # up to here a hop to a thread costs more than the work itself


@dataclass(frozen=True)
class Blob:
    """Reference to stored content.

    :param hash: of the content, in hex: SHA-256, and SHA-512 where that names objects (1.x).
    :param size: length of the content in bytes.
    """

    hash: str
    size: int


NOTHING = Blob(hashlib.new(LONG).hexdigest(), 0)
"""No bytes, as 1.x names them; every store has it."""


class DamagedBlob(Exception):
    """Content that is not what was stored; the text says what is wrong with it."""


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

    def read(self, blob: Blob, offset: int = 0, size: int | None = None, chunk: int = CHUNK) -> AsyncIterator[bytes]:
        """Content of a blob in pieces.

        :param offset: bytes to leave out at the start.
        :param size: most bytes to give; None means to the end.
        :param chunk: most bytes a piece.
        :raises DamagedBlob: if it is missing, has another size or, when it is read to its end, other bytes; some may
            have been given by then.
        """

    async def sync(self) -> None:
        """Make sure that what was committed until now is there after a crash of the machine, too."""

    async def sweep(self, used: Callable[[], Collection[str]]) -> int:
        """Forget content that nobody needs any more; what writers have just made stays as long as it is held.

        :param used: gives the hashes of what is needed now.
        :return: how many blobs were removed.
        """


class _Pins:
    """Knows which blobs that a writer has made are still held: nothing in the database may refer to them yet."""

    def __init__(self) -> None:
        self._held: dict[int, str] = {}
        self._numbers = count()

    def pinned(self, blob: Blob) -> Blob:
        number = next(self._numbers)
        self._held[number] = blob.hash
        weakref.finalize(blob, self._held.pop, number).atexit = False
        return blob

    def hashes(self) -> set[str]:
        # a copy first: a blob may be let go meanwhile
        held = list(self._held.values())
        return set(held)


class DirectoryBlobs:
    """Blobs as files below a directory, which is made if needed.

    :param durable: content is on the disk itself when :meth:`sync` returns, not only in the system's memory.
    :param algorithm: of the hashes of new content.
    """

    def __init__(self, path: str | os.PathLike[str], durable: bool = False, algorithm: str = SHORT) -> None:
        self._path = Path(path)
        self.algorithm = algorithm
        self._durable = durable
        self._unsynced = False
        self._syncing = asyncio.Lock()
        self._moving = threading.Lock()
        # while a sweep is under way, the hashes of what it must not take
        self._stored: set[str] | None = None
        self.pins = _Pins()
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
        self, blob: Blob, offset: int = 0, size: int | None = None, chunk: int = CHUNK
    ) -> AsyncIterator[bytes]:
        """See :meth:`BlobStore.read`."""
        if blob == NOTHING:
            return
        rest = max(0, blob.size - offset) if size is None else min(size, max(0, blob.size - offset))
        reading = _Reading(blob, rest == blob.size)
        if rest <= min(chunk, _AT_ONCE):
            with self._opened(blob, offset) as file:
                if data := bytes(reading.into(file, bytearray(rest))):
                    yield data
            reading.check()
            return
        file = await asyncio.to_thread(self._opened, blob, offset)
        with file:
            while rest:
                # memory that a worker thread takes stays with that thread, so the buffer is taken here
                piece = await asyncio.to_thread(reading.into, file, bytearray(min(chunk, rest)))
                rest -= len(piece)
                yield bytes(piece)
        reading.check()

    def _opened(self, blob: Blob, offset: int) -> FileIO:
        try:
            file = self.file_of(blob.hash).open("rb", buffering=0)
        except FileNotFoundError:
            raise DamagedBlob("it is missing from the data folder") from None
        stored = os.fstat(file.fileno()).st_size
        if stored != blob.size:
            file.close()
            raise DamagedBlob(f"the data folder has {stored} bytes of it instead of {blob.size}")
        file.seek(offset)
        return file

    async def sync(self) -> None:
        """See :meth:`BlobStore.sync`."""
        async with self._syncing:  # what another stream is syncing may be ours, too: it is safe only when that is done
            if not (self._durable and self._unsynced):
                return
            self._unsynced = False
            try:
                await asyncio.to_thread(self._sync)
            except BaseException:
                self._unsynced = True
                raise

    def _sync(self) -> None:
        # one call for all the small files of a stream: fsync of each would take as long as the disk turns
        descriptor = os.open(self._path, os.O_RDONLY)
        try:
            library: Any = ctypes.CDLL(None, use_errno=True)
            if not hasattr(library, "syncfs"):
                os.sync()
            elif library.syncfs(descriptor):
                number = ctypes.get_errno()
                raise OSError(number, os.strerror(number))
        finally:
            os.close(descriptor)

    async def sweep(self, used: Callable[[], Collection[str]]) -> int:
        """See :meth:`BlobStore.sweep`."""
        with self._moving:
            self._stored = self.pins.hashes()
        try:
            return await asyncio.to_thread(self._sweep, used())
        finally:
            self._stored = None

    def _sweep(self, used: Collection[str]) -> int:
        removed = 0
        for file in self.files():
            with self._moving:
                # what is stored meanwhile is not among those used
                if file.name not in used and self._stored is not None and file.name not in self._stored:
                    file.unlink(missing_ok=True)
                    removed += 1
        return removed

    def files(self) -> Iterable[Path]:
        """The files of all blobs."""
        return self._path.glob("[0-9a-f][0-9a-f]/[0-9a-f][0-9a-f]/*")

    def store(self, source: str | bytes, hash: str) -> None:
        """Put content in its place.

        :param source: path of a temporary file, which is moved, or the content itself.
        :param hash: its hash.
        """
        target = self.file_of(hash)
        with self._moving:
            if self._stored is not None:
                self._stored.add(hash)
            if isinstance(source, bytes):
                if target.exists() and target.read_bytes() == source:
                    return
                with self.new_file() as file:
                    file.write(source)
                source = file.name
            target.parent.mkdir(parents=True, exist_ok=True)
            # what is there may be damaged: the new one takes its place
            os.replace(source, target)
            self._unsynced = True

    def new_file(self) -> BinaryIO:
        """A temporary file of its own, open for writing."""
        descriptor, name = tempfile.mkstemp(dir=self.temporary)
        os.close(descriptor)
        return open(name, "wb")


class _Reading:
    """One reading of a blob, checked while it goes on.

    :param whole: all of it is read, so that its bytes can be checked at the end.
    """

    def __init__(self, blob: Blob, whole: bool) -> None:
        self._blob = blob
        self._hash = hashlib.new(LONG if len(blob.hash) == _LONG_HEX else SHORT) if whole else None

    def into(self, file: FileIO, buffer: bytearray) -> memoryview:
        """Fill a buffer; what was read, at least a byte of it."""
        data = memoryview(buffer)[: file.readinto(buffer)]
        if not data and buffer:
            raise DamagedBlob(f"it ends before its {self._blob.size} bytes")
        if self._hash is not None:
            self._hash.update(data)
        return data

    def check(self) -> None:
        """See at the end whether these were the bytes that had been stored."""
        if self._hash is not None and self._hash.hexdigest() != self._blob.hash:
            raise DamagedBlob("its bytes are not those that were stored")


class _FileWriter:
    """Holds back a small blob in memory and spills a larger one to a temporary file."""

    def __init__(self, store: DirectoryBlobs) -> None:
        self._store = store
        self._hash = hashlib.new(store.algorithm)
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
            return self._close()
        return await _finished(self._close)

    async def abort(self) -> None:
        if self._file:
            self._file.close()
            Path(self._file.name).unlink(missing_ok=True)

    def _spill(self, data: bytes) -> None:
        self._hash.update(data)
        if self._file is None:
            self._file = self._store.new_file()
        self._file.write(data)

    def _close(self) -> Blob:
        rest = bytes(self._held)
        if self._file is None:
            self._hash.update(rest)
        else:
            self._spill(rest)
            self._file.close()
        blob = self._store.pins.pinned(Blob(self._hash.hexdigest(), self._size))
        self._store.store(rest if self._file is None else self._file.name, blob.hash)
        return blob


class MemoryBlobs:
    """Blobs in a dictionary, for tests.

    :param algorithm: of the hashes of new content.
    """

    def __init__(self, algorithm: str = SHORT) -> None:
        self.algorithm = algorithm
        self.contents: dict[str, bytes] = {}
        self.pins = _Pins()

    def open_writer(self) -> BlobWriter:
        """See :meth:`BlobStore.open_writer`."""
        return _MemoryWriter(self)

    async def read(
        self, blob: Blob, offset: int = 0, size: int | None = None, chunk: int = CHUNK
    ) -> AsyncIterator[bytes]:
        """See :meth:`BlobStore.read`."""
        content = b"" if blob == NOTHING else self.contents[blob.hash]
        end = len(content) if size is None else min(len(content), offset + size)
        for start in range(offset, end, chunk):
            yield content[start : min(start + chunk, end)]

    async def sync(self) -> None:
        """See :meth:`BlobStore.sync`; memory does not outlive a crash."""

    async def sweep(self, used: Callable[[], Collection[str]]) -> int:
        """See :meth:`BlobStore.sweep`."""
        kept = {*used(), *self.pins.hashes()}
        unused = [hash for hash in self.contents if hash not in kept]
        for hash in unused:
            del self.contents[hash]
        return len(unused)


class _MemoryWriter:
    def __init__(self, store: MemoryBlobs) -> None:
        self._store = store
        self._held = bytearray()

    async def write(self, data: bytes) -> None:
        self._held += data

    async def commit(self) -> Blob:
        content = bytes(self._held)
        blob = self._store.pins.pinned(Blob(hashlib.new(self._store.algorithm, content).hexdigest(), len(content)))
        self._store.contents.setdefault(blob.hash, content)
        return blob

    async def abort(self) -> None:
        self._held.clear()


async def _finished(work: Callable[[], T]) -> T:
    """Run in a thread and wait for its end even when cancelled: an abort must not meet a running write."""
    task = asyncio.ensure_future(asyncio.to_thread(work))
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        raise
