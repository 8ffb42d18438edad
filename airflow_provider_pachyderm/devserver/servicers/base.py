"""What all servicers share: finding the method of a call, and turning the engine's refusals into statuses."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from typing import Any, TypeVar

import grpc
from google.protobuf.message import DecodeError, Message
from google.protobuf.timestamp_pb2 import Timestamp

from airflow_provider_pachyderm._urls import masked
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

Context = grpc.aio.ServicerContext[Any, Any]
RequestT = TypeVar("RequestT", bound=Message)


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

    def handlers(self) -> dict[str, grpc.RpcMethodHandler[Any, Any]]:
        """Handlers for gRPC by path, for every call of the service."""
        lacks = self.engine.profile.lacks
        if self.service() in lacks:
            return {}
        return {method.path: self._handler(method) for method in methods_of(self.calls) if method.name not in lacks}

    def _handler(self, method: Method[Any, Any]) -> grpc.RpcMethodHandler[Any, Any]:
        done = self._admitting(method.name, getattr(self, method.name, None))
        if done and method.name in _REMOVES:
            done = self._removing(done)
        behaviour: Callable[..., Any]
        if method.server_streaming:
            behaviour = _streaming(done, self.told) if done else _undone_streaming(method)
        else:
            behaviour = _unary(done, self.told) if done else _undone(method)
        return handler_for(method.client_streaming, method.server_streaming)(
            behaviour,
            request_deserializer=self._reader(method),
            response_serializer=None if method.name in self.as_bytes else self._writer(method),
        )

    def _removing(self, done: Callable[[Any, Context], Any]) -> Callable[[Any, Context], Any]:
        """A call that takes something away."""

        async def call(request: Any, context: Context) -> Any:
            return await self.engine.removing(lambda: done(request, context))

        return call

    def _admitting(self, name: str, done: Callable[[Any, Context], Any] | None) -> Callable[[Any, Context], Any] | None:
        """A call that is done only for who may ask for it."""
        if done is None or name not in self.needs:
            return done

        def call(request: Any, context: Context) -> Any:
            self.admit(name, request)
            return done(request, context)

        return call

    def admit(self, name: str, request: Any) -> None:
        """Refuse a caller who lacks what a call needs."""
        check(self.engine, self.needs, name, request)

    def _reader(self, method: Method[Any, Any]) -> Callable[[bytes], Any]:
        """Reads requests; fields that the version lacks mean nothing."""
        trim = trimmer(method.request_type.DESCRIPTOR, self.engine.profile.lacks)

        def read(data: bytes) -> Message | EngineError:
            try:
                message: Message = method.request_type.FromString(data)
            except DecodeError as error:
                return EngineError("INTERNAL", f"grpc: error unmarshalling request: {error}")
            return message if trim is None else trim(message)

        return read

    def told(self, error: EngineError) -> EngineError:
        """A refusal as the version tells it."""
        return error

    def _writer(self, method: Method[Any, Any]) -> Callable[[Any], bytes]:
        """Writes answers without the fields that the version lacks."""
        trim = trimmer(method.reply_type.DESCRIPTOR, self.engine.profile.lacks)
        write = method.reply_type.SerializeToString
        return write if trim is None else lambda reply: write(trim(reply))


def checked(request: Any) -> Any:
    """A request that could be read."""
    if isinstance(request, EngineError):
        raise request
    return request


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


def nanoseconds(message: Any, field: str) -> int | None:
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


def methods_of(calls: type) -> list[Method[Any, Any]]:
    """The calls of a service, in proto order."""
    return [value for value in vars(calls).values() if isinstance(value, Method)]


def handler_for(client_streaming: bool, server_streaming: bool) -> Callable[..., grpc.RpcMethodHandler[Any, Any]]:
    """The factory of gRPC for handlers of this kind."""
    if client_streaming:
        return grpc.stream_stream_rpc_method_handler if server_streaming else grpc.stream_unary_rpc_method_handler
    return grpc.unary_stream_rpc_method_handler if server_streaming else grpc.unary_unary_rpc_method_handler


def _unary(
    done: Callable[[Any, Context], Any], told: Callable[[EngineError], EngineError]
) -> Callable[[Any, Context], Any]:
    async def call(request: Any, context: Context) -> Message:
        try:
            reply: Message = await done(checked(request), context)
        except EngineError as error:
            await refuse(context, told(error))
        except NeverAnswers:
            await asyncio.Event().wait()
        except Exception as error:
            await refuse(context, _failed(error))
        return reply

    return call


def _streaming(
    done: Callable[[Any, Context], AsyncIterator[Message]], told: Callable[[EngineError], EngineError]
) -> Callable[[Any, Context], Any]:
    async def call(request: Any, context: Context) -> AsyncIterator[Message]:
        try:
            async for reply in done(checked(request), context):
                yield reply
                del reply  # it may be large, and the next one is not made yet
        except EngineError as error:
            await refuse(context, told(error))
        except Exception as error:
            await refuse(context, _failed(error))

    return call


def _failed(error: Exception) -> EngineError:
    """What a client is told of a failure of the dev server itself: nothing of how it is made."""
    if disk_is_full(error):
        return EngineError("UNKNOWN", "write to the data folder: no space left on device")
    _log.error("a call failed", exc_info=error)
    return EngineError("INTERNAL", "the dev server could not do this; its own log has the cause")


def _undone(method: Method[Any, Any]) -> Callable[[Any, Context], Any]:
    async def call(request: Any, context: Context) -> Message:
        await refuse(context, _not_yet(method))
        raise AssertionError

    return call


def _undone_streaming(method: Method[Any, Any]) -> Callable[[Any, Context], Any]:
    async def call(request: Any, context: Context) -> AsyncIterator[Message]:
        await refuse(context, _not_yet(method))
        yield method.reply_type()

    return call


def _not_yet(method: Method[Any, Any]) -> EngineError:
    text = f"Pachyderm's {method.path} exists, but this dev server does not do it yet"
    return EngineError("UNIMPLEMENTED", text)


async def refuse(context: Context, error: EngineError) -> None:
    """End a call with the engine's refusal."""
    _log.debug("refused: %s", masked(str(error)))
    await context.abort(grpc.StatusCode[error.code], error.text)
