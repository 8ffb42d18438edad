"""Defaults for pipeline specs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from airflow_provider_pachyderm.client import _refs
from airflow_provider_pachyderm.client._async.base import AsyncCalls
from airflow_provider_pachyderm.client._pipeline_specs.spec import read_defaults
from airflow_provider_pachyderm.client._pps_models import Pipeline


class AsyncDefaultCalls(AsyncCalls):
    """The client's calls for what a cluster or a project puts into each pipeline spec (2.8 and later)."""

    async def get_cluster_defaults(self) -> Mapping[str, Any]:
        """Return what the cluster puts into pipeline specs: parts of a spec (GetClusterDefaults)."""
        dialect = await self._session.dialect()
        return await self._session.run(dialect.defaults.get(None))

    async def set_cluster_defaults(
        self, defaults: Mapping[str, Any], *, regenerate: bool = False, reprocess: bool = False, dry_run: bool = False
    ) -> list[Pipeline]:
        """Replace what the cluster puts into pipeline specs (SetClusterDefaults).

        :param defaults: parts of a spec, such as ``{"datum_tries": 2}``; empty for none.
        :param regenerate: make a new version of all pipelines that this changes. Servers change nothing if one of them
            was created by a spec that does not name its project; what this client creates names it.
        :param reprocess: these process all their datums again.
        :param dry_run: only say which these are.
        :return: the pipelines that it changes, with ``regenerate``.
        :raises InvalidSpec: if a part is wrong.
        :raises PachydermError: ``could not write cluster defaults`` if a pipeline cannot be regenerated.
        """
        dialect = await self._session.dialect()
        values = read_defaults(defaults, dialect.capabilities)
        plan = dialect.defaults.set(None, values, regenerate=regenerate, reprocess=reprocess, dry_run=dry_run)
        return await self._session.run(plan)

    async def get_project_defaults(self, project_name: str) -> Mapping[str, Any]:
        """Return what a project puts into pipeline specs, over the cluster's defaults (GetProjectDefaults)."""
        name = _refs.check_name("project", project_name)
        dialect = await self._session.dialect()
        return await self._session.run(dialect.defaults.get(name))

    async def set_project_defaults(
        self,
        project_name: str,
        defaults: Mapping[str, Any],
        *,
        regenerate: bool = False,
        reprocess: bool = False,
        dry_run: bool = False,
    ) -> list[Pipeline]:
        """Replace what a project puts into pipeline specs (SetProjectDefaults). Servers take missing projects, too.

        :param defaults: as of :meth:`set_cluster_defaults`.
        :param regenerate: likewise.
        :param reprocess: likewise.
        :param dry_run: likewise.
        :return: the pipelines that it changes, with ``regenerate``.
        :raises InvalidSpec: if a part is wrong.
        """
        name = _refs.check_name("project", project_name)
        dialect = await self._session.dialect()
        values = read_defaults(defaults, dialect.capabilities)
        plan = dialect.defaults.set(name, values, regenerate=regenerate, reprocess=reprocess, dry_run=dry_run)
        return await self._session.run(plan)
