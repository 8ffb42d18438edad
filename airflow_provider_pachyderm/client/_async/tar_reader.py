"""Archives that servers make, read file by file while they come."""

from __future__ import annotations

import tarfile

from airflow_provider_pachyderm.client._async.reader import AsyncFileReader
from airflow_provider_pachyderm.client._errors import StreamBroken
from airflow_provider_pachyderm.client._local import tars
from airflow_provider_pachyderm.client._local.chunks import CHUNK_SIZE


class AsyncTarReader:
    """Goes from member to member with ``next``; iterating gives the content of the one that it is at, in pieces.

    What is not read of a member is skipped. An archive that ends too early, or is none, raises.
    """

    def __init__(self, reader: AsyncFileReader) -> None:
        self._reader = reader
        self._left = 0
        self._padding = 0

    async def next(self) -> tarfile.TarInfo | None:
        """Go to the next member, be it a file or not; None at the end."""
        async for _ in self:
            continue
        await self._exactly(self._padding)
        blocks = await self._exactly(tarfile.BLOCKSIZE)
        while size := tars.extension_size(blocks):
            blocks += await self._exactly(size + tarfile.BLOCKSIZE)
        member = tars.parse(blocks)
        if member is not None:
            self._left, self._padding = member.size, len(tars.padding(member.size))
        return member

    def __aiter__(self) -> AsyncTarReader:
        return self

    async def __anext__(self) -> bytes:
        if not self._left:
            raise StopAsyncIteration
        data = await self._exactly(min(self._left, CHUNK_SIZE))
        self._left -= len(data)
        return data

    async def _exactly(self, size: int) -> bytes:
        data = await self._reader.read(size)
        if len(data) < size:
            raise StreamBroken("the archive is incomplete")
        return data
