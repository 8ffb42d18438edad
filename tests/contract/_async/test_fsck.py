"""Looking for faults in the file system."""

from __future__ import annotations

import pytest

from airflow_provider_pachyderm.client import AsyncPfsClient, Unsupported
from airflow_provider_pachyderm.client._capabilities import Feature
from tests.contract.conftest import Supports
from tests.support._async.streams import collect


async def test_a_sound_file_system_has_no_faults(client: AsyncPfsClient, repo: str, supports: Supports) -> None:
    supports(Feature.FSCK)
    async with client.commit(repo, "master") as commit:
        await client.put_file_bytes(commit, "/a", b"A")
    assert await collect(await client.fsck()) == []


async def test_mending(client: AsyncPfsClient, supports: Supports) -> None:
    supports(Feature.FSCK_FINDINGS)
    assert await collect(await client.fsck(fix=True)) == []


async def test_older_servers_do_not_mend(client: AsyncPfsClient, lacks: Supports) -> None:
    lacks(Feature.FSCK_FINDINGS)
    with pytest.raises(Unsupported):
        await client.fsck(fix=True)


async def test_the_oldest_do_not_look(client: AsyncPfsClient, lacks: Supports) -> None:
    lacks(Feature.FSCK)
    with pytest.raises(Unsupported, match=r"1\.8\.7"):
        await client.fsck()
