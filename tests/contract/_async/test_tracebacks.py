"""What people see of an error: ours, with nothing of gRPC's behind it."""

from __future__ import annotations

import socket
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from airflow_provider_pachyderm.client import AsyncPfsClient, Commit, FileInfo, PachydermError
from tests.contract.conftest import Server
from tests.support._async.streams import collect
from tests.support.faulty import striking

OF_GRPC = ("RpcError", "Rendezvous", "debug_error_string", "grpc_status")
LONG = bytes(5_000_000)


def check(error: BaseException) -> None:
    text = "".join(traceback.format_exception(error))
    assert [word for word in OF_GRPC if word in text] == []
    assert "direct cause" not in text
    assert "another exception" not in text


REFUSED: dict[str, Callable[[Any, str], Any]] = {
    "a plain call": lambda client, repo: client.inspect_repo(f"{repo}-missing"),
    "a list": lambda client, repo: client.list_file(f"{repo}@master:/missing"),
    "a file": lambda client, repo: client.get_file(f"{repo}@master:/missing"),
    "an archive": lambda client, repo: client.get_file_tar(f"{repo}@missing:/"),
    "a put to no branch": lambda client, repo: client.put_file_bytes(f"{repo}-missing@master:/a", b"A"),
    "a put to a finished commit": lambda client, repo: client.put_file_bytes((repo, "f" * 32), "/a", b"A"),
    "a plan of several calls": lambda client, repo: client.copy_file(f"{repo}@master:/no", f"{repo}@master:/b"),
    "waiting": lambda client, repo: client.wait_commit((repo, "f" * 32)),
    "in a block": lambda client, repo: client.list_commit(f"{repo}-missing"),
}


@pytest.mark.parametrize("what", REFUSED)
async def test_what_a_server_refuses(client: AsyncPfsClient, repo: str, what: str) -> None:
    await client.put_file_bytes(f"{repo}@master:/a", b"A")
    with pytest.raises(PachydermError) as caught:
        await collect(await REFUSED[what](client, repo))
    check(caught.value)


async def failure_of(call: Callable[[], Any]) -> PachydermError | None:
    """Give how a call fails, if it does: some find out by themselves that all was done."""
    try:
        await call()
    except PachydermError as error:
        return error
    return None


@pytest.mark.parametrize("fault", ["unavailable", "error=INTERNAL", "lose-reply", "cut-after=1"])
async def test_what_breaks(client: AsyncPfsClient, repo: str, fault: str) -> None:
    commit = await client.put_file_bytes(f"{repo}@master:/a", LONG)
    calls: dict[str, Callable[[], Any]] = {
        "InspectRepo": lambda: client.inspect_repo(repo),
        "DeleteRepo": lambda: client.delete_repo(f"{repo}-missing"),
        "PutFile,ModifyFile": lambda: client.put_file_bytes(f"{repo}@master:/b", LONG),
        "ListFile,ListFileStream": lambda: listed(client, commit),
        "GetFile": lambda: content(client, commit),
    }
    failures = []
    for name, call in calls.items():
        with client.retrying(0), striking(client, fault, name):
            failures.append(await failure_of(call))
    for failure in filter(None, failures):
        check(failure)
    assert any(failures)


async def listed(client: AsyncPfsClient, commit: Commit) -> list[FileInfo]:
    return await (await client.list_file(commit)).to_list()


async def content(client: AsyncPfsClient, commit: Commit) -> bytes:
    async with await client.get_file(commit, "/a") as reader:
        return await reader.read()


async def test_what_ends_too_early(client: AsyncPfsClient, repo: str, tmp_path: Path) -> None:
    commit = await client.put_file_bytes(f"{repo}@master:/a", LONG)
    for name, call in {
        "GetFile": lambda: content(client, commit),
        "WalkFile": lambda: client.download(commit, "/", tmp_path),
        "InspectRepo": lambda: client.inspect_repo(repo),
    }.items():
        with client.retrying(0), striking(client, "no-message" if name == "InspectRepo" else "end-after=0", name):
            failure = await failure_of(call)
        assert failure is not None or name == "WalkFile"
        if failure is not None:
            check(failure)


async def test_a_server_that_is_silent(server: Server, repo: str) -> None:
    async with AsyncPfsClient(server.host, server.port, timeout=0.5) as client:
        await client.version()
        with client.retrying(0), striking(client, "stall", "InspectRepo"), pytest.raises(TimeoutError) as caught:
            await client.inspect_repo(repo)
    check(caught.value)


async def test_no_server() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        client = AsyncPfsClient("127.0.0.1", taken.getsockname()[1])
        with client.retrying(0), pytest.raises(ConnectionError) as caught:
            await client.version()
        await client.close()
    check(caught.value)
