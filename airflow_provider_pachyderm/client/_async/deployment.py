"""Deploying pipeline specs: only what has changed, inputs before what reads them, in one step where servers can."""

from __future__ import annotations

from airflow_provider_pachyderm.client import _pps_refs
from airflow_provider_pachyderm.client._async.transactions import AsyncTransactionCalls
from airflow_provider_pachyderm.client._capabilities import Feature
from airflow_provider_pachyderm.client._pipeline_specs.compare import Action, PipelineChange, differences
from airflow_provider_pachyderm.client._pipeline_specs.sources import SpecSource, read_specs
from airflow_provider_pachyderm.client._pipeline_specs.spec import PipelineSpec
from airflow_provider_pachyderm.client._pps_models import Pipeline


class AsyncDeploymentCalls(AsyncTransactionCalls):
    """The client's calls for deploying specs."""

    async def deploy_pipelines(
        self, specs: SpecSource, *, reprocess: bool = False, dry_run: bool = False
    ) -> list[PipelineChange]:
        """Make the pipelines of specs what these say (CreatePipeline; CreatePipelineV2 from 2.8 on).

        Specs that are deployed already, with the defaults of the server, make no new version, so that this can be done
        as often as one likes. From 1.12 on all others are created and updated in one transaction: all or none.

        :param specs: as :func:`read_pipeline_specs` takes them; they are checked for this server, and sorted.
        :param reprocess: make a new version of all of them, which processes all datums again.
        :param dry_run: say what would be done, and do nothing.
        :return: what was done for each, in the order in which it was.
        :raises InvalidSpec: if a spec is wrong; nothing is changed then.
        :raises RepoNotFound: if an input does not exist.
        """
        self._session.refuse_in_transaction()
        dialect = await self._session.dialect()
        wanted = read_specs(specs, dialect.capabilities)
        changes = [await self._change(spec, reprocess=reprocess) for spec in wanted]
        todo = [(spec, each) for spec, each in zip(wanted, changes, strict=True) if each.action is not Action.NONE]
        if not todo or dry_run:
            return changes
        if len(todo) > 1 and Feature.PIPELINE_TRANSACTIONS in dialect.capabilities:
            async with self.transaction():
                await self._apply(todo, reprocess=reprocess)
        else:
            await self._apply(todo, reprocess=reprocess)
        return changes

    async def _change(self, spec: PipelineSpec, *, reprocess: bool) -> PipelineChange:
        """Say what has to be done for a spec."""
        pipeline = self._deployed_as(spec)
        dialect = await self._session.dialect()
        info = await self._session.run(dialect.pipelines.deployed(pipeline))
        if info is None:
            return PipelineChange(pipeline, Action.CREATE)
        effective = await self._session.run(dialect.pipelines.effective(pipeline, spec.spec))
        changed = differences(info.spec, effective, pipeline, given=spec.spec)
        return PipelineChange(pipeline, Action.UPDATE if changed or reprocess else Action.NONE, changed)

    async def _apply(self, todo: list[tuple[PipelineSpec, PipelineChange]], *, reprocess: bool) -> None:
        dialect = await self._session.dialect()
        for spec, change in todo:
            update = change.action is Action.UPDATE
            plan = dialect.pipelines.create(change.pipeline, spec.spec, update=update, reprocess=update and reprocess)
            await self._session.run(plan, together=True)

    def _deployed_as(self, spec: PipelineSpec) -> Pipeline:
        """Name the pipeline of a spec, which without a project is in the client's."""
        named = spec.pipeline
        return _pps_refs.parse_pipeline(named if named.project else named.name, self.config.project)
