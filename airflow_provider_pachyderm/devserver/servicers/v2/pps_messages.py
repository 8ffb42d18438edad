"""Between messages of pps_v2 and values of the engine."""

from __future__ import annotations

from typing import Any, TypeVar, cast

from google.protobuf import json_format
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from airflow_provider_pachyderm._wire.v2 import pfs_pb2 as pfs
from airflow_provider_pachyderm._wire.v2 import pps_pb2 as pb
from airflow_provider_pachyderm.devserver.engine.branches.provenance import parse_repo
from airflow_provider_pachyderm.devserver.engine.datums.enumeration import Datum
from airflow_provider_pachyderm.devserver.engine.datums.records import DatumRecord, DatumState, InputFileRecord
from airflow_provider_pachyderm.devserver.engine.jobs.model import JobInfo, JobKey, Stats
from airflow_provider_pachyderm.devserver.engine.logs.logs import LogLine
from airflow_provider_pachyderm.devserver.engine.model import DEFAULT_PROJECT, BranchKey, CommitKey
from airflow_provider_pachyderm.devserver.engine.pipelines.inputs import with_commits
from airflow_provider_pachyderm.devserver.engine.pipelines.model import (
    PipelineInfo,
    PipelineKey,
    PipelineState,
    Spec,
    parallelism_of,
)
from airflow_provider_pachyderm.devserver.engine.secrets.secrets import SecretInfo
from airflow_provider_pachyderm.devserver.servicers.base import time_message
from airflow_provider_pachyderm.devserver.servicers.v2 import messages

MessageT = TypeVar("MessageT", bound=Message)

_SECOND = 1_000_000_000
_NOT_UPLOADED = (DatumState.FAILED, DatumState.RECOVERED)


def pipeline_key(message: pb.Pipeline) -> PipelineKey:
    """A pipeline's name; the project may be left out."""
    return PipelineKey(message.name, message.project.name or DEFAULT_PROJECT)


def job_key(message: pb.Job) -> JobKey:
    """A job's name."""
    return JobKey(pipeline_key(message.pipeline), message.id)


def pipeline_message(key: PipelineKey) -> pb.Pipeline:
    """A pipeline's name."""
    return pb.Pipeline(name=key.name, project=pfs.Project(name=key.project))


def job_message(key: JobKey) -> pb.Job:
    """A job's name."""
    return pb.Job(pipeline=pipeline_message(key.pipeline), id=key.id)


def _commit(branch: BranchKey, id: str) -> pfs.Commit:
    return pfs.Commit(branch=messages.branch_message(branch), id=id, repo=messages.repo_message(branch.repo))


def _filled(message: MessageT, spec: Spec) -> MessageT:
    """A message with what a spec has of its fields."""
    known = {field.name for field in message.DESCRIPTOR.fields}
    json_format.ParseDict({name: value for name, value in spec.items() if name in known}, message)
    return message


# ---- pipelines --------------------------------------------------------------------------


def pipeline_info(info: PipelineInfo, details: bool, inspected: bool = True) -> pb.PipelineInfo:
    """A pipeline.

    :param inspected: not one of a list, which does not look at its workers.
    """
    return pb.PipelineInfo(
        pipeline=pipeline_message(info.key),
        version=info.version,
        spec_commit=_commit(info.key.spec_branch, info.spec_commit),
        stopped=info.stopped,
        state=cast(Any, pb.PipelineState.Value(f"PIPELINE_{info.state.value}")),
        reason=info.reason,
        job_counts={pb.JobState.Value(f"JOB_{state}"): count for state, count in info.jobs.items()},
        last_job_state=cast(Any, pb.JobState.Value(f"JOB_{info.last_job}" if info.last_job else "JOB_STATE_UNKNOWN")),
        parallelism=parallelism_of(info.spec),
        type=cast(Any, pb.PipelineInfo.PipelineType.Value(f"PIPELINE_TYPE_{info.kind.value}")),
        details=_pipeline_details(info, inspected) if details else None,
        user_spec_json=info.user_json,
        effective_spec_json=info.effective_json,
    )


def _pipeline_details(info: PipelineInfo, inspected: bool) -> pb.PipelineInfo.Details:
    details = _filled(pb.PipelineInfo.Details(), info.spec)
    running = inspected and info.state is PipelineState.RUNNING
    details.workers_requested = parallelism_of(info.spec) if running else 0
    details.workers_available = details.workers_requested
    details.created_at.CopyFrom(_time(info.created))
    details.updated_at.CopyFrom(_time(info.updated))
    if info.workers_started is not None:
        details.workers_started_at.CopyFrom(_time(info.workers_started))
    return details


def _time(nanoseconds: int) -> Timestamp:
    return Timestamp(seconds=nanoseconds // _SECOND, nanos=nanoseconds % _SECOND)


# ---- jobs -------------------------------------------------------------------------------


def job_info(info: JobInfo, details: bool) -> pb.JobInfo:
    """A job."""
    return pb.JobInfo(
        job=job_message(info.key),
        pipeline_version=info.version,
        output_commit=_commit(info.output, info.commit),
        restart=info.restarts,
        data_processed=info.counts.processed,
        data_skipped=info.counts.skipped,
        data_total=info.counts.total,
        data_failed=info.counts.failed,
        data_recovered=info.counts.recovered,
        stats=pb.ProcessStats() if info.stats is None else _stats(info.stats),
        state=cast(Any, pb.JobState.Value(f"JOB_{info.state.value}")),
        reason=info.reason,
        created=time_message(info.created),
        started=time_message(info.started),
        finished=time_message(info.finished),
        details=_job_details(info) if details else None,
    )


def _job_details(info: JobInfo) -> pb.JobInfo.Details:
    spec = dict(info.spec)
    if "input" in spec:
        # real servers name the job's commit set here, whatever the commits of the inputs are
        spec["input"] = with_commits(spec["input"], lambda kind, leaf: info.key.id)
    return _filled(pb.JobInfo.Details(), spec)


def _stats(stats: Stats, uploaded: bool = True) -> pb.ProcessStats:
    return pb.ProcessStats(
        download_time=_duration(stats.download_time),
        process_time=_duration(stats.process_time),
        upload_time=_duration(stats.upload_time) if uploaded else None,
        download_bytes=stats.download_bytes,
        upload_bytes=stats.upload_bytes,
    )


def _duration(nanoseconds: int) -> Duration:
    return Duration(seconds=nanoseconds // _SECOND, nanos=nanoseconds % _SECOND)


# ---- datums -----------------------------------------------------------------------------


def datum_info(record: DatumRecord, job: JobInfo, inspected: bool = False) -> pb.DatumInfo:
    """A datum of a job.

    :param inspected: not one of a list, which does not tell where it is kept.
    """
    owner = JobKey(job.key.pipeline, record.job)
    kept = f"/pfs/{record.id}"
    meta = BranchKey(job.key.pipeline.meta_repo, job.output.name)
    return pb.DatumInfo(
        datum=pb.Datum(job=job_message(owner), id=record.id),
        state=cast(Any, pb.DatumState.Value(record.state.value)),
        stats=_stats(record.stats, record.state not in _NOT_UPLOADED),
        pfs_state=pfs.File(commit=_commit(meta, job.commit), path=kept) if inspected else None,
        data=map(_input_file, record.files),
    )


def _input_file(file: InputFileRecord) -> pfs.FileInfo:
    path = f"{file.path.rstrip('/')}/" if file.is_dir else file.path
    commit = messages.commit_message(CommitKey(parse_repo(file.repo), file.commit))
    return pfs.FileInfo(
        file=pfs.File(commit=commit, path=path, datum="" if file.is_dir else file.datum),
        file_type=pfs.FILE_TYPE_DIR if file.is_dir else pfs.FILE_TYPE_FILE,
        committed=time_message(file.committed),
        size_bytes=file.size,
        hash=bytes.fromhex(file.hash),
    )


def datum_of_input(datum: Datum) -> pb.DatumInfo:
    """A datum that no job has done."""
    infos = [messages.file_info(file.info) for file in datum.files]
    return pb.DatumInfo(datum=pb.Datum(id=datum.id), stats=pb.ProcessStats(), data=infos)


# ---- logs and secrets -------------------------------------------------------------------


def log_message(line: LogLine) -> pb.LogMessage:
    """A line of a log."""
    return pb.LogMessage(
        pipeline_name=line.pipeline.name,
        project_name=line.pipeline.project,
        job_id=line.job,
        datum_id=line.datum,
        worker_id=f"{line.pipeline.project}-{line.pipeline.name}-worker",
        master=line.master,
        user=line.of_user,
        data=[pb.InputFile(path=file.path, hash=bytes.fromhex(file.hash)) for file in line.files],
        ts=time_message(line.time),
        message=line.message,
    )


def secret_info(info: SecretInfo) -> pb.SecretInfo:
    """A secret, without what is in it."""
    return pb.SecretInfo(
        secret=pb.Secret(name=info.name), type=info.type, creation_timestamp=time_message(info.created)
    )
