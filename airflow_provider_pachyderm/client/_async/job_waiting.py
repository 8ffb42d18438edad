"""Waiting for jobs, and telling why one failed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from airflow_provider_pachyderm.client import _pps_refs
from airflow_provider_pachyderm.client._async.base import AsyncCalls
from airflow_provider_pachyderm.client._capabilities import Feature
from airflow_provider_pachyderm.client._dialects.calls import Plan
from airflow_provider_pachyderm.client._dialects.datums import DatumFilter
from airflow_provider_pachyderm.client._dialects.logs import LogFilter
from airflow_provider_pachyderm.client._errors import (
    DeadlineExceeded,
    JobFailed,
    JobNotFound,
    PachydermError,
    PipelineFailed,
)
from airflow_provider_pachyderm.client._pps_models import (
    Datum,
    DatumInfo,
    DatumState,
    Job,
    JobInfo,
    JobState,
    LogMessage,
    Pipeline,
    PipelineState,
)
from airflow_provider_pachyderm.client._pps_refs import JobLike, PipelineLike
from airflow_provider_pachyderm.client._refs import CommitLike
from airflow_provider_pachyderm.client._tables import InfoList

_T = TypeVar("_T")
_LOOK = 10.0
"""Seconds after which a wait looks how far the job is, and whether its pipeline still lives."""
_DATUMS = 10
_LINES = 20


class AsyncJobWaitingCalls(AsyncCalls):
    """The client's calls that wait for jobs."""

    async def wait_job(
        self,
        job: JobLike,
        *,
        timeout: float | None = None,
        progress: Callable[[JobInfo], Any] | None = None,
    ) -> JobInfo:
        """Wait until a job is done (InspectJob).

        :param timeout: seconds, or None for no limit. A job may never end: give its pipeline a ``job_timeout``.
        :param progress: is told of the job from time to time, and at its end.
        :raises JobFailed: if it does not succeed; it has the reason, the datums that failed and the end of the log.
        :raises PipelineFailed: if its pipeline fails meanwhile, which leaves the job as it is.
        :raises JobNotFound: if it does not exist.
        :raises DeadlineExceeded: if it is not done in time.
        """
        parsed = _pps_refs.parse_job(job, self.config.project)
        jobs = (await self._session.dialect()).jobs
        return await self._done(
            parsed.pipeline,
            f"job {parsed}",
            lambda wait: jobs.inspect(parsed, wait=wait, details=False),
            timeout,
            progress,
        )

    async def wait_job_of(
        self,
        pipeline_name: PipelineLike,
        commit: CommitLike,
        *,
        timeout: float | None = None,
        progress: Callable[[JobInfo], Any] | None = None,
    ) -> JobInfo:
        """Wait until the job is done by which a pipeline reads or makes a commit (InspectJob; FlushJob on 1.x).

        On 1.x it need not exist yet: the server makes it when the commits that it reads are finished.

        :param commit: of an input or of what is upstream of it, or of the output repo.
        :param timeout: as of :meth:`wait_job`.
        :param progress: likewise.
        :raises JobFailed: as :meth:`wait_job` does.
        :raises PipelineFailed: likewise.
        :raises JobNotFound: if the commit leads to none.
        :raises DeadlineExceeded: if it is not done in time.
        """
        pipeline = _pps_refs.parse_pipeline(pipeline_name, self.config.project)
        source = self._commit(commit)
        jobs = (await self._session.dialect()).jobs
        return await self._done(
            pipeline,
            f"the job of pipeline {pipeline} for commit {source}",
            lambda wait: jobs.of_commit(pipeline, source, wait=wait, details=False),
            timeout,
            progress,
        )

    async def wait_jobs(
        self, commit: CommitLike, pipelines: Iterable[PipelineLike] = (), *, timeout: float | None = None
    ) -> list[JobInfo]:
        """Wait until all jobs are done that a commit leads to (InspectJobSet; FlushJob on 1.x).

        :param pipelines: wait only for theirs.
        :param timeout: seconds for all of them together, or None for no limit.
        :return: the jobs, each behind those that make its inputs; none if nothing reads the commit.
        :raises JobFailed: for the first of them that did not succeed, what is upstream before what it made unrunnable.
        :raises DeadlineExceeded: if they are not done in time.
        """
        source = self._commit(commit)
        wanted = [_pps_refs.parse_pipeline(each, self.config.project) for each in pipelines]
        jobs = (await self._session.dialect()).jobs
        infos = await self._session.run(jobs.downstream(source, wanted), timeout, total=True)
        failed = sorted((info for info in infos if info.state is not JobState.SUCCESS), key=_is_consequence)
        if failed:
            raise await self.job_failure(failed[0])
        return InfoList(infos)

    async def job_failure(self, job: JobInfo) -> JobFailed:
        """Make the error for a job that failed: with its reason, up to ten datums that failed, and the end of the log.

        What the server does not tell, such as logs of workers that are gone, is left out.
        """
        upstream = await self._upstream(job)
        source = upstream[0] if upstream else job
        failed = await self._failed_datums(source)
        log = await self._last_lines(source, failed[0] if failed else None)
        text = "\n".join(map(_verdict, (job, *upstream)))
        if failed:
            datums = "".join(f"\n  datum {each.id}: {', '.join(file.path for file in each.files)}" for each in failed)
            text += f"\nfailed datums ({source.data_failed} in all):{datums}"
        if log:
            text += "\nlast lines of the log:" + "".join(f"\n  {line.message}" for line in log)
        return JobFailed(text, job=job, upstream=upstream, failed_datums=failed, log=log, reference=str(job.job))

    async def _done(
        self,
        pipeline: Pipeline,
        what: str,
        ask: Callable[[bool], Plan[JobInfo]],
        timeout: float | None,
        progress: Callable[[JobInfo], Any] | None,
    ) -> JobInfo:
        """Wait for the end of a job in steps, and look at it and its pipeline between these.

        :param ask: plans to describe the job, or with True to wait for its end.
        """
        deadline = None if timeout is None else time.monotonic() + timeout
        while True:
            left = _LOOK if deadline is None else min(_LOOK, deadline - time.monotonic())
            try:
                info = await self._session.run(ask(True), max(left, 0.001))
            except DeadlineExceeded:
                pass
            else:
                if info.state.done:
                    break
            now = await self._or_none(ask(False))
            if now is not None and progress is not None:
                progress(now)
            await self._check_pipeline(pipeline, now)
            if deadline is not None and deadline <= time.monotonic():
                state = f"; it is {now.progress}" if now else "; there is none yet"
                raise DeadlineExceeded(f"{what} is not done within {timeout:g} s{state}", reference=str(pipeline))
        if progress is not None:
            progress(info)
        if info.state is not JobState.SUCCESS:
            raise await self.job_failure(info)
        return info

    async def _or_none(self, plan: Plan[JobInfo]) -> JobInfo | None:
        try:
            return await self._session.run(plan)
        except JobNotFound:
            return None

    async def _check_pipeline(self, pipeline: Pipeline, job: JobInfo | None) -> None:
        """Refuse to wait for a pipeline that makes no jobs any more."""
        dialect = await self._session.dialect()
        info = await self._session.run(dialect.pipelines.inspect(pipeline))
        if info.state is PipelineState.FAILURE and not (job and job.state.done):
            raise PipelineFailed(
                f"pipeline {pipeline} is in failure, so that its job does not end: "
                f"{info.reason or 'the server gives no reason'}; update the pipeline",
                pipeline=info,
                reference=str(pipeline),
            )

    async def _upstream(self, job: JobInfo) -> tuple[JobInfo, ...]:
        """Find the jobs whose failure kept one from running: its own reason only has the names of its inputs."""
        dialect = await self._session.dialect()
        if not _is_consequence(job) or Feature.JOB_SETS not in dialect.capabilities:
            return ()
        jobs = await self._told(dialect.jobs.of_set(job.job.id, wait=False, details=False).all()) or []
        ended = (each for each in jobs if each.state in (JobState.FAILURE, JobState.KILLED))
        return tuple(each for each in ended if not _is_consequence(each))

    async def _failed_datums(self, job: JobInfo) -> tuple[DatumInfo, ...]:
        if not job.data_failed:
            return ()
        dialect = await self._session.dialect()
        wanted = DatumFilter(states=(DatumState.FAILED,), number=_DATUMS)
        return tuple(await self._told(dialect.datums.list(job.job, wanted).all()) or ())

    async def _last_lines(self, job: JobInfo, datum: DatumInfo | None) -> tuple[LogMessage, ...]:
        if _is_consequence(job):
            return ()  # no worker had it
        dialect = await self._session.dialect()
        of = Job(job.job.pipeline, job.job.id)
        wanted = LogFilter(pipeline=of.pipeline, job=of, datum=Datum(of, datum.id) if datum else None)
        lines = await self._told(dialect.logs.get(wanted).all()) or []
        user = [line for line in lines if line.user]
        return tuple((user or lines)[-_LINES:])

    async def _told(self, plan: Plan[_T]) -> _T | None:
        """Give what the server tells; nothing if it fails, as it is not what was asked for."""
        try:
            return await self._session.run(plan)
        except PachydermError:
            return None


def _verdict(job: JobInfo) -> str:
    return f"job {job.job} is {job.state.value}: {job.reason.strip() or 'the server gives no reason'}"


def _is_consequence(job: JobInfo) -> bool:
    """Say whether a job failed as another one did before it; servers before 2.3 only say so in its reason."""
    return job.state is JobState.UNRUNNABLE or job.reason.startswith("inputs ")
