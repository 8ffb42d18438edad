"""What the engine stores about the datums of jobs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from enum import Enum
from typing import NamedTuple

from airflow_provider_pachyderm.devserver.engine.core import Core
from airflow_provider_pachyderm.devserver.engine.jobs.model import NO_STATS, Counts, Stats


class DatumState(str, Enum):
    """The state of a datum, by the names of the protocol."""

    STARTING = "STARTING"
    SUCCESS = "SUCCESS"
    FAILED = "FAILED"
    RECOVERED = "RECOVERED"
    SKIPPED = "SKIPPED"


_COUNTED = {
    DatumState.SUCCESS: "processed",
    DatumState.SKIPPED: "skipped",
    DatumState.FAILED: "failed",
    DatumState.RECOVERED: "recovered",
}


def recounted(counts: Counts, before: DatumState | None, after: DatumState | None) -> Counts:
    """Count a datum that changed its state.

    :param before: the state that it had; None if it was not a datum of the job.
    :param after: the state that it has now; None if it is no longer a datum of the job.
    """
    numbers = asdict(counts)
    for state, more in ((before, -1), (after, 1)):
        if state in _COUNTED:
            numbers[_COUNTED[state]] += more
    known = sum(numbers[name] for name in _COUNTED.values())
    return Counts(**{**numbers, "total": max(counts.total, known)})


@dataclass(frozen=True)
class InputFileRecord:
    """A file or directory that a datum has.

    :param repo: path of its repo, ``project/name.type``.
    :param hash: of its content, in hexadecimal digits.
    :param datum: the datum that it was put with; empty for a directory.
    """

    input: str
    repo: str
    branch: str
    commit: str
    path: str
    is_dir: bool
    size: int
    hash: str
    committed: int | None = None
    datum: str = ""


@dataclass(frozen=True)
class DatumRecord:
    """A datum of a job.

    :param hash: of its inputs and the pipeline's salt: what has the same is not done again.
    :param job: id of the job that did it.
    :param outputs: paths of what it put out, which 1.x does not know otherwise.
    """

    id: str
    hash: str
    state: DatumState
    job: str
    reason: str = ""
    stats: Stats = NO_STATS
    files: tuple[InputFileRecord, ...] = ()
    outputs: tuple[str, ...] = ()


class DatumRow(NamedTuple):
    """A row of ``datums``."""

    job: int
    id: str
    hash: str
    state: str
    owner: str
    reason: str
    stats: str
    files: str
    outputs: str


class DatumRecords:
    """The datums of jobs, by the numbers of these; a change is part of the caller's unit of work."""

    def __init__(self, core: Core) -> None:
        self._store = core.store

    def put(self, job: int, record: DatumRecord) -> DatumState | None:
        """Store a datum in place of what was stored of it before; returns the state that it had."""
        before = self._state(job, record.id)
        self._store.run(
            "INSERT OR REPLACE INTO datums (job, id, hash, state, owner, reason, stats, files, outputs) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            job, record.id, record.hash, record.state.value, record.job, record.reason,
            json.dumps(asdict(record.stats)), json.dumps([asdict(file) for file in record.files]),
            json.dumps(record.outputs),
        )  # fmt: skip
        return before

    def of(self, job: int) -> Iterator[DatumRecord]:
        """The datums of a job, by their ids."""
        return map(_record, self._store.all(DatumRow, "SELECT * FROM datums WHERE job = ? ORDER BY id", job))

    def find(self, job: int, id: str) -> DatumRecord | None:
        """A datum of a job."""
        row = self._store.one(DatumRow, "SELECT * FROM datums WHERE job = ? AND id = ?", job, id)
        return None if row is None else _record(row)

    def remove(self, job: int, id: str) -> DatumState | None:
        """Remove a datum from a job; returns the state that it had."""
        before = self._state(job, id)
        self._store.run("DELETE FROM datums WHERE job = ? AND id = ?", job, id)
        return before

    def _state(self, job: int, id: str) -> DatumState | None:
        state = self._store.value(str, "SELECT state FROM datums WHERE job = ? AND id = ?", job, id)
        return None if state is None else DatumState(state)

    def forget(self, job: int) -> None:
        """Forget the datums of a job."""
        self._store.run("DELETE FROM datums WHERE job = ?", job)


def _record(row: DatumRow) -> DatumRecord:
    return DatumRecord(
        row.id,
        row.hash,
        DatumState(row.state),
        row.owner,
        row.reason,
        Stats(**json.loads(row.stats)),
        tuple(InputFileRecord(**file) for file in json.loads(row.files)),
        tuple(json.loads(row.outputs)),
    )
