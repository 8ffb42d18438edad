"""Pipelines of 1.x: ``pps.API``, from 1.9 on."""

from __future__ import annotations

from collections.abc import Iterable

from google.protobuf.empty_pb2 import Empty

from airflow_provider_pachyderm._wire.v1 import methods, pfs_pb2, pps_pb2
from airflow_provider_pachyderm.client._capabilities import Feature
from airflow_provider_pachyderm.client._dialects import pps_replies_v1 as read
from airflow_provider_pachyderm.client._dialects.calls import Call, Listing, Plan, nothing, once
from airflow_provider_pachyderm.client._dialects.names_v1 import NamesV1
from airflow_provider_pachyderm.client._dialects.pipelines import Pipelines, Spec, about_all, request_of
from airflow_provider_pachyderm.client._models import Commit
from airflow_provider_pachyderm.client._pps_models import Pipeline, PipelineInfo

Pps = methods.Pps


class PipelinesV1(Pipelines):
    """The calls of ``pps.API`` for pipelines."""

    def __init__(self, names: NamesV1) -> None:
        super().__init__(names.capabilities)
        self._names = names

    def create(self, pipeline: Pipeline, spec: Spec, *, update: bool, reprocess: bool) -> Plan[None]:
        named = self._names.pipeline(pipeline)
        request = request_of(pps_pb2.CreatePipelineRequest, named, spec, update=update, reprocess=reprocess)
        return once(Call(Pps.CreatePipeline, request, nothing, pipeline))

    def inspect(self, pipeline: Pipeline) -> Plan[PipelineInfo]:
        request = pps_pb2.InspectPipelineRequest(pipeline=self._names.pipeline(pipeline))
        return once(Call(Pps.InspectPipeline, request, read.pipeline_info, pipeline))

    def list(
        self, pipeline: Pipeline | None, project: str | None, *, history: int, jq_filter: str
    ) -> Listing[PipelineInfo]:
        self._names.check_project(project)
        if jq_filter:
            self.capabilities.require(Feature.JQ_FILTER)
        request = pps_pb2.ListPipelineRequest(
            pipeline=self._names.given_pipeline(pipeline), history=history, jqFilter=jq_filter
        )
        return Listing(Call(Pps.ListPipeline, request, read.pipeline_infos, about_all(pipeline)))

    def remove(self, pipeline: Pipeline, *, force: bool, keep_repo: bool) -> Plan[None]:
        if keep_repo:
            self.capabilities.require(Feature.KEEP_REPO)
        request = pps_pb2.DeletePipelineRequest(
            pipeline=self._names.pipeline(pipeline), force=force, keep_repo=keep_repo
        )
        return once(Call(Pps.DeletePipeline, request, nothing, pipeline))

    def start(self, pipeline: Pipeline) -> Plan[None]:
        request = pps_pb2.StartPipelineRequest(pipeline=self._names.pipeline(pipeline))
        return once(Call(Pps.StartPipeline, request, nothing, pipeline))

    def stop(self, pipeline: Pipeline) -> Plan[None]:
        request = pps_pb2.StopPipelineRequest(pipeline=self._names.pipeline(pipeline))
        return once(Call(Pps.StopPipeline, request, nothing, pipeline))

    def run_cron(self, pipeline: Pipeline) -> Plan[None]:
        self.capabilities.require(Feature.RUN_CRON)
        request = pps_pb2.RunCronRequest(pipeline=self._names.pipeline(pipeline))
        return once(Call(Pps.RunCron, request, nothing, pipeline))

    def run(self, pipeline: Pipeline, provenance: Iterable[Commit], job_id: str) -> Plan[None]:
        sources = [self._source(commit) for commit in provenance]
        request = pps_pb2.RunPipelineRequest(pipeline=self._names.pipeline(pipeline), provenance=sources, job_id=job_id)
        return once(Call(Pps.RunPipeline, request, nothing, pipeline))

    def _source(self, commit: Commit) -> pfs_pb2.CommitProvenance:
        """Name a commit and its branch; without the branch, servers take the commit's own."""
        branch = pfs_pb2.Branch(repo=self._names.repo(commit.repo), name=commit.branch) if commit.branch else None
        return pfs_pb2.CommitProvenance(commit=self._names.commit(commit), branch=branch)

    def remove_all(self) -> Plan[None]:
        self.capabilities.require(Feature.PIPELINES)
        return once(Call(Pps.DeleteAll, Empty(), nothing, "all pipelines"))
