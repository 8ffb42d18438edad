"""Listing, walking, globbing: the same paths, types and order from every server."""

from __future__ import annotations

import pytest

from airflow_provider_pachyderm.client import AsyncPfsClient, Commit, FileNotFound, FileType, InvalidRequest
from airflow_provider_pachyderm.client._capabilities import Feature
from tests.contract.conftest import Supports
from tests.support._async.streams import collect


@pytest.fixture
async def commit(client: AsyncPfsClient, repo: str) -> Commit:
    async with client.commit(repo, "master") as commit:
        for path in ("/b", "/a/1", "/a/2", "/a/deep/3", "/a.txt"):
            await client.put_file_bytes(commit, path, path.encode())
    return commit


async def test_list(client: AsyncPfsClient, commit: Commit) -> None:
    listed = await collect(await client.list_file(commit, "/"))
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
    listed = await collect(await client.list_file(commit, "/", recursive=True))
    assert [info.path for info in listed] == ["/a/1", "/a/2", "/a/deep/3", "/a.txt", "/b"]


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
async def test_glob(client: AsyncPfsClient, commit: Commit, pattern: str, paths: list[str], supports: Supports) -> None:
    if "{" in pattern:
        supports(Feature.GLOB_BRACES)
    found = await collect(await client.glob_file(commit, pattern))
    assert [info.path for info in found] == paths


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
    assert [i.path for i in await collect(await client.list_file(later, "/"))] == ["/a.txt", "/b"]
    assert [i.path for i in await collect(await client.list_file(commit, "/"))] == ["/a", "/a.txt", "/b"]


async def test_one_order_from_every_server(client: AsyncPfsClient, repo: str) -> None:
    """By segments: a directory right before what is in it, whatever characters its neighbours have."""
    paths = ["/a/1", "/a/b/2", "/a/b-c", "/a b/1", "/a-b/c/1", "/a-b/c.d", "/a.b", "/a0", "/aa", "/b,/x", "/b/x"]
    async with client.commit(repo, "master") as commit:
        for path in reversed(paths):
            await client.put_file_bytes(commit, path, b"x")
    ordered = sorted(paths, key=lambda path: path.split("/"))
    assert [info.path for info in await collect(await client.list_file(commit, "/", recursive=True))] == ordered
    assert list(await client.get_files(commit, "/", recursive=True)) == ordered
    assert [info.path for info in await collect(await client.list_file(commit, "/"))] == [
        *("/a", "/a b", "/a-b", "/a.b", "/a0", "/aa", "/b", "/b,"),
    ]
    assert [info.path for info in await collect(await client.walk_file(commit, "/a"))] == [
        *("/a", "/a/1", "/a/b", "/a/b/2", "/a/b-c"),
    ]
    assert [info.path for info in await collect(await client.glob_file(commit, "/a*/*"))] == [
        *("/a/1", "/a/b", "/a/b-c", "/a b/1", "/a-b/c", "/a-b/c.d"),
    ]


@pytest.fixture
async def paged(client: AsyncPfsClient, repo: str) -> Commit:
    async with client.commit(repo, "master") as commit:
        for path in ("/a/1", "/a-b", "/a.txt", "/b", "/b-/2", "/c"):
            await client.put_file_bytes(commit, "/p" + path, b"")
    return commit


@pytest.mark.parametrize("recursive", [False, True])
@pytest.mark.parametrize("number", [1, 2, 4, 100])
@pytest.mark.parametrize("reverse", [False, True])
async def test_pages(client: AsyncPfsClient, paged: Commit, recursive: bool, number: int, reverse: bool) -> None:
    whole = [info.path for info in await collect(await client.list_file(paged, "/p", recursive))]
    assert whole == (
        ["/p/a/1", "/p/a-b", "/p/a.txt", "/p/b", "/p/b-/2", "/p/c"]
        if recursive
        else ["/p/a", "/p/a-b", "/p/a.txt", "/p/b", "/p/b-", "/p/c"]
    )
    found: list[str] = []
    after = None
    while page := await collect(
        await client.list_file(paged, "/p", recursive, after=after, number=number, reverse=reverse)
    ):
        assert len(page) <= number
        found += [info.path for info in page]
        after = found[-1]
    assert found == (whole[::-1] if reverse else whole)


async def test_all_in_reverse_and_behind_what_is_not_there(client: AsyncPfsClient, paged: Commit) -> None:
    turned = await collect(await client.list_file(paged, "/p", reverse=True))
    assert [info.path for info in turned] == ["/p/c", "/p/b-", "/p/b", "/p/a.txt", "/p/a-b", "/p/a"]
    behind = await collect(await client.list_file(paged, "/p", after="/p/a-c"))
    assert [info.path for info in behind] == ["/p/a.txt", "/p/b", "/p/b-", "/p/c"]


async def test_pages_that_cannot_be(client: AsyncPfsClient, paged: Commit) -> None:
    for arguments in ({"after": "/missing/a"}, {"reverse": True}, {"number": 1}):
        with pytest.raises(FileNotFound):
            await client.list_file(paged, "/missing", **arguments)
    for wrong in ({"after": "/q"}, {"after": "/p"}, {"number": -1}):
        with pytest.raises(InvalidRequest):
            await client.list_file(paged, "/p", **wrong)
