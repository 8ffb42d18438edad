"""Files opened to read any parts of them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from airflow_provider_pachyderm.client import (
    AsyncPfsClient,
    Commit,
    FileNotFound,
    IsADirectory,
)
from tests.support.content import numbered

LONG = numbered(1_300_001)


@pytest.fixture
async def filled(client: AsyncPfsClient, repo: str) -> Commit:
    async with client.commit(repo, "master") as commit:
        for path, content in {"/d/long": LONG, "/empty": b"", "/skip/me": b"1", "/d/e/f.txt": b"F"}.items():
            await client.put_file_bytes(commit, path, content)
    return commit


async def test_parts_in_any_order(client: AsyncPfsClient, filled: Commit) -> None:
    async with await client.open_file(filled, "/d/long") as file:
        assert file.size == len(LONG)
        for offset in (0, 4_000_000, 1_000, 1_500, 5_000_000, len(LONG) - 3):
            assert await file.seek(offset) == offset
            assert await file.read(10_000) == LONG[offset : offset + 10_000]
            assert file.tell() == min(offset + 10_000, len(LONG))
        assert await file.seek(-4, os.SEEK_END) == len(LONG) - 4
        assert await file.read() == LONG[-4:]
        assert await file.read(1) == b""
        await file.seek(-2, os.SEEK_CUR)
        assert await file.read() == LONG[-2:]
        await file.seek(len(LONG) + 10)
        assert await file.read() == b""
        with pytest.raises(ValueError, match="negative seek"):
            await file.seek(-1)
    assert file.closed


async def test_all_of_it(client: AsyncPfsClient, filled: Commit) -> None:
    for path, content in {"/d/long": LONG, "/empty": b""}.items():
        async with await client.open_file(filled, path) as file:
            assert await file.read() == content


async def test_it_stays_what_it_was(client: AsyncPfsClient, filled: Commit) -> None:
    async with await client.open_file((filled.repo.name, "master"), "/d/e/f.txt") as file:
        async with client.commit(filled.repo, "master") as commit:
            await client.put_file_bytes(commit, "/d/e/f.txt", b"NEW")
        assert await file.read() == b"F"


async def test_what_cannot_be_opened(client: AsyncPfsClient, filled: Commit) -> None:
    with pytest.raises(FileNotFound):
        await client.open_file(filled, "/missing")
    with pytest.raises(IsADirectory):
        await client.open_file(filled, "/d")


async def test_what_exists(client: AsyncPfsClient, filled: Commit, repo_name: str) -> None:
    there = {path: await client.path_exists(filled, path) for path in ("/d", "/d/long", "/empty", "/", "/missing")}
    assert there == {"/d": True, "/d/long": True, "/empty": True, "/": True, "/missing": False}
    assert not await client.path_exists((filled.repo.name, "nowhere"), "/d")
    assert not await client.path_exists((repo_name + "-none", "master"), "/d")


async def test_some_files_of_a_directory(client: AsyncPfsClient, filled: Commit, tmp_path: Path) -> None:
    saved = await client.download(filled, "/", tmp_path / "here", include=["*.txt", "skip/**"], exclude="me")
    assert [file.path for file in saved] == ["/d/e/f.txt"]
    assert (tmp_path / "here" / "d" / "e" / "f.txt").read_bytes() == b"F"
    async with client.commit(filled.repo, "master") as commit:
        (tmp_path / "here" / "cache").mkdir()
        (tmp_path / "here" / "cache" / "x.txt").write_bytes(b"X")
        (tmp_path / "here" / "bad\n").write_bytes(b"")
        assert await client.put_files(commit, tmp_path / "here", "/again", include="*.txt", exclude="cache") == 1
    assert await client.get_files(commit, "/again", recursive=True) == {"/again/d/e/f.txt": b"F"}
