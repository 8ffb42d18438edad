"""What datums of 1.x put out, by which later jobs take them over: those of jobs that failed, or went, as well."""

from __future__ import annotations

from collections.abc import Iterable

from airflow_provider_pachyderm.devserver.engine.core import Core
from airflow_provider_pachyderm.devserver.engine.datums.records import DatumRecord
from airflow_provider_pachyderm.devserver.engine.model import Change
from airflow_provider_pachyderm.devserver.engine.snapshots.encoding import dump_change, load_change
from airflow_provider_pachyderm.devserver.engine.store.rows import ChangeRow


class DatumResults:
    """Results of a pipeline by what they are kept under; a change is part of the caller's unit of work."""

    def __init__(self, core: Core) -> None:
        self._store = core.store

    def keep(self, job: int, record: DatumRecord, changes: Iterable[Change]) -> None:
        """Keep what a datum put out.

        :param job: number of a job of the pipeline.
        """
        pipeline = self._pipeline(job)
        self._store.run("DELETE FROM datum_results WHERE pipeline = ? AND hash = ?", pipeline, record.hash)
        sql = "INSERT INTO datum_results (pipeline, hash, owner) VALUES (?, ?, ?)"
        num = self._store.run(sql, pipeline, record.hash, record.job)
        rows = [(num, *dump_change(change)) for change in changes]
        self._store.many("INSERT INTO datum_result_changes (result, kind, change) VALUES (?, ?, ?)", rows)

    def find(self, job: int, hash: str) -> tuple[str, list[Change]] | None:
        """The id of the job that did a datum, and what it put out; None: none has done it well."""
        pipeline = self._pipeline(job)
        owner = self._store.value(
            str, "SELECT owner FROM datum_results WHERE pipeline = ? AND hash = ?", pipeline, hash
        )
        if owner is None:
            return None
        rows = self._store.all(
            ChangeRow,
            "SELECT c.num, c.kind, c.change FROM datum_result_changes c JOIN datum_results r ON r.num = c.result "
            "WHERE r.pipeline = ? AND r.hash = ? ORDER BY c.num",
            pipeline, hash,
        )  # fmt: skip
        return owner, list(map(load_change, rows))

    def forget(self, job: int, id: str) -> None:
        """Forget what a job did that begins anew.

        :param id: of the job.
        """
        sql = "DELETE FROM datum_results WHERE pipeline = ? AND owner = ?"
        self._store.run(sql, self._pipeline(job), id)

    def _pipeline(self, job: int) -> int:
        return self._store.value(int, "SELECT pipeline FROM jobs WHERE num = ?", job) or 0
