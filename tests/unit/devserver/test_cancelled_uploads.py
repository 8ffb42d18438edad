"""A client that goes away in the middle of an upload leaves nothing behind, in either world."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import grpc
import pytest

from airflow_provider_pachyderm._wire.method import Method
from airflow_provider_pachyderm._wire.v1 import methods as v1_methods
from airflow_provider_pachyderm._wire.v1 import pfs_pb2 as v1
from airflow_provider_pachyderm._wire.v2 import methods as v2_methods
from airflow_provider_pachyderm._wire.v2 import pfs_pb2 as v2
from airflow_provider_pachyderm.devserver.app import serve
from airflow_provider_pachyderm.devserver.engine.model import BranchKey, CommitRef, RepoKey
from airflow_provider_pachyderm.devserver.releases.profile import profile_for

TRIES = 40  # the end of a cancelled stream came before its cancellation in 2 of 100 cases


def upload_v1(commit: str) -> tuple[Method[Any, Any], list[Any]]:
    file = v1.File(commit=v1.Commit(repo=v1.Repo(name="r"), id=commit), path="/half")
    return v1_methods.Pfs.PutFile, [v1.PutFileRequest(file=file, value=b"x"), v1.PutFileRequest(value=b"y")]


def upload_v2(commit: str) -> tuple[Method[Any, Any], list[Any]]:
    repo = v2.Repo(name="r", type="user", project=v2.Project(name="default"))
    target = v2.Commit(repo=repo, branch=v2.Branch(repo=repo, name="master"), id=commit)
    add = v2.AddFile(path="/half")
    add.raw.value = b"x"
    return v2_methods.Pfs.ModifyFile, [v2.ModifyFileRequest(set_commit=target), v2.ModifyFileRequest(add_file=add)]


@pytest.mark.parametrize(("version", "upload"), [("1.13.4", upload_v1), ("2.11.6", upload_v2)])
async def test_nothing_is_kept(version: str, upload: Any) -> None:
    async with serve(profile_for(version), grace=0) as running, grpc.aio.insecure_channel(running.address) as channel:
        repo = RepoKey("r")
        running.engine.repos.create(repo)
        commit = running.engine.commits.start(BranchKey(repo, "master"))
        method, requests = upload(commit.id)
        for number in range(TRIES):
            await cancel_halfway(channel, method, requests, pause=number % 3 / 1000)
        view = running.engine.files.open(CommitRef(repo, commit.id))
        assert [info.path for info in view.walk("/") if not info.is_dir] == []


async def cancel_halfway(channel: grpc.aio.Channel, method: Method[Any, Any], requests: Any, pause: float) -> None:
    sent = asyncio.Event()

    async def halting() -> AsyncIterator[Any]:
        for request in requests:
            yield request
        sent.set()
        await asyncio.get_running_loop().create_future()

    make = channel.stream_unary(method.path, method.request_type.SerializeToString, method.reply_type.FromString)
    call = make(halting())
    await sent.wait()
    await asyncio.sleep(pause)
    call.cancel()
    assert await call.code() == grpc.StatusCode.CANCELLED
