"""What follows for jobs of 1.x from what happens to commits."""

from __future__ import annotations

from airflow_provider_pachyderm.devserver.engine.branches.provenance import parse_repo
from airflow_provider_pachyderm.devserver.engine.core import Core, Unit
from airflow_provider_pachyderm.devserver.engine.jobs.jobs import Jobs
from airflow_provider_pachyderm.devserver.engine.jobs.model import JOBS, JobInfo, JobState
from airflow_provider_pachyderm.devserver.engine.jobs.rules import INPUTS_FAILED_REASON, STOPPED_REASON
from airflow_provider_pachyderm.devserver.engine.pipelines.inputs import names_of_repos
from airflow_provider_pachyderm.devserver.engine.store.lookups import Lookups
from airflow_provider_pachyderm.devserver.engine.store.pipeline_tables import JobRow, NewJobRow
from airflow_provider_pachyderm.devserver.engine.store.rows import CommitRow


class JobFollowingV1:
    """Makes a job for an output commit when all that it is made from is finished, as the workers of 1.x do."""

    def __init__(self, core: Core, lookups: Lookups, jobs: Jobs) -> None:
        self._core = core
        self._store = core.store
        self._lookups = lookups
        self._jobs = jobs

    def run(self, unit: Unit) -> None:
        """At the end of a unit of work: end jobs whose commits are gone or closed, and make those that may begin."""
        for row in self._store.all(JobRow, "SELECT * FROM jobs WHERE finished IS NULL ORDER BY num"):
            self._look(unit, self._jobs.info(row))
        while any(self._make(unit, row) for row in self._waiting()):
            # what a job ends that cannot be done may let others begin
            pass

    def _look(self, unit: Unit, info: JobInfo) -> None:
        commit = self._jobs.commit(info)
        if commit is None:
            self._jobs.remove(unit, info)
        elif commit.finished is not None:
            self._jobs.set(unit, info, JobState.KILLED, self._core.profile[STOPPED_REASON])

    def _waiting(self) -> list[NewJobRow]:
        """Open output commits without a job."""
        return self._store.all(
            NewJobRow,
            "SELECT p.num AS pipeline, p.version, c.id, c.branch_name AS branch FROM pipelines p "
            "JOIN repos r ON r.name = p.name JOIN commits c ON c.repo = r.num AND c.finished IS NULL "
            "JOIN pipeline_versions v ON v.pipeline = p.num AND v.version = p.version "
            "WHERE json_extract(v.spec, '$.output_branch') = c.branch_name AND c.origin = 'AUTO' "
            "AND NOT EXISTS (SELECT 1 FROM jobs j WHERE j.pipeline = p.num AND j.commit_id = c.id) ORDER BY c.num",
        )

    def _make(self, unit: Unit, row: NewJobRow) -> bool:
        """Make a job, if all that its commit is made from is finished; whether that ended it at once."""
        commit = self._store.one(CommitRow, "SELECT * FROM commits WHERE id = ?", row.id)
        links = [] if commit is None else self._lookups.provenance(commit.num)
        rows = [(link.repo, self._lookups.commit_by_num(link.input)) for link in links]
        inputs = [(repo, found) for repo, found in rows if found is not None]
        if any(found.finished is None for _, found in inputs):
            return False
        info = self._jobs.make(row, self._core.new_id())
        unit.touched.add(JOBS)
        failed = {parse_repo(repo) for repo, found in inputs if found.error}
        names = names_of_repos(info.spec.get("input", {}), failed)
        if names:
            reason = self._core.profile[INPUTS_FAILED_REASON].format(inputs=", ".join(names))
            self._jobs.end(unit, info, JobState.FAILURE, reason)
        return bool(names)
