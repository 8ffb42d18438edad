"""What a cluster or a project puts into each pipeline spec, from 2.8 on."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from airflow_provider_pachyderm._wire.v2 import methods, pps_pb2
from airflow_provider_pachyderm.client._capabilities import Capabilities, Feature
from airflow_provider_pachyderm.client._dialects import pps_replies_v2 as read
from airflow_provider_pachyderm.client._dialects.calls import Call, Plan, once
from airflow_provider_pachyderm.client._dialects.names_v2 import NamesV2
from airflow_provider_pachyderm.client._pps_models import Pipeline

Pps = methods.Pps
Values = Mapping[str, Any]


class Defaults:
    """The calls for defaults, of which servers before 2.8 have none."""

    def __init__(self, capabilities: Capabilities) -> None:
        self.capabilities = capabilities

    def get(self, project: str | None) -> Plan[Values]:
        """Give the defaults of a project, or of the cluster if there is none."""
        raise self.capabilities.unsupported(Feature.DEFAULTS)

    def set(
        self, project: str | None, values: Values, *, regenerate: bool, reprocess: bool, dry_run: bool
    ) -> Plan[list[Pipeline]]:
        """Replace the defaults of a project, or of the cluster if there is none."""
        raise self.capabilities.unsupported(Feature.DEFAULTS)


class DefaultsV2(Defaults):
    """The calls of ``pps_v2.API`` for defaults."""

    def __init__(self, names: NamesV2) -> None:
        super().__init__(names.capabilities)
        self._names = names

    def get(self, project: str | None) -> Plan[Values]:
        self.capabilities.require(Feature.DEFAULTS)
        if project is None:
            request = pps_pb2.GetClusterDefaultsRequest()
            return once(Call(Pps.GetClusterDefaults, request, _cluster, "the defaults of the cluster"))
        of_project = pps_pb2.GetProjectDefaultsRequest(project=self._names.project(project))
        return once(Call(Pps.GetProjectDefaults, of_project, _project, f"the defaults of project {project}"))

    def set(
        self, project: str | None, values: Values, *, regenerate: bool, reprocess: bool, dry_run: bool
    ) -> Plan[list[Pipeline]]:
        self.capabilities.require(Feature.DEFAULTS)
        how: dict[str, Any] = {"regenerate": regenerate, "reprocess": reprocess, "dry_run": dry_run}
        text = json.dumps({"createPipelineRequest": values} if values else {})
        if project is None:
            request = pps_pb2.SetClusterDefaultsRequest(cluster_defaults_json=text, **how)
            return once(Call(Pps.SetClusterDefaults, request, _affected, "the defaults of the cluster"))
        of_project = pps_pb2.SetProjectDefaultsRequest(
            project=self._names.project(project), project_defaults_json=text, **how
        )
        return once(Call(Pps.SetProjectDefaults, of_project, _affected, f"the defaults of project {project}"))


def _cluster(reply: pps_pb2.GetClusterDefaultsResponse) -> Values:
    return _values(reply.cluster_defaults_json)


def _project(reply: pps_pb2.GetProjectDefaultsResponse) -> Values:
    return _values(reply.project_defaults_json)


def _values(text: str) -> Values:
    """Read what goes into specs; servers keep what they were sent, in either spelling."""
    whole = read.read_json(text)
    values = whole.get("createPipelineRequest", whole.get("create_pipeline_request"))
    return values if isinstance(values, dict) else {}


def _affected(reply: Any) -> list[Pipeline]:
    return [read.read_pipeline(each) for each in reply.affected_pipelines]
