"""Listing, walking, globbing: the same paths, types and order from every server."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from airflow_provider_pachyderm.client import AsyncPfsClient, Commit, FileInfo, FileNotFound, FileType, InvalidRequest
from tests.support._async.streams import collect


def by_path(listed: Iterable[FileInfo]) -> list[FileInfo]:
    """Worlds differ in where they put the directory /a beside the file /a.txt."""
    return sorted(listed, key=lambda info: info.path)


@pytest.fixture
async def commit(client: AsyncPfsClient, repo: str) -> Commit:
    async with client.commit(repo, "master") as commit:
        for path in ("/b", "/a/1", "/a/2", "/a/deep/3", "/a.txt"):
            await client.put_file_bytes(commit, path, path.encode())
    return commit


async def test_list(client: AsyncPfsClient, commit: Commit) -> None:
    listed = by_path(await collect(await client.list_file(commit, "/")))
    assert [(info.path, info.type) for info in listed] == [
        ("/a", FileType.DIR),
        ("/a.txt", FileType.FILE),
        ("/b", FileType.FILE),
    ]
    assert [info.size_bytes for info in listed] == [17, 6, 2]
    assert {info.commit.id for info in listed} == {commit.id}


@pytest.mark.parametrize("path", ["/a", "a", "/a/", "//a"])
async def test_list_of_a_directory_however_it_is_written(client: AsyncPfsClient, commit: Commit, path: str) -> None:
    assert [i.path for i in await collect(await client.list_file(commit, path))] == ["/a/1", "/a/2", "/a/deep"]


async def test_list_of_a_file_is_the_file(client: AsyncPfsClient, commit: Commit) -> None:
    assert [i.path for i in await collect(await client.list_file(commit, "/b"))] == ["/b"]


async def test_list_recursively(client: AsyncPfsClient, commit: Commit) -> None:
    """As the seed: files only."""
    listed = by_path(await collect(await client.list_file(commit, "/", recursive=True)))
    assert [info.path for info in listed] == ["/a.txt", "/a/1", "/a/2", "/a/deep/3", "/b"]


async def test_list_of_a_missing_directory(client: AsyncPfsClient, commit: Commit) -> None:
    with pytest.raises(FileNotFound, match="/missing"):
        await collect(await client.list_file(commit, "/missing"))


async def test_walk(client: AsyncPfsClient, commit: Commit) -> None:
    walked = await collect(await client.walk_file(commit, "/a"))
    assert [(info.path, info.type) for info in walked] == [
        ("/a", FileType.DIR),
        ("/a/1", FileType.FILE),
        ("/a/2", FileType.FILE),
        ("/a/deep", FileType.DIR),
        ("/a/deep/3", FileType.FILE),
    ]
    with pytest.raises(FileNotFound):
        await collect(await client.walk_file(commit, "/missing"))


@pytest.mark.parametrize(
    ("pattern", "paths"),
    [
        ("/*", ["/a", "/a.txt", "/b"]),
        ("/a/*", ["/a/1", "/a/2", "/a/deep"]),
        ("/*.txt", ["/a.txt"]),
        ("/a/[12]", ["/a/1", "/a/2"]),
        ("/a/deep/?", ["/a/deep/3"]),
        ("/a/{1,2}", ["/a/1", "/a/2"]),
        ("/missing*", []),
    ],
)
async def test_glob(client: AsyncPfsClient, commit: Commit, pattern: str, paths: list[str]) -> None:
    found = await collect(await client.glob_file(commit, pattern))
    assert [info.path for info in by_path(found)] == paths


async def test_malformed_glob(client: AsyncPfsClient, commit: Commit) -> None:
    with pytest.raises(InvalidRequest, match=r"\["):
        await collect(await client.glob_file(commit, "/["))


async def test_inspect(client: AsyncPfsClient, commit: Commit) -> None:
    file = await client.inspect_file(commit, "/a/1")
    assert (file.path, file.type, file.size_bytes) == ("/a/1", FileType.FILE, 4)
    for path in ("/a", "/a/", "a"):
        folder = await client.inspect_file(commit, path)
        assert (folder.path, folder.type, folder.size_bytes) == ("/a", FileType.DIR, 17)
    assert (await client.inspect_file(commit, "/")).path == "/"


async def test_deleted_file_is_gone(client: AsyncPfsClient, commit: Commit, repo: str) -> None:
    async with client.commit(repo, "master") as later:
        await client.delete_file(later, "/a")
        await client.delete_file(later, "/missing")
    assert [i.path for i in by_path(await collect(await client.list_file(later, "/")))] == ["/a.txt", "/b"]
    assert [i.path for i in by_path(await collect(await client.list_file(commit, "/")))] == ["/a", "/a.txt", "/b"]
