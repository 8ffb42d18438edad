"""PyPachy's faults, one by one: each is something that this client does not do."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf.empty_pb2 import Empty

from airflow_provider_pachyderm._wire.v1 import pfs_pb2
from airflow_provider_pachyderm._wire.v1.methods import Pfs
from airflow_provider_pachyderm.client import (
    AsyncPfsClient,
    ClientClosed,
    Commit,
    DeadlineExceeded,
    Repo,
    RepoNotFound,
    RetryPolicy,
)
from airflow_provider_pachyderm.client._local.chunks import CHUNK_SIZE
from tests.support._async.streams import collect
from tests.unit.client.pachd import Pachd

ID = "0123456789ab4def8123456789abcdef"
REPO = pfs_pb2.Repo(name="repo")
COMMIT = pfs_pb2.Commit(repo=REPO, id=ID)
BRANCH = Commit(Repo("repo"), "master")


@pytest.fixture
def old() -> Pachd:
    """A 1.x server that takes commits, to be told what to do."""
    pachd = Pachd((1, 13, 4))
    pachd.on(Pfs.InspectBranch, pfs_pb2.BranchInfo())
    pachd.on(Pfs.StartCommit, COMMIT)
    pachd.on(Pfs.FinishCommit)
    return pachd


@pytest.fixture
def at(old: Pachd) -> Iterator[str]:
    with old.running() as address:
        yield address


def put_to(old: Pachd) -> list[pfs_pb2.PutFileRequest]:
    """Collect what is put."""
    received: list[pfs_pb2.PutFileRequest] = []

    def put(requests: Iterator[pfs_pb2.PutFileRequest], context: grpc.ServicerContext) -> Empty:
        received.extend(requests)
        return Empty()

    old.on(Pfs.PutFile, put)
    return received


def finished(**fields: Any) -> pfs_pb2.CommitInfo:
    info = pfs_pb2.CommitInfo(commit=COMMIT, **fields)
    info.finished.GetCurrentTime()
    return info


async def test_the_environment_is_not_read_at_import(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is read when a client is made; arguments win; without it, the client goes to localhost:30650."""
    for name in ("PACHD_ADDRESS", "PACHD_SERVICE_HOST", "PACHD_SERVICE_PORT_API_GRPC_PORT", "PACHD_SERVICE_PORT"):
        monkeypatch.delenv(name, raising=False)
    assert AsyncPfsClient().config.target == "localhost:30650"
    monkeypatch.setenv("PACHD_SERVICE_HOST", "later")
    monkeypatch.setenv("PACHD_SERVICE_PORT_API_GRPC_PORT", "1234")
    assert AsyncPfsClient().config.target == "later:1234"
    assert AsyncPfsClient("pachd.example", 4321).config.target == "pachd.example:4321"
    assert AsyncPfsClient("pachd.example").config.target == "pachd.example:30650"


async def test_a_commit_is_not_finished_on_error(old: Pachd, at: str) -> None:
    deleted: list[str] = []

    def inspect(request: Any, context: grpc.ServicerContext) -> pfs_pb2.CommitInfo:
        if deleted:
            context.abort(grpc.StatusCode.UNKNOWN, f"commit {ID} not found in repo repo")
        return pfs_pb2.CommitInfo(commit=COMMIT)

    def delete(request: Any, context: grpc.ServicerContext) -> Empty:
        deleted.append(request.commit.id)
        return Empty()

    old.on(Pfs.InspectCommit, inspect)
    old.on(Pfs.DeleteCommit, delete)
    async with AsyncPfsClient(at) as client:
        with pytest.raises(ZeroDivisionError):
            async with client.commit("repo", "master"):
                raise ZeroDivisionError
    assert deleted == [ID]
    assert old.count(Pfs.FinishCommit) == 0


async def test_flush_commit_sends_what_servers_know(old: Pachd, at: str) -> None:
    """All commits, by id, and the repos; a str is one commit and not its characters."""
    asked: list[pfs_pb2.FlushCommitRequest] = []

    def flush(request: pfs_pb2.FlushCommitRequest, context: grpc.ServicerContext) -> Iterator[pfs_pb2.CommitInfo]:
        asked.append(request)
        yield finished(description="made from it")

    old.on(Pfs.InspectCommit, finished())
    old.on(Pfs.FlushCommit, flush)
    async with AsyncPfsClient(at) as client:
        assert [info.description for info in await client.flush_commit("repo/master", "out")] == ["made from it"]
        await client.flush_commit(["repo/master", ("repo", ID)])
    assert asked == [
        pfs_pb2.FlushCommitRequest(commits=[COMMIT], to_repos=[pfs_pb2.Repo(name="out")]),
        pfs_pb2.FlushCommitRequest(commits=[COMMIT, COMMIT]),
    ]


async def test_answers_are_not_limited_to_4_mib(old: Pachd, at: str) -> None:
    infos = [pfs_pb2.RepoInfo(repo=REPO, description="x" * 1_000_000)] * 6
    old.on(Pfs.ListRepo, pfs_pb2.ListRepoResponse(repo_info=infos))
    async with AsyncPfsClient(at) as client:
        assert len(await client.list_repo()) == 6


async def test_the_file_is_not_named_on_every_chunk(old: Pachd, at: str) -> None:
    """Servers of 1.7.6 to 1.11.7 scramble what is sent so."""
    received = put_to(old)
    async with AsyncPfsClient(at) as client:
        await client.put_file_bytes(BRANCH, "/f", b"x" * (2 * CHUNK_SIZE + 1))
    assert [(message.file.path, len(message.value)) for message in received] == [
        ("/f", CHUNK_SIZE),
        ("", CHUNK_SIZE),
        ("", 1),
    ]


@pytest.mark.parametrize("nothing", [b"", bytearray(), [], iter(())])
async def test_an_empty_file_is_not_lost(old: Pachd, at: str, nothing: Any) -> None:
    received = put_to(old)
    async with AsyncPfsClient(at) as client:
        await client.put_file_bytes(BRANCH, "/f", nothing)
    assert [(message.file.path, message.value) for message in received] == [("/f", b"")]


async def test_an_open_file_does_not_go_line_by_line(old: Pachd, at: str, tmp_path: Path) -> None:
    received = put_to(old)
    local = tmp_path / "lines"
    local.write_bytes(b"line\n" * (CHUNK_SIZE // 5 + 1))
    async with AsyncPfsClient(at) as client:
        with local.open("rb") as file:
            await client.put_file_bytes(BRANCH, "/f", file)
        await client.put_file(BRANCH, "/f", local)
    assert [len(message.value) for message in received] == [CHUNK_SIZE, local.stat().st_size - CHUNK_SIZE] * 2


async def test_listing_does_not_make_a_call_for_every_directory(old: Pachd, at: str) -> None:
    def walk(request: pfs_pb2.WalkFileRequest, context: grpc.ServicerContext) -> Iterator[pfs_pb2.FileInfo]:
        for number in range(50):
            for kind, path in ((pfs_pb2.FILE_TYPE_DIR, f"/d{number}"), (pfs_pb2.FILE_TYPE_FILE, f"/d{number}/f")):
                yield pfs_pb2.FileInfo(file=pfs_pb2.File(commit=COMMIT, path=path), file_type=kind)

    old.on(Pfs.WalkFile, walk)
    async with AsyncPfsClient(at) as client:
        assert len(await collect(await client.list_file("repo/master", "/", recursive=True))) == 50
    assert old.calls == ["GetVersion", "WalkFile"]


async def test_errors_are_not_those_of_grpc(old: Pachd, at: str) -> None:
    def refuse(request: Any, context: grpc.ServicerContext) -> None:
        context.abort(grpc.StatusCode.UNKNOWN, "pachyderm_pfs/repos/ repo not found")

    old.on(Pfs.InspectRepo, refuse)
    async with AsyncPfsClient(at) as client:
        with pytest.raises(RepoNotFound) as caught:
            await client.inspect_repo("repo")
    assert not isinstance(caught.value, grpc.RpcError)
    assert (caught.value.status, caught.value.reference) == ("UNKNOWN", "repo")


async def test_there_is_a_close(old: Pachd, at: str) -> None:
    old.on(Pfs.ListRepo, pfs_pb2.ListRepoResponse())
    async with AsyncPfsClient(at) as client:
        assert await client.list_repo() == []
    with pytest.raises(ClientClosed):
        await client.list_repo()


async def test_there_is_a_deadline(old: Pachd, at: str) -> None:
    old.on(Pfs.ListRepo, lambda request, context: old.wait(context))
    async with AsyncPfsClient(at, timeout=0.2, retry=RetryPolicy(deadline=0)) as client:
        with pytest.raises(DeadlineExceeded):
            await client.list_repo()
