"""Reading one file at any place, when a read is broken off."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from airflow_provider_pachyderm.client import AsyncPfsClient, StreamBroken
from airflow_provider_pachyderm.client._async.random_access import AsyncRandomAccess
from airflow_provider_pachyderm.client._async.reader import AsyncFileReader
from airflow_provider_pachyderm.testing.server import DevServer
from tests.support.content import numbered

CONTENT = numbered(1_300_001)


class Interrupted(BaseException):
    """As what a signal raises, or a task that is cancelled."""


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[AsyncPfsClient]:
    with DevServer("2.11.6", tmp_path) as server:
        async with AsyncPfsClient(server.address) as client:
            await client.create_repo("r")
            await client.put_file_bytes(("r", "master"), "/f", CONTENT)
            await client.wait_commit(("r", "master"))
            yield client


@pytest.mark.parametrize("gap", [0, 1000])
async def test_a_read_that_was_broken_off_is_begun_anew(client: AsyncPfsClient, gap: int) -> None:
    readers: list[AsyncFileReader] = []

    async def begin(offset: int) -> AsyncFileReader:
        readers.append(await client.get_file(("r", "master"), "/f", offset))
        return readers[-1]

    ranges = AsyncRandomAccess(len(CONTENT), begin)
    start = 100 + gap
    assert await ranges.read_at(0, 100) == CONTENT[:100]
    receive = readers[0]._chunk

    async def interrupted() -> bytes:
        raise Interrupted

    readers[0]._chunk = interrupted  # type: ignore[method-assign]
    with pytest.raises(Interrupted):
        await ranges.read_at(start, len(CONTENT))
    readers[0]._chunk = receive  # type: ignore[method-assign]
    assert await ranges.read_at(start, len(CONTENT)) == CONTENT[start:]
    assert [reader.closed for reader in readers] == [True, False]
    await ranges.close()


async def test_a_file_that_became_shorter(client: AsyncPfsClient) -> None:
    async def begin(offset: int) -> AsyncFileReader:
        return await client.get_file(("r", "master"), "/f", offset)

    ranges = AsyncRandomAccess(len(CONTENT) + 1, begin)
    assert await ranges.read_at(10, 10) == CONTENT[10:20]
    with pytest.raises(StreamBroken, match=f"ended at {len(CONTENT)} of {len(CONTENT) + 1} bytes"):
        await ranges.read_at(20, len(CONTENT))
    await ranges.close()
