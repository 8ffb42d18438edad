"""Reading one file, with the attributes that fsspec and its caches expect of an open file."""

from __future__ import annotations

import io
import os
from typing import TYPE_CHECKING, cast

from fsspec.caching import BaseCache  # type: ignore[import-untyped]

from airflow_provider_pachyderm.client._local.file_objects import BUFFER_SIZE, place

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

    from airflow_provider_pachyderm.client._local.file_objects import OpenedFile
    from airflow_provider_pachyderm.fs._info import Info
    from airflow_provider_pachyderm.fs.filesystem import PachydermFileSystem


class _Cached(io.RawIOBase):
    """Reads through a cache, which fsspec's caching filesystems put in place of the one that is there."""

    mode = "rb"

    def __init__(self, opened: OpenedFile) -> None:
        self._opened = opened
        self._source = cast("io.RawIOBase", opened.raw)
        self._position = 0
        self.name = opened.name
        self.size = opened.size
        # It keeps nothing: the buffer above does.
        self.cache: BaseCache = BaseCache(BUFFER_SIZE, self.fetch, opened.size)

    def fetch(self, start: int, end: int) -> bytes:
        """Read from offset ``start`` up to ``end``."""
        pieces = []
        self._source.seek(start)
        while start < end and (piece := self._source.read(end - start)):
            pieces.append(piece)
            start += len(piece)
        return b"".join(pieces)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        if self.closed:
            raise ValueError("the file is closed")
        into = memoryview(buffer).cast("B")
        end = min(self._position + len(into), self.size)
        data: bytes = self.cache._fetch(self._position, end) if self._position < end else b""
        into[: len(data)] = data
        self._position += len(data)
        return len(data)

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        self._position = place(offset, whence, self._position, self.size)
        return self._position

    def tell(self) -> int:
        return self._position

    def close(self) -> None:
        if not self.closed:
            self._opened.close()
        super().close()


class PachydermReader(io.BufferedReader):
    """A file of a finished commit, opened for reading: one of Python's, and one of fsspec's.

    :param fs: what opened it
    :param path: its path there
    :param opened: the client's file
    """

    raw: _Cached

    def __init__(self, fs: PachydermFileSystem, path: str, opened: OpenedFile) -> None:
        super().__init__(_Cached(opened), BUFFER_SIZE)
        self.fs = fs
        self.path = path
        self.size: int = opened.size
        self.blocksize = BUFFER_SIZE
        self._details: Info | None = None

    @property
    def closed(self) -> bool:
        """Whether it was closed; caches set this, too."""
        return self.raw.closed

    @closed.setter
    def closed(self, closed: bool) -> None:
        if closed:
            self.close()

    @property
    def details(self) -> Info:
        """What ``info`` says of the file."""
        if self._details is None:
            self._details = {**self.fs.info(self.path), "size": self.size}
        return self._details

    @property
    def cache(self) -> BaseCache:
        """Where the content comes from."""
        return self.raw.cache

    @cache.setter
    def cache(self, cache: BaseCache) -> None:
        self.raw.cache = cache

    @property
    def loc(self) -> int:
        """The place that is read next."""
        return self.tell()

    @property
    def full_name(self) -> str:
        """The file's URL."""
        return f"{self.fs.protocol}://{self.path}"

    def info(self) -> Info:
        """Describe the file."""
        return self.details

    def readuntil(self, char: bytes = b"\n", blocks: int | None = None) -> bytes:
        """Read up to and with some bytes, or to the end.

        :param blocks: how much is looked at in one go, in bytes
        """
        found, start = b"", self.tell()
        while piece := self.read(blocks or self.blocksize):
            begin = max(0, len(found) - len(char) + 1)
            found += piece
            if (at := found.find(char, begin)) >= 0:
                self.seek(start + at + len(char))
                return found[: at + len(char)]
        return found

    def _fetch_range(self, start: int, end: int) -> bytes:
        return self.raw.fetch(start, end)
