"""Another client that acts between two calls of one, before each of its calls in turn."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

from airflow_provider_pachyderm.client import PfsClient


class _Interrupting:
    """A transport that lets another one act before a call.

    :param at: number of the call, from 0 on
    """

    def __init__(self, transport: Any, at: int, act: Callable[[], object]) -> None:
        self._transport, self._left, self._act = transport, at, act
        self.has_acted = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def unary(self, *args: Any, **options: Any) -> Any:
        return self._next(self._transport.unary, args, options)

    def receive(self, *args: Any, **options: Any) -> Any:
        return self._next(self._transport.receive, args, options)

    def send(self, *args: Any, **options: Any) -> Any:
        return self._next(self._transport.send, args, options)

    def _next(self, call: Callable[..., Any], args: Any, options: Any) -> Any:
        if self._left == 0:
            self._act()
            self.has_acted = True
        self._left -= 1
        return call(*args, **options)


@contextmanager
def acting(client: PfsClient, at: int, act: Callable[[], object]) -> Iterator[_Interrupting]:
    """Act before one of the calls that a client makes in the ``with`` block."""
    session: Any = client._session
    transport = session._transport
    session._transport = between = _Interrupting(transport, at, act)
    try:
        yield between
    finally:
        session._transport = transport


def at_each_call(client: PfsClient, act: Callable[[], object], work: Callable[[], Iterator[None]]) -> int:
    """Do something again and again, each time with another one acting before another of its calls.

    :param work: a generator that prepares, yields, does it, yields, and checks what there is then
    :return: before how many calls there was an act
    """
    for at in count():
        steps = work()
        next(steps)
        with acting(client, at, act) as between:
            next(steps)
        if not between.has_acted:
            steps.close()
            return at
        for _ in steps:
            raise AssertionError("more steps than prepare, do and check")
    raise AssertionError("unreachable")
