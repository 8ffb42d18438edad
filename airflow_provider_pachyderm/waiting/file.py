"""Whether a file is on a branch: one rule, and two ways to apply it, for a task and for triggers."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from contextlib import aclosing, closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from airflow_provider_pachyderm.client import CommitInfo, CommitState, FileNotFound
from airflow_provider_pachyderm.waiting.commit import NO_COMMIT_YET, Seen, reference
from airflow_provider_pachyderm.waiting.hints import Followed

if TYPE_CHECKING:
    from airflow_provider_pachyderm.client import AsyncPfsClient, PfsClient
    from airflow_provider_pachyderm.waiting.shared_client import Line


@dataclass(frozen=True)
class AwaitedFile:
    """What a file sensor waits for, as plain values that survive JSON.

    :param repo: repo to watch
    :param branch: branch to watch
    :param path: file or directory that must be there
    :param pattern: instead of ``path``: something that matches must be there
    """

    repo: str
    branch: str
    path: str | None = None
    pattern: str | None = None

    def __str__(self) -> str:
        return f"{self.pattern or self.path} on {self.repo}@{self.branch}"

    @property
    def followed(self) -> Followed:
        """What says when to look."""
        return Followed(self.repo, self.branch)

    def found(self, seen: Seen) -> str | None:
        """Return the commit that the file is in, or None."""
        return reference(self.branch, seen.arrived) if seen.arrived else None


def look_for_file(client: PfsClient, awaited: AwaitedFile) -> Seen:
    """Ask the server once, from a task: the newest finished commit counts, be it ever so old.

    :raises RepoNotFound: there is no such repo
    """
    try:
        with closing(client.list_commit(awaited.repo, to_commit=awaited.branch)) as newest_first:
            newest = next((info for info in newest_first if _can_be_read(info)), None)
    except NO_COMMIT_YET:
        client.inspect_repo(awaited.repo)
        return Seen()
    return _seen(newest, newest is not None and _is_in(client, newest, awaited))


async def look_for_file_async(line: Line, wanted: Collection[AwaitedFile]) -> dict[AwaitedFile, Seen | BaseException]:
    """Ask the server once, for all triggers that follow one branch: once for its newest commit, and once for a path."""
    async with line.turn:
        newest = await _newest(line.client, next(iter(wanted)))

    async def seen(awaited: AwaitedFile) -> Seen:
        async with line.turn:
            return _seen(newest, newest is not None and await _is_in_async(line.client, newest, awaited))

    return dict(zip(wanted, await asyncio.gather(*map(seen, wanted), return_exceptions=True), strict=True))


async def _newest(client: AsyncPfsClient, awaited: AwaitedFile) -> CommitInfo | None:
    try:
        async with aclosing(await client.list_commit(awaited.repo, to_commit=awaited.branch)) as newest_first:
            async for info in newest_first:
                if _can_be_read(info):
                    return info
    except NO_COMMIT_YET:
        await client.inspect_repo(awaited.repo)
    return None


def _is_in(client: PfsClient, info: CommitInfo, awaited: AwaitedFile) -> bool:
    if awaited.pattern:
        with client.glob_file(info.commit, awaited.pattern) as found:
            return any(True for _ in found)
    try:
        client.inspect_file(info.commit, str(awaited.path))
    except FileNotFound:
        return False
    return True


async def _is_in_async(client: AsyncPfsClient, info: CommitInfo, awaited: AwaitedFile) -> bool:
    if awaited.pattern:
        async with aclosing(await client.glob_file(info.commit, awaited.pattern)) as found:
            async for _ in found:
                return True
        return False
    try:
        await client.inspect_file(info.commit, str(awaited.path))
    except FileNotFound:
        return False
    return True


def _can_be_read(info: CommitInfo) -> bool:
    return info.state is CommitState.FINISHED


def _seen(newest: CommitInfo | None, is_there: bool) -> Seen:
    return Seen(newest if is_there else None, newest=newest.commit.id if newest else None)
