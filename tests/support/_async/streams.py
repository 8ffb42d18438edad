"""Reading streams in tests; ``_sync/streams.py`` has the same names for the sync client."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing as closing
from typing import Any, Generic, TypeVar

__all__ = ["background", "closing", "collect", "step", "take"]

T = TypeVar("T")


async def collect(stream: AsyncIterator[T]) -> list[T]:
    return [item async for item in stream]


async def step(stream: AsyncIterator[T]) -> T:
    return await stream.__anext__()


async def take(stream: AsyncIterator[T], count: int) -> list[T]:
    return [await step(stream) for _ in range(count)]


class background(Generic[T]):
    """A call that runs beside the test."""

    def __init__(self, call: Callable[..., Awaitable[T]], *args: Any) -> None:
        self._awaitable = call(*args)

    async def __aenter__(self) -> background[T]:
        self._task = asyncio.ensure_future(self._awaitable)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._task.cancel()

    async def done_within(self, seconds: float) -> bool:
        return bool((await asyncio.wait({self._task}, timeout=seconds))[0])

    async def result(self) -> T:
        return await asyncio.wait_for(self._task, 30)
