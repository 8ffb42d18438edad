"""Jobs and job sets."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from airflow_provider_pachyderm.client import _pps_refs, _refs
from airflow_provider_pachyderm.client._async.base import AsyncCalls, not_negative
from airflow_provider_pachyderm.client._async.items import AsyncItems
from airflow_provider_pachyderm.client._dialects.jobs import ALL_VERSIONS, JobFilter
from airflow_provider_pachyderm.client._pps_models import Job, JobInfo, JobSetInfo
from airflow_provider_pachyderm.client._pps_refs import JobLike, PipelineLike
from airflow_provider_pachyderm.client._refs import CommitLike, CommitSetLike


class AsyncJobCalls(AsyncCalls):
    """The client's calls for jobs.

    On 2.x a job has the ID of the commit that it makes, which all commits and jobs of one commit set share. On 1.x it
    has an ID of its own, and the server makes it when the commits that it reads are finished; there, the ID of its
    output commit names it, too.
    """

    def _job(self, job: JobLike) -> Job:
        return _pps_refs.parse_job(job, self.config.project)

    async def inspect_job(self, job: JobLike, *, details: bool = False) -> JobInfo:
        """Describe a job (InspectJob).

        :param details: with what its workers do, and on 2.x its inputs.
        :raises JobNotFound: if it does not exist.
        """
        parsed = self._job(job)
        dialect = await self._session.dialect()
        return await self._session.run(dialect.jobs.inspect(parsed, wait=False, details=details))

    async def find_job(self, pipeline_name: PipelineLike, commit: CommitLike, *, details: bool = False) -> JobInfo:
        """Find the job of a pipeline that a commit led to, or that made it (InspectJob; ListJob on 1.x).

        :param commit: of an input, or of the output repo.
        :param details: as of :meth:`inspect_job`.
        :raises JobNotFound: if there is none, or not yet.
        """
        pipeline = _pps_refs.parse_pipeline(pipeline_name, self.config.project)
        source = self._commit(commit)
        dialect = await self._session.dialect()
        return await self._session.run(dialect.jobs.of_commit(pipeline, source, wait=False, details=details))

    async def list_job(
        self,
        pipeline_name: PipelineLike | None = None,
        *,
        inputs: CommitLike | Iterable[CommitLike] = (),
        number: int = 0,
        history: int = ALL_VERSIONS,
        reverse: bool = False,
        before: datetime | None = None,
        details: bool = False,
        jq_filter: str = "",
    ) -> AsyncItems[JobInfo]:
        """List jobs, the newest first (ListJob): of a pipeline, else of the client's project, or all if it has none.

        :param inputs: commits that all of the jobs read.
        :param number: how many at most; 0: all.
        :param history: how many versions of the pipeline before the newest; -1: all, 0: only jobs of the newest.
        :param reverse: the oldest first (2.5 and later).
        :param before: only those that were created before that time, or with ``reverse`` after it (2.5 and later): the
            ``created`` of the last job of a page gives the next page.
        :param details: as of :meth:`inspect_job`; on 1.x also the version of the pipeline.
        :param jq_filter: as of :meth:`PpsClient.list_pipeline`.
        :return: an iterator that is open already, so errors are raised here.
        :raises PipelineNotFound: if the pipeline does not exist.
        """
        pipeline = None if pipeline_name is None else _pps_refs.parse_pipeline(pipeline_name, self.config.project)
        wanted = JobFilter(
            pipeline=pipeline,
            project=self.config.project if pipeline is None else None,
            inputs=_refs.parse_commits(inputs, self.config.project) if inputs else (),
            history=history,
            details=details,
            jq_filter=jq_filter,
            number=not_negative("number", number),
            reverse=reverse,
            before=before,
        )
        dialect = await self._session.dialect()
        return await self._session.open(dialect.jobs.list(wanted))

    async def stop_job(self, job: JobLike, reason: str = "") -> None:
        """Kill a job (StopJob). One that is done stays as it is; 1.x kills it a moment later.

        :param reason: for people, in place of "job stopped" (2.x).
        :raises JobNotFound: if it does not exist.
        """
        parsed = self._job(job)
        dialect = await self._session.dialect()
        await self._session.run(dialect.jobs.stop(parsed, reason))

    async def delete_job(self, job: JobLike) -> None:
        """Delete a job (DeleteJob); one that is not done is killed first. Its commits stay.

        :raises JobNotFound: if it does not exist.
        """
        parsed = self._job(job)
        dialect = await self._session.dialect()
        await self._session.run(dialect.jobs.remove(parsed))

    async def subscribe_job(self, pipeline_name: PipelineLike, *, details: bool = False) -> AsyncItems[JobInfo]:
        """Follow the jobs of a pipeline (SubscribeJob; 2.x): those that are not done, then each when it is made.

        :return: an iterator that never ends; close it when you have seen enough.
        """
        pipeline = _pps_refs.parse_pipeline(pipeline_name, self.config.project)
        dialect = await self._session.dialect()
        return await self._session.open(dialect.jobs.subscribe(pipeline, details=details))

    async def inspect_job_set(self, job_set_id: CommitSetLike, *, details: bool = False) -> JobSetInfo:
        """Describe the jobs of a commit set, each behind those that make its inputs (InspectJobSet; 2.x).

        :param job_set_id: as of a commit set; one that does not exist has no jobs.
        :param details: as of :meth:`inspect_job`.
        """
        id = _refs.parse_commit_set(job_set_id, self.config.project)
        dialect = await self._session.dialect()
        return JobSetInfo(id, tuple(await self._collect(dialect.jobs.of_set(id, wait=False, details=details))))

    async def list_job_set(
        self,
        *,
        number: int = 0,
        reverse: bool = False,
        before: datetime | None = None,
        details: bool = False,
        jq_filter: str = "",
    ) -> AsyncItems[JobSetInfo]:
        """List job sets, the newest first (ListJobSet; 2.x): of the client's project, or all if it has none.

        :param number: how many at most; 0: all.
        :param reverse: as of :meth:`list_job`.
        :param before: likewise.
        :param details: as of :meth:`inspect_job`.
        :param jq_filter: as of :meth:`PpsClient.list_pipeline` (2.7 and later).
        :return: an iterator that is open already, so errors are raised here.
        """
        wanted = JobFilter(
            project=self.config.project,
            number=not_negative("number", number),
            reverse=reverse,
            before=before,
            details=details,
            jq_filter=jq_filter,
        )
        dialect = await self._session.dialect()
        return await self._session.open(dialect.jobs.sets(wanted))
