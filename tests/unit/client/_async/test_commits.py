"""``with client.commit()``: what is called, and what comes out, when something goes wrong."""

from __future__ import annotations

from typing import Any

import grpc
import pytest
from google.protobuf.empty_pb2 import Empty

from airflow_provider_pachyderm._wire.v1 import methods as v1_methods
from airflow_provider_pachyderm._wire.v1 import pfs_pb2 as v1_pfs
from airflow_provider_pachyderm._wire.v2 import pfs_pb2
from airflow_provider_pachyderm._wire.v2.methods import Pfs
from airflow_provider_pachyderm.client import AsyncPfsClient, CommitFailed, PathConflict, RetryPolicy, Unavailable
from tests.unit.client.pachd import Pachd

ID = "0123456789ab4def8123456789abcdef"
BRIEF = RetryPolicy(deadline=1)
REPO = pfs_pb2.Repo(name="repo", type="user", project=pfs_pb2.Project(name="default"))
COMMIT = pfs_pb2.Commit(id=ID, repo=REPO)
OPEN = pfs_pb2.CommitInfo(commit=COMMIT)


class Stop(BaseException):
    """As Airflow ends a task."""


@pytest.fixture
def v2(pachd: Pachd) -> Pachd:
    pachd.on(Pfs.StartCommit, COMMIT)
    pachd.on(Pfs.InspectCommit, OPEN)
    pachd.on(Pfs.InspectCommitSet, lambda request, context: iter([OPEN]))
    pachd.on(Pfs.DropCommitSet)
    pachd.on(Pfs.FinishCommit)
    return pachd


def finished(error: str) -> pfs_pb2.CommitInfo:
    info = pfs_pb2.CommitInfo(commit=COMMIT, error=error)
    info.finished.GetCurrentTime()
    return info


async def test_on_success_it_is_finished_and_waited_for(v2: Pachd, address: str) -> None:
    v2.on(Pfs.InspectCommit, finished(""))
    async with AsyncPfsClient(address) as client, client.commit("repo", "master", description="why") as commit:
        assert str(commit) == f"default/repo@master={ID}"
    assert v2.calls == ["GetVersion", "StartCommit", "FinishCommit", "InspectCommit"]


async def test_a_put_on_a_branch_is_five_calls(v2: Pachd, address: str) -> None:
    v2.on(Pfs.InspectCommit, finished(""))
    v2.on(Pfs.ModifyFile, lambda requests, context: [*requests] and Empty())
    async with AsyncPfsClient(address) as client:
        assert (await client.put_file_bytes("repo@master", "/f", b"x")).id == ID
        assert v2.calls == ["GetVersion", "StartCommit", "ModifyFile", "FinishCommit", "InspectCommit"]
        commit = await client.start_commit("repo", "master")
        await client.put_file_bytes(commit, "/f", b"x")
        await client.finish_commit(commit, wait=True)
    assert v2.calls[5:] == ["StartCommit", "ModifyFile", "FinishCommit", "InspectCommit"]


async def test_on_1x_it_is_five_too() -> None:
    pachd = Pachd((1, 13, 4))
    pachd.on(v1_methods.Pfs.InspectBranch, v1_pfs.BranchInfo())
    pachd.on(v1_methods.Pfs.StartCommit, v1_pfs.Commit(repo=v1_pfs.Repo(name="repo"), id=ID))
    pachd.on(v1_methods.Pfs.PutFile, lambda requests, context: [*requests] and Empty())
    pachd.on(v1_methods.Pfs.FinishCommit)
    with pachd.running() as address:
        async with AsyncPfsClient(address) as client:
            assert (await client.put_file_bytes("repo@master", "/f", b"x")).id == ID
    assert pachd.calls == ["GetVersion", "InspectBranch", "StartCommit", "PutFile", "FinishCommit"]


@pytest.mark.parametrize("kind", [KeyError, Stop])
async def test_when_the_body_raises_it_is_dropped(v2: Pachd, address: str, kind: type[BaseException]) -> None:
    async with AsyncPfsClient(address) as client:
        with pytest.raises(kind, match="mine"):
            async with client.commit("repo", "master"):
                raise kind("mine")
    assert v2.calls[1:] == ["StartCommit", "InspectCommit", "InspectCommitSet", "DropCommitSet", "InspectCommit"]


async def test_a_drop_that_fails_hides_nothing(v2: Pachd, address: str, caplog: pytest.LogCaptureFixture) -> None:
    def refuse(request: Any, context: grpc.ServicerContext) -> None:
        context.abort(grpc.StatusCode.UNKNOWN, "out of order")

    v2.on(Pfs.DropCommitSet, refuse)
    async with AsyncPfsClient(address) as client:
        with pytest.raises(KeyError) as caught:
            async with client.commit("repo", "master"):
                raise KeyError("mine")
    assert f"left behind, and delete_commit('default/repo@master={ID}') removes it: " in caplog.text
    assert "out of order" in caplog.text
    assert all("out of order" in note for note in getattr(caught.value, "__notes__", []))


async def test_a_commit_that_is_gone_already_needs_no_drop(
    v2: Pachd, address: str, caplog: pytest.LogCaptureFixture
) -> None:
    def gone(request: Any, context: grpc.ServicerContext) -> None:
        context.abort(grpc.StatusCode.NOT_FOUND, f"inspect commitHandle: commit default/repo@{ID} not found")

    v2.on(Pfs.InspectCommit, gone)
    async with AsyncPfsClient(address) as client:
        with pytest.raises(KeyError):
            async with client.commit("repo", "master"):
                raise KeyError("mine")
    assert not caplog.records


@pytest.mark.parametrize(
    ("text", "kind"), [("boom", CommitFailed), ("file / directory path collision (/a)", PathConflict)]
)
async def test_a_commit_that_the_server_finds_bad(v2: Pachd, address: str, text: str, kind: type[Exception]) -> None:
    v2.on(Pfs.InspectCommit, finished(text))
    async with AsyncPfsClient(address) as client:
        with pytest.raises(kind, match="failed: "):
            async with client.commit("repo", "master"):
                pass
    assert v2.calls[-3:] == ["InspectCommitSet", "DropCommitSet", "InspectCommit"]


async def test_a_commit_that_cannot_be_finished_is_dropped(v2: Pachd, address: str) -> None:
    def away(request: Any, context: grpc.ServicerContext) -> None:
        context.abort(grpc.StatusCode.UNAVAILABLE, "away")

    v2.on(Pfs.FinishCommit, away)
    async with AsyncPfsClient(address, retry=BRIEF) as client:
        with pytest.raises(Unavailable):
            async with client.commit("repo", "master"):
                pass
    assert v2.calls[-2:] == ["DropCommitSet", "InspectCommit"]


async def test_a_1x_server_that_finds_a_path_conflict() -> None:
    pachd = Pachd((1, 13, 4))
    commit = v1_pfs.Commit(repo=v1_pfs.Repo(name="repo"), id=ID)
    deleted: list[str] = []

    def conflict(request: Any, context: grpc.ServicerContext) -> None:
        context.abort(grpc.StatusCode.UNKNOWN, 'could not put file at "/a"; a file of type directory is already there')

    def inspect(request: Any, context: grpc.ServicerContext) -> v1_pfs.CommitInfo:
        if deleted:
            context.abort(grpc.StatusCode.UNKNOWN, f"commit {ID} not found in repo repo")
        return v1_pfs.CommitInfo(commit=commit)

    def delete(request: Any, context: grpc.ServicerContext) -> Empty:
        deleted.append(request.commit.id)
        return Empty()

    pachd.on(v1_methods.Pfs.InspectBranch, v1_pfs.BranchInfo())
    pachd.on(v1_methods.Pfs.StartCommit, commit)
    pachd.on(v1_methods.Pfs.FinishCommit, conflict)
    pachd.on(v1_methods.Pfs.InspectCommit, inspect)
    pachd.on(v1_methods.Pfs.DeleteCommit, delete)
    with pachd.running() as address:
        client = AsyncPfsClient(address)
        with pytest.raises(PathConflict):
            async with client.commit("repo", "master"):
                pass
        await client.close()
    assert deleted == [ID]
