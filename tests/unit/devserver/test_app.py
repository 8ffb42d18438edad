"""The server on its port, called without this project's client."""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import grpc
import pytest

from airflow_provider_pachyderm._wire.method import Method
from airflow_provider_pachyderm._wire.v1 import methods as v1
from airflow_provider_pachyderm._wire.v2 import methods as v2
from airflow_provider_pachyderm._wire.v2 import pfs_pb2 as pb
from airflow_provider_pachyderm.devserver.app import serve
from airflow_provider_pachyderm.devserver.engine.model import RepoKey
from airflow_provider_pachyderm.devserver.releases.profile import profile_for

REPO = pb.Repo(name="r", type="user")
MASTER = pb.Branch(repo=REPO, name="master")
AnyMethod = Method[Any, Any]


class Caller:
    """Calls methods of the wire table."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._channel = channel

    def __call__(self, method: AnyMethod, request: Any) -> Any:
        kinds: dict[tuple[bool, bool], Callable[..., Any]] = {
            (False, False): self._channel.unary_unary,
            (False, True): self._channel.unary_stream,
            (True, False): self._channel.stream_unary,
        }
        make = kinds[method.client_streaming, method.server_streaming]
        to_bytes, to_message = method.request_type.SerializeToString, method.reply_type.FromString
        return make(method.path, request_serializer=to_bytes, response_deserializer=to_message)(request)

    async def refused(self, method: AnyMethod, request: Any) -> tuple[str, str]:
        """Status and text of a call that fails."""
        try:
            call = self(method, request)
            if method.server_streaming:
                async for _ in call:
                    pass
            else:
                await call
        except grpc.aio.AioRpcError as error:
            return error.code().name, error.details() or ""
        return "OK", ""


@asynccontextmanager
async def serving(version: str = "2.11.6", folder: Path | None = None) -> AsyncIterator[tuple[Caller, Any]]:
    options = [("grpc.max_receive_message_length", 20 * 1024 * 1024)]
    async with (
        serve(profile_for(version), folder=folder, grace=0) as running,
        grpc.aio.insecure_channel(running.address, options) as channel,
    ):
        yield Caller(channel), running.engine


def add(path: str, content: bytes) -> pb.ModifyFileRequest:
    request = pb.ModifyFileRequest()
    request.add_file.path, request.add_file.raw.value = path, content
    return request


def target(commit: pb.Commit | None = None) -> pb.ModifyFileRequest:
    return pb.ModifyFileRequest(set_commit=commit or pb.Commit(repo=REPO, branch=MASTER))


@pytest.mark.parametrize(
    ("version", "path", "text"),
    [
        ("2.11.6", "/pfs.API/ListRepo", "unknown service pfs.API"),
        ("2.11.6", "/pfs_v2.API/Nope", "unknown method Nope for service pfs_v2.API"),
        ("1.13.4", "/pfs_v2.API/ListRepo", "unknown service pfs_v2.API"),
        ("1.13.4", "/pfs.API/Nope", "unknown method Nope for service pfs.API"),
    ],
)
async def test_unknown_calls(version: str, path: str, text: str) -> None:
    method: AnyMethod = Method(path, pb.CommitSet, pb.CommitSet, client_streaming=False, server_streaming=False)
    async with serving(version) as (call, _):
        assert await call.refused(method, pb.CommitSet()) == ("UNIMPLEMENTED", text)


@pytest.mark.parametrize("service", [v1.Pfs, v1.Transaction, v2.Pfs, v2.Transaction])
async def test_every_call_of_the_table_answers_without_an_internal_error(service: type) -> None:
    methods = [method for method in vars(service).values() if isinstance(method, Method)]
    version = "2.11.6" if "v2" in methods[0].path else "1.13.4"
    async with serving(version) as (call, _):
        for method in methods:
            if method.name == "SubscribeCommit":
                continue
            request = iter([method.request_type()]) if method.client_streaming else method.request_type()
            status, text = await asyncio.wait_for(call.refused(method, request), 10)
            assert status not in ("INTERNAL", "CANCELLED"), (method.path, text)
            assert "Unexpected" not in text, (method.path, text)


async def test_a_stream_becomes_one_commit() -> None:
    async with serving() as (call, _):
        await call(v2.Pfs.CreateRepo, pb.CreateRepoRequest(repo=REPO))
        stream = [target(), add("/a", b"1"), add("/b", b""), add("/a", b"2")]
        await call(v2.Pfs.ModifyFile, iter(stream))
        head = pb.Commit(repo=REPO, branch=MASTER)
        finished = pb.InspectCommitRequest(commit=head, wait=pb.COMMIT_STATE_FINISHED)
        info = await call(v2.Pfs.InspectCommit, finished)
        assert (info.origin.kind, info.details.size_bytes, info.error) == (pb.ORIGIN_KIND_USER, 2, "")
        got = call(v2.Pfs.GetFile, pb.GetFileRequest(file=pb.File(commit=head, path="/a")))
        assert b"".join([message.value async for message in got]) == b"12"
        empty = call(v2.Pfs.GetFile, pb.GetFileRequest(file=pb.File(commit=head, path="/b")))
        assert [message async for message in empty] == []


async def test_a_cancelled_stream_leaves_nothing() -> None:
    async with serving() as (call, engine):
        engine.repos.create(RepoKey("r"))
        going = asyncio.Event()

        async def endless() -> AsyncIterator[pb.ModifyFileRequest]:
            yield target()
            yield add("/a", b"1")
            going.set()
            await asyncio.get_running_loop().create_future()

        upload = call(v2.Pfs.ModifyFile, endless())
        await asyncio.wait_for(going.wait(), 5)
        upload.cancel()
        assert await upload.code() == grpc.StatusCode.CANCELLED
        assert engine.commit_lists.list(RepoKey("r")) == []


async def test_an_upload_to_nowhere_is_refused_at_its_start() -> None:
    async with serving() as (call, _):

        async def endless() -> AsyncIterator[pb.ModifyFileRequest]:
            yield target()
            await asyncio.get_running_loop().create_future()

        code, text = await asyncio.wait_for(call.refused(v2.Pfs.ModifyFile, endless()), 5)
        assert (code, text) == ("NOT_FOUND", "repo default/r not found")


async def test_negative_offsets_do_no_harm() -> None:
    async with serving() as (call, engine):
        engine.repos.create(RepoKey("r"))
        await call(v2.Pfs.ModifyFile, iter([target(), add("/a", b"1")]))
        file = pb.File(commit=pb.Commit(repo=REPO, branch=MASTER), path="/a")
        code, text = await call.refused(v2.Pfs.GetFile, pb.GetFileRequest(file=file, offset=-1))
        assert code == "UNAVAILABLE" and "negative offset" in text


async def test_what_is_not_done_yet_says_so() -> None:
    async with serving() as (call, engine):
        engine.repos.create(RepoKey("r"))
        await call(v2.Pfs.ModifyFile, iter([target(), add("/a", b"1")]))
        file = pb.File(commit=pb.Commit(repo=REPO, branch=MASTER), path="/a")
        request = pb.GetFileRequest(file=file, url="s3://bucket/a")
        code, text = await call.refused(v2.Pfs.GetFile, request)
        assert code == "UNIMPLEMENTED" and text == "GetFile to an object store: this dev server does not do it yet"


async def test_messages_beyond_the_limit_are_refused() -> None:
    async with serving() as (call, engine):
        engine.repos.create(RepoKey("r"))
        stream = [target(), add("/a", bytes(21 * 1024 * 1024))]
        assert (await call.refused(v2.Pfs.ModifyFile, iter(stream)))[0] == "RESOURCE_EXHAUSTED"


def peak(pid: int) -> float:
    """Most memory that a process had, in MiB."""
    status = Path(f"/proc/{pid}/status").read_text()
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    assert found is not None
    return int(found[1]) / 1024


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
async def test_large_streams_take_little_memory(tmp_path: Path) -> None:
    """192 MiB in and out through a server of its own; what it takes does not grow with the file."""
    command = [sys.executable, "-m", "airflow_provider_pachyderm.devserver", "--port", "0", "--data", str(tmp_path)]
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    try:
        assert process.stdout is not None
        address = (await process.stdout.readline()).decode().split()[1]
        options = [("grpc.max_receive_message_length", 20 * 1024 * 1024)]
        async with grpc.aio.insecure_channel(address, options) as channel:
            call = Caller(channel)
            await call(v2.Pfs.CreateRepo, pb.CreateRepoRequest(repo=REPO))
            block = bytes(range(256)) * 8192

            async def stream() -> AsyncIterator[pb.ModifyFileRequest]:
                yield target()
                for number in range(96):
                    yield add("/big", number.to_bytes(4, "big") + block[4:])

            await call(v2.Pfs.ModifyFile, stream())
            file = pb.File(commit=pb.Commit(repo=REPO, branch=MASTER), path="/big")
            size, largest = 0, 0
            async for message in call(v2.Pfs.GetFile, pb.GetFileRequest(file=file)):
                size, largest = size + len(message.value), max(largest, len(message.value))
        assert (size, largest) == (96 * len(block), 19 * 1024 * 1024)
        # some 140 in fact; what is left depends on when the allocator gives memory back
        assert peak(process.pid) < 175
    finally:
        process.terminate()
        await process.wait()


async def test_a_root_token_that_would_let_nobody_in() -> None:
    with pytest.raises(ValueError, match="the root token is empty"):
        async with serve(profile_for("2.11.6"), root_token=""):
            pass
