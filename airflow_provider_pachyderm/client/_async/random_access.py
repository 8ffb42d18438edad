"""Reading one file at any offset."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from airflow_provider_pachyderm.client._async.reader import AsyncFileReader
from airflow_provider_pachyderm.client._errors import StreamBroken

# A gap so small is read over; more than that and a new call is sooner there.
GAP = 1024 * 1024


class AsyncRandomAccess:
    """Reads any bytes of one file. A read that goes on where the one before ended costs no new call.

    :param size: of the file, in bytes.
    :param begin: opens the file at an offset.
    """

    def __init__(self, size: int, begin: Callable[[int], Awaitable[AsyncFileReader]]) -> None:
        self.size = size
        self._begin = begin
        self._reader: AsyncFileReader | None = None
        self._at: int | None = None

    async def read_at(self, offset: int, size: int) -> bytes:
        """Read ``size`` bytes from ``offset`` on; fewer only at the end of the file.

        :raises StreamBroken: if it is shorter than it was, as files of open commits may become.
        """
        if offset >= self.size or size <= 0:
            return b""
        reader = await self._reader_at(offset)
        data = await reader.read(size)
        self._at = offset + len(data)
        if self._at >= self.size:
            await reader.read(1)  # which raises if its stream goes on
        if len(data) < min(size, self.size - offset):
            raise StreamBroken(f"the file ended at {self._at} of {self.size} bytes: it was changed in an open commit")
        return data

    async def _reader_at(self, offset: int) -> AsyncFileReader:
        # a read that is broken off loses what it had: nobody knows then where the reader is
        at, self._at = self._at, None
        if self._reader is not None and at is not None and 0 <= offset - at <= GAP:
            await self._reader.read(offset - at)
            return self._reader
        await self.close()
        self._reader = await self._begin(offset)
        return self._reader

    async def close(self) -> None:
        """End the open call, if there is one."""
        if self._reader is not None:
            await self._reader.close()
            self._reader = None
