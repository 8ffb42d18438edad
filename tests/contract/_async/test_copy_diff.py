"""Copying on the server, and what differs between commits: the same from both worlds."""

from __future__ import annotations

import pytest

from airflow_provider_pachyderm.client import (
    AsyncPfsClient,
    BranchNotFound,
    Commit,
    CommitFinished,
    FileInfo,
    FileNotFound,
    FileType,
    InvalidRequest,
)
from airflow_provider_pachyderm.client._capabilities import Feature
from tests.contract.conftest import Supports
from tests.support._async.streams import collect
from tests.support.content import numbered

LONG = numbered(1_300_001)


@pytest.fixture
async def source(client: AsyncPfsClient, repo: str) -> Commit:
    async with client.commit(repo, "master") as commit:
        for path, content in {"/a": b"A", "/d/1": b"one", "/d/e/2": b"two", "/long": LONG}.items():
            await client.put_file_bytes(commit, path, content)
    return commit


@pytest.fixture
def copies(supports: Supports) -> None:
    supports(Feature.COPY_FILE)


@pytest.mark.usefixtures("copies")
async def test_copy_within_and_across_repos(client: AsyncPfsClient, source: Commit, repo: str) -> None:
    other = repo + "-other"
    await client.create_repo(other)
    async with client.commit(other, "master") as commit:
        await client.copy_file(source, "/a", commit, "/b")
        await client.copy_file((repo, "master"), "long", commit, "/in/long")
        await client.copy_file(source, "/d", commit, "/copied")
    assert await client.get_files(commit, "/", recursive=True) == {
        "/b": b"A",
        "/copied/1": b"one",
        "/copied/e/2": b"two",
        "/in/long": LONG,
    }
    async with client.commit(other, "master") as later:
        await client.copy_file(commit, "/b", later, "/c")
    assert sorted(await client.get_files(later, "/")) == ["/b", "/c"]


@pytest.mark.usefixtures("copies")
async def test_copy_overwrites_or_appends(client: AsyncPfsClient, source: Commit, repo: str) -> None:
    async with client.commit(repo, "master") as commit:
        await client.copy_file(source, "/d/1", commit, "/a")
        await client.copy_file(source, "/d/1", commit, "/d/e/2", append=True)
        await client.copy_file(source, "/d", commit, "/d")
        await client.copy_file(source, "/d/1", commit, "/d/1", append=True)
    assert await client.get_files(commit, ["/a", "/d"], recursive=True) == {
        "/a": b"one",
        "/d/1": b"oneone",
        "/d/e/2": b"two",
    }


@pytest.mark.usefixtures("copies")
async def test_copy_of_what_is_not_there(client: AsyncPfsClient, source: Commit, repo: str) -> None:
    async with client.commit(repo, "master") as commit:
        with pytest.raises(FileNotFound, match="/missing"):
            await client.copy_file(source, "/missing", commit, "/b")
        with pytest.raises(BranchNotFound):
            await client.copy_file((repo, "missing"), "/a", commit, "/b")
    with pytest.raises(CommitFinished):
        await client.copy_file(source, "/a", commit, "/b")
    assert "/b" not in await client.get_files((repo, "master"), "/")


@pytest.fixture
async def changed(client: AsyncPfsClient, source: Commit, repo: str) -> Commit:
    """Changes of every kind: new, gone, other content, a file become a directory and the other way round."""
    async with client.commit(repo, "master") as commit:
        await client.delete_file(commit, "/a")
        await client.put_file_bytes(commit, "/a/new", b"in a directory now")
        await client.put_file_bytes(commit, "/d/1", b"other")
        await client.put_file_bytes(commit, "/d-new", b"new")
        await client.delete_file(commit, "/d/e")
        await client.put_file_bytes(commit, "/d/e", b"a file now")
        await client.delete_file(commit, "/long")
    return commit


Side = tuple[str, int] | None


def sides(pair: tuple[FileInfo | None, FileInfo | None]) -> tuple[Side, Side]:
    new, old = ((info.path, info.size_bytes) if info else None for info in pair)
    return new, old


async def test_diff_with_the_parent(client: AsyncPfsClient, source: Commit, changed: Commit) -> None:
    expected = [
        (None, ("/a", 1)),
        (("/a/new", 18), None),
        (("/d/1", 5), ("/d/1", 3)),
        (("/d/e", 10), None),
        (None, ("/d/e/2", 3)),
        (("/d-new", 3), None),
        (None, ("/long", len(LONG))),
    ]
    assert [sides(pair) for pair in await collect(await client.diff_file(changed))] == expected
    assert [sides(pair) for pair in await collect(await client.diff_file(changed, "/", source))] == expected
    backwards = await collect(await client.diff_file(source, "/", changed))
    assert [sides(pair)[::-1] for pair in backwards] == expected


async def test_diff_says_which_commit_each_side_is_of(client: AsyncPfsClient, source: Commit, changed: Commit) -> None:
    ((new, old),) = await collect(await client.diff_file(changed, "/d/1", source))
    assert (new.commit.id, old.commit.id) == (changed.id, source.id)
    assert {new.type, old.type} == {FileType.FILE}
    assert new.hash != old.hash


async def test_diff_below_a_path(client: AsyncPfsClient, changed: Commit) -> None:
    below = [sides(pair) for pair in await collect(await client.diff_file(changed, "/d"))]
    assert below == [(("/d/1", 5), ("/d/1", 3)), (("/d/e", 10), None), (None, ("/d/e/2", 3))]
    assert await collect(await client.diff_file(changed, "/missing")) == []


async def test_diff_of_directories_of_different_names(client: AsyncPfsClient, source: Commit, repo: str) -> None:
    async with client.commit(repo, "master") as commit:
        await client.put_file_bytes(commit, "/copy/1", b"changed")
        await client.put_file_bytes(commit, "/copy/e/2", b"two")
    pairs = await collect(await client.diff_file(commit, "/copy", source, "/d"))
    assert [sides(pair) for pair in pairs] == [(("/copy/1", 7), ("/d/1", 3))]


async def test_shallow_diff_is_of_what_is_directly_in_the_directory(
    client: AsyncPfsClient, changed: Commit, supports: Supports
) -> None:
    supports(Feature.DIFF_SHALLOW)

    def shown(pair: tuple[FileInfo | None, FileInfo | None]) -> tuple[str, str]:
        new, old = (f"{info.path} {info.type.value}" if info else "" for info in pair)
        return new, old

    assert [shown(pair) for pair in await collect(await client.diff_file(changed, shallow=True))] == [
        ("", "/a file"),
        ("/a dir", ""),
        ("/d dir", "/d dir"),
        ("/d-new file", ""),
        ("", "/long file"),
    ]
    assert [shown(pair) for pair in await collect(await client.diff_file(changed, "/d/1", shallow=True))] == [
        ("/d/1 file", "/d/1 file")
    ]


async def test_diff_of_a_first_commit_and_of_the_same(client: AsyncPfsClient, source: Commit) -> None:
    first = await collect(await client.diff_file(source))
    assert [(new.path, old) for new, old in first] == [
        ("/a", None),
        ("/d/1", None),
        ("/d/e/2", None),
        ("/long", None),
    ]
    assert await collect(await client.diff_file(source, "/", source)) == []


async def test_diff_of_what_is_not_there(client: AsyncPfsClient, source: Commit, repo: str) -> None:
    with pytest.raises(BranchNotFound):
        await collect(await client.diff_file((repo, "missing")))
    with pytest.raises(InvalidRequest, match="old_commit"):
        await client.diff_file(source, "/", old_path="/d")
