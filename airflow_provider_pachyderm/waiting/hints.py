"""Hints that something happened to a commit or branch; what it means is for others to find out."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable, Iterator
from contextlib import aclosing, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from airflow_provider_pachyderm.client import CommitState, DeadlineExceeded, NotFound, PachydermError, Unavailable

if TYPE_CHECKING:
    from airflow_provider_pachyderm.client import AsyncPfsClient

log = logging.getLogger(__name__)

AWAY: tuple[type[PachydermError], ...] = (Unavailable, DeadlineExceeded)
"""What calls raise while a server is away."""

# Seconds until a stream is tried again that the server refused for a reason which is not likely to pass by itself.
_AFTER_REFUSAL = 300.0


async def ended(task: asyncio.Task[None]) -> None:
    """Cancel a task, and return when it has ended. Who waits here may be cancelled, too, and is."""
    task.cancel()
    await asyncio.wait([task])


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
        """Sleep so long."""
        await asyncio.sleep(self.seconds())


@dataclass(frozen=True)
class Followed:
    """A branch to follow, or else what is awaited until it is done.

    :param repo: repo of the branch
    :param branch: the branch
    :param commit: a commit
    :param made_from: a commit and all that is made from it
    :param commit_set: id of a commit set
    """

    repo: str = ""
    branch: str = ""
    commit: str | None = None
    made_from: str | None = None
    commit_set: str | None = None


class CommitHints:
    """Follow a branch, or one commit, in the background and say when to look again, to all who joined.

    The stream is opened again whenever it ends; each reopening is a hint too, as something may have happened between.

    :param client: client of the running loop
    :param followed: the branch or commit
    :param from_commit_id: newest commit of the branch that has been looked at
    """

    def __init__(self, client: AsyncPfsClient, followed: Followed, from_commit_id: str | None) -> None:
        self._client = client
        self._followed = followed
        self._newest = from_commit_id
        self._listeners: set[Callable[[], None]] = set()
        self._task = asyncio.create_task(self._follow())

    @contextmanager
    def join(self, listener: Callable[[], None], newest: str | None) -> Iterator[None]:
        """Lend a place on the stream.

        :param listener: is called when it is time to look
        :param newest: newest commit that the listener has looked at; if the stream is ahead, it is called at once
        """
        if newest != self._newest:
            listener()
        self._listeners.add(listener)
        try:
            yield
        finally:
            self._listeners.discard(listener)

    async def close(self) -> None:
        """End the stream."""
        await ended(self._task)

    def _hint(self) -> None:
        for listener in self._listeners:
            listener()

    async def _follow(self) -> None:
        backoff = Backoff()
        while True:
            try:
                await self._wait_for_end(backoff)
            except (Unavailable, NotFound, DeadlineExceeded) as error:
                log.debug("Opening the stream of commits again: %s", error)
            except PachydermError as error:
                log.warning("No stream of commits for now, looking from time to time instead: %s", error)
                self._hint()
                await asyncio.sleep(_AFTER_REFUSAL)
                continue
            self._hint()
            await backoff.pause()

    async def _wait_for_end(self, backoff: Backoff) -> None:
        if self._followed.commit:
            await self._client.inspect_commit(self._followed.commit, wait=CommitState.FINISHED)
        elif self._followed.made_from:
            await self._client.wait_commit(self._followed.made_from)  # old servers flush an open commit at once
            await self._client.flush_commit(self._followed.made_from)
        elif self._followed.commit_set:
            await self._client.inspect_commit_set(self._followed.commit_set, wait=True)
        else:
            await self._follow_branch(backoff)

    async def _follow_branch(self, backoff: Backoff) -> None:
        repo, branch = self._followed.repo, self._followed.branch
        async with aclosing(await self._client.subscribe_commit(repo, branch, self._newest)) as stream:
            async for info in stream:
                backoff.reset()
                self._newest = info.commit.id
                self._hint()
