"""The transport of the async client, on grpc.aio. It lives in one event loop."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import (
    AsyncGenerator,
    AsyncIterable,
    AsyncIterator,
    Awaitable,
    Callable,
    Iterable,
    Iterator,
    Sequence,
)
from contextlib import aclosing, suppress
from typing import Any, TypeVar

import grpc
import grpc.aio

from airflow_provider_pachyderm._wire.method import Method
from airflow_provider_pachyderm.client._config import ClientConfig
from airflow_provider_pachyderm.client._dialects.calls import Call
from airflow_provider_pachyderm.client._errors import ClientClosed, PachydermError
from airflow_provider_pachyderm.client._transport.base import (
    CONNECTS_WITHIN,
    ENDS_WITHIN,
    answered,
    channel_credentials,
    channel_options,
    error_from,
    only_reply,
    reply_parser,
    silent,
    stalled,
)
from airflow_provider_pachyderm.client._transport.metadata import CallMetadata
from airflow_provider_pachyderm.client._transport.pool import ChannelPool, Lane, Slot

T = TypeVar("T")
R = TypeVar("R")
_END = object()


async def pause(seconds: float) -> None:
    """Sleep."""
    await asyncio.sleep(seconds)


async def at_rest(frames: Any) -> bool:
    """Say whether the frames of a source are no longer read, once the call that sent them has ended."""
    return not frames.ag_running


async def blocking(function: Callable[..., T], *args: Any) -> T:
    """Call what may block for a while, in a thread."""
    return await asyncio.to_thread(function, *args)


async def iterate(items: Iterable[T] | AsyncIterable[T]) -> AsyncIterator[T]:
    """Iterate over what the caller gave, async or not; what is not may block, so it runs in a thread."""
    if isinstance(items, AsyncIterable):
        async for item in items:
            yield item
        return
    if isinstance(items, (list, tuple)):
        for item in items:
            yield item
        return
    iterator = iter(items)
    while (each := await asyncio.to_thread(_next, iterator)) is not _END:
        yield each  # type: ignore[misc]


async def side_by_side(work: Callable[[T], Awaitable[R]], items: Sequence[T], parallel: int) -> list[R]:
    """Call a function for each item, with so many at a time; the results are in the order of the items.

    What one raises is raised here, when those under way are done; others are not begun then.
    """
    waiting = enumerate(items)
    results: dict[int, R] = {}

    async def one_by_one() -> None:
        try:
            for number, item in waiting:
                results[number] = await work(item)
        except BaseException:
            deque(waiting, maxlen=0)
            raise

    tasks = [asyncio.create_task(one_by_one()) for _ in range(max(1, min(parallel, len(items))))]
    try:
        await asyncio.wait(tasks)
    except asyncio.CancelledError:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        raise
    failures = [failure for task in tasks if (failure := task.exception())]
    if failures:
        raise failures[0]
    return [results[number] for number in range(len(items))]


async def unbroken(work: Callable[[], Awaitable[T]], take_back: Callable[[T, BaseException], Awaitable[None]]) -> T:
    """Do something to its end, also when the task is cancelled meanwhile: what came of it is taken back then.

    It gets :data:`ENDS_WITHIN` seconds for that. A call that is cancelled may have been carried out, and nobody knows.
    """
    task = asyncio.ensure_future(work())
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError as error:
        await asyncio.wait([task], timeout=ENDS_WITHIN)
        if not task.done():
            task.cancel()
        elif not task.cancelled() and task.exception() is None:
            await take_back(task.result(), error)
        raise


def _next(iterator: Iterator[T]) -> T | object:
    return next(iterator, _END)


class AsyncTransport:
    """Makes calls to one server, from the event loop that made the first one."""

    def __init__(self, config: ClientConfig) -> None:
        self.config = config
        self.metadata = CallMetadata(config)
        self.reached = False
        # a channel of grpc.aio that nobody holds closes itself
        self._pool: ChannelPool[grpc.aio.Channel] = ChannelPool(config.target, self._connect, lambda channel: None)
        self._pauses: set[asyncio.Future[None]] = set()
        self._loop: asyncio.AbstractEventLoop | None = None

    def _connect(self, lane: Lane) -> grpc.aio.Channel:
        options = channel_options(self.config)
        credentials = channel_credentials(self.config)
        if credentials is None:
            return grpc.aio.insecure_channel(self.config.target, options)
        return grpc.aio.secure_channel(self.config.target, credentials, options)

    def _acquire(self, lane: Lane) -> Slot[grpc.aio.Channel]:
        loop = asyncio.get_running_loop()
        if self._loop is None:
            self._loop = loop
        elif self._loop is not loop:
            raise ClientClosed(f"this client of {self.config.target} belongs to another event loop")
        return self._pool.acquire(lane)

    @property
    def closed(self) -> bool:
        """Whether there will be no more calls."""
        return self._pool.closed

    async def unary(self, call: Call[Any], timeout: float | None, *, lane: Lane = Lane.CONTROL) -> Any:
        """Make a call with one reply.

        :param timeout: in seconds, or None.
        """
        metadata = self.metadata()  # asks the caller's function, which may raise
        slot = self._acquire(lane)
        try:
            invoke = slot.channel.unary_unary(
                call.method.path,
                request_serializer=call.method.request_type.SerializeToString,
                response_deserializer=call.method.reply_type.FromString,
            )
            reply = await invoke(call.request, timeout=timeout, metadata=metadata)
            self.reached = True
            return only_reply(reply, call.method.path, call.about)
        except asyncio.CancelledError:
            self.explain(None, call.method, call.about, slot)
            raise
        except grpc.RpcError as error:
            if silent(error.code(), waits=call.waits):
                self._pool.retire(slot)
            raise self.failure(error.code(), error.details(), call.method, call.about, slot) from None
        finally:
            self._pool.release(slot)

    async def connects(self, lane: Lane) -> bool:
        """Say whether the next call has a connection; a failing one is not waited for long."""
        slot = self._acquire(lane)
        if slot.channel.get_state(try_to_connect=True) is grpc.ChannelConnectivity.READY:
            self._pool.release(slot)
            return True
        ready = asyncio.ensure_future(slot.channel.channel_ready())
        try:
            return bool((await asyncio.wait([ready], timeout=CONNECTS_WITHIN))[0])
        finally:
            ready.cancel()
            self._pool.release(slot)

    async def pause(self, seconds: float) -> None:
        """Do nothing for a while, unless the client is closed.

        :raises ClientClosed: if it is.
        """
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        alarm = woken.get_loop().call_later(seconds, _wake, woken)
        self._pauses.add(woken)
        try:
            await woken
        finally:
            alarm.cancel()
            self._pauses.discard(woken)
        if self._pool.closed:
            raise self._pool.closed_error()

    async def receive(
        self, call: Call[Any], stall: float | None, *, lane: Lane = Lane.CONTROL, timeout: float | None = None
    ) -> AsyncReplies:
        """Open a stream of replies.

        :param stall: seconds without a message after which it counts as broken, or None.
        :param timeout: seconds for all of it, or None.
        """
        metadata = self.metadata()  # asks the caller's function, which may raise
        slot = self._acquire(lane)
        invoke: Any = slot.channel.unary_stream if call.more is None else slot.channel.stream_stream
        begin = invoke(
            call.method.path,
            request_serializer=call.method.request_type.SerializeToString,
            response_deserializer=reply_parser(call.method),
        )
        if call.more is not None:
            rpc = begin(timeout=timeout, metadata=metadata)
            return AsyncBatches(self, call, rpc, slot, _StallTimer(stall, rpc.cancel))
        rpc = begin(call.request, timeout=timeout, metadata=metadata)
        return AsyncReplies(self, call, rpc, slot, _StallTimer(stall, rpc.cancel))

    async def send(
        self, method: Method[Any, Any], frames: AsyncGenerator[bytes, None], about: object, stall: float | None
    ) -> Any:
        """Send a stream of encoded messages, and give the reply.

        :param frames: pulled as the server takes them; what this raises is raised here, and the call is cancelled.
        :param stall: seconds without progress after which it counts as broken, or None.
        """
        metadata = self.metadata()
        slot = self._acquire(Lane.DATA)
        invoke: Any = slot.channel.stream_unary(method.path, response_deserializer=method.reply_type.FromString)
        rpc = invoke(metadata=metadata)
        sending = _Sending(self, rpc, method, about, slot, _StallTimer(stall, rpc.cancel))
        try:
            async with aclosing(frames):
                async for frame in frames:
                    await sending.write(frame)
            return await sending.finish()
        finally:
            sending.end()
            self._pool.release(slot)

    def finished(self, slot: Slot[grpc.aio.Channel]) -> None:
        """Note that a stream ended."""
        self._pool.release(slot)

    def failure(
        self,
        code: grpc.StatusCode,
        details: str | None,
        method: Method[Any, Any],
        about: object,
        slot: Slot[grpc.aio.Channel],
        *,
        streaming: bool = False,
    ) -> PachydermError:
        """Make the error of a call."""
        if answered(code):
            self.reached = True
        elif code is grpc.StatusCode.UNAVAILABLE:
            self._pool.retire(slot)
        return error_from(code, details, self.config, method.path, about, streaming=streaming)

    def explain(
        self, timer: _StallTimer | None, method: Method[Any, Any], about: object, slot: Slot[grpc.aio.Channel]
    ) -> None:
        """Raise why a call was cancelled, unless it was the task that was."""
        if timer is not None and timer.expired:
            self._pool.retire(slot)
            raise stalled(method.path, about, timer.limit)
        if self._pool.closed:
            raise self._pool.closed_error()

    async def close(self) -> None:
        """Close all channels; streams that are open break, and pauses end."""
        channels = self._pool.close()
        for woken in self._pauses:
            _wake(woken)
        for channel in channels:
            await channel.close()


def _wake(woken: asyncio.Future[None]) -> None:
    if not woken.done():
        woken.set_result(None)


class _Sending:
    """An open stream of requests."""

    def __init__(
        self,
        transport: AsyncTransport,
        rpc: Any,
        method: Method[Any, Any],
        about: object,
        slot: Slot[grpc.aio.Channel],
        timer: _StallTimer,
    ) -> None:
        self._transport = transport
        self._rpc = rpc
        self._method = method
        self._about = about
        self._slot = slot
        self._timer = timer
        self._started = False

    async def write(self, frame: bytes) -> None:
        """Send a message."""
        await self._wait(_write(self._rpc, frame))
        self._started = True

    async def finish(self) -> Any:
        """End the stream of requests and wait for the reply."""
        await self._wait(self._rpc.done_writing())
        reply = await self._wait(self._rpc)
        self._transport.reached = True
        return only_reply(reply, self._method.path, self._about)

    async def _wait(self, step: Awaitable[Any]) -> Any:
        try:
            with self._timer:
                return await step
        except (grpc.RpcError, asyncio.InvalidStateError):
            code, details = await self._rpc.code(), await self._rpc.details()
            if code is grpc.StatusCode.OK:
                code = grpc.StatusCode.UNAVAILABLE
                details = "the server ended the call before it had received everything"
            raise self._transport.failure(
                code, details, self._method, self._about, self._slot, streaming=self._started
            ) from None
        except asyncio.CancelledError:
            self._transport.explain(self._timer, self._method, self._about, self._slot)
            raise

    def end(self) -> None:
        """Cancel the call if it has not ended."""
        self._timer.close()
        self._rpc.cancel()


async def _write(rpc: Any, frame: bytes) -> None:
    """Do what ``rpc.write`` does, without its fault.

    When the server ends a call while a message waits to be sent, ``write`` replaces the status that the server gave
    by "Internal error from Core"; the status says why.
    """
    call = getattr(rpc, "_cython_call", None)
    if call is None:
        await rpc.write(frame)
        return
    await rpc.wait_for_connection()
    try:
        await call.send_serialized_message(frame)
    except Exception as error:
        await rpc
        raise asyncio.InvalidStateError("the call ended successfully, but not by this client") from error


class AsyncReplies:
    """An open stream of replies. An async iterator; dropping or closing it cancels the call."""

    def __init__(
        self, transport: AsyncTransport, call: Call[Any], rpc: Any, slot: Slot[grpc.aio.Channel], timer: _StallTimer
    ) -> None:
        self._transport = transport
        self._call = call
        self._rpc = rpc
        self._slot = slot
        self._timer = timer
        self._ended = False
        self._closed = False
        self._received = False

    def __aiter__(self) -> AsyncIterator[Any]:
        return self

    async def __anext__(self) -> Any:
        if self._ended:
            raise StopAsyncIteration
        try:
            with self._timer:
                reply = await self._rpc.read()
        except grpc.RpcError as error:
            failure = self._transport.failure(
                error.code(), error.details(), self._call.method, self._call.about, self._slot, streaming=self._received
            )
            self._end()
            raise failure from None
        except asyncio.CancelledError:
            self._end()
            if self._closed:
                raise ClientClosed(f"{self._call.about}: the reader was closed during a read") from None
            self._transport.explain(self._timer, self._call.method, self._call.about, self._slot)
            raise
        if reply is grpc.aio.EOF:
            self._end()
            raise StopAsyncIteration
        self._received = self._transport.reached = True
        return reply

    async def close(self) -> None:
        """Cancel what is left of the stream, also while another task waits for it."""
        self._closed = True
        self._end()

    def _end(self) -> None:
        if not self._ended:
            self._ended = True
            self._timer.close()
            self._rpc.cancel()
            self._transport.finished(self._slot)

    def __del__(self) -> None:
        self._end()


class AsyncBatches(AsyncReplies):
    """An open stream of replies that come in batches, each of which has to be asked for."""

    def __init__(
        self, transport: AsyncTransport, call: Call[Any], rpc: Any, slot: Slot[grpc.aio.Channel], timer: _StallTimer
    ) -> None:
        super().__init__(transport, call, rpc, slot, timer)
        self._request = call.request
        self._left = 0

    async def __anext__(self) -> Any:
        if not self._left and not self._ended:
            await self._ask()
        reply = await super().__anext__()
        self._left -= 1
        return reply

    async def _ask(self) -> None:
        # a call that has ended takes nothing more; what it ended with is read as the next reply
        with suppress(grpc.RpcError, asyncio.InvalidStateError), self._timer:
            await self._rpc.write(self._request)
        if self._call.more is not None:
            self._request, self._left = self._call.more, self._call.batch


class _StallTimer:
    """Cancels a call whose other side does nothing; ``with`` it while waiting for the other side.

    One timer for the whole call, which looks when it goes off how long the last wait has taken: a timer for each
    message would cost more than the message.
    """

    def __init__(self, limit: float | None, cancel: Callable[[], object]) -> None:
        self.limit = limit or 0.0
        self.expired = False
        self._cancel = cancel
        self._since: float | None = None
        self._loop = asyncio.get_running_loop()
        self._handle = self._loop.call_later(limit, self._check) if limit is not None else None

    def __enter__(self) -> None:
        self._since = self._loop.time()

    def __exit__(self, *_: object) -> None:
        self._since = None

    def _check(self) -> None:
        now = self._loop.time()
        left = self.limit if self._since is None else self._since + self.limit - now
        if left <= 0:
            self.expired = True
            self._cancel()
        else:
            self._handle = self._loop.call_later(left, self._check)

    def close(self) -> None:
        """Stop."""
        if self._handle is not None:
            self._handle.cancel()
