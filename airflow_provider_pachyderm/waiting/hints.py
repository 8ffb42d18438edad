"""Hints that something happened to a commit or branch; what it means is for others to find out."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Hashable, Iterator
from contextlib import aclosing, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from airflow_provider_pachyderm.client import (
    BranchHasNoHead,
    CommitState,
    DeadlineExceeded,
    NotFound,
    PachydermError,
    Unavailable,
    parse_branch,
)
from airflow_provider_pachyderm.waiting.retries import Backoff

if TYPE_CHECKING:
    from airflow_provider_pachyderm.client import AsyncPfsClient, Branch

log = logging.getLogger(__name__)

# Seconds until a stream is tried again that the server refused for a reason which is not likely to pass by itself.
_AFTER_REFUSAL = 300.0


class Followed(Hashable, Protocol):
    """What a server can say something about when it happens."""

    async def wait(self, client: AsyncPfsClient, newest: str | None, arrived: Callable[[str | None], None]) -> None:
        """Return when the server has no more to say.

        :param newest: id of the newest commit that has been looked at, if this is a branch
        :param arrived: is called with the id of each later one
        """


@dataclass(frozen=True)
class FollowedBranch:
    """All commits of a branch, as they come and go on."""

    repo: str
    branch: str

    async def wait(self, client: AsyncPfsClient, newest: str | None, arrived: Callable[[str | None], None]) -> None:
        """Follow the branch for as long as the stream lasts."""
        async with aclosing(await client.subscribe_commit(self.repo, self.branch, newest)) as stream:
            async for info in stream:
                arrived(info.commit.id)


@dataclass(frozen=True)
class FollowedCommit:
    """One commit, until it is finished."""

    commit: str

    async def wait(self, client: AsyncPfsClient, newest: str | None, arrived: Callable[[str | None], None]) -> None:
        """Let the server answer when it is."""
        await client.inspect_commit(self.commit, wait=CommitState.FINISHED)


@dataclass(frozen=True)
class FollowedDownstream:
    """A commit and all that is made from it, until all are finished."""

    commit: str

    async def wait(self, client: AsyncPfsClient, newest: str | None, arrived: Callable[[str | None], None]) -> None:
        """Let the server answer when they are."""
        await client.wait_commit(self.commit)  # old servers flush an open commit at once
        await client.flush_commit(self.commit)


@dataclass(frozen=True)
class FollowedCommitSet:
    """A commit set, until all of its commits are finished.

    :param commit_set: its id
    """

    commit_set: str

    async def wait(self, client: AsyncPfsClient, newest: str | None, arrived: Callable[[str | None], None]) -> None:
        """Let the server answer when they are."""
        await client.inspect_commit_set(self.commit_set, wait=True)


@dataclass(frozen=True)
class FollowedJobs:
    """All jobs of a pipeline: each ends when the commit that it makes is finished, or a moment later.

    Servers tell of a job when it is made, but of none when it ends.
    """

    pipeline: str

    async def wait(self, client: AsyncPfsClient, newest: str | None, arrived: Callable[[str | None], None]) -> None:
        """Follow the output branch for as long as the stream lasts."""
        output = (await client.pps.inspect_pipeline(self.pipeline)).output_branch
        if output is None:
            await asyncio.sleep(_AFTER_REFUSAL)
            return
        if newest is None:
            newest = await _newest_done(client, output)
        async with aclosing(await client.subscribe_commit(output.repo, output.name, newest)) as stream:
            arrived(newest)  # what was finished before it was there
            async for info in stream:
                arrived(info.commit.id)


@dataclass(frozen=True)
class FollowedInputs:
    """The branches that another branch is made from: its commits can be filled when theirs are finished.

    :param inputs: as ``repo@branch``
    """

    inputs: tuple[str, ...]

    async def wait(self, client: AsyncPfsClient, newest: str | None, arrived: Callable[[str | None], None]) -> None:
        """Follow all of them until one of the streams ends."""
        streams = [asyncio.create_task(self._follow(client, each, arrived)) for each in self.inputs]
        try:
            done, _ = await asyncio.wait(streams, return_when=asyncio.FIRST_COMPLETED)
            for stream in done:
                stream.result()
        finally:
            for stream in streams:
                await cancel(stream)

    async def _follow(self, client: AsyncPfsClient, branch: str, arrived: Callable[[str | None], None]) -> None:
        place = parse_branch(branch, client.config.project)
        newest = await _newest_done(client, place)
        async with aclosing(await client.subscribe_commit(place.repo, place.name, newest)) as stream:
            arrived(None)  # what came between the look and now
            async for _ in stream:
                arrived(None)


class CommitHints:
    """Follow a branch, or one commit, in the background and say when to look again, to all who joined.

    The stream is opened again whenever it ends; each reopening is a hint too, as something may have happened between.

    :param client: client of the running loop
    :param followed: the branch or commit
    :param newest: id of the newest commit of the branch that has been looked at
    """

    def __init__(self, client: AsyncPfsClient, followed: Followed, newest: str | None) -> None:
        self._client = client
        self._followed = followed
        self._newest = newest
        self._backoff = Backoff()
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
        await cancel(self._task)

    def _hint(self) -> None:
        for listener in self._listeners:
            listener()

    async def _follow(self) -> None:
        while True:
            try:
                await self._followed.wait(self._client, self._newest, self._arrived)
            except (Unavailable, NotFound, DeadlineExceeded) as error:
                log.debug("Reopening the stream of commits: %s", error)
            except PachydermError as error:
                log.warning("Cannot stream commits at the moment, polling instead: %s", error)
                self._hint()
                await asyncio.sleep(_AFTER_REFUSAL)
                continue
            self._hint()
            await self._backoff.pause()

    def _arrived(self, commit_id: str | None) -> None:
        self._backoff.reset()
        self._newest = commit_id
        self._hint()


async def _newest_done(client: AsyncPfsClient, branch: Branch) -> str | None:
    """Find the commit after which all is to be followed, so that the server does not tell of all there ever was."""
    try:
        async with aclosing(await client.list_commit(branch.repo, to_commit=branch.name)) as newest_first:
            async for info in newest_first:
                if info.state.done:
                    return info.commit.id
    except (NotFound, BranchHasNoHead):
        pass
    return None


async def cancel(task: asyncio.Task[None]) -> None:
    """Cancel a task, and return when it has ended. Who waits here may be cancelled, too, and is."""
    task.cancel()
    await asyncio.wait([task])
