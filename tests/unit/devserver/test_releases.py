"""A release of every minor version, called with plain messages: it says what it is, and takes and gives files."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import grpc
import pytest
from google.protobuf.empty_pb2 import Empty

from airflow_provider_pachyderm._wire.v1 import methods as v1
from airflow_provider_pachyderm._wire.v1 import pfs_pb2 as pb1
from airflow_provider_pachyderm._wire.v2 import methods as v2
from airflow_provider_pachyderm._wire.v2 import pfs_pb2 as pb2
from airflow_provider_pachyderm.devserver.app import serve
from airflow_provider_pachyderm.devserver.releases.played import PLAYED
from airflow_provider_pachyderm.devserver.releases.profile import profile_for

# the last release of each minor version, and what some of them say instead of their names
LAST = list({tuple(version.split(".")[:2]): version for version in PLAYED}.values())
SAID = {"1.11.9": "1.12.0", "2.12.0-rc.3": "2.12.0"}


class Caller:
    """Calls methods of the wire table; streams are lists."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._channel = channel

    async def __call__(self, method: Any, request: Any) -> Any:
        kinds = ("stream" if method.client_streaming else "unary", "stream" if method.server_streaming else "unary")
        make = getattr(self._channel, "_".join(kinds))
        call = make(method.path, method.request_type.SerializeToString, method.reply_type.FromString)(request)
        return [message async for message in call] if method.server_streaming else await call


@asynccontextmanager
async def calling(version: str) -> AsyncIterator[Caller]:
    async with (
        serve(profile_for(version), grace=0) as running,
        grpc.aio.insecure_channel(running.address) as channel,
    ):
        yield Caller(channel)


def test_every_minor_version_is_played() -> None:
    minors = [*(f"1.{minor}" for minor in range(4, 14)), *(f"2.{minor}" for minor in range(13))]
    assert [".".join(version.split(".")[:2]) for version in LAST] == minors


@pytest.mark.parametrize("version", LAST)
async def test_reports_its_version(version: str) -> None:
    get_version = (v1 if version.startswith("1.") else v2).Version.GetVersion
    async with calling(version) as call:
        reply = await call(get_version, Empty())
    assert f"{reply.major}.{reply.minor}.{reply.micro}" == SAID.get(version, version)
    assert reply.additional == "".join(version.partition("-")[1:])


@pytest.mark.parametrize("version", [version for version in LAST if version.startswith("1.")])
async def test_takes_and_gives_files_in_1x(version: str) -> None:
    repo = pb1.Repo(name="r")
    async with calling(version) as call:
        await call(v1.Pfs.CreateRepo, pb1.CreateRepoRequest(repo=repo))
        start = pb1.StartCommitRequest(parent=pb1.Commit(repo=repo), branch="master")
        commit = await call(v1.Pfs.StartCommit, start)
        file = pb1.File(commit=commit, path="/d/f")
        await call(v1.Pfs.PutFile, [pb1.PutFileRequest(file=file, value=b"one"), pb1.PutFileRequest(value=b"two")])
        await call(v1.Pfs.FinishCommit, pb1.FinishCommitRequest(commit=commit))
        head = pb1.Commit(repo=repo, id="master")
        listed = await call(v1.Pfs.ListFile, pb1.ListFileRequest(file=pb1.File(commit=head, path="/d")))
        read = await call(v1.Pfs.GetFile, pb1.GetFileRequest(file=pb1.File(commit=head, path="/d/f")))
    assert [info.file.path for info in listed.file_info] == ["/d/f"]
    assert b"".join(message.value for message in read) == b"onetwo"


@pytest.mark.parametrize("version", [version for version in LAST if version.startswith("2.")])
async def test_takes_and_gives_files_in_2x(version: str) -> None:
    branch = pb2.Branch(repo=pb2.Repo(name="r", type="user"), name="master")
    async with calling(version) as call:
        await call(v2.Pfs.CreateRepo, pb2.CreateRepoRequest(repo=branch.repo))
        started = await call(v2.Pfs.StartCommit, pb2.StartCommitRequest(branch=branch))
        commit = pb2.Commit(repo=branch.repo, branch=branch, id=started.id)
        add = pb2.ModifyFileRequest()
        add.add_file.path, add.add_file.raw.value = "/d/f", b"one"
        await call(v2.Pfs.ModifyFile, [pb2.ModifyFileRequest(set_commit=commit), add, add])
        await call(v2.Pfs.FinishCommit, pb2.FinishCommitRequest(commit=commit))
        wait = pb2.InspectCommitRequest(commit=commit, wait=pb2.COMMIT_STATE_FINISHED)
        info = await call(v2.Pfs.InspectCommit, wait)
        head = pb2.Commit(repo=branch.repo, branch=branch)
        listed = await call(v2.Pfs.ListFile, pb2.ListFileRequest(file=pb2.File(commit=head, path="/d")))
        read = await call(v2.Pfs.GetFile, pb2.GetFileRequest(file=pb2.File(commit=head, path="/d/f")))
    assert info.details.size_bytes == 6
    assert [one.file.path for one in listed] == ["/d/f"]
    assert b"".join(message.value for message in read) == b"oneone"
