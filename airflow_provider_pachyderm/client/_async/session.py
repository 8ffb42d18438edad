"""One server: its dialect, found out when first needed, and the calls to it."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from airflow_provider_pachyderm.client._async.items import (
    AsyncItems,
    AsyncReadyReplies,
    AsyncRenewedReplies,
    AsyncReplySource,
    AsyncSettledReplies,
)
from airflow_provider_pachyderm.client._async.reader import AsyncFileReader
from airflow_provider_pachyderm.client._async.sources import encode, encode_changes
from airflow_provider_pachyderm.client._chunks import AsyncSource
from airflow_provider_pachyderm.client._config import ClientConfig
from airflow_provider_pachyderm.client._dialects import ask_version, choose
from airflow_provider_pachyderm.client._dialects.base import Dialect
from airflow_provider_pachyderm.client._dialects.calls import Call, Download, Listing, Pause, Plan, Send
from airflow_provider_pachyderm.client._dialects.changes import Changes
from airflow_provider_pachyderm.client._dialects.transactions import TOGETHER, TRANSACTION_SERVICES
from airflow_provider_pachyderm.client._dialects.uploads import Fetch, Upload
from airflow_provider_pachyderm.client._errors import (
    DeadlineExceeded,
    NotInTransaction,
    PachydermError,
    Unauthenticated,
)
from airflow_provider_pachyderm.client._models import Version
from airflow_provider_pachyderm.client._transport.aio import AsyncTransport, iterate, pause
from airflow_provider_pachyderm.client._transport.base import silent_server
from airflow_provider_pachyderm.client._transport.metadata import CallMetadata
from airflow_provider_pachyderm.client._transport.pool import Lane

T = TypeVar("T")


class AsyncSession:
    """Carries out what a dialect plans."""

    def __init__(self, config: ClientConfig) -> None:
        self.config = config
        self._transport = AsyncTransport(config)
        self._dialect: Dialect | None = None
        #: the commits that this client has started and not ended, by id: whether their branch was made with them
        self.started: dict[str, bool] = {}

    @property
    def in_transaction(self) -> bool:
        """Whether calls are a part of a transaction."""
        return self._transport.metadata.transaction is not None

    @property
    def metadata(self) -> CallMetadata:
        """What every call carries beside its message."""
        return self._transport.metadata

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

    def refuse_in_transaction(self) -> None:
        """Refuse what cannot wait for the end of the transaction that there may be.

        :raises NotInTransaction: if there is one.
        """
        id = self._transport.metadata.transaction
        if id is not None:
            raise NotInTransaction(
                f"in transaction {id} there can be only calls that create or delete a repo or a branch, start or "
                "finish a commit, or squash a commit set: make this call before the transaction or after it",
                reference=f"transaction {id}",
            )

    async def call(self, call: Call[T], timeout: float | None = None) -> T:
        """Make one call.

        :param timeout: seconds; if None, the default, and no limit for a call that waits.
        :raises NotInTransaction: if there is a transaction, which it cannot be a part of.
        """
        if call.method.name not in TOGETHER and call.method.service not in TRANSACTION_SERVICES:
            self.refuse_in_transaction()
        return await self._call(call, self.config.timeout, timeout)

    async def run(self, plan: Plan[T], timeout: float | None = None, *, together: bool = False) -> T:
        """Carry out a plan.

        :param timeout: seconds for each call of it that waits.
        :param together: whether it can be a part of a transaction; what a plan asks for is not what will be then.
        :raises NotInTransaction: if there is a transaction, which it cannot be a part of.
        """
        if not together:
            self.refuse_in_transaction()
        return await self._follow(plan, self.config.timeout, timeout)

    async def _follow(self, plan: Plan[T], timeout: float, patience: float | None) -> T:
        deadline = None if patience is None else time.monotonic() + patience
        try:
            step = next(plan)
            while True:
                try:
                    result = await self._step(step, timeout, patience, deadline)
                except PachydermError as error:
                    step = plan.throw(error)
                else:
                    step = plan.send(result)
        except StopIteration as stop:
            value: T = stop.value
            return value

    async def _step(
        self, step: Call[Any] | Send | Pause, timeout: float, patience: float | None, deadline: float | None
    ) -> Any:
        if isinstance(step, Pause):
            return await _wait(step, deadline)
        if isinstance(step, Send):
            return await self._transport.send(step.method, _each(step.frames), step.about, self.config.stall_timeout)
        if step.method.server_streaming:
            return [item async for item in await self._open(step, patience)]
        return await self._call(step, timeout, patience)

    async def _call(self, call: Call[T], timeout: float, patience: float | None) -> T:
        if call.by is not None:
            value: T = _read(call, await self._follow(call.by(), timeout, patience))
            return value
        return call.read(await self._unary(call, patience if call.waits else patience or timeout))

    async def _unary(self, call: Call[Any], timeout: float | None) -> Any:
        """Make a call with one reply, once more if its token is refused and is made anew for each call."""
        try:
            return await self._transport.unary(call, timeout)
        except Unauthenticated:
            if not self.metadata.renews_token:
                raise
        return await self._transport.unary(call, timeout)

    async def _receive(self, call: Call[Any], stall: float | None, lane: Lane = Lane.CONTROL) -> AsyncReplySource:
        open_stream = partial(self._transport.receive, call, stall, lane=lane)
        replies = await open_stream()
        return AsyncRenewedReplies(replies, open_stream) if self.metadata.renews_token else replies

    async def open(self, listing: Listing[T], patience: float | None = None) -> AsyncItems[T]:
        """Open a list, up to its first item; one that follows what happens, without waiting for that.

        :param patience: longest silence of one that waits, in seconds.
        :raises NotInTransaction: if there is a transaction.
        """
        self.refuse_in_transaction()
        return await self._open(listing, patience)

    async def _open(self, listing: Listing[T], patience: float | None = None) -> AsyncItems[T]:
        if listing.by is not None:
            given: Iterable[Any] = await self._follow(listing.by(), self.config.timeout, None)
            return await AsyncItems(listing, AsyncReadyReplies(given)).start()
        if not listing.method.server_streaming:
            reply = await self._unary(listing, patience if listing.waits else self.config.timeout)
            return await AsyncItems(listing, AsyncReadyReplies([reply])).start()
        stall = patience if listing.waits else self.config.stall_timeout
        replies = await self._receive(listing, stall)
        if listing.settle is not None:
            replies = AsyncSettledReplies(replies, self._settler(listing.settle))
        items = AsyncItems(listing, replies)
        return items if listing.waits else await items.start()

    def _settler(self, settle: Callable[[Any], Call[Any] | None]) -> Callable[[Any], Awaitable[Any]]:
        async def make_sure(reply: Any) -> Any:
            call = settle(reply)
            return reply if call is None else await self._call(call, self.config.timeout, None)

        return make_sure

    async def read(self, download: Download) -> AsyncFileReader:
        """Open a file, up to its first bytes."""
        self.refuse_in_transaction()
        replies = await self._receive(download.call, self.config.stall_timeout, Lane.DATA)
        return await AsyncFileReader(download, replies).start()

    async def upload(self, upload: Upload, files: Iterable[tuple[str, AsyncSource | Path]]) -> None:
        """Send files, one after the other."""
        if upload.together:
            await self._send(upload, files)
        else:
            async for file in iterate(files):
                await self.run(upload.before(file[0]))
                await self._send(upload, [file])

    async def _send(self, upload: Upload, files: Iterable[tuple[str, AsyncSource | Path]]) -> None:
        await self._transport.send(upload.method, encode(upload, files), upload.about, self.config.stall_timeout)

    async def upload_url(self, upload: Upload, path: str, wanted: Fetch) -> None:
        """Make the server fetch a file, however long it takes."""
        await self.run(upload.before(path))
        frames = [*upload.opening(), *upload.url(path, wanted)]
        await self._transport.send(upload.method, _each(frames), upload.about, None)

    async def change(self, changes: Changes) -> Any:
        """Send many changes in one stream.

        :return: what is read of the reply.
        """
        upload = changes.upload
        stall = None if changes.waits else self.config.stall_timeout
        return changes.read(await self._transport.send(upload.method, encode_changes(changes), upload.about, stall))

    async def close(self) -> None:
        """Close all connections."""
        await self._transport.close()


async def _wait(step: Pause, deadline: float | None) -> None:
    left = step.seconds if deadline is None else deadline - time.monotonic()
    await pause(max(0.0, min(left, step.seconds)))
    if left < step.seconds:
        raise DeadlineExceeded(f"{step.about}: not so far in the time given", reference=str(step.about))


def _read(call: Call[Any], reply: Any) -> Any:
    """Read what a plan gave in place of a reply, or of the replies of a listing."""
    if isinstance(reply, list):
        return [item for each in reply for item in call.read(each)]
    return call.read(reply)


async def _each(frames: Iterable[bytes]) -> AsyncGenerator[bytes, None]:
    for frame in frames:
        yield frame
