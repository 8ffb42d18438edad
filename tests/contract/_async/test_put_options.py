"""What only some servers can do with a put; the others are refused with the reason."""

from __future__ import annotations

from typing import Any

import pytest

from airflow_provider_pachyderm.client import AsyncPfsClient, Delimiter, InvalidRequest, Unsupported
from airflow_provider_pachyderm.client._capabilities import Feature
from tests.contract.conftest import Supports


async def test_overwriting_all_but_the_first_puts(client: AsyncPfsClient, repo: str, supports: Supports) -> None:
    supports(Feature.OVERWRITE_INDEX)
    async with client.commit(repo, "master") as commit:
        for value in (b"one ", b"two ", b"three "):
            await client.put_file_bytes(commit, "/f", value, append=True)
    for index, expected in ((1, b"one new"), (0, b"new"), (5, b"newnew")):
        async with client.commit(repo, "master") as commit:
            await client.put_file_bytes(commit, "/f", b"new", overwrite_index=index)
        assert await client.get_files(commit, "/f") == {"/f": expected}


async def test_all_of_it_is_overwritten_everywhere(client: AsyncPfsClient, repo: str) -> None:
    for value in (b"one", b"two"):
        async with client.commit(repo, "master") as commit:
            await client.put_file_bytes(commit, "/f", value, overwrite_index=0)
    assert await client.get_files(commit, "/f") == {"/f": b"two"}


async def test_headers(client: AsyncPfsClient, repo: str, supports: Supports) -> None:
    supports(Feature.SPLIT_HEADER)
    async with client.commit(repo, "master") as commit:
        await client.put_file_bytes(commit, "/d", b"name,size\na,1\nb,2\n", Delimiter.CSV, header_records=1)
    assert list((await client.get_files(commit, "/d")).values()) == [b"name,size\na,1\n", b"name,size\nb,2\n"]


async def test_datums(client: AsyncPfsClient, repo: str, supports: Supports) -> None:
    supports(Feature.DATUM_FILES)
    async with client.commit(repo, "master") as commit:
        await client.put_file_bytes(commit, "/f", b"1", datum="one")
        await client.put_file_bytes(commit, "/f", b"2", datum="one")
        await client.put_file_bytes(commit, "/g", b"1", datum="one")
        await client.put_file_bytes(commit, "/h", b"1")
        await client.delete_file(commit, "/g", datum="one")
        await client.delete_file(commit, "/h", datum="one")
    assert await client.get_files(commit, "/") == {"/f": b"2", "/h": b"1"}
    async with client.commit(repo, "master") as commit:
        await client.put_file_bytes(commit, "/f", b"3", datum="one")
    assert (await client.get_files(commit, "/f"))["/f"] == b"3"


@pytest.mark.parametrize(
    ("feature", "arguments"),
    [
        (Feature.OVERWRITE_INDEX, {"overwrite_index": 1}),
        (Feature.SPLIT_HEADER, {"delimiter": Delimiter.JSON, "header_records": 1}),
        (Feature.DATUM_FILES, {"datum": "one"}),
    ],
    ids=["index", "header", "datum"],
)
async def test_what_the_server_cannot_is_refused_with_the_reason(
    client: AsyncPfsClient, repo: str, lacks: Supports, feature: Feature, arguments: dict[str, Any]
) -> None:
    lacks(feature)
    async with client.commit(repo, "master") as commit:
        with pytest.raises(Unsupported, match="this server is"):
            await client.put_file_bytes(commit, "/f", b"1", **arguments)
        if "datum" in arguments:
            with pytest.raises(Unsupported, match="datum"):
                await client.delete_file(commit, "/f", datum="one")
    assert await client.get_files(commit, "/") == {}


async def test_options_that_make_no_sense(client: AsyncPfsClient, repo: str) -> None:
    for wrong in (
        {"overwrite_index": -1},
        {"overwrite_index": 1, "append": True},
        {"overwrite_index": 0, "delimiter": Delimiter.LINE},
        {"header_records": 1},
        {"header_records": -1, "delimiter": Delimiter.CSV},
    ):
        with pytest.raises(InvalidRequest):
            await client.put_file_bytes((repo, "master"), "/f", b"1", **wrong)
    assert not await client.path_exists((repo, "master"), "/f")
