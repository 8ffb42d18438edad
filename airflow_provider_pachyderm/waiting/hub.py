"""What the triggers of one event loop share: a client for each connection, a stream and a watch for each branch.

A triggerer may have thousands of sensors waiting for one branch. They cost the server one SubscribeCommit, and when a
commit is finished one look.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Hashable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Protocol, TypeVar
from weakref import WeakKeyDictionary

from airflow_provider_pachyderm.hooks._loading import load_client
from airflow_provider_pachyderm.waiting.hints import CommitHints
from airflow_provider_pachyderm.waiting.poll import Watch
from airflow_provider_pachyderm.waiting.shared_client import Line

if TYPE_CHECKING:
    from airflow_provider_pachyderm.client import ClientConfig
    from airflow_provider_pachyderm.waiting.hints import Followed
    from airflow_provider_pachyderm.waiting.poll import Look


class _Closable(Protocol):
    async def close(self) -> None: ...


T = TypeVar("T", bound=_Closable)


@dataclass
class _Lent(Generic[T]):
    thing: T
    users: int = 0


class Shared(Generic[T]):
    """Lends one thing for each key; the last one to give it back closes it."""

    def __init__(self) -> None:
        self._lent: dict[Hashable, _Lent[T]] = {}

    @asynccontextmanager
    async def lend(self, key: Hashable, make: Callable[[], T]) -> AsyncIterator[T]:
        """Lend what was made for this key, or make it."""
        lent = self._lent.get(key)
        if lent is None:
            lent = self._lent[key] = _Lent(make())
        lent.users += 1
        try:
            yield lent.thing
        finally:
            lent.users -= 1
            if not lent.users:
                del self._lent[key]
                await lent.thing.close()


class StreamHub:
    """The lines, streams and watches of one event loop.

    Connections are told apart by all that they say, secrets included.
    """

    _of_loop: ClassVar[WeakKeyDictionary[asyncio.AbstractEventLoop, StreamHub]] = WeakKeyDictionary()

    def __init__(self) -> None:
        self._lines: Shared[Line] = Shared()
        self._streams: Shared[CommitHints] = Shared()
        self._watches: Shared[Watch[Any, Any]] = Shared()

    @classmethod
    def here(cls) -> StreamHub:
        """Return the hub of the running loop."""
        return cls._of_loop.setdefault(asyncio.get_running_loop(), cls())

    @asynccontextmanager
    async def watch(
        self, config: ClientConfig, followed: Followed, look: Look[Any, Any]
    ) -> AsyncIterator[Watch[Any, Any]]:
        """Lend the watch of a branch, a commit or a commit set.

        :param config: the connection
        :param followed: what says when to look
        :param look: asks the server once, for several who wait
        """
        await load_client()
        async with self._lines.lend(config, lambda: Line(config)) as line:
            follow = partial(self._follow, line, followed)
            async with self._watches.lend((config, followed, look), lambda: Watch(line, look, follow)) as watch:
                yield watch

    @asynccontextmanager
    async def _follow(
        self, line: Line, followed: Followed, listener: Callable[[], None], newest: str | None
    ) -> AsyncIterator[None]:
        key = (line.client.config, followed)
        async with self._streams.lend(key, lambda: CommitHints(line.client, followed, newest)) as stream:
            with stream.join(listener, newest):
                yield
