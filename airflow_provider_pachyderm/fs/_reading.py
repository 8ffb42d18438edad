"""Reading one file: streamed from its start on, and from anywhere else after a seek."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from airflow_provider_pachyderm.client import FileInfo, FileReader, PfsClient

CHUNK_SIZE = 2 * 1024 * 1024


class _Download(io.RawIOBase):
    def __init__(self, client: PfsClient, info: FileInfo) -> None:
        super().__init__()
        self._client = client
        self._info = info
        self._position = 0
        self._stream: FileReader | None = None

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        if self._position >= self._info.size_bytes:
            return 0
        if self._stream is None:
            self._stream = self._client.get_file(self._info.commit, self._info.path, self._position)
        count = self._stream.readinto(buffer)
        self._position += count
        return count

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._info.size_bytes}[whence]
        position = start + offset
        if position < 0:
            raise ValueError(f"Cannot seek to {position}, before the start of {self._info.path}")
        if position != self._position:
            self._end_stream()
            self._position = position
        return position

    def tell(self) -> int:
        return self._position

    def close(self) -> None:
        self._end_stream()
        super().close()

    def _end_stream(self) -> None:
        if self._stream is not None:
            self._stream.close()
            self._stream = None


class PachydermReader(io.BufferedReader):
    """A file of a commit, opened for reading. A broken stream is an error, never the end of the file.

    :param client: the client to use
    :param info: the file; its commit has an id, so that all is read from the same one
    """

    def __init__(self, client: PfsClient, info: FileInfo) -> None:
        super().__init__(_Download(client, info), CHUNK_SIZE)
        self.size = info.size_bytes
