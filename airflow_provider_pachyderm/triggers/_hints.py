"""Hints that something happened to a commit or branch; what it means is for others to find out."""

from __future__ import annotations

import asyncio
import logging
import random
from contextlib import aclosing, suppress
from typing import TYPE_CHECKING

from airflow_provider_pachyderm.client import CommitState, DeadlineExceeded, NotFound, PachydermError, Unavailable

if TYPE_CHECKING:
    from types import TracebackType

    from airflow_provider_pachyderm.client import AsyncPfsClient

log = logging.getLogger(__name__)


class Backoff:
    """Growing, jittered pauses between tries.

    :param first: seconds of the first pause
    :param longest: seconds that no pause exceeds
    """

    def __init__(self, first: float = 0.5, longest: float = 30.0) -> None:
        self._first, self._longest = first, longest
        self.reset()

    def reset(self) -> None:
        """Start over: the last try worked."""
        self._next = self._first

    async def pause(self) -> None:
        """Sleep, longer each time."""
        await asyncio.sleep(self._next * random.uniform(0.5, 1.0))
        self._next = min(self._next * 2, self._longest)


class CommitHints:
    """Follow a branch, or one commit, in the background and say when to look again.

    The stream is opened again whenever it ends; each reopening is a hint too, as something may have happened between.

    :param client: client of the running loop
    :param repo: repo of the branch
    :param branch: branch to follow
    :param commit: instead of a branch, the commit to follow
    :param from_commit_id: newest commit that has been looked at
    """

    def __init__(
        self, client: AsyncPfsClient, repo: str, branch: str, commit: str | None, from_commit_id: str | None
    ) -> None:
        self._client = client
        self._repo = repo
        self._branch = branch
        self._commit = commit
        self._from = from_commit_id
        self._hint = asyncio.Event()

    async def __aenter__(self) -> CommitHints:
        self._task = asyncio.create_task(self._follow())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task

    async def next(self, timeout: float) -> None:
        """Return at the next hint, or after ``timeout`` seconds without one."""
        with suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._hint.wait(), timeout)
        self._hint.clear()

    async def _follow(self) -> None:
        backoff = Backoff()
        while True:
            try:
                if self._commit:
                    await self._client.inspect_commit(self._commit, wait=CommitState.FINISHED)
                else:
                    await self._follow_branch(backoff)
            except (Unavailable, NotFound, DeadlineExceeded) as error:
                log.debug("Opening the stream of commits again: %s", error)
            except PachydermError as error:
                log.warning("No stream of commits, looking from time to time instead: %s", error)
                return
            self._hint.set()
            await backoff.pause()

    async def _follow_branch(self, backoff: Backoff) -> None:
        async with aclosing(await self._client.subscribe_commit(self._repo, self._branch, self._from)) as stream:
            async for _ in stream:
                backoff.reset()
                self._hint.set()
