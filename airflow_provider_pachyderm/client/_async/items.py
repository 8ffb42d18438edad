"""Lists that are sent as streams."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterable
from types import TracebackType
from typing import Any, Generic, Protocol, TypeVar

from airflow_provider_pachyderm.client._dialects.calls import Call, Listing
from airflow_provider_pachyderm.client._errors import Unauthenticated
from airflow_provider_pachyderm.client._tables import InfoList

T = TypeVar("T")


class AsyncReplySource(Protocol):
    """Where replies come from."""

    async def __anext__(self) -> Any:
        """Give the next reply."""

    async def close(self) -> None:
        """Give no more."""


class AsyncReadyReplies:
    """Replies that are there already: of a server that sends a list in one message, or needed several calls for it."""

    def __init__(self, replies: Iterable[Any]) -> None:
        self._replies = deque(replies)

    async def __anext__(self) -> Any:
        if not self._replies:
            raise StopAsyncIteration
        return self._replies.popleft()

    async def close(self) -> None:
        """Give no more."""
        self._replies.clear()


class AsyncMadeReplies:
    """Replies that are made one by one."""

    def __init__(self, replies: AsyncGenerator[Any, None]) -> None:
        self._replies = replies

    async def __anext__(self) -> Any:
        return await self._replies.__anext__()

    async def close(self) -> None:
        """Give no more."""
        await self._replies.aclose()


class AsyncSettledReplies:
    """Replies some of which come too early: these are asked for again, and waited for, when it is their turn."""

    def __init__(self, replies: AsyncReplySource, settle: Callable[[Any], Awaitable[Any]]) -> None:
        self._replies = replies
        self._settle = settle

    async def __anext__(self) -> Any:
        reply: Any = await self._replies.__anext__()
        return await self._settle(reply)

    async def close(self) -> None:
        """Give no more."""
        await self._replies.close()


class AsyncRenewedReplies:
    """Replies of a call that is made once more if its token is refused, for a token that is made anew by then."""

    def __init__(self, replies: AsyncReplySource, again: Callable[[], Awaitable[AsyncReplySource]]) -> None:
        self._replies = replies
        self._again: Callable[[], Awaitable[AsyncReplySource]] | None = again

    async def __anext__(self) -> Any:
        again, self._again = self._again, None
        try:
            return await self._replies.__anext__()
        except Unauthenticated:
            if again is None:
                raise
        self._replies = await again()
        return await self._replies.__anext__()

    async def close(self) -> None:
        """Give no more."""
        await self._replies.close()


class AsyncItems(Generic[T]):
    """The items of a list, as the server sends them. An iterator; dropping or closing it ends the call.

    It is also a context manager, which closes it.
    """

    def __init__(
        self,
        replies: AsyncReplySource,
        read: Callable[[Any], Iterable[T]],
        listing: Listing[T] | None = None,
        call: Call[Any] | None = None,
    ) -> None:
        self._replies = replies
        self._read = read
        self._ready: deque[T] = deque()
        self._wanted = listing.wanted if listing else None
        self._absent = listing.absent if listing else None
        self._order = listing.order() if listing and listing.order else None
        self._tally = listing.tally() if listing and listing.tally else None
        self._left = listing.limit if listing else None
        self._started = False
        self._about = f" of {call.method.name} {call.about}".rstrip() if call else ""
        self._count = 0
        self._state = "there may be more"

    def __repr__(self) -> str:
        return f"<{type(self).__name__}{self._about}: {self._count} read, {self._state}>"

    async def start(self) -> AsyncItems[T]:
        """Wait for the first item, so that the error of a bad request is raised here."""
        await self._fill()
        return self

    @property
    def empty(self) -> bool:
        """Whether there are no items, once it has been started."""
        return not self._ready

    def _peek(self) -> T | None:
        """Show the next item, if it has come; once it has been started, there is one unless it is empty."""
        return self._ready[0] if self._ready else None

    def __aiter__(self) -> AsyncIterator[T]:
        return self

    async def __anext__(self) -> T:
        if self._left == 0:
            await self.aclose()
            raise StopAsyncIteration
        await self._fill()
        if not self._ready:
            raise StopAsyncIteration
        if self._left is not None:
            self._left -= 1
        self._count += 1
        return self._ready.popleft()

    async def _fill(self) -> None:
        while not self._ready:
            try:
                reply: Any = await self._replies.__anext__()
            except StopAsyncIteration:
                reply = None
            if reply is None:  # outside of the handler, so that what is missing has no other error behind it
                self._end()
                return
            if self._tally:
                self._tally.take(reply)
            items = self._read(reply)
            self._take(items if self._wanted is None else filter(self._wanted, items))

    def _end(self) -> None:
        self._state = "no more will come"
        if self._absent is not None and not self._started:
            raise self._absent()
        if self._tally:
            self._tally.check()
        if self._order:
            self._ready.extend(self._order.rest())

    def _take(self, items: Iterable[T]) -> None:
        received = tuple(items)
        self._started = self._started or bool(received)
        self._ready.extend(self._order.feed(received) if self._order else received)

    async def to_list(self) -> list[T]:
        """Read all that is left, and close it. Notebooks show the list as a table.

        It ends when the server has sent all, so never where a branch is followed.
        """
        async with self:
            return InfoList([item async for item in self])

    async def aclose(self) -> None:
        """End the call; what was not read is lost."""
        self._left = 0
        self._state = "closed"
        self._ready.clear()
        await self._replies.close()

    async def __aenter__(self) -> AsyncItems[T]:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()


def ready(items: Iterable[T], call: Call[Any] | None = None) -> AsyncItems[T]:
    """Give items that are there already.

    :param call: which has given them.
    """
    return AsyncItems(AsyncReadyReplies(items), lambda item: (item,), call=call)


def made(items: AsyncGenerator[T, None]) -> AsyncItems[T]:
    """Give items that are made one by one."""
    return AsyncItems(AsyncMadeReplies(items), lambda item: (item,))
