from airflow_provider_pachyderm._wire.v1 import pfs_pb2 as _pfs_pb2
from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import empty_pb2 as _empty_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class DatumState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    FAILED: _ClassVar[DatumState]
    SUCCESS: _ClassVar[DatumState]
    SKIPPED: _ClassVar[DatumState]
    STARTING: _ClassVar[DatumState]
    RECOVERED: _ClassVar[DatumState]

class JobState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    JOB_STARTING: _ClassVar[JobState]
    JOB_RUNNING: _ClassVar[JobState]
    JOB_FAILURE: _ClassVar[JobState]
    JOB_SUCCESS: _ClassVar[JobState]
    JOB_KILLED: _ClassVar[JobState]
    JOB_MERGING: _ClassVar[JobState]
    JOB_EGRESSING: _ClassVar[JobState]

class PipelineState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    PIPELINE_STARTING: _ClassVar[PipelineState]
    PIPELINE_RUNNING: _ClassVar[PipelineState]
    PIPELINE_RESTARTING: _ClassVar[PipelineState]
    PIPELINE_FAILURE: _ClassVar[PipelineState]
    PIPELINE_PAUSED: _ClassVar[PipelineState]
    PIPELINE_STANDBY: _ClassVar[PipelineState]
    PIPELINE_CRASHING: _ClassVar[PipelineState]
FAILED: DatumState
SUCCESS: DatumState
SKIPPED: DatumState
STARTING: DatumState
RECOVERED: DatumState
JOB_STARTING: JobState
JOB_RUNNING: JobState
JOB_FAILURE: JobState
JOB_SUCCESS: JobState
JOB_KILLED: JobState
JOB_MERGING: JobState
JOB_EGRESSING: JobState
PIPELINE_STARTING: PipelineState
PIPELINE_RUNNING: PipelineState
PIPELINE_RESTARTING: PipelineState
PIPELINE_FAILURE: PipelineState
PIPELINE_PAUSED: PipelineState
PIPELINE_STANDBY: PipelineState
PIPELINE_CRASHING: PipelineState

class BuildSpec(_message.Message):
    __slots__ = ("path", "language", "image")
    PATH_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_FIELD_NUMBER: _ClassVar[int]
    IMAGE_FIELD_NUMBER: _ClassVar[int]
    path: str
    language: str
    image: str
    def __init__(self, path: _Optional[str] = ..., language: _Optional[str] = ..., image: _Optional[str] = ...) -> None: ...

class ChunkSpec(_message.Message):
    __slots__ = ("number", "size_bytes")
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    SIZE_BYTES_FIELD_NUMBER: _ClassVar[int]
    number: int
    size_bytes: int
    def __init__(self, number: _Optional[int] = ..., size_bytes: _Optional[int] = ...) -> None: ...

class CreateJobRequest(_message.Message):
    __slots__ = ("pipeline", "output_commit", "restart", "data_processed", "data_skipped", "data_total", "data_failed", "data_recovered", "stats", "stats_commit", "state", "reason", "started", "finished")
    PIPELINE_FIELD_NUMBER: _ClassVar[int]
    OUTPUT_COMMIT_FIELD_NUMBER: _ClassVar[int]
    RESTART_FIELD_NUMBER: _ClassVar[int]
    DATA_PROCESSED_FIELD_NUMBER: _ClassVar[int]
    DATA_SKIPPED_FIELD_NUMBER: _ClassVar[int]
    DATA_TOTAL_FIELD_NUMBER: _ClassVar[int]
    DATA_FAILED_FIELD_NUMBER: _ClassVar[int]
    DATA_RECOVERED_FIELD_NUMBER: _ClassVar[int]
    STATS_FIELD_NUMBER: _ClassVar[int]
    STATS_COMMIT_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    STARTED_FIELD_NUMBER: _ClassVar[int]
    FINISHED_FIELD_NUMBER: _ClassVar[int]
    pipeline: Pipeline
    output_commit: _pfs_pb2.Commit
    restart: int
    data_processed: int
    data_skipped: int
    data_total: int
    data_failed: int
    data_recovered: int
    stats: ProcessStats
    stats_commit: _pfs_pb2.Commit
    state: JobState
    reason: str
    started: _timestamp_pb2.Timestamp
    finished: _timestamp_pb2.Timestamp
    def __init__(self, pipeline: _Optional[_Union[Pipeline, _Mapping]] = ..., output_commit: _Optional[_Union[_pfs_pb2.Commit, _Mapping]] = ..., restart: _Optional[int] = ..., data_processed: _Optional[int] = ..., data_skipped: _Optional[int] = ..., data_total: _Optional[int] = ..., data_failed: _Optional[int] = ..., data_recovered: _Optional[int] = ..., stats: _Optional[_Union[ProcessStats, _Mapping]] = ..., stats_commit: _Optional[_Union[_pfs_pb2.Commit, _Mapping]] = ..., state: _Optional[_Union[JobState, str]] = ..., reason: _Optional[str] = ..., started: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ..., finished: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class CreatePipelineRequest(_message.Message):
    __slots__ = ("pipeline", "transform", "update", "parallelism_spec", "egress", "output_branch", "scale_down_threshold", "resource_requests", "input", "description", "cache_size", "enable_stats", "reprocess", "batch", "max_queue_size", "service", "resource_limits", "chunk_spec", "datum_timeout", "job_timeout", "salt", "standby", "datum_tries", "scheduling_spec", "pod_spec", "hashtree_spec", "pod_patch", "spout", "spec_commit", "tf_job", "s3_out", "metadata", "sidecar_resource_limits", "autoscaling", "reprocess_spec")
    PIPELINE_FIELD_NUMBER: _ClassVar[int]
    TRANSFORM_FIELD_NUMBER: _ClassVar[int]
    UPDATE_FIELD_NUMBER: _ClassVar[int]
    PARALLELISM_SPEC_FIELD_NUMBER: _ClassVar[int]
    EGRESS_FIELD_NUMBER: _ClassVar[int]
    OUTPUT_BRANCH_FIELD_NUMBER: _ClassVar[int]
    SCALE_DOWN_THRESHOLD_FIELD_NUMBER: _ClassVar[int]
    RESOURCE_REQUESTS_FIELD_NUMBER: _ClassVar[int]
    INPUT_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    CACHE_SIZE_FIELD_NUMBER: _ClassVar[int]
    ENABLE_STATS_FIELD_NUMBER: _ClassVar[int]
    REPROCESS_FIELD_NUMBER: _ClassVar[int]
    BATCH_FIELD_NUMBER: _ClassVar[int]
    MAX_QUEUE_SIZE_FIELD_NUMBER: _ClassVar[int]
    SERVICE_FIELD_NUMBER: _ClassVar[int]
    RESOURCE_LIMITS_FIELD_NUMBER: _ClassVar[int]
    CHUNK_SPEC_FIELD_NUMBER: _ClassVar[int]
    DATUM_TIMEOUT_FIELD_NUMBER: _ClassVar[int]
    JOB_TIMEOUT_FIELD_NUMBER: _ClassVar[int]
    SALT_FIELD_NUMBER: _ClassVar[int]
    STANDBY_FIELD_NUMBER: _ClassVar[int]
    DATUM_TRIES_FIELD_NUMBER: _ClassVar[int]
    SCHEDULING_SPEC_FIELD_NUMBER: _ClassVar[int]
    POD_SPEC_FIELD_NUMBER: _ClassVar[int]
    HASHTREE_SPEC_FIELD_NUMBER: _ClassVar[int]
    POD_PATCH_FIELD_NUMBER: _ClassVar[int]
    SPOUT_FIELD_NUMBER: _ClassVar[int]
    SPEC_COMMIT_FIELD_NUMBER: _ClassVar[int]
    TF_JOB_FIELD_NUMBER: _ClassVar[int]
    S3_OUT_FIELD_NUMBER: _ClassVar[int]
    METADATA_FIELD_NUMBER: _ClassVar[int]
    SIDECAR_RESOURCE_LIMITS_FIELD_NUMBER: _ClassVar[int]
    AUTOSCALING_FIELD_NUMBER: _ClassVar[int]
    REPROCESS_SPEC_FIELD_NUMBER: _ClassVar[int]
    pipeline: Pipeline
    transform: Transform
    update: bool
    parallelism_spec: ParallelismSpec
    egress: Egress
    output_branch: str
    scale_down_threshold: _duration_pb2.Duration
    resource_requests: ResourceSpec
    input: Input
    description: str
    cache_size: str
    enable_stats: bool
    reprocess: bool
    batch: bool
    max_queue_size: int
    service: Service
    resource_limits: ResourceSpec
    chunk_spec: ChunkSpec
    datum_timeout: _duration_pb2.Duration
    job_timeout: _duration_pb2.Duration
    salt: str
    standby: bool
    datum_tries: int
    scheduling_spec: SchedulingSpec
    pod_spec: str
    hashtree_spec: HashtreeSpec
    pod_patch: str
    spout: Spout
    spec_commit: _pfs_pb2.Commit
    tf_job: TFJob
    s3_out: bool
    metadata: Metadata
    sidecar_resource_limits: ResourceSpec
    autoscaling: bool
    reprocess_spec: str
    def __init__(self, pipeline: _Optional[_Union[Pipeline, _Mapping]] = ..., transform: _Optional[_Union[Transform, _Mapping]] = ..., update: bool = ..., parallelism_spec: _Optional[_Union[ParallelismSpec, _Mapping]] = ..., egress: _Optional[_Union[Egress, _Mapping]] = ..., output_branch: _Optional[str] = ..., scale_down_threshold: _Optional[_Union[_duration_pb2.Duration, _Mapping]] = ..., resource_requests: _Optional[_Union[ResourceSpec, _Mapping]] = ..., input: _Optional[_Union[Input, _Mapping]] = ..., description: _Optional[str] = ..., cache_size: _Optional[str] = ..., enable_stats: bool = ..., reprocess: bool = ..., batch: bool = ..., max_queue_size: _Optional[int] = ..., service: _Optional[_Union[Service, _Mapping]] = ..., resource_limits: _Optional[_Union[ResourceSpec, _Mapping]] = ..., chunk_spec: _Optional[_Union[ChunkSpec, _Mapping]] = ..., datum_timeout: _Optional[_Union[_duration_pb2.Duration, _Mapping]] = ..., job_timeout: _Optional[_Union[_duration_pb2.Duration, _Mapping]] = ..., salt: _Optional[str] = ..., standby: bool = ..., datum_tries: _Optional[int] = ..., scheduling_spec: _Optional[_Union[SchedulingSpec, _Mapping]] = ..., pod_spec: _Optional[str] = ..., hashtree_spec: _Optional[_Union[HashtreeSpec, _Mapping]] = ..., pod_patch: _Optional[str] = ..., spout: _Optional[_Union[Spout, _Mapping]] = ..., spec_commit: _Optional[_Union[_pfs_pb2.Commit, _Mapping]] = ..., tf_job: _Optional[_Union[TFJob, _Mapping]] = ..., s3_out: bool = ..., metadata: _Optional[_Union[Metadata, _Mapping]] = ..., sidecar_resource_limits: _Optional[_Union[ResourceSpec, _Mapping]] = ..., autoscaling: bool = ..., reprocess_spec: _Optional[str] = ...) -> None: ...

class CreateSecretRequest(_message.Message):
    __slots__ = ("file",)
    FILE_FIELD_NUMBER: _ClassVar[int]
    file: bytes
    def __init__(self, file: _Optional[bytes] = ...) -> None: ...

class CronInput(_message.Message):
    __slots__ = ("name", "repo", "commit", "spec", "start", "overwrite")
    NAME_FIELD_NUMBER: _ClassVar[int]
    REPO_FIELD_NUMBER: _ClassVar[int]
    COMMIT_FIELD_NUMBER: _ClassVar[int]
    SPEC_FIELD_NUMBER: _ClassVar[int]
    START_FIELD_NUMBER: _ClassVar[int]
    OVERWRITE_FIELD_NUMBER: _ClassVar[int]
    name: str
    repo: str
    commit: str
    spec: str
    start: _timestamp_pb2.Timestamp
    overwrite: bool
    def __init__(self, name: _Optional[str] = ..., repo: _Optional[str] = ..., commit: _Optional[str] = ..., spec: _Optional[str] = ..., start: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ..., overwrite: bool = ...) -> None: ...

class Datum(_message.Message):
    __slots__ = ("id", "job")
    ID_FIELD_NUMBER: _ClassVar[int]
    JOB_FIELD_NUMBER: _ClassVar[int]
    id: str
    job: Job
    def __init__(self, id: _Optional[str] = ..., job: _Optional[_Union[Job, _Mapping]] = ...) -> None: ...

class DatumInfo(_message.Message):
    __slots__ = ("datum", "state", "stats", "pfs_state", "data")
    DATUM_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    STATS_FIELD_NUMBER: _ClassVar[int]
    PFS_STATE_FIELD_NUMBER: _ClassVar[int]
    DATA_FIELD_NUMBER: _ClassVar[int]
    datum: Datum
    state: DatumState
    stats: ProcessStats
    pfs_state: _pfs_pb2.File
    data: _containers.RepeatedCompositeFieldContainer[_pfs_pb2.FileInfo]
    def __init__(self, datum: _Optional[_Union[Datum, _Mapping]] = ..., state: _Optional[_Union[DatumState, str]] = ..., stats: _Optional[_Union[ProcessStats, _Mapping]] = ..., pfs_state: _Optional[_Union[_pfs_pb2.File, _Mapping]] = ..., data: _Optional[_Iterable[_Union[_pfs_pb2.FileInfo, _Mapping]]] = ...) -> None: ...

class DeleteJobRequest(_message.Message):
    __slots__ = ("job",)
    JOB_FIELD_NUMBER: _ClassVar[int]
    job: Job
    def __init__(self, job: _Optional[_Union[Job, _Mapping]] = ...) -> None: ...

class DeletePipelineRequest(_message.Message):
    __slots__ = ("pipeline", "all", "force", "keep_repo", "split_transaction")
    PIPELINE_FIELD_NUMBER: _ClassVar[int]
    ALL_FIELD_NUMBER: _ClassVar[int]
    FORCE_FIELD_NUMBER: _ClassVar[int]
    KEEP_REPO_FIELD_NUMBER: _ClassVar[int]
    SPLIT_TRANSACTION_FIELD_NUMBER: _ClassVar[int]
    pipeline: Pipeline
    all: bool
    force: bool
    keep_repo: bool
    split_transaction: bool
    def __init__(self, pipeline: _Optional[_Union[Pipeline, _Mapping]] = ..., all: bool = ..., force: bool = ..., keep_repo: bool = ..., split_transaction: bool = ...) -> None: ...

class DeleteSecretRequest(_message.Message):
    __slots__ = ("secret",)
    SECRET_FIELD_NUMBER: _ClassVar[int]
    secret: Secret
    def __init__(self, secret: _Optional[_Union[Secret, _Mapping]] = ...) -> None: ...

class Egress(_message.Message):
    __slots__ = ("URL",)
    URL_FIELD_NUMBER: _ClassVar[int]
    URL: str
    def __init__(self, URL: _Optional[str] = ...) -> None: ...

class FlushJobRequest(_message.Message):
    __slots__ = ("commits", "to_pipelines")
    COMMITS_FIELD_NUMBER: _ClassVar[int]
    TO_PIPELINES_FIELD_NUMBER: _ClassVar[int]
    commits: _containers.RepeatedCompositeFieldContainer[_pfs_pb2.Commit]
    to_pipelines: _containers.RepeatedCompositeFieldContainer[Pipeline]
    def __init__(self, commits: _Optional[_Iterable[_Union[_pfs_pb2.Commit, _Mapping]]] = ..., to_pipelines: _Optional[_Iterable[_Union[Pipeline, _Mapping]]] = ...) -> None: ...

class GPUSpec(_message.Message):
    __slots__ = ("type", "number")
    TYPE_FIELD_NUMBER: _ClassVar[int]
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    type: str
    number: int
    def __init__(self, type: _Optional[str] = ..., number: _Optional[int] = ...) -> None: ...

class GarbageCollectRequest(_message.Message):
    __slots__ = ("memory_bytes",)
    MEMORY_BYTES_FIELD_NUMBER: _ClassVar[int]
    memory_bytes: int
    def __init__(self, memory_bytes: _Optional[int] = ...) -> None: ...

class GarbageCollectResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class GetLogsRequest(_message.Message):
    __slots__ = ("job", "pipeline", "data_filters", "master", "datum", "follow", "tail", "use_loki_backend", "since")
    JOB_FIELD_NUMBER: _ClassVar[int]
    PIPELINE_FIELD_NUMBER: _ClassVar[int]
    DATA_FILTERS_FIELD_NUMBER: _ClassVar[int]
    MASTER_FIELD_NUMBER: _ClassVar[int]
    DATUM_FIELD_NUMBER: _ClassVar[int]
    FOLLOW_FIELD_NUMBER: _ClassVar[int]
    TAIL_FIELD_NUMBER: _ClassVar[int]
    USE_LOKI_BACKEND_FIELD_NUMBER: _ClassVar[int]
    SINCE_FIELD_NUMBER: _ClassVar[int]
    job: Job
    pipeline: Pipeline
    data_filters: _containers.RepeatedScalarFieldContainer[str]
    master: bool
    datum: Datum
    follow: bool
    tail: int
    use_loki_backend: bool
    since: _duration_pb2.Duration
    def __init__(self, job: _Optional[_Union[Job, _Mapping]] = ..., pipeline: _Optional[_Union[Pipeline, _Mapping]] = ..., data_filters: _Optional[_Iterable[str]] = ..., master: bool = ..., datum: _Optional[_Union[Datum, _Mapping]] = ..., follow: bool = ..., tail: _Optional[int] = ..., use_loki_backend: bool = ..., since: _Optional[_Union[_duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class GitInput(_message.Message):
    __slots__ = ("name", "url", "branch", "commit")
    NAME_FIELD_NUMBER: _ClassVar[int]
    URL_FIELD_NUMBER: _ClassVar[int]
    BRANCH_FIELD_NUMBER: _ClassVar[int]
    COMMIT_FIELD_NUMBER: _ClassVar[int]
    name: str
    url: str
    branch: str
    commit: str
    def __init__(self, name: _Optional[str] = ..., url: _Optional[str] = ..., branch: _Optional[str] = ..., commit: _Optional[str] = ...) -> None: ...

class HashtreeSpec(_message.Message):
    __slots__ = ("constant",)
    CONSTANT_FIELD_NUMBER: _ClassVar[int]
    constant: int
    def __init__(self, constant: _Optional[int] = ...) -> None: ...

class Input(_message.Message):
    __slots__ = ("cross", "union", "cron", "git", "pfs", "join", "group")
    CROSS_FIELD_NUMBER: _ClassVar[int]
    UNION_FIELD_NUMBER: _ClassVar[int]
    CRON_FIELD_NUMBER: _ClassVar[int]
    GIT_FIELD_NUMBER: _ClassVar[int]
    PFS_FIELD_NUMBER: _ClassVar[int]
    JOIN_FIELD_NUMBER: _ClassVar[int]
    GROUP_FIELD_NUMBER: _ClassVar[int]
    cross: _containers.RepeatedCompositeFieldContainer[Input]
    union: _containers.RepeatedCompositeFieldContainer[Input]
    cron: CronInput
    git: GitInput
    pfs: PFSInput
    join: _containers.RepeatedCompositeFieldContainer[Input]
    group: _containers.RepeatedCompositeFieldContainer[Input]
    def __init__(self, cross: _Optional[_Iterable[_Union[Input, _Mapping]]] = ..., union: _Optional[_Iterable[_Union[Input, _Mapping]]] = ..., cron: _Optional[_Union[CronInput, _Mapping]] = ..., git: _Optional[_Union[GitInput, _Mapping]] = ..., pfs: _Optional[_Union[PFSInput, _Mapping]] = ..., join: _Optional[_Iterable[_Union[Input, _Mapping]]] = ..., group: _Optional[_Iterable[_Union[Input, _Mapping]]] = ...) -> None: ...

class InputFile(_message.Message):
    __slots__ = ("path", "hash")
    PATH_FIELD_NUMBER: _ClassVar[int]
    HASH_FIELD_NUMBER: _ClassVar[int]
    path: str
    hash: bytes
    def __init__(self, path: _Optional[str] = ..., hash: _Optional[bytes] = ...) -> None: ...

class InspectDatumRequest(_message.Message):
    __slots__ = ("datum",)
    DATUM_FIELD_NUMBER: _ClassVar[int]
    datum: Datum
    def __init__(self, datum: _Optional[_Union[Datum, _Mapping]] = ...) -> None: ...

class InspectJobRequest(_message.Message):
    __slots__ = ("job", "block_state", "output_commit", "full")
    JOB_FIELD_NUMBER: _ClassVar[int]
    BLOCK_STATE_FIELD_NUMBER: _ClassVar[int]
    OUTPUT_COMMIT_FIELD_NUMBER: _ClassVar[int]
    FULL_FIELD_NUMBER: _ClassVar[int]
    job: Job
    block_state: bool
    output_commit: _pfs_pb2.Commit
    full: bool
    def __init__(self, job: _Optional[_Union[Job, _Mapping]] = ..., block_state: bool = ..., output_commit: _Optional[_Union[_pfs_pb2.Commit, _Mapping]] = ..., full: bool = ...) -> None: ...

class InspectPipelineRequest(_message.Message):
    __slots__ = ("pipeline",)
    PIPELINE_FIELD_NUMBER: _ClassVar[int]
    pipeline: Pipeline
    def __init__(self, pipeline: _Optional[_Union[Pipeline, _Mapping]] = ...) -> None: ...

class InspectSecretRequest(_message.Message):
    __slots__ = ("secret",)
    SECRET_FIELD_NUMBER: _ClassVar[int]
    secret: Secret
    def __init__(self, secret: _Optional[_Union[Secret, _Mapping]] = ...) -> None: ...

class Job(_message.Message):
    __slots__ = ("id",)
    ID_FIELD_NUMBER: _ClassVar[int]
    id: str
    def __init__(self, id: _Optional[str] = ...) -> None: ...

class JobInfo(_message.Message):
    __slots__ = ("job", "transform", "pipeline", "parent_job", "started", "finished", "output_commit", "state", "parallelism_spec", "pipeline_version", "service", "egress", "output_branch", "output_repo", "restart", "data_processed", "data_total", "worker_status", "resource_requests", "input", "new_branch", "stats_commit", "data_skipped", "stats", "enable_stats", "salt", "batch", "reason", "resource_limits", "chunk_spec", "datum_timeout", "job_timeout", "data_failed", "datum_tries", "scheduling_spec", "pod_spec", "pod_patch", "spout", "data_recovered", "spec_commit", "sidecar_resource_limits")
    JOB_FIELD_NUMBER: _ClassVar[int]
    TRANSFORM_FIELD_NUMBER: _ClassVar[int]
    PIPELINE_FIELD_NUMBER: _ClassVar[int]
    PARENT_JOB_FIELD_NUMBER: _ClassVar[int]
    STARTED_FIELD_NUMBER: _ClassVar[int]
    FINISHED_FIELD_NUMBER: _ClassVar[int]
    OUTPUT_COMMIT_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    PARALLELISM_SPEC_FIELD_NUMBER: _ClassVar[int]
    PIPELINE_VERSION_FIELD_NUMBER: _ClassVar[int]
    SERVICE_FIELD_NUMBER: _ClassVar[int]
    EGRESS_FIELD_NUMBER: _ClassVar[int]
    OUTPUT_BRANCH_FIELD_NUMBER: _ClassVar[int]
    OUTPUT_REPO_FIELD_NUMBER: _ClassVar[int]
    RESTART_FIELD_NUMBER: _ClassVar[int]
    DATA_PROCESSED_FIELD_NUMBER: _ClassVar[int]
    DATA_TOTAL_FIELD_NUMBER: _ClassVar[int]
    WORKER_STATUS_FIELD_NUMBER: _ClassVar[int]
    RESOURCE_REQUESTS_FIELD_NUMBER: _ClassVar[int]
    INPUT_FIELD_NUMBER: _ClassVar[int]
    NEW_BRANCH_FIELD_NUMBER: _ClassVar[int]
    STATS_COMMIT_FIELD_NUMBER: _ClassVar[int]
    DATA_SKIPPED_FIELD_NUMBER: _ClassVar[int]
    STATS_FIELD_NUMBER: _ClassVar[int]
    ENABLE_STATS_FIELD_NUMBER: _ClassVar[int]
    SALT_FIELD_NUMBER: _ClassVar[int]
    BATCH_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    RESOURCE_LIMITS_FIELD_NUMBER: _ClassVar[int]
    CHUNK_SPEC_FIELD_NUMBER: _ClassVar[int]
    DATUM_TIMEOUT_FIELD_NUMBER: _ClassVar[int]
    JOB_TIMEOUT_FIELD_NUMBER: _ClassVar[int]
    DATA_FAILED_FIELD_NUMBER: _ClassVar[int]
    DATUM_TRIES_FIELD_NUMBER: _ClassVar[int]
    SCHEDULING_SPEC_FIELD_NUMBER: _ClassVar[int]
    POD_SPEC_FIELD_NUMBER: _ClassVar[int]
    POD_PATCH_FIELD_NUMBER: _ClassVar[int]
    SPOUT_FIELD_NUMBER: _ClassVar[int]
    DATA_RECOVERED_FIELD_NUMBER: _ClassVar[int]
    SPEC_COMMIT_FIELD_NUMBER: _ClassVar[int]
    SIDECAR_RESOURCE_LIMITS_FIELD_NUMBER: _ClassVar[int]
    job: Job
    transform: Transform
    pipeline: Pipeline
    parent_job: Job
    started: _timestamp_pb2.Timestamp
    finished: _timestamp_pb2.Timestamp
    output_commit: _pfs_pb2.Commit
    state: JobState
    parallelism_spec: ParallelismSpec
    pipeline_version: int
    service: Service
    egress: Egress
    output_branch: str
    output_repo: _pfs_pb2.Repo
    restart: int
    data_processed: int
    data_total: int
    worker_status: _containers.RepeatedCompositeFieldContainer[WorkerStatus]
    resource_requests: ResourceSpec
    input: Input
    new_branch: _pfs_pb2.BranchInfo
    stats_commit: _pfs_pb2.Commit
    data_skipped: int
    stats: ProcessStats
    enable_stats: bool
    salt: str
    batch: bool
    reason: str
    resource_limits: ResourceSpec
    chunk_spec: ChunkSpec
    datum_timeout: _duration_pb2.Duration
    job_timeout: _duration_pb2.Duration
    data_failed: int
    datum_tries: int
    scheduling_spec: SchedulingSpec
    pod_spec: str
    pod_patch: str
    spout: Spout
    data_recovered: int
    spec_commit: _pfs_pb2.Commit
    sidecar_resource_limits: ResourceSpec
    def __init__(self, job: _Optional[_Union[Job, _Mapping]] = ..., transform: _Optional[_Union[Transform, _Mapping]] = ..., pipeline: _Optional[_Union[Pipeline, _Mapping]] = ..., parent_job: _Optional[_Union[Job, _Mapping]] = ..., started: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ..., finished: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ..., output_commit: _Optional[_Union[_pfs_pb2.Commit, _Mapping]] = ..., state: _Optional[_Union[JobState, str]] = ..., parallelism_spec: _Optional[_Union[ParallelismSpec, _Mapping]] = ..., pipeline_version: _Optional[int] = ..., service: _Optional[_Union[Service, _Mapping]] = ..., egress: _Optional[_Union[Egress, _Mapping]] = ..., output_branch: _Optional[str] = ..., output_repo: _Optional[_Union[_pfs_pb2.Repo, _Mapping]] = ..., restart: _Optional[int] = ..., data_processed: _Optional[int] = ..., data_total: _Optional[int] = ..., worker_status: _Optional[_Iterable[_Union[WorkerStatus, _Mapping]]] = ..., resource_requests: _Optional[_Union[ResourceSpec, _Mapping]] = ..., input: _Optional[_Union[Input, _Mapping]] = ..., new_branch: _Optional[_Union[_pfs_pb2.BranchInfo, _Mapping]] = ..., stats_commit: _Optional[_Union[_pfs_pb2.Commit, _Mapping]] = ..., data_skipped: _Optional[int] = ..., stats: _Optional[_Union[ProcessStats, _Mapping]] = ..., enable_stats: bool = ..., salt: _Optional[str] = ..., batch: bool = ..., reason: _Optional[str] = ..., resource_limits: _Optional[_Union[ResourceSpec, _Mapping]] = ..., chunk_spec: _Optional[_Union[ChunkSpec, _Mapping]] = ..., datum_timeout: _Optional[_Union[_duration_pb2.Duration, _Mapping]] = ..., job_timeout: _Optional[_Union[_duration_pb2.Duration, _Mapping]] = ..., data_failed: _Optional[int] = ..., datum_tries: _Optional[int] = ..., scheduling_spec: _Optional[_Union[SchedulingSpec, _Mapping]] = ..., pod_spec: _Optional[str] = ..., pod_patch: _Optional[str] = ..., spout: _Optional[_Union[Spout, _Mapping]] = ..., data_recovered: _Optional[int] = ..., spec_commit: _Optional[_Union[_pfs_pb2.Commit, _Mapping]] = ..., sidecar_resource_limits: _Optional[_Union[ResourceSpec, _Mapping]] = ...) -> None: ...

class JobInfos(_message.Message):
    __slots__ = ("job_info",)
    JOB_INFO_FIELD_NUMBER: _ClassVar[int]
    job_info: _containers.RepeatedCompositeFieldContainer[JobInfo]
    def __init__(self, job_info: _Optional[_Iterable[_Union[JobInfo, _Mapping]]] = ...) -> None: ...

class ListDatumRequest(_message.Message):
    __slots__ = ("job", "page_size", "page", "input", "status_only")
    JOB_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_FIELD_NUMBER: _ClassVar[int]
    INPUT_FIELD_NUMBER: _ClassVar[int]
    STATUS_ONLY_FIELD_NUMBER: _ClassVar[int]
    job: Job
    page_size: int
    page: int
    input: Input
    status_only: bool
    def __init__(self, job: _Optional[_Union[Job, _Mapping]] = ..., page_size: _Optional[int] = ..., page: _Optional[int] = ..., input: _Optional[_Union[Input, _Mapping]] = ..., status_only: bool = ...) -> None: ...

class ListDatumResponse(_message.Message):
    __slots__ = ("datum_infos", "total_pages", "page")
    DATUM_INFOS_FIELD_NUMBER: _ClassVar[int]
    TOTAL_PAGES_FIELD_NUMBER: _ClassVar[int]
    PAGE_FIELD_NUMBER: _ClassVar[int]
    datum_infos: _containers.RepeatedCompositeFieldContainer[DatumInfo]
    total_pages: int
    page: int
    def __init__(self, datum_infos: _Optional[_Iterable[_Union[DatumInfo, _Mapping]]] = ..., total_pages: _Optional[int] = ..., page: _Optional[int] = ...) -> None: ...

class ListDatumStreamResponse(_message.Message):
    __slots__ = ("datum_info", "total_pages", "page")
    DATUM_INFO_FIELD_NUMBER: _ClassVar[int]
    TOTAL_PAGES_FIELD_NUMBER: _ClassVar[int]
    PAGE_FIELD_NUMBER: _ClassVar[int]
    datum_info: DatumInfo
    total_pages: int
    page: int
    def __init__(self, datum_info: _Optional[_Union[DatumInfo, _Mapping]] = ..., total_pages: _Optional[int] = ..., page: _Optional[int] = ...) -> None: ...

class ListJobRequest(_message.Message):
    __slots__ = ("pipeline", "input_commit", "output_commit", "history", "full", "jqFilter")
    PIPELINE_FIELD_NUMBER: _ClassVar[int]
    INPUT_COMMIT_FIELD_NUMBER: _ClassVar[int]
    OUTPUT_COMMIT_FIELD_NUMBER: _ClassVar[int]
    HISTORY_FIELD_NUMBER: _ClassVar[int]
    FULL_FIELD_NUMBER: _ClassVar[int]
    JQFILTER_FIELD_NUMBER: _ClassVar[int]
    pipeline: Pipeline
    input_commit: _containers.RepeatedCompositeFieldContainer[_pfs_pb2.Commit]
    output_commit: _pfs_pb2.Commit
    history: int
    full: bool
    jqFilter: str
    def __init__(self, pipeline: _Optional[_Union[Pipeline, _Mapping]] = ..., input_commit: _Optional[_Iterable[_Union[_pfs_pb2.Commit, _Mapping]]] = ..., output_commit: _Optional[_Union[_pfs_pb2.Commit, _Mapping]] = ..., history: _Optional[int] = ..., full: bool = ..., jqFilter: _Optional[str] = ...) -> None: ...

class ListPipelineRequest(_message.Message):
    __slots__ = ("pipeline", "history", "allow_incomplete", "jqFilter")
    PIPELINE_FIELD_NUMBER: _ClassVar[int]
    HISTORY_FIELD_NUMBER: _ClassVar[int]
    ALLOW_INCOMPLETE_FIELD_NUMBER: _ClassVar[int]
    JQFILTER_FIELD_NUMBER: _ClassVar[int]
    pipeline: Pipeline
    history: int
    allow_incomplete: bool
    jqFilter: str
    def __init__(self, pipeline: _Optional[_Union[Pipeline, _Mapping]] = ..., history: _Optional[int] = ..., allow_incomplete: bool = ..., jqFilter: _Optional[str] = ...) -> None: ...

class LogMessage(_message.Message):
    __slots__ = ("pipeline_name", "job_id", "data", "ts", "message", "worker_id", "user", "datum_id", "master")
    PIPELINE_NAME_FIELD_NUMBER: _ClassVar[int]
    JOB_ID_FIELD_NUMBER: _ClassVar[int]
    DATA_FIELD_NUMBER: _ClassVar[int]
    TS_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    WORKER_ID_FIELD_NUMBER: _ClassVar[int]
    USER_FIELD_NUMBER: _ClassVar[int]
    DATUM_ID_FIELD_NUMBER: _ClassVar[int]
    MASTER_FIELD_NUMBER: _ClassVar[int]
    pipeline_name: str
    job_id: str
    data: _containers.RepeatedCompositeFieldContainer[InputFile]
    ts: _timestamp_pb2.Timestamp
    message: str
    worker_id: str
    user: bool
    datum_id: str
    master: bool
    def __init__(self, pipeline_name: _Optional[str] = ..., job_id: _Optional[str] = ..., data: _Optional[_Iterable[_Union[InputFile, _Mapping]]] = ..., ts: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ..., message: _Optional[str] = ..., worker_id: _Optional[str] = ..., user: bool = ..., datum_id: _Optional[str] = ..., master: bool = ...) -> None: ...

class Metadata(_message.Message):
    __slots__ = ("annotations", "labels")
    class AnnotationsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    class LabelsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    ANNOTATIONS_FIELD_NUMBER: _ClassVar[int]
    LABELS_FIELD_NUMBER: _ClassVar[int]
    annotations: _containers.ScalarMap[str, str]
    labels: _containers.ScalarMap[str, str]
    def __init__(self, annotations: _Optional[_Mapping[str, str]] = ..., labels: _Optional[_Mapping[str, str]] = ...) -> None: ...

class PFSInput(_message.Message):
    __slots__ = ("name", "repo", "branch", "commit", "glob", "lazy", "empty_files", "join_on", "s3", "trigger", "group_by", "outer_join")
    NAME_FIELD_NUMBER: _ClassVar[int]
    REPO_FIELD_NUMBER: _ClassVar[int]
    BRANCH_FIELD_NUMBER: _ClassVar[int]
    COMMIT_FIELD_NUMBER: _ClassVar[int]
    GLOB_FIELD_NUMBER: _ClassVar[int]
    LAZY_FIELD_NUMBER: _ClassVar[int]
    EMPTY_FILES_FIELD_NUMBER: _ClassVar[int]
    JOIN_ON_FIELD_NUMBER: _ClassVar[int]
    S3_FIELD_NUMBER: _ClassVar[int]
    TRIGGER_FIELD_NUMBER: _ClassVar[int]
    GROUP_BY_FIELD_NUMBER: _ClassVar[int]
    OUTER_JOIN_FIELD_NUMBER: _ClassVar[int]
    name: str
    repo: str
    branch: str
    commit: str
    glob: str
    lazy: bool
    empty_files: bool
    join_on: str
    s3: bool
    trigger: _pfs_pb2.Trigger
    group_by: str
    outer_join: bool
    def __init__(self, name: _Optional[str] = ..., repo: _Optional[str] = ..., branch: _Optional[str] = ..., commit: _Optional[str] = ..., glob: _Optional[str] = ..., lazy: bool = ..., empty_files: bool = ..., join_on: _Optional[str] = ..., s3: bool = ..., trigger: _Optional[_Union[_pfs_pb2.Trigger, _Mapping]] = ..., group_by: _Optional[str] = ..., outer_join: bool = ...) -> None: ...

class ParallelismSpec(_message.Message):
    __slots__ = ("constant", "coefficient")
    CONSTANT_FIELD_NUMBER: _ClassVar[int]
    COEFFICIENT_FIELD_NUMBER: _ClassVar[int]
    constant: int
    coefficient: float
    def __init__(self, constant: _Optional[int] = ..., coefficient: _Optional[float] = ...) -> None: ...

class Pipeline(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class PipelineInfo(_message.Message):
    __slots__ = ("pipeline", "transform", "created_at", "state", "recent_error", "job_counts", "parallelism_spec", "version", "egress", "output_branch", "id", "scale_down_threshold", "resource_requests", "input", "description", "cache_size", "enable_stats", "salt", "batch", "reason", "max_queue_size", "service", "resource_limits", "chunk_spec", "datum_timeout", "job_timeout", "githook_url", "spec_commit", "standby", "stopped", "datum_tries", "scheduling_spec", "pod_spec", "hashtree_spec", "last_job_state", "pod_patch", "spout", "tf_job", "s3_out", "metadata", "workers_requested", "workers_available", "sidecar_resource_limits", "unclaimed_tasks", "worker_rc", "autoscaling", "reprocess_spec")
    class JobCountsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: int
        value: int
        def __init__(self, key: _Optional[int] = ..., value: _Optional[int] = ...) -> None: ...
    PIPELINE_FIELD_NUMBER: _ClassVar[int]
    TRANSFORM_FIELD_NUMBER: _ClassVar[int]
    CREATED_AT_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    RECENT_ERROR_FIELD_NUMBER: _ClassVar[int]
    JOB_COUNTS_FIELD_NUMBER: _ClassVar[int]
    PARALLELISM_SPEC_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    EGRESS_FIELD_NUMBER: _ClassVar[int]
    OUTPUT_BRANCH_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    SCALE_DOWN_THRESHOLD_FIELD_NUMBER: _ClassVar[int]
    RESOURCE_REQUESTS_FIELD_NUMBER: _ClassVar[int]
    INPUT_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    CACHE_SIZE_FIELD_NUMBER: _ClassVar[int]
    ENABLE_STATS_FIELD_NUMBER: _ClassVar[int]
    SALT_FIELD_NUMBER: _ClassVar[int]
    BATCH_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    MAX_QUEUE_SIZE_FIELD_NUMBER: _ClassVar[int]
    SERVICE_FIELD_NUMBER: _ClassVar[int]
    RESOURCE_LIMITS_FIELD_NUMBER: _ClassVar[int]
    CHUNK_SPEC_FIELD_NUMBER: _ClassVar[int]
    DATUM_TIMEOUT_FIELD_NUMBER: _ClassVar[int]
    JOB_TIMEOUT_FIELD_NUMBER: _ClassVar[int]
    GITHOOK_URL_FIELD_NUMBER: _ClassVar[int]
    SPEC_COMMIT_FIELD_NUMBER: _ClassVar[int]
    STANDBY_FIELD_NUMBER: _ClassVar[int]
    STOPPED_FIELD_NUMBER: _ClassVar[int]
    DATUM_TRIES_FIELD_NUMBER: _ClassVar[int]
    SCHEDULING_SPEC_FIELD_NUMBER: _ClassVar[int]
    POD_SPEC_FIELD_NUMBER: _ClassVar[int]
    HASHTREE_SPEC_FIELD_NUMBER: _ClassVar[int]
    LAST_JOB_STATE_FIELD_NUMBER: _ClassVar[int]
    POD_PATCH_FIELD_NUMBER: _ClassVar[int]
    SPOUT_FIELD_NUMBER: _ClassVar[int]
    TF_JOB_FIELD_NUMBER: _ClassVar[int]
    S3_OUT_FIELD_NUMBER: _ClassVar[int]
    METADATA_FIELD_NUMBER: _ClassVar[int]
    WORKERS_REQUESTED_FIELD_NUMBER: _ClassVar[int]
    WORKERS_AVAILABLE_FIELD_NUMBER: _ClassVar[int]
    SIDECAR_RESOURCE_LIMITS_FIELD_NUMBER: _ClassVar[int]
    UNCLAIMED_TASKS_FIELD_NUMBER: _ClassVar[int]
    WORKER_RC_FIELD_NUMBER: _ClassVar[int]
    AUTOSCALING_FIELD_NUMBER: _ClassVar[int]
    REPROCESS_SPEC_FIELD_NUMBER: _ClassVar[int]
    pipeline: Pipeline
    transform: Transform
    created_at: _timestamp_pb2.Timestamp
    state: PipelineState
    recent_error: str
    job_counts: _containers.ScalarMap[int, int]
    parallelism_spec: ParallelismSpec
    version: int
    egress: Egress
    output_branch: str
    id: str
    scale_down_threshold: _duration_pb2.Duration
    resource_requests: ResourceSpec
    input: Input
    description: str
    cache_size: str
    enable_stats: bool
    salt: str
    batch: bool
    reason: str
    max_queue_size: int
    service: Service
    resource_limits: ResourceSpec
    chunk_spec: ChunkSpec
    datum_timeout: _duration_pb2.Duration
    job_timeout: _duration_pb2.Duration
    githook_url: str
    spec_commit: _pfs_pb2.Commit
    standby: bool
    stopped: bool
    datum_tries: int
    scheduling_spec: SchedulingSpec
    pod_spec: str
    hashtree_spec: HashtreeSpec
    last_job_state: JobState
    pod_patch: str
    spout: Spout
    tf_job: TFJob
    s3_out: bool
    metadata: Metadata
    workers_requested: int
    workers_available: int
    sidecar_resource_limits: ResourceSpec
    unclaimed_tasks: int
    worker_rc: str
    autoscaling: bool
    reprocess_spec: str
    def __init__(self, pipeline: _Optional[_Union[Pipeline, _Mapping]] = ..., transform: _Optional[_Union[Transform, _Mapping]] = ..., created_at: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ..., state: _Optional[_Union[PipelineState, str]] = ..., recent_error: _Optional[str] = ..., job_counts: _Optional[_Mapping[int, int]] = ..., parallelism_spec: _Optional[_Union[ParallelismSpec, _Mapping]] = ..., version: _Optional[int] = ..., egress: _Optional[_Union[Egress, _Mapping]] = ..., output_branch: _Optional[str] = ..., id: _Optional[str] = ..., scale_down_threshold: _Optional[_Union[_duration_pb2.Duration, _Mapping]] = ..., resource_requests: _Optional[_Union[ResourceSpec, _Mapping]] = ..., input: _Optional[_Union[Input, _Mapping]] = ..., description: _Optional[str] = ..., cache_size: _Optional[str] = ..., enable_stats: bool = ..., salt: _Optional[str] = ..., batch: bool = ..., reason: _Optional[str] = ..., max_queue_size: _Optional[int] = ..., service: _Optional[_Union[Service, _Mapping]] = ..., resource_limits: _Optional[_Union[ResourceSpec, _Mapping]] = ..., chunk_spec: _Optional[_Union[ChunkSpec, _Mapping]] = ..., datum_timeout: _Optional[_Union[_duration_pb2.Duration, _Mapping]] = ..., job_timeout: _Optional[_Union[_duration_pb2.Duration, _Mapping]] = ..., githook_url: _Optional[str] = ..., spec_commit: _Optional[_Union[_pfs_pb2.Commit, _Mapping]] = ..., standby: bool = ..., stopped: bool = ..., datum_tries: _Optional[int] = ..., scheduling_spec: _Optional[_Union[SchedulingSpec, _Mapping]] = ..., pod_spec: _Optional[str] = ..., hashtree_spec: _Optional[_Union[HashtreeSpec, _Mapping]] = ..., last_job_state: _Optional[_Union[JobState, str]] = ..., pod_patch: _Optional[str] = ..., spout: _Optional[_Union[Spout, _Mapping]] = ..., tf_job: _Optional[_Union[TFJob, _Mapping]] = ..., s3_out: bool = ..., metadata: _Optional[_Union[Metadata, _Mapping]] = ..., workers_requested: _Optional[int] = ..., workers_available: _Optional[int] = ..., sidecar_resource_limits: _Optional[_Union[ResourceSpec, _Mapping]] = ..., unclaimed_tasks: _Optional[int] = ..., worker_rc: _Optional[str] = ..., autoscaling: bool = ..., reprocess_spec: _Optional[str] = ...) -> None: ...

class PipelineInfos(_message.Message):
    __slots__ = ("pipeline_info",)
    PIPELINE_INFO_FIELD_NUMBER: _ClassVar[int]
    pipeline_info: _containers.RepeatedCompositeFieldContainer[PipelineInfo]
    def __init__(self, pipeline_info: _Optional[_Iterable[_Union[PipelineInfo, _Mapping]]] = ...) -> None: ...

class ProcessStats(_message.Message):
    __slots__ = ("download_time", "process_time", "upload_time", "download_bytes", "upload_bytes")
    DOWNLOAD_TIME_FIELD_NUMBER: _ClassVar[int]
    PROCESS_TIME_FIELD_NUMBER: _ClassVar[int]
    UPLOAD_TIME_FIELD_NUMBER: _ClassVar[int]
    DOWNLOAD_BYTES_FIELD_NUMBER: _ClassVar[int]
    UPLOAD_BYTES_FIELD_NUMBER: _ClassVar[int]
    download_time: _duration_pb2.Duration
    process_time: _duration_pb2.Duration
    upload_time: _duration_pb2.Duration
    download_bytes: int
    upload_bytes: int
    def __init__(self, download_time: _Optional[_Union[_duration_pb2.Duration, _Mapping]] = ..., process_time: _Optional[_Union[_duration_pb2.Duration, _Mapping]] = ..., upload_time: _Optional[_Union[_duration_pb2.Duration, _Mapping]] = ..., download_bytes: _Optional[int] = ..., upload_bytes: _Optional[int] = ...) -> None: ...

class ResourceSpec(_message.Message):
    __slots__ = ("cpu", "memory", "disk", "gpu")
    CPU_FIELD_NUMBER: _ClassVar[int]
    MEMORY_FIELD_NUMBER: _ClassVar[int]
    DISK_FIELD_NUMBER: _ClassVar[int]
    GPU_FIELD_NUMBER: _ClassVar[int]
    cpu: float
    memory: str
    disk: str
    gpu: GPUSpec
    def __init__(self, cpu: _Optional[float] = ..., memory: _Optional[str] = ..., disk: _Optional[str] = ..., gpu: _Optional[_Union[GPUSpec, _Mapping]] = ...) -> None: ...

class RestartDatumRequest(_message.Message):
    __slots__ = ("job", "data_filters")
    JOB_FIELD_NUMBER: _ClassVar[int]
    DATA_FILTERS_FIELD_NUMBER: _ClassVar[int]
    job: Job
    data_filters: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, job: _Optional[_Union[Job, _Mapping]] = ..., data_filters: _Optional[_Iterable[str]] = ...) -> None: ...

class RunCronRequest(_message.Message):
    __slots__ = ("pipeline",)
    PIPELINE_FIELD_NUMBER: _ClassVar[int]
    pipeline: Pipeline
    def __init__(self, pipeline: _Optional[_Union[Pipeline, _Mapping]] = ...) -> None: ...

class RunPipelineRequest(_message.Message):
    __slots__ = ("pipeline", "provenance", "job_id")
    PIPELINE_FIELD_NUMBER: _ClassVar[int]
    PROVENANCE_FIELD_NUMBER: _ClassVar[int]
    JOB_ID_FIELD_NUMBER: _ClassVar[int]
    pipeline: Pipeline
    provenance: _containers.RepeatedCompositeFieldContainer[_pfs_pb2.CommitProvenance]
    job_id: str
    def __init__(self, pipeline: _Optional[_Union[Pipeline, _Mapping]] = ..., provenance: _Optional[_Iterable[_Union[_pfs_pb2.CommitProvenance, _Mapping]]] = ..., job_id: _Optional[str] = ...) -> None: ...

class SchedulingSpec(_message.Message):
    __slots__ = ("node_selector", "priority_class_name")
    class NodeSelectorEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    NODE_SELECTOR_FIELD_NUMBER: _ClassVar[int]
    PRIORITY_CLASS_NAME_FIELD_NUMBER: _ClassVar[int]
    node_selector: _containers.ScalarMap[str, str]
    priority_class_name: str
    def __init__(self, node_selector: _Optional[_Mapping[str, str]] = ..., priority_class_name: _Optional[str] = ...) -> None: ...

class Secret(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class SecretInfo(_message.Message):
    __slots__ = ("secret", "type", "creation_timestamp")
    SECRET_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    CREATION_TIMESTAMP_FIELD_NUMBER: _ClassVar[int]
    secret: Secret
    type: str
    creation_timestamp: _timestamp_pb2.Timestamp
    def __init__(self, secret: _Optional[_Union[Secret, _Mapping]] = ..., type: _Optional[str] = ..., creation_timestamp: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class SecretInfos(_message.Message):
    __slots__ = ("secret_info",)
    SECRET_INFO_FIELD_NUMBER: _ClassVar[int]
    secret_info: _containers.RepeatedCompositeFieldContainer[SecretInfo]
    def __init__(self, secret_info: _Optional[_Iterable[_Union[SecretInfo, _Mapping]]] = ...) -> None: ...

class SecretMount(_message.Message):
    __slots__ = ("name", "mount_path", "env_var", "key")
    NAME_FIELD_NUMBER: _ClassVar[int]
    MOUNT_PATH_FIELD_NUMBER: _ClassVar[int]
    ENV_VAR_FIELD_NUMBER: _ClassVar[int]
    KEY_FIELD_NUMBER: _ClassVar[int]
    name: str
    mount_path: str
    env_var: str
    key: str
    def __init__(self, name: _Optional[str] = ..., mount_path: _Optional[str] = ..., env_var: _Optional[str] = ..., key: _Optional[str] = ...) -> None: ...

class Service(_message.Message):
    __slots__ = ("internal_port", "external_port", "ip", "type", "annotations")
    class AnnotationsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    INTERNAL_PORT_FIELD_NUMBER: _ClassVar[int]
    EXTERNAL_PORT_FIELD_NUMBER: _ClassVar[int]
    IP_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    ANNOTATIONS_FIELD_NUMBER: _ClassVar[int]
    internal_port: int
    external_port: int
    ip: str
    type: str
    annotations: _containers.ScalarMap[str, str]
    def __init__(self, internal_port: _Optional[int] = ..., external_port: _Optional[int] = ..., ip: _Optional[str] = ..., type: _Optional[str] = ..., annotations: _Optional[_Mapping[str, str]] = ...) -> None: ...

class Spout(_message.Message):
    __slots__ = ("overwrite", "service", "marker")
    OVERWRITE_FIELD_NUMBER: _ClassVar[int]
    SERVICE_FIELD_NUMBER: _ClassVar[int]
    MARKER_FIELD_NUMBER: _ClassVar[int]
    overwrite: bool
    service: Service
    marker: str
    def __init__(self, overwrite: bool = ..., service: _Optional[_Union[Service, _Mapping]] = ..., marker: _Optional[str] = ...) -> None: ...

class StartPipelineRequest(_message.Message):
    __slots__ = ("pipeline",)
    PIPELINE_FIELD_NUMBER: _ClassVar[int]
    pipeline: Pipeline
    def __init__(self, pipeline: _Optional[_Union[Pipeline, _Mapping]] = ...) -> None: ...

class StopJobRequest(_message.Message):
    __slots__ = ("job",)
    JOB_FIELD_NUMBER: _ClassVar[int]
    job: Job
    def __init__(self, job: _Optional[_Union[Job, _Mapping]] = ...) -> None: ...

class StopPipelineRequest(_message.Message):
    __slots__ = ("pipeline",)
    PIPELINE_FIELD_NUMBER: _ClassVar[int]
    pipeline: Pipeline
    def __init__(self, pipeline: _Optional[_Union[Pipeline, _Mapping]] = ...) -> None: ...

class TFJob(_message.Message):
    __slots__ = ("tf_job",)
    TF_JOB_FIELD_NUMBER: _ClassVar[int]
    tf_job: str
    def __init__(self, tf_job: _Optional[str] = ...) -> None: ...

class Transform(_message.Message):
    __slots__ = ("image", "cmd", "env", "secrets", "stdin", "accept_return_code", "debug", "image_pull_secrets", "user", "working_dir", "dockerfile", "err_cmd", "err_stdin", "build")
    class EnvEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    IMAGE_FIELD_NUMBER: _ClassVar[int]
    CMD_FIELD_NUMBER: _ClassVar[int]
    ENV_FIELD_NUMBER: _ClassVar[int]
    SECRETS_FIELD_NUMBER: _ClassVar[int]
    STDIN_FIELD_NUMBER: _ClassVar[int]
    ACCEPT_RETURN_CODE_FIELD_NUMBER: _ClassVar[int]
    DEBUG_FIELD_NUMBER: _ClassVar[int]
    IMAGE_PULL_SECRETS_FIELD_NUMBER: _ClassVar[int]
    USER_FIELD_NUMBER: _ClassVar[int]
    WORKING_DIR_FIELD_NUMBER: _ClassVar[int]
    DOCKERFILE_FIELD_NUMBER: _ClassVar[int]
    ERR_CMD_FIELD_NUMBER: _ClassVar[int]
    ERR_STDIN_FIELD_NUMBER: _ClassVar[int]
    BUILD_FIELD_NUMBER: _ClassVar[int]
    image: str
    cmd: _containers.RepeatedScalarFieldContainer[str]
    env: _containers.ScalarMap[str, str]
    secrets: _containers.RepeatedCompositeFieldContainer[SecretMount]
    stdin: _containers.RepeatedScalarFieldContainer[str]
    accept_return_code: _containers.RepeatedScalarFieldContainer[int]
    debug: bool
    image_pull_secrets: _containers.RepeatedScalarFieldContainer[str]
    user: str
    working_dir: str
    dockerfile: str
    err_cmd: _containers.RepeatedScalarFieldContainer[str]
    err_stdin: _containers.RepeatedScalarFieldContainer[str]
    build: BuildSpec
    def __init__(self, image: _Optional[str] = ..., cmd: _Optional[_Iterable[str]] = ..., env: _Optional[_Mapping[str, str]] = ..., secrets: _Optional[_Iterable[_Union[SecretMount, _Mapping]]] = ..., stdin: _Optional[_Iterable[str]] = ..., accept_return_code: _Optional[_Iterable[int]] = ..., debug: bool = ..., image_pull_secrets: _Optional[_Iterable[str]] = ..., user: _Optional[str] = ..., working_dir: _Optional[str] = ..., dockerfile: _Optional[str] = ..., err_cmd: _Optional[_Iterable[str]] = ..., err_stdin: _Optional[_Iterable[str]] = ..., build: _Optional[_Union[BuildSpec, _Mapping]] = ...) -> None: ...

class UpdateJobStateRequest(_message.Message):
    __slots__ = ("job", "state", "reason", "restart", "data_processed", "data_skipped", "data_failed", "data_recovered", "data_total", "stats")
    JOB_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    RESTART_FIELD_NUMBER: _ClassVar[int]
    DATA_PROCESSED_FIELD_NUMBER: _ClassVar[int]
    DATA_SKIPPED_FIELD_NUMBER: _ClassVar[int]
    DATA_FAILED_FIELD_NUMBER: _ClassVar[int]
    DATA_RECOVERED_FIELD_NUMBER: _ClassVar[int]
    DATA_TOTAL_FIELD_NUMBER: _ClassVar[int]
    STATS_FIELD_NUMBER: _ClassVar[int]
    job: Job
    state: JobState
    reason: str
    restart: int
    data_processed: int
    data_skipped: int
    data_failed: int
    data_recovered: int
    data_total: int
    stats: ProcessStats
    def __init__(self, job: _Optional[_Union[Job, _Mapping]] = ..., state: _Optional[_Union[JobState, str]] = ..., reason: _Optional[str] = ..., restart: _Optional[int] = ..., data_processed: _Optional[int] = ..., data_skipped: _Optional[int] = ..., data_failed: _Optional[int] = ..., data_recovered: _Optional[int] = ..., data_total: _Optional[int] = ..., stats: _Optional[_Union[ProcessStats, _Mapping]] = ...) -> None: ...

class WorkerStatus(_message.Message):
    __slots__ = ("worker_id", "job_id", "data", "started", "stats", "queue_size", "data_processed", "data_recovered")
    WORKER_ID_FIELD_NUMBER: _ClassVar[int]
    JOB_ID_FIELD_NUMBER: _ClassVar[int]
    DATA_FIELD_NUMBER: _ClassVar[int]
    STARTED_FIELD_NUMBER: _ClassVar[int]
    STATS_FIELD_NUMBER: _ClassVar[int]
    QUEUE_SIZE_FIELD_NUMBER: _ClassVar[int]
    DATA_PROCESSED_FIELD_NUMBER: _ClassVar[int]
    DATA_RECOVERED_FIELD_NUMBER: _ClassVar[int]
    worker_id: str
    job_id: str
    data: _containers.RepeatedCompositeFieldContainer[InputFile]
    started: _timestamp_pb2.Timestamp
    stats: ProcessStats
    queue_size: int
    data_processed: int
    data_recovered: int
    def __init__(self, worker_id: _Optional[str] = ..., job_id: _Optional[str] = ..., data: _Optional[_Iterable[_Union[InputFile, _Mapping]]] = ..., started: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ..., stats: _Optional[_Union[ProcessStats, _Mapping]] = ..., queue_size: _Optional[int] = ..., data_processed: _Optional[int] = ..., data_recovered: _Optional[int] = ...) -> None: ...
