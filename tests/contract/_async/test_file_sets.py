"""File sets: files that belong to no commit, what commits make of them, and how they are read."""

from __future__ import annotations

import tarfile
from collections.abc import Awaitable, Callable
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest

from airflow_provider_pachyderm.client import (
    AsyncPfsClient,
    BranchNotFound,
    Commit,
    CommitFinished,
    CommitState,
    FileNotFound,
    FileSetNotFound,
    FileSetType,
    FileType,
    InvalidReference,
    InvalidRequest,
    NotInTransaction,
    PathRange,
    Unsupported,
    file_set_commit,
)
from airflow_provider_pachyderm.client._capabilities import Feature
from tests.contract.conftest import Supports
from tests.support._async.streams import collect

MINUTE = timedelta(minutes=1)
MISSING = "0123456789ab4def8123456789abcdef"
FILES = {"/a": b"aa", "/d/b": b"b", "/d/e/c": b"ccc"}


@pytest.fixture
def sets(supports: Supports) -> None:
    supports(Feature.FILE_SETS)


async def new(client: AsyncPfsClient, files: dict[str, bytes], append: bool = False) -> str:
    async with client.create_file_set() as changes:
        for path, content in files.items():
            changes.put(path, content, append=append)
    return changes.file_set_id


async def held(client: AsyncPfsClient, commit: Commit) -> dict[str, bytes]:
    return await client.get_files(commit, "/", recursive=True)


async def commit_of(client: AsyncPfsClient, repo: str, *ids: str) -> dict[str, bytes]:
    """What a commit holds to which file sets were added."""
    async with client.commit(repo, "master") as commit:
        for id in ids:
            await client.add_file_set(commit, id)
    return await held(client, commit)


async def test_it_is_read_like_a_commit(client: AsyncPfsClient, sets: None, tmp_path: Path) -> None:
    commit = file_set_commit(await new(client, FILES))
    assert await held(client, commit) == FILES
    assert (await client.inspect_commit(commit)).state is CommitState.FINISHED
    info = await client.inspect_file(commit, "/d")
    assert (info.type, info.size_bytes, info.committed) == (FileType.DIR, 4, None)
    assert [each.path for each in await collect(await client.list_file(commit, "/"))] == ["/a", "/d"]
    assert [each.path for each in await collect(await client.walk_file(commit, "/d/e"))] == ["/d/e", "/d/e/c"]
    assert [each.path for each in await collect(await client.glob_file(commit, "/*/*"))] == ["/d/b", "/d/e"]
    assert [each.path for each in await client.download(commit, "/d", tmp_path)] == ["/d/b", "/d/e/c"]
    assert (tmp_path / "d" / "e" / "c").read_bytes() == b"ccc"
    async with await client.open_file(commit, "/d/e/c") as file:
        await file.seek(1)
        assert await file.read() == b"cc"
    async with await client.get_file_tar(commit, "/d") as reader:
        with tarfile.open(fileobj=BytesIO(await reader.read())) as archive:
            assert {member.name.lstrip("/") for member in archive if member.isfile()} == {"d/b", "d/e/c"}
    assert not await client.path_exists(commit, "/missing")
    pairs = await collect(await client.diff_file(commit, "/"))
    assert [new.path for new, old in pairs if new and new.type is FileType.FILE and old is None] == sorted(FILES)


async def test_its_id_is_there_when_it_is_made(client: AsyncPfsClient, sets: None) -> None:
    async with client.create_file_set() as changes:
        changes.put("/a", b"a")
        with pytest.raises(InvalidRequest, match="has ended without an error"):
            _ = changes.file_set_id
    assert changes.file_set_id


async def test_nothing_is_sent_if_the_block_raises(client: AsyncPfsClient, sets: None) -> None:
    with pytest.raises(RuntimeError, match="no more"):
        async with client.create_file_set() as changes:
            changes.put("/a", b"a")
            raise RuntimeError("no more")
    with pytest.raises(InvalidRequest):
        _ = changes.file_set_id


async def test_all_kinds_of_changes(client: AsyncPfsClient, repo: str, sets: None, tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"F" * 3_000_000)
    async with client.commit(repo, "master") as commit:
        await client.put_file_bytes(commit, "/old", b"old")
    async with client.create_file_set() as changes:
        changes.put("/a", b"1")
        changes.put("/a", b"2", append=True)
        changes.put("/b", b"1")
        changes.put("/b", b"2")
        changes.put_file("/file", tmp_path / "f")
        changes.put_files(tmp_path, "/dir")
        changes.copy(commit, "/old", "/copied")
        changes.put("/gone/1", b"1")
        changes.delete("/gone")
    large = b"F" * 3_000_000
    assert await held(client, file_set_commit(changes.file_set_id)) == {
        "/a": b"12",
        "/b": b"2",
        "/copied": b"old",
        "/dir/f": large,
        "/file": large,
    }


async def test_one_without_files(client: AsyncPfsClient, repo: str, sets: None) -> None:
    id = await new(client, {})
    assert await collect(await client.list_file(file_set_commit(id), "/")) == []
    assert await commit_of(client, repo, id) == {}


async def test_a_commit_that_it_is_added_to_is_changed(client: AsyncPfsClient, repo: str, sets: None) -> None:
    async with client.commit(repo, "master") as commit:
        for path in ("/replaced", "/appended", "/deleted", "/kept", "/d/kept"):
            await client.put_file_bytes(commit, path, b"old")
    async with client.create_file_set() as changes:
        changes.put("/replaced", b"new")
        changes.put("/appended", b"new", append=True)
        changes.delete("/deleted")
        # there is nothing in it yet that could be deleted
        changes.delete("/d")
    assert await commit_of(client, repo, changes.file_set_id) == {
        "/appended": b"oldnew",
        "/d/kept": b"old",
        "/kept": b"old",
        "/replaced": b"new",
    }


async def test_several_commits_may_have_it(client: AsyncPfsClient, repo: str, sets: None) -> None:
    id = await new(client, {"/a": b"a"}, append=True)
    assert await commit_of(client, repo, id) == {"/a": b"a"}
    assert await commit_of(client, repo, id, id) == {"/a": b"aaa"}


async def test_the_open_head_of_a_branch_takes_it(client: AsyncPfsClient, repo: str, sets: None) -> None:
    commit = await client.start_commit(repo, "master")
    await client.add_file_set(f"{repo}@master", await new(client, {"/a": b"a"}))
    await client.finish_commit(commit, wait=True)
    assert await held(client, commit) == {"/a": b"a"}


async def test_a_finished_commit_takes_none(client: AsyncPfsClient, repo: str, sets: None) -> None:
    id = await new(client, {"/a": b"a"})
    await commit_of(client, repo)
    finished = (await client.inspect_commit(f"{repo}@master")).commit
    with pytest.raises(CommitFinished):
        await client.add_file_set(finished, id)


async def test_added_to_a_branch_it_is_a_commit_of_its_own(client: AsyncPfsClient, repo: str, sets: None) -> None:
    id = await new(client, {"/a": b"a"})
    added = await client.add_file_set(f"{repo}@master", id)
    assert (await client.inspect_commit(added)).state is CommitState.FINISHED
    assert await client.get_files(f"{repo}@master", "/") == {"/a": b"a"}
    with pytest.raises(FileSetNotFound):
        await client.add_file_set(f"{repo}@master", MISSING)
    assert (await client.inspect_commit(f"{repo}@master")).commit.id == added.id


async def test_a_commit_gives_its_files(client: AsyncPfsClient, repo: str, sets: None) -> None:
    async with client.commit(repo, "master") as commit:
        await client.put_file_bytes(commit, "/a", b"a")
    finished = await client.get_file_set(commit)
    child = await client.start_commit(repo, "master")
    await client.put_file_bytes(child, "/b", b"b")
    open_set = await client.get_file_set(f"{repo}@master")
    await client.put_file_bytes(child, "/late", b"late")
    assert await held(client, file_set_commit(finished)) == {"/a": b"a"}
    assert await held(client, file_set_commit(open_set)) == {"/a": b"a", "/b": b"b"}
    await client.drop_commit(child)
    assert await held(client, file_set_commit(open_set)) == {"/a": b"a", "/b": b"b"}
    with pytest.raises(BranchNotFound):
        await client.get_file_set(f"{repo}@missing")


async def test_what_a_commit_replaced_is_replaced_elsewhere(client: AsyncPfsClient, repo: str, sets: None) -> None:
    async with client.commit(repo, "other") as commit:
        for path in ("/appended", "/replaced", "/d/deleted"):
            await client.put_file_bytes(commit, path, b"old", append=True)
    async with client.commit(repo, "other") as commit:
        await client.put_file_bytes(commit, "/replaced", b"new")
        await client.delete_file(commit, "/d")
    id = await client.get_file_set(commit)
    async with client.commit(repo, "master") as commit:
        for path in ("/appended", "/replaced", "/d/deleted", "/d/kept"):
            await client.put_file_bytes(commit, path, b"mine")
    assert await commit_of(client, repo, id) == {"/d/kept": b"mine", "/appended": b"mineold", "/replaced": b"new"}


async def test_what_a_commit_changed(client: AsyncPfsClient, repo: str, supports: Supports) -> None:
    supports(Feature.FILE_SET_DIFF)
    async with client.commit(repo, "master") as commit:
        for path in ("/kept", "/replaced", "/appended", "/d/deleted"):
            await client.put_file_bytes(commit, path, b"old")
    async with client.commit(repo, "master") as commit:
        await client.put_file_bytes(commit, "/replaced", b"new")
        await client.put_file_bytes(commit, "/appended", b"new", append=True)
        await client.delete_file(commit, "/d")
    for reference in (commit, f"{repo}@master"):
        id = await client.get_file_set(reference, type=FileSetType.DIFF)
        assert await held(client, file_set_commit(id)) == {"/appended": b"new", "/replaced": b"new"}
    async with client.commit(repo, "other", parent="master^") as commit:
        await client.add_file_set(commit, id)
    assert await held(client, commit) == {"/appended": b"oldnew", "/kept": b"old", "/replaced": b"new"}


@pytest.mark.parametrize("compact", [False, True])
async def test_the_later_of_those_composed_wins(client: AsyncPfsClient, repo: str, sets: None, compact: bool) -> None:
    first = await new(client, {"/a": b"1", "/b": b"1", "/c": b"1"})
    async with client.create_file_set() as changes:
        changes.put("/a", b"2")
        changes.put("/b", b"2", append=True)
        changes.delete("/c")
    both = await client.compose_file_set([first, changes.file_set_id], MINUTE, compact=compact)
    assert await held(client, file_set_commit(both)) == {"/a": b"2", "/b": b"12"}
    other = await client.compose_file_set([changes.file_set_id, first], MINUTE, compact=compact)
    assert await held(client, file_set_commit(other)) == {"/a": b"1", "/b": b"1", "/c": b"1"}
    async with client.commit(repo, "master") as commit:
        await client.put_file_bytes(commit, "/c", b"0")
    assert await commit_of(client, repo, both) == {"/a": b"2", "/b": b"12"}


async def test_shards_follow_each_other(client: AsyncPfsClient, supports: Supports) -> None:
    supports(Feature.FILE_SET_THRESHOLDS)
    id = await new(client, {f"/{number}": b"x" * 10 for number in range(5)})
    assert await client.shard_file_set(id, number_of_files=2, size_bytes=10**9) == [
        PathRange("", "/2"),
        PathRange("/2", "/4"),
        PathRange("/4", ""),
    ]
    by_size = await client.shard_file_set(id, number_of_files=10**6, size_bytes=25)
    assert by_size == [PathRange("", "/3"), PathRange("/3", "")]


async def test_a_small_set_is_one_shard(client: AsyncPfsClient, supports: Supports) -> None:
    supports(Feature.FILE_SET_SHARDS)
    for files in (FILES, {}):
        assert await client.shard_file_set(await new(client, files)) == [PathRange()]


async def test_a_set_is_renewed_for_a_second_to_half_an_hour(client: AsyncPfsClient, sets: None) -> None:
    id = await new(client, FILES)
    await client.renew_file_set(id, timedelta(minutes=30))
    await client.renew_file_set(id, timedelta(seconds=90.5))
    with pytest.raises(InvalidRequest, match="exceeds max ttl"):
        await client.renew_file_set(id, timedelta(minutes=30, microseconds=1))
    for ttl in (timedelta(0), timedelta(days=-1)):
        with pytest.raises(InvalidRequest, match="more than 0"):
            await client.renew_file_set(id, ttl)
        with pytest.raises(InvalidRequest, match="more than 0"):
            await client.compose_file_set([id], ttl)


async def test_one_that_is_not_there(client: AsyncPfsClient, repo: str, sets: None) -> None:
    commit = await client.start_commit(repo, "master")
    kept = await new(client, FILES)
    calls: list[Callable[[], Awaitable[object]]] = [
        lambda: client.add_file_set(commit, MISSING),
        lambda: client.renew_file_set(MISSING, MINUTE),
        lambda: client.compose_file_set([kept, MISSING], MINUTE),
        lambda: client.compose_file_set([kept, MISSING], MINUTE, compact=True),
        lambda: client.inspect_file(file_set_commit(MISSING), "/a"),
        lambda: client.get_files(file_set_commit(MISSING), "/a"),
    ]
    for call in calls:
        with pytest.raises(FileSetNotFound):
            await call()
    with pytest.raises(FileNotFound):
        await client.inspect_file(file_set_commit(kept), "/missing")


async def test_a_missing_one_has_no_shards(client: AsyncPfsClient, supports: Supports) -> None:
    supports(Feature.FILE_SET_SHARDS)
    with pytest.raises(FileSetNotFound):
        await client.shard_file_set(MISSING)


async def test_what_is_no_id_is_not_sent(client: AsyncPfsClient) -> None:
    for id in ("", "nonsense", MISSING[1:], MISSING + "0", MISSING.upper()):
        with pytest.raises(InvalidReference, match="not the ID of a file set"):
            await client.renew_file_set(id, MINUTE)
    with pytest.raises(InvalidRequest, match="must be a list"):
        await client.compose_file_set(MISSING, MINUTE)
    with pytest.raises(InvalidRequest, match="must be a timedelta"):
        await client.renew_file_set(MISSING, 60)  # type: ignore[arg-type]
    with pytest.raises(InvalidRequest, match="must be a FileSetType"):
        await client.get_file_set("repo@master", type="diff")  # type: ignore[arg-type]


async def test_files_are_copied_from_it(client: AsyncPfsClient, repo: str, sets: None) -> None:
    source = file_set_commit(await new(client, FILES))
    async with client.commit(repo, "master") as commit:
        await client.copy_file(source, "/d", commit, "/copy")
        with pytest.raises(FileNotFound):
            await client.copy_file(source, "/missing", commit, "/copy")
    assert await held(client, commit) == {"/copy/b": b"b", "/copy/e/c": b"ccc"}


async def test_no_repo_has_their_name(client: AsyncPfsClient, sets: None) -> None:
    with pytest.raises(InvalidRequest, match="reserved"):
        await client.create_repo(file_set_commit(MISSING).repo)


async def test_a_transaction_has_none(client: AsyncPfsClient, repo: str, sets: None) -> None:
    id = await new(client, FILES)
    commit = await client.start_commit(repo, "master")
    async with client.transaction():
        with pytest.raises(NotInTransaction):
            async with client.create_file_set():
                pass
        with pytest.raises(NotInTransaction):
            await client.add_file_set(commit, id)


async def test_1x_servers_have_none(client: AsyncPfsClient, repo: str, lacks: Supports) -> None:
    lacks(Feature.FILE_SETS)
    calls: list[Callable[[], Awaitable[object]]] = [
        lambda: new(client, FILES),
        lambda: client.get_file_set((repo, "master")),
        lambda: client.add_file_set((repo, "master"), MISSING),
        lambda: client.renew_file_set(MISSING, MINUTE),
        lambda: client.compose_file_set([MISSING], MINUTE),
        lambda: client.shard_file_set(MISSING),
    ]
    for call in calls:
        with pytest.raises(Unsupported, match=r"a file set needs Pachyderm 2\.0\.0 or later.*copy them from there"):
            await call()


async def test_what_older_servers_do_not_know_of_them(
    client: AsyncPfsClient, repo: str, sets: None, lacks: Supports
) -> None:
    lacks(Feature.FILE_SET_DIFF)
    with pytest.raises(Unsupported, match=r"needs Pachyderm 2\.9\.0"):
        await client.get_file_set((repo, "master"), type=FileSetType.DIFF)
    with pytest.raises(Unsupported, match=r"needs Pachyderm 2\.(4|9)\.0"):
        await client.shard_file_set(await new(client, FILES), number_of_files=1)
    lacks(Feature.FILE_SET_SHARDS)
    with pytest.raises(Unsupported, match=r"needs Pachyderm 2\.4\.0"):
        await client.shard_file_set(await new(client, FILES))
