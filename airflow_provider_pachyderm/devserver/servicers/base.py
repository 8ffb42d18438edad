"""What all servicers share: finding the method of a call, and turning the engine's refusals into statuses."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from typing import Any, TypeAlias, TypeVar

import grpc
from google.protobuf.message import DecodeError, Message
from google.protobuf.timestamp_pb2 import Timestamp

from airflow_provider_pachyderm._wire.method import Method
from airflow_provider_pachyderm.devserver.engine import Engine, EngineError
from airflow_provider_pachyderm.devserver.engine.errors import NeverAnswers
from airflow_provider_pachyderm.devserver.engine.store.reserve import disk_is_full
from airflow_provider_pachyderm.devserver.servicers.needs import NOTHING, Needs, check
from airflow_provider_pachyderm.devserver.servicers.trimming import trimmer

_log = logging.getLogger(__name__)

_REMOVES = frozenset(
    {
        *("ClearCommit", "DeleteCommit", "DropCommit", "DropCommitSet", "SquashCommit", "SquashCommitSet"),
        *("DeleteAll", "DeleteBranch", "DeleteProject", "DeleteRepo", "DeleteRepos"),
    }
)
"""Calls that are done on a full disk, too, and after which content may be needed no more."""

AnyMethod = Method[Any, Any]
Context = grpc.aio.ServicerContext[Any, Any]
Handler: TypeAlias = "grpc.RpcMethodHandler[Any, Any]"

RequestT = TypeVar("RequestT", bound=Message)
T = TypeVar("T")

Request = Message | AsyncIterator[Message]
"""What a call is asked: one message, or a stream of them."""

Received = Request | EngineError
"""What gRPC gives: a request, or why it could not be read."""

Call = Callable[[Request, Context], Awaitable[Message]]
"""An RPC with one answer."""

StreamingCall = Callable[[Request, Context], AsyncIterator[Message]]
"""An RPC with a stream of answers."""

Sent = Message | bytes
"""A message; what a servicer made for the wire itself comes as bytes."""

Passed = Sent | AsyncIterator[Sent] | EngineError
"""What an interceptor hands on of a request."""

Single = Callable[[Passed, Context], Awaitable[Sent]]
"""What gives one answer, as an interceptor sees it."""

Streamed = Callable[[Passed, Context], AsyncGenerator[Sent, None]]
"""What gives a stream of answers, as an interceptor sees it."""


class Servicer:
    """One service.

    RPCs are methods named like them, ``(request or request iterator, context)``; async, and async generators where
    answers are streamed.

    :param engine: what answers.
    """

    calls: type
    """The service's class in ``_wire.vN.methods``."""

    needs: Needs = NOTHING
    """What its calls need of their callers."""

    as_bytes: frozenset[str] = frozenset()
    """RPCs that yield serialized messages: each copy of a large one would cost much memory."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    @classmethod
    def service(cls) -> str:
        """``package.Service``."""
        return next(iter(methods_of(cls.calls))).service

    def handlers(self) -> dict[str, Handler]:
        """Handlers for gRPC by path, for every call of the service."""
        lacks = self.engine.profile.lacks
        if self.service() in lacks:
            return {}
        return {method.path: self._handler(method) for method in methods_of(self.calls) if method.name not in lacks}

    def _handler(self, method: AnyMethod) -> Handler:
        return handler_for(method.client_streaming, method.server_streaming)(
            self._streaming(method) if method.server_streaming else self._unary(method),
            request_deserializer=self._reader(method),
            response_serializer=None if method.name in self.as_bytes else self._writer(method),
        )

    def _unary(self, method: AnyMethod) -> Callable[[Received, Context], Awaitable[Message]]:
        call: Call | None = getattr(self, method.name, None)
        if call is None:
            return _undone(method)
        call = self._admitting(method.name, call)
        return _unary(self._removing(call) if method.name in _REMOVES else call, self.refusal_of)

    def _streaming(self, method: AnyMethod) -> Callable[[Received, Context], AsyncIterator[Message]]:
        call: StreamingCall | None = getattr(self, method.name, None)
        if call is None:
            return _undone_streaming(method)
        return _streaming(self._admitting(method.name, call), self.refusal_of)

    def _removing(self, done: Call) -> Call:
        """A call that takes something away."""

        async def call(request: Request, context: Context) -> Message:
            return await self.engine.removing(lambda: done(request, context))

        return call

    def _admitting(self, name: str, done: Callable[[Request, Context], T]) -> Callable[[Request, Context], T]:
        """A call that is done only for who may ask for it; those with a stream of requests look at each themselves."""
        if name not in self.needs:
            return done

        def call(request: Request, context: Context) -> T:
            assert isinstance(request, Message)
            self.admit(name, request)
            return done(request, context)

        return call

    def admit(self, name: str, request: Message) -> None:
        """Refuse a caller who lacks what a call needs."""
        check(self.engine, self.needs, name, request)

    def _reader(self, method: AnyMethod) -> Callable[[bytes], Message | EngineError]:
        """Reads requests; fields that the version lacks mean nothing."""
        trim = trimmer(method.request_type.DESCRIPTOR, self.engine.profile.lacks)

        def read(data: bytes) -> Message | EngineError:
            try:
                message: Message = method.request_type.FromString(data)
            except DecodeError as error:
                return EngineError("INTERNAL", f"grpc: error unmarshalling request: {error}")
            return message if trim is None else trim(message)

        return read

    def refusal_of(self, error: EngineError) -> EngineError:
        """A refusal as the release words it."""
        return error

    def _writer(self, method: AnyMethod) -> Callable[[Message], bytes]:
        """Writes answers without the fields that the version lacks."""
        trim = trimmer(method.reply_type.DESCRIPTOR, self.engine.profile.lacks)
        write: Callable[[Message], bytes] = method.reply_type.SerializeToString
        return write if trim is None else lambda reply: write(trim(reply))


def checked(request: RequestT | EngineError) -> RequestT:
    """A request that could be read."""
    if isinstance(request, EngineError):
        raise request
    return request


def _readable(request: Received) -> Request:
    return checked(request) if isinstance(request, Message | EngineError) else request


async def whole(requests: AsyncIterator[RequestT], context: Context) -> AsyncIterator[RequestT]:
    """A stream of requests that ends only where the client ended it.

    To grpc.aio the end of a cancelled stream looks like any other, and a moment later the handler would be cancelled:
    half an upload could get through. Sending shows whether somebody is still there.
    """
    async for request in requests:
        yield checked(request)
    await context.send_initial_metadata(())


def time_message(nanoseconds: int | None) -> Timestamp | None:
    """A time since 1970; None stays unset."""
    if nanoseconds is None:
        return None
    return Timestamp(seconds=nanoseconds // 10**9, nanos=nanoseconds % 10**9)


def nanoseconds(message: Message, field: str) -> int | None:
    """A time since 1970, which may be unset."""
    return getattr(message, field).ToNanoseconds() if message.HasField(field) else None


def bytes_value_head(length: int) -> bytes:
    """What a serialized BytesValue has before so many bytes of content."""
    head = bytearray(b"\x0a")
    while length > 127:
        head.append(length & 127 | 128)
        length >>= 7
    head.append(length)
    return bytes(head)


def methods_of(calls: type) -> list[AnyMethod]:
    """The calls of a service, in proto order."""
    return [value for value in vars(calls).values() if isinstance(value, Method)]


def behaviour_of(handler: Handler) -> Any:
    """What a handler calls: which of four attributes has it goes by the kind of the call."""
    asked = "stream" if handler.request_streaming else "unary"
    return getattr(handler, f"{asked}_{'stream' if handler.response_streaming else 'unary'}")


def handler_for(client_streaming: bool, server_streaming: bool) -> Callable[..., Handler]:
    """The factory of gRPC for handlers of this kind."""
    if client_streaming:
        return grpc.stream_stream_rpc_method_handler if server_streaming else grpc.stream_unary_rpc_method_handler
    return grpc.unary_stream_rpc_method_handler if server_streaming else grpc.unary_unary_rpc_method_handler


def _unary(
    done: Call, refusal_of: Callable[[EngineError], EngineError]
) -> Callable[[Received, Context], Awaitable[Message]]:
    async def call(request: Received, context: Context) -> Message:
        try:
            asked = _readable(request)
            reply = await done(asked, context)
        except EngineError as error:
            await refuse(context, refusal_of(error))
        except NeverAnswers:
            await asyncio.Event().wait()
        except Exception as error:
            await refuse(context, _failed(error))
        return reply

    return call


def _streaming(
    done: StreamingCall, refusal_of: Callable[[EngineError], EngineError]
) -> Callable[[Received, Context], AsyncIterator[Message]]:
    async def call(request: Received, context: Context) -> AsyncIterator[Message]:
        try:
            asked = _readable(request)
            async for reply in done(asked, context):
                yield reply
                del reply  # it may be large, and the next one is not made yet
        except EngineError as error:
            await refuse(context, refusal_of(error))
        except Exception as error:
            await refuse(context, _failed(error))

    return call


def _failed(error: Exception) -> EngineError:
    """What a client is told of a failure of the dev server itself: nothing of how it is made."""
    if disk_is_full(error):
        return EngineError("UNKNOWN", "write to the data folder: no space left on device")
    _log.error("a call failed", exc_info=error)
    return EngineError("INTERNAL", "the dev server could not do this; its own log has the cause")


def _undone(method: AnyMethod) -> Callable[[Received, Context], Awaitable[Message]]:
    async def call(request: Received, context: Context) -> Message:
        await refuse(context, _not_yet(method))
        raise AssertionError

    return call


def _undone_streaming(method: AnyMethod) -> Callable[[Received, Context], AsyncIterator[Message]]:
    async def call(request: Received, context: Context) -> AsyncIterator[Message]:
        await refuse(context, _not_yet(method))
        reply: Message = method.reply_type()
        yield reply

    return call


def _not_yet(method: AnyMethod) -> EngineError:
    text = f"Pachyderm's {method.path} exists, but this dev server does not do it yet"
    return EngineError("UNIMPLEMENTED", text)


async def refuse(context: Context, error: EngineError) -> None:
    """End a call with the engine's refusal."""
    await context.abort(grpc.StatusCode[error.code], error.text)
