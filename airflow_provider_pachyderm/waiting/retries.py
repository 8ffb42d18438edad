"""Asking a server again while it is away."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from typing import TypeVar

from airflow_provider_pachyderm.client import DeadlineExceeded, PachydermError, Unavailable

log = logging.getLogger(__name__)

T = TypeVar("T")

AWAY: tuple[type[PachydermError], ...] = (Unavailable, DeadlineExceeded)
"""What calls raise while a server is away."""


class Backoff:
    """Growing, jittered pauses between tries.

    :param first: seconds of the first pause
    :param longest: seconds that no pause exceeds
    """

    def __init__(self, first: float = 0.5, longest: float = 10.0) -> None:
        self._first, self._longest = first, longest
        self.reset()

    def reset(self) -> None:
        """Start over: the last try worked."""
        self._next = self._first

    def seconds(self) -> float:
        """Return how long the next pause is: longer each time."""
        seconds, self._next = self._next * random.uniform(0.5, 1.0), min(self._next * 2, self._longest)
        return seconds

    async def pause(self) -> None:
        """Sleep for the next pause."""
        await asyncio.sleep(self.seconds())


async def retry_while_away(
    call: Callable[[], Awaitable[T]],
    retried: tuple[type[PachydermError], ...] = AWAY,
    warn: Callable[[str, PachydermError], None] = log.warning,
) -> T:
    """Call until it works, with growing pauses.

    :param call: asks a server
    :param retried: after these errors it is called again; all others rise
    :param warn: writes a line to a log
    """
    backoff = Backoff()
    while True:
        try:
            return await call()
        except retried as error:
            warn("Pachyderm does not answer, trying again: %s", error)
            await backoff.pause()
