"""A write that returns is there; one that fails leaves its branch as it was, whichever call makes the commit."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from airflow_provider_pachyderm.client import (
    AsyncPfsClient,
    BranchHasNoHead,
    Commit,
    CommitFailed,
    CommitFinished,
    CommitState,
    FileCount,
    PathConflict,
)
from airflow_provider_pachyderm.client._capabilities import Capabilities, Feature, World
from airflow_provider_pachyderm.client._models import Version
from airflow_provider_pachyderm.testing.server import DevServer
from tests.contract.conftest import SAY_OTHERWISE, Supports
from tests.support._async.streams import collect
from tests.support.web import Website

BEFORE = {"/other": b"other", "/report": b"a file"}
Write = Callable[[AsyncPfsClient, str, bool], Awaitable[Commit | None]]


class Stop(BaseException):
    """As Airflow ends a task."""


@pytest.fixture
def world(server: DevServer) -> World:
    return Capabilities(Version.parse(SAY_OTHERWISE.get(server.version, server.version))).world


@pytest.fixture
async def filled(client: AsyncPfsClient, repo: str, supports: Supports) -> str:
    supports(Feature.DROP_COMMIT)
    async with client.commit(repo, "master") as commit:
        for path, content in BEFORE.items():
            await client.put_file_bytes(commit, path, content)
    return repo


@pytest.fixture
def writes(client: AsyncPfsClient, filled: str, tmp_path: Path, website: Website) -> dict[str, Write]:
    """Every call that may make a commit of its own; each puts ``/report/x``, though ``/report`` is a file."""
    local = tmp_path / "up" / "x"
    local.parent.mkdir()
    local.write_bytes(b"below a file")
    url = website.add("/x", b"below a file")

    async def block(client: AsyncPfsClient, branch: str, wait: bool) -> Commit | None:
        async with client.commit(*branch.split("@"), wait=wait) as commit:
            await client.put_file_bytes(commit, "/report/x", b"below a file")
        return commit

    async def modify(client: AsyncPfsClient, branch: str, wait: bool) -> Commit | None:
        async with client.modify(branch, wait=wait) as changes:
            changes.put("/fine", b"fine")
            changes.put("/report/x", b"below a file")
        return changes.commit

    async def put_files(client: AsyncPfsClient, branch: str, wait: bool) -> Commit | None:
        return (await client.put_files(branch, local.parent, "/report", wait=wait)).commit

    async def put_files_at_once(client: AsyncPfsClient, branch: str, wait: bool) -> Commit | None:
        (local.parent / "y").write_bytes(b"another")
        return (await client.put_files(branch, local.parent, "/report", parallel=2, wait=wait)).commit

    async def put_tar(client: AsyncPfsClient, branch: str, wait: bool) -> Commit | None:
        archive = io.BytesIO()
        with tarfile.open(fileobj=archive, mode="w") as tar:
            tar.add(local, "report/x")
        archive.seek(0)
        return (await client.put_tar(branch, archive, wait=wait)).commit

    return {
        "put_file_bytes": lambda client, branch, wait: client.put_file_bytes(branch, "/report/x", b"x", wait=wait),
        "append": lambda client, branch, wait: client.put_file_bytes(branch, "/report/x", b"x", append=True, wait=wait),
        "put_file": lambda client, branch, wait: client.put_file(branch, "/report/x", local, wait=wait),
        "put_file_url": lambda client, branch, wait: client.put_file_url(branch, "/report/x", url, wait=wait),
        "put_files": put_files,
        "put_files_at_once": put_files_at_once,
        "put_tar": put_tar,
        "modify": modify,
        "commit": block,
    }


@pytest.fixture
def copying(writes: dict[str, Write], supports: Supports) -> Write:
    supports(Feature.COPY_FILE)
    return lambda client, branch, wait: client.copy_file(branch, "/other", branch, "/report/x", wait=wait)


CALLS = (
    *("put_file_bytes", "append", "put_file", "put_file_url", "put_files", "put_files_at_once", "put_tar"),
    *("modify", "commit"),
)


async def state(client: AsyncPfsClient, repo: str) -> tuple[dict[str, bytes], list[str]]:
    files = await client.get_files(f"{repo}@master", "/", recursive=True)
    return files, [str(info.commit.id) async for info in await client.list_commit(repo)]


@pytest.mark.parametrize("call", CALLS)
async def test_what_cannot_stand_raises_and_is_gone(
    client: AsyncPfsClient, filled: str, writes: dict[str, Write], call: str
) -> None:
    before = await state(client, filled)
    with pytest.raises(PathConflict, match="/report"):
        await writes[call](client, f"{filled}@master", True)
    assert await state(client, filled) == before
    later = await client.put_file_bytes(f"{filled}@master", "/later", b"later")
    assert await client.get_files(later, "/") == {**BEFORE, "/later": b"later"}


async def test_a_copy_that_cannot_stand_raises_and_is_gone(client: AsyncPfsClient, filled: str, copying: Write) -> None:
    before = await state(client, filled)
    with pytest.raises(PathConflict, match="/report"):
        await copying(client, f"{filled}@master", True)
    assert await state(client, filled) == before


async def test_a_file_set_that_cannot_stand_raises_and_is_gone(
    client: AsyncPfsClient, filled: str, supports: Supports
) -> None:
    supports(Feature.FILE_SETS)
    before = await state(client, filled)
    async with client.create_file_set() as changes:
        changes.put("/report/x", b"below a file")
    with pytest.raises(PathConflict, match="/report"):
        await client.add_file_set(f"{filled}@master", changes.file_set_id)
    assert await state(client, filled) == before


async def test_a_first_commit_that_cannot_stand_leaves_no_branch(client: AsyncPfsClient, filled: str) -> None:
    with pytest.raises(PathConflict):
        async with client.modify(f"{filled}@new") as changes:
            changes.put("/report", b"a file")
            changes.put("/report/x", b"below it")
    assert not await client.branch_exists(filled, "new")
    with pytest.raises(ZeroDivisionError):
        await client.put_file_bytes(f"{filled}@new", "/a", broken())
    assert not await client.branch_exists(filled, "new")
    assert [info.branch.name for info in await client.list_branch(filled)] == ["master"]
    assert (await client.put_file_bytes(f"{filled}@new", "/a", b"a")).branch == "new"


def broken() -> Iterator[bytes]:
    yield b"x" * 3_000_000
    raise ZeroDivisionError


async def test_a_branch_without_a_head_stays_so(
    client: AsyncPfsClient, filled: str, world: World, supports: Supports
) -> None:
    supports(Feature.BRANCH_OBJECTS)
    await client.create_branch(filled, "empty")
    with pytest.raises(ZeroDivisionError):
        await client.put_file_bytes(f"{filled}@empty", "/a", broken())
    assert await client.branch_exists(filled, "empty")
    if world is World.V1:
        with pytest.raises(BranchHasNoHead):
            await client.inspect_commit(f"{filled}@empty")
    assert (await client.put_file_bytes(f"{filled}@empty", "/a", b"a")).branch == "empty"


@pytest.mark.parametrize("kind", [ZeroDivisionError, Stop])
async def test_a_source_that_raises_leaves_no_commit(
    client: AsyncPfsClient, filled: str, kind: type[BaseException]
) -> None:
    def raising() -> Iterator[bytes]:
        yield b"x" * 3_000_000
        raise kind

    before = await state(client, filled)
    with pytest.raises(kind):
        await client.put_file_bytes(f"{filled}@master", "/other", raising())
    assert await state(client, filled) == before


async def test_a_write_returns_the_commit_that_it_made(client: AsyncPfsClient, filled: str, tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"a")
    branch = f"{filled}@master"
    made = [
        await client.put_file_bytes(branch, "/1", b"1"),
        await client.put_file(branch, "/2", tmp_path / "a"),
        (await client.put_files(branch, tmp_path, "/d")).commit,
        await client.delete_file(branch, "/1"),
    ]
    async with client.modify(branch) as changes:
        assert changes.commit is None
        changes.put("/3", b"3")
    made.append(changes.commit)
    listed = [info.commit.id async for info in await client.list_commit(filled, branch="master")]
    assert [commit.id for commit in reversed(made) if commit] == listed[:-1]
    assert all(commit is not None and commit.branch == "master" for commit in made)
    for commit in made:
        assert commit is not None
        assert (await client.inspect_commit(commit)).state is CommitState.FINISHED


async def test_a_write_to_an_open_head_says_so_and_ends_nothing(
    client: AsyncPfsClient, filled: str, tmp_path: Path
) -> None:
    (tmp_path / "a").write_bytes(b"a")
    commit = await client.start_commit(filled, "master")
    branch = f"{filled}@master"
    assert (await client.put_file_bytes(branch, "/1", b"1")).id == commit.id
    assert (await client.put_files(branch, tmp_path, "/d")).commit == commit
    async with client.modify(branch) as changes:
        changes.put("/2", b"2")
    assert changes.commit is not None
    assert changes.commit.id == (await client.delete_file(branch, "/other")).id == commit.id
    with pytest.raises(ZeroDivisionError):
        await client.put_file_bytes(branch, "/broken", broken())
    assert (await client.inspect_commit(commit)).state is CommitState.OPEN
    await client.finish_commit(commit, wait=True)
    files = await client.get_files(commit, "/", recursive=True)
    files.pop("/broken", None)
    assert files == {"/1": b"1", "/2": b"2", "/d/a": b"a", "/report": b"a file"}


async def test_nothing_to_write_makes_no_commit(client: AsyncPfsClient, filled: str, tmp_path: Path) -> None:
    count = await client.put_files(f"{filled}@master", tmp_path)
    assert (count, count.commit) == (FileCount(0), None)
    async with client.modify(f"{filled}@master") as changes:
        pass
    assert changes.commit is None
    assert len(await collect(await client.list_commit(filled))) == 1


@pytest.mark.parametrize("call", CALLS)
async def test_without_waiting_the_commit_fails_later(
    client: AsyncPfsClient, filled: str, writes: dict[str, Write], call: str, world: World
) -> None:
    before = await state(client, filled)
    if world is World.V1:
        # these servers judge when they finish
        with pytest.raises(PathConflict):
            await writes[call](client, f"{filled}@master", False)
        assert await state(client, filled) == before
        return
    commit = await writes[call](client, f"{filled}@master", False)
    assert commit is not None
    with pytest.raises(CommitFailed):
        await client.wait_commit(commit)
    await client.drop_commit(commit)
    assert await state(client, filled) == before


async def test_a_good_commit_is_not_dropped(client: AsyncPfsClient, filled: str) -> None:
    commit = await client.put_file_bytes(f"{filled}@master", "/a", b"a")
    with pytest.raises(CommitFinished):
        await client.drop_commit(commit)
    assert "/a" in await client.get_files(f"{filled}@master", "/")


async def test_what_somebody_else_has_finished_stays(client: AsyncPfsClient, server: DevServer, filled: str) -> None:
    async def finished_by(other: AsyncPfsClient) -> None:
        async with client.commit(filled, "master") as commit:
            await client.put_file_bytes(commit, "/a", b"a")
            await other.finish_commit(commit, wait=True)

    before = await client.inspect_commit(f"{filled}@master")
    async with AsyncPfsClient(server.host, server.port) as other:
        with pytest.raises(CommitFinished):
            await finished_by(other)
    after = await client.inspect_commit(f"{filled}@master")
    assert after.parent is not None
    assert after.parent.id == before.commit.id
    assert "/a" in await client.get_files(f"{filled}@master", "/")


async def test_downstream_is_as_before_too(client: AsyncPfsClient, filled: str, supports: Supports) -> None:
    supports(Feature.BRANCH_OBJECTS)
    output = f"{filled}-out"
    await client.create_repo(output)
    await client.create_branch(output, "master", provenance=[f"{filled}@master"])
    heads = [await client.inspect_branch(name, "master") for name in (filled, output)]
    with pytest.raises(PathConflict):
        await client.put_file_bytes(f"{filled}@master", "/report/x", b"below a file")
    assert [await client.inspect_branch(name, "master") for name in (filled, output)] == heads
    await client.delete_repo(output, force=True)


async def test_who_may_delete_no_commits_has_the_branch_as_before_too(alice: AsyncPfsClient, hers: str) -> None:
    """From 2.8 on, only administrators may delete commits."""
    with pytest.raises(PathConflict):
        await alice.put_file_bytes(f"{hers}@master", "/a/x", b"below a file")
    assert await alice.get_files(f"{hers}@master", "/", recursive=True) == {"/a": b"A"}
    with pytest.raises(ZeroDivisionError):
        await alice.put_file_bytes(f"{hers}@master", "/b", broken())
    assert await alice.get_files(f"{hers}@master", "/", recursive=True) == {"/a": b"A"}
    later = await alice.put_file_bytes(f"{hers}@master", "/b", b"B")
    assert await alice.get_files(later, "/") == {"/a": b"A", "/b": b"B"}
