"""Every new commit of a branch, oldest first, for as long as anybody asks."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import TYPE_CHECKING, TypedDict

from airflow_provider_pachyderm.client import NotFound, parse_commit
from airflow_provider_pachyderm.waiting._async.looks import resolve_start
from airflow_provider_pachyderm.waiting.commit import BranchState, NewCommits, newer_than, parse_time, reference
from airflow_provider_pachyderm.waiting.hub import StreamHub
from airflow_provider_pachyderm.waiting.poll import Look
from airflow_provider_pachyderm.waiting.retries import Backoff, retry_while_away
from airflow_provider_pachyderm.waiting.shared_looks import look_for_commits

if TYPE_CHECKING:
    from airflow_provider_pachyderm.client import AsyncPfsClient, ClientConfig, CommitInfo

log = logging.getLogger(__name__)

_LOOK: Look[NewCommits, BranchState] = look_for_commits


class Cursor(TypedDict):
    """Up to where all commits of a branch were given, as plain values that survive JSON."""

    from_commit: str | None
    after: str | None


class CommitPayload(TypedDict):
    """What an event says of a commit, as plain values."""

    project: str | None
    repo: str
    branch: str
    commit: str
    size_bytes: int | None
    finished: str | None


class CommitFeed:
    """Follows a branch.

    :param since: the branch, and the commit to begin after; without one the feed begins after the head
    :param connect: reads the connection, anew after each error, as somebody may have mended it
    :param event_interval: least seconds from one commit to the next
    :param poll_interval: seconds between looks when no hint comes
    """

    def __init__(
        self,
        since: NewCommits,
        connect: Callable[[], Awaitable[ClientConfig]],
        *,
        event_interval: float,
        poll_interval: float,
    ) -> None:
        self._since = since
        self._connect = connect
        self._event_interval = event_interval
        self._poll_interval = poll_interval
        self._began = False
        self._not_before = 0.0

    @property
    def cursor(self) -> Cursor:
        """Up to where all commits were given."""
        return {"from_commit": self._since.from_commit, "after": self._since.after}

    def resume(self, cursor: object) -> None:
        """Begin where another feed has been.

        :param cursor: what ``cursor`` was there
        :raises ValueError: it is something else
        """
        commit, after = _checked(cursor)
        self._since = replace(self._since, from_commit=commit, after=after)
        self._began = True

    async def arrivals(self) -> AsyncGenerator[CommitInfo | None, None]:
        """Give each new commit once; before them None, when the feed has found out where it begins."""
        async with aclosing(self._batches()) as batches:
            async for batch in batches:
                for info in batch:
                    if info is not None:
                        await self._pace()
                        self._since = newer_than(self._since, info)
                    yield info

    async def _pace(self) -> None:
        loop = asyncio.get_running_loop()
        await asyncio.sleep(self._not_before - loop.time())
        self._not_before = loop.time() + self._event_interval

    async def _batches(self) -> AsyncGenerator[Sequence[CommitInfo | None], None]:
        # No error ends a feed. Airflow would only start the trigger again, every second.
        backoff = Backoff()
        while True:
            try:
                config = await self._connect()
                async with StreamHub.here().poller(config, self._since.followed, _LOOK) as poller:
                    await retry_while_away(lambda: self._begin(poller.shared.client))
                    yield (None,)
                    while True:
                        since = self._since
                        yield await poller.wait(since, since.found, poll_interval=self._poll_interval)
                        backoff.reset()
            except Exception:
                log.exception("Cannot follow %s@%s; trying again", self._since.repo, self._since.branch)
            await backoff.pause()

    async def _begin(self, client: AsyncPfsClient) -> None:
        self._since = await resolve_start(client, self._since)
        if not self._began:
            self._since = await _after_head(client, self._since)
        self._began = True
        log.info("Following %s@%s from %s", self._since.repo, self._since.branch, self._since.from_commit)


async def _after_head(client: AsyncPfsClient, since: NewCommits) -> NewCommits:
    """Begin after what is finished on the branch now, if no commit is given to begin after.

    :return: ``since`` with that commit and its time; with neither if there is none, so that every commit is new
    """
    if since.from_commit:
        return since
    try:
        async with aclosing(await client.list_commit(since.repo, to_commit=since.branch)) as newest_first:
            async for info in newest_first:
                if info.state.done:
                    return newer_than(since, info)
    except NotFound:
        log.info("%s@%s does not exist yet", since.repo, since.branch)
    return since


def _checked(cursor: object) -> tuple[str | None, str | None]:
    if not isinstance(cursor, dict) or not cursor.keys() <= {"from_commit", "after"}:
        raise ValueError(f"{cursor!r} is not a cursor")
    commit, after = cursor.get("from_commit"), cursor.get("after")
    if commit is not None and not parse_commit(commit).id:
        raise ValueError(f"the cursor's from_commit {commit!r} has no ID")
    if after is not None:
        parse_time(after)
    return commit, after


def payload(branch: str, info: CommitInfo) -> CommitPayload:
    """Describe a commit in an event.

    :param branch: where it arrived
    :param info: the commit
    """
    return {
        "project": info.commit.repo.project,
        "repo": info.commit.repo.name,
        "branch": branch,
        "commit": reference(branch, info),
        "size_bytes": info.size_bytes,
        "finished": info.finished.isoformat() if info.finished else None,
    }
