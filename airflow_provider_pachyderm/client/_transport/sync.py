"""The transport of the sync client, on grpc's threads."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from contextvars import copy_context
from inspect import GEN_RUNNING, getgeneratorstate
from queue import SimpleQueue
from typing import Any, TypeVar

import grpc
from google.protobuf.message import Message
from grpc.experimental import ChannelOptions

from airflow_provider_pachyderm._wire.method import Method
from airflow_provider_pachyderm.client._config import ClientConfig
from airflow_provider_pachyderm.client._dialects.calls import Call
from airflow_provider_pachyderm.client._errors import ClientClosed, PachydermError, StreamBroken, Unavailable
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
from airflow_provider_pachyderm.client._transport.watchdog import StallTimer, Watchdog

# seconds between looks at a channel that connects
_LOOK_AGAIN = 0.002
# seconds that a sending thread gets to leave the source of a call that was cancelled
_LEAVES_WITHIN = 5.0
T = TypeVar("T")
R = TypeVar("R")


def pause(seconds: float) -> None:
    """Sleep."""
    time.sleep(seconds)


def at_rest(frames: Generator[bytes, None, None]) -> bool:
    """Say whether nobody reads a source any more through its frames, when the call that sent them has ended.

    gRPC's sending thread may be inside of the source for a moment.
    """
    until = time.monotonic() + _LEAVES_WITHIN
    while (busy := getgeneratorstate(frames) == GEN_RUNNING) and time.monotonic() < until:
        time.sleep(_LOOK_AGAIN)
    return not busy


def blocking(function: Callable[..., T], *args: Any) -> T:
    """Call what may block for a while; the async client does it in a thread."""
    return function(*args)


def iterate(items: Iterable[T]) -> Iterator[T]:
    """Iterate over what the caller gave; the async client takes async iterables, too."""
    return iter(items)


def side_by_side(work: Callable[[T], R], items: Sequence[T], parallel: int) -> list[R]:
    """Call a function for each item, with so many at a time, in threads; the results are in the order of the items.

    What one raises is raised here, when those under way are done; others are not begun then.
    """
    if parallel == 1:
        return [work(item) for item in items]
    with ThreadPoolExecutor(parallel, thread_name_prefix="pachyderm") as pool:
        # a policy, or a transaction, that holds for this thread holds for what it has done
        futures = [pool.submit(copy_context().run, work, item) for item in items]
        try:
            done, _ = wait(futures, return_when=FIRST_EXCEPTION)
            for future in done:
                future.result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
        return [future.result() for future in futures]


def unbroken(work: Callable[[], T], take_back: Callable[[T, BaseException], None]) -> T:
    """Do something to its end, also when this thread is interrupted meanwhile: what came of it is taken back then.

    It gets :data:`ENDS_WITHIN` seconds for that. A call that is broken off may have been carried out, and nobody knows.
    """
    future: Future[T] = Future()
    context = copy_context()

    def run() -> None:
        if future.set_running_or_notify_cancel():
            try:
                future.set_result(context.run(work))
            except BaseException as error:
                future.set_exception(error)

    thread = threading.Thread(target=run, name="pachyderm", daemon=False)
    try:
        # an interrupt may come in here, too, when the work has begun
        thread.start()
        return future.result()
    except BaseException as error:
        if not future.cancel() and not (future.done() and future.exception() is error):
            wait([future], ENDS_WITHIN)
            if future.done() and future.exception() is None:
                take_back(future.result(), error)
        raise


class SyncTransport:
    """Makes calls to one server, from any thread."""

    def __init__(self, config: ClientConfig) -> None:
        self.config = config
        self.metadata = CallMetadata(config)
        self.reached = False
        self._pool: ChannelPool[grpc.Channel] = ChannelPool(
            config.target, self._connect, lambda channel: channel.close()
        )
        self._closing = threading.Event()
        self._watchdog = Watchdog()

    def _connect(self, lane: Lane) -> grpc.Channel:
        options = channel_options(self.config)
        if lane is Lane.CONTROL:
            # reads a stream in the thread that wants it: twice as fast for small messages, slower for big ones
            options.append((ChannelOptions.SingleThreadedUnaryStream, 1))
        credentials = channel_credentials(self.config)
        if credentials is None:
            return grpc.insecure_channel(self.config.target, options)
        return grpc.secure_channel(self.config.target, credentials, options)

    @property
    def closed(self) -> bool:
        """Whether there will be no more calls."""
        return self._pool.closed

    def unary(self, call: Call[Any], timeout: float | None, *, lane: Lane = Lane.CONTROL) -> Any:
        """Make a call with one reply.

        :param timeout: in seconds, or None.
        """
        metadata = self.metadata()  # asks the caller's function, which may raise
        slot = self._pool.acquire(lane)
        try:
            invoke = slot.channel.unary_unary(
                call.method.path,
                request_serializer=call.method.request_type.SerializeToString,
                response_deserializer=call.method.reply_type.FromString,
            )
            reply = invoke(call.request, timeout=timeout, metadata=metadata)
            self.reached = True
            return only_reply(reply, call.method.path, call.about)
        except grpc.RpcError as error:
            if silent(error.code(), waits=call.waits):
                self._pool.retire(slot)
            raise self._failure(error, call.method, call.about, slot) from None
        finally:
            self._pool.release(slot)

    def connects(self, lane: Lane) -> bool:
        """Say whether the next call has a connection; a failing one is not waited for long."""
        slot = self._pool.acquire(lane)
        try:
            until = time.monotonic() + CONNECTS_WITHIN
            while not (connected := _is_connected(slot.channel)) and time.monotonic() < until:
                time.sleep(_LOOK_AGAIN)
            return connected
        finally:
            self._pool.release(slot)

    def pause(self, seconds: float) -> None:
        """Do nothing for a while, unless the client is closed.

        :raises ClientClosed: if it is.
        """
        if self._closing.wait(seconds):
            raise self._pool.closed_error()

    def receive(
        self, call: Call[Any], stall: float | None, *, lane: Lane = Lane.CONTROL, timeout: float | None = None
    ) -> SyncReplies:
        """Open a stream of replies.

        :param stall: seconds without a message after which it counts as broken, or None.
        :param timeout: seconds for all of it, or None.
        """
        metadata = self.metadata()  # asks the caller's function, which may raise
        slot = self._pool.acquire(lane)
        asked = None if call.more is None else _Asked(call.request, call.more)
        invoke: Any = slot.channel.unary_stream if asked is None else slot.channel.stream_stream
        rpc = invoke(
            call.method.path,
            request_serializer=call.method.request_type.SerializeToString,
            response_deserializer=reply_parser(call.method),
        )(call.request if asked is None else asked, timeout=timeout, metadata=metadata)
        timer = StallTimer(stall, rpc.cancel) if stall is not None else None
        if timer is not None:
            self._watchdog.add(timer)
        if asked is not None:
            return SyncBatches(self, call, rpc, slot, timer, asked)
        return SyncReplies(self, call, rpc, slot, timer)

    def send(
        self, method: Method[Any, Any], frames: Generator[bytes, None, None], about: object, stall: float | None
    ) -> Any:
        """Send a stream of encoded messages, and give the reply.

        :param frames: pulled as the server takes them; what this raises is raised here, and the call is cancelled.
        :param stall: seconds without progress after which it counts as broken, or None.
        """
        metadata = self.metadata()
        slot = self._pool.acquire(Lane.DATA)
        requests = _Requests(frames)
        invoke: Any = slot.channel.stream_unary(method.path, response_deserializer=method.reply_type.FromString)
        rpc = invoke.future(requests, metadata=metadata)
        requests.cancel_with(rpc.cancel)
        failure: BaseException
        try:
            while not _settled(rpc, requests.patience(stall)):
                if stall is not None and requests.patience(stall) == 0:
                    self._pool.retire(slot)
                    raise stalled(method.path, about, stall)
            if requests.exhausted:
                self.reached = True
                return only_reply(rpc.result(), method.path, about)
            failure = StreamBroken(
                f"{about}: the server ended the call before it had received everything [{method.path}]"
            )
        except (grpc.RpcError, grpc.FutureCancelledError) as error:
            failure = requests.error or self._failure(error, method, about, slot, streaming=requests.started)
        finally:
            rpc.cancel()
            requests.close()
            self._pool.release(slot)
        raise failure

    def _failure(
        self,
        error: Exception,
        method: Method[Any, Any],
        about: object,
        slot: Slot[grpc.Channel],
        *,
        streaming: bool = False,
    ) -> PachydermError:
        if self._pool.closed:
            return self._pool.closed_error()
        if not isinstance(error, grpc.RpcError):
            return Unavailable(f"{about}: the call was cancelled [{method.path}]", method=method.path)
        if answered(error.code()):
            self.reached = True
        elif error.code() is grpc.StatusCode.UNAVAILABLE:
            self._pool.retire(slot)
        return error_from(error.code(), error.details(), self.config, method.path, about, streaming=streaming)

    def finished(self, slot: Slot[grpc.Channel], timer: StallTimer | None) -> None:
        """Note that a stream ended."""
        self._pool.release(slot)
        if timer is not None:
            self._watchdog.remove(timer)

    def failed(
        self,
        error: grpc.RpcError,
        call: Call[Any],
        slot: Slot[grpc.Channel],
        timer: StallTimer | None,
        *,
        streaming: bool,
    ) -> PachydermError:
        """Make the error of a stream."""
        if timer is not None and timer.expired:
            self._pool.retire(slot)
            return stalled(call.method.path, call.about, timer.limit)
        return self._failure(error, call.method, call.about, slot, streaming=streaming)

    def close(self) -> None:
        """Close all channels; streams that are open break, and pauses end."""
        channels = self._pool.close()
        self._closing.set()
        for channel in channels:
            channel.close()
        self._watchdog.close()


def _is_connected(channel: Any) -> bool:
    """Look at the state of a channel, and make it connect. What gRPC has for it in public leaves a thread behind."""
    look = getattr(getattr(channel, "_channel", None), "check_connectivity_state", None)
    return look is not None and look(True) == grpc.ChannelConnectivity.READY.value[0]


def _settled(rpc: Any, timeout: float | None) -> bool:
    try:
        rpc.result(timeout=timeout)
    except grpc.FutureTimeoutError:
        return False
    return True


class SyncReplies:
    """An open stream of replies. An iterator; dropping or closing it cancels the call."""

    def __init__(
        self, transport: SyncTransport, call: Call[Any], rpc: Any, slot: Slot[grpc.Channel], timer: StallTimer | None
    ) -> None:
        self._transport = transport
        self._call = call
        self._rpc = rpc
        self._slot = slot
        self._timer = timer
        self._ended = False
        self._closed = False
        self._received = False

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        if self._ended:
            raise StopIteration
        try:
            if self._timer is not None:
                self._timer.start()
            reply = next(self._rpc)
        except StopIteration:
            self._end()
            raise
        except grpc.RpcError as error:
            failure = self._failure(error)
            self._end()
            raise failure from None
        finally:
            if self._timer is not None:
                self._timer.stop()
        self._received = self._transport.reached = True
        return reply

    def _failure(self, error: grpc.RpcError) -> PachydermError:
        if self._closed:
            return ClientClosed(f"{self._call.about}: the reader was closed during a read")
        return self._transport.failed(error, self._call, self._slot, self._timer, streaming=self._received)

    def close(self) -> None:
        """Cancel what is left of the stream, also while another thread waits for it."""
        self._closed = True
        self._end()

    def _end(self) -> None:
        if not self._ended:
            self._ended = True
            self._rpc.cancel()
            self._transport.finished(self._slot, self._timer)

    def __del__(self) -> None:
        self._end()


class _Requests:
    """The requests of an upload, as gRPC's sending thread pulls them.

    Remembers what the caller's source raised, as gRPC would only say that something did, and since when gRPC has
    not come back for more, which is when the server does not take any.
    """

    def __init__(self, frames: Generator[bytes, None, None]) -> None:
        self.error: BaseException | None = None
        self.started = False
        self.exhausted = False
        self._frames = frames
        self._cancel: Callable[[], object] | None = None
        self._cancellable = threading.Event()
        self._idle_since: float | None = time.monotonic()

    def cancel_with(self, cancel: Callable[[], object]) -> None:
        """Set what cancels the call; the sending thread may have started before that is known."""
        self._cancel = cancel
        self._cancellable.set()

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        self._idle_since = None
        try:
            return next(self._frames)
        except StopIteration:
            self.exhausted = True
            raise
        except BaseException as error:
            self.error = error
            self._cancellable.wait()
            assert self._cancel is not None
            self._cancel()
            # to a cancelled call this says nothing; otherwise the server would take what came so far for all
            raise StopIteration from None
        finally:
            self.started = True
            self._idle_since = time.monotonic()

    def patience(self, stall: float | None) -> float | None:
        """Seconds that the call may still stand still: all of ``stall`` while the source is at work, None for ever."""
        idle_since = self._idle_since
        if stall is None or idle_since is None:
            return stall
        return max(0.0, idle_since + stall - time.monotonic())

    def close(self) -> None:
        """Free what the source holds, such as an open file."""
        try:
            self._frames.close()
        except ValueError:
            # the sending thread is inside of it and will find the call cancelled
            pass


class _Asked:
    """The requests for one batch after another; an iterator, which a thread of gRPC waits for."""

    def __init__(self, first: Message, more: Message) -> None:
        self._more = more
        self._requests: SimpleQueue[Message | None] = SimpleQueue()
        self._requests.put(first)

    def __iter__(self) -> Iterator[Message]:
        return self

    def __next__(self) -> Message:
        request = self._requests.get()
        if request is None:
            raise StopIteration
        return request

    def ask(self) -> None:
        """Ask for another batch."""
        self._requests.put(self._more)

    def end(self) -> None:
        """Ask for no more."""
        self._requests.put(None)


class SyncBatches(SyncReplies):
    """An open stream of replies that come in batches, each of which has to be asked for."""

    def __init__(
        self,
        transport: SyncTransport,
        call: Call[Any],
        rpc: Any,
        slot: Slot[grpc.Channel],
        timer: StallTimer | None,
        asked: _Asked,
    ) -> None:
        self._asked = asked
        self._left = call.batch
        super().__init__(transport, call, rpc, slot, timer)

    def __next__(self) -> Any:
        if not self._left:
            self._asked.ask()
            self._left = self._call.batch
        reply = super().__next__()
        self._left -= 1
        return reply

    def _end(self) -> None:
        self._asked.end()
        super()._end()
