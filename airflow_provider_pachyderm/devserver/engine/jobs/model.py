"""Values of jobs."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from airflow_provider_pachyderm.devserver.engine.model import BranchKey
from airflow_provider_pachyderm.devserver.engine.pipelines.model import PipelineKey, Spec

JOBS = "jobs"
"""Key that is woken when there may be something to do: a job came, or what one waits for."""


class JobState(str, Enum):
    """How far a job is."""

    CREATED = "CREATED"
    STARTING = "STARTING"
    RUNNING = "RUNNING"
    MERGING = "MERGING"
    EGRESSING = "EGRESSING"
    FINISHING = "FINISHING"
    SUCCESS = "SUCCESS"
    FAILURE = "FAILURE"
    KILLED = "KILLED"
    UNRUNNABLE = "UNRUNNABLE"

    @property
    def is_final(self) -> bool:
        """Whether it stays so."""
        return self in (JobState.SUCCESS, JobState.FAILURE, JobState.KILLED, JobState.UNRUNNABLE)


@dataclass(frozen=True, order=True)
class JobKey:
    """A job's full name.

    :param id: in 2.x that of its commit set.
    """

    pipeline: PipelineKey
    id: str

    @property
    def wakes(self) -> str:
        """The key on which to wait for a change of the job."""
        return f"job {self.pipeline.project}/{self.pipeline.name}@{self.id}"


@dataclass(frozen=True)
class Stats:
    """What datums took: nanoseconds, and bytes."""

    download_time: int = 0
    process_time: int = 0
    upload_time: int = 0
    download_bytes: int = 0
    upload_bytes: int = 0

    def __add__(self, other: Stats) -> Stats:
        return Stats(
            self.download_time + other.download_time,
            self.process_time + other.process_time,
            self.upload_time + other.upload_time,
            self.download_bytes + other.download_bytes,
            self.upload_bytes + other.upload_bytes,
        )


NO_STATS = Stats()


@dataclass(frozen=True)
class Counts:
    """How many datums there are, and what became of them."""

    processed: int = 0
    skipped: int = 0
    total: int = 0
    failed: int = 0
    recovered: int = 0


@dataclass(frozen=True)
class JobInfo:
    """A job.

    :param version: the pipeline's version.
    :param output: the branch that its commit is on, and ``commit`` the id of that.
    :param spec: of that version.
    :param stats: None until it has begun.
    """

    num: int
    key: JobKey
    version: int
    output: BranchKey
    commit: str
    spec: Spec
    state: JobState
    reason: str
    created: int
    started: int | None
    finished: int | None
    restarts: int
    counts: Counts
    stats: Stats | None
