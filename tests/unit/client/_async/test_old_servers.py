"""What takes several calls on old servers, call by call: waiting, watching, walking, writing to a branch."""

from __future__ import annotations

import contextlib
import time
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest

from airflow_provider_pachyderm._wire.v1 import pfs_pb2 as v1
from airflow_provider_pachyderm.client import (
    AsyncPfsClient,
    BranchNotFound,
    CommitState,
    DeadlineExceeded,
    FileNotFound,
    PachydermError,
    PathConflict,
    Unsupported,
)
from tests.support._async.streams import collect
from tests.unit.client.recorder import ID, OTHER, Recorder, open_commit_v1

Serve = Callable[[Recorder], AsyncPfsClient]


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    """Make a client of a server, and close both in the end."""
    clients: list[AsyncPfsClient] = []
    with contextlib.ExitStack() as stack:

        def start(recorder: Recorder) -> AsyncPfsClient:
            clients.append(AsyncPfsClient(stack.enter_context(recorder.running())))
            return clients[-1]

        yield start
        for client in clients:
            await client.close()


def started(version: str) -> Recorder:
    recorder = Recorder(version)
    open_commit_v1(recorder)
    return recorder


def info(id: str = ID, *, finished: bool) -> v1.CommitInfo:
    commit = v1.CommitInfo(commit=v1.Commit(repo=v1.Repo(name="repo"), id=id))
    if finished:
        commit.finished.GetCurrentTime()
    return commit


def finished_after(asked: int) -> Any:
    left = iter([False] * asked)
    return lambda request: info(request.commit.id, finished=next(left, True))


async def test_waiting_is_asking_again(serve: Serve) -> None:
    recorder = started("1.7.0")
    recorder.answers["InspectCommit"] = finished_after(2)
    client = serve(recorder)
    waited = await client.wait_commit(("repo", ID))
    assert waited.state is CommitState.FINISHED
    assert recorder.names() == ["InspectCommit"] * 3
    assert all(request.block_state == 0 for (request,) in recorder.messages("InspectCommit"))


async def test_waiting_ends_when_the_time_is_up(serve: Serve) -> None:
    recorder = started("1.4.8")
    client = serve(recorder)
    await client.version()
    begin = time.monotonic()
    with pytest.raises(DeadlineExceeded, match="repo@"):
        await client.wait_commit(("repo", ID), timeout=0.2)
    assert 0.1 < time.monotonic() - begin < 2


async def test_a_commit_that_is_told_of_too_early_is_waited_for(serve: Serve) -> None:
    """1.7.0 tells of commits when they start, and cannot be asked for finished ones."""
    recorder = started("1.7.0")
    recorder.answers["SubscribeCommit"] = [info(ID, finished=True), info(OTHER, finished=False)]
    recorder.answers["InspectCommit"] = finished_after(1)
    client = serve(recorder)
    async with await client.subscribe_commit("repo", "master") as stream:
        first, second = [await stream.__anext__() for _ in range(2)]
    assert [first.commit.id, second.commit.id] == [ID, OTHER]
    assert second.state is CommitState.FINISHED
    # only for the second, twice
    assert [request.commit.id for (request,) in recorder.messages("InspectCommit")] == [OTHER, OTHER]


TREE = {"/": ["b", "a"], "/a": ["/a/2", "/a/1", "/a/deep"], "/a/deep": ["/a/deep/3"]}


def describe(path: str) -> v1.FileInfo:
    kind = v1.FILE_TYPE_DIR if "/" + path.strip("/") in TREE else v1.FILE_TYPE_FILE
    file = v1.File(commit=v1.Commit(repo=v1.Repo(name="repo"), id=ID), path=path)
    return v1.FileInfo(file=file, file_type=kind)


@pytest.mark.parametrize("version", ["1.4.8", "1.6.2", "1.7.14"])
async def test_walking_lists_one_directory_after_the_other(version: str, serve: Serve) -> None:
    recorder = started(version)
    recorder.answers["InspectCommit"] = info(finished=True)
    recorder.answers["InspectFile"] = lambda request: describe(request.file.path)
    recorder.answers["ListFileStream"] = lambda request: map(describe, TREE[request.file.path])
    recorder.answers["ListFile"] = lambda request: v1.FileInfos(file_info=map(describe, TREE[request.file.path]))
    client = serve(recorder)
    walked = await collect(await client.walk_file("repo/master", "/"))
    files = await collect(await client.list_file("repo/master", "/", recursive=True))
    assert [each.path for each in walked] == ["/", "/a", "/a/1", "/a/2", "/a/deep", "/a/deep/3", "/b"]
    assert [each.path for each in files] == ["/a/1", "/a/2", "/a/deep/3", "/b"]
    assert str(walked[0].commit) == f"repo@master={ID}"
    # all of one commit, even if the branch moves on meanwhile
    lists = recorder.messages("ListFile") + recorder.messages("ListFileStream")
    assert {request.file.commit.id for (request,) in lists} == {ID}


async def test_a_file_is_listed_as_itself_by_servers_that_refuse(serve: Serve) -> None:
    recorder = started("1.6.10")
    recorder.answers["InspectCommit"] = info(finished=True)
    client = serve(recorder)
    assert [each.path for each in await collect(await client.list_file(("repo", ID), "/a"))] == ["/a"]
    recorder.answers["InspectFile"] = "file /b not found in repo repo at commit x"
    with pytest.raises(FileNotFound):
        await client.list_file(("repo", ID), "/b")
    assert "ListFileStream" not in recorder.names()


# writing to a branch


@pytest.mark.parametrize("version", ["1.4.8", "1.7.1"])
async def test_a_put_to_a_branch_goes_to_the_open_commit_at_its_head(version: str, serve: Serve) -> None:
    recorder = started(version)
    recorder.answers["StartCommit"] = "parent commit x has not been finished"
    client = serve(recorder)
    client._session.started[ID] = False  # else it might be one that ends soon
    written = await client.put_file_bytes("repo/master", "/a", b"x", append=True)
    ((message,),) = recorder.messages("PutFile")
    assert message.file.commit.id == written.id == ID
    assert "FinishCommit" not in recorder.names()


async def test_a_put_to_a_branch_makes_a_commit(serve: Serve) -> None:
    recorder = started("1.6.10")
    client = serve(recorder)
    written = await client.put_file_bytes("repo/master", "/a", b"x", append=True)
    await client.delete_file("repo/master", "/a")
    assert recorder.names() == ["StartCommit", "PutFile", "FinishCommit", "StartCommit", "DeleteFile", "FinishCommit"]
    assert {request.commit.id for (request,) in recorder.messages("FinishCommit")} == {OTHER} == {written.id}


async def test_a_put_to_a_branch_that_fails_leaves_no_open_commit(serve: Serve) -> None:
    recorder = started("1.6.10")
    gone: list[bool] = []

    def inspect(request: v1.InspectCommitRequest) -> Any:
        if request.commit.id == "master" or gone:
            return "commit x not found"
        return info(OTHER, finished=False)

    def broken() -> Iterator[bytes]:
        yield b"x"
        raise ZeroDivisionError

    recorder.answers["InspectCommit"] = inspect
    recorder.answers["DeleteCommit"] = lambda request: gone.append(True)
    client = serve(recorder)
    with pytest.raises(ZeroDivisionError):
        await client.put_file_bytes("repo/master", "/a", broken(), append=True)
    assert [request.commit.id for (request,) in recorder.messages("DeleteCommit")] == [OTHER]
    assert "FinishCommit" not in recorder.names()


@pytest.mark.parametrize("parent", [ID, None])
async def test_where_no_commit_can_be_deleted_the_branch_goes_back(parent: str | None, serve: Serve) -> None:
    recorder = started("1.4.6")
    begun = info(OTHER, finished=False)
    if parent:
        begun.parent_commit.CopyFrom(v1.Commit(repo=v1.Repo(name="repo"), id=parent))
    recorder.answers.update(PutFile="no space left", InspectCommit=begun)
    client = serve(recorder)
    with pytest.raises(PachydermError, match="no space left"):
        await client.put_file_bytes("repo/master", "/a", b"x", append=True)
    assert [request.commit.id for (request,) in recorder.messages("SetBranch")] == ([parent] if parent else [])
    assert len(recorder.messages("DeleteBranch")) == (0 if parent else 1)


async def test_a_commit_that_cannot_be_dropped_is_told_of(caplog: pytest.LogCaptureFixture, serve: Serve) -> None:
    recorder = started("1.13.4")
    recorder.answers.update(PutFile="no space left", DeleteCommit="still no space left")
    client = serve(recorder)
    with pytest.raises(PachydermError, match="no space left"):
        await client.put_file_bytes("repo/master", "/a", b"x", append=True)
    assert f"repo@master={OTHER} is left behind, and delete_commit('repo@master={OTHER}') removes it" in caplog.text


@pytest.mark.parametrize("version", ["1.4.8", "1.5.3"])
async def test_overwriting_is_deleting_first(version: str, serve: Serve) -> None:
    recorder = started(version)
    client = serve(recorder)
    await client.put_file_bytes(("repo", ID), "/a", b"x")
    writes = [name for name in recorder.names() if not name.startswith(("Inspect", "Glob"))]
    assert writes == ["DeleteFile", "PutFile"]
    with pytest.raises(Unsupported, match=r"1\.6\.0"):
        await client.put_file_url(("repo", ID), "/a", "s3://bucket/x", recursive=True)


async def test_no_directory_is_deleted_to_make_room_for_a_file(serve: Serve) -> None:
    recorder = started("1.5.3")
    recorder.answers["GlobFile"] = v1.FileInfos(
        file_info=[v1.FileInfo(file=v1.File(path="/dir"), file_type=v1.FILE_TYPE_DIR)]
    )
    client = serve(recorder)
    with pytest.raises(PathConflict):
        await client.put_file_bytes(("repo", ID), "/dir", b"x")
    assert not {"DeleteFile", "PutFile"} & set(recorder.names())


# repos and branches


async def test_branches_before_1_7_are_looked_for_in_the_list(serve: Serve) -> None:
    recorder = started("1.6.10")
    client = serve(recorder)
    branch = await client.inspect_branch("repo", "master")
    assert str(branch.branch) == "repo@master"
    assert str(branch.head) == f"repo@master={ID}"
    with pytest.raises(BranchNotFound):
        await client.inspect_branch("repo", "other")
    recorder.answers["DeleteBranch"] = " pachyderm_pfs/branches/repo/other not found"
    await client.delete_branch("repo", "other")
    ((deleted,),) = recorder.messages("DeleteBranch")
    assert (deleted.repo.name, deleted.id) == ("repo", "other")


async def test_the_branches_of_a_repo_that_does_not_exist_are_an_error(serve: Serve) -> None:
    recorder = started("1.8.8")
    recorder.answers["InspectRepo"] = "pachyderm_pfs/repos/ repo not found"
    client = serve(recorder)
    with pytest.raises(PachydermError):
        await client.list_branch("repo")


@pytest.mark.parametrize(("version", "calls"), [("1.6.10", 2), ("1.8.0", 1), ("1.13.4", 1)])
async def test_update_creates_what_is_missing(version: str, calls: int, serve: Serve) -> None:
    recorder = started(version)
    recorder.answers["CreateRepo"] = lambda request: None if request.update else "repo repo already exists"
    client = serve(recorder)
    await client.create_repo("repo", "words", update=True)
    assert [request.update for (request,) in recorder.messages("CreateRepo")] == [False, True][-calls:]
