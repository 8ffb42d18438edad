"""Ranges of paths: the same files and directories from servers that know them and from those that do not."""

from __future__ import annotations

import io
import tarfile
from typing import Any

import pytest

from airflow_provider_pachyderm.client import AsyncPfsClient, Commit, FileNotFound, InvalidRequest, PathRange
from tests.support._async.streams import collect

EVERYTHING = ["/a", "/a/1", "/a/2", "/a.txt", "/b", "/b/1", "/b/c", "/b/c/2", "/d"]
FILES = [path for path in EVERYTHING if path not in ("/a", "/b", "/b/c")]


@pytest.fixture
async def filled(client: AsyncPfsClient, repo: str) -> Commit:
    async with client.commit(repo, "master") as commit:
        for path in FILES:
            await client.put_file_bytes(commit, path, path.encode())
    return commit


async def found(client: AsyncPfsClient, commit: Commit, path_range: PathRange) -> dict[str, int]:
    """Sizes by path, of all that patterns which every server knows find in a range."""
    sizes: dict[str, int] = {}
    for pattern in ("/*", "/*/*", "/*/*/*"):
        infos = await collect(await client.glob_file(commit, pattern, path_range=path_range))
        sizes.update((info.path, info.size_bytes) for info in infos)
    return sizes


@pytest.mark.parametrize(
    ("bounds", "paths"),
    [
        ({}, EVERYTHING),
        ({"upper": "/a/2"}, ["/a", "/a/1", "/a.txt"]),  # a dot is before a slash
        ({"lower": "/a/2"}, ["/a/2", "/b", "/b/1", "/b/c", "/b/c/2", "/d"]),
        ({"lower": "/a/", "upper": "/b/c/2"}, ["/a", "/a/1", "/a/2", "/b", "/b/1", "/b/c"]),
        ({"lower": "/a/1", "upper": "/b/1"}, ["/a/1", "/a/2", "/b"]),
        ({"lower": "/e"}, []),
        ({"lower": "/b", "upper": "/a"}, []),
    ],
)
async def test_what_is_found(client: AsyncPfsClient, filled: Commit, bounds: Any, paths: list[str]) -> None:
    assert sorted(await found(client, filled, PathRange(**bounds))) == sorted(paths)


async def test_ranges_side_by_side_are_the_whole(client: AsyncPfsClient, filled: Commit) -> None:
    bounds = (("", "/a/2"), ("/a/2", "/b/c/2"), ("/b/c/2", ""))
    first, second, third = [await found(client, filled, PathRange(lower, upper)) for lower, upper in bounds]
    assert len(first) + len(second) + len(third) == len(EVERYTHING)
    assert first | second | third == await found(client, filled, PathRange())


async def archived(client: AsyncPfsClient, commit: Commit, path: str, path_range: PathRange) -> dict[str, bytes]:
    async with await client.get_file_tar(commit, path, path_range=path_range) as reader:
        archive = io.BytesIO(await reader.read())
    with tarfile.open(fileobj=archive) as tar:
        return {member.name: tar.extractfile(member).read() for member in tar if member.isreg()}  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("path", "bounds", "paths"),
    [
        ("/", {}, FILES),
        ("/", {"upper": "/a/2"}, ["/a/1", "/a.txt"]),
        ("/", {"lower": "/a/2", "upper": "/b/c/3"}, ["/a/2", "/b/1", "/b/c/2"]),
        ("/b", {"lower": "/b/", "upper": "/d"}, ["/b/1", "/b/c/2"]),
        ("/b", {"lower": "/b/2"}, ["/b/c/2"]),
        ("/b/c", {"lower": "/a"}, ["/b/c/2"]),
        ("/d", {"lower": "/d", "upper": "/d0"}, ["/d"]),
    ],
)
async def test_archives(client: AsyncPfsClient, filled: Commit, path: str, bounds: Any, paths: list[str]) -> None:
    assert await archived(client, filled, path, PathRange(**bounds)) == {each: each.encode() for each in paths}


async def test_archives_of_nothing(client: AsyncPfsClient, filled: Commit) -> None:
    for path, path_range in (
        ("/", PathRange("/e")),
        ("/a", PathRange("/b")),
        ("/d", PathRange("/d0")),
        ("/d", PathRange(upper="/d")),
        ("/missing", PathRange()),
    ):
        with pytest.raises(FileNotFound):
            await client.get_file_tar(filled, path, path_range=path_range)


async def test_what_is_no_range(client: AsyncPfsClient, filled: Commit) -> None:
    wrong: Any
    for wrong in (("/a", "/b"), PathRange("a"), PathRange("/a", "b")):
        with pytest.raises(InvalidRequest, match="path_range"):
            await client.glob_file(filled, "/**", path_range=wrong)
        with pytest.raises(InvalidRequest, match="path_range"):
            await client.get_file_tar(filled, path_range=wrong)
