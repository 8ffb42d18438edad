"""Pipelines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from airflow_provider_pachyderm.client import _pps_refs, _refs
from airflow_provider_pachyderm.client._async.base import AsyncCalls
from airflow_provider_pachyderm.client._capabilities import Feature
from airflow_provider_pachyderm.client._errors import BranchNotFound, Conflict, InvalidRequest, PipelineNotFound
from airflow_provider_pachyderm.client._pipeline_specs.sources import SpecSource, read_specs
from airflow_provider_pachyderm.client._pps_models import Pipeline, PipelineInfo, RenderedTemplate
from airflow_provider_pachyderm.client._pps_refs import PipelineLike
from airflow_provider_pachyderm.client._refs import CommitLike, CommitSetLike


class AsyncPipelineCalls(AsyncCalls):
    """The client's calls for pipelines."""

    def _pipeline(self, pipeline_name: PipelineLike) -> Pipeline:
        return _pps_refs.parse_pipeline(pipeline_name, self.config.project)

    async def create_pipeline(self, spec: SpecSource, *, update: bool = False, reprocess: bool = False) -> None:
        """Create a pipeline, or make another version of it (CreatePipeline; CreatePipelineV2 from 2.8 on).

        Nothing waits: workers come up afterwards, and its first job begins when its inputs have commits.
        :meth:`deploy_pipelines` does the same for many specs, and only where something has changed. From 1.12 on it can
        be a part of a transaction.

        :param spec: of one pipeline, as :func:`read_pipeline_specs` takes it.
        :param update: change the pipeline if it exists, instead of raising; create it if it does not. Its unfinished
            jobs are killed; one that is stopped stays stopped.
        :param reprocess: process all datums again, also those that a new version would skip.
        :raises InvalidSpec: if the spec is wrong.
        :raises AlreadyExists: if it exists, or a repo of that name does.
        :raises RepoNotFound: if an input does not exist.
        """
        dialect = await self._session.dialect()
        specs = read_specs(spec, dialect.capabilities)
        if len(specs) != 1:
            raise InvalidRequest(f"create_pipeline() takes one spec, not {len(specs)}: use deploy_pipelines()")
        if self._session.in_transaction:
            dialect.capabilities.require(Feature.PIPELINE_TRANSACTIONS)
        pipeline = self._pipeline(specs[0].pipeline if specs[0].pipeline.project else specs[0].pipeline.name)
        plan = dialect.pipelines.create(pipeline, specs[0].spec, update=update, reprocess=reprocess)
        await self._session.run(plan, together=True)

    async def inspect_pipeline(self, pipeline_name: PipelineLike) -> PipelineInfo:
        """Describe a pipeline with its spec (InspectPipeline).

        :param pipeline_name: ``name^`` or ``name~2`` names an earlier version.
        :raises PipelineNotFound: if it does not exist.
        """
        pipeline = self._pipeline(pipeline_name)
        dialect = await self._session.dialect()
        return await self._session.run(dialect.pipelines.inspect(pipeline))

    async def pipeline_exists(self, pipeline_name: PipelineLike) -> bool:
        """Return whether a pipeline exists (InspectPipeline)."""
        try:
            await self.inspect_pipeline(pipeline_name)
        except PipelineNotFound:
            return False
        return True

    async def list_pipeline(
        self, pipeline_name: PipelineLike | None = None, *, history: int = 0, jq_filter: str = ""
    ) -> list[PipelineInfo]:
        """List pipelines, the newest first (ListPipeline): those of the client's project, or all if it has none.

        :param pipeline_name: only this one, with its ``history``.
        :param history: how many earlier versions of each to list, too; -1: all. Their states are those of now.
        :param jq_filter: jq that is run on the server for each, with the names and values of its messages:
            ``select(.state == "PIPELINE_FAILURE")`` (1.11.5 and later).
        :raises PipelineNotFound: if the one that is named does not exist.
        """
        pipeline = None if pipeline_name is None else self._pipeline(pipeline_name)
        project = self.config.project if pipeline is None else None
        dialect = await self._session.dialect()
        return await self._collect(dialect.pipelines.list(pipeline, project, history=history, jq_filter=jq_filter))

    async def list_pipeline_at(self, commit_set_id: CommitSetLike) -> list[PipelineInfo]:
        """List pipelines in the versions they had when a commit set was made (ListPipeline; 2.4 and later)."""
        id = _refs.parse_commit_set(commit_set_id, self.config.project)
        dialect = await self._session.dialect()
        return await self._collect(dialect.pipelines.of_commit_set(id))

    async def delete_pipeline(
        self, pipeline_name: PipelineLike, *, force: bool = False, keep_repo: bool = False, must_exist: bool = False
    ) -> None:
        """Delete a pipeline with its jobs and its output repo (DeletePipeline). A missing one is no error.

        :param force: also if others read its output; they stay, but get no more jobs from it.
        :param keep_repo: leave its output repo (1.10 and later); on 2.x, no pipeline of that name can be created until
            the repo is deleted.
        :param must_exist: raise if there is none.
        :raises Conflict: if others read its output.
        :raises PipelineNotFound: if there is none, with ``must_exist``.
        """
        pipeline = self._pipeline(pipeline_name)
        dialect = await self._session.dialect()
        info = await self._session.run(dialect.pipelines.deployed(pipeline))
        if info is None:
            if must_exist:
                await self._session.run(dialect.pipelines.must_exist(pipeline))
            return
        if not force and Feature.REFUSED_DELETE_IS_HARMLESS not in dialect.capabilities:
            await self._refuse_needed(info)
        await self._session.run(dialect.pipelines.remove(pipeline, force=force, keep_repo=keep_repo))

    async def _refuse_needed(self, info: PipelineInfo) -> None:
        """Refuse to delete what others need, as a server that refuses it stops the pipeline before."""
        if info.output_branch is None:
            return
        dialect = await self._session.dialect()
        try:
            branch = await self._session.run(dialect.branches.inspect(info.output_branch))
        except BranchNotFound:
            return
        own = info.output_branch.repo.name
        others = (other.repo for other in branch.subvenance if other.repo.type == "user" and other.repo.name != own)
        users = sorted(set(map(str, others)))
        if users:
            raise Conflict(
                f"pipeline {info.pipeline} is not deleted, as others read its output: {', '.join(users)}; delete these "
                "first, or give force=True",
                reference=str(info.pipeline),
            )

    async def delete_all_pipelines(self) -> None:
        """Delete all pipelines with their jobs and output repos, and all secrets (DeleteAll)."""
        dialect = await self._session.dialect()
        await self._session.run(dialect.pipelines.remove_all())

    async def start_pipeline(self, pipeline_name: PipelineLike) -> None:
        """Start a pipeline that was stopped (StartPipeline): it makes one job, for the newest commits of its inputs.

        :raises PipelineNotFound: if it does not exist.
        """
        pipeline = self._pipeline(pipeline_name)
        dialect = await self._session.dialect()
        await self._session.run(dialect.pipelines.start(pipeline))

    async def stop_pipeline(self, pipeline_name: PipelineLike, *, must_exist: bool = True) -> None:
        """Stop a pipeline (StopPipeline): until it is started, commits of its inputs make no jobs.

        2.x servers kill the jobs that it has; on 1.x these go on when it is started.

        :param must_exist: raise if there is none.
        :raises PipelineNotFound: if it does not exist.
        """
        pipeline = self._pipeline(pipeline_name)
        dialect = await self._session.dialect()
        if must_exist:
            await self._session.run(dialect.pipelines.must_exist(pipeline))
        await self._session.run(dialect.pipelines.stop(pipeline))

    async def run_cron(self, pipeline_name: PipelineLike) -> None:
        """Make a tick now on each cron input of a pipeline, and so a job (RunCron; 1.9.10 and later).

        :raises PipelineNotFound: if it does not exist.
        """
        pipeline = self._pipeline(pipeline_name)
        dialect = await self._session.dialect()
        await self._session.run(dialect.pipelines.run_cron(pipeline))

    async def run_pipeline(
        self, pipeline_name: PipelineLike, commits: Iterable[CommitLike] = (), *, job_id: str = ""
    ) -> None:
        """Make a job of chosen commits, and of the heads of the other inputs (RunPipeline; only 1.9 to 1.13).

        :param commits: of inputs, or of what is upstream of them.
        :param job_id: of a job whose output commit is to be among them.
        :raises PipelineNotFound: if it does not exist.
        """
        pipeline = self._pipeline(pipeline_name)
        sources = [self._commit(commit) for commit in commits]
        dialect = await self._session.dialect()
        await self._session.run(dialect.pipelines.run(pipeline, sources, job_id))

    async def rerun_pipeline(self, pipeline_name: PipelineLike, *, reprocess: bool = False) -> None:
        """Make a new version of a pipeline with the same spec, and so a job (RerunPipeline; an update before 2.8).

        :param reprocess: process all datums again, also those that succeeded.
        :raises PipelineNotFound: if it does not exist.
        """
        pipeline = self._pipeline(pipeline_name)
        dialect = await self._session.dialect()
        await self._session.run(dialect.pipelines.rerun(pipeline, reprocess=reprocess))

    async def render_template(self, template: str, arguments: Mapping[str, str] | None = None) -> RenderedTemplate:
        """Make pipeline specs of a jsonnet template, on the server (RenderTemplate; 2.1 and later).

        :param template: the text: a function of the arguments, an object or a list.
        :param arguments: texts by the names of the function's arguments.
        :raises ServerError: if the template is wrong; the text says where.
        """
        dialect = await self._session.dialect()
        return await self._session.run(dialect.pipelines.render(template, arguments or {}))
