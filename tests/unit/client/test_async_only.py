"""What only the async client has: event loops, tasks that are cancelled, async sources."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf.empty_pb2 import Empty

from airflow_provider_pachyderm._wire.v2 import pfs_pb2
from airflow_provider_pachyderm._wire.v2.methods import Pfs
from airflow_provider_pachyderm.client import AsyncPfsClient, ClientClosed
from airflow_provider_pachyderm.client._transport.aio import side_by_side
from airflow_provider_pachyderm.testing.server import DevServer
from tests.unit.client.pachd import Pachd

ID = "0123456789ab4def8123456789abcdef"
REPO = pfs_pb2.Repo(name="repo", type="user", project=pfs_pb2.Project(name="default"))
OPEN = pfs_pb2.CommitInfo(
    commit=pfs_pb2.Commit(id=ID, repo=REPO), origin=pfs_pb2.CommitOrigin(kind=pfs_pb2.ORIGIN_KIND_USER)
)


async def test_async_sources(pachd: Pachd, address: str) -> None:
    received: list[bytes] = []

    def receive(requests: Iterator[Any], context: grpc.ServicerContext) -> Empty:
        received.extend(request.add_file.raw.value for request in requests)
        return Empty()

    async def source() -> AsyncIterator[bytes]:
        yield b"one "
        await asyncio.sleep(0)
        yield b"two"

    pachd.on(Pfs.ModifyFile, receive)
    async with AsyncPfsClient(address) as client:
        await client.put_file_bytes(f"repo@{ID}", "/f", source(), append=True)
    assert received == [b"", b"one two"]


async def test_a_client_belongs_to_one_loop(pachd: Pachd, address: str) -> None:
    pachd.on(Pfs.InspectRepo, pfs_pb2.RepoInfo(repo=REPO))
    async with AsyncPfsClient(address) as client:
        await client.inspect_repo("repo")
        with pytest.raises(ClientClosed, match="another event loop"):
            await asyncio.to_thread(lambda: asyncio.run(client.inspect_repo("repo")))


async def test_a_cancelled_task_cancels_its_call_and_drops_its_commit(pachd: Pachd, address: str) -> None:
    gone = threading.Event()

    def receive(requests: Iterator[Any], context: grpc.ServicerContext) -> None:
        context.add_callback(gone.set)
        pachd.wait(context)

    pachd.on(Pfs.StartCommit, pfs_pb2.Commit(id=ID, repo=REPO))
    pachd.on(Pfs.InspectCommit, OPEN)
    pachd.on(Pfs.ModifyFile, receive)
    pachd.on(Pfs.InspectCommitSet, lambda request, context: iter([OPEN]))
    pachd.on(Pfs.DropCommitSet)

    async def write(client: AsyncPfsClient) -> None:
        async with client.commit("repo", "master") as commit:
            await client.put_file_bytes(commit, "/f", bytes(32 * 2**20), append=True)

    async with AsyncPfsClient(address) as client:
        task = asyncio.create_task(write(client))
        while "ModifyFile" not in pachd.calls:
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert gone.wait(5)
    assert pachd.calls[-2:] == ["DropCommitSet", "InspectCommit"]
    assert "FinishCommit" not in pachd.calls


async def test_tasks_that_read_one_file_take_turns(tmp_path: Path) -> None:
    content = bytes(range(256)) * 40
    with DevServer("2.11.6", tmp_path) as server:
        async with AsyncPfsClient(server.address) as client:
            await client.create_repo("repo")
            await client.put_file_bytes("repo@master", "/f", content)
            await client.wait_commit("repo@master")
            async with await client.open_file("repo@master", "/f") as file:
                parts = await asyncio.gather(*(file.read(1_000) for _ in range(11)))
    assert b"".join(parts) == content


async def test_a_task_that_lives_longer_than_the_transaction_it_was_started_in(tmp_path: Path) -> None:
    over = asyncio.Event()
    with DevServer("2.11.6", tmp_path) as server:
        async with AsyncPfsClient(server.address) as client:

            async def repos() -> list[str]:
                await over.wait()
                return [info.repo.name for info in await client.list_repo()]

            async with client.transaction():
                task = asyncio.create_task(repos())
                await client.create_repo("repo")
            over.set()
            assert await task == ["repo"]


async def test_what_goes_on_side_by_side_is_cancelled_together() -> None:
    begun: list[int] = []
    cancelled: list[int] = []

    async def work(item: int) -> None:
        begun.append(item)
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.append(item)
            raise

    task = asyncio.create_task(side_by_side(work, range(5), 2))
    while len(begun) < 2:
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert begun == cancelled == [0, 1]
