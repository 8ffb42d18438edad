"""Calls of 2.x by plain messages, against a dev server in this process."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import grpc

from airflow_provider_pachyderm._wire.v2 import methods
from airflow_provider_pachyderm._wire.v2 import pfs_pb2 as pb
from airflow_provider_pachyderm.devserver.app import serve
from airflow_provider_pachyderm.devserver.releases.profile import profile_for

Pfs = methods.Pfs


class Client:
    """Short ways to do in 2.x what these tests do."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._channel = channel

    async def __call__(self, method: Any, request: Any, timeout: float = 10) -> Any:
        kinds = ("stream" if method.client_streaming else "unary", "stream" if method.server_streaming else "unary")
        make = getattr(self._channel, "_".join(kinds))
        start = make(method.path, method.request_type.SerializeToString, method.reply_type.FromString)
        call = start(request, timeout=timeout)
        return [message async for message in call] if method.server_streaming else await call

    async def said(self, method: Any, request: Any, timeout: float = 10) -> tuple[str, str]:
        """Status and text of a call."""
        try:
            await self(method, request, timeout)
        except grpc.aio.AioRpcError as error:
            return error.code().name, error.details() or ""
        return "OK", ""

    async def repo(self, name: str, project: str = "") -> pb.Repo:
        repo = pb.Repo(name=name, type="user", project=pb.Project(name=project) if project else None)
        await self(Pfs.CreateRepo, pb.CreateRepoRequest(repo=repo))
        return repo

    async def branch(self, name: str, *inputs: pb.Branch, head: pb.Commit | None = None, new_set: bool = False) -> None:
        request = pb.CreateBranchRequest(branch=on(name), provenance=inputs, head=head, new_commit_set=new_set)
        await self(Pfs.CreateBranch, request)

    async def start(self, where: str, parent: pb.Commit | None = None) -> pb.Commit:
        started: pb.Commit = await self(Pfs.StartCommit, pb.StartCommitRequest(branch=on(where), parent=parent))
        return at(where, started.id)

    async def finish(self, commit: pb.Commit, error: str = "") -> None:
        await self(Pfs.FinishCommit, pb.FinishCommitRequest(commit=commit, error=error))
        await self(Pfs.InspectCommit, pb.InspectCommitRequest(commit=commit, wait=pb.COMMIT_STATE_FINISHED))

    async def put(self, commit: pb.Commit, path: str, content: bytes = b"x") -> None:
        add = pb.ModifyFileRequest()
        add.add_file.path, add.add_file.raw.value = path, content
        await self(Pfs.ModifyFile, [pb.ModifyFileRequest(set_commit=commit), add])

    async def commit(self, where: str, path: str = "/f", error: str = "") -> pb.Commit:
        commit = await self.start(where)
        await self.put(commit, path)
        await self.finish(commit, error)
        return commit

    async def inspect(self, commit: pb.Commit) -> pb.CommitInfo:
        info: pb.CommitInfo = await self(Pfs.InspectCommit, pb.InspectCommitRequest(commit=commit))
        return info

    async def paths(self, commit: pb.Commit) -> list[str]:
        listed = await self(Pfs.ListFile, pb.ListFileRequest(file=pb.File(commit=commit, path="/")))
        return [info.file.path for info in listed]

    async def listed(self, repo: str, **more: Any) -> list[pb.CommitInfo]:
        listed: list[pb.CommitInfo] = await self(Pfs.ListCommit, pb.ListCommitRequest(repo=on(repo).repo, **more))
        return listed


def on(where: str) -> pb.Branch:
    """``repo@branch``."""
    repo, _, name = where.partition("@")
    return pb.Branch(repo=pb.Repo(name=repo, type="user"), name=name or "master")


def at(where: str, id: str = "") -> pb.Commit:
    """A commit, or the head of a branch."""
    branch = on(where)
    return pb.Commit(repo=branch.repo, branch=branch, id=id)


@asynccontextmanager
async def playing(version: str, repos: Sequence[str] = ("r",)) -> AsyncIterator[Client]:
    async with (
        serve(profile_for(version), grace=0) as running,
        grpc.aio.insecure_channel(running.address) as channel,
    ):
        client = Client(channel)
        for repo in repos:
            await client.repo(repo)
        yield client
