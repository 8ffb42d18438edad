"""Reads whose stream breaks in the middle go on at the byte where it stopped, in the same commit."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from airflow_provider_pachyderm.client import AsyncPfsClient, Commit, StreamBroken
from airflow_provider_pachyderm.client._capabilities import Feature
from tests.contract.conftest import Supports
from tests.support.content import numbered
from tests.support.faulty import striking

# two messages of GetFile in either world
LONG = numbered(5_300_000)
CUT = "cut-after=1"
OLD_AND_NEW = pytest.mark.versions("1.4.8", "1.7.4", "1.7.14", "1.8.8", "1.13.4", "2.0.8", "2.11.6")

# reads a part of /long while a stream breaks: from an offset, so many bytes
Read = Callable[[AsyncPfsClient, Commit, int, int], Awaitable[bytes]]


async def got(client: AsyncPfsClient, commit: Commit, offset: int, size: int) -> bytes:
    with striking(client, CUT, "GetFile"):
        async with await client.get_file(commit, "/long", offset, size) as reader:
            return await reader.read()


async def opened(client: AsyncPfsClient, commit: Commit, offset: int, size: int) -> bytes:
    async with await client.open_file(commit, "/long") as file:
        await file.seek(offset)
        with striking(client, CUT, "GetFile"):
            return await file.read(size)


@pytest.fixture
async def filled(client: AsyncPfsClient, repo: str) -> Commit:
    async with client.commit(repo, "master") as commit:
        await client.put_file_bytes(commit, "/long", LONG)
    return commit


@OLD_AND_NEW
@pytest.mark.parametrize("read", [got, opened])
async def test_nothing_is_doubled_or_lost(client: AsyncPfsClient, filled: Commit, read: Read) -> None:
    by_branch = Commit(filled.repo, "master")
    for commit, offset, size in ((by_branch, 0, len(LONG)), (filled, 1_000_001, len(LONG) - 1_000_005)):
        assert await read(client, commit, offset, size) == LONG[offset : offset + size]


@OLD_AND_NEW
async def test_the_rest_is_of_the_same_commit(client: AsyncPfsClient, repo: str, filled: Commit) -> None:
    """Whatever the branch has come to meanwhile."""
    with striking(client, CUT, "GetFile"):
        reader = await client.get_file((repo, "master"), "/long")
        first = await reader.read(10)
    await client.put_file_bytes((repo, "master"), "/long", LONG[::-1])
    async with reader:
        assert first + await reader.read() == LONG


async def test_a_read_of_an_open_commit_is_broken(client: AsyncPfsClient, repo: str, supports: Supports) -> None:
    """What comes later may be of another file."""
    supports(Feature.READ_OPEN)
    commit = await client.start_commit(repo, "master")
    await client.put_file_bytes(commit, "/long", LONG)
    for read in (got, opened):
        with pytest.raises(StreamBroken):
            await read(client, commit, 0, len(LONG))


async def test_the_policy_ends_it(client: AsyncPfsClient, filled: Commit) -> None:
    for read in (got, opened):
        with client.retrying(0), pytest.raises(StreamBroken) as caught:
            await read(client, filled, 0, len(LONG))
        assert caught.value.attempts == 1
