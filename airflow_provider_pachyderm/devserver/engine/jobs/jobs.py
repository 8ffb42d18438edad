"""Jobs: what is known of them, and how they end before they are done."""

from __future__ import annotations

import builtins
import json
from collections.abc import Collection, Iterable
from dataclasses import asdict

from airflow_provider_pachyderm.devserver.engine.branches.provenance import parse_repo
from airflow_provider_pachyderm.devserver.engine.commits.commits import Commits
from airflow_provider_pachyderm.devserver.engine.core import Core, Unit
from airflow_provider_pachyderm.devserver.engine.jobs.model import JOBS, Counts, JobInfo, JobKey, JobState, Stats
from airflow_provider_pachyderm.devserver.engine.jobs.rules import JOB_NOT_FOUND, STOPPED_REASON
from airflow_provider_pachyderm.devserver.engine.model import BranchKey, CommitKey, CommitRef, RepoKey
from airflow_provider_pachyderm.devserver.engine.pipelines.model import PipelineKey
from airflow_provider_pachyderm.devserver.engine.store.lookups import Lookups
from airflow_provider_pachyderm.devserver.engine.store.pipeline_tables import JobRow, NewJobRow, PipelineRow
from airflow_provider_pachyderm.devserver.engine.store.rows import CommitRow


class Jobs:
    """The jobs of all pipelines."""

    def __init__(self, core: Core, lookups: Lookups, commits: Commits) -> None:
        self._core = core
        self._store = core.store
        self._lookups = lookups
        self._commits = commits

    # ---- telling ------------------------------------------------------------------------

    def inspect(self, key: JobKey) -> JobInfo:
        """InspectJob without waiting."""
        return self.info(self.row(key))

    def find(self, key: JobKey) -> JobRow | None:
        """The job's row or None."""
        return self._store.one(
            JobRow,
            "SELECT j.* FROM jobs j JOIN pipelines p ON p.num = j.pipeline "
            "WHERE p.project = ? AND p.name = ? AND j.id = ?",
            key.pipeline.project, key.pipeline.name, key.id,
        )  # fmt: skip

    def row(self, key: JobKey) -> JobRow:
        """The job's row; refused if there is none."""
        row = self.find(key)
        if row is None:
            raise self._core.refusal(JOB_NOT_FOUND, job=key)
        return row

    def by_id(self, id: str) -> JobKey:
        """The job with an id of its own (1.x); refused if there is none."""
        row = self._store.one(JobRow, "SELECT * FROM jobs WHERE id = ?", id)
        if row is None:
            raise self._core.refusal(JOB_NOT_FOUND, job=JobKey(PipelineKey(""), id))
        return JobKey(self._pipeline(row.pipeline), id)

    def pipeline_of(self, id: str) -> PipelineKey | None:
        """The pipeline of the job with an id of its own (1.x), if there is that."""
        row = self._store.one(JobRow, "SELECT * FROM jobs WHERE id = ?", id)
        return None if row is None else self._pipeline(row.pipeline)

    def of_commit(self, pipeline: PipelineKey, commit: str) -> JobInfo | None:
        """The job that has a commit as its output."""
        rows = self._store.all(JobRow, "SELECT * FROM jobs WHERE commit_id = ?", commit)
        return next((info for info in map(self.info, rows) if info.key.pipeline == pipeline), None)

    def list(
        self,
        pipeline: PipelineKey | None = None,
        inputs: Iterable[CommitKey] = (),
        history: int = -1,
        projects: Collection[str] = (),
    ) -> builtins.list[JobInfo]:
        """ListJob, newest first.

        :param inputs: only jobs that are made from all of these commits.
        :param history: of how many older versions of its pipeline; -1 means all.
        :param projects: only of pipelines of these; none means all.
        """
        name, project = (pipeline.name, pipeline.project) if pipeline else ("", "")
        rows = self._store.all(
            JobRow,
            "SELECT j.* FROM jobs j JOIN pipelines p ON p.num = j.pipeline "
            "WHERE ? IN ('', p.name) AND ? IN ('', p.project) AND (? < 0 OR j.version >= p.version - ?) "
            "ORDER BY j.created DESC, j.num DESC",
            name, project, history, history,
        )  # fmt: skip
        wanted = [*inputs]
        infos = map(self.info, rows)
        found = [info for info in infos if not projects or info.key.pipeline.project in projects]
        return [info for info in found if all(self._is_made_from(info, commit) for commit in wanted)]

    def _is_made_from(self, info: JobInfo, commit: CommitKey) -> bool:
        row = self.commit(info)
        links = [] if row is None else self._lookups.provenance(row.num)
        return any((link.repo, link.id) == (commit.repo.path, commit.id) for link in links)

    def of_set(self, set_id: str) -> builtins.list[JobInfo]:
        """InspectJobSet: the jobs with this id, those that others need first."""
        rows = self._store.all(JobRow, "SELECT * FROM jobs WHERE id = ? ORDER BY num", set_id)
        return sorted(map(self.info, rows), key=self._depth)

    def _depth(self, info: JobInfo) -> int:
        row = self.commit(info)
        return -1 if row is None else row.num

    def sets(self, projects: Collection[str] = ()) -> builtins.list[tuple[str, builtins.list[JobInfo]]]:
        """ListJobSet: by their newest job, newest first."""
        found: dict[str, None] = {info.key.id: None for info in self.list(projects=projects)}
        return [(id, self.of_set(id)) for id in found]

    def info(self, row: JobRow) -> JobInfo:
        """All that is known about a job."""
        pipeline = self._pipeline(row.pipeline)
        sql = "SELECT spec FROM pipeline_versions WHERE pipeline = ? AND version = ?"
        spec = self._store.value(str, sql, row.pipeline, row.version) or "{}"
        return JobInfo(
            row.num,
            JobKey(pipeline, row.id),
            row.version,
            BranchKey(pipeline.repo, row.branch),
            row.commit_id,
            json.loads(spec),
            JobState(row.state),
            row.reason,
            row.created,
            row.started,
            row.finished,
            row.restarts,
            Counts(row.processed, row.skipped, row.total, row.failed, row.recovered),
            Stats(**json.loads(row.stats)) if row.stats else None,
        )

    def _pipeline(self, num: int) -> PipelineKey:
        row = self._store.one(PipelineRow, "SELECT * FROM pipelines WHERE num = ?", num)
        assert row is not None, f"no pipeline has the number {num}"
        return PipelineKey(row.name, row.project)

    def commit(self, info: JobInfo) -> CommitRow | None:
        """Its output commit, while there is that."""
        return self._commit(info.output.repo, info)

    def inputs(self, info: JobInfo) -> dict[tuple[RepoKey, str], str]:
        """The ids of the commits that it is made from, by repo and branch."""
        row = self.commit(info)
        links = [] if row is None else self._lookups.provenance(row.num)
        return {(parse_repo(link.repo), link.branch_name): link.id for link in links}

    def _commit(self, repo: RepoKey, info: JobInfo) -> CommitRow | None:
        return self._lookups.find_commit(CommitKey(repo, info.commit, info.output.name))

    # ---- changing -----------------------------------------------------------------------

    def set(
        self,
        unit: Unit,
        info: JobInfo,
        state: JobState,
        reason: str = "",
        counts: Counts | None = None,
        stats: Stats | None = None,
    ) -> None:
        """Write down how far a job is now."""
        now = self._core.now()
        counts, stats = counts or info.counts, stats or info.stats
        began = state is JobState.RUNNING or state.is_final
        self._store.run(
            "UPDATE jobs SET state = ?, reason = ?, started = coalesce(started, ?), finished = ?, processed = ?, "
            "skipped = ?, total = ?, failed = ?, recovered = ?, stats = ? WHERE num = ?",
            state.value, reason, now if began else None, now if state.is_final else None, counts.processed,
            counts.skipped, counts.total, counts.failed, counts.recovered,
            "" if stats is None else json.dumps(asdict(stats)), info.num,
        )  # fmt: skip
        self._count(info.key.pipeline, info.state, state)
        unit.touched.update((info.key.wakes, JOBS))

    def _count(self, key: PipelineKey, before: JobState | None, after: JobState) -> None:
        """Note how many jobs of a pipeline are in which state."""
        sql = "SELECT * FROM pipelines WHERE project = ? AND name = ?"
        row = self._store.one(PipelineRow, sql, key.project, key.name)
        if row is None or before is after:
            return
        counts = json.loads(row.job_counts)
        counts[after.value] = counts.get(after.value, 0) + 1
        if before is not None:
            counts[before.value] = max(counts.get(before.value, 0) - 1, 0)
        sql = "UPDATE pipelines SET job_counts = ?, last_changed = ? WHERE num = ?"
        self._store.run(sql, json.dumps(counts), after.value, row.num)

    def make(self, row: NewJobRow, id: str) -> JobInfo:
        """A new job for an output commit."""
        num = self._store.run(
            "INSERT INTO jobs (pipeline, version, id, branch, commit_id, state, created) VALUES (?, ?, ?, ?, ?, ?, ?)",
            row.pipeline, row.version, id, row.branch, row.id, JobState.CREATED.value, self._core.now(),
        )  # fmt: skip
        made = self._store.one(JobRow, "SELECT * FROM jobs WHERE num = ?", num)
        assert made is not None, "it was made a moment ago"
        info = self.info(made)
        self._count(info.key.pipeline, None, info.state)
        return info

    def remove(self, unit: Unit, info: JobInfo) -> None:
        """Forget a job."""
        self._store.run("DELETE FROM jobs WHERE num = ?", info.num)
        unit.touched.update((info.key.wakes, JOBS))

    def end(self, unit: Unit, info: JobInfo, state: JobState, reason: str, counts: Counts | None = None) -> None:
        """End a job that does not succeed: its commits are finished with the reason as their error (2.x).

        In 1.x they are finished as empty ones.
        """
        if info.state.is_final:
            return
        first = self._core.profile.world == "v1"
        for repo in (info.key.pipeline.meta_repo, info.output.repo):
            row = self._commit(repo, info)
            if row is not None and row.finishing is None:
                self._commits.finish(CommitRef(repo, info.commit, info.output.name), "", "" if first else reason, first)
        self.set(unit, info, state, reason, counts)

    def stop(self, key: JobKey, reason: str = "") -> None:
        """StopJob; without effect on a job that has ended."""
        with self._core.unit() as unit:
            self.end(unit, self.inspect(key), JobState.KILLED, reason or self._core.profile[STOPPED_REASON])

    def delete(self, key: JobKey) -> None:
        """DeleteJob; its commits stay."""
        with self._core.unit() as unit:
            info = self.inspect(key)
            self.end(unit, info, JobState.KILLED, "job deleted")
            self.remove(unit, info)

    def end_all(self, unit: Unit, pipeline: PipelineKey, reason: str) -> None:
        """End every job of a pipeline that is not done."""
        for info in self.list(pipeline):
            self.end(unit, info, JobState.KILLED, reason)
