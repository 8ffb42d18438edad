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
class _Shared(Generic[T]):
    resource: T
    users: int = 0


class SharedResources(Generic[T]):
    """One resource for each key, shared by its users; the last one to leave closes it."""

    def __init__(self) -> None:
        self._entries: dict[Hashable, _Shared[T]] = {}

    @asynccontextmanager
    async def share(self, key: Hashable, make: Callable[[], T]) -> AsyncIterator[T]:
        """Share what was made for this key, or make it."""
        entry = self._entries.get(key)
        if entry is None:
            entry = self._entries[key] = _Shared(make())
        entry.users += 1
        try:
            yield entry.resource
        finally:
            entry.users -= 1
            if not entry.users:
                del self._entries[key]
                await entry.resource.close()


class StreamHub:
    """The clients, streams and pollers of one event loop.

    Connections are told apart by all that they say, secrets included.
    """

    _of_loop: ClassVar[WeakKeyDictionary[asyncio.AbstractEventLoop, StreamHub]] = WeakKeyDictionary()

    def __init__(self) -> None:
        self._clients: SharedResources[SharedClient] = SharedResources()
        self._streams: SharedResources[CommitHints] = SharedResources()
        self._pollers: SharedResources[Poller[Any, Any]] = SharedResources()

    @classmethod
    def here(cls) -> StreamHub:
        """Return the hub of the running loop."""
        return cls._of_loop.setdefault(asyncio.get_running_loop(), cls())

    @asynccontextmanager
    async def poller(
        self, config: ClientConfig, followed: Followed, look: Look[ConditionT, StateT]
    ) -> AsyncIterator[Poller[ConditionT, StateT]]:
        """Share the poller of a branch, a commit or a commit set.

        :param config: the connection
        :param followed: what says when to look
        :param look: asks the server once, for several who wait
        """
        await load_async_client()
        async with self._clients.share(config, lambda: SharedClient(config)) as shared:
            follow = partial(self._follow, shared, followed)
            async with self._pollers.share((config, followed, look), lambda: Poller(shared, look, follow)) as poller:
                yield poller

    @asynccontextmanager
    async def _follow(
        self, shared: SharedClient, followed: Followed, listener: Callable[[], None], newest: str | None
    ) -> AsyncIterator[None]:
        key = (shared.client.config, followed)
        async with self._streams.share(key, lambda: CommitHints(shared.client, followed, newest)) as stream:
            with stream.join(listener, newest):
                yield
