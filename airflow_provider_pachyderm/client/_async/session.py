"""One server: its dialect, found out when first needed, and the calls to it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable
from pathlib import Path
from typing import Any, TypeVar

from airflow_provider_pachyderm.client._async.items import AsyncItems, AsyncOneReply
from airflow_provider_pachyderm.client._async.reader import AsyncFileReader
from airflow_provider_pachyderm.client._async.sources import encode
from airflow_provider_pachyderm.client._chunks import AsyncSource
from airflow_provider_pachyderm.client._config import ClientConfig
from airflow_provider_pachyderm.client._dialects import ask_version, choose
from airflow_provider_pachyderm.client._dialects.base import Call, Dialect, Download, Listing, Plan, Send
from airflow_provider_pachyderm.client._dialects.uploads import Upload
from airflow_provider_pachyderm.client._errors import DeadlineExceeded, PachydermError
from airflow_provider_pachyderm.client._models import Version
from airflow_provider_pachyderm.client._transport.aio import AsyncTransport
from airflow_provider_pachyderm.client._transport.base import silent_server
from airflow_provider_pachyderm.client._transport.pool import Lane

T = TypeVar("T")


class AsyncSession:
    """Carries out what a dialect plans."""

    def __init__(self, config: ClientConfig) -> None:
        self.config = config
        self._transport = AsyncTransport(config)
        self._dialect: Dialect | None = None

    async def version(self) -> Version:
        """Give the server's version."""
        return (await self.dialect()).capabilities.version

    async def dialect(self) -> Dialect:
        """Give the dialect for the server; the first call asks for its version, unless the configuration says it."""
        if self._dialect is None:
            self._dialect = choose(self.config.pinned_version or await self._ask_version())
        return self._dialect

    async def _ask_version(self) -> Version:
        try:
            return await self._follow(ask_version(), self.config.connect_timeout, None)
        except DeadlineExceeded as error:
            raise silent_server(self.config, error) from error

    async def call(self, call: Call[T], timeout: float | None = None) -> T:
        """Make one call.

        :param timeout: seconds; if None, the default, and no limit for a call that waits.
        """
        return await self._call(call, self.config.timeout, timeout)

    async def run(self, plan: Plan[T], timeout: float | None = None) -> T:
        """Carry out a plan.

        :param timeout: seconds for each call of it that waits.
        """
        return await self._follow(plan, self.config.timeout, timeout)

    async def _follow(self, plan: Plan[T], timeout: float, patience: float | None) -> T:
        try:
            step = next(plan)
            while True:
                try:
                    result = await self._step(step, timeout, patience)
                except PachydermError as error:
                    step = plan.throw(error)
                else:
                    step = plan.send(result)
        except StopIteration as stop:
            value: T = stop.value
            return value

    async def _step(self, step: Call[Any] | Send, timeout: float, patience: float | None) -> Any:
        if isinstance(step, Send):
            return await self._transport.send(step.method, _each(step.frames), step.about, self.config.stall_timeout)
        if step.method.server_streaming:
            return [item async for item in await self.open(step)]
        return await self._call(step, timeout, patience)

    async def _call(self, call: Call[T], timeout: float, patience: float | None) -> T:
        return call.read(await self._transport.unary(call, patience if call.waits else patience or timeout))

    async def open(self, listing: Listing[T]) -> AsyncItems[T]:
        """Open a list, up to its first item; one that follows what happens, without waiting for that."""
        if not listing.method.server_streaming:
            reply = await self._transport.unary(listing, self.config.timeout)
            return await AsyncItems(listing, AsyncOneReply(reply)).start()
        stall = None if listing.waits else self.config.stall_timeout
        items = AsyncItems(listing, await self._transport.receive(listing, stall))
        return items if listing.waits else await items.start()

    async def read(self, download: Download) -> AsyncFileReader:
        """Open a file, up to its first bytes."""
        replies = await self._transport.receive(download.call, self.config.stall_timeout, lane=Lane.DATA)
        return await AsyncFileReader(download, replies).start()

    async def upload(self, upload: Upload, files: list[tuple[str, AsyncSource | Path]]) -> None:
        """Send files, one after the other."""
        await self._transport.send(upload.method, encode(upload, files), upload.about, self.config.stall_timeout)

    async def upload_url(self, upload: Upload, frames: Iterable[bytes]) -> None:
        """Make the server fetch a file, however long it takes."""
        await self._transport.send(upload.method, _each([*upload.opening(), *frames]), upload.about, None)

    async def close(self) -> None:
        """Close all connections."""
        await self._transport.close()


async def _each(frames: Iterable[bytes]) -> AsyncGenerator[bytes, None]:
    for frame in frames:
        yield frame
