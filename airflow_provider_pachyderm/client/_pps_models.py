"""Pipelines, jobs, datums and what else PPS knows: frozen values, the same for every server, never protobuf."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from airflow_provider_pachyderm.client._models import Branch, Commit, FileInfo


class PipelineState(Enum):
    """State of a pipeline. STANDBY is RUNNING without workers, as there is nothing to do; CRASHING ends by itself."""

    UNKNOWN = "unknown"
    STARTING = "starting"
    RUNNING = "running"
    RESTARTING = "restarting"
    FAILURE = "failure"
    PAUSED = "paused"
    STANDBY = "standby"
    CRASHING = "crashing"


class PipelineType(Enum):
    """What a pipeline runs. 1.x servers do not say; it is read from the spec there."""

    UNKNOWN = "unknown"
    TRANSFORM = "transform"
    SPOUT = "spout"
    SERVICE = "service"


class JobState(Enum):
    """State of a job. 1.x servers have neither CREATED, FINISHING nor UNRUNNABLE, 2.x servers no MERGING."""

    UNKNOWN = "unknown"
    CREATED = "created"
    STARTING = "starting"
    RUNNING = "running"
    MERGING = "merging"
    EGRESSING = "egressing"
    FINISHING = "finishing"
    SUCCESS = "success"
    FAILURE = "failure"
    KILLED = "killed"
    UNRUNNABLE = "unrunnable"

    @property
    def done(self) -> bool:
        """Whether the state is final."""
        return self in (JobState.SUCCESS, JobState.FAILURE, JobState.KILLED, JobState.UNRUNNABLE)


class DatumState(Enum):
    """State of a datum. SKIPPED: an earlier result stands. RECOVERED: it failed, but ``err_cmd`` succeeded."""

    UNKNOWN = "unknown"
    STARTING = "starting"
    SUCCESS = "success"
    SKIPPED = "skipped"
    FAILED = "failed"
    RECOVERED = "recovered"


@dataclass(frozen=True, slots=True)
class Pipeline:
    """A reference to a pipeline. ``str()`` gives ``project/name``, without a project if there is none.

    :param project: None on servers before 2.5, which have no projects, and for the default project.
    """

    name: str
    project: str | None = None

    def __str__(self) -> str:
        return f"{self.project}/{self.name}" if self.project else self.name


@dataclass(frozen=True, slots=True)
class Job:
    """A reference to a job. ``str()`` gives ``project/pipeline@id``, which calls take, too.

    :param id: on 2.x the ID of the commit that the job makes, and of the commit set; on 1.x an ID of its own.
    """

    pipeline: Pipeline
    id: str

    def __str__(self) -> str:
        return f"{self.pipeline}@{self.id}"


@dataclass(frozen=True, slots=True)
class Datum:
    """A reference to a datum of a job."""

    job: Job
    id: str

    def __str__(self) -> str:
        return f"{self.job}:{self.id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineInfo:
    """A pipeline, in one of its versions.

    :param version: 1 when it is created, one more with each update.
    :param stopped: whether somebody stopped it; the state follows.
    :param reason: why it is in its state, if that is FAILURE or CRASHING.
    :param last_job_state: of the job that is the newest, or that changed last.
    :param created: when; on 2.x when this version was made.
    :param spec: what it was created with, as :func:`read_pipeline_specs` writes it, with the server's defaults.
    :param user_spec: what the user wrote of it, where the server keeps that (2.8 and later); None elsewhere.
    :param parallelism: how many workers it is to have.
    :param workers_requested: how many it has asked for; None if the server did not say, as in lists.
    :param workers_available: how many are there; likewise.
    :param unclaimed_tasks: how much work no worker has taken yet.
    :param inputs: the branches that it reads.
    :param output_branch: the branch that it writes.
    :param spec_commit: the commit that holds this version's spec.
    :param metadata: labels of the pipeline itself (2.11 and later).
    """

    pipeline: Pipeline
    version: int
    state: PipelineState
    type: PipelineType = PipelineType.UNKNOWN
    stopped: bool = False
    reason: str = ""
    last_job_state: JobState | None = None
    description: str = ""
    created: datetime | None = None
    created_by: str = ""
    spec: Mapping[str, Any] = field(default_factory=dict)
    user_spec: Mapping[str, Any] | None = None
    parallelism: int = 0
    workers_requested: int | None = None
    workers_available: int | None = None
    unclaimed_tasks: int | None = None
    inputs: tuple[Branch, ...] = ()
    output_branch: Branch | None = None
    spec_commit: Commit | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ProcessStats:
    """What the datums of a job, or one of them, took: durations are added up over all workers."""

    download_time: timedelta = timedelta()
    process_time: timedelta = timedelta()
    upload_time: timedelta = timedelta()
    download_bytes: int = 0
    upload_bytes: int = 0


@dataclass(frozen=True, slots=True)
class WorkerStatus:
    """What a worker does just now.

    :param paths: the files of the datum that it processes; none if it is idle.
    :param started: when it began with that.
    """

    worker_id: str
    job_id: str
    paths: tuple[str, ...] = ()
    started: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JobInfo:
    """A job.

    :param reason: why it is in its state, in the server's words; of a job that failed, with the ID of a datum.
    :param pipeline_version: the version of the pipeline that it runs.
    :param output_commit: the commit that it writes.
    :param inputs: the commits that it reads, where the server says: 1.x, or 2.x with ``details``, which gives the ID of
        the job for all of them.
    :param restarts: how often the workers began again.
    :param created: when the server made it; 1.x: when it was started.
    :param data_total: how many datums it has; that grows while it starts.
    :param data_processed: how many of these are done well.
    :param data_skipped: how many kept the result of an earlier job.
    :param data_failed: how many failed.
    :param data_recovered: how many failed, but ``err_cmd`` succeeded.
    :param workers: what its workers do, with ``details`` while it runs.
    """

    job: Job
    state: JobState
    reason: str = ""
    pipeline_version: int = 0
    output_commit: Commit | None = None
    inputs: tuple[Commit, ...] = ()
    restarts: int = 0
    created: datetime | None = None
    started: datetime | None = None
    finished: datetime | None = None
    data_total: int = 0
    data_processed: int = 0
    data_skipped: int = 0
    data_failed: int = 0
    data_recovered: int = 0
    stats: ProcessStats = ProcessStats()
    workers: tuple[WorkerStatus, ...] = ()

    @property
    def data_done(self) -> int:
        """How many datums are done, well or not."""
        return self.data_processed + self.data_skipped + self.data_failed + self.data_recovered

    @property
    def progress(self) -> str:
        """How far the job is, for people: ``running: 3 of 10 datums done (1 skipped, 1 failed)``."""
        counts = ((self.data_skipped, "skipped"), (self.data_failed, "failed"), (self.data_recovered, "recovered"))
        notes = ", ".join(f"{count} {name}" for count, name in counts if count)
        done = f"{self.state.value}: {self.data_done} of {self.data_total} datums done"
        return f"{done} ({notes})" if notes else done


@dataclass(frozen=True, slots=True)
class JobSetInfo:
    """The jobs of one commit set (2.x).

    :param id: of all of them, and of the commits that they make.
    """

    id: str
    jobs: tuple[JobInfo, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DatumInfo:
    """A datum: a unit of input that a worker processes on its own.

    :param id: 2.x: the same for the same paths in every job; empty for a datum of an input without a pipeline on 1.x.
    :param job: the job that processed it, which for one that was skipped is an earlier one; None without a pipeline.
    :param files: its input files and directories.
    :param pfs_state: the commit and the directory in it that keep its input and output (2.x; 1.x with
        ``enable_stats``); None if there is none.
    :param image_id: of the container that processed it (2.2 and later).
    """

    id: str
    state: DatumState
    job: Job | None = None
    files: tuple[FileInfo, ...] = ()
    stats: ProcessStats = ProcessStats()
    pfs_state: tuple[Commit, str] | None = None
    image_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogMessage:
    """A line of the log.

    :param user: whether the user's program printed it; otherwise the worker did.
    :param paths: the input files of the datum that it is about.
    """

    message: str
    time: datetime | None = None
    user: bool = False
    pipeline: Pipeline | None = None
    job_id: str = ""
    datum_id: str = ""
    worker_id: str = ""
    master: bool = False
    paths: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SecretInfo:
    """A secret for pipelines. Servers never give its content.

    :param type: as Kubernetes names it, such as ``Opaque``.
    """

    name: str
    type: str = ""
    created: datetime | None = None


@dataclass(frozen=True, slots=True)
class RenderedTemplate:
    """What became of a jsonnet template.

    :param json: the text of it.
    :param specs: the specs in it, as :func:`read_pipeline_specs` writes them.
    """

    json: str
    specs: tuple[Mapping[str, Any], ...] = ()
