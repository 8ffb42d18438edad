"""Sensors: tasks that wait for Pachyderm."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, get_args

from airflow_provider_pachyderm._compat import DEFERRABLE, PokeReturnValue, SensorArguments, Unpack, run_start
from airflow_provider_pachyderm.client import PachydermError, parse_commit
from airflow_provider_pachyderm.client._pps_refs import parse_job, parse_pipeline
from airflow_provider_pachyderm.hooks.pachyderm import PachydermHook
from airflow_provider_pachyderm.links.pachyderm import (
    PachydermBranchLink,
    PachydermCommitLink,
    PachydermFileLink,
    PachydermJobLink,
    store_job_link,
)
from airflow_provider_pachyderm.sensors._base import WaitingSensor
from airflow_provider_pachyderm.tasks.arguments import check_choice, check_target
from airflow_provider_pachyderm.waiting._sync.looks import (
    look_for_commit,
    look_for_commit_set,
    look_for_file,
    look_for_jobs,
)
from airflow_provider_pachyderm.waiting.commit import CommitCondition, OnFailed, parse_time
from airflow_provider_pachyderm.waiting.commit_set import CommitSetCondition
from airflow_provider_pachyderm.waiting.events import JOBS, commit_of_event
from airflow_provider_pachyderm.waiting.file import FileCondition
from airflow_provider_pachyderm.waiting.job import JobCondition, JobWatch, first_failed

if TYPE_CHECKING:
    from airflow_provider_pachyderm._compat import Context
    from airflow_provider_pachyderm.client import JobInfo, PfsClient
    from airflow_provider_pachyderm.triggers.pachyderm import (
        PachydermCommitSetTrigger,
        PachydermCommitTrigger,
        PachydermFileTrigger,
        PachydermJobTrigger,
    )


class PachydermCommitSensor(WaitingSensor[CommitCondition]):
    """Wait for a new finished commit on a branch, or for a given commit to finish.

    If there are several, the sensor returns the oldest. The start point is fixed when the DAG run is created, so that a
    commit before the first poke is not missed, and a retry, a reschedule or another triggerer starts from the same
    point. Times are those of the server's clock.

    Returns the commit as ``project/repo@branch=id``, which every ``commit`` argument takes.

    Pachyderm calls: ListCommit and InspectCommit; when deferred also SubscribeCommit.

    :param repo: repo to watch, required unless ``commit`` is given
    :param branch: branch to watch, ``master`` unless ``commit`` is given; it does not have to exist yet
    :param commit: wait for this commit instead; a commit that finishes with an error fails the task
    :param after: only consider commits that finished after this time. Default: the run's ``run_after``; on Airflow 2.11
        the end of the data interval of scheduled and backfill runs, else the logical date. With
        ``"{{ data_interval_start }}"`` any commit in the interval of the run is considered
    :param from_commit: only consider commits newer than this one; takes precedence over ``after``
    :param on_failed: what to do about commits of the branch that finished with an error: ``skip`` and log, or ``raise``
    :param project: project of a repo that is named without one, instead of the connection's
    :param pachyderm_conn_id: the connection to use
    :param deferrable: wait in the triggerer after one poke. Default: ``[operators] default_deferrable``
    """

    template_fields: Sequence[str] = (
        "repo",
        "branch",
        "commit",
        "after",
        "from_commit",
        "project",
        "pachyderm_conn_id",
    )
    _look = staticmethod(look_for_commit)

    def __init__(
        self,
        *,
        repo: str | None = None,
        branch: str | None = None,
        commit: str | None = None,
        after: str | datetime | None = None,
        from_commit: str | None = None,
        on_failed: OnFailed = "skip",
        project: str | None = None,
        pachyderm_conn_id: str = PachydermHook.default_conn_name,
        deferrable: bool = DEFERRABLE,
        **kwargs: Unpack[SensorArguments],
    ) -> None:
        super().__init__(
            project=project,
            pachyderm_conn_id=pachyderm_conn_id,
            deferrable=deferrable,
            **kwargs,
        )
        check_choice("on_failed", on_failed, get_args(OnFailed))
        self.repo = repo
        self.branch = branch
        self.commit = commit
        self.after = after
        self.from_commit = from_commit
        self.on_failed: OnFailed = on_failed

    def _condition(self, context: Context) -> CommitCondition:
        check_target(self.repo, self.branch, self.commit)
        if self.commit:
            return CommitCondition(commit=str(parse_commit(self.commit)))
        return CommitCondition(
            repo=str(self.repo),
            branch=self.branch or "master",
            after=(parse_time(self.after) if self.after else run_start(context)).isoformat(),
            from_commit=str(parse_commit(self.from_commit)) if self.from_commit else None,
            on_failed=self.on_failed,
        )

    def _trigger_type(self) -> type[PachydermCommitTrigger]:
        from airflow_provider_pachyderm.triggers.pachyderm import PachydermCommitTrigger

        return PachydermCommitTrigger


class PachydermFileSensor(WaitingSensor[FileCondition]):
    """Wait until a file or directory is on a branch, in its newest finished commit.

    It also succeeds if the file exists before the sensor starts.

    Returns the commit as ``project/repo@branch=id``, which every ``commit`` argument takes.

    Pachyderm calls: ListCommit and InspectFile or GlobFile; when deferred also SubscribeCommit.

    :param repo: repo to watch
    :param branch: branch to watch; it does not have to exist yet
    :param path: file or directory to wait for
    :param pattern: instead of ``path``: wait for anything that matches, such as ``/2026/*.csv``
    :param project: project of a repo that is named without one, instead of the connection's
    :param pachyderm_conn_id: the connection to use
    :param deferrable: wait in the triggerer after one poke. Default: ``[operators] default_deferrable``
    """

    operator_extra_links = (PachydermCommitLink(), PachydermBranchLink(), PachydermFileLink())
    template_fields: Sequence[str] = ("repo", "branch", "path", "pattern", "project", "pachyderm_conn_id")
    _look = staticmethod(look_for_file)

    def __init__(
        self,
        *,
        repo: str,
        branch: str = "master",
        path: str | None = None,
        pattern: str | None = None,
        project: str | None = None,
        pachyderm_conn_id: str = PachydermHook.default_conn_name,
        deferrable: bool = DEFERRABLE,
        **kwargs: Unpack[SensorArguments],
    ) -> None:
        super().__init__(
            project=project,
            pachyderm_conn_id=pachyderm_conn_id,
            deferrable=deferrable,
            **kwargs,
        )
        self.repo = repo
        self.branch = branch
        self.path = path
        self.pattern = pattern

    def _condition(self, context: Context) -> FileCondition:
        if bool(self.path) == bool(self.pattern):
            raise ValueError("Give either path or pattern")
        return FileCondition(self.repo, self.branch, self.path, self.pattern)

    def _trigger_type(self) -> type[PachydermFileTrigger]:
        from airflow_provider_pachyderm.triggers.pachyderm import PachydermFileTrigger

        return PachydermFileTrigger


class PachydermCommitSetSensor(WaitingSensor[CommitSetCondition]):
    """Wait until a commit and all commits that pipelines make from it are finished, or a whole commit set.

    A commit among them that finishes with an error fails the task.

    Returns the commits, the given one first, as a list of strings, which every ``commit`` argument and ``.expand()``
    take.

    Pachyderm calls: FlushCommit (1.x), InspectCommitSet (2.x) and InspectCommit.

    :param commit: the commit, with its id, as the operators that write return it
    :param commit_set: instead of ``commit``: ID of any commit set (2.x)
    :param project: project of a repo that is named without one, instead of the connection's
    :param pachyderm_conn_id: the connection to use
    :param deferrable: wait in the triggerer after one poke. Default: ``[operators] default_deferrable``
    """

    template_fields: Sequence[str] = ("commit", "commit_set", "project", "pachyderm_conn_id")
    _look = staticmethod(look_for_commit_set)

    def __init__(
        self,
        *,
        commit: str | None = None,
        commit_set: str | None = None,
        project: str | None = None,
        pachyderm_conn_id: str = PachydermHook.default_conn_name,
        deferrable: bool = DEFERRABLE,
        **kwargs: Unpack[SensorArguments],
    ) -> None:
        super().__init__(
            project=project,
            pachyderm_conn_id=pachyderm_conn_id,
            deferrable=deferrable,
            **kwargs,
        )
        self.commit = commit
        self.commit_set = commit_set

    def _condition(self, context: Context) -> CommitSetCondition:
        if bool(self.commit) == bool(self.commit_set):
            raise ValueError("Give either commit or commit_set")
        if self.commit_set:
            return CommitSetCondition(commit_set=self.commit_set)
        return CommitSetCondition(str(parse_commit(str(self.commit))))

    def _trigger_type(self) -> type[PachydermCommitSetTrigger]:
        from airflow_provider_pachyderm.triggers.pachyderm import PachydermCommitSetTrigger

        return PachydermCommitSetTrigger


class PachydermJobSensor(WaitingSensor[JobCondition]):
    """Wait for the job of a pipeline to which a commit leads, or for the jobs of all pipelines downstream of it.

    The task's log says how far they are: how many datums are done, skipped and failed. A job that does not succeed
    fails the task with ``JobFailed``: with its reason, on 2.x up to ten datums that failed and their input files, and
    the last lines of its log. Of the jobs of all pipelines, the first that fails ends the waiting. A pipeline in
    failure, whose jobs do not end, and a job or pipeline that is deleted fail the task, too.

    Returns the commit that the job made as ``project/repo@branch=id``, which every ``commit`` argument takes; without a
    ``pipeline``, those of all jobs as a list, each behind those that it was made from.

    Deferred sensors that wait for jobs of one pipeline share one stream, whichever jobs these are.

    Pachyderm calls: InspectPipeline, InspectJob, ListJob, and for all jobs InspectJobSet (2.x) or FlushJob (1.x), from
    1.9 on; GetLogs and ListDatum for a job that failed; when deferred also SubscribeCommit.

    :param pipeline: name of the pipeline; without it, all pipelines downstream of the commit
    :param commit: the commit, with its ID, that the job reads, or that is upstream of it, as the operators that write
        return it; or a tick of ``PachydermRunCronOperator``
    :param job: instead of both: the job itself, as ``pipeline@id``
    :param project: project of a pipeline or repo that is named without one, instead of the connection's
    :param pachyderm_conn_id: the connection to use
    :param deferrable: wait in the triggerer after one poke. Default: ``[operators] default_deferrable``
    """

    operator_extra_links = (PachydermJobLink(), PachydermCommitLink(), PachydermBranchLink())
    template_fields: Sequence[str] = ("pipeline", "commit", "job", "project", "pachyderm_conn_id")

    def __init__(
        self,
        *,
        pipeline: str | None = None,
        commit: str | None = None,
        job: str | None = None,
        project: str | None = None,
        pachyderm_conn_id: str = PachydermHook.default_conn_name,
        deferrable: bool = DEFERRABLE,
        **kwargs: Unpack[SensorArguments],
    ) -> None:
        super().__init__(
            project=project,
            pachyderm_conn_id=pachyderm_conn_id,
            deferrable=deferrable,
            **kwargs,
        )
        self.pipeline = pipeline
        self.commit = commit
        self.job = job
        # While the sensor pokes in one process; in others it tells all again.
        self._watch: JobWatch | None = None

    def poke(self, context: Context) -> PokeReturnValue:
        """Look once; a deferrable sensor whose jobs are not done leaves the rest to the triggerer."""
        condition = self._condition(context)
        if self._watch is None or self._watch.condition != condition:
            self._watch = JobWatch(condition)
        with self.hook.client() as client:
            state = look_for_jobs(client, condition)
            if self._watch.found(state) is None:
                return self._wait_on(condition)
            return PokeReturnValue(True, xcom_value=self._jobs_done(context, client, state.ended))

    def execute_complete(self, context: Context, event: dict[str, Any] | None = None) -> str | list[str]:
        """Take over from the trigger: return what the jobs made, or fail as its event or a job says."""
        try:
            found = commit_of_event(event, JOBS)
            with self.hook.client() as client:
                names = [found] if isinstance(found, str) else found
                return self._jobs_done(context, client, [client.pps.inspect_job(name) for name in names])
        except PachydermError as error:
            raise self._ending(error) from error

    def _jobs_done(self, context: Context, client: PfsClient, jobs: Sequence[JobInfo]) -> str | list[str]:
        """Take the jobs that are done, well or not, and return the commits that they made.

        :raises JobFailed: one of them did not succeed
        """
        for job in jobs:
            self.log.info("Job %s is %s", job.job, job.progress)
        failed = first_failed(jobs)
        store_job_link(context, self.hook.console_url, (failed or jobs[0]).job)
        if failed:
            raise client.pps.job_failure(failed)
        made = [str(job.output_commit) for job in jobs if job.output_commit is not None]
        if made:
            self._note(context, made)
        one = self.pipeline or self.job
        return made[0] if one and made else made

    def _condition(self, context: Context) -> JobCondition:
        if bool(self.commit) == bool(self.job) or (self.job and self.pipeline):
            raise ValueError("Give commit, with or without pipeline, or job")
        if self.job:
            return JobCondition(job=str(parse_job(self.job)))
        commit = parse_commit(str(self.commit))
        if commit.id is None:
            raise ValueError(f"commit needs the ID of a commit, which {self.commit!r} has not")
        return JobCondition(str(parse_pipeline(self.pipeline)) if self.pipeline else None, str(commit))

    def _trigger_type(self) -> type[PachydermJobTrigger]:
        from airflow_provider_pachyderm.triggers.pachyderm import PachydermJobTrigger

        return PachydermJobTrigger
