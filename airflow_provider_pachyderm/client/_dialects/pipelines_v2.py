"""Pipelines of 2.x: ``pps_v2.API``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from google.protobuf.empty_pb2 import Empty

from airflow_provider_pachyderm._wire.v2 import methods, pfs_pb2, pps_pb2
from airflow_provider_pachyderm.client._capabilities import Feature
from airflow_provider_pachyderm.client._dialects import pps_replies as common
from airflow_provider_pachyderm.client._dialects import pps_replies_v2 as read
from airflow_provider_pachyderm.client._dialects.calls import Call, Listing, Plan, nothing, once, one
from airflow_provider_pachyderm.client._dialects.names_v2 import NamesV2
from airflow_provider_pachyderm.client._dialects.pipelines import Pipelines, Spec, about_all, request_of
from airflow_provider_pachyderm.client._pps_models import Pipeline, PipelineInfo, RenderedTemplate
from airflow_provider_pachyderm.client._refs import DEFAULT_PROJECT

Pps = methods.Pps


class PipelinesV2(Pipelines):
    """The calls of ``pps_v2.API`` for pipelines."""

    def __init__(self, names: NamesV2) -> None:
        super().__init__(names.capabilities)
        self._names = names

    def create(self, pipeline: Pipeline, spec: Spec, *, update: bool, reprocess: bool) -> Plan[None]:
        if Feature.SPEC_AS_JSON in self.capabilities:
            return once(self._of_json(pipeline, spec, nothing, update=update, reprocess=reprocess))
        request = self._request(pipeline, spec, update=update, reprocess=reprocess)
        return once(Call(Pps.CreatePipeline, request, nothing, pipeline))

    def _request(
        self, pipeline: Pipeline, spec: Spec, *, update: bool, reprocess: bool
    ) -> pps_pb2.CreatePipelineRequest:
        """Write a spec as a message, which servers before 2.8 take."""
        named = self._names.pipeline(pipeline)
        request = request_of(pps_pb2.CreatePipelineRequest, named, spec, update=update, reprocess=reprocess)
        if Feature.TRIGGER_CRON not in self.capabilities:
            _rename_cron(request.input)
        return request

    def _of_json(
        self,
        pipeline: Pipeline,
        spec: Spec,
        reader: Any,
        *,
        update: bool = False,
        reprocess: bool = False,
        dry: bool = False,
    ) -> Call[Any]:
        """Write a spec as JSON, with its project: servers cannot regenerate a pipeline that does not name it."""
        named = {"name": pipeline.name, "project": {"name": pipeline.project or DEFAULT_PROJECT}}
        request = pps_pb2.CreatePipelineV2Request(
            create_pipeline_request_json=json.dumps({**spec, "pipeline": named}),
            dry_run=dry,
            update=update,
            reprocess=reprocess,
        )
        return Call(Pps.CreatePipelineV2, request, reader, pipeline)

    def effective(self, pipeline: Pipeline, spec: Spec) -> Plan[dict[str, Any]]:
        if Feature.SPEC_AS_JSON not in self.capabilities:
            return (yield from super().effective(pipeline, spec))
        effective: dict[str, Any] = yield self._of_json(pipeline, spec, _effective, dry=True)
        return effective

    def inspect(self, pipeline: Pipeline) -> Plan[PipelineInfo]:
        request = pps_pb2.InspectPipelineRequest(pipeline=self._names.pipeline(pipeline), details=True)
        return once(Call(Pps.InspectPipeline, request, read.pipeline_info, pipeline))

    def list(
        self, pipeline: Pipeline | None, project: str | None, *, history: int, jq_filter: str
    ) -> Listing[PipelineInfo]:
        request = pps_pb2.ListPipelineRequest(
            pipeline=self._names.given_pipeline(pipeline),
            history=history,
            details=True,
            jqFilter=jq_filter,
            projects=self._names.projects(project),
        )
        return Listing(Call(Pps.ListPipeline, request, one(read.pipeline_info), about_all(pipeline)))

    def of_commit_set(self, id: str) -> Listing[PipelineInfo]:
        self.capabilities.require(Feature.PIPELINES_THEN)
        request = pps_pb2.ListPipelineRequest(details=True, commit_set=pfs_pb2.CommitSet(id=id))
        return Listing(Call(Pps.ListPipeline, request, one(read.pipeline_info), f"commit set {id}"))

    def remove(self, pipeline: Pipeline, *, force: bool, keep_repo: bool) -> Plan[None]:
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
        request = pps_pb2.RunCronRequest(pipeline=self._names.pipeline(pipeline))
        return once(Call(Pps.RunCron, request, nothing, pipeline))

    def rerun(self, pipeline: Pipeline, *, reprocess: bool) -> Plan[None]:
        if Feature.RERUN_PIPELINE not in self.capabilities:
            return super().rerun(pipeline, reprocess=reprocess)
        request = pps_pb2.RerunPipelineRequest(pipeline=self._names.pipeline(pipeline), reprocess=reprocess)
        return once(Call(Pps.RerunPipeline, request, nothing, pipeline))

    def render(self, template: str, arguments: Mapping[str, str]) -> Plan[RenderedTemplate]:
        self.capabilities.require(Feature.TEMPLATES)
        request = pps_pb2.RenderTemplateRequest(template=template, args=arguments)
        return once(Call(Pps.RenderTemplate, request, common.template, "a template"))

    def remove_all(self) -> Plan[None]:
        return once(Call(Pps.DeleteAll, Empty(), nothing, "all pipelines"))


def _effective(reply: pps_pb2.CreatePipelineV2Response) -> dict[str, Any]:
    return common.normal(read.read_json(reply.effective_create_pipeline_request_json))


def _rename_cron(node: pps_pb2.Input) -> None:
    """Put the schedule of triggers where servers before 2.6.6 have it."""
    if node.HasField("pfs") and node.pfs.trigger.cron_spec:
        trigger = node.pfs.trigger
        trigger.rate_limit_spec = trigger.cron_spec
        trigger.ClearField("cron_spec")
    for children in (node.cross, node.union, node.join, node.group):
        for child in children:
            _rename_cron(child)
