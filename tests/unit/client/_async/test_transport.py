"""What becomes of calls when the server, the network or the caller fails."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator
from typing import Any

import grpc
import pytest
from google.protobuf.empty_pb2 import Empty
from google.protobuf.wrappers_pb2 import BytesValue

from airflow_provider_pachyderm._wire.v1 import methods as v1_methods
from airflow_provider_pachyderm._wire.v1 import pfs_pb2 as v1_pfs
from airflow_provider_pachyderm._wire.v2 import pfs_pb2
from airflow_provider_pachyderm._wire.v2.methods import Pfs, Version
from airflow_provider_pachyderm.client import (
    AsyncPfsClient,
    ClientClosed,
    ClientConfig,
    CommitNotFinished,
    CommitState,
    DeadlineExceeded,
    PachydermError,
    RetryPolicy,
    StreamBroken,
    StreamStalled,
    Unavailable,
    Unsupported,
)
from tests.support._async.streams import background, collect, step
from tests.unit.client.pachd import CuttingProxy, Pachd, closed_port, silent_listener, unavailable

ID = "0123456789ab4def8123456789abcdef"
MIB = 2**20
REPO = pfs_pb2.Repo(name="repo", type="user")
REPO_INFO = pfs_pb2.RepoInfo(repo=REPO)
ID = "0123456789ab4def8123456789abcdef"
BRIEF = RetryPolicy(deadline=1, first_pause=0.02, longest_pause=0.1)


def client(address: str, **settings: Any) -> AsyncPfsClient:
    return AsyncPfsClient(config=ClientConfig(host=address, version="2.11.6", **{"retry": BRIEF, **settings}))


def file_info(path: str, size: int = 0) -> pfs_pb2.FileInfo:
    file = pfs_pb2.File(path=path, commit=pfs_pb2.Commit(id=ID, repo=REPO))
    return pfs_pb2.FileInfo(file=file, file_type=pfs_pb2.FILE_TYPE_FILE, size_bytes=size)


# reaching the server


async def test_nothing_listens() -> None:
    address = closed_port()
    async with AsyncPfsClient(address, connect_timeout=0.5) as c:
        with pytest.raises(Unavailable, match="cannot reach Pachyderm at " + address) as caught:
            await c.list_repo()
        assert caught.value.attempts > 1
    assert isinstance(caught.value, ConnectionError)


async def test_no_such_host() -> None:
    c = AsyncPfsClient("no-such-host.invalid:650", retry=BRIEF)
    with pytest.raises(Unavailable, match=r"no-such-host\.invalid:650"):
        await c.version()
    await c.close()


@pytest.mark.parametrize("version", [None, "2.11.6"])
async def test_a_server_that_accepts_and_stays_silent(version: str | None) -> None:
    with silent_listener() as address:
        config = ClientConfig(host=address, connect_timeout=0.4, timeout=0.4, version=version)
        async with AsyncPfsClient(config=config) as c:
            started = time.monotonic()
            with pytest.raises((Unavailable, DeadlineExceeded), match=address):
                await c.list_repo()
            assert time.monotonic() - started < 2


async def test_a_server_that_is_not_pachd() -> None:
    pachd = Pachd()
    pachd._behaviours.clear()
    with pachd.running() as address:
        async with AsyncPfsClient(address) as c:
            with pytest.raises(Unsupported, match="is pachd"):
                await c.version()


async def test_the_version_is_asked_for_once(pachd: Pachd, address: str) -> None:
    pachd.on(Pfs.InspectRepo, REPO_INFO)
    async with AsyncPfsClient(address) as c:
        await c.inspect_repo("repo")
        await c.inspect_repo("repo")
        assert str(await c.version()) == "2.11.6"
    assert pachd.count(Version.GetVersion) == 1
    pachd.calls.clear()
    async with AsyncPfsClient(address, version="2.11.6") as c:
        await c.inspect_repo("repo")
    assert pachd.calls == ["InspectRepo"]


async def test_the_token_is_sent_with_every_call(pachd: Pachd, address: str) -> None:
    pachd.on(Pfs.InspectRepo, REPO_INFO)
    async with client(address, auth_token="secret") as c:
        await c.inspect_repo("repo")
    assert pachd.metadata["authn-token"] == "secret"


# plain calls


async def test_a_read_is_made_again_when_the_server_is_not_there(pachd: Pachd, address: str) -> None:
    pachd.on(Pfs.InspectRepo, unavailable(2, REPO_INFO))
    async with client(address) as c:
        assert (await c.inspect_repo("repo")).repo.name == "repo"
    assert pachd.count(Pfs.InspectRepo) == 3


async def test_it_is_not_made_again_for_ever(pachd: Pachd, address: str) -> None:
    pachd.on(Pfs.InspectRepo, unavailable(100))
    async with client(address, retry=RetryPolicy(deadline=0.2)) as c:
        with pytest.raises(Unavailable) as caught:
            await c.inspect_repo("repo")
    assert pachd.count(Pfs.InspectRepo) == caught.value.attempts > 1


async def test_what_might_be_done_twice_is_not_made_again(pachd: Pachd, address: str) -> None:
    pachd.on(Pfs.DeleteAll, unavailable(1))
    async with client(address) as c:
        with pytest.raises(Unavailable):
            await c.delete_all()
    assert pachd.count(Pfs.DeleteAll) == 1


async def test_unavailable_that_means_something_else_is_not_made_again(pachd: Pachd, address: str) -> None:
    def refuse(request: Any, context: grpc.ServicerContext) -> None:
        context.abort(grpc.StatusCode.UNAVAILABLE, "commit default/repo@1 not finished")

    pachd.on(Pfs.InspectFile, refuse)
    async with client(address) as c:
        with pytest.raises(CommitNotFinished):
            await c.inspect_file("repo/master", "/f")
    assert pachd.count(Pfs.InspectFile) == 1


async def test_a_finish_whose_answer_was_lost(pachd: Pachd, address: str) -> None:
    answers = iter([(grpc.StatusCode.UNAVAILABLE, "gone"), (grpc.StatusCode.UNKNOWN, "commit X has already finished")])
    pachd.on(Pfs.InspectCommit, lambda request, context: pfs_pb2.CommitInfo(commit=pfs_pb2.Commit(id=ID, repo=REPO)))
    pachd.on(Pfs.FinishCommit, lambda request, context: context.abort(*next(answers)))
    async with client(address) as c:
        await c.finish_commit(("repo", ID))
    assert pachd.count(Pfs.FinishCommit) == 2


async def test_plain_calls_have_a_deadline(pachd: Pachd, address: str) -> None:
    pachd.on(Pfs.InspectRepo, lambda request, context: pachd.wait(context))
    async with client(address, timeout=0.2) as c:
        with pytest.raises(DeadlineExceeded, match=address) as caught:
            await c.inspect_repo("repo")
    assert isinstance(caught.value, TimeoutError)


async def test_waiting_has_only_the_deadline_it_is_given(pachd: Pachd, address: str) -> None:
    release = threading.Event()
    info = pfs_pb2.CommitInfo(commit=pfs_pb2.Commit(id=ID, repo=REPO))
    info.finished.GetCurrentTime()

    def finish_later(request: Any, context: grpc.ServicerContext) -> pfs_pb2.CommitInfo:
        release.wait(5)
        return info

    pachd.on(Pfs.InspectCommit, finish_later)
    async with client(address, timeout=0.1) as c:
        with pytest.raises(DeadlineExceeded):
            await c.wait_commit(("repo", ID), timeout=0.1)
        async with background(c.wait_commit, ("repo", ID)) as waiting:
            assert not await waiting.done_within(0.3)
            release.set()
            assert (await waiting.result()).state is CommitState.FINISHED


async def test_closing_ends_a_pause_between_tries(pachd: Pachd, address: str) -> None:
    """A task that is killed closes its client, and must not wait for the rest of the deadline."""
    pachd.on(Pfs.InspectRepo, unavailable(10**6))
    c = client(address, retry=RetryPolicy(deadline=6000, first_pause=3000, longest_pause=3000, from_start=True))
    async with background(c.inspect_repo, "repo") as waiting:
        assert not await waiting.done_within(0.5)
        await c.close()
        with pytest.raises(ClientClosed):
            await waiting.result()


async def test_the_time_that_is_given_bounds_all_tries(pachd: Pachd, address: str) -> None:
    pachd.on(Pfs.InspectCommit, unavailable(10**6))
    c = client(address, retry=RetryPolicy(deadline=600))
    with pytest.raises((Unavailable, DeadlineExceeded)) as caught:
        await c.inspect_commit(("repo", ID), wait=CommitState.FINISHED, timeout=0.5)
    assert caught.value.attempts > 1
    await c.close()


# streams of replies


def stream_then_hang(pachd: Pachd, *replies: Any, gone: threading.Event | None = None) -> Any:
    def behave(request: Any, context: grpc.ServicerContext) -> Iterator[Any]:
        if gone is not None:
            context.add_callback(gone.set)
        yield from replies
        pachd.wait(context)

    return behave


async def test_a_read_that_stalls(pachd: Pachd, address: str) -> None:
    gone = threading.Event()
    pachd.on(Pfs.InspectFile, file_info("/f", 8))
    pachd.on(Pfs.GetFile, stream_then_hang(pachd, BytesValue(value=b"half"), gone=gone))
    async with client(address, stall_timeout=0.2) as c:
        reader = await c.get_file("repo/master", "/f")
        with pytest.raises(StreamStalled, match=r"0\.2 s"):
            await reader.read()
        with pytest.raises(StreamStalled):
            await reader.read()
        assert gone.wait(5)


async def test_a_list_that_stalls_before_its_first_item(pachd: Pachd, address: str) -> None:
    pachd.on(Pfs.ListFile, stream_then_hang(pachd))
    async with client(address, stall_timeout=0.2) as c:
        with pytest.raises(StreamStalled):
            await c.list_file("repo/master", "/")


async def test_a_slow_reader_is_no_stall(pachd: Pachd, address: str) -> None:
    pachd.on(Pfs.InspectFile, file_info("/f", 3))
    pachd.on(Pfs.GetFile, lambda request, context: (BytesValue(value=b"x") for _ in range(3)))
    async with client(address, stall_timeout=0.1) as c:
        reader = await c.get_file("repo/master", "/f")
        threading.Event().wait(0.3)
        assert await reader.read() == b"xxx"


async def test_following_does_not_stall(pachd: Pachd, address: str) -> None:
    gone = threading.Event()
    pachd.on(Pfs.InspectRepo, REPO_INFO)
    pachd.on(Pfs.SubscribeCommit, stream_then_hang(pachd, gone=gone))
    async with client(address, stall_timeout=0.1) as c:
        stream = await c.subscribe_commit("repo", "master")
        async with background(step, stream) as waiting:
            assert not await waiting.done_within(0.3)
            await stream.aclose()
            with pytest.raises(ClientClosed):
                await waiting.result()
        assert gone.wait(5)


@pytest.mark.parametrize("how", ["close", "drop", "leave"])
async def test_what_is_not_read_to_its_end_is_cancelled(pachd: Pachd, address: str, how: str) -> None:
    gone = threading.Event()
    pachd.on(Pfs.ListFile, stream_then_hang(pachd, file_info("/a"), gone=gone))
    async with client(address) as c:
        items = await c.list_file("repo/master", "/")
        assert (await step(items)).path == "/a"
        if how == "close":
            await items.aclose()
        elif how == "leave":
            async with items:
                pass
        else:
            del items
        assert gone.wait(5)


async def test_a_reader_that_is_closed_early(pachd: Pachd, address: str) -> None:
    gone = threading.Event()
    pachd.on(Pfs.InspectFile, file_info("/f", 8))
    pachd.on(Pfs.GetFile, stream_then_hang(pachd, BytesValue(value=b"half"), gone=gone))
    async with client(address) as c:
        async with await c.get_file("repo/master", "/f") as reader:
            assert await reader.read(2) == b"ha"
        assert reader.closed
        assert gone.wait(5)
        with pytest.raises(ValueError, match="closed"):
            await reader.read()


async def test_a_limited_read_ends_the_call(pachd: Pachd, address: str) -> None:
    gone = threading.Event()
    pachd.on(Pfs.InspectFile, file_info("/f", 6))
    pachd.on(Pfs.GetFile, stream_then_hang(pachd, BytesValue(value=b"abcdef"), gone=gone))
    async with client(address) as c:
        reader = await c.get_file("repo/master", "/f", size_bytes=4)
        assert await reader.read() == b"abcd"
        assert gone.wait(5)


async def test_the_network_breaks_while_reading(pachd: Pachd, address: str) -> None:
    pachd.on(Pfs.InspectFile, file_info("/f", 8 * MIB))
    pachd.on(Pfs.GetFile, lambda request, context: (BytesValue(value=bytes(MIB)) for _ in range(8)))
    pachd.on(Pfs.WalkFile, lambda request, context: (file_info(f"/{'n' * 1000}{n}") for n in range(10_000)))
    with CuttingProxy(address, after=3 * MIB).running() as proxy:
        # before anything has come, it is no broken stream but a server that is not there
        async with client(proxy) as c:
            with pytest.raises(Unavailable, match=r"the connection to .+ was lost"):
                reader = await c.get_file("repo/master", "/f")
                with pytest.raises(StreamBroken):
                    await reader.read()
                await reader.readinto(bytearray(10))
        async with client(proxy) as c:
            with pytest.raises(Unavailable, match=r"the connection to .+ was lost"):
                await collect(await c.walk_file("repo/master", "/"))


async def test_a_1x_stream_that_ends_early_without_an_error() -> None:
    pachd = Pachd((1, 13, 4))
    file = v1_pfs.File(commit=v1_pfs.Commit(repo=v1_pfs.Repo(name="repo"), id=ID), path="/f")
    info = v1_pfs.FileInfo(file=file, file_type=v1_pfs.FILE_TYPE_FILE, size_bytes=10)
    pachd.on(v1_methods.Pfs.InspectFile, info)
    pachd.on(v1_methods.Pfs.GetFile, lambda request, context: iter([BytesValue(value=b"half")]))
    with pachd.running() as address:
        async with AsyncPfsClient(address) as c:
            reader = await c.get_file("repo/master", "/f")
            with pytest.raises(StreamBroken, match="4 of 10 bytes"):
                await reader.read()


# streams of requests


class Broken(BaseException):
    """Not even an Exception."""


@pytest.mark.parametrize("kind", [KeyError, Broken])
async def test_what_the_callers_source_raises_comes_out(pachd: Pachd, address: str, kind: type[BaseException]) -> None:
    ended: list[str] = []
    done = threading.Event()

    def receive(requests: Iterator[Any], context: grpc.ServicerContext) -> Empty:
        gone = threading.Event()
        context.add_callback(gone.set)
        with contextlib.suppress(grpc.RpcError):
            for _ in requests:
                pass
        # to a cancelled client, gRPC's server may say for a moment that all requests came
        ended.append("cancelled" if gone.wait(0.5) else "complete")
        done.set()
        return Empty()

    def source() -> Iterator[bytes]:
        yield bytes(5 * MIB)
        raise kind("mine")

    pachd.on(Pfs.ModifyFile, receive)
    async with client(address) as c:
        with pytest.raises(kind, match="mine"):
            await c.put_file_bytes(f"repo@{ID}", "/f", source(), append=True)
        assert done.wait(5)
    # the server must not take the end of the source for the end of the file
    assert ended == ["cancelled"]


async def test_an_upload_that_the_server_does_not_take(pachd: Pachd, address: str) -> None:
    pachd.on(Pfs.ModifyFile, lambda requests, context: pachd.wait(context))
    async with client(address, stall_timeout=0.2) as c:
        with pytest.raises(StreamStalled):
            await c.put_file_bytes(f"repo@{ID}", "/f", bytes(32 * MIB), append=True)


async def test_an_upload_that_the_server_does_not_answer(pachd: Pachd, address: str) -> None:
    def swallow(requests: Iterator[Any], context: grpc.ServicerContext) -> Any:
        for _ in requests:
            pass
        pachd.wait(context)

    pachd.on(Pfs.ModifyFile, swallow)
    async with client(address, stall_timeout=0.2) as c:
        with pytest.raises(StreamStalled):
            await c.put_file_bytes(f"repo@{ID}", "/f", b"small", append=True)


async def test_a_slow_source_is_no_stall(pachd: Pachd, address: str) -> None:
    def source() -> Iterator[bytes]:
        for _ in range(2):
            threading.Event().wait(0.3)
            yield bytes(3 * MIB)

    received: list[int] = []

    def receive(requests: Iterator[Any], context: grpc.ServicerContext) -> Empty:
        received.extend(len(request.add_file.raw.value) for request in requests)
        return Empty()

    pachd.on(Pfs.ModifyFile, receive)
    async with client(address, stall_timeout=0.2) as c:
        await c.put_file_bytes(f"repo@{ID}", "/f", source(), append=True)
    assert received == [0, 2 * MIB, 2 * MIB, 2 * MIB]


async def test_an_upload_that_is_refused_in_the_middle(pachd: Pachd, address: str) -> None:
    def refuse(requests: Iterator[Any], context: grpc.ServicerContext) -> None:
        next(requests)
        context.abort(grpc.StatusCode.NOT_FOUND, "repo default/repo not found")

    pachd.on(Pfs.ModifyFile, refuse)
    async with client(address) as c:
        with pytest.raises(PachydermError, match="repo default/repo not found"):
            await c.put_file_bytes(f"repo@{ID}", "/f", bytes(32 * MIB), append=True)


async def test_an_upload_that_is_accepted_before_all_was_sent(pachd: Pachd, address: str) -> None:
    pachd.on(Pfs.ModifyFile, lambda requests, context: next(requests) and Empty())
    async with client(address) as c:
        with pytest.raises(StreamBroken, match="before it had received everything"):
            await c.put_file_bytes(f"repo@{ID}", "/f", bytes(32 * MIB), append=True)


async def test_the_network_breaks_while_writing(pachd: Pachd, address: str) -> None:
    pachd.on(Pfs.ModifyFile, lambda requests, context: [None for _ in requests] and Empty())
    with CuttingProxy(address, after=3 * MIB).running() as proxy:
        async with client(proxy) as c:
            with pytest.raises(StreamBroken):
                await c.put_file_bytes(f"repo@{ID}", "/f", bytes(32 * MIB), append=True)


# the end


async def test_a_closed_client_says_so(pachd: Pachd, address: str) -> None:
    pachd.on(Pfs.InspectRepo, REPO_INFO)
    c = client(address)
    await c.inspect_repo("repo")
    await c.close()
    await c.close()
    with pytest.raises(ClientClosed, match="closed"):
        await c.inspect_repo("repo")
    unused = client(address)
    await unused.close()
    with pytest.raises(ClientClosed):
        await unused.list_file("repo/master")


async def test_closing_ends_what_waits(pachd: Pachd, address: str) -> None:
    pachd.on(Pfs.InspectRepo, REPO_INFO)
    pachd.on(Pfs.SubscribeCommit, stream_then_hang(pachd))
    pachd.on(Pfs.InspectCommit, lambda request, context: pachd.wait(context))
    c = client(address)
    stream = await c.subscribe_commit("repo", "master")
    async with background(step, stream) as reading, background(c.wait_commit, ("repo", ID)) as waiting:
        assert not await reading.done_within(0.1)
        await c.close()
        with pytest.raises(ClientClosed):
            await reading.result()
        with pytest.raises(ClientClosed):
            await waiting.result()


async def test_no_thread_is_left_behind(pachd: Pachd, address: str) -> None:
    pachd.on(Pfs.ListFile, lambda request, context: iter([file_info("/a")]))
    async with client(address) as c:
        assert len(await collect(await c.list_file("repo/master", "/"))) == 1
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("pachyderm")]
