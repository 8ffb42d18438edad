"""pps.API of 1.9 to 1.13 by its messages."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import grpc
import pytest
from google.protobuf import json_format
from google.protobuf.empty_pb2 import Empty
from google.protobuf.message import Message

from airflow_provider_pachyderm._wire.v1 import methods
from airflow_provider_pachyderm._wire.v1 import pfs_pb2 as pfs
from airflow_provider_pachyderm._wire.v1 import pps_pb2 as pb
from airflow_provider_pachyderm.devserver.app import serve
from airflow_provider_pachyderm.devserver.engine import Engine
from airflow_provider_pachyderm.devserver.engine.datums.records import DatumRecord, DatumState
from airflow_provider_pachyderm.devserver.engine.model import BranchKey, CommitRef, Put, RepoKey
from airflow_provider_pachyderm.devserver.releases.profile import profile_for

INPUT = RepoKey("in")
P, Q = pb.Pipeline(name="p"), pb.Pipeline(name="q")


@dataclass
class Server:
    engine: Engine
    channel: grpc.aio.Channel

    async def ask(self, method: Any, request: Message) -> Any:
        call = self.channel.unary_unary(
            method.path, method.request_type.SerializeToString, method.reply_type.FromString
        )
        return await call(request)

    async def list(self, method: Any, request: Message) -> list[Any]:
        call = self.channel.unary_stream(
            method.path, method.request_type.SerializeToString, method.reply_type.FromString
        )
        return [reply async for reply in call(request)]

    def commit(self) -> str:
        started = self.engine.commits.start(BranchKey(INPUT, "master"))
        self.engine.commits.finish(CommitRef(INPUT, started.id))
        return started.id

    async def do(self, *failing: str) -> None:
        """Do all jobs that can be done, each with one datum."""
        writer = self.engine.blobs.open_writer()
        await writer.write(b"made")
        content = await writer.commit()
        while (work := self.engine.work.next_job()) is not None:
            self.engine.work.begin(work.key)
            fails = work.key.pipeline.name in failing
            state = DatumState.FAILED if fails else DatumState.SUCCESS
            changes = [] if fails else [Put("/made", (content,), "d")]
            self.engine.work.datum_done(work.key, DatumRecord("d", "hash", state, work.key.id), changes)
            if fails:
                self.engine.work.fail(work.key)
            else:
                self.engine.work.finish(work.key)


@asynccontextmanager
async def serving(version: str) -> AsyncIterator[Server]:
    async with serve(profile_for(version), grace=0) as running, grpc.aio.insecure_channel(running.address) as channel:
        running.engine.repos.create(INPUT)
        yield Server(running.engine, channel)


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with serving("1.13.4") as running:
        yield running


def spec(name: str = "p", repo: str = "in", **more: Any) -> pb.CreatePipelineRequest:
    whole = {
        "pipeline": {"name": name},
        "transform": {"cmd": ["sh"]},
        "input": {"pfs": {"repo": repo, "glob": "/*"}},
        **more,
    }
    return json_format.ParseDict(whole, pb.CreatePipelineRequest())


@pytest.mark.parametrize("version", ["1.9.12", "1.10.5", "1.11.9", "1.12.5", "1.13.4"])
async def test_a_chain_of_pipelines_works_in_every_release(version: str) -> None:
    async with serving(version) as server:
        await server.ask(methods.Pps.CreatePipeline, spec())
        await server.ask(methods.Pps.CreatePipeline, spec("q", "p"))
        assert not (await server.ask(methods.Pps.ListJob, pb.ListJobRequest())).job_info
        started = server.engine.commits.start(BranchKey(INPUT, "master"))
        assert not (await server.ask(methods.Pps.ListJob, pb.ListJobRequest())).job_info
        server.engine.commits.finish(CommitRef(INPUT, started.id))
        flush = pb.FlushJobRequest(commits=[pfs.Commit(repo=pfs.Repo(name="in"), id=started.id)])
        flushed = asyncio.create_task(server.list(methods.Pps.FlushJob, flush))
        await asyncio.sleep(0)
        await server.do()
        done = {info.pipeline.name: info for info in await flushed}
        assert {name: info.state for name, info in done.items()} == {"p": pb.JOB_SUCCESS, "q": pb.JOB_SUCCESS}
        assert done["p"].input.pfs.commit == started.id
        assert done["q"].input.pfs.commit == done["p"].output_commit.id != started.id
        by_commit = pb.InspectJobRequest(output_commit=done["p"].output_commit)
        assert (await server.ask(methods.Pps.InspectJob, by_commit)).job == done["p"].job


async def test_what_is_told_of_pipelines(server: Server) -> None:
    await server.ask(methods.Pps.CreatePipeline, spec(description="d"))
    server.commit()
    await server.do()
    info = await server.ask(methods.Pps.InspectPipeline, pb.InspectPipelineRequest(pipeline=P))
    assert (info.version, info.datum_tries, info.cache_size, info.transform.image) == (1, 3, "64M", "ubuntu:16.04")
    assert (info.last_job_state, info.spec_commit.repo.name) == (pb.JOB_SUCCESS, "__spec__")
    counts = {pb.JOB_STARTING: 0, pb.JOB_RUNNING: 0, pb.JOB_MERGING: 0, pb.JOB_SUCCESS: 1}
    assert dict(info.job_counts) == counts
    assert [one.key.name for one in server.engine.repos.list()] == ["p", "in"]
    listed = await server.ask(methods.Pps.ListPipeline, pb.ListPipelineRequest())
    assert [one.pipeline.name for one in listed.pipeline_info] == ["p"]


async def test_a_failed_job_leaves_its_commit_empty_and_those_downstream_fail(server: Server) -> None:
    await server.ask(methods.Pps.CreatePipeline, spec())
    await server.ask(methods.Pps.CreatePipeline, spec("q", "p"))
    server.commit()
    await server.do()
    server.commit()
    await server.do("p")
    jobs = await server.ask(methods.Pps.ListJob, pb.ListJobRequest(full=True))
    newest = {info.pipeline.name: info for info in reversed(jobs.job_info)}
    assert {name: (info.state, info.reason) for name, info in newest.items()} == {
        "p": (pb.JOB_FAILURE, "datum failed"),
        "q": (pb.JOB_FAILURE, "inputs failed: p"),
    }
    assert list(server.engine.files.open(CommitRef(RepoKey("p"), "master")).glob("/*")) == []
    server.commit()
    await server.do()
    assert [file.path for file in server.engine.files.open(CommitRef(RepoKey("q"), "master")).glob("/*")] == ["/made"]


async def test_files_of_a_datum_that_is_gone_go(server: Server) -> None:
    await server.ask(methods.Pps.CreatePipeline, spec())
    server.commit()
    await server.do()
    server.commit()
    work = server.engine.work.next_job()
    assert work is not None
    server.engine.work.begin(work.key)
    assert [file.path for file in server.engine.files.open(CommitRef(RepoKey("p"), "master^")).glob("/*")] == ["/made"]
    server.engine.work.gone(work.key, ["d"])
    server.engine.work.finish(work.key)
    assert list(server.engine.files.open(CommitRef(RepoKey("p"), "master")).glob("/*")) == []


async def test_a_stopped_job_is_killed_and_a_deleted_one_is_gone(server: Server) -> None:
    await server.ask(methods.Pps.CreatePipeline, spec())
    server.commit()
    (info,) = (await server.ask(methods.Pps.ListJob, pb.ListJobRequest())).job_info
    await server.ask(methods.Pps.StopJob, pb.StopJobRequest(job=info.job))
    stopped = await server.ask(methods.Pps.InspectJob, pb.InspectJobRequest(job=info.job))
    assert (stopped.state, stopped.reason) == (pb.JOB_KILLED, "output commit closed")
    await server.ask(methods.Pps.DeleteJob, pb.DeleteJobRequest(job=info.job))
    with pytest.raises(grpc.aio.AioRpcError, match=f"pachyderm_pps/jobs/ {info.job.id} not found"):
        await server.ask(methods.Pps.InspectJob, pb.InspectJobRequest(job=info.job))


async def test_a_pipeline_that_others_need_goes_on_when_its_deletion_is_refused(server: Server) -> None:
    await server.ask(methods.Pps.CreatePipeline, spec())
    await server.ask(methods.Pps.CreatePipeline, spec("q", "p"))
    with pytest.raises(grpc.aio.AioRpcError, match="deleting it would break those branches"):
        await server.ask(methods.Pps.DeletePipeline, pb.DeletePipelineRequest(pipeline=P))
    info = await server.ask(methods.Pps.InspectPipeline, pb.InspectPipelineRequest(pipeline=P))
    assert not info.stopped
    await server.ask(methods.Pps.DeletePipeline, pb.DeletePipelineRequest(pipeline=Q))
    await server.ask(methods.Pps.DeletePipeline, pb.DeletePipelineRequest(pipeline=P))
    assert [one.key.name for one in server.engine.repos.list()] == ["in"]


async def test_an_update_goes_on_from_the_head_and_reprocess_begins_anew(server: Server) -> None:
    await server.ask(methods.Pps.CreatePipeline, spec())
    server.commit()
    await server.do()
    await server.ask(methods.Pps.CreatePipeline, spec(update=True))
    await server.do()
    await server.ask(methods.Pps.CreatePipeline, spec(update=True, reprocess=True))
    await server.do()
    parents = [info.parent is not None for info in server.engine.commit_lists.list(RepoKey("p"))]
    assert parents == [False, True, False]
    jobs = await server.ask(methods.Pps.ListJob, pb.ListJobRequest(pipeline=P, history=-1, full=True))
    assert [info.pipeline_version for info in jobs.job_info] == [3, 2, 1]


async def test_a_tick_of_a_cron_input_is_an_empty_file(server: Server) -> None:
    await server.ask(methods.Pps.CreatePipeline, spec(input={"cron": {"name": "tick", "spec": "@yearly"}}))
    await server.ask(methods.Pps.RunCron, pb.RunCronRequest(pipeline=P))
    (tick,) = server.engine.files.open(CommitRef(RepoKey("p_tick"), "master")).glob("/*")
    assert tick.size == 0
    assert [piece async for piece in server.engine.blobs.read(tick.files[0].pieces[0])] == []
    await server.do()
    (job,) = (await server.ask(methods.Pps.ListJob, pb.ListJobRequest(pipeline=P))).job_info
    assert job.state == pb.JOB_SUCCESS


async def test_jobs_of_a_stopped_pipeline_are_listed_with_older_versions_only(server: Server) -> None:
    await server.ask(methods.Pps.CreatePipeline, spec())
    server.commit()
    await server.do()
    await server.ask(methods.Pps.StopPipeline, pb.StopPipelineRequest(pipeline=P))
    assert not (await server.ask(methods.Pps.ListJob, pb.ListJobRequest(pipeline=P))).job_info
    assert len((await server.ask(methods.Pps.ListJob, pb.ListJobRequest(pipeline=P, history=-1))).job_info) == 1


async def test_an_older_version_than_there_is(server: Server) -> None:
    await server.ask(methods.Pps.CreatePipeline, spec())
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await server.ask(methods.Pps.InspectPipeline, pb.InspectPipelineRequest(pipeline=pb.Pipeline(name="p^")))
    assert (caught.value.details() or "").startswith(
        "could not retrieve pipeline spec file from PFS for pipeline 'p', "
    )


async def test_jobs_whose_commits_are_gone_are_not_listed(server: Server) -> None:
    await server.ask(methods.Pps.CreatePipeline, spec())
    server.commit()
    await server.do()
    await server.ask(methods.Pfs.DeleteRepo, pfs.DeleteRepoRequest(repo=pfs.Repo(name="p")))
    assert not (await server.ask(methods.Pps.ListJob, pb.ListJobRequest(pipeline=P))).job_info
    assert not (await server.ask(methods.Pps.ListJob, pb.ListJobRequest())).job_info


async def test_jobs_are_listed_by_their_own_inputs(server: Server) -> None:
    await server.ask(methods.Pps.CreatePipeline, spec())
    await server.ask(methods.Pps.CreatePipeline, spec("q", "p"))
    server.commit()
    await server.do()
    head = server.engine.commits.inspect(CommitRef(INPUT, "master")).key.id
    request = pb.ListJobRequest(input_commit=[pfs.Commit(repo=pfs.Repo(name="in"), id=head)])
    assert [info.pipeline.name for info in (await server.ask(methods.Pps.ListJob, request)).job_info] == ["p"]


async def test_before_1_9_there_are_no_pipelines() -> None:
    async with serving("1.8.8") as server:
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await server.ask(methods.Pps.ListSecret, Empty())
    assert refused.value.code().name == "UNIMPLEMENTED"
