"""Wake-ups: coroutines sleep on keys, a committed unit of work wakes those whose keys it touched."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable


class Notifier:
    """Sleepers by key. One loop, no locks: a check followed by ``wait`` without an await between misses nothing."""

    def __init__(self) -> None:
        self._sleepers: dict[str, set[asyncio.Future[None]]] = {}

    def wake(self, keys: Iterable[str]) -> None:
        """Wake all that sleep on one of the keys."""
        for key in keys:
            for sleeper in self._sleepers.get(key, ()):
                if not sleeper.done():
                    sleeper.set_result(None)

    async def wait(self, keys: Iterable[str], timeout: float | None = None) -> None:
        """Sleep until one of the keys is touched.

        :param timeout: seconds after which it wakes anyhow.
        """
        sleeper = asyncio.get_running_loop().create_future()
        keys = tuple(keys)
        for key in keys:
            self._sleepers.setdefault(key, set()).add(sleeper)
        try:
            # wait_for would lose a cancellation that comes together with the wake-up, up to Python 3.11
            await asyncio.wait([sleeper], timeout=timeout)
        finally:
            self._forget(sleeper, keys)

    def _forget(self, sleeper: asyncio.Future[None], keys: Iterable[str]) -> None:
        for key in keys:
            others = self._sleepers[key]
            others.discard(sleeper)
            if not others:
                del self._sleepers[key]
