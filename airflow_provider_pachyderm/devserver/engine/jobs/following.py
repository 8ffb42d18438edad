"""What follows for jobs from what happens to commits: jobs come with them, and end with them (2.x)."""

from __future__ import annotations

from airflow_provider_pachyderm.devserver.engine.branches.provenance import parse_repo
from airflow_provider_pachyderm.devserver.engine.core import Core, Unit
from airflow_provider_pachyderm.devserver.engine.jobs.jobs import Jobs
from airflow_provider_pachyderm.devserver.engine.jobs.model import JOBS, JobInfo, JobState
from airflow_provider_pachyderm.devserver.engine.jobs.rules import (
    INPUTS_FAILED_REASON,
    REMOVED_REASON,
    UNRUNNABLE_STATE,
)
from airflow_provider_pachyderm.devserver.engine.pipelines.inputs import names_of_repos
from airflow_provider_pachyderm.devserver.engine.store.lookups import Lookups
from airflow_provider_pachyderm.devserver.engine.store.pipeline_tables import JobRow, NewJobRow
from airflow_provider_pachyderm.devserver.engine.store.rows import CommitRow


class JobFollowing:
    """Makes jobs for new output commits, and ends those whose commits go or have failed inputs."""

    def __init__(self, core: Core, lookups: Lookups, jobs: Jobs) -> None:
        self._core = core
        self._store = core.store
        self._lookups = lookups
        self._jobs = jobs

    def run(self, unit: Unit) -> None:
        """At the end of a unit of work: jobs for the output commits that it made."""
        rows = self._store.all(
            NewJobRow,
            "SELECT p.num AS pipeline, p.version, c.id, c.branch_name AS branch FROM commits c "
            "JOIN repos r ON r.num = c.repo JOIN pipelines p ON p.project = r.project AND p.name = r.name "
            "JOIN pipeline_versions v ON v.pipeline = p.num AND v.version = p.version "
            "WHERE c.id = ? AND r.type = 'user' AND c.finishing IS NULL AND c.origin = 'AUTO' "
            "AND json_extract(v.spec, '$.output_branch') = c.branch_name "
            "AND (json_type(v.spec, '$.spout') IS NULL OR json_type(v.spec, '$.service') IS NOT NULL) "
            "AND NOT EXISTS (SELECT 1 FROM jobs j WHERE j.pipeline = p.num AND j.id = c.id) ORDER BY c.num",
            unit.set_id,
        )
        for row in rows:
            self._jobs.make(row, row.id)
            unit.touched.add(JOBS)
        self._end_removed(unit)

    def _end_removed(self, unit: Unit) -> None:
        for row in self._open_jobs():
            info = self._jobs.info(row)
            if self._jobs.commit(info) is None:
                self._jobs.end(unit, info, JobState.KILLED, self._core.profile[REMOVED_REASON])

    def _open_jobs(self) -> list[JobRow]:
        return self._store.all(JobRow, "SELECT * FROM jobs WHERE finished IS NULL ORDER BY num")

    def finished(self, unit: Unit, commit: CommitRow) -> None:
        """When a commit was finished: its own job is done, those that have it as an input may begin."""
        repo = self._lookups.repo_of(commit.repo)
        for row in self._open_jobs():
            info = self._jobs.info(row)
            if info.state is JobState.FINISHING and (info.output.repo, info.commit) == (repo, commit.id):
                state = JobState.FAILURE if commit.error else JobState.SUCCESS
                self._jobs.set(unit, info, state, commit.error)
            elif not info.state.is_final and info.state is not JobState.FINISHING:
                self._end_unrunnable(unit, info)
        unit.touched.add(JOBS)

    def _end_unrunnable(self, unit: Unit, info: JobInfo) -> None:
        """End a job when all of its inputs are finished, and some of them failed."""
        output = self._jobs.commit(info)
        links = [] if output is None else self._lookups.provenance(output.num)
        inputs = [(link.repo, row) for link in links if (row := self._lookups.commit_by_num(link.input)) is not None]
        failed = {parse_repo(repo) for repo, row in inputs if row.error}
        if failed and all(row.finished is not None for _, row in inputs):
            names = names_of_repos(info.spec.get("input", {}), failed)
            reason = self._core.profile[INPUTS_FAILED_REASON].format(inputs=", ".join(names))
            state = JobState.UNRUNNABLE if self._core.profile[UNRUNNABLE_STATE] else JobState.FAILURE
            self._jobs.end(unit, info, state, reason)
