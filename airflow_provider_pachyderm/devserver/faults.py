"""Faults on demand, so that tests of retries and timeouts need no patched stubs.

A call asks for its own fault with the metadata key ``pachyderm-devserver-fault``; other calls are not affected.

======================  ==================================================================================
``unavailable``         refused with UNAVAILABLE before anything is done
``error=CODE``          refused with any status, e.g. ``error=RESOURCE_EXHAUSTED``
``lose-reply``          done, but the caller gets UNAVAILABLE in place of the answer
``delay=S``             begins after S seconds
``stall``               accepted, then silent until the caller gives up
``stall-after=N``       silent after N messages of a stream
``cut-after=N``         UNAVAILABLE after N messages of a stream
``cut-after-bytes=N``   UNAVAILABLE before the message of a stream that would make it more than N bytes
``end-after=N``         OK after N messages of a stream of answers, as if that were all
``repeat-last``         the last message of a stream of answers comes twice
``other-byte``          the last byte of the first content in a stream of answers is another one
``no-message``          done, but OK comes without any answer
``any-name``            no fault: what is put may have any name, as pipelines may write it
======================  ==================================================================================

The stream is the request where that is one, else the answer. With ``;once=KEY`` behind it the fault strikes only the
first call that names this key; so a retry with the same metadata succeeds: ``cut-after=3;once=4f2a``. With ``;on=NAME``
it strikes only calls of that name, or of several with commas between them: ``end-after=0;on=GetFile,GetFileTAR``.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass

import grpc
from google.protobuf.wrappers_pb2 import BytesValue

from airflow_provider_pachyderm.devserver.engine.files.paths import ANY_NAME
from airflow_provider_pachyderm.devserver.servicers.base import (
    Context,
    Handler,
    Passed,
    Sent,
    Single,
    Streamed,
    behaviour_of,
    handler_for,
)

METADATA_KEY = "pachyderm-devserver-fault"
MESSAGE = "fault asked for by the caller"

_REMEMBERED_KEYS = 10_000
_NUMBERS = {"delay": float, "stall-after": int, "cut-after": int, "cut-after-bytes": int, "end-after": int}
_PLAIN = ("unavailable", "lose-reply", "stall", "repeat-last", "other-byte", "no-message", "any-name")


@dataclass(frozen=True)
class Fault:
    """One fault as asked for.

    :param kind: its name in the table above, without value.
    :param number: seconds, messages or bytes.
    :param status: what the call ends with, if it does.
    :param once: key of a fault that strikes only once, or "".
    :param on: names of the calls that it strikes; all if there is none.
    """

    kind: str
    number: float = 0
    status: grpc.StatusCode = grpc.StatusCode.UNAVAILABLE
    once: str = ""
    on: frozenset[str] = frozenset()


def parse(text: str) -> Fault:
    """Read the value of the metadata key.

    :raises ValueError: with a sentence for the caller.
    """
    what, *options = text.split(";")
    kind, _, value = what.partition("=")
    given = dict(option.partition("=")[::2] for option in options)
    if unknown := given.keys() - {"once", "on"}:
        raise ValueError(f"unknown option {min(unknown)!r} of fault {text!r}")
    once, on = given.get("once", ""), frozenset(filter(None, given.get("on", "").split(",")))
    if kind in _PLAIN and not value:
        return Fault(kind, once=once, on=on)
    if kind == "error" and value in grpc.StatusCode.__members__:
        return Fault(kind, status=grpc.StatusCode[value], once=once, on=on)
    try:
        return Fault(kind, number=_NUMBERS[kind](value), once=once, on=on)
    except (KeyError, ValueError):
        raise ValueError(f"unknown fault {text!r}") from None


class Faults(grpc.aio.ServerInterceptor):
    """Server interceptor that gives each call the fault it asks for."""

    def __init__(self) -> None:
        self._struck: OrderedDict[str, None] = OrderedDict()

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[Handler | None]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> Handler | None:
        """See grpc.aio.ServerInterceptor."""
        handler = await continuation(handler_call_details)
        metadata = dict(handler_call_details.invocation_metadata or ())
        asked = metadata.get(METADATA_KEY)
        if asked is None or handler is None:
            return handler
        try:
            fault = parse(str(asked))
        except ValueError as error:
            return _wrap(handler, _Refusal(grpc.StatusCode.INVALID_ARGUMENT, str(error)))
        name = str(handler_call_details.method).rpartition("/")[2]
        return _wrap(handler, _Striking(fault)) if self._strikes(fault, name) else handler

    def _strikes(self, fault: Fault, name: str) -> bool:
        if fault.on and name not in fault.on:
            return False
        if not fault.once:
            return True
        if fault.once in self._struck:
            return False
        self._struck[fault.once] = None
        if len(self._struck) > _REMEMBERED_KEYS:
            self._struck.popitem(last=False)
        return True


class _Refusal:
    """Ends a call before anything is done; the base of what a fault does to the parts of a call."""

    def __init__(self, status: grpc.StatusCode, text: str) -> None:
        self._status = status
        self._text = text

    async def before(self, context: Context) -> None:
        await self.strike(context)

    async def after(self, context: Context) -> None:
        """When the call is done and its answer ready."""

    def messages(self, stream: AsyncIterator[Sent], context: Context) -> AsyncIterator[Sent]:
        return stream

    @property
    def withholds(self) -> bool:
        """Whether a single answer is not sent."""
        return False

    async def strike(self, context: Context) -> None:
        await context.abort(self._status, self._text)


class _Striking(_Refusal):
    """A fault at work."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.status, MESSAGE)
        self._fault = fault

    async def before(self, context: Context) -> None:
        if self._fault.kind in ("unavailable", "error"):
            await self.strike(context)
        elif self._fault.kind == "stall":
            await _silence()
        elif self._fault.kind == "delay":
            await asyncio.sleep(self._fault.number)
        elif self._fault.kind == "any-name":
            ANY_NAME.set(True)

    async def after(self, context: Context) -> None:
        if self._fault.kind == "lose-reply":
            await self.strike(context)

    @property
    def withholds(self) -> bool:
        return self._fault.kind == "no-message"

    async def messages(self, stream: AsyncIterator[Sent], context: Context) -> AsyncIterator[Sent]:
        passed = size = 0
        message: Sent | None = None
        changed = self._fault.kind != "other-byte"
        await self._between(passed, context)
        async for message in stream:
            if self._fault.kind == "no-message" or (self._fault.kind, self._fault.number) == ("end-after", passed):
                return
            size += len(message) if isinstance(message, bytes) else message.ByteSize()
            if self._fault.kind == "cut-after-bytes" and size > self._fault.number:
                await self.strike(context)
            if not changed:
                message, changed = _with_other_byte(message)
            yield message
            passed += 1
            await self._between(passed, context)
        if self._fault.kind == "repeat-last" and message is not None:
            yield message

    async def _between(self, passed: int, context: Context) -> None:
        if passed != self._fault.number:
            return
        if self._fault.kind == "cut-after":
            await self.strike(context)
        elif self._fault.kind == "stall-after":
            await _silence()


def _with_other_byte(message: Sent) -> tuple[Sent, bool]:
    """Change the last byte of content; whether there is any."""
    wire = message if isinstance(message, bytes) else message.SerializeToString()
    if not wire or not isinstance(message, (bytes, BytesValue)):
        return message, False
    other = wire[:-1] + bytes([wire[-1] ^ 1])
    return other if isinstance(message, bytes) else BytesValue.FromString(other), True


async def _silence() -> None:
    await asyncio.get_running_loop().create_future()


def _wrap(handler: Handler, fault: _Refusal) -> Handler:
    """The same kind of handler with the fault around it."""
    behavior, streams = behaviour_of(handler), handler.response_streaming
    guarded: Single | Streamed
    if streams:
        guarded = _streaming_answer(behavior, fault, handler.request_streaming)
    elif fault.withholds:
        # on the wire a single answer is a stream of one message: only that form can be left without it
        guarded, streams = _no_answer(behavior), True
    else:
        guarded = _single_answer(behavior, fault)
    make = handler_for(handler.request_streaming, streams)
    return make(guarded, handler.request_deserializer, handler.response_serializer)


def _asked(request: Passed, fault: _Refusal, context: Context) -> Passed:
    """A request with the fault in it, where that is a stream."""
    return fault.messages(request, context) if isinstance(request, AsyncIterator) else request


def _streaming_answer(behavior: Streamed, fault: _Refusal, request_streaming: bool) -> Streamed:
    async def answer(request: Passed, context: Context) -> AsyncGenerator[Sent, None]:
        await fault.before(context)
        asked = _asked(request, fault, context)
        async with aclosing(behavior(asked, context)) as replies:
            async for message in replies if request_streaming else fault.messages(replies, context):
                yield message
        await fault.after(context)

    return answer


def _single_answer(behavior: Single, fault: _Refusal) -> Single:
    async def answer(request: Passed, context: Context) -> Sent:
        await fault.before(context)
        asked = _asked(request, fault, context)
        reply = await behavior(asked, context)
        await fault.after(context)
        return reply

    return answer


def _no_answer(behavior: Single) -> Streamed:
    async def answer(request: Passed, context: Context) -> AsyncGenerator[Sent, None]:
        await behavior(request, context)
        for nothing in list[Sent]():
            yield nothing

    return answer
