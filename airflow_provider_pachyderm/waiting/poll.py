"""Looking at a server again and again, for all who wait for the same: at once, then whenever something happened."""

from __future__ import annotations

import asyncio
import contextvars
import logging
import random
from collections.abc import Awaitable, Callable, Collection, Hashable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from airflow_provider_pachyderm.client import PachydermError
from airflow_provider_pachyderm.waiting.hints import AWAY, Backoff, ended

if TYPE_CHECKING:
    from airflow_provider_pachyderm.waiting.shared_client import Line

log = logging.getLogger(__name__)

T = TypeVar("T")


class Sight(Protocol):
    """What a look shows to one who waits."""

    @property
    def newest(self) -> str | None:
        """Id of the newest commit of the branch that was seen to be done."""


SeenT = TypeVar("SeenT", bound=Sight)
SeenT_contra = TypeVar("SeenT_contra", bound=Sight, contravariant=True)


class Wanted(Hashable, Protocol[SeenT_contra]):
    """What somebody waits for."""

    def found(self, seen: SeenT_contra) -> Any:
        """Return what ends the waiting, or None; raise what ends it, too."""


WantedT = TypeVar("WantedT", bound=Wanted[Any])
Look = Callable[["Line", Collection[WantedT]], Awaitable[Mapping[WantedT, SeenT | BaseException]]]
"""Asks a server once, for several who wait: what each of them sees, or an error of his own."""
Follow = Callable[[Callable[[], None], str | None], AbstractAsyncContextManager[None]]
"""Has a function called when it is time to look, beginning behind a commit."""


@dataclass(eq=False)
class Waiter(Generic[WantedT]):
    """One who waits.

    :param wanted: what for
    :param patient_with: errors after which the waiting goes on
    :param found: what ended it
    :param context: of the task that waits; Airflow goes by it when it sends a log line to the log of a task
    """

    wanted: WantedT
    patient_with: tuple[type[PachydermError], ...]
    found: asyncio.Future[Any] = field(default_factory=lambda: asyncio.get_running_loop().create_future())
    context: contextvars.Context = field(default_factory=contextvars.copy_context)

    def warn(self, message: str, error: BaseException) -> None:
        """Write to the log of who waits, if he still does."""
        if not self.found.done():
            self.context.run(log.warning, message, error)

    def tell(self, outcome: Sight | BaseException) -> None:
        """End the waiting if this ends it."""
        if self.found.done():
            return
        if not isinstance(outcome, BaseException):
            self._judge(outcome)
        elif isinstance(outcome, self.patient_with):
            self.warn("Waiting on in spite of an error: %s", outcome)
        else:
            self.found.set_exception(outcome)

    def _judge(self, seen: Sight) -> None:
        try:
            found = self.context.run(self.wanted.found, seen)
        except Exception as error:
            self.tell(error)
        else:
            if found is not None:
                self.found.set_result(found)


class Watch(Generic[WantedT, SeenT]):
    """Looks for all who wait for one branch, one commit or one commit set.

    Who comes is looked for at once, together with all who come meanwhile. All are looked for when the stream says that
    something happened, and from time to time, as it might have failed to.

    :param line: the server
    :param look: asks it once
    :param follow: joins the stream
    """

    def __init__(self, line: Line, look: Look[WantedT, SeenT], follow: Follow) -> None:
        self.line = line
        self._look = look
        self._follow = follow
        self._newcomers: set[Waiter[WantedT]] = set()
        self._waiters: set[Waiter[WantedT]] = set()
        self._woken = asyncio.Event()
        self._interval = float("inf")
        self._next_look = float("inf")
        self._backoff = Backoff()
        self._task = asyncio.create_task(self._watch())
        self._task.add_done_callback(self._end)

    async def wait(
        self, wanted: WantedT, *, poll_interval: float, patient_with: tuple[type[PachydermError], ...] = AWAY
    ) -> Any:
        """Wait until it is found, and return what was found.

        :param wanted: what to wait for
        :param poll_interval: seconds between looks, more or less, while the stream says nothing; of several the least
        :param patient_with: after these errors the waiting goes on, as always while the server is away; all others rise
        """
        waiter = Waiter(wanted, patient_with)
        self._newcomers.add(waiter)
        self._interval = min(self._interval, poll_interval)
        self._woken.set()
        if self._task.done():
            self._end(self._task)
        try:
            return await waiter.found
        finally:
            self._newcomers.discard(waiter)
            self._waiters.discard(waiter)

    async def close(self) -> None:
        """Leave the stream."""
        await ended(self._task)

    async def _watch(self) -> None:
        follows = False
        async with AsyncExitStack() as stream:
            while True:
                await self._rest()
                newest = await self._serve(self._due())
                if self._waiters and not follows:
                    await stream.enter_async_context(self._follow(self._look_again, newest))
                    follows = True

    def _end(self, task: asyncio.Task[None]) -> None:
        """Let nobody wait for what does not look any more."""
        for waiter in self._waiters | self._newcomers:
            waiter.tell(RuntimeError(f"The watch has ended: {task}"))

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

    def _due(self) -> Collection[Waiter[WantedT]]:
        newcomers, self._newcomers = self._newcomers, set()
        self._waiters |= newcomers
        now = asyncio.get_running_loop().time()
        tick = now + self._interval * random.uniform(0.75, 1.25)
        if newcomers != self._waiters and now < self._next_look:
            self._next_look = min(self._next_look, tick)  # a newcomer may be less patient than the others
            return newcomers
        self._next_look = tick
        return tuple(self._waiters)

    async def _serve(self, waiters: Collection[Waiter[WantedT]]) -> str | None:
        """Look for these, tell them, and return the newest commit that was seen."""
        if not waiters:
            return None
        wanted = {waiter.wanted for waiter in waiters}
        try:
            outcomes = await patiently(lambda: self._look(self.line, wanted), say=partial(_warn, waiters))
        except Exception as error:
            outcomes = dict.fromkeys(wanted, error)
        for waiter in waiters:
            waiter.tell(outcomes[waiter.wanted])
            if waiter.found.done():
                self._waiters.discard(waiter)
        self._look_soon_if_away(outcomes.values())
        return next((seen.newest for seen in outcomes.values() if not isinstance(seen, BaseException)), None)

    def _look_soon_if_away(self, outcomes: Iterable[SeenT | BaseException]) -> None:
        """Look again before the others' time if the server was away for some of them."""
        if any(isinstance(outcome, AWAY) for outcome in outcomes):
            self._next_look = min(self._next_look, asyncio.get_running_loop().time() + self._backoff.seconds())
        else:
            self._backoff.reset()


async def patiently(
    call: Callable[[], Awaitable[T]],
    patient_with: tuple[type[PachydermError], ...] = AWAY,
    say: Callable[[str, PachydermError], None] = log.warning,
) -> T:
    """Call until it works, with growing pauses.

    :param call: asks a server
    :param patient_with: after these errors it is called again; all others rise
    :param say: writes a line to a log
    """
    backoff = Backoff()
    while True:
        try:
            return await call()
        except patient_with as error:
            say("Pachyderm does not answer, trying again: %s", error)
            await backoff.pause()


def _warn(waiters: Iterable[Waiter[Any]], message: str, error: PachydermError) -> None:
    for waiter in waiters:
        waiter.warn(message, error)
