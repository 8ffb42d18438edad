"""Streams of replies that go on when their connection has broken."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from hashlib import blake2b
from typing import Any, TypeAlias

from airflow_provider_pachyderm.client._async.attempts import AsyncAttempts
from airflow_provider_pachyderm.client._async.items import AsyncReplySource
from airflow_provider_pachyderm.client._dialects.calls import Call
from airflow_provider_pachyderm.client._errors import PachydermError, Unavailable

Following: TypeAlias = "Call[Iterable[Any]] | None"
AsyncOpen: TypeAlias = "Callable[[], Awaitable[AsyncReplySource]]"


class AsyncResumedReplies:
    """Replies of a call that is made again when its connection breaks.

    The server then sends everything again, from the start. What has been given is left out, if it is the same to the
    byte; if not, as on a branch that has moved on, the error rises that broke the stream.

    :param replies: of the first time.
    :param begin: makes the call again.
    :param attempts: counts how often, until there is another reply.
    :param whole: make it again only as long as no reply was given.
    :param lost: the errors of a connection that is broken, or dead.
    """

    def __init__(
        self,
        replies: AsyncReplySource,
        begin: AsyncOpen,
        attempts: Callable[[], AsyncAttempts],
        *,
        whole: bool,
        lost: tuple[type[PachydermError], ...],
    ) -> None:
        self._replies = replies
        self._begin = begin
        self._attempts = attempts
        self._whole = whole
        self._lost = lost
        self._given = 0
        self._digest = blake2b()

    async def __anext__(self) -> Any:
        try:
            reply: Any = await self._replies.__anext__()
        except self._lost as failure:
            if self._given and self._whole:
                raise
            reply = await self._resume(failure)
        self._given += 1
        if not self._whole:
            self._digest.update(reply.SerializeToString())
        return reply

    async def _resume(self, broken: PachydermError) -> Any:
        """Make the call again until it gives what comes next."""
        failure, attempts = broken, self._attempts()
        while True:
            await attempts.pause(broken if self._given else failure)
            self._replies = await self._begin()
            try:
                await self._skip(broken)
                return await self._replies.__anext__()
            except self._lost as again:
                if again is broken:
                    raise
                failure = again

    async def _skip(self, broken: PachydermError) -> None:
        """Leave out what was given."""
        digest = blake2b()
        for _ in range(self._given):
            try:
                reply: Any = await self._replies.__anext__()
            except StopAsyncIteration:
                raise broken from None
            digest.update(reply.SerializeToString())
        if digest.digest() != self._digest.digest():
            await self.close()
            raise broken

    async def close(self) -> None:
        """Give no more."""
        await self._replies.close()


class AsyncFollowedReplies:
    """The commits of a branch, as they come; when the connection breaks, from the last one on.

    :param replies: of the first time.
    :param after: asks for those behind a commit, named by its id; None: for all that were asked for.
    :param begin: makes the call for them.
    :param attempts: counts how often, until there is another reply.
    """

    def __init__(
        self,
        replies: AsyncReplySource,
        after: Callable[[str | None], Awaitable[Following]],
        begin: Callable[[Call[Any]], Awaitable[AsyncReplySource]],
        attempts: Callable[[], AsyncAttempts],
    ) -> None:
        self._replies = replies
        self._after = after
        self._begin = begin
        self._attempts = attempts
        self._last: str | None = None
        self._call: Following = None

    async def __anext__(self) -> Any:
        attempts: AsyncAttempts | None = None
        while True:
            try:
                reply: Any = await self._replies.__anext__()
            except Unavailable as failure:
                attempts = attempts or self._attempts()
                await attempts.pause(failure)
                await self._resume(failure)
                continue
            self._last = reply.commit.id
            # what was there before is sent again by many servers
            if self._call is None or tuple(self._call.read(reply)):
                return reply

    async def _resume(self, failure: Unavailable) -> None:
        self._call = await self._after(self._last)
        if self._call is None:
            raise failure
        self._replies = await self._begin(self._call)

    async def close(self) -> None:
        """Give no more."""
        await self._replies.close()
