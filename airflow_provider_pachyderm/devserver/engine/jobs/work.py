"""What whoever does jobs is given and tells: the local worker, or a test in its place.

``next_job`` gives a job, ``begin`` takes it, ``datum_done``, ``reuse``, ``keep`` and ``gone`` say what became of its
datums, and ``finish`` or ``fail`` end it. Each is one unit of work: what was told is still there after a crash, and a
job that was begun is given again. Wake-ups come by ``JOBS``, and by :attr:`.JobKey.wakes` for the end of one job.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from typing import cast

from airflow_provider_pachyderm.devserver.engine.commits.commits import Commits
from airflow_provider_pachyderm.devserver.engine.core import Core, Unit
from airflow_provider_pachyderm.devserver.engine.datums.inputs import Input
from airflow_provider_pachyderm.devserver.engine.datums.records import DatumRecord, DatumRecords, DatumState, recounted
from airflow_provider_pachyderm.devserver.engine.datums.results import DatumResults
from airflow_provider_pachyderm.devserver.engine.datums.specs import input_tree
from airflow_provider_pachyderm.devserver.engine.jobs.jobs import Jobs
from airflow_provider_pachyderm.devserver.engine.jobs.model import JOBS, NO_STATS, Counts, JobInfo, JobKey, JobState
from airflow_provider_pachyderm.devserver.engine.jobs.rules import DATUM_FAILED_REASON, TIMED_OUT_REASON
from airflow_provider_pachyderm.devserver.engine.model import Change, CommitKey, Delete, Origin, Put, PutSplit
from airflow_provider_pachyderm.devserver.engine.pipelines.inputs import repo_of, with_commits
from airflow_provider_pachyderm.devserver.engine.pipelines.model import PipelineState, Spec
from airflow_provider_pachyderm.devserver.engine.snapshots.entries import Entries
from airflow_provider_pachyderm.devserver.engine.snapshots.snapshots import Snapshots
from airflow_provider_pachyderm.devserver.engine.store.lookups import Lookups
from airflow_provider_pachyderm.devserver.engine.store.pipeline_tables import JobRow
from airflow_provider_pachyderm.devserver.engine.store.rows import CommitRow


@dataclass(frozen=True)
class JobWork:
    """A job that can be done.

    :param spec_commit: id of the commit of the pipeline's spec.
    :param output: where the results go.
    :param tree: its inputs, with their commits; None: it has none.
    :param spec: of the pipeline's version.
    :param restarts: how often it was begun before.
    """

    key: JobKey
    version: int
    spec_commit: str
    output: CommitKey
    tree: Input | None
    spec: Spec
    restarts: int

    @property
    def every_job(self) -> bool:
        """Whether nothing is taken from earlier jobs."""
        return self.spec.get("reprocess_spec") == "every_job"


class Work:
    """Jobs, for who does them."""

    def __init__(
        self,
        core: Core,
        lookups: Lookups,
        jobs: Jobs,
        commits: Commits,
        snapshots: Snapshots,
        records: DatumRecords,
        results: DatumResults,
    ) -> None:
        self._core = core
        self._store = core.store
        self._lookups = lookups
        self._jobs = jobs
        self._commits = commits
        self._snapshots = snapshots
        self._records = records
        self._results = results
        self._first = core.profile.world == "v1"
        self._no_stats = None if self._first else NO_STATS

    # ---- what there is to do ------------------------------------------------------------

    def next_job(self, running: Collection[JobKey] = ()) -> JobWork | None:
        """The oldest job that can be done: of each pipeline only its first, when all of its inputs are finished.

        :param running: jobs that are being done.
        """
        rows = self._store.all(
            JobRow,
            "SELECT j.* FROM jobs j JOIN pipelines p ON p.num = j.pipeline "
            "WHERE j.finished IS NULL AND j.state != 'FINISHING' AND p.state != ? ORDER BY j.created, j.num",
            PipelineState.FAILURE.value,
        )
        firsts = {row.pipeline: row for row in reversed(rows)}
        for row in rows:
            info = self._jobs.info(row)
            if firsts[row.pipeline] == row and info.key not in running and self._is_ready(info):
                return self._work(info)
        return None

    def work(self, key: JobKey) -> JobWork:
        """A job, whether it can be done now or not."""
        return self._work(self._jobs.inspect(key))

    def _is_ready(self, info: JobInfo) -> bool:
        output = self._jobs.commit(info)
        if output is None or not self._is_settled(self._lookups.commit_by_num(output.parent)):
            return False
        inputs = [self._lookups.commit_by_num(link.input) for link in self._lookups.provenance(output.num)]
        return all(row is None or row.finished is not None for row in inputs)

    def _is_settled(self, parent: CommitRow | None) -> bool:
        return parent is None or parent.finished is not None

    def _work(self, info: JobInfo) -> JobWork:
        sql = "SELECT spec_commit FROM pipeline_versions v JOIN jobs j USING (pipeline, version) WHERE j.num = ?"
        spec_commit = self._store.value(str, sql, info.num) or ""
        output = CommitKey(info.output.repo, info.commit, info.output.name)
        return JobWork(info.key, info.version, spec_commit, output, self._tree(info), info.spec, info.restarts)

    def _tree(self, info: JobInfo) -> Input | None:
        spec = info.spec.get("input")
        if not spec:
            return None
        at = self._jobs.inputs(info)

        def commit_of(kind: str, leaf: Spec) -> str:
            return at.get((repo_of(leaf), leaf.get("branch") or "master"), "")

        return input_tree(with_commits(spec, commit_of), info.key.pipeline.project)

    def is_open(self, key: JobKey) -> bool:
        """Whether a job is still to be done: it was not stopped, or deleted, or ended otherwise."""
        row = self._jobs.find(key)
        return row is not None and row.finished is None and row.state != JobState.FINISHING.value

    async def changed(self) -> None:
        """Sleep until there may be something to do."""
        await self._core.notifier.wait([JOBS])

    async def closed(self, key: JobKey) -> None:
        """Sleep until a job is not to be done any more."""
        while self.is_open(key):
            await self._core.notifier.wait([key.wakes])

    def base_datums(self, key: JobKey) -> dict[str, DatumRecord]:
        """The datums of the last job before it that succeeded, by their ids.

        Its commit still has their files.
        """
        base = self._base(self._jobs.inspect(key))
        return {} if base is None else {record.id: record for record in self._records.of(base.num)}

    def _base(self, info: JobInfo) -> JobInfo | None:
        output = self._jobs.commit(info)
        ancestors = [] if output is None else self._lookups.line(output)[1:]
        for row in ancestors:
            found = self._jobs.of_commit(info.key.pipeline, row.id) if not row.error else None
            if found is not None:
                return found
        return None

    def is_stuck(self, key: JobKey) -> bool:
        """Whether a job never ends on 2.x, as real servers find no job before it.

        They go back over the commits of what is known of datums, and one of them has none beside it with files: its
        branch was deleted when the input went on.
        """
        info = self._jobs.inspect(key)
        branch, output = info.output.name, info.output.repo
        known = None if self._first else self._lookups.find_commit(CommitKey(key.pipeline.meta_repo, key.id, branch))
        for row in self._lookups.line(known)[1:] if known is not None else ():
            beside = self._lookups.find_commit(CommitKey(output, row.id, branch))
            if row.origin == Origin.AUTO.value and beside is None:
                return True
            if beside is not None and not row.error and not beside.error:
                return False
        return False

    # ---- what became of it --------------------------------------------------------------

    def begin(self, key: JobKey) -> None:
        """A job is being done; if it was begun before, what it had is forgotten."""
        with self._core.unit() as unit:
            info = self._jobs.inspect(key)
            again = info.state is JobState.RUNNING
            if again:
                self._records.forget(info.num)
                self._results.forget(info.num, key.id)
                for row in self._outputs(info):
                    self._store.run("DELETE FROM changes WHERE commit_num = ?", row.num)
                    self._core.forget()
            self._store.run("UPDATE jobs SET restarts = restarts + ? WHERE num = ?", int(again), info.num)
            self._jobs.set(unit, info, JobState.RUNNING, counts=Counts())

    def _outputs(self, info: JobInfo) -> list[CommitRow]:
        """Its output commit, if that is open."""
        row = self._jobs.commit(info)
        return [row] if row is not None and row.finishing is None else []

    def expect(self, key: JobKey, total: int) -> None:
        """A job has so many datums."""
        with self._core.unit() as unit:
            info = self._jobs.inspect(key)
            counts = replace(info.counts, total=total)
            self._jobs.set(unit, info, info.state, counts=counts, stats=info.stats or self._no_stats)

    def keep(self, key: JobKey, base: Iterable[DatumRecord]) -> None:
        """Datums of the base are in this job, too, until they are said to be gone or done: their files stay."""
        with self._core.unit() as unit:
            info = self._jobs.inspect(key)
            counts = info.counts
            for record in base:
                before = self._records.put(info.num, replace(record, state=DatumState.SKIPPED))
                counts = recounted(counts, before, DatumState.SKIPPED)
            self._jobs.set(unit, info, info.state, info.reason, counts)

    def gone(self, key: JobKey, ids: Collection[str]) -> None:
        """Datums of the base are not in this job, or are done anew: their files go."""
        with self._core.unit() as unit:
            info = self._jobs.inspect(key)
            for row in self._outputs(info):
                self._snapshots.change(row, self._files_of(info, row, ids))
            counts = info.counts
            for id in ids:
                counts = recounted(counts, self._records.remove(info.num, id), None)
            stats = info.stats or (NO_STATS if ids else self._no_stats)
            self._jobs.set(unit, info, info.state, info.reason, counts, stats)

    def _files_of(self, info: JobInfo, row: CommitRow, datums: Collection[str]) -> list[Change]:
        """What removes the files of datums of the base."""
        wanted = set(datums)
        if self._first:
            base = self._base(info)
            records = [] if base is None else [self._records.find(base.num, id) for id in wanted]
            return [Delete(path) for record in records if record is not None for path in record.outputs]
        files = cast(Entries, self._snapshots.index(row)).files if wanted else ()
        return [Delete(path, owner) for path, owner in files if owner in wanted]

    def datum_done(self, key: JobKey, record: DatumRecord, changes: Iterable[Change] = ()) -> None:
        """A datum was done, well or not.

        :param changes: its files, with its id as their datum; of a datum that failed there are none.
        """
        self._note(key, record, [*changes])

    def reuse(self, key: JobKey, record: DatumRecord) -> bool:
        """Whether a datum need not be done, as any job before has done it well (1.x); then its files are put.

        Of 2.x only the base counts, see :meth:`base_datums`.
        """
        found = self._results.find(self._jobs.inspect(key).num, record.hash) if self._first else None
        if found is None:
            return False
        owner, changes = found
        self._note(key, replace(record, job=owner, state=DatumState.SKIPPED, stats=NO_STATS), changes)
        return True

    def _note(self, key: JobKey, record: DatumRecord, changes: list[Change]) -> None:
        if self._first:
            changes = [replace(change, datum="") for change in changes if not isinstance(change, PutSplit)]
            if record.state in (DatumState.FAILED, DatumState.RECOVERED):
                record = replace(record, stats=replace(record.stats, download_bytes=0))
        if changes:
            record = replace(record, outputs=tuple(change.path for change in changes if isinstance(change, Put)))
        with self._core.unit() as unit:
            info = self._jobs.inspect(key)
            before = self._records.put(info.num, record)
            if self._first and record.state is DatumState.SUCCESS:
                self._results.keep(info.num, record, changes)
            for row in self._outputs(info) if changes else ():
                unit.touch(info.output.repo)
                self._snapshots.change(row, changes)
            done = info.stats or NO_STATS
            stats = done if record.state is DatumState.SKIPPED else done + record.stats
            counts = recounted(info.counts, before, record.state)
            self._jobs.set(unit, info, info.state, info.reason, counts, stats)

    # ---- how it ends --------------------------------------------------------------------

    def finish(self, key: JobKey) -> None:
        """All datums of a job were done: it succeeds when its output is found good."""
        with self._core.unit() as unit:
            info = self._jobs.inspect(key)
            if info.state.is_final or info.state is JobState.FINISHING:
                return
            state = JobState.MERGING if self._first else JobState.FINISHING
            self._jobs.set(unit, info, state, stats=info.stats or self._no_stats)
            self._finish_commits(unit, info)
            if self._first:
                self._jobs.set(unit, self._jobs.inspect(key), JobState.SUCCESS)

    def _finish_commits(self, unit: Unit, info: JobInfo) -> None:
        for repo in (info.key.pipeline.meta_repo, info.output.repo):
            row = self._lookups.find_commit(CommitKey(repo, info.commit, info.output.name))
            if row is not None and row.finishing is None:
                self._commits.finish_row(unit, row)

    def fail(self, key: JobKey, reason: str = "") -> None:
        """A job failed.

        :param reason: by default the release's words for the first datum that failed.
        """
        with self._core.unit() as unit:
            info = self._jobs.inspect(key)
            counts = replace(info.counts, skipped=info.counts.skipped if self._first else 0)
            self._jobs.end(unit, info, JobState.FAILURE, reason or self._failure(info), counts)

    def _failure(self, info: JobInfo) -> str:
        sql = "SELECT id FROM datums WHERE job = ? AND state = 'FAILED' ORDER BY id"
        return self._core.profile[DATUM_FAILED_REASON].format(datum=self._store.value(str, sql, info.num) or "")

    def time_out(self, key: JobKey) -> None:
        """A job takes longer than its timeout."""
        with self._core.unit() as unit:
            self._jobs.end(unit, self._jobs.inspect(key), JobState.KILLED, self._core.profile[TIMED_OUT_REASON])
