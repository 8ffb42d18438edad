"""Reading files: whole, in parts, to disk; never truncated, never outside the destination."""

from __future__ import annotations

from pathlib import Path

import pytest

from airflow_provider_pachyderm.client import (
    AsyncPfsClient,
    BranchNotFound,
    Commit,
    FileNotFound,
    InvalidRequest,
    IsADirectory,
)
from airflow_provider_pachyderm.client._capabilities import Feature
from tests.contract.conftest import Supports
from tests.support.content import numbered

MIB = 2**20
LONG = numbered(1_300_001)


@pytest.fixture
async def commit(client: AsyncPfsClient, repo: str) -> Commit:
    async with client.commit(repo, "master") as commit:
        await client.put_file_bytes(commit, "/long", LONG)
        await client.put_file_bytes(commit, "/empty", b"")
        await client.put_file_bytes(commit, "/dir/a", b"A")
        await client.put_file_bytes(commit, "/dir/deep/b", b"B")
    return commit


async def test_reader_iterates(client: AsyncPfsClient, commit: Commit) -> None:
    async with await client.get_file(commit, "/long") as reader:
        chunks = [bytes(chunk) async for chunk in reader]
    assert b"".join(chunks) == LONG


async def test_reader_reads(client: AsyncPfsClient, commit: Commit) -> None:
    async with await client.get_file(commit, "/long") as reader:
        assert await reader.read(10) == LONG[:10]
        assert await reader.read(3 * MIB) == LONG[10 : 10 + 3 * MIB]
        assert await reader.read() == LONG[10 + 3 * MIB :]
        assert await reader.read() == b""
        assert await reader.read(1) == b""


async def test_reader_reads_into(client: AsyncPfsClient, commit: Commit) -> None:
    buffer, parts = bytearray(700_001), []
    async with await client.get_file(commit, "/long") as reader:
        while count := await reader.readinto(buffer):
            parts.append(bytes(buffer[:count]))
    assert b"".join(parts) == LONG


async def test_reader_closed_early_leaves_the_client_usable(client: AsyncPfsClient, commit: Commit) -> None:
    reader = await client.get_file(commit, "/long")
    await reader.read(1)
    await reader.close()
    await reader.close()
    with pytest.raises(ValueError, match="closed"):
        await reader.read(1)
    assert await client.get_files(commit, "/dir/a") == {"/dir/a": b"A"}


async def test_empty_file(client: AsyncPfsClient, commit: Commit) -> None:
    async with await client.get_file(commit, "/empty") as reader:
        assert await reader.read() == b""


@pytest.mark.parametrize(
    ("offset", "size"),
    [(0, 1), (5, 0), (5, 7), (2 * MIB - 1, 2), (len(LONG) - 3, 0), (len(LONG) - 3, 99), (len(LONG), 0), (9**9, 5)],
)
async def test_part_of_a_file(client: AsyncPfsClient, commit: Commit, offset: int, size: int) -> None:
    async with await client.get_file(commit, "/long", offset, size) as reader:
        assert await reader.read() == (LONG[offset : offset + size] if size else LONG[offset:])


@pytest.mark.parametrize(("offset", "size"), [(-1, 0), (0, -1)])
async def test_negative_ranges_are_refused(client: AsyncPfsClient, commit: Commit, offset: int, size: int) -> None:
    with pytest.raises(InvalidRequest, match="-1"):
        await client.get_file(commit, "/long", offset, size)


async def test_missing_file_is_an_error_at_the_call(client: AsyncPfsClient, commit: Commit, repo: str) -> None:
    with pytest.raises(FileNotFound) as caught:
        await client.get_file(commit, "/missing")
    assert "/missing" in str(caught.value)
    assert isinstance(caught.value, FileNotFoundError)
    with pytest.raises(BranchNotFound):
        await client.get_file((repo, "missing"), "/long")
    with pytest.raises(FileNotFound):
        await client.get_files(commit, ["/long", "/missing"])
    with pytest.raises(FileNotFound):
        await client.inspect_file(commit, "/missing")


async def test_directory_is_not_a_file(client: AsyncPfsClient, commit: Commit) -> None:
    with pytest.raises(IsADirectory, match="/dir"):
        await client.get_file(commit, "/dir")
    with pytest.raises(IsADirectory):
        await client.get_file(commit, "/")


async def test_glob_characters_in_a_path_are_no_glob(client: AsyncPfsClient, commit: Commit) -> None:
    for path in ("/*", "/l?ng", "/[l]ong", "/dir/{a,b}"):
        with pytest.raises((FileNotFound, InvalidRequest)):
            await client.get_file(commit, path)


async def test_get_files(client: AsyncPfsClient, commit: Commit) -> None:
    assert await client.get_files(commit, "/dir") == {"/dir/a": b"A"}
    assert await client.get_files(commit, "/dir", recursive=True) == {"/dir/a": b"A", "/dir/deep/b": b"B"}
    assert await client.get_files(commit, ["/empty", "dir/deep/"]) == {"/empty": b"", "/dir/deep/b": b"B"}
    everything = await client.get_files(commit, "/", recursive=True)
    assert sorted(everything) == ["/dir/a", "/dir/deep/b", "/empty", "/long"]
    assert everything["/long"] == LONG


async def test_open_commit_can_be_read(client: AsyncPfsClient, repo: str, supports: Supports) -> None:
    supports(Feature.READ_OPEN)
    async with client.commit(repo, "master") as commit:
        await client.put_file_bytes(commit, "/a", b"not yet finished")
        assert await client.get_files(commit, "/") == {"/a": b"not yet finished"}


async def test_download(client: AsyncPfsClient, commit: Commit, tmp_path: Path) -> None:
    files = await client.download(commit, "/", tmp_path)
    assert sorted(file.path for file in files) == ["/dir/a", "/dir/deep/b", "/empty", "/long"]
    for file in files:
        assert Path(file.local) == tmp_path / file.path[1:]
        assert Path(file.local).stat().st_size == file.size_bytes
    assert (tmp_path / "long").read_bytes() == LONG
    assert sorted(p.name for p in tmp_path.rglob("*") if p.is_file()) == ["a", "b", "empty", "long"]


async def test_download_of_some(client: AsyncPfsClient, commit: Commit, tmp_path: Path) -> None:
    await client.download(commit, ["/dir/deep", "/empty"], tmp_path)
    assert sorted(str(p.relative_to(tmp_path)) for p in tmp_path.rglob("*") if p.is_file()) == ["dir/deep/b", "empty"]
