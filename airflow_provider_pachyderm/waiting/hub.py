"""What the triggers of one event loop share: a client for each connection, a stream and a poller for each branch.

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

from airflow_provider_pachyderm.hooks.pachyderm import load_async_client
from airflow_provider_pachyderm.waiting.hints import CommitHints
from airflow_provider_pachyderm.waiting.poll import Poller
from airflow_provider_pachyderm.waiting.shared_looks import SharedClient

if TYPE_CHECKING:
    from airflow_provider_pachyderm.client import ClientConfig
    from airflow_provider_pachyderm.waiting.hints import Followed
    from airflow_provider_pachyderm.waiting.poll import Look
    from airflow_provider_pachyderm.waiting.shared_looks import ConditionT, StateT


class _Closable(Protocol):
    async def close(self) -> None: ...


T = TypeVar("T", bound=_Closable)


@dataclass
class _Lent(Generic[T]):
    thing: T
    users: int = 0


class LentOut(Generic[T]):
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
    """The clients, streams and pollers of one event loop.

    Connections are told apart by all that they say, secrets included.
    """

    _of_loop: ClassVar[WeakKeyDictionary[asyncio.AbstractEventLoop, StreamHub]] = WeakKeyDictionary()

    def __init__(self) -> None:
        self._clients: LentOut[SharedClient] = LentOut()
        self._streams: LentOut[CommitHints] = LentOut()
        self._pollers: LentOut[Poller[Any, Any]] = LentOut()

    @classmethod
    def here(cls) -> StreamHub:
        """Return the hub of the running loop."""
        return cls._of_loop.setdefault(asyncio.get_running_loop(), cls())

    @asynccontextmanager
    async def poller(
        self, config: ClientConfig, followed: Followed, look: Look[ConditionT, StateT]
    ) -> AsyncIterator[Poller[ConditionT, StateT]]:
        """Lend the poller of a branch, a commit or a commit set.

        :param config: the connection
        :param followed: what says when to look
        :param look: asks the server once, for several who wait
        """
        await load_async_client()
        async with self._clients.lend(config, lambda: SharedClient(config)) as shared:
            follow = partial(self._follow, shared, followed)
            async with self._pollers.lend((config, followed, look), lambda: Poller(shared, look, follow)) as poller:
                yield poller

    @asynccontextmanager
    async def _follow(
        self, shared: SharedClient, followed: Followed, listener: Callable[[], None], newest: str | None
    ) -> AsyncIterator[None]:
        key = (shared.client.config, followed)
        async with self._streams.lend(key, lambda: CommitHints(shared.client, followed, newest)) as stream:
            with stream.join(listener, newest):
                yield
