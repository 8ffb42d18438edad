"""Calls of pps_v2 about defaults of the cluster and of projects (2.8 and later)."""

# ruff: noqa: D102  (an RPC is documented by what it is named after)

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from airflow_provider_pachyderm._wire.v2 import pps_pb2 as pb
from airflow_provider_pachyderm.devserver.engine import Engine, EngineError
from airflow_provider_pachyderm.devserver.engine.errors import refused
from airflow_provider_pachyderm.devserver.engine.model import DEFAULT_PROJECT
from airflow_provider_pachyderm.devserver.engine.pipelines.model import PipelineInfo
from airflow_provider_pachyderm.devserver.servicers.base import Context, Servicer, time_message
from airflow_provider_pachyderm.devserver.servicers.v2 import pps_messages as messages
from airflow_provider_pachyderm.devserver.servicers.v2.pps_specs import Specs, parsed, spec_of


class PipelineDefaults(Servicer):
    """RPCs in the order of the proto file."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self.specs = Specs(engine)

    async def GetClusterDefaults(
        self, request: pb.GetClusterDefaultsRequest, context: Context
    ) -> pb.GetClusterDefaultsResponse:
        return pb.GetClusterDefaultsResponse(cluster_defaults_json=self.engine.defaults.cluster())

    async def SetClusterDefaults(
        self, request: pb.SetClusterDefaultsRequest, context: Context
    ) -> pb.SetClusterDefaultsResponse:
        text = request.cluster_defaults_json
        if not _is_defaults(text):
            raise EngineError("INVALID_ARGUMENT", "invalid cluster defaults JSON")
        affected = self._set("", text, request, (), "cluster")
        return pb.SetClusterDefaultsResponse(affected_pipelines=affected)

    async def GetProjectDefaults(
        self, request: pb.GetProjectDefaultsRequest, context: Context
    ) -> pb.GetProjectDefaultsResponse:
        found = self.engine.defaults.project(request.project.name or DEFAULT_PROJECT)
        created = None if found.created is None else time_message(found.created)
        return pb.GetProjectDefaultsResponse(project_defaults_json=found.json, created_at=created)

    async def SetProjectDefaults(
        self, request: pb.SetProjectDefaultsRequest, context: Context
    ) -> pb.SetProjectDefaultsResponse:
        text, project = request.project_defaults_json, request.project.name or DEFAULT_PROJECT
        if not _is_defaults(text):
            cluster = self.engine.defaults.cluster()
            error = f"could not merge project defaults {text} into cluster defaults {cluster}"
            raise EngineError("INVALID_ARGUMENT", error)
        affected = self._set(project, text, request, (project,), "project")
        return pb.SetProjectDefaultsResponse(affected_pipelines=affected)

    def _set(
        self,
        project: str,
        text: str,
        request: pb.SetClusterDefaultsRequest | pb.SetProjectDefaultsRequest,
        projects: Collection[str],
        kind: str,
    ) -> list[pb.Pipeline]:
        """Set defaults; with ``regenerate`` pipelines for which they change something get new versions.

        :param kind: of what the defaults are, for a refusal.
        :returns: these pipelines.
        """
        with self.engine.unit(dry_run=request.dry_run):
            self.engine.defaults.set(project, text)
            infos = self.engine.pipelines.list(projects=projects) if request.regenerate else []
            changed = [info for info in infos if self._is_changed(info)]
            for info in changed if not request.dry_run else ():
                try:
                    self._regenerate(info, request.reprocess)
                except EngineError:
                    # the reason is in the details of the status alone, and nothing is changed then
                    raise refused(f"unknown error: could not write {kind} defaults") from None
        return [messages.pipeline_message(info.key) for info in changed]

    def _is_changed(self, info: PipelineInfo) -> bool:
        return bool(info.user_json) and _same(self.specs.of_json(info.user_json).json) != _same(info.effective_json)

    def _regenerate(self, info: PipelineInfo, reprocess: bool) -> None:
        """Update a pipeline.

        Real servers look for a pipeline whose user did not name its project in a project without a name.
        """
        if not (json.loads(info.user_json)["pipeline"].get("project") or {}).get("name"):
            raise refused('project "" not found')
        spec = self.specs.of_json(info.user_json)
        self.engine.pipelines.create(spec_of(spec.request), True, reprocess, spec.user_json, spec.json)


def _is_defaults(text: str) -> bool:
    try:
        parsed(text, pb.ClusterDefaults, "")
    except EngineError:
        return False
    return True


def _same(text: str) -> Any:
    """JSON without what an update does not change."""
    found = json.loads(text or "{}")
    return {name: value for name, value in found.items() if name not in ("update", "reprocess", "dryRun")}
