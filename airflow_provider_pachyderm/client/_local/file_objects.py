"""Seekable files of PFS: as Python's own binary files, and with ``await``."""

from __future__ import annotations

import asyncio
import io
import os
from types import TracebackType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from airflow_provider_pachyderm.client._async.random_access import AsyncRandomAccess
    from airflow_provider_pachyderm.client._sync.random_access import RandomAccess

BUFFER_SIZE = 1024 * 1024


class OpenedFile(io.BufferedReader):
    """A binary file for reading, like that of ``open(path, "rb")``: buffered, seekable, iterable by lines.

    Users of such a file, for instance ``zipfile``, ``tarfile``, pandas and pyarrow, read only the parts that they need.
    Its ``size`` is in bytes.
    """

    def __init__(self, content: RandomAccess, name: str) -> None:
        super().__init__(_Raw(content, name), BUFFER_SIZE)
        self.size: int = content.size

    def __repr__(self) -> str:
        return _shown(self)


class _Raw(io.RawIOBase):
    def __init__(self, content: RandomAccess, name: str) -> None:
        self._content = content
        self._position = 0
        self.name = name

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        if self.closed:
            raise ValueError("the file is closed")
        data = self._content.read_at(self._position, len(buffer))
        buffer[: len(data)] = data
        self._position += len(data)
        return len(data)

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        self._position = place(offset, whence, self._position, self._content.size)
        return self._position

    def tell(self) -> int:
        return self._position

    def close(self) -> None:
        if not self.closed:
            self._content.close()
        super().close()


class AsyncOpenedFile:
    """A seekable binary file to read with ``await``. It is also a context manager, which closes it.

    Its ``size`` is in bytes.
    """

    def __init__(self, content: AsyncRandomAccess, name: str) -> None:
        self.name = name
        self.size: int = content.size
        self._content = content
        self._position = 0
        self._closed = False
        self._one_at_a_time = asyncio.Lock()

    def __repr__(self) -> str:
        return _shown(self)

    @property
    def closed(self) -> bool:
        """Whether it is closed."""
        return self._closed

    async def read(self, size: int = -1) -> bytes:
        """Read ``size`` bytes, or all that is left if it is negative; fewer only at the end of the file."""
        async with self._one_at_a_time:
            if self._closed:
                raise ValueError("the file is closed")
            wanted = max(0, self._content.size - self._position) if size < 0 else size
            data = await self._content.read_at(self._position, wanted)
            self._position += len(data)
            return data

    async def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        """Change the position, like :meth:`io.IOBase.seek`; returns the new one."""
        self._position = place(offset, whence, self._position, self._content.size)
        return self._position

    def tell(self) -> int:
        """Return the position, in bytes from the start."""
        return self._position

    async def close(self) -> None:
        """End the open call, if there is one."""
        self._closed = True
        await self._content.close()

    async def __aenter__(self) -> AsyncOpenedFile:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()


def _shown(file: OpenedFile | AsyncOpenedFile) -> str:
    state = "closed" if file.closed else f"at {file.tell()} of {file.size} bytes"
    return f"<{type(file).__name__} {file.name}: {state}>"


def place(offset: int, whence: int, position: int, size: int) -> int:
    """Find the place that a ``seek`` means.

    :raises ValueError: if it is before the start, or ``whence`` is none of the three.
    """
    starts = {os.SEEK_SET: 0, os.SEEK_CUR: position, os.SEEK_END: size}
    if whence not in starts:
        raise ValueError(f"whence must be 0, 1 or 2, not {whence}")
    target = starts[whence] + offset
    if target < 0:
        raise ValueError(f"negative seek position {target}")
    return target
