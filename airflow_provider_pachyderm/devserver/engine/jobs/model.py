"""Values of jobs."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from airflow_provider_pachyderm.devserver.engine.model import BranchKey
from airflow_provider_pachyderm.devserver.engine.pipelines.model import PipelineKey, Spec

JOBS = "jobs"
"""The notifier's key that is woken when a job may have become ready: it is new, or an input of it was finished."""


class JobState(str, Enum):
    """The state of a job, by the names of the protocol."""

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
        """Whether the job has ended, so that its state never changes again."""
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
        """The notifier's key that is woken whenever the job changes."""
        return f"job {self.pipeline.project}/{self.pipeline.name}@{self.id}"


@dataclass(frozen=True)
class Stats:
    """How long datums took, in nanoseconds, and how many bytes they read and wrote."""

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
    """How many datums a job has, and how many of them ended in which state."""

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
