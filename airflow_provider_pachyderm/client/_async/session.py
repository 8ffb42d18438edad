"""One server: its dialect, found out when first needed, and the calls to it."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Callable, Iterable
from functools import partial
from typing import Any, TypeVar, overload

from airflow_provider_pachyderm.client._async.attempts import AsyncAttempts
from airflow_provider_pachyderm.client._async.checking import AsyncCheckedBytes
from airflow_provider_pachyderm.client._async.continuing import AsyncFileBytes
from airflow_provider_pachyderm.client._async.items import (
    AsyncItems,
    AsyncRenewedReplies,
    AsyncReplySource,
    AsyncSettledReplies,
    ready,
)
from airflow_provider_pachyderm.client._async.reader import AsyncFileReader
from airflow_provider_pachyderm.client._async.resuming import (
    AsyncFollowedReplies,
    AsyncResumedReplies,
    Following,
)
from airflow_provider_pachyderm.client._async.sources import encode
from airflow_provider_pachyderm.client._async.unary_calls import AsyncUnaryCalls
from airflow_provider_pachyderm.client._changes import Written
from airflow_provider_pachyderm.client._config import ClientConfig
from airflow_provider_pachyderm.client._dialects.calls import Call, Listing, Pause, Plan, Send
from airflow_provider_pachyderm.client._dialects.choose import ask_version, choose
from airflow_provider_pachyderm.client._dialects.dialect import Dialect
from airflow_provider_pachyderm.client._dialects.downloads import Download
from airflow_provider_pachyderm.client._dialects.uploads import Content, Upload
from airflow_provider_pachyderm.client._errors import (
    DeadlineExceeded,
    NotInTransaction,
    PachydermError,
    StreamBroken,
    StreamStalled,
    TlsFailed,
    Unavailable,
)
from airflow_provider_pachyderm.client._local.chunks import rewinding
from airflow_provider_pachyderm.client._local.progress import Progress, Transfer
from airflow_provider_pachyderm.client._models import Version
from airflow_provider_pachyderm.client._retries import Repeat
from airflow_provider_pachyderm.client._transport.aio import AsyncTransport, at_rest, blocking, iterate, pause
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
        #: what it has written to commits that are open, by id, where that has to be known
        self.written: dict[str, Written] = {}

    @property
    def _calls(self) -> AsyncUnaryCalls:
        # not kept: it and the session would hold each other
        return AsyncUnaryCalls(self._transport, self.dialect, self._find)

    @property
    def in_transaction(self) -> bool:
        """Whether calls are a part of a transaction."""
        return self._transport.metadata.transaction is not None

    @property
    def metadata(self) -> CallMetadata:
        """What every call carries beside its message."""
        return self._transport.metadata

    @property
    def known_version(self) -> Version | None:
        """The server's version, if it was asked for or is given."""
        return self.config.pinned_version if self._dialect is None else self._dialect.capabilities.version

    @property
    def closed(self) -> bool:
        """Whether all connections are closed, for good."""
        return self._transport.closed

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
                f"transaction {id} can only have calls that create or delete a repo or a branch, start or finish a "
                "commit, squash a commit set, or create a pipeline: make this call before or after the transaction",
                reference=f"transaction {id}",
            )

    async def run(
        self, plan: Plan[T], timeout: float | None = None, *, together: bool = False, total: bool = False
    ) -> T:
        """Carry out a plan.

        :param timeout: seconds for each call of it that waits, and for each item of a list that waits.
        :param total: they are for all of it.
        :param together: whether it can be a part of a transaction; what a plan asks for is not what will be then.
        :raises NotInTransaction: if there is a transaction, which it cannot be a part of.
        """
        if not together:
            self.refuse_in_transaction()
        until = time.monotonic() + timeout if total and timeout is not None else None
        return await self._follow(plan, self.config.timeout, timeout, until)

    async def _follow(self, plan: Plan[T], timeout: float, patience: float | None, until: float | None = None) -> T:
        deadline: float | None = None
        try:
            step = next(plan)
            while True:
                if isinstance(step, Pause) and step.first and patience is not None:
                    deadline = time.monotonic() + patience
                try:
                    result = await self._step(
                        step, timeout, patience if until is None else _left(until), deadline, until
                    )
                except PachydermError as error:
                    step = plan.throw(error)
                else:
                    step = plan.send(result)
        except StopIteration as stop:
            value: T = stop.value
            return value

    async def _find(self, plan: Plan[T]) -> T:
        """Carry out what looks whether a call was done, within or outside of a transaction."""
        return await self._follow(plan, self.config.timeout, None)

    def attempts(self, call: Call[Any] | None = None, until: float | None = None) -> AsyncAttempts:
        """Count the attempts at a stream, or at what takes several calls, from its first failure on.

        :param until: when the caller gives up.
        """
        return AsyncAttempts(self._transport, _left(until), lasts=True, waits=call is not None and call.waits)

    async def _step(
        self,
        step: Call[Any] | Listing[Any] | Send | Pause,
        timeout: float,
        patience: float | None,
        deadline: float | None,
        until: float | None,
    ) -> Any:
        if isinstance(step, Pause):
            return await _wait(step, deadline, patience)
        if isinstance(step, Send):
            stall = None if step.waits else self.config.stall_timeout
            await self._calls.connect(Lane.DATA, self.attempts())
            return await self._transport.send(step.method, _each(step.frames), step.about, stall)
        if isinstance(step, Listing):
            return await self._gather(step, patience, until)
        return step.read(await self._calls.make(step, None if step.waits else timeout, patience))

    async def _gather(self, listing: Listing[Any], patience: float | None, until: float | None) -> list[Any]:
        """Read a list to its end; what of it nobody has seen may come in another way the next time."""
        call = listing.source
        assert isinstance(call, Call)  # Listing.all() takes the others for a part of its plan
        attempts = self.attempts(call, until)
        while True:
            try:
                return [item async for item in await self._items(listing, call, patience, until)]
            except (StreamBroken, StreamStalled) as failure:
                if call.waits:  # its silence may last as long as the caller says
                    raise
                await attempts.pause(failure)

    async def _receive(
        self, call: Call[Any], stall: float | None, lane: Lane = Lane.CONTROL, until: float | None = None
    ) -> AsyncReplySource:
        begin = partial(self._begin, call, stall, lane, until)
        replies = await begin()
        if self._calls.rule(call).repeat is not Repeat.SAFE:
            return replies
        # the content of files goes on at the byte where it stopped, where that may be: AsyncFileBytes
        whole, lost = lane is Lane.DATA, (Unavailable,) if call.waits else (Unavailable, StreamStalled)
        return AsyncResumedReplies(replies, begin, partial(self.attempts, call, until), whole=whole, lost=lost)

    async def _begin(
        self, call: Call[Any], stall: float | None, lane: Lane = Lane.CONTROL, until: float | None = None
    ) -> AsyncReplySource:
        open_stream = partial(self._transport.receive, call, stall, lane=lane, timeout=_left(until))
        replies = await open_stream()
        return AsyncRenewedReplies(replies, open_stream) if self.metadata.renews_token else replies

    @overload
    async def open(self, listing: Listing[T]) -> AsyncItems[T]: ...

    @overload
    async def open(self, listing: Download, progress: Progress | None = None) -> AsyncFileReader: ...

    async def open(
        self, listing: Listing[Any] | Download, progress: Progress | None = None
    ) -> AsyncItems[Any] | AsyncFileReader:
        """Open a list, up to its first item, or the content of a file, up to its first bytes.

        A list that follows what happens is opened without waiting for that.

        :param progress: is told of the bytes of a file.
        :raises NotInTransaction: if there is a transaction.
        """
        self.refuse_in_transaction()
        if isinstance(listing, Download):
            return await self._open_file(listing, progress)
        if isinstance(listing.source, Call):
            return await self._items(listing, listing.source, None)
        return await ready(await self._follow(listing.all(), self.config.timeout, None)).start()

    async def _items(
        self, listing: Listing[T], call: Call[Iterable[T]], patience: float | None, until: float | None = None
    ) -> AsyncItems[T]:
        if not call.method.server_streaming:
            reply = await self._calls.make(call, None if call.waits else self.config.timeout, patience)
            return await ready(listing.pick(call.read(reply)), call).start()
        items = AsyncItems(await self._replies(listing, call, patience, until), call.read, listing, call)
        return items if call.waits else await items.start()

    async def _replies(
        self, listing: Listing[Any], call: Call[Any], patience: float | None, until: float | None
    ) -> AsyncReplySource:
        if listing.resume is not None:
            replies = await self._resumed(call, listing.resume)
        else:
            stall = patience if call.waits else self.config.stall_timeout
            replies = await self._receive(call, stall, until=until)
        if listing.settle is None:
            return replies
        settle = listing.settle
        return AsyncSettledReplies(replies, lambda reply: self._follow(settle(reply), self.config.timeout, None))

    async def _resumed(self, call: Call[Any], resume: Callable[[str | None], Plan[Following]]) -> AsyncReplySource:
        begin = partial(self._begin, stall=None)
        return AsyncFollowedReplies(
            await begin(call), lambda last: self.run(resume(last)), begin, partial(self.attempts, call)
        )

    async def _open_file(self, download: Download, progress: Progress | None) -> AsyncFileReader:
        begin = partial(self._receive, stall=self.config.stall_timeout, lane=Lane.DATA)
        came = AsyncFileBytes(await begin(download.call), download, begin, self.attempts)
        content = AsyncCheckedBytes(came, download, self.open, lambda proof: self.run(proof.ask()))
        return await AsyncFileReader(content, Transfer(progress), download.expected, download.call.about).start()

    async def send(self, upload: Upload, contents: Iterable[Content]) -> Any:
        """Send files, one after the other.

        :return: what is read of the reply, where one stream takes all of them.
        """
        if upload.together:
            return await self._send(upload, contents)
        async for content in iterate(contents):
            await self.run(upload.before(content.path))
            await self._send(upload, [content])
        return None

    async def _send(self, upload: Upload, contents: Iterable[Content]) -> Any:
        """Send files in one stream; again from the start, if they can be read again and then replace what came."""
        attempts, rewind = self.attempts(), await blocking(_rewinding, contents)
        stall = None if upload.waits else self.config.stall_timeout
        while True:
            await self._calls.connect(Lane.DATA, self.attempts())
            frames = encode(upload, contents)
            try:
                return upload.read(await self._transport.send(upload.method, frames, upload.about, stall))
            except (Unavailable, StreamStalled) as failure:
                again = upload.again()
                if rewind is None or again is None or isinstance(failure, TlsFailed) or not await at_rest(frames):
                    raise attempts.note(failure) from failure.__cause__
                await attempts.pause(failure)
            await blocking(rewind)
            upload = again
            for content in contents:
                await self.run(upload.before(content.path))

    async def close(self) -> None:
        """Close all connections."""
        await self._transport.close()


def _left(until: float | None) -> float | None:
    return None if until is None else max(0.0, until - time.monotonic())


async def _wait(step: Pause, deadline: float | None, patience: float | None) -> None:
    left = step.seconds if deadline is None else deadline - time.monotonic()
    await pause(max(0.0, min(left, step.seconds)))
    if left < step.seconds:
        text = f"commit {step.about} did not reach the requested state within {patience:g} s"
        raise DeadlineExceeded(text, reference=str(step.about))


def _rewinding(contents: Iterable[Content]) -> Callable[[], None] | None:
    """Give what makes all files ready to be read again; None if one can be read only once."""
    if not isinstance(contents, (list, tuple)):
        return None
    steps = [rewinding(content.source) for content in contents if content.source is not None]
    if not all(steps):
        return None

    def rewind() -> None:
        for step in filter(None, steps):
            step()

    return rewind


async def _each(frames: Iterable[bytes]) -> AsyncGenerator[bytes, None]:
    for frame in frames:
        yield frame
