"""What the triggers of one event loop share: a client for each connection, a stream for each branch.

A triggerer may have thousands of sensors waiting for one branch. They cost the server one SubscribeCommit.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Hashable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, ClassVar, Generic, Protocol, TypeVar
from weakref import WeakKeyDictionary

from airflow_provider_pachyderm.triggers._hints import CommitHints, Hint

if TYPE_CHECKING:
    from airflow_provider_pachyderm.client import AsyncPfsClient, ClientConfig
    from airflow_provider_pachyderm.triggers._hints import Followed

# All waiters of a branch look when it changes. More at once would only queue in the server, and time out there.
_LOOKS_AT_ONCE = 32


class _Closable(Protocol):
    async def close(self) -> None: ...


T = TypeVar("T", bound=_Closable)


class Shared(Generic[T]):
    """Lends one thing for each key; the last one to give it back closes it."""

    def __init__(self) -> None:
        self._lent: dict[Hashable, T] = {}
        self._users: dict[Hashable, int] = {}

    @asynccontextmanager
    async def lend(self, key: Hashable, make: Callable[[], T]) -> AsyncIterator[T]:
        """Lend what was made for this key, or make it."""
        if key not in self._lent:
            self._lent[key] = make()
        self._users[key] = self._users.get(key, 0) + 1
        try:
            yield self._lent[key]
        finally:
            self._users[key] -= 1
            if not self._users[key]:
                del self._users[key]
                await self._lent.pop(key).close()


class Line:
    """The client of one connection, and its turns to look.

    :param config: the connection
    """

    def __init__(self, config: ClientConfig) -> None:
        from airflow_provider_pachyderm.client import AsyncPfsClient

        self.client: AsyncPfsClient = AsyncPfsClient(config=config)
        self.turn = asyncio.Semaphore(_LOOKS_AT_ONCE)

    async def close(self) -> None:
        """Close the client."""
        await self.client.close()


class StreamHub:
    """The lines and streams of one event loop. Connections are told apart by all that they say, secrets included."""

    _of_loop: ClassVar[WeakKeyDictionary[asyncio.AbstractEventLoop, StreamHub]] = WeakKeyDictionary()

    def __init__(self) -> None:
        self._lines: Shared[Line] = Shared()
        self._streams: Shared[CommitHints] = Shared()

    @classmethod
    def here(cls) -> StreamHub:
        """Return the hub of the running loop."""
        return cls._of_loop.setdefault(asyncio.get_running_loop(), cls())

    @asynccontextmanager
    async def line(self, config: ClientConfig) -> AsyncIterator[Line]:
        """Lend the line of a connection."""
        async with self._lines.lend(config, lambda: Line(config)) as line:
            yield line

    @asynccontextmanager
    async def hint(self, line: Line, followed: Followed, newest: str | None) -> AsyncIterator[Hint]:
        """Lend a place on the stream of a branch, or of a commit.

        :param line: a line that stays lent for as long
        :param followed: what to follow
        :param newest: id of the newest commit that the caller has looked at
        """
        key = (line.client.config, followed)
        async with self._streams.lend(key, lambda: CommitHints(line.client, followed, newest)) as stream:
            with stream.join(newest) as hint:
                yield hint
