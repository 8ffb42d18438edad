"""Defaults of the cluster and of projects (2.8 and later), and the specs that they make of what users give.

Specs and defaults are JSON with the camel-case names of fields here.
"""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass
from typing import Any

from airflow_provider_pachyderm.devserver.engine.core import Core
from airflow_provider_pachyderm.devserver.engine.store.pipeline_tables import DefaultsRow

Json = dict[str, Any]

_RESOURCES = {"cpu": 1, "memory": "256Mi", "disk": "1Gi"}
CLUSTER_DEFAULTS = json.dumps(
    {"createPipelineRequest": {"resourceRequests": _RESOURCES, "sidecarResourceRequests": _RESOURCES}},
    separators=(",", ":"),
)
"""The defaults of a cluster that was given none."""
_BUILT_IN: Json = {
    "transform": {"image": "ubuntu:20.04"},
    "outputBranch": "master",
    "datumTries": "3",
    "reprocessSpec": "until_success",
}


@dataclass(frozen=True)
class ProjectDefaults:
    """What was set for a project; ``created`` is None if nothing was."""

    json: str
    created: int | None


class Defaults:
    """What pipelines are given that leave something open."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._store = core.store

    def cluster(self) -> str:
        """GetClusterDefaults: as they were set."""
        row = self._row("")
        return CLUSTER_DEFAULTS if row is None else row.json

    def project(self, project: str) -> ProjectDefaults:
        """GetProjectDefaults: as they were set."""
        row = self._row(project)
        return ProjectDefaults("{}", None) if row is None else ProjectDefaults(row.json, row.created)

    def _row(self, project: str) -> DefaultsRow | None:
        return self._store.one(DefaultsRow, "SELECT * FROM defaults WHERE project = ?", project)

    def set(self, project: str, text: str) -> None:
        """SetClusterDefaults (of no project), SetProjectDefaults."""
        with self._core.unit():
            sql = "INSERT INTO defaults VALUES (?, ?, ?) ON CONFLICT (project) DO UPDATE SET json = excluded.json"
            self._store.run(sql, project, text, self._core.now())

    def effective(self, spec: Json, cluster: Json, project: Json) -> Json:
        """A user's spec with what it leaves open: what comes later wins, and ``null`` takes away.

        :param cluster: ``createPipelineRequest`` of the cluster's defaults, and ``project`` that of the project's.
        """
        whole = copy.deepcopy(_BUILT_IN)
        for patch in (cluster, project, spec):
            whole = merged(whole, patch)
        return whole


def merged(target: Any, patch: Any) -> Any:
    """A JSON merge patch (RFC 7396)."""
    if not isinstance(patch, dict):
        return patch
    result = dict(target) if isinstance(target, dict) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merged(result.get(key), value)
    return result
