"""Reading streams in tests; ``_async/streams.py`` has the same names for the async client."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, wait
from contextlib import closing
from threading import Thread
from typing import Any, Generic, TypeVar

__all__ = ["background", "closing", "collect", "step", "take"]

T = TypeVar("T")


def collect(stream: Iterator[T]) -> list[T]:
    return list(stream)


def step(stream: Iterator[T]) -> T:
    return next(stream)


def take(stream: Iterator[T], count: int) -> list[T]:
    return [step(stream) for _ in range(count)]


class background(Generic[T]):
    """A call that runs beside the test."""

    def __init__(self, call: Callable[..., T], *args: Any) -> None:
        self._call, self._args = call, args
        self._future: Future[T] = Future()

    def _run(self) -> None:
        try:
            self._future.set_result(self._call(*self._args))
        except BaseException as error:
            self._future.set_exception(error)

    def __enter__(self) -> background[T]:
        self._thread = Thread(target=self._run, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.join(10)

    def done_within(self, seconds: float) -> bool:
        return bool(wait([self._future], timeout=seconds).done)

    def result(self) -> T:
        return self._future.result(30)
