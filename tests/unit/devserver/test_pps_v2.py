"""pps_v2.API by its messages."""

from __future__ import annotations

import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import grpc
import pytest
from google.protobuf import json_format
from google.protobuf.empty_pb2 import Empty
from google.protobuf.message import Message

from airflow_provider_pachyderm._wire.v2 import methods
from airflow_provider_pachyderm._wire.v2 import pfs_pb2 as pfs
from airflow_provider_pachyderm._wire.v2 import pps_pb2 as pb
from airflow_provider_pachyderm._wire.v2 import transaction_pb2 as tx
from airflow_provider_pachyderm.devserver.app import serve
from airflow_provider_pachyderm.devserver.engine import Engine
from airflow_provider_pachyderm.devserver.engine.datums.records import DatumRecord, DatumState
from airflow_provider_pachyderm.devserver.engine.model import BranchKey, CommitRef, RepoKey
from airflow_provider_pachyderm.devserver.engine.pipelines.model import PipelineKey
from airflow_provider_pachyderm.devserver.releases.profile import profile_for

P = pb.Pipeline(name="p")


@dataclass
class Server:
    engine: Engine
    channel: grpc.aio.Channel

    async def ask(self, method: Any, request: Message, *metadata: tuple[str, str]) -> Any:
        call = self.channel.unary_unary(
            method.path, method.request_type.SerializeToString, method.reply_type.FromString
        )
        return await call(request, metadata=metadata)

    async def list(self, method: Any, request: Message) -> list[Any]:
        call = self.channel.unary_stream(
            method.path, method.request_type.SerializeToString, method.reply_type.FromString
        )
        return [reply async for reply in call(request)]

    def do(self, reason: str = "") -> None:
        """Do all jobs that can be done; with a reason they fail."""
        self.engine.finisher.drain()
        while (work := self.engine.work.next_job()) is not None:
            self.engine.work.begin(work.key)
            state = DatumState.FAILED if reason else DatumState.SUCCESS
            self.engine.work.datum_done(work.key, DatumRecord("d" * 64, "hash", state, work.key.id))
            if reason:
                self.engine.work.fail(work.key, reason)
            else:
                self.engine.work.finish(work.key)
            self.engine.finisher.drain()


@asynccontextmanager
async def serving(version: str) -> AsyncIterator[Server]:
    async with serve(profile_for(version), grace=0) as running, grpc.aio.insecure_channel(running.address) as channel:
        running.engine.repos.create(RepoKey("in"))
        yield Server(running.engine, channel)


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with serving("2.11.6") as running:
        yield running


def spec(**more: Any) -> pb.CreatePipelineRequest:
    whole = {
        "pipeline": {"name": "p"},
        "transform": {"cmd": ["sh"], "stdin": ["true"]},
        "input": {"pfs": {"repo": "in", "glob": "/*"}},
        **more,
    }
    return json_format.ParseDict(whole, pb.CreatePipelineRequest())


async def refusal(asked: Any) -> tuple[str, str]:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await asked
    return caught.value.code().name, caught.value.details() or ""


async def test_a_pipeline_is_told_with_what_was_filled_in(server: Server) -> None:
    await server.ask(methods.Pps.CreatePipeline, spec(description="d"))
    info = await server.ask(methods.Pps.InspectPipeline, pb.InspectPipelineRequest(pipeline=P, details=True))
    assert (info.version, info.type, info.parallelism) == (1, pb.PipelineInfo.PIPELINE_TYPE_TRANSFORM, 1)
    assert (info.details.datum_tries, info.details.reprocess_spec) == (3, "until_success")
    assert info.details.transform.image == "ubuntu:20.04"
    assert (info.details.input.pfs.name, info.details.input.pfs.project) == ("in", "default")
    assert (info.details.resource_requests.memory, info.details.description) == ("256Mi", "d")
    assert json.loads(info.effective_spec_json)["datumTries"] == "3"
    assert json.loads(info.user_spec_json)["input"] == {"pfs": {"repo": "in", "glob": "/*"}}
    brief = await server.ask(methods.Pps.InspectPipeline, pb.InspectPipelineRequest(pipeline=P))
    assert not brief.HasField("details")
    (listed,) = await server.list(methods.Pps.ListPipeline, pb.ListPipelineRequest())
    assert listed.HasField("details")


async def test_jobs_are_inspected_waited_for_and_listed(server: Server) -> None:
    await server.ask(methods.Pps.CreatePipeline, spec())
    (created,) = await server.list(methods.Pps.ListJob, pb.ListJobRequest(pipeline=P))
    assert (created.state, created.HasField("started")) == (pb.JOB_CREATED, False)
    waiting = server.ask(methods.Pps.InspectJob, pb.InspectJobRequest(job=created.job, wait=True, details=True))
    server.do()
    done = await waiting
    assert (done.state, done.data_processed, done.data_total) == (pb.JOB_SUCCESS, 1, 1)
    assert done.details.input.pfs.commit == created.job.id
    (datum,) = await server.list(methods.Pps.ListDatum, pb.ListDatumRequest(job=created.job))
    assert (datum.state, datum.datum.id) == (pb.SUCCESS, "d" * 64)
    same = await server.ask(methods.Pps.InspectDatum, pb.InspectDatumRequest(datum=datum.datum))
    assert same.pfs_state.path == f"/pfs/{'d' * 64}"
    (job_set,) = await server.list(methods.Pps.ListJobSet, pb.ListJobSetRequest())
    assert [job.job for job in job_set.jobs] == [created.job]
    found = await server.list(methods.Pps.ListJob, pb.ListJobRequest(jqFilter='select(.state == "JOB_FAILURE")'))
    assert found == []


async def test_a_failed_job_tells_its_reason(server: Server) -> None:
    await server.ask(methods.Pps.CreatePipeline, spec())
    server.do("datum d failed")
    (job,) = await server.list(methods.Pps.ListJob, pb.ListJobRequest(pipeline=P))
    assert (job.state, job.reason, job.data_failed) == (pb.JOB_FAILURE, "datum d failed", 1)
    await server.ask(methods.Pps.DeleteJob, pb.DeleteJobRequest(job=job.job))
    code, text = await refusal(server.ask(methods.Pps.InspectJob, pb.InspectJobRequest(job=job.job)))
    assert (code, text) == ("NOT_FOUND", f"jobs default/p@{job.job.id} not found")


async def test_a_transaction_creates_pipelines_at_its_end(server: Server) -> None:
    started = await server.ask(methods.Transaction.StartTransaction, tx.StartTransactionRequest())
    metadata = ("pach-transaction", started.id)
    await server.ask(methods.Pps.CreatePipeline, spec(), metadata)
    chained = spec(pipeline={"name": "q"}, input={"pfs": {"repo": "p", "glob": "/"}})
    await server.ask(methods.Pps.CreatePipeline, chained, metadata)
    assert await server.list(methods.Pps.ListPipeline, pb.ListPipelineRequest()) == []
    finished = await server.ask(methods.Transaction.FinishTransaction, tx.FinishTransactionRequest(transaction=started))
    assert finished.requests[0].create_pipeline_v2.create_pipeline_request.datum_tries == 3
    jobs = await server.list(methods.Pps.InspectJobSet, pb.InspectJobSetRequest(job_set=pb.JobSet(id=started.id)))
    assert [job.job.pipeline.name for job in jobs] == ["p", "q"]


async def test_defaults_of_the_cluster_and_the_project_complete_specs(server: Server) -> None:
    text = '{"create_pipeline_request": {"datum_tries": 2, "description": "cluster"}}'
    await server.ask(methods.Pps.SetClusterDefaults, pb.SetClusterDefaultsRequest(cluster_defaults_json=text))
    text = '{"createPipelineRequest": {"description": "project"}}'
    project = pb.SetProjectDefaultsRequest(project=pfs.Project(name="default"), project_defaults_json=text)
    await server.ask(methods.Pps.SetProjectDefaults, project)
    effective = await _create(server, {"name": "p", "project": {"name": "default"}})
    assert (effective["datumTries"], effective["description"]) == ("2", "project")
    assert effective["pipeline"] == {"name": "p", "project": {"name": "default"}}
    text = '{"createPipelineRequest": {"datumTries": 7}}'
    again = pb.SetClusterDefaultsRequest(cluster_defaults_json=text, regenerate=True)
    reply = await server.ask(methods.Pps.SetClusterDefaults, again)
    assert [pipeline.name for pipeline in reply.affected_pipelines] == ["p"]
    assert server.engine.pipelines.inspect(PipelineKey("p")).spec["datum_tries"] == "7"


async def test_a_pipeline_whose_project_was_not_named_is_not_regenerated(server: Server) -> None:
    await _create(server, {"name": "named", "project": {"name": "default"}})
    effective = await _create(server, {"name": "p"})
    assert effective["pipeline"] == {"name": "p", "project": {"name": "default"}}
    text = '{"createPipelineRequest": {"datumTries": 7}}'
    request = pb.SetClusterDefaultsRequest(cluster_defaults_json=text, regenerate=True, dry_run=True)
    reply = await server.ask(methods.Pps.SetClusterDefaults, request)
    assert {pipeline.name for pipeline in reply.affected_pipelines} == {"p", "named"}
    request.dry_run = False
    with pytest.raises(grpc.aio.AioRpcError, match="unknown error: could not write cluster defaults"):
        await server.ask(methods.Pps.SetClusterDefaults, request)
    of_project = pb.SetProjectDefaultsRequest(project_defaults_json=text, regenerate=True)
    with pytest.raises(grpc.aio.AioRpcError, match="unknown error: could not write project defaults"):
        await server.ask(methods.Pps.SetProjectDefaults, of_project)
    # nothing was changed, not even what could be
    assert server.engine.pipelines.inspect(PipelineKey("named")).version == 1
    assert "7" not in server.engine.defaults.cluster() + server.engine.defaults.project("default").json


async def _create(server: Server, pipeline: dict[str, Any]) -> Any:
    """Create a pipeline by JSON; the effective spec."""
    asked = {"pipeline": pipeline, "transform": {"cmd": ["sh"]}, "input": {"pfs": {"repo": "in", "glob": "/"}}}
    request = pb.CreatePipelineV2Request(create_pipeline_request_json=json.dumps(asked))
    reply = await server.ask(methods.Pps.CreatePipelineV2, request)
    return json.loads(reply.effective_create_pipeline_request_json)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "syntax error (line 1:1): unexpected token "),
        ("{", "unexpected EOF"),
        ("null", "syntax error (line 1:1): unexpected token null"),
        ('{"pipeline": {"name": "x"}, "nonsense": 1}', '(line 1:29): unknown field "nonsense"'),
    ],
)
async def test_specs_that_are_no_json_of_a_spec(server: Server, text: str, why: str) -> None:
    asked = pb.CreatePipelineV2Request(create_pipeline_request_json=text)
    code, said = await refusal(server.ask(methods.Pps.CreatePipelineV2, asked))
    begins = f"could not make effective spec: could not parse {text} as Create Pipeline Request message: proto: "
    assert (code, said) == ("INVALID_ARGUMENT", begins + why)


async def test_logs_secrets_and_what_is_not_done(server: Server) -> None:
    await server.ask(methods.Pps.CreatePipeline, spec())
    server.engine.logs.add(PipelineKey("p"), "said", "job", "datum")
    (line,) = await server.list(methods.Pps.GetLogs, pb.GetLogsRequest(pipeline=P))
    assert (line.message, line.job_id, line.user) == ("said", "job", True)
    secret = json.dumps({"metadata": {"name": "s"}, "data": {"k": "dg=="}}).encode()
    await server.ask(methods.Pps.CreateSecret, pb.CreateSecretRequest(file=secret))
    listed = await server.ask(methods.Pps.ListSecret, Empty())
    assert [info.secret.name for info in listed.secret_info] == ["s"]
    service = await refusal(server.ask(methods.Pps.CreatePipeline, spec(pipeline={"name": "s"}, service={})))
    assert service == ("UNIMPLEMENTED", "this dev server runs pipelines that transform files; it does not run services")


@pytest.mark.parametrize("version", ["2.0.8", "2.3.9", "2.5.9", "2.7.8", "2.12.0-rc.3"])
async def test_a_chain_of_pipelines_works_in_every_release(version: str) -> None:
    async with serving(version) as server:
        await server.ask(methods.Pps.CreatePipeline, spec())
        chained = spec(pipeline={"name": "q"}, input={"pfs": {"repo": "p", "glob": "/"}})
        await server.ask(methods.Pps.CreatePipeline, chained)
        server.do()
        started = server.engine.commits.start(BranchKey(RepoKey("in"), "master"))
        jobs = await server.list(methods.Pps.InspectJobSet, pb.InspectJobSetRequest(job_set=pb.JobSet(id=started.id)))
        assert [(job.job.pipeline.name, job.state) for job in jobs] == [("p", pb.JOB_CREATED), ("q", pb.JOB_CREATED)]
        server.engine.commits.finish(CommitRef(RepoKey("in"), started.id, "master"))
        server.do()
        jobs = await server.list(methods.Pps.InspectJobSet, pb.InspectJobSetRequest(job_set=pb.JobSet(id=started.id)))
        assert [(job.job.pipeline.name, job.state) for job in jobs] == [("p", pb.JOB_SUCCESS), ("q", pb.JOB_SUCCESS)]
        await server.ask(methods.Pps.DeletePipeline, pb.DeletePipelineRequest(pipeline=pb.Pipeline(name="q")))
        await server.ask(methods.Pps.DeletePipeline, pb.DeletePipelineRequest(pipeline=P))
        assert await server.list(methods.Pps.ListPipeline, pb.ListPipelineRequest()) == []


TEMPLATE = 'function(name, n="1") {pipeline: {name: name}, transform: {cmd: ["echo", n]}}'


async def test_a_template_makes_specifications(server: Server) -> None:
    pytest.importorskip("_gojsonnet")
    reply = await server.ask(
        methods.Pps.RenderTemplate, pb.RenderTemplateRequest(template=TEMPLATE, args={"name": "a"})
    )
    (spec,) = reply.specs
    assert (spec.pipeline.name, [*spec.transform.cmd]) == ("a", ["echo", "1"])
    assert json.loads(reply.json) == {"pipeline": {"name": "a"}, "transform": {"cmd": ["echo", "1"]}}
    several = pb.RenderTemplateRequest(template='[{pipeline: {name: "a"}}, {pipeline: {name: "b"}}]')
    assert len((await server.ask(methods.Pps.RenderTemplate, several)).specs) == 2
    for template, said in (
        ('"a"', "not a json object or list"),
        ("{", "template err: main:1:2 Unexpected: end of file"),
        ('import "/etc/hostname"', "this dev server imports nothing into templates"),
        ("{nonsense: 1}", 'unknown field "nonsense"'),
    ):
        request = pb.RenderTemplateRequest(template=template)
        assert said in (await refusal(server.ask(methods.Pps.RenderTemplate, request)))[1]


async def test_without_the_package_it_is_said_how_templates_are_rendered(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "_gojsonnet", None)
    code, text = await refusal(server.ask(methods.Pps.RenderTemplate, pb.RenderTemplateRequest(template=TEMPLATE)))
    assert code == "UNIMPLEMENTED"
    assert "airflow-provider-pachyderm[devserver-jsonnet]" in text
