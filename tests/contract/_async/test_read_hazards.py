"""What real servers do otherwise when they are read: the same results on every version, or a reason.

The numbers are those of the notes on real servers.
"""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest

from airflow_provider_pachyderm.client import (
    AsyncPfsClient,
    Commit,
    FileInfo,
    FileNotFound,
    FilePair,
    FileType,
    InvalidRequest,
    IsADirectory,
    PathConflict,
    Unsupported,
)
from airflow_provider_pachyderm.client._capabilities import Capabilities, Feature
from tests.contract.conftest import Supports
from tests.support._async.streams import collect


async def an_empty_commit(client: AsyncPfsClient, repo: str, *, emptied: bool) -> Commit:
    async with client.commit(repo, "master") as commit:
        if emptied:
            await client.put_file_bytes(commit, "/a", b"A")
    if emptied:
        async with client.commit(repo, "master") as commit:
            await client.delete_file(commit, "/a")
    return (await client.wait_commit(commit)).commit


@pytest.mark.parametrize("emptied", [False, True])
@pytest.mark.parametrize("by_branch", [False, True])
async def test_d21_the_root_of_an_empty_commit_is_there(
    client: AsyncPfsClient, repo: str, tmp_path: Path, emptied: bool, by_branch: bool
) -> None:
    """D21: 2.x says that it does not exist."""
    pinned = await an_empty_commit(client, repo, emptied=emptied)
    commit = (repo, "master") if by_branch else pinned
    root = await client.inspect_file(commit, "/")
    assert (root.path, root.type, root.size_bytes, root.commit.id) == ("/", FileType.DIR, 0, pinned.id)
    assert await client.path_exists(commit, "/")
    assert not await client.path_exists(commit, "/a")
    assert await client.get_files(commit, "/", recursive=True) == {}
    assert await client.download(commit, "/", tmp_path) == []
    assert await collect(await client.list_file(commit, "/")) == []
    assert await collect(await client.list_file(commit, "/", recursive=True)) == []
    assert await collect(await client.list_file(commit, "/", after="/a")) == []
    assert [info.path async for info in await client.walk_file(commit, "/")] == ["/"]
    for read in (client.get_file, client.open_file):
        with pytest.raises(IsADirectory):
            await read(commit, "/")
    async with await client.get_file_tar(commit, "/") as reader:
        with tarfile.open(fileobj=io.BytesIO(await reader.read())) as tar:
            assert [member for member in tar if not member.isdir()] == []


async def test_d1_sizes_after_overwriting_all_but_the_first_puts(
    client: AsyncPfsClient, repo: str, supports: Supports, tmp_path: Path
) -> None:
    """D1, D12: 1.6 to 1.13 state too many bytes then, and go on to do so."""
    supports(Feature.OVERWRITE_INDEX)
    async with client.commit(repo, "master") as commit:
        for word in (b"one ", b"two ", b"three "):
            await client.put_file_bytes(commit, "/d/f", word, append=True)
    async with client.commit(repo, "master") as commit:
        await client.put_file_bytes(commit, "/d/f", b"new", overwrite_index=1)
    master = (repo, "master")
    async with await client.get_file(master, "/d/f") as reader:
        assert await reader.read() == b"one new"
    async with await client.get_file(master, "/d/f", 4) as reader:
        assert await reader.read() == b"new"
    async with await client.open_file(master, "/d/f") as file:
        assert (file.size, await file.read()) == (7, b"one new")
    assert await client.get_files(master, "/d") == {"/d/f": b"one new"}
    (saved,) = await client.download(master, "/", tmp_path)
    assert (saved.size_bytes, saved.local.read_bytes()) == (7, b"one new")
    async with await client.get_file_tar(master, "/d") as archive:
        with tarfile.open(fileobj=io.BytesIO(await archive.read())) as tar:
            member = next(member for member in tar if member.isreg())
            content = tar.extractfile(member)
            assert content is not None
            assert content.read() == b"one new"


@pytest.fixture
async def paged(client: AsyncPfsClient, repo: str) -> Commit:
    async with client.commit(repo, "master") as commit:
        for path in ("/a", "/b/1", "/b/2", "/b-x", "/b.y", "/c"):
            await client.put_file_bytes(commit, path, b"x")
    return (await client.wait_commit(commit)).commit


async def test_d42_negative_numbers_are_not_sent(client: AsyncPfsClient, paged: Commit) -> None:
    """D42: with reverse, they kill 2.4 to 2.10."""
    for number in (-1, -(2**31)):
        for reverse in (False, True):
            with pytest.raises(InvalidRequest, match="number"):
                await client.list_file(paged, "/", number=number, reverse=reverse)


@pytest.mark.parametrize("number", [1, 2, 3])
async def test_d43_a_pager_gets_on_and_misses_nothing(client: AsyncPfsClient, paged: Commit, number: int) -> None:
    """D43: 2.4 to 2.6 begin a page with the last of the one before."""
    found: list[str] = []
    while page := [
        i.path async for i in await client.list_file(paged, "/", after=found[-1] if found else None, number=number)
    ]:
        found += page
        assert len(found) <= 5
    assert found == ["/a", "/b", "/b-x", "/b.y", "/c"]


@pytest.mark.parametrize(
    ("after", "left"),
    [("/b", ["/b-x", "/b.y", "/c"]), ("/b/1", ["/b-x", "/b.y", "/c"]), ("/b/9/z", ["/b-x", "/b.y", "/c"]), ("/zz", [])],
)
async def test_d7_pages_after_directories_and_what_is_in_them(
    client: AsyncPfsClient, paged: Commit, after: str, left: list[str]
) -> None:
    """D7: servers look for the text among their own names, in another order."""
    assert [info.path async for info in await client.list_file(paged, "/", after=after)] == left


def sides(pair: FilePair) -> tuple[str, str]:
    new, old = pair
    return new.path if new else "", old.path if old else ""


@pytest.mark.parametrize(
    ("new", "old", "pairs"),
    [
        ("/n", "/o", [("/n/1", "/o/1"), ("", "/o/2"), ("/n/e/3", ""), ("", "/o/z")]),
        ("/n/1", "/o/1", [("/n/1", "/o/1")]),
        ("/n/1", "/o/none", [("/n/1", "")]),
        ("/none", "/o", [("", "/o/1"), ("", "/o/2"), ("", "/o/same"), ("", "/o/z")]),
        ("/none", "/missing", []),
    ],
)
async def test_d5_and_d32_diff_of_two_names(
    client: AsyncPfsClient, repo: str, new: str, old: str, pairs: list[tuple[str, str]], supports: Supports
) -> None:
    """D5: 2.x pairs nothing. D32: 1.8 to 1.13 leave out old files."""
    supports(Feature.DIFF_FILE)
    async with client.commit(repo, "master") as commit:
        for path, content in {"/n/1": b"new", "/n/same": b"s", "/n/e/3": b"3"}.items():
            await client.put_file_bytes(commit, path, content)
        for path, content in {"/o/1": b"old", "/o/2": b"2", "/o/same": b"s", "/o/z": b"z"}.items():
            await client.put_file_bytes(commit, path, content)
    master = (repo, "master")
    await client.wait_commit(master)
    found = await collect(await client.diff_file(master, new, master, old))
    assert [sides(pair) for pair in found] == pairs


async def test_d5_shallow(client: AsyncPfsClient, repo: str, supports: Supports) -> None:
    supports(Feature.DIFF_SHALLOW)
    async with client.commit(repo, "master") as commit:
        for path in ("/n/d/1", "/n/e/2", "/o/d/1", "/o/e/3", "/o/f"):
            await client.put_file_bytes(commit, path, path[2:].encode())
    master = (repo, "master")
    await client.wait_commit(master)
    found = await collect(await client.diff_file(master, "/n", master, "/o", shallow=True))
    assert [sides(pair) for pair in found] == [("/n/e", "/o/e"), ("", "/o/f")]


@pytest.mark.parametrize(("pattern", "found"), [("/(a|c)", ["/a", "/c"]), ("/[[:alpha:]]", ["/a", "/b", "/c"])])
async def test_d4_groups_and_classes_in_patterns(
    client: AsyncPfsClient, paged: Commit, supports: Supports, pattern: str, found: list[str]
) -> None:
    """D4: they work from 1.9 on; older servers find nothing."""
    supports(Feature.GLOB_GROUPS)
    assert [info.path async for info in await client.glob_file(paged, pattern)] == found


@pytest.mark.parametrize("pattern", ["/(a|c)", "/[[:alpha:]]", "/@(a|c)"])
async def test_d4_where_they_find_nothing_that_is_said(
    client: AsyncPfsClient, paged: Commit, lacks: Supports, pattern: str
) -> None:
    lacks(Feature.GLOB_GROUPS)
    with pytest.raises(Unsupported, match=r"1\.9\.8"):
        await client.glob_file(paged, pattern)


async def test_d17_unclean_paths_come_out_clean(client: AsyncPfsClient, paged: Commit) -> None:
    """D17: 1.4 to 1.6 tell paths as they were asked for."""

    async def paths(path: str) -> list[str]:
        infos: list[FileInfo] = await collect(await client.list_file(paged, path))
        return [info.path for info in infos]

    for path in ("b", "/b/", "//b", "/b//"):
        assert await paths(path) == ["/b/1", "/b/2"]
        assert (await client.inspect_file(paged, path)).path == "/b"


async def test_d3_the_root_is_there_for_a_datum_that_nobody_has(
    client: AsyncPfsClient, paged: Commit, supports: Supports, tmp_path: Path
) -> None:
    """D3: real servers say then that the root does not exist."""
    supports(Feature.DATUM_FILES)
    root = await client.inspect_file(paged, "/", datum="nobody")
    assert (root.path, root.type, root.size_bytes) == ("/", FileType.DIR, 0)
    assert await client.get_files(paged, "/", recursive=True, datum="nobody") == {}
    assert await client.download(paged, "/", tmp_path, datum="nobody") == []
    assert [info.path async for info in await client.walk_file(paged, "/", datum="nobody")] == ["/"]


@pytest.mark.versions("1.5.3", "1.6.10", "1.7.14", "1.8.8", "1.10.5", "1.13.4", "2.11.6")
async def test_d83_nothing_is_in_an_open_commit_that_only_begins_like_it(
    client: AsyncPfsClient, repo: str, tmp_path: Path, supports: Supports
) -> None:
    """D83: servers before 2.0 find what was written to an open commit by how its path begins."""
    supports(Feature.READ_OPEN)
    async with client.commit(repo, "master") as commit:
        for path in ("/d2/1", "/d/1", "/f/10", "/f/1", "/g2"):
            await client.put_file_bytes(commit, path, path.encode())
        found = {path: (await client.inspect_file(commit, path)).type for path in ("/d", "/d/1", "/d2", "/f/1", "/g2")}
        assert found == {path: FileType.DIR if path in ("/d", "/d2") else FileType.FILE for path in found}
        for missing in ("/g", "/d/2", "/f/100"):
            assert not await client.path_exists(commit, missing)
            for read in (client.walk_file, client.list_file, client.get_file, client.open_file):
                with pytest.raises(FileNotFound):
                    await read(commit, missing)
        assert [info.path async for info in await client.walk_file(commit, "/d")] == ["/d", "/d/1"]
        for recursive in (False, True):
            listed: list[FileInfo] = await collect(await client.list_file(commit, "/d", recursive))
            assert [info.path for info in listed] == ["/d/1"]
            assert await client.get_files(commit, "/d", recursive) == {"/d/1": b"/d/1"}
        assert [file.path for file in await client.download(commit, "/d", tmp_path)] == ["/d/1"]
        copies = Feature.COPY_FILE in Capabilities(await client.version())
        if copies:
            await client.copy_file(commit, "/d", commit, "/copy")
    assert sorted(await client.get_files(commit, "/", recursive=True)) == [
        *(["/copy/1"] if copies else []),
        *("/d/1", "/d2/1", "/f/1", "/f/10", "/g2"),
    ]


@pytest.mark.versions("1.6.10", "1.7.14", "1.8.8", "1.10.5", "1.13.4", "2.11.6")
async def test_d83_a_file_whose_name_another_begins_with_is_copied_or_refused(
    client: AsyncPfsClient, repo: str, supports: Supports
) -> None:
    """D83: servers before 2.0 find in an open commit that such a file is a directory, too; nothing is copied then."""
    supports(Feature.COPY_FILE)
    is_1x = (await client.version()).major == 1
    async with client.commit(repo, "master") as commit:
        for path in ("/f/1", "/f/10"):
            await client.put_file_bytes(commit, path, path.encode())
        if is_1x:
            with pytest.raises(PathConflict, match="finish the commit first"):
                await client.copy_file(commit, "/f/1", commit, "/copy")
        else:
            await client.copy_file(commit, "/f/1", commit, "/copy")
    if is_1x:
        await client.copy_file(commit, "/f/1", (repo, "master"), "/copy")
    expected = {"/copy": b"/f/1", "/f/1": b"/f/1", "/f/10": b"/f/10"}
    assert await client.get_files((repo, "master"), "/", recursive=True) == expected
