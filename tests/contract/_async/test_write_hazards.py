"""Real servers' traps in writing, by the number they were noted under: one result on every version, or a refusal."""

from __future__ import annotations

import io
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from airflow_provider_pachyderm.client import (
    AsyncPfsClient,
    Commit,
    CommitNotFinished,
    Delimiter,
    InvalidRequest,
    OriginKind,
    PathConflict,
    Unsupported,
)
from airflow_provider_pachyderm.client._capabilities import Capabilities, Feature
from airflow_provider_pachyderm.testing.server import DevServer
from tests.contract.conftest import Supports
from tests.support._async.streams import collect

V1 = ("1.6.10", "1.7.14", "1.8.8", "1.9.12", "1.10.5", "1.13.4")
V2 = ("2.0.8", "2.1.9", "2.5.9", "2.11.6")
SOME = ("1.6.10", "1.7.14", "1.10.5", "1.13.4", "2.0.8", "2.5.9", "2.11.6")
SOURCE = {"/d/1": b"one", "/d/e/2": b"two", "/d2/3": b"beside"}


@pytest.fixture
async def source(client: AsyncPfsClient, repo: str) -> Commit:
    async with client.commit(repo, "source") as commit:
        for path, content in SOURCE.items():
            await client.put_file_bytes(commit, path, content)
    return commit


async def files(client: AsyncPfsClient, commit: Commit | str, path: str = "/") -> dict[str, bytes]:
    return await client.get_files(commit, path, recursive=True)


# deleting, and putting again in the same commit


@pytest.mark.versions("1.4.8", *SOME)
@pytest.mark.parametrize("place", ["/d", "/d/e"])
async def test_d25_what_was_deleted_with_its_directory_does_not_come_back(
    client: AsyncPfsClient, repo: str, place: str
) -> None:
    async with client.commit(repo, "master") as commit:
        await client.put_file_bytes(commit, f"{place}/1", b"old")
        await client.put_file_bytes(commit, "/kept", b"kept")
        await client.delete_file(commit, "/d")
        await client.put_file_bytes(commit, f"{place}/1", b"new", append=True)
    assert await files(client, commit) == {f"{place}/1": b"new", "/kept": b"kept"}


@pytest.mark.versions("1.5.3", *SOME)
async def test_d25_the_root_too(client: AsyncPfsClient, repo: str, supports: Supports) -> None:
    supports(Feature.READ_OPEN)
    await client.put_file_bytes(f"{repo}@master", "/d/before", b"before")
    async with client.commit(repo, "master") as commit:
        for path in ("/d/1", "/d/e/2", "/3", "/d2/4"):
            await client.put_file_bytes(commit, path, b"old")
        await client.delete_file(commit, "/")
        await client.put_file_bytes(commit, "/d/1", b"new", append=True)
    assert await files(client, commit) == {"/d/1": b"new"}


@pytest.mark.versions("1.4.8", "1.5.3", *SOME, "1.8.8", "1.9.12")
async def test_the_root_is_deleted_in_a_commit_of_its_own(client: AsyncPfsClient, repo: str) -> None:
    """DeleteFile of the root: no commit with it can be finished before 1.7, and 1.8 to 1.11.7 leave files elsewhere."""
    async with client.modify(f"{repo}@master") as changes:
        for path in ("/a", "/d/1", "/d/2", "/d/e/3", "/d/e/4", "/d2/5"):
            changes.put(path, b"x")
    await client.delete_file(f"{repo}@master", "/")
    commit = await client.put_file_bytes(f"{repo}@master", "/only", b"this")
    assert await files(client, commit) == {"/only": b"this"}


@pytest.mark.versions("1.4.8", *SOME)
async def test_a_directory_becomes_a_file_and_a_file_a_directory(client: AsyncPfsClient, repo: str) -> None:
    async with client.modify(f"{repo}@master") as changes:
        changes.put("/d/e/1", b"1")
        changes.put("/f", b"f")
        changes.delete("/d")
        changes.put("/d", b"a file now")
        changes.delete("/f")
        changes.put("/f/g", b"a directory now")
    assert changes.commit is not None
    assert await files(client, changes.commit) == {"/d": b"a file now", "/f/g": b"a directory now"}


# one path several times


@pytest.mark.versions("1.7.14", "1.8.8", "1.9.12", "1.10.5", "1.13.4", "2.11.6")
async def test_d76_one_path_is_never_twice_in_one_stream(client: AsyncPfsClient, repo: str) -> None:
    """1.8.3 to 1.13 do the puts of a stream side by side; the dev server has the first one end last."""
    async with client.modify(f"{repo}@master") as changes:
        changes.put("/b", b"1")
        changes.put("/other", b"other")
        changes.put("/b", b"2")
        changes.put("/c", b"1")
        changes.put("/c", b"2", append=True)
        for number in range(5):
            changes.put("/appended", str(number).encode(), append=True)
    expected = {"/b": b"2", "/c": b"12", "/appended": b"01234", "/other": b"other"}
    assert changes.commit is not None
    assert await files(client, changes.commit) == expected
    async with client.commit(repo, "again") as commit, client.modify(commit) as changes:
        changes.put("/b", b"1")
        changes.put("//b", b"2")
    assert await files(client, commit) == {"/b": b"2"}


# copying


@pytest.fixture
def copies(supports: Supports) -> None:
    supports(Feature.COPY_FILE)


@pytest.mark.versions(*SOME)
@pytest.mark.usefixtures("copies")
@pytest.mark.parametrize("opened", [True, False])
async def test_d18_d80_a_copied_directory_takes_the_place_of_what_is_there(
    client: AsyncPfsClient, repo: str, source: Commit, opened: bool
) -> None:
    """D18: 1.7.10 to 1.7.14 lose files; D80: 2.x leave what is not in the source; 1.6 and 1.7 also copy ``/d2``."""
    async with client.modify(f"{repo}@master") as changes:
        for path in ("/to/1", "/to/gone", "/to/e/gone", "/to2/stays", "/stays"):
            changes.put(path, b"was there")
    target: Commit | str = await client.start_commit(repo, "master") if opened else f"{repo}@master"
    await client.copy_file(source, "/d", target, "/to")
    if isinstance(target, Commit):
        await client.finish_commit(target, wait=True)
    assert await files(client, f"{repo}@master") == {
        "/to/1": b"one",
        "/to/e/2": b"two",
        "/to2/stays": b"was there",
        "/stays": b"was there",
    }


@pytest.mark.versions(*SOME)
@pytest.mark.usefixtures("copies")
async def test_d80_appended_a_directory_leaves_what_is_there(client: AsyncPfsClient, repo: str, source: Commit) -> None:
    await client.put_file_bytes(f"{repo}@master", "/to/1", b"mine, ")
    await client.put_file_bytes(f"{repo}@master", "/to/stays", b"mine")
    commit = await client.copy_file(source, "/d", f"{repo}@master", "/to", append=True)
    assert await files(client, commit) == {"/to/1": b"mine, one", "/to/e/2": b"two", "/to/stays": b"mine"}


@pytest.mark.versions(*SOME)
@pytest.mark.usefixtures("copies")
async def test_d82_a_directory_copied_twice_is_there_once(client: AsyncPfsClient, repo: str, source: Commit) -> None:
    async with client.commit(repo, "master") as commit:
        await client.put_file_bytes(commit, "/z/1", b"written before")
        await client.copy_file(source, "/d", commit, "/z")
        await client.copy_file(source, "/d", commit, "/z")
        await client.delete_file(commit, "/z")
        await client.copy_file(source, "/d", commit, "/z")
        async with client.modify(commit) as changes:
            changes.copy(source, "/d", "/y")
            changes.copy(source, "/d", "/y")
    assert await files(client, commit) == {
        f"/{place}{path[2:]}": SOURCE[path] for place in "zy" for path in ("/d/1", "/d/e/2")
    }


@pytest.mark.versions(*SOME, "2.1.9", "2.4.6")
@pytest.mark.usefixtures("copies")
async def test_d81_a_copy_may_be_appended_to(client: AsyncPfsClient, repo: str, source: Commit) -> None:
    async with client.modify(f"{repo}@master") as changes:
        changes.copy(source, "/d/1", "/file")
        changes.put("/file", b", more", append=True)
        changes.copy(source, "/d", "/to")
        changes.put("/to/e/2", b", more", append=True)
        changes.put("/put", b"put, ")
        changes.copy(source, "/d/1", "/put", append=True)
    assert changes.commit is not None
    assert await files(client, changes.commit) == {
        "/file": b"one, more",
        "/to/1": b"one",
        "/to/e/2": b"two, more",
        "/put": b"put, one",
    }


@pytest.mark.versions("2.0.8", "2.4.6", "2.11.6")
async def test_d81_in_a_file_set_too(client: AsyncPfsClient, repo: str, source: Commit, supports: Supports) -> None:
    supports(Feature.FILE_SETS)
    async with client.create_file_set() as changes:
        changes.copy(source, "/d/1", "/file")
        changes.put("/file", b", more", append=True)
    commit = await client.add_file_set(f"{repo}@master", changes.file_set_id)
    assert await files(client, commit) == {"/file": b"one, more"}


@pytest.mark.versions(*SOME, "2.1.9")
@pytest.mark.usefixtures("copies")
async def test_d40_the_root_is_copied(client: AsyncPfsClient, repo: str, source: Commit) -> None:
    commit = await client.copy_file(source, "/", f"{repo}@master", "/all")
    assert await files(client, commit) == {f"/all{path}": content for path, content in SOURCE.items()}
    async with client.modify(f"{repo}@master") as changes:
        changes.put("/gone", b"gone")
        changes.copy(source, "/", "/")
    assert changes.commit is not None
    assert await files(client, changes.commit) == SOURCE


@pytest.mark.usefixtures("copies")
@pytest.mark.parametrize("append", [False, True])
async def test_a_root_without_files_is_copied_as_what_it_is(client: AsyncPfsClient, repo: str, append: bool) -> None:
    async with client.commit(repo, "empty") as empty:
        pass
    commit = await client.copy_file(empty, "/", f"{repo}@master", "/all", append=append)
    assert await files(client, commit) == {}
    await client.put_file_bytes(f"{repo}@master", "/all/file", b"there")
    commit = await client.copy_file(empty, "/", f"{repo}@master", "/all", append=append)
    assert await files(client, commit) == ({"/all/file": b"there"} if append else {})


@pytest.mark.versions(*V1)
async def test_pieces_with_a_header_are_copied_or_refused(
    client: AsyncPfsClient, repo: str, supports: Supports
) -> None:
    """From 1.8 on, CopyFile of a single one copies nothing and says OK; of all of them it may kill the server (D26)."""
    supports(Feature.SPLIT_HEADER)
    made = await client.put_file_bytes(f"{repo}@master", "/h", b"id\n1\n2\n", Delimiter.CSV, header_records=1)
    before = await files(client, f"{repo}@master")
    for path in ("/h", "/h/0000000000000000", "/"):
        with pytest.raises(Unsupported, match="header"):
            await client.copy_file(made, path, f"{repo}@master", "/to")
    assert await files(client, f"{repo}@master") == before


# places


@pytest.mark.versions(*SOME)
@pytest.mark.usefixtures("copies")
@pytest.mark.parametrize("opened", [True, False])
@pytest.mark.parametrize("path", ["/d", "/d/1", "/"])
async def test_a_copy_in_its_own_place_changes_nothing(
    client: AsyncPfsClient, repo: str, source: Commit, opened: bool, path: str
) -> None:
    target: Commit | str = await client.start_commit(repo, "source") if opened else f"{repo}@source"
    await client.copy_file(target, path, target, f"//{path}/" if path != "/" else path)
    async with client.modify(target) as changes:
        changes.copy(target, path, path)
    if isinstance(target, Commit):
        await client.finish_commit(target, wait=True)
    assert await files(client, f"{repo}@source") == SOURCE


@pytest.mark.versions(*SOME)
@pytest.mark.usefixtures("copies")
@pytest.mark.parametrize("opened", [True, False])
async def test_a_directory_is_copied_into_itself_as_it_was(
    client: AsyncPfsClient, repo: str, source: Commit, opened: bool
) -> None:
    target: Commit | str = await client.start_commit(repo, "source") if opened else f"{repo}@source"
    await client.copy_file(target, "/d", target, "/d/e")
    if isinstance(target, Commit):
        await client.finish_commit(target, wait=True)
    assert await files(client, f"{repo}@source", "/d") == {"/d/1": b"one", "/d/e/1": b"one", "/d/e/e/2": b"two"}


@pytest.mark.versions(*SOME)
@pytest.mark.usefixtures("copies")
@pytest.mark.parametrize("opened", [True, False])
async def test_what_is_in_a_directory_does_not_replace_it(
    client: AsyncPfsClient, repo: str, source: Commit, opened: bool
) -> None:
    target: Commit | str = await client.start_commit(repo, "source") if opened else f"{repo}@source"
    with pytest.raises(InvalidRequest, match="/d/e is in /d"):
        await client.copy_file(target, "/d/e", target, "/d")
    with pytest.raises(InvalidRequest, match="/d/e is in /"):
        async with client.modify(target) as changes:
            changes.copy(target, "/d/e", "/")
    await client.copy_file(target, "/d/e", target, "/d", append=True)
    if isinstance(target, Commit):
        await client.finish_commit(target, wait=True)
    expected = {**SOURCE, "/d/2": b"two"}
    assert await files(client, f"{repo}@source") == expected
    # from another commit it is as any other copy
    commit = await client.copy_file(source, "/d/e", f"{repo}@source", "/d")
    assert await files(client, commit, "/d") == {"/d/2": b"two"}


@pytest.mark.versions(*SOME)
@pytest.mark.usefixtures("copies")
async def test_what_is_copied_from_the_same_open_commit_is_what_is_there_by_then(
    client: AsyncPfsClient, repo: str
) -> None:
    async with client.commit(repo, "master") as commit:
        await client.put_file_bytes(commit, "/a", b"old")
        async with client.modify(commit) as changes:
            changes.put("/a", b"new")
            changes.put("/later", b"put in the same go")
            changes.copy(commit, "/a", "/b")
            changes.copy(f"{repo}@master", "/later", "/c")
    assert await files(client, commit) == {
        "/a": b"new",
        "/b": b"new",
        "/later": b"put in the same go",
        "/c": b"put in the same go",
    }


@pytest.mark.versions(*SOME)
@pytest.mark.usefixtures("copies")
async def test_the_root_as_the_place_of_a_copy(client: AsyncPfsClient, repo: str, source: Commit) -> None:
    """1.x takes no CopyFile to the root; 2.x says that a file is copied there, and it is not."""
    for target in (f"{repo}@master", await client.start_commit(repo, "opened")):
        with pytest.raises(InvalidRequest, match="does not name a file"):
            await client.copy_file(source, "/d/1", target, "/")
        with pytest.raises(InvalidRequest, match="does not name a file"):
            async with client.modify(target) as changes:
                changes.copy(source, "/d/1", "/")
    await client.put_file_bytes(f"{repo}@master", "/stays", b"x")
    commit = await client.copy_file(source, "/d", f"{repo}@master", "/", append=True)
    assert await files(client, commit) == {"/1": b"one", "/e/2": b"two", "/stays": b"x"}
    commit = await client.copy_file(source, "/d", f"{repo}@master", "/")
    assert await files(client, commit) == {"/1": b"one", "/e/2": b"two"}


# splitting


@pytest.mark.versions(*V1)
async def test_d14_d15_nothing_is_split_into_what_is_no_directory_of_pieces(
    client: AsyncPfsClient, repo: str, supports: Supports
) -> None:
    supports(Feature.SPLIT)
    supports(Feature.READ_OPEN)
    await client.put_file_bytes(f"{repo}@master", "/plain", b"plain")
    await client.put_file_bytes(f"{repo}@master", "/d/name", b"plain")
    before = await files(client, f"{repo}@master")
    async with client.commit(repo, "master") as commit:
        for target in (f"{repo}@master", commit):
            with pytest.raises(PathConflict, match="/plain is a file"):
                await client.put_file_bytes(target, "/plain", b"1\n2\n", Delimiter.LINE)
            with pytest.raises(PathConflict, match="/d/name does not have a number"):
                await client.put_file_bytes(target, "/d", b"1\n2\n", Delimiter.LINE)
    assert await files(client, f"{repo}@master") == before


TREE = {"/a": b"A", "/d/e/g": b"G", "/d/f": b"F"}
Act = Callable[[AsyncPfsClient, str, Commit], Awaitable[Any]]


async def put_on_directory(client: AsyncPfsClient, repo: str, tree: Commit) -> None:
    await client.put_file_bytes((repo, "master"), "/d", b"1")


async def put_below_file(client: AsyncPfsClient, repo: str, tree: Commit) -> None:
    await client.put_file_bytes((repo, "master"), "/a/x", b"1")


async def change_directory(client: AsyncPfsClient, repo: str, tree: Commit) -> None:
    async with client.modify((repo, "master")) as changes:
        changes.put("/b", b"1")
        changes.put("/d", b"1")


async def put_many(client: AsyncPfsClient, repo: str, tree: Commit) -> None:
    async with client.modify((repo, "master")) as changes:
        for number in range(20):
            changes.put(f"/b/{number}", b"1")
        changes.put("/d/e", b"1")


async def put_on_own_directory(client: AsyncPfsClient, repo: str, tree: Commit) -> None:
    async with client.commit(repo, "master") as commit:
        await client.put_file_bytes(commit, "/n/x", b"1")
        await client.put_file_bytes(commit, "/n", b"1")


async def put_below_deleted(client: AsyncPfsClient, repo: str, tree: Commit) -> None:
    async with client.commit(repo, "master") as commit:
        await client.delete_file(commit, "/d")
        await client.put_file_bytes(commit, "/d/x", b"1")
        await client.put_file_bytes(commit, "/d", b"1")


async def copy_on_directory(client: AsyncPfsClient, repo: str, tree: Commit) -> None:
    await client.copy_file(tree, "/a", (repo, "master"), "/d")


async def copy_on_file(client: AsyncPfsClient, repo: str, tree: Commit) -> None:
    await client.copy_file(tree, "/d", (repo, "master"), "/a")


async def change_by_copy(client: AsyncPfsClient, repo: str, tree: Commit) -> None:
    async with client.modify((repo, "master")) as changes:
        changes.copy(tree, "/a", "/d")


async def put_in_copy(client: AsyncPfsClient, repo: str, tree: Commit) -> None:
    async with client.commit(repo, "master") as commit:
        await client.copy_file(tree, "/d", commit, "/n")
        await client.put_file_bytes(commit, "/n/e", b"1")


PUTS: list[Act] = [
    *(put_on_directory, put_below_file, change_directory, put_many, put_on_own_directory, put_below_deleted)
]
COPIES: list[Act] = [copy_on_directory, copy_on_file, change_by_copy, put_in_copy]


@pytest.mark.versions("1.4.8", *SOME)
@pytest.mark.parametrize("act", [*PUTS, *COPIES])
async def test_nothing_takes_the_place_of_something_of_another_kind(
    client: AsyncPfsClient, repo: str, act: Act, supports: Supports
) -> None:
    """A file on a directory takes all that is in it away on 1.6 to 1.13, and OK is said."""
    if act in COPIES:
        supports(Feature.COPY_FILE)
    async with client.commit(repo, "master") as tree:
        for path, content in TREE.items():
            await client.put_file_bytes(tree, path, content)
    with pytest.raises(PathConflict):
        await act(client, repo, tree)
    assert await files(client, f"{repo}@master") == TREE
    assert len(await collect(await client.list_commit(repo, branch="master"))) == 1


@pytest.mark.versions("1.4.8", *SOME)
async def test_what_was_deleted_leaves_its_place(client: AsyncPfsClient, repo: str) -> None:
    async with client.commit(repo, "master") as tree:
        for path, content in TREE.items():
            await client.put_file_bytes(tree, path, content)
    async with client.commit(repo, "master") as commit:
        await client.delete_file(commit, "/d")
        await client.put_file_bytes(commit, "/d", b"1")
        await client.delete_file(commit, "/a")
        await client.put_file_bytes(commit, "/a/x", b"2")
    assert await files(client, commit) == {"/d": b"1", "/a/x": b"2"}


@pytest.fixture
def pieces(supports: Supports) -> None:
    supports(Feature.SPLIT)
    supports(Feature.READ_OPEN)


@pytest.mark.versions("1.4.8", *SOME)
@pytest.mark.parametrize("append", [False, True])
async def test_d83_what_only_begins_like_a_path_is_not_in_its_place(
    client: AsyncPfsClient, server: DevServer, repo: str, tmp_path: Path, append: bool
) -> None:
    """Into an open commit of somebody else, as tasks put between those that start and finish it."""
    names = ("a1", "a", "part10", "part1", "part")
    (tmp_path / "many").mkdir()
    for number in range(60):
        (tmp_path / "many" / f"{number}").write_bytes(b"%d" % number)
    async with AsyncPfsClient(server.host, server.port) as other, client.commit(repo, "master") as commit:
        for name in names:
            await other.put_file_bytes(commit, f"/{name}/in", name.encode(), append=append)
        for name in names:
            await other.put_file_bytes(commit, f"/d/{name}", name.encode(), append=append)
        await other.put_files(commit, tmp_path / "many", "/d", append=append)
        if Feature.COPY_FILE in Capabilities(await client.version()):
            await other.put_file_bytes(commit, "/copies", b"", append=append)
            await other.copy_file(await client.put_file_bytes((repo, "from"), "/f", b"F"), "/f", commit, "/cop")
    found = await files(client, commit)
    assert {path: found[path] for path in (*(f"/{name}/in" for name in names), *(f"/d/{name}" for name in names))} == {
        **{f"/{name}/in": name.encode() for name in names},
        **{f"/d/{name}": name.encode() for name in names},
    }
    assert [found[f"/d/{number}"] for number in range(60)] == [b"%d" % number for number in range(60)]


@pytest.mark.versions(*V1)
@pytest.mark.usefixtures("pieces")
@pytest.mark.parametrize("append", [False, True])
async def test_d14_no_file_takes_the_place_of_pieces_of_the_same_commit(
    client: AsyncPfsClient,
    server: DevServer,
    repo: str,
    source: Commit,
    tmp_path: Path,
    append: bool,
    supports: Supports,
) -> None:
    """Real servers join what is there, or lose the pieces, and say OK; in whatever way the file comes."""
    supports(Feature.SPLIT)
    supports(Feature.READ_OPEN)
    (tmp_path / "p").write_bytes(b"plain")
    archive = await (await client.get_file_tar(await client.put_file_bytes((repo, "tar"), "/p", b"plain"), "/")).read()
    async with client.commit(repo, "master") as commit, AsyncPfsClient(server.host, server.port) as other:
        await client.put_file_bytes(commit, "/d/p", b"1\n2\n", Delimiter.LINE)
        for writer in (client, other):
            with pytest.raises(PathConflict, match="/d/p is a directory"):
                await writer.put_file_bytes(commit, "/d/p", b"plain", append=append)
            with pytest.raises(PathConflict, match="/d/p is a directory"):
                await writer.put_file(commit, "/d/p", tmp_path / "p", append=append)
            for parallel in (1, 2):
                with pytest.raises(PathConflict, match="/d/p is a directory"):
                    await writer.put_files(commit, tmp_path, "/d", append=append, parallel=parallel)
            with pytest.raises(PathConflict, match="/d/p is a directory"):
                await writer.put_tar(commit, io.BytesIO(archive), "/d", append=append)
            with pytest.raises(PathConflict, match="/d/p is a directory"):
                async with writer.modify(commit) as changes:
                    changes.put("/d/p", b"plain", append=append)
            with pytest.raises(PathConflict, match="/d/p is a directory"):
                await writer.put_file_url(commit, "/d/p", "http://127.0.0.1:9/", append=append)
            if Feature.COPY_FILE in Capabilities(await client.version()):
                with pytest.raises(PathConflict, match="/d/p is a directory"):
                    await writer.copy_file(source, "/d/1", commit, "/d/p", append=append)
    assert await files(client, commit) == {f"/d/p/{number:016x}": f"{number + 1}\n".encode() for number in (0, 1)}


@pytest.mark.versions(*V1)
@pytest.mark.usefixtures("pieces")
async def test_d14_pieces_that_were_deleted_leave_their_place(client: AsyncPfsClient, repo: str) -> None:
    async with client.commit(repo, "master") as commit:
        for path in ("/d/p", "/d/q", "/r"):
            await client.put_file_bytes(commit, path, b"1\n2\n", Delimiter.LINE)
        await client.delete_file(commit, "/d/p")
        await client.put_file_bytes(commit, "/d/p", b"plain")
        async with client.modify(commit) as changes:
            changes.delete("/d")
            changes.put("/d/q", b"plain")
        await client.put_file_bytes(commit, "/r/name", b"beside them")
    assert await files(client, commit) == {
        "/d/q": b"plain",
        "/r/0000000000000000": b"1\n",
        "/r/0000000000000001": b"2\n",
        "/r/name": b"beside them",
    }


@pytest.mark.versions("1.8.8", "1.10.5", "1.12.5", "1.13.4")
async def test_d27_no_header_for_pieces_that_were_made_without_one(
    client: AsyncPfsClient, repo: str, supports: Supports
) -> None:
    """It kills the server when the commit is finished, and again at each later try."""
    supports(Feature.SPLIT_HEADER)
    await client.put_file_bytes(f"{repo}@master", "/h", b"1\n2\n", Delimiter.LINE)
    with pytest.raises(Unsupported, match="header"):
        await client.put_file_bytes(f"{repo}@master", "/h", b"id\n3\n", Delimiter.CSV, header_records=1)
    await client.put_file_bytes(f"{repo}@master", "/i", b"id\n1\n2\n", Delimiter.CSV, header_records=1)
    commit = await client.put_file_bytes(f"{repo}@master", "/i", b"id\n3\n", Delimiter.CSV, header_records=1)
    assert sorted((await files(client, commit, "/i")).values()) == [b"id\n1\n", b"id\n2\n", b"id\n3\n"]


@pytest.mark.versions("1.6.10", "1.13.4")
async def test_no_directory_is_overwritten_from_some_put_on(
    client: AsyncPfsClient, repo: str, supports: Supports
) -> None:
    """It kills servers from 1.6 on when the commit is finished."""
    supports(Feature.OVERWRITE_INDEX)
    await client.put_file_bytes(f"{repo}@master", "/d/1", b"x")
    with pytest.raises(PathConflict, match="/d is a directory"):
        await client.put_file_bytes(f"{repo}@master", "/d", b"x", overwrite_index=1)
    assert await files(client, f"{repo}@master") == {"/d/1": b"x"}


# aliases, and the order in which commits are finished


@pytest.mark.versions("2.0.8", "2.3.9", "2.5.9", "2.6.11", "2.11.6")
async def test_d38_what_is_written_to_an_alias_is_there(client: AsyncPfsClient, repo: str, supports: Supports) -> None:
    """Up to 2.5, the input of a new branch gets an alias as head, and what is written to that is lost."""
    supports(Feature.BRANCH_OBJECTS)
    commit = await client.start_commit(repo, "master")
    output = f"{repo}-out"
    await client.create_repo(output)
    await client.create_branch(output, "master", provenance=[f"{repo}@master"])
    head = await client.inspect_commit(f"{repo}@master")
    assert (head.origin is OriginKind.ALIAS) == (head.commit.id != commit.id)
    by_branch = await client.put_file_bytes(f"{repo}@master", "/by-branch", b"1")
    by_id = await client.put_file_bytes(head.commit, "/by-id", b"2")
    assert by_branch.id == by_id.id == commit.id
    async with client.modify(f"{repo}@master") as changes:
        changes.put("/modified", b"3")
    await client.finish_commit(head.commit, wait=True)
    assert await files(client, f"{repo}@master") == {"/by-branch": b"1", "/by-id": b"2", "/modified": b"3"}
    await client.delete_repo(output, force=True)


@pytest.mark.versions("2.0.8", "2.1.9", "2.11.6")
async def test_d39_a_commit_has_the_files_of_its_parent(client: AsyncPfsClient, repo: str) -> None:
    """2.0 leaves them out if the commit is finished before its parent is."""
    for number in range(5):
        await client.put_file_bytes(f"{repo}@master", f"/{number}", b"x", wait=False)
    await client.wait_commit(f"{repo}@master")
    assert sorted(await files(client, f"{repo}@master")) == [f"/{number}" for number in range(5)]


@pytest.mark.versions("2.0.8")
async def test_d39_a_commit_is_not_finished_before_its_parent(
    client: AsyncPfsClient, repo: str, lacks: Supports
) -> None:
    lacks(Feature.FINISHES_IN_ORDER)
    output = f"{repo}-out"
    await client.create_repo(output)
    await client.create_branch(output, "master", provenance=[f"{repo}@master"])
    for number in range(2):
        await client.put_file_bytes(f"{repo}@master", f"/{number}", b"x")
    newest = await client.inspect_commit(f"{output}@master")
    with pytest.raises(CommitNotFinished, match="cannot be finished before its parent"):
        await client.finish_commit(newest.commit)
    await client.delete_repo(output, force=True)


# what was not filled in


async def test_an_empty_path_takes_nothing_away(client: AsyncPfsClient, repo: str, source: Commit) -> None:
    """It is what a template leaves that found nothing; all that there is has the path ``/``."""
    for call in (
        lambda: client.delete_file((repo, "source"), ""),
        lambda: client.copy_file(source, "/d", (repo, "source"), ""),
    ):
        with pytest.raises(InvalidRequest, match="the path is empty"):
            await call()
    async with client.modify((repo, "source")) as changes:
        for change in (lambda: changes.delete(""), lambda: changes.copy(source, "/d", "")):
            with pytest.raises(InvalidRequest, match="the path is empty"):
                change()
    assert await files(client, f"{repo}@source") == SOURCE


class Dry(io.RawIOBase):
    """A file in non-blocking mode that has nothing more at the moment."""

    def __init__(self) -> None:
        self._left = [b"half"]

    def read(self, size: int = -1) -> bytes | None:
        return self._left.pop() if self._left else None


async def test_what_is_not_there_yet_is_not_the_end(client: AsyncPfsClient, repo: str, source: Commit) -> None:
    with pytest.raises(InvalidRequest, match="non-blocking"):
        await client.put_file((repo, "source"), "/d/1", Dry())
    assert await files(client, f"{repo}@source") == SOURCE
