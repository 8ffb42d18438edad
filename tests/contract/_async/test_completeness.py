"""A read that returns is whole: what ends early, brings too much, or brings nothing, is an error of ours."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from airflow_provider_pachyderm.client import AsyncPfsClient, Commit, StreamBroken
from airflow_provider_pachyderm.client._capabilities import Feature
from tests.contract.conftest import Server, Supports
from tests.support._async.streams import collect
from tests.support.faulty import strike
from tests.support.outside import new_name

# two messages of GetFile in either world
LONG = bytes(20 * 2**20)
Read = Callable[[AsyncPfsClient, Commit, Path], Awaitable[Any]]


async def got(client: AsyncPfsClient, commit: Commit, folder: Path) -> bytes:
    async with await client.get_file(commit, "/d/long") as reader:
        return await reader.read()


async def opened(client: AsyncPfsClient, commit: Commit, folder: Path) -> bytes:
    async with await client.open_file(commit, "/d/long") as file:
        return await file.read()


async def packed(client: AsyncPfsClient, commit: Commit, folder: Path) -> bytes:
    async with await client.get_file_tar(commit, "/d") as reader:
        return await reader.read()


async def fetched(client: AsyncPfsClient, commit: Commit, folder: Path) -> Any:
    return await client.get_files(commit, "/d", recursive=True)


async def saved(client: AsyncPfsClient, commit: Commit, folder: Path) -> Any:
    return await client.download(commit, "/d", folder)


async def saved_side_by_side(client: AsyncPfsClient, commit: Commit, folder: Path) -> Any:
    return await client.download(commit, "/d", folder, parallel=3)


READS = (got, opened, packed, fetched, saved, saved_side_by_side)


@pytest.fixture(scope="module")
async def filled(server: Server) -> AsyncIterator[Commit]:
    """A commit with a long file and some small ones, for all tests here."""
    async with AsyncPfsClient(server.host, server.port) as client:
        repo = new_name("wholeness")
        await client.create_repo(repo)
        async with client.commit(repo, "master") as commit:
            await client.put_file_bytes(commit, "/d/long", LONG)
            for number in range(5):
                await client.put_file_bytes(commit, f"/small/{number}", b"small")
        yield (await client.wait_commit(commit)).commit
        await client.delete_repo(repo)


@pytest.fixture
async def faulty(server: Server) -> AsyncIterator[AsyncPfsClient]:
    async with AsyncPfsClient(server.host, server.port) as client:
        yield client


@pytest.mark.parametrize("read", READS)
@pytest.mark.parametrize("messages", [0, 1])
async def test_a_stream_that_ends_early_with_ok(
    faulty: AsyncPfsClient, filled: Commit, tmp_path: Path, read: Read, messages: int
) -> None:
    await faulty.version()
    strike(faulty, f"end-after={messages};on=GetFile,GetFileTAR")
    with pytest.raises(StreamBroken):
        await read(faulty, filled, tmp_path)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("read", (got, opened, fetched, saved, saved_side_by_side))
async def test_a_stream_that_brings_more_than_there_is(
    faulty: AsyncPfsClient, filled: Commit, tmp_path: Path, read: Read
) -> None:
    """Sizes tell that, and what was put where sizes may be too small (1.7.10 to 1.7.14)."""
    strike(faulty, "repeat-last;on=GetFile")
    with pytest.raises(StreamBroken, match=r"more than|differs from"):
        await read(faulty, filled, tmp_path)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("messages", [0, 1])
async def test_an_archive_of_small_files_that_ends_early(
    faulty: AsyncPfsClient, filled: Commit, tmp_path: Path, messages: int, supports: Supports
) -> None:
    supports(Feature.GET_TAR)
    strike(faulty, "end-after=0;on=GetFileTAR")
    with pytest.raises(StreamBroken, match="archive"):
        await faulty.download(filled, "/small", tmp_path)
    with pytest.raises(StreamBroken, match="archive"):
        await (await faulty.get_file_tar(filled, "/small")).read()


@pytest.mark.parametrize("read", READS)
async def test_other_bytes_than_those_that_were_put(
    faulty: AsyncPfsClient, filled: Commit, tmp_path: Path, read: Read, supports: Supports
) -> None:
    supports(Feature.OBJECT_DIGESTS)
    strike(faulty, "other-byte;on=GetFile")
    with pytest.raises(StreamBroken, match="SHA-512"):
        await read(faulty, filled, tmp_path)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


async def test_other_bytes_of_a_part_show_in_nothing(faulty: AsyncPfsClient, filled: Commit) -> None:
    strike(faulty, "other-byte;on=GetFile")
    async with await faulty.get_file(filled, "/small/0", 0, 4) as reader:
        assert len(await reader.read()) == 4


async def test_contents_whose_digest_cannot_be_known(client: AsyncPfsClient, repo: str, tmp_path: Path) -> None:
    """What was put in several goes, is empty, or was overwritten, reads as ever."""
    async with client.commit(repo, "master") as commit:
        for part in (b"one ", b"two "):
            await client.put_file_bytes(commit, "/d/twice", part, append=True)
        await client.put_file_bytes(commit, "/d/empty", b"")
        await client.put_file_bytes(commit, "/d/old", b"old")
        await client.put_file_bytes(commit, "/d/old", b"new")
    await client.put_file_bytes((repo, "master"), "/d/once", b"once")
    await client.put_file_bytes((repo, "master"), "/d/once", b" more", append=True)
    expected = {
        "/d/empty": b"",
        "/d/old": b"new",
        "/d/once": b"once more",
        "/d/twice": b"one two ",
    }
    assert await client.get_files((repo, "master"), "/d") == expected
    saved = await client.download((repo, "master"), "/d", tmp_path)
    assert {file.path: file.local.read_bytes() for file in saved} == expected
    for path, content in expected.items():
        async with await client.get_file((repo, "master"), path) as reader:
            assert await reader.read() == content
        async with await client.open_file((repo, "master"), path) as file:
            assert await file.read() == content


async def test_a_part_may_be_less_than_the_stream_brings(faulty: AsyncPfsClient, filled: Commit) -> None:
    strike(faulty, "repeat-last;on=GetFile")
    async with await faulty.get_file(filled, "/d/long", len(LONG) - 100, 10) as reader:
        assert await reader.read() == LONG[:10]


async def test_a_list_that_ends_early(
    faulty: AsyncPfsClient, filled: Commit, tmp_path: Path, supports: Supports
) -> None:
    supports(Feature.WALK_FILE)
    strike(faulty, "end-after=3;on=WalkFile")
    reads: list[Callable[[], Awaitable[Any]]] = [
        lambda: faulty.get_files(filled, "/small", recursive=True),
        lambda: faulty.download(filled, "/small", tmp_path),
    ]
    for read in reads:
        with pytest.raises(StreamBroken, match="list ended early"):
            await read()
    for walk in (faulty.walk_file(filled, "/small"), faulty.list_file(filled, "/small", recursive=True)):
        with pytest.raises(StreamBroken, match="list ended early"):
            await collect(await walk)


async def test_the_files_of_a_directory_that_are_listed_in_part(
    faulty: AsyncPfsClient, filled: Commit, supports: Supports
) -> None:
    supports(Feature.STREAM_FILES)
    strike(faulty, "end-after=3;on=ListFile,ListFileStream")
    with pytest.raises(StreamBroken, match="list ended early"):
        await faulty.get_files(filled, "/small")


async def test_ok_without_a_message(faulty: AsyncPfsClient, filled: Commit) -> None:
    await faulty.version()
    strike(faulty, "no-message")
    repo = filled.repo.name
    calls: list[Callable[[], Awaitable[Any]]] = [
        lambda: faulty.inspect_commit(filled),
        lambda: faulty.inspect_repo(repo),
        lambda: faulty.inspect_file(filled, "/small/0"),
        lambda: faulty.get_file(filled, "/small/0"),
        lambda: faulty.start_commit(repo, "other"),
        lambda: faulty.delete_file((repo, "other"), "/nothing"),
        lambda: faulty.create_repo(f"{repo}-2"),
    ]
    for call in calls:
        with pytest.raises(StreamBroken):
            await call()
