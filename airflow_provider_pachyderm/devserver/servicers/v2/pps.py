"""pps_v2.API."""

# ruff: noqa: D102  (an RPC is documented by what it is named after)

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable

import grpc
from google.protobuf.empty_pb2 import Empty

from airflow_provider_pachyderm._wire.v2 import methods
from airflow_provider_pachyderm._wire.v2 import pfs_pb2 as pfs
from airflow_provider_pachyderm._wire.v2 import pps_pb2 as pb
from airflow_provider_pachyderm.devserver.engine import Engine
from airflow_provider_pachyderm.devserver.engine.errors import EngineError, refused
from airflow_provider_pachyderm.devserver.engine.jobs.model import JobInfo
from airflow_provider_pachyderm.devserver.engine.model import CommitKey
from airflow_provider_pachyderm.devserver.engine.pipelines.model import PipelineInfo, PipelineState
from airflow_provider_pachyderm.devserver.servicers.base import Context, Handler
from airflow_provider_pachyderm.devserver.servicers.jq import jq_filter
from airflow_provider_pachyderm.devserver.servicers.v2 import messages as pfs_messages
from airflow_provider_pachyderm.devserver.servicers.v2 import pps_messages as messages
from airflow_provider_pachyderm.devserver.servicers.v2.needs import PPS_NEEDS
from airflow_provider_pachyderm.devserver.servicers.v2.pps_datums import Datums
from airflow_provider_pachyderm.devserver.servicers.v2.pps_defaults import PipelineDefaults
from airflow_provider_pachyderm.devserver.servicers.v2.pps_specs import json_of, spec_of
from airflow_provider_pachyderm.devserver.servicers.v2.requests import RequestsV2
from airflow_provider_pachyderm.devserver.servicers.v2.tasks import TaskLists
from airflow_provider_pachyderm.devserver.servicers.v2.templates import rendered


class PpsV2(TaskLists, Datums, PipelineDefaults):
    """RPCs in the order of the proto file."""

    calls = methods.Pps
    needs = PPS_NEEDS

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self._requests = RequestsV2(engine)
        self._completes = "CreatePipelineV2" not in engine.profile.lacks

    def handlers(self) -> dict[str, Handler]:
        """All calls, and as bytes the one that has no wire table."""
        activate: Handler = grpc.unary_unary_rpc_method_handler(self.ActivateAuth)
        return {**super().handlers(), f"/{self.service()}/ActivateAuth": activate}

    async def ActivateAuth(self, request: bytes, context: Context) -> bytes:
        """ActivateAuth: pipelines of this server need no tokens."""
        return b""

    # ---- jobs ---------------------------------------------------------------------------

    async def InspectJob(self, request: pb.InspectJobRequest, context: Context) -> pb.JobInfo:
        if not request.HasField("job"):
            raise refused("must specify a job")
        key = messages.job_key(request.job)
        info = await self.engine.job_watching.ended(key) if request.wait else self.engine.jobs.inspect(key)
        return messages.job_info(info, request.details)

    async def InspectJobSet(self, request: pb.InspectJobSetRequest, context: Context) -> AsyncIterator[pb.JobInfo]:
        self._validate(request.HasField("job_set"), "recv: invalid InspectJobSetRequest.JobSet")
        if request.wait:
            async for info in self.engine.job_watching.ended_set(request.job_set.id):
                yield messages.job_info(info, request.details)
            return
        for info in self.engine.jobs.of_set(request.job_set.id):
            yield messages.job_info(info, request.details)

    async def ListJob(self, request: pb.ListJobRequest, context: Context) -> AsyncIterator[pb.JobInfo]:
        wanted = jq_filter(request.jqFilter)
        key = messages.pipeline_key(request.pipeline) if request.HasField("pipeline") else None
        if key is not None and self.engine.pipelines.find(key) is None:
            raise self.engine.pipelines.missing(key)
        inputs = [_commit_key(commit) for commit in request.input_commit]
        projects = [project.name for project in request.projects]
        infos = self.engine.jobs.list(key, inputs, request.history, projects)
        for info in _page(infos, request):
            message = messages.job_info(info, request.details)
            if wanted(spec_of(message)):
                yield message

    async def ListJobSet(self, request: pb.ListJobSetRequest, context: Context) -> AsyncIterator[pb.JobSetInfo]:
        if request.number < 0:
            raise refused("number must be non-negative")
        wanted = jq_filter(request.jqFilter)
        found = self.engine.jobs.sets([project.name for project in request.projects])
        by_newest = {max(jobs, key=lambda job: job.created).key.id: jobs for _, jobs in found}
        for info in _page([max(jobs, key=lambda job: job.created) for _, jobs in found], request):
            jobs = [messages.job_info(job, request.details) for job in by_newest[info.key.id]]
            message = pb.JobSetInfo(job_set=pb.JobSet(id=info.key.id), jobs=jobs)
            if wanted(spec_of(message)):
                yield message

    async def SubscribeJob(self, request: pb.SubscribeJobRequest, context: Context) -> AsyncIterator[pb.JobInfo]:
        if not request.HasField("pipeline"):
            raise refused("pipeline must be specified")
        async for info in self.engine.job_watching.subscribe(messages.pipeline_key(request.pipeline)):
            yield messages.job_info(info, request.details)

    async def DeleteJob(self, request: pb.DeleteJobRequest, context: Context) -> Empty:
        if not request.HasField("job"):
            raise refused("job cannot be nil")
        self.engine.jobs.delete(messages.job_key(request.job))
        return Empty()

    async def StopJob(self, request: pb.StopJobRequest, context: Context) -> Empty:
        if not request.HasField("job"):
            raise refused("Job must be specified")
        return self._requests.transacted("stop_job", request, context, Empty())

    # ---- pipelines ----------------------------------------------------------------------

    async def RerunPipeline(self, request: pb.RerunPipelineRequest, context: Context) -> Empty:
        self._validate(request.HasField("pipeline"), "request: invalid RerunPipelineRequest.Pipeline")
        self.engine.lifecycle.rerun(messages.pipeline_key(request.pipeline), request.reprocess, self._user())
        return Empty()

    async def CreatePipeline(self, request: pb.CreatePipelineRequest, context: Context) -> Empty:
        if not request.HasField("pipeline"):
            raise refused("request.Pipeline cannot be nil")
        if not self._completes:
            return self._requests.transacted("create_pipeline", request, context, Empty())
        whole = self.specs.of_request(request)
        if not request.dry_run:
            self._create(whole.request, whole.user_json, whole.json, context)
        return Empty()

    async def CreatePipelineV2(
        self, request: pb.CreatePipelineV2Request, context: Context
    ) -> pb.CreatePipelineV2Response:
        whole = self.specs.of_json(request.create_pipeline_request_json)
        whole.request.update, whole.request.reprocess = request.update, request.reprocess
        if not request.dry_run:
            self._create(whole.request, whole.user_json, whole.json, context)
        return pb.CreatePipelineV2Response(effective_create_pipeline_request_json=json_of(whole.request))

    def _create(self, request: pb.CreatePipelineRequest, user_json: str, effective: str, context: Context) -> None:
        wrapped = pb.CreatePipelineTransaction(
            create_pipeline_request=request, user_json=user_json, effective_json=effective, created_by=self._user()
        )
        self._requests.transacted("create_pipeline_v2", wrapped, context, Empty())

    async def InspectPipeline(self, request: pb.InspectPipelineRequest, context: Context) -> pb.PipelineInfo:
        self._validate(request.HasField("pipeline"), "request: invalid InspectPipelineRequest.Pipeline")
        info = self.engine.pipelines.inspect(messages.pipeline_key(request.pipeline))
        return messages.pipeline_info(info, request.details)

    async def ListPipeline(self, request: pb.ListPipelineRequest, context: Context) -> AsyncIterator[pb.PipelineInfo]:
        wanted = jq_filter(request.jqFilter)
        key = messages.pipeline_key(request.pipeline) if request.HasField("pipeline") else None
        projects = [project.name for project in request.projects]
        infos = self.engine.pipelines.list(key, request.history, projects, request.commit_set.id)
        size = request.page.page_size
        first = size * request.page.page_index
        for info in infos[first : first + size if size else None]:
            # the details come, be they asked for or not
            message = messages.pipeline_info(info, details=True, inspected=False)
            if wanted(spec_of(message)):
                yield message

    async def DeletePipeline(self, request: pb.DeletePipelineRequest, context: Context) -> Empty:
        self._validate(request.HasField("pipeline"), "request: invalid DeletePipelineRequest.Pipeline")
        key = messages.pipeline_key(request.pipeline)
        self.engine.lifecycle.delete(key, request.force, request.keep_repo, request.must_exist, self._user())
        return Empty()

    async def DeletePipelines(self, request: pb.DeletePipelinesRequest, context: Context) -> pb.DeletePipelinesResponse:
        projects = [project.name for project in request.projects]
        if not projects and not request.all:
            return pb.DeletePipelinesResponse()
        only = [] if request.all else projects
        gone = self.engine.lifecycle.delete_every(only, request.force, request.keep_repo, self._user())
        return pb.DeletePipelinesResponse(pipelines=map(messages.pipeline_message, gone))

    async def StartPipeline(self, request: pb.StartPipelineRequest, context: Context) -> Empty:
        self._needs_pipeline(request)
        self.engine.lifecycle.start(messages.pipeline_key(request.pipeline))
        return Empty()

    async def StopPipeline(self, request: pb.StopPipelineRequest, context: Context) -> Empty:
        self._needs_pipeline(request)
        self.engine.lifecycle.stop(messages.pipeline_key(request.pipeline), request.must_exist, self._user())
        return Empty()

    async def RunPipeline(self, request: pb.RunPipelineRequest, context: Context) -> Empty:
        raise refused("unimplemented")

    async def RunCron(self, request: pb.RunCronRequest, context: Context) -> Empty:
        self._validate(request.HasField("pipeline"), "request: invalid RunCronRequest.Pipeline")
        self.engine.ticks.run_cron(messages.pipeline_key(request.pipeline))
        return Empty()

    async def CheckStatus(
        self, request: pb.CheckStatusRequest, context: Context
    ) -> AsyncIterator[pb.CheckStatusResponse]:
        """Every running pipeline, as on real servers, has been running for longer than it says, if it says nothing."""
        projects = [request.project.name] if request.HasField("project") else []
        for info in self.engine.pipelines.list(projects=projects):
            if info.state is PipelineState.RUNNING and info.workers_started is not None:
                yield pb.CheckStatusResponse(
                    project=messages.pipeline_message(info.key).project,
                    pipeline=messages.pipeline_message(info.key),
                    alerts=[f"{self.engine.words.pipeline(info.key)}: {_uptime(info, self.engine.now())}"],
                )

    # ---- secrets, and the rest ----------------------------------------------------------

    async def CreateSecret(self, request: pb.CreateSecretRequest, context: Context) -> Empty:
        self.engine.secrets.create(request.file)
        return Empty()

    async def DeleteSecret(self, request: pb.DeleteSecretRequest, context: Context) -> Empty:
        self._validate(request.HasField("secret"), "request: invalid DeleteSecretRequest.Secret")
        self.engine.secrets.delete(request.secret.name)
        return Empty()

    async def ListSecret(self, request: Empty, context: Context) -> pb.SecretInfos:
        return pb.SecretInfos(secret_info=map(messages.secret_info, self.engine.secrets.list()))

    async def InspectSecret(self, request: pb.InspectSecretRequest, context: Context) -> pb.SecretInfo:
        self._validate(request.HasField("secret"), "request: invalid InspectSecretRequest.Secret")
        return messages.secret_info(self.engine.secrets.inspect(request.secret.name))

    async def DeleteAll(self, request: Empty, context: Context) -> Empty:
        self.engine.lifecycle.delete_every(force=True, user=self._user())
        self.engine.secrets.delete_all()
        return Empty()

    async def UpdateJobState(self, request: pb.UpdateJobStateRequest, context: Context) -> Empty:
        """What workers of real servers call; those of this one are told otherwise."""
        self._validate(request.HasField("job"), "request: invalid UpdateJobStateRequest.Job")
        raise EngineError("UNIMPLEMENTED", "this dev server's own worker tells it how far jobs are, nobody else")

    async def RenderTemplate(self, request: pb.RenderTemplateRequest, context: Context) -> pb.RenderTemplateResponse:
        return await asyncio.to_thread(rendered, request.template, request.args)

    async def GetKubeEvents(self, request: pb.LokiRequest, context: Context) -> AsyncIterator[pb.LokiLogMessage]:
        for line in _no_loki():
            yield line

    async def QueryLoki(self, request: pb.LokiRequest, context: Context) -> AsyncIterator[pb.LokiLogMessage]:
        for line in _no_loki():
            yield line

    async def PipelinesSummary(
        self, request: pb.PipelinesSummaryRequest, context: Context
    ) -> pb.PipelinesSummaryResponse:
        projects = [picker.name for picker in request.projects]
        found: dict[str, pb.PipelinesSummary] = {}
        for info in self.engine.pipelines.list(projects=projects):
            project = messages.pipeline_message(info.key).project
            summary = found.setdefault(info.key.project, pb.PipelinesSummary(project=project))
            if info.state is PipelineState.FAILURE:
                summary.failed_pipelines += 1
            elif info.state is PipelineState.PAUSED:
                summary.paused_pipelines += 1
            else:
                summary.active_pipelines += 1
            if info.last_job == "FAILURE":
                summary.unhealthy_pipelines += 1
        return pb.PipelinesSummaryResponse(summaries=found.values())

    # ---- shared -------------------------------------------------------------------------

    def _user(self) -> str:
        return self.engine.auth.user() if self.engine.auth.active else ""

    def _validate(self, is_there: bool, text: str) -> None:
        """Refuse a request without one of its inner messages, as generated checks do."""
        if not is_there:
            raise _required(text)

    def _needs_pipeline(self, request: pb.StartPipelineRequest | pb.StopPipelineRequest) -> None:
        if not request.HasField("pipeline"):
            raise refused("request.Pipeline cannot be nil")


def _required(text: str) -> EngineError:
    return EngineError("INVALID_ARGUMENT", f"validate {text}: value is required")


def _no_loki() -> Iterable[pb.LokiLogMessage]:
    raise refused("no loki")


def _commit_key(message: pfs.Commit) -> CommitKey:
    ref = pfs_messages.commit_ref(message)
    return CommitKey(ref.repo, ref.id, ref.branch)


def _page(infos: Iterable[JobInfo], request: pb.ListJobRequest | pb.ListJobSetRequest) -> list[JobInfo]:
    """The page that a request asks for, of jobs newest first."""
    found = list(infos)
    if request.HasField("paginationMarker"):
        marker = request.paginationMarker.ToNanoseconds()
        found = [info for info in found if (info.created > marker if request.reverse else info.created < marker)]
    if request.reverse:
        found.reverse()
    return found[: request.number or None]


def _uptime(info: PipelineInfo, now: int) -> str:
    assert info.workers_started is not None, "it runs"
    seconds = (now - info.workers_started) / 1_000_000_000
    started = info.workers_started // 1_000_000_000
    return f"Started running at {started} s after 1970, exceeded maximum uptime by {seconds:.9f}s"
