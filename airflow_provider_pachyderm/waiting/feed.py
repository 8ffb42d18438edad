"""Every new commit of a branch, oldest first, for as long as anybody asks."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from airflow_provider_pachyderm.client import parse_commit
from airflow_provider_pachyderm.waiting.commit import (
    Awaited,
    AwaitedCommits,
    beginning,
    behind,
    look_async,
    parse_time,
    pin,
    reference,
)
from airflow_provider_pachyderm.waiting.hints import Backoff
from airflow_provider_pachyderm.waiting.hub import StreamHub
from airflow_provider_pachyderm.waiting.poll import patiently

if TYPE_CHECKING:
    from airflow_provider_pachyderm.client import AsyncPfsClient, ClientConfig, CommitInfo

log = logging.getLogger(__name__)


class CommitFeed:
    """Follows a branch.

    :param since: the branch, and the commit to begin behind; without one the feed begins behind the head
    :param connect: reads the connection, anew after each error, as somebody may have mended it
    :param event_interval: least seconds from one commit to the next
    :param poll_interval: seconds between looks when no hint comes
    """

    def __init__(
        self,
        since: AwaitedCommits,
        connect: Callable[[], Awaitable[ClientConfig]],
        *,
        event_interval: float,
        poll_interval: float,
    ) -> None:
        self._since: Awaited = since
        self._connect = connect
        self._event_interval = event_interval
        self._poll_interval = poll_interval
        self._began = False
        self._not_before = 0.0

    @property
    def cursor(self) -> dict[str, Any]:
        """Up to where all commits were given, as plain values that survive JSON."""
        return {"from_commit": self._since.from_commit, "after": self._since.after}

    def resume(self, cursor: Any) -> None:
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
                        self._since = behind(self._since, info)
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
                async with StreamHub.here().watch(config, self._since.followed, look_async) as watch:
                    await patiently(lambda: self._begin(watch.line.client))
                    yield (None,)
                    while True:
                        yield await watch.wait(self._since, poll_interval=self._poll_interval)
                        backoff.reset()
            except Exception:
                log.exception("Cannot follow %s@%s; trying again", self._since.repo, self._since.branch)
            await backoff.pause()

    async def _begin(self, client: AsyncPfsClient) -> None:
        find = pin if self._began else beginning
        self._since = await find(client, self._since)
        self._began = True
        log.info("Following %s@%s from %s", self._since.repo, self._since.branch, self._since.from_commit)


def _checked(cursor: Any) -> tuple[str | None, str | None]:
    if not isinstance(cursor, dict) or not cursor.keys() <= {"from_commit", "after"}:
        raise ValueError(f"{cursor!r} is not a cursor")
    commit, after = cursor.get("from_commit"), cursor.get("after")
    if commit is not None and not parse_commit(commit).id:
        raise ValueError(f"the cursor's from_commit {commit!r} has no id")
    if after is not None:
        parse_time(after)
    return commit, after


def payload(branch: str, info: CommitInfo) -> dict[str, Any]:
    """Describe a commit in an event, as plain values.

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
