"""Looking at a server again and again, for all who wait for the same: at once, then whenever something happened."""

from __future__ import annotations

import asyncio
import contextvars
import logging
import random
from collections.abc import Awaitable, Callable, Collection, Iterable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Generic, TypeAlias, TypeVar

from airflow_provider_pachyderm.client import PachydermError
from airflow_provider_pachyderm.waiting.hints import cancel
from airflow_provider_pachyderm.waiting.retries import AWAY, Backoff, retry_while_away
from airflow_provider_pachyderm.waiting.shared_looks import ConditionT, Observation, SharedClient, StateT

log = logging.getLogger(__name__)

FoundT = TypeVar("FoundT")
Look = Callable[[SharedClient, Collection[ConditionT]], Awaitable[Observation[ConditionT, StateT]]]
"""Asks a server once, for several who wait."""
Follow = Callable[[Callable[[], None], str | None], AbstractAsyncContextManager[None]]
"""Has a function called when it is time to look, beginning after a commit."""


@dataclass(eq=False)
class Waiter(Generic[ConditionT, StateT, FoundT]):
    """One who waits.

    :param condition: what for
    :param found: gives what ends the waiting, if the state does; raises what ends it, too
    :param tolerated: errors after which the waiting goes on
    :param result: what ended it
    :param context: of the task that waits; Airflow goes by it when it sends a log line to the log of a task
    """

    condition: ConditionT
    found: Callable[[StateT], FoundT | None]
    tolerated: tuple[type[PachydermError], ...]
    result: asyncio.Future[FoundT] = field(default_factory=lambda: asyncio.get_running_loop().create_future())
    context: contextvars.Context = field(default_factory=contextvars.copy_context)

    def warn(self, message: str, error: BaseException) -> None:
        """Write to the log of who waits, if he still does."""
        if not self.result.done():
            self.context.run(log.warning, message, error)

    def take(self, outcome: StateT | BaseException) -> None:
        """End the waiting if this ends it."""
        if self.result.done():
            return
        if not isinstance(outcome, BaseException):
            self._take_state(outcome)
        elif isinstance(outcome, self.tolerated):
            self.warn("Continuing to wait after an error: %s", outcome)
        else:
            self.result.set_exception(outcome)

    def _take_state(self, state: StateT) -> None:
        try:
            found = self.context.run(self.found, state)
        except Exception as error:
            self.take(error)
        else:
            if found is not None:
                self.result.set_result(found)


AnyWaiter: TypeAlias = Waiter[ConditionT, StateT, Any]


class Poller(Generic[ConditionT, StateT]):
    """Looks for all who wait for one branch, one commit or one commit set.

    Who comes is looked for at once, together with all who come meanwhile. All are looked for when the stream says that
    something happened, and from time to time, as it might have failed to.

    :param shared: the client to look with
    :param look: asks the server once
    :param follow: joins the stream
    """

    def __init__(self, shared: SharedClient, look: Look[ConditionT, StateT], follow: Follow) -> None:
        self.shared = shared
        self._look = look
        self._follow = follow
        self._newcomers: set[AnyWaiter[ConditionT, StateT]] = set()
        self._waiters: set[AnyWaiter[ConditionT, StateT]] = set()
        self._woken = asyncio.Event()
        self._interval = float("inf")
        self._next_look = float("inf")
        self._backoff = Backoff()
        self._task = asyncio.create_task(self._poll())
        self._task.add_done_callback(self._end)

    async def wait(
        self,
        condition: ConditionT,
        found: Callable[[StateT], FoundT | None],
        *,
        poll_interval: float,
        tolerated: tuple[type[PachydermError], ...] = AWAY,
    ) -> FoundT:
        """Wait until it is found, and return what was found.

        :param condition: what to wait for
        :param found: gives what ends the waiting, if the state that a look shows does, or raises
        :param poll_interval: seconds between looks, more or less, while the stream says nothing; of several the least
        :param tolerated: after these errors the waiting goes on, as always while the server is away; all others rise
        """
        waiter = Waiter(condition, found, tolerated)
        self._newcomers.add(waiter)
        self._interval = min(self._interval, poll_interval)
        self._woken.set()
        if self._task.done():
            self._end(self._task)
        try:
            return await waiter.result
        finally:
            self._newcomers.discard(waiter)
            self._waiters.discard(waiter)

    async def close(self) -> None:
        """Leave the stream."""
        await cancel(self._task)

    async def _poll(self) -> None:
        follows = False
        async with AsyncExitStack() as stream:
            while True:
                await self._rest()
                newest = await self._serve(self._due())
                if self._waiters and not follows:
                    await stream.enter_async_context(self._follow(self._look_again, newest))
                    follows = True

    def _end(self, task: asyncio.Task[None]) -> None:
        """Fail all that still wait, as nothing looks any more."""
        for waiter in self._waiters | self._newcomers:
            waiter.take(RuntimeError(f"Polling has ended: {task}"))

    def _look_again(self) -> None:
        self._next_look = 0.0
        self._woken.set()

    async def _rest(self) -> None:
        # not wait_for(): before Python 3.12 it may lose a cancellation, and then close() waits for ever
        loop = asyncio.get_running_loop()
        alarm = None if self._next_look == float("inf") else loop.call_at(self._next_look, self._woken.set)
        try:
            await self._woken.wait()
        finally:
            if alarm is not None:
                alarm.cancel()
        self._woken.clear()

    def _due(self) -> Collection[AnyWaiter[ConditionT, StateT]]:
        newcomers, self._newcomers = self._newcomers, set()
        self._waiters |= newcomers
        now = asyncio.get_running_loop().time()
        tick = now + self._interval * random.uniform(0.75, 1.25)
        if newcomers != self._waiters and now < self._next_look:
            self._next_look = min(self._next_look, tick)  # a newcomer may be less patient than the others
            return newcomers
        self._next_look = tick
        return tuple(self._waiters)

    async def _serve(self, waiters: Collection[AnyWaiter[ConditionT, StateT]]) -> str | None:
        """Look for these, hand them what it showed, and return the newest commit that was seen."""
        if not waiters:
            return None
        seen = await self._observe(waiters)
        for waiter in waiters:
            waiter.take(seen.outcomes[waiter.condition])
            if waiter.result.done():
                self._waiters.discard(waiter)
        self._look_soon_if_needed(seen)
        return seen.newest

    async def _observe(self, waiters: Collection[AnyWaiter[ConditionT, StateT]]) -> Observation[ConditionT, StateT]:
        conditions = {waiter.condition for waiter in waiters}
        try:
            return await retry_while_away(lambda: self._look(self.shared, conditions), warn=partial(_warn, waiters))
        except Exception as error:
            return Observation(dict.fromkeys(conditions, error))

    def _look_soon_if_needed(self, seen: Observation[ConditionT, StateT]) -> None:
        """Look again before the others' time if the server was away for some of them, or something is to happen."""
        if seen.soon or any(isinstance(outcome, AWAY) for outcome in seen.outcomes.values()):
            self._next_look = min(self._next_look, asyncio.get_running_loop().time() + self._backoff.seconds())
        else:
            self._backoff.reset()


def _warn(waiters: Iterable[AnyWaiter[ConditionT, StateT]], message: str, error: PachydermError) -> None:
    for waiter in waiters:
        waiter.warn(message, error)
