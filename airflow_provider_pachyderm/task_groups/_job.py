"""The task that a pipeline has in a task group."""

from __future__ import annotations

import time
from collections.abc import Sequence
from threading import Thread
from typing import TYPE_CHECKING, Any

from airflow_provider_pachyderm._compat import (
    DEFERRABLE,
    AirflowException,
    AirflowSensorTimeout,
    AirflowSkipException,
    PokeReturnValue,
    SensorArguments,
    Unpack,
)
from airflow_provider_pachyderm.client import JobNotFound, JobState, parse_commit
from airflow_provider_pachyderm.client._pps_refs import parse_pipeline
from airflow_provider_pachyderm.hooks.pachyderm import PachydermHook
from airflow_provider_pachyderm.sensors.pachyderm import PachydermJobSensor
from airflow_provider_pachyderm.waiting._sync.looks import check_alive
from airflow_provider_pachyderm.waiting.job import JobCondition

if TYPE_CHECKING:
    from airflow_provider_pachyderm._compat import Context
    from airflow_provider_pachyderm.client import Commit, JobInfo, PachydermError, PfsClient
    from airflow_provider_pachyderm.triggers.pachyderm import PachydermJobTrigger

# Airflow 3 ends a task 5 s after it has told it to end.
_STOPPING = 4.0
# Old servers need a moment to make the job of a pipeline's new version.
_PAUSE = 1.0
_RETURNED = "return_value"


class PachydermPipelineJobSensor(PachydermJobSensor):
    """Wait for the job by which a pipeline handles a commit; skip if nothing changes, run it again in a retry.

    The log of the task, and how it fails, are those of a ``PachydermJobSensor``.

    **Skipped** is the task if there is no job of the pipeline for the commit, as it reads nothing that follows from
    it, or was stopped; if there is no commit, as what should have made it was skipped; and, with ``skip_unchanged``, if
    the job processed no datum and its output has the same files as before. A skipped task returns the commit that the
    job made, if there was a job.

    **A retry**, and a task that was cleared, looks at the job again. If it failed or was stopped, the task takes the
    newest job of the pipeline, if that is a newer one that goes well or still runs: it handles what is newest in the
    inputs, and takes up the datums that did not succeed before. So after a pipeline was mended and deployed, it is
    enough to clear the task. Else it makes a new version of the pipeline with the same spec, as
    ``PachydermRerunPipelineOperator`` does, once in each retry, and waits for its job. Pachyderm runs a job on the
    newest commits of the inputs, never on an older one again, and restarts single datums only while they run, so that
    a retry does not do that. Tasks downstream of it wait for the jobs that follow from the new one.

    Returns the commit that the job made as ``project/repo@branch=id``.

    Pachyderm calls: those of ``PachydermJobSensor``; InspectCommit, if several commits are upstream; DiffFile, to skip;
    ListJob, InspectPipeline and RerunPipeline (CreatePipeline before 2.8) in a retry; StopJob if killed.

    :param pipeline: name of the pipeline
    :param commit: the commit, with its ID, that the job reads, or that is upstream of it
    :param upstream_commits: likewise; the newest of all of them counts
    :param skip_unchanged: skip the task if the job changes nothing
    :param rerun_failed: run the pipeline again in a retry, if its job failed
    :param stop_on_kill: stop the job if the task is killed, or exceeds its ``execution_timeout``. A deferred task
        stops it on Airflow 3.3 and later, if a person clears or marks it
    :param project: project of a pipeline or repo that is named without one, instead of the connection's
    :param pachyderm_conn_id: the connection to use
    :param deferrable: wait in the triggerer after one poke. Default: ``[operators] default_deferrable``
    """

    template_fields: Sequence[str] = ("pipeline", "commit", "upstream_commits", "project", "pachyderm_conn_id")

    def __init__(
        self,
        *,
        pipeline: str,
        commit: str | None = None,
        upstream_commits: Sequence[Any] = (),
        skip_unchanged: bool = True,
        rerun_failed: bool = True,
        stop_on_kill: bool = False,
        project: str | None = None,
        pachyderm_conn_id: str = PachydermHook.default_conn_name,
        deferrable: bool = DEFERRABLE,
        **kwargs: Unpack[SensorArguments],
    ) -> None:
        super().__init__(
            pipeline=pipeline,
            commit=commit,
            project=project,
            pachyderm_conn_id=pachyderm_conn_id,
            deferrable=deferrable,
            **kwargs,
        )
        if self.mode == "reschedule":
            raise ValueError("mode='reschedule' cannot tell a retry from another look: use deferrable=True instead")
        self.upstream_commits = upstream_commits
        self.skip_unchanged = skip_unchanged
        self.rerun_failed = rerun_failed
        self.stop_on_kill = stop_on_kill
        # What is waited for, once it was found out.
        self._target: JobCondition | None = None

    def poke(self, context: Context) -> PokeReturnValue:
        """Look once; a deferrable task whose job is not done leaves the rest to the triggerer."""
        try:
            return super().poke(context)
        except JobNotFound as error:
            raise self._without_job(error) from error

    def on_kill(self) -> None:
        """Stop the job, if that is wanted."""
        if self.stop_on_kill and self._target is not None:
            # in a thread, as this may be a signal handler, whose task holds locks
            stopping = Thread(target=self._stop, args=(self._target,), daemon=True)
            stopping.start()
            stopping.join(_STOPPING)

    def _stop(self, target: JobCondition) -> None:
        with self.hook.client() as client:
            job = target.job or client.pps.find_job(str(target.pipeline), str(target.commit))
            client.pps.stop_job(job)
        self.log.info("Stopped the job, as the task was killed")

    def _ending(self, error: PachydermError) -> Exception:
        return self._without_job(error) if isinstance(error, JobNotFound) else super()._ending(error)

    def _without_job(self, error: JobNotFound) -> Exception:
        """Skip if a commit leads to no job; a job that was deleted is an error."""
        return error if "@" in error.reference else AirflowSkipException(str(error))

    def _condition(self, context: Context) -> JobCondition:
        if self._target is None:
            with self.hook.client() as client:
                self._target = self._find_target(context, client)
        return self._target

    def _find_target(self, context: Context, client: PfsClient) -> JobCondition:
        pipeline = parse_pipeline(str(self.pipeline), client.config.project)
        commits = [parse_commit(each) for each in (*self.upstream_commits, self.commit) if each and each != "None"]
        if not commits:
            raise AirflowSkipException(f"There is no commit for pipeline {pipeline}: what makes it was skipped")
        if any(commit.id is None for commit in commits):
            raise ValueError(f"commit needs the ID of a commit, which one of {list(map(str, commits))} has not")
        target = JobCondition(str(pipeline), str(_newest(client, commits)))
        if context["ti"].try_number == 1 or not self.rerun_failed:
            return target
        return self._retried(client, target)

    def _retried(self, client: PfsClient, target: JobCondition) -> JobCondition:
        """Wait for a newer job instead of one that failed; if need be, make one."""
        pipeline = str(target.pipeline)
        try:
            failed = client.pps.find_job(pipeline, str(target.commit))
        except JobNotFound:
            return target
        if not _is_bad(failed):
            return target
        newest = _newest_job(client, pipeline) or failed
        if _is_bad(newest):
            version = client.pps.inspect_pipeline(pipeline).version
            if version <= newest.pipeline_version:
                client.pps.rerun_pipeline(pipeline)
                version += 1
                self.log.info("Made version %d of pipeline %s, as job %s failed", version, pipeline, newest.job)
            newest = self._job_of_version(client, pipeline, version)
        self.log.info("Job %s is %s; waiting for %s instead", failed.job, failed.state.value, newest.job)
        return JobCondition(job=str(newest.job))

    def _job_of_version(self, client: PfsClient, pipeline: str, version: int) -> JobInfo:
        """Wait for the job that a new version of a pipeline makes: on 2.x at once, on 1.x when a worker is there."""
        deadline = time.monotonic() + self.timeout
        while True:
            newest = _newest_job(client, pipeline)
            if newest is not None and newest.pipeline_version >= version:
                return newest
            info = client.pps.inspect_pipeline(pipeline)
            check_alive(info, None)
            if info.stopped:
                raise AirflowException(f"Pipeline {pipeline} is stopped, so that it makes no job: start it")
            if time.monotonic() > deadline:
                raise AirflowSensorTimeout(
                    f"Version {version} of pipeline {pipeline} made no job in {self.timeout:g} s"
                )
            time.sleep(_PAUSE)

    def _jobs_done(self, context: Context, client: PfsClient, jobs: Sequence[JobInfo]) -> str | list[str]:
        (job,) = jobs
        made = super()._jobs_done(context, client, jobs)
        if self.skip_unchanged and _changes_nothing(client, job):
            context["ti"].xcom_push(key=_RETURNED, value=made)
            raise AirflowSkipException(f"Job {job.job} changed nothing: {job.progress}")
        return made

    def _trigger_type(self) -> type[PachydermJobTrigger]:
        if not self.stop_on_kill:
            return super()._trigger_type()
        from airflow_provider_pachyderm.triggers._stopping import PachydermStoppingJobTrigger

        return PachydermStoppingJobTrigger


def _newest(client: PfsClient, commits: Sequence[Commit]) -> Commit:
    """Return the commit that was started last; on 2.x those of one change have one ID."""
    if len({commit.id for commit in commits}) == 1:
        return commits[0]
    infos = [client.inspect_commit(commit) for commit in commits]
    return max(infos, key=lambda info: (info.started is not None, info.started)).commit


def _newest_job(client: PfsClient, pipeline: str) -> JobInfo | None:
    jobs = client.pps.list_job(pipeline, number=1, details=True).to_list()
    return jobs[0] if jobs else None


def _is_bad(job: JobInfo) -> bool:
    return job.state.done and job.state is not JobState.SUCCESS


def _changes_nothing(client: PfsClient, job: JobInfo) -> bool:
    """Say whether a job processed no datum, and its output has the same files as that of the job before."""
    if job.data_processed or job.data_recovered or job.output_commit is None:
        return False
    with client.diff_file(job.output_commit) as differences:
        return next(differences, None) is None
