"""pps.API of 1.9 to 1.13."""

# ruff: noqa: D102  (an RPC is documented by what it is named after)

from __future__ import annotations

from collections.abc import AsyncIterator

import grpc
from google.protobuf.empty_pb2 import Empty

from airflow_provider_pachyderm._wire.v1 import methods
from airflow_provider_pachyderm._wire.v1 import pps_pb2 as pb
from airflow_provider_pachyderm.devserver.engine import Engine
from airflow_provider_pachyderm.devserver.engine.errors import EngineError, during, refused
from airflow_provider_pachyderm.devserver.engine.jobs.model import JobInfo, JobKey
from airflow_provider_pachyderm.devserver.engine.model import CommitKey
from airflow_provider_pachyderm.devserver.engine.pipelines.inputs import leaves, repo_of
from airflow_provider_pachyderm.devserver.engine.pipelines.model import PipelineKey, Spec
from airflow_provider_pachyderm.devserver.servicers.base import Context, Handler
from airflow_provider_pachyderm.devserver.servicers.jq import jq_filter
from airflow_provider_pachyderm.devserver.servicers.v1 import messages as pfs_messages
from airflow_provider_pachyderm.devserver.servicers.v1 import pps_messages as messages
from airflow_provider_pachyderm.devserver.servicers.v1.needs import PPS_NEEDS
from airflow_provider_pachyderm.devserver.servicers.v1.pps_datums import Datums
from airflow_provider_pachyderm.devserver.servicers.v1.requests import RequestsV1


class PpsV1(Datums):
    """RPCs in the order of the proto file."""

    calls = methods.Pps
    needs = PPS_NEEDS

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self._requests = RequestsV1(engine)

    def handlers(self) -> dict[str, Handler]:
        """All calls, and as bytes the one that has no wire table."""
        found = super().handlers()
        if found:
            found[f"/{self.service()}/ActivateAuth"] = grpc.unary_unary_rpc_method_handler(self.ActivateAuth)
        return found

    async def ActivateAuth(self, request: bytes, context: Context) -> bytes:
        """ActivateAuth: pipelines of this server need no tokens."""
        return b""

    # ---- jobs ---------------------------------------------------------------------------

    async def InspectJob(self, request: pb.InspectJobRequest, context: Context) -> pb.JobInfo:
        if request.HasField("output_commit"):
            key = self._job_of(request)
        elif request.HasField("job"):
            key = self.engine.jobs.by_id(request.job.id)
        else:
            raise refused("must specify either a Job or an OutputCommit")
        info = await self.engine.job_watching.ended(key) if request.block_state else self.engine.jobs.inspect(key)
        return self._info(info, full=True)

    def _job_of(self, request: pb.InspectJobRequest) -> JobKey:
        """The job of an output commit."""
        ref = pfs_messages.commit_ref(request.output_commit)
        commit = self.engine.commits.inspect(ref)
        pipeline = messages.pipeline_key(pb.Pipeline(name=ref.repo.name))
        info = self.engine.jobs.of_commit(pipeline, commit.key.id)
        if info is None:
            raise refused(f"job with output commit {commit.key.id} not found")
        return info.key

    async def ListJob(self, request: pb.ListJobRequest, context: Context) -> pb.JobInfos:
        return pb.JobInfos(job_info=self._listed(request))

    async def ListJobStream(self, request: pb.ListJobRequest, context: Context) -> AsyncIterator[pb.JobInfo]:
        for info in self._listed(request):
            yield info

    def _listed(self, request: pb.ListJobRequest) -> list[pb.JobInfo]:
        wanted = jq_filter(request.jqFilter)
        key = messages.pipeline_key(request.pipeline) if request.HasField("pipeline") else None
        if key is not None and self._lists_none(key, request.history):
            return []
        inputs = [self._commit_key(commit) for commit in request.input_commit]
        infos = self.engine.jobs.list(key, inputs, request.history)
        # servers pass over the jobs whose commits are gone
        infos = [info for info in infos if self.engine.jobs.commit(info) and self._takes(info, inputs)]
        if request.HasField("output_commit"):
            output = self._commit_key(request.output_commit)
            infos = [info for info in infos if (info.output.repo, info.commit) == (output.repo, output.id)]
        found = [self._info(info, request.full or bool(inputs)) for info in infos]
        return [info for info in found if wanted(messages.spec_of(info))]

    def _lists_none(self, key: PipelineKey, history: int) -> bool:
        """Whether a pipeline is stopped: that makes a version of its spec that has no jobs."""
        info = self.engine.pipelines.find(key)
        if info is None:
            raise self.engine.pipelines.missing(key)
        return bool(info.stopped) and history == 0

    def _takes(self, info: JobInfo, inputs: list[CommitKey]) -> bool:
        """Whether these are the job's own inputs, not only those of the pipelines before it."""
        links = self.engine.jobs.inputs(info)
        own = [repo_of(leaf) for kind, leaf in leaves(info.spec.get("input", {})) if kind != "git"]
        taken = {(repo, id) for (repo, _), id in links.items() if repo in own}
        return all((commit.repo, commit.id) in taken for commit in inputs)

    def _commit_key(self, message: object) -> CommitKey:
        return self.engine.commits.inspect(pfs_messages.commit_ref(message)).key  # type: ignore[arg-type]

    async def FlushJob(self, request: pb.FlushJobRequest, context: Context) -> AsyncIterator[pb.JobInfo]:
        """The job of each commit that is made from all of these, when it has ended."""
        refs = [pfs_messages.commit_ref(commit) for commit in request.commits]
        repos = [messages.pipeline_key(pipeline).repo for pipeline in request.to_pipelines]
        async for commit in self.engine.watching.flush(refs, repos):
            pipeline = messages.pipeline_key(pb.Pipeline(name=commit.key.repo.name))
            info = self.engine.jobs.of_commit(pipeline, commit.key.id)
            if info is not None:
                yield self._info(await self.engine.job_watching.ended(info.key), full=True)

    def _info(self, info: JobInfo, full: bool) -> pb.JobInfo:
        work = self.engine.work.work(info.key)
        return messages.job_info(info, work.spec_commit, self._commits_of(info), full)

    def _commits_of(self, info: JobInfo) -> object:
        """What finds the commit of an input of a job."""
        links = self.engine.jobs.inputs(info)

        def commit_of(kind: str, leaf: Spec) -> str:
            return "" if kind == "git" else links.get((repo_of(leaf), leaf.get("branch") or "master"), "")

        return commit_of

    async def DeleteJob(self, request: pb.DeleteJobRequest, context: Context) -> Empty:
        self.engine.jobs.delete(self.engine.jobs.by_id(request.job.id))
        return Empty()

    async def StopJob(self, request: pb.StopJobRequest, context: Context) -> Empty:
        self.engine.jobs.stop(self.engine.jobs.by_id(request.job.id))
        return Empty()

    # ---- pipelines ----------------------------------------------------------------------

    async def CreatePipeline(self, request: pb.CreatePipelineRequest, context: Context) -> Empty:
        if "TransactionRequest.create_pipeline" in self.engine.profile.lacks:
            self.engine.pipelines.create(messages.spec_of(request), request.update, request.reprocess)
            return Empty()
        return self._requests.transacted("create_pipeline", request, context, Empty())

    async def InspectPipeline(self, request: pb.InspectPipelineRequest, context: Context) -> pb.PipelineInfo:
        return messages.pipeline_info(self.engine.pipelines.inspect(messages.pipeline_key(request.pipeline)))

    async def ListPipeline(self, request: pb.ListPipelineRequest, context: Context) -> pb.PipelineInfos:
        wanted = jq_filter(request.jqFilter)
        key = messages.pipeline_key(request.pipeline) if request.HasField("pipeline") else None
        infos = self.engine.pipelines.list(key, request.history)
        found = [messages.pipeline_info(info, inspected=False) for info in infos]
        return pb.PipelineInfos(pipeline_info=[info for info in found if wanted(messages.spec_of(info))])

    async def DeletePipeline(self, request: pb.DeletePipelineRequest, context: Context) -> Empty:
        if request.all:
            self.engine.lifecycle.delete_every(force=request.force, keep_repo=request.keep_repo)
            return Empty()
        key = messages.pipeline_key(request.pipeline)
        self.engine.lifecycle.delete(key, request.force, request.keep_repo)
        return Empty()

    async def StartPipeline(self, request: pb.StartPipelineRequest, context: Context) -> Empty:
        self.engine.lifecycle.start(messages.pipeline_key(request.pipeline))
        return Empty()

    async def StopPipeline(self, request: pb.StopPipelineRequest, context: Context) -> Empty:
        self.engine.lifecycle.stop(messages.pipeline_key(request.pipeline))
        return Empty()

    async def RunPipeline(self, request: pb.RunPipelineRequest, context: Context) -> Empty:
        self.engine.pipelines.inspect(messages.pipeline_key(request.pipeline))
        text = "this dev server runs a pipeline when its input gets a commit; it does not do RunPipeline yet"
        raise EngineError("UNIMPLEMENTED", text)

    async def RunCron(self, request: pb.RunCronRequest, context: Context) -> Empty:
        self.engine.ticks.run_cron(messages.pipeline_key(request.pipeline))
        return Empty()

    # ---- secrets, and the rest ----------------------------------------------------------

    async def CreateSecret(self, request: pb.CreateSecretRequest, context: Context) -> Empty:
        self.engine.secrets.create(request.file)
        return Empty()

    async def DeleteSecret(self, request: pb.DeleteSecretRequest, context: Context) -> Empty:
        self.engine.secrets.delete(request.secret.name)
        return Empty()

    async def ListSecret(self, request: Empty, context: Context) -> pb.SecretInfos:
        return pb.SecretInfos(secret_info=map(messages.secret_info, self.engine.secrets.list()))

    async def InspectSecret(self, request: pb.InspectSecretRequest, context: Context) -> pb.SecretInfo:
        return messages.secret_info(self.engine.secrets.inspect(request.secret.name))

    async def DeleteAll(self, request: Empty, context: Context) -> Empty:
        if self.engine.auth.active:
            self.engine.scopes.check_admin("DeleteAll")
        self.engine.lifecycle.delete_every(force=True)
        self.engine.secrets.delete_all()
        return Empty()

    async def GetLogs(self, request: pb.GetLogsRequest, context: Context) -> AsyncIterator[pb.LogMessage]:
        if not request.HasField("job") and not request.HasField("pipeline"):
            if request.HasField("datum") or request.data_filters:
                raise refused("must specify the Job or Pipeline that the datum is from to get logs for it")
            return
        pipeline, job = messages.pipeline_key(request.pipeline), request.job.id
        if request.HasField("job"):
            with during(f'could not get job information for "{job}"'):
                pipeline = self.engine.jobs.by_id(job).pipeline
        with during(f"could not get pipeline information for {pipeline.name}"):
            self.engine.pipelines.inspect(pipeline)
        since = self.engine.now() - request.since.ToNanoseconds() if request.HasField("since") else 0
        filters = list(request.data_filters)
        lines = self.engine.logs.get(
            pipeline, job, request.datum.id, filters, request.master, since, request.tail, request.follow
        )
        async for line in lines:
            yield messages.log_message(line)
