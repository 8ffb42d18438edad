"""pfs.API of 1.13 over gRPC, where the recordings say nothing; they are replayed elsewhere."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Iterator
from typing import Any

import grpc
import pytest
from google.protobuf.empty_pb2 import Empty

from airflow_provider_pachyderm._wire.method import Method
from airflow_provider_pachyderm._wire.v1 import methods
from airflow_provider_pachyderm._wire.v1 import pfs_pb2 as pb
from airflow_provider_pachyderm._wire.v1 import transaction_pb2 as tx
from airflow_provider_pachyderm.devserver.app import MAX_MESSAGE, serve
from airflow_provider_pachyderm.devserver.faults import METADATA_KEY, Faults
from airflow_provider_pachyderm.devserver.releases.profile import profile_for
from tests.support.web import Website

Pfs = methods.Pfs
Tx = methods.Transaction


class Client:
    """Calls by their entry in the wire table."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._channel = channel

    def start(self, method: Method[Any, Any], request: Any, transaction: str = "", fault: str = "") -> Any:
        """A running call."""
        kinds = ("stream" if method.client_streaming else "unary", "stream" if method.server_streaming else "unary")
        make = getattr(self._channel, "_".join(kinds))
        call = make(method.path, method.request_type.SerializeToString, method.reply_type.FromString)
        metadata = [(key, value) for key, value in (("pach-transaction", transaction), (METADATA_KEY, fault)) if value]
        return call(request, metadata=metadata, timeout=10)

    async def __call__(self, method: Method[Any, Any], request: Any, transaction: str = "") -> Any:
        call = self.start(method, request, transaction)
        return [message async for message in call] if method.server_streaming else await call

    async def refused(self, method: Method[Any, Any], request: Any) -> tuple[str, str]:
        """Status and text of a call that must fail."""
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await self(method, request)
        return caught.value.code().name, caught.value.details() or ""

    async def repo(self, name: str = "r") -> pb.Repo:
        repo = pb.Repo(name=name)
        await self(Pfs.CreateRepo, pb.CreateRepoRequest(repo=repo))
        return repo

    async def open_commit(self, repo: pb.Repo, branch: str = "master") -> pb.Commit:
        parent = pb.Commit(repo=repo)
        commit: pb.Commit = await self(Pfs.StartCommit, pb.StartCommitRequest(parent=parent, branch=branch))
        return commit

    async def put(self, commit: pb.Commit, path: str, value: bytes = b"", **more: Any) -> None:
        await self(Pfs.PutFile, [pb.PutFileRequest(file=file(commit, path), value=value, **more)])

    async def finish(self, commit: pb.Commit) -> None:
        await self(Pfs.FinishCommit, pb.FinishCommitRequest(commit=commit))

    async def read(self, commit: pb.Commit, path: str, **range: int) -> bytes:
        messages = await self(Pfs.GetFile, pb.GetFileRequest(file=file(commit, path), **range))
        return b"".join(message.value for message in messages)

    async def paths(self, commit: pb.Commit) -> list[str]:
        messages = await self(Pfs.WalkFile, pb.WalkFileRequest(file=file(commit, "/")))
        return [message.file.path for message in messages if message.file_type == pb.FILE_TYPE_FILE]


def file(commit: pb.Commit, path: str) -> pb.File:
    return pb.File(commit=commit, path=path)


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    options = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]
    async with (
        serve(profile_for("1.13.4"), interceptors=[Faults()], grace=0) as running,
        grpc.aio.insecure_channel(running.address, options=options) as channel,
    ):
        yield Client(channel)


async def test_a_commit_from_start_to_read(client: Client) -> None:
    commit = await client.open_commit(await client.repo())
    chunks = [b"a" * 3_000_000, b"b" * 3_000_000]
    requests = [pb.PutFileRequest(file=file(commit, "/big"), value=chunks[0]), pb.PutFileRequest(value=chunks[1])]
    await client(Pfs.PutFile, requests)
    await client.finish(commit)
    messages = await client(Pfs.GetFile, pb.GetFileRequest(file=file(commit, "/big")))
    assert b"".join(message.value for message in messages) == b"".join(chunks)
    assert {len(message.value) for message in messages[:-1]} == {2 * 1024 * 1024}
    assert await client.read(commit, "/big", offset_bytes=2_999_999, size_bytes=2) == b"ab"
    (info,) = (await client(Pfs.ListFile, pb.ListFileRequest(file=file(commit, "/big")))).file_info
    assert not info.objects
    info = await client(Pfs.InspectFile, pb.InspectFileRequest(file=file(commit, "/big")))
    assert [object.hash for object in info.objects] == [hashlib.sha512(b"".join(chunks)).hexdigest()]
    assert info.hash == hashlib.sha256(info.objects[0].hash.encode()).digest()
    listed = pb.ListFileRequest(file=file(commit, "/"), full=True)
    assert (await client(Pfs.ListFile, listed)).file_info[0].objects == info.objects


async def test_nothing_of_a_refused_stream_is_kept(client: Client) -> None:
    commit = await client.open_commit(await client.repo())
    requests = [pb.PutFileRequest(file=file(commit, path), value=b"x") for path in ("/good", "/b*d")]
    status, text = await client.refused(Pfs.PutFile, requests)
    assert (status, text) == ("UNKNOWN", "path (/b*d) invalid: globbing character (*) not allowed in path")
    assert await client.paths(commit) == []


async def test_nothing_of_a_cancelled_stream_is_kept(client: Client) -> None:
    commit = await client.open_commit(await client.repo())
    begun = asyncio.Event()

    async def requests() -> AsyncIterator[pb.PutFileRequest]:
        yield pb.PutFileRequest(file=file(commit, "/half"), value=b"x")
        begun.set()
        await asyncio.get_running_loop().create_future()

    call = client.start(Pfs.PutFile, requests())
    await begun.wait()
    call.cancel()
    await asyncio.wait([asyncio.ensure_future(call.code())])
    assert await client.paths(commit) == []


async def test_nothing_of_a_broken_stream_is_kept(client: Client) -> None:
    commit = await client.open_commit(await client.repo())

    async def requests() -> AsyncIterator[pb.PutFileRequest]:
        yield pb.PutFileRequest(file=file(commit, "/half"), value=b"x")
        await asyncio.get_running_loop().create_future()  # writing while the server cuts, grpc.aio may say INTERNAL

    call = client.start(Pfs.PutFile, requests(), fault="cut-after=1")
    assert await call.code() == grpc.StatusCode.UNAVAILABLE
    assert await client.paths(commit) == []


async def test_files_of_a_stream_must_be_of_one_commit(client: Client) -> None:
    repo = await client.repo()
    requests = [pb.PutFileRequest(file=file(pb.Commit(repo=repo, id=id), "/a")) for id in ("x1", "x2")]
    expected = "all requests in a put files call must have the same commit ID; expected 'x1', got 'x2'"
    assert await client.refused(Pfs.PutFile, requests) == ("UNKNOWN", expected)


async def test_delete_in_a_stream(client: Client) -> None:
    commit = await client.open_commit(await client.repo())
    await client.put(commit, "/a", b"old")
    requests = [
        pb.PutFileRequest(file=file(commit, "/a"), delete=True),
        pb.PutFileRequest(file=file(commit, "/a"), value=b"new"),
    ]
    await client(Pfs.PutFile, requests)
    assert await client.read(commit, "/a") == b"new"


async def test_a_put_of_a_bad_branch_name_makes_no_branch(client: Client) -> None:
    repo = await client.repo()
    for name in ("a b", "master^", "x/y"):
        request = pb.PutFileRequest(file=file(pb.Commit(repo=repo, id=name), "/a"))
        status, text = await client.refused(Pfs.PutFile, [request])
        assert (status, text.partition(":")[0]) == ("UNKNOWN", f"name ({name}) invalid")
    assert (await client(Pfs.ListBranch, pb.ListBranchRequest(repo=repo))).branch_info == []


async def test_a_negative_overwrite_index_does_not_kill_this_server(client: Client) -> None:
    commit = await client.open_commit(await client.repo())
    request = pb.PutFileRequest(file=file(commit, "/a"), overwrite_index=pb.OverwriteIndex(index=-1))
    assert (await client.refused(Pfs.PutFile, [request]))[0] == "UNAVAILABLE"
    await client.put(commit, "/a", b"fine")
    assert await client.read(commit, "/a", offset_bytes=-1) == b""


async def test_what_files_of_a_directory_share_comes_once_around_them(client: Client) -> None:
    commit = await client.open_commit(await client.repo())
    rows = b"1\n2\n"
    for directory in ("/d1", "/d2"):
        dump = b"COPY t\n" + rows + b"\\.\n"
        await client(
            Pfs.PutFile, [pb.PutFileRequest(file=file(commit, directory), value=dump, delimiter=pb.DELIMITER_SQL)]
        )
    assert await client.read(commit, "/d1/*") == b"COPY t\n1\n2\n\\.\n"
    assert await client.read(commit, "/*/*1") == b"COPY t\n2\n\\.\n" * 2
    assert await client.read(commit, "/d1/*", offset_bytes=5, size_bytes=4) == b"t\n1\n"
    listed = await client(Pfs.ListFile, pb.ListFileRequest(file=file(commit, "/")))
    assert [info.size_bytes for info in listed.file_info] == [len(b"COPY t\n1\n2\n\\.\n")] * 2


async def test_a_dump_without_rows_makes_a_directory(client: Client) -> None:
    commit = await client.open_commit(await client.repo())
    request = pb.PutFileRequest(file=file(commit, "/d"), value=b"COPY t\n\\.\n", delimiter=pb.DELIMITER_SQL)
    await client(Pfs.PutFile, [request])
    listed = await client(Pfs.ListFile, pb.ListFileRequest(file=file(commit, "/")))
    assert [(info.file.path, info.file_type) for info in listed.file_info] == [("/d", pb.FILE_TYPE_DIR)]


async def test_a_call_of_older_versions_is_unknown(client: Client) -> None:
    refused = await client.refused(Pfs.SetBranch, pb.SetBranchRequest())
    assert refused == ("UNIMPLEMENTED", "unknown method SetBranch for service pfs.API")


async def test_messages_over_20_mib_are_refused(client: Client) -> None:
    commit = await client.open_commit(await client.repo())
    request = pb.PutFileRequest(file=file(commit, "/a"), value=bytes(MAX_MESSAGE))
    assert (await client.refused(Pfs.PutFile, [request]))[0] == "RESOURCE_EXHAUSTED"
    assert await client.paths(commit) == []


@pytest.fixture
def site() -> Iterator[str]:
    with Website() as website:
        website.add("/page", b"one\ntwo\n")
        yield website.url("")


async def test_put_from_a_url(client: Client, site: str) -> None:
    commit = await client.open_commit(await client.repo())
    await client.put(commit, "/page", url=f"{site}/page")
    await client.put(commit, "/lines", url=f"{site}/page", delimiter=pb.DELIMITER_LINE)
    assert await client.read(commit, "/page") == b"one\ntwo\n"
    assert await client.read(commit, "/lines/*1") == b"two\n"
    request = pb.PutFileRequest(file=file(commit, "/none"), url=f"{site}/none")
    text = f'error retrieving content from "{site}/none": 404 Not Found'
    assert await client.refused(Pfs.PutFile, [request]) == ("UNKNOWN", text)
    assert "/none" not in await client.paths(commit)


async def test_copy_needs_its_target(client: Client) -> None:
    repo = await client.repo()
    await client.put(pb.Commit(repo=repo, id="master"), "/d/a", b"x")
    source = file(pb.Commit(repo=repo, id="master"), "/d")
    request = pb.CopyFileRequest(src=source, dst=file(pb.Commit(repo=repo, id="master"), "/e"))
    await client(Pfs.CopyFile, request)
    assert await client.paths(pb.Commit(repo=repo, id="master")) == ["/d/a", "/e/a"]
    assert len((await client(Pfs.ListCommit, pb.ListCommitRequest(repo=repo))).commit_info) == 2


async def test_a_waiting_call_ends_when_the_commit_is_deleted(client: Client) -> None:
    commit = await client.open_commit(await client.repo())
    state = pb.COMMIT_STATE_FINISHED
    waiting = asyncio.ensure_future(
        client.refused(Pfs.InspectCommit, pb.InspectCommitRequest(commit=commit, block_state=state))
    )
    await client(Pfs.InspectCommit, pb.InspectCommitRequest(commit=commit))
    assert not waiting.done()
    await client(Pfs.DeleteCommit, pb.DeleteCommitRequest(commit=commit))
    status, text = await waiting
    assert status == "UNKNOWN"
    assert commit.id in text


async def test_subscribers_wake_at_once(client: Client) -> None:
    repo = await client.repo()
    request = pb.SubscribeCommitRequest(repo=repo, branch="master", state=pb.COMMIT_STATE_FINISHED)
    calls = [client.start(Pfs.SubscribeCommit, request) for _ in range(1500)]  # more than gRPC lets wait by default
    commit = await client.open_commit(repo)
    await client.finish(commit)
    woken = await asyncio.gather(*(call.read() for call in calls))
    assert {info.commit.id for info in woken} == {commit.id}
    for call in calls:
        call.cancel()


async def test_subscribers_to_what_is_made_from_a_commit(client: Client) -> None:
    source, target = await client.repo("in"), await client.repo("out")
    branch = pb.Branch(repo=target, name="master")
    provenance = [pb.Branch(repo=source, name="master")]
    await client(Pfs.CreateBranch, pb.CreateBranchRequest(branch=branch, provenance=provenance))
    first = await client.open_commit(source)
    await client.finish(first)
    second = await client.open_commit(source)
    prov = pb.CommitProvenance(commit=second, branch=provenance[0])
    call = client.start(Pfs.SubscribeCommit, pb.SubscribeCommitRequest(repo=target, prov=prov))
    info = await call.read()
    assert [link.commit for link in info.provenance] == [second]
    call.cancel()


async def test_downstream_commits_of_one_branch_are_one_range(client: Client) -> None:
    source, target = await client.repo("in"), await client.repo("out")
    branch = pb.Branch(repo=target, name="master")
    inputs = [pb.Branch(repo=source, name=name) for name in ("a", "b")]
    first, second = [await client.open_commit(source, name) for name in ("a", "b")]
    await client(Pfs.CreateBranch, pb.CreateBranchRequest(branch=branch, provenance=inputs))
    await client.finish(second)
    await client.open_commit(source, "b")
    info = await client(Pfs.InspectCommit, pb.InspectCommitRequest(commit=first))
    (subvenance,) = info.subvenance
    assert subvenance.lower != subvenance.upper
    assert info.subvenant_commits_total == 1


async def test_a_transaction_keeps_the_ids_that_it_told(client: Client) -> None:
    repo = pb.Repo(name="later")
    transaction = await client(Tx.StartTransaction, tx.StartTransactionRequest())
    assert transaction.id.count("-") == 4
    await client(Pfs.CreateRepo, pb.CreateRepoRequest(repo=repo), transaction.id)
    start = pb.StartCommitRequest(parent=pb.Commit(repo=repo), branch="master")
    commit = await client(Pfs.StartCommit, start, transaction.id)
    await client(Pfs.FinishCommit, pb.FinishCommitRequest(commit=commit), transaction.id)
    inspect = pb.InspectCommitRequest(commit=commit)
    assert "not found" in (await client.refused(Pfs.InspectCommit, inspect))[1]
    await client(Tx.FinishTransaction, tx.FinishTransactionRequest(transaction=transaction))
    info = await client(Pfs.InspectCommit, inspect)
    assert info.commit == commit
    assert info.HasField("finished")


async def test_a_batch_is_done_whole_or_not(client: Client) -> None:
    requests = [tx.TransactionRequest(create_repo=pb.CreateRepoRequest(repo=pb.Repo(name=name))) for name in ("a", "b")]
    answer = await client(Tx.BatchTransaction, tx.BatchTransactionRequest(requests=requests))
    assert len(answer.responses) == 2
    more = [tx.TransactionRequest(create_repo=pb.CreateRepoRequest(repo=pb.Repo(name=name))) for name in ("c", "a")]
    refused = await client.refused(Tx.BatchTransaction, tx.BatchTransactionRequest(requests=more))
    assert refused == ("UNKNOWN", "error running request 2 of 2: repo a already exists")
    repos = await client(Pfs.ListRepo, pb.ListRepoRequest())
    assert [info.repo.name for info in repos.repo_info] == ["b", "a"]
    assert (await client(Tx.ListTransaction, tx.ListTransactionRequest())).transaction_info == []


async def test_delete_repo_all(client: Client) -> None:
    for name in ("a", "b"):
        await client.repo(name)
    await client(Pfs.DeleteRepo, pb.DeleteRepoRequest(all=True))
    assert (await client(Pfs.ListRepo, pb.ListRepoRequest())).repo_info == []


async def test_delete_all_forgets_everything(client: Client) -> None:
    commit = await client.open_commit(await client.repo())
    await client.put(commit, "/a", b"x")
    await client(Pfs.DeleteAll, Empty())
    assert (await client(Pfs.ListRepo, pb.ListRepoRequest())).repo_info == []
    assert "not found" in (await client.refused(Pfs.InspectCommit, pb.InspectCommitRequest(commit=commit)))[1]
