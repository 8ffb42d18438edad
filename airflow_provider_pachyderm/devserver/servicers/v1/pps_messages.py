"""Between messages of pps of 1.x and values of the engine."""

from __future__ import annotations

from typing import Any, cast

from google.protobuf import json_format
from google.protobuf.duration_pb2 import Duration

from airflow_provider_pachyderm._wire.v1 import pps_pb2 as pb
from airflow_provider_pachyderm.devserver.engine.datums.enumeration import Datum
from airflow_provider_pachyderm.devserver.engine.jobs.model import JobInfo, JobState, Stats
from airflow_provider_pachyderm.devserver.engine.logs.logs import LogLine
from airflow_provider_pachyderm.devserver.engine.model import SPECS, CommitKey
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
from airflow_provider_pachyderm.devserver.servicers.v1 import messages

_SECOND = 1_000_000_000


def pipeline_key(message: pb.Pipeline) -> PipelineKey:
    """A pipeline's name."""
    return PipelineKey(message.name)


def spec_of(request: pb.CreatePipelineRequest | pb.Input | pb.JobInfo | pb.PipelineInfo) -> Spec:
    """A message as the engine has it."""
    spec: Spec = json_format.MessageToDict(request, preserving_proto_field_name=True)
    return spec


def _state(state: str) -> Any:
    """The number of a job's state; there is none for a job that nobody has begun."""
    return pb.JobState.Value("JOB_STARTING" if state in ("", JobState.CREATED.value) else f"JOB_{state}")


# ---- pipelines --------------------------------------------------------------------------


def pipeline_info(info: PipelineInfo, inspected: bool = True) -> pb.PipelineInfo:
    """A pipeline.

    :param inspected: not one of a list, which does not look at its workers.
    """
    known = {field.name for field in pb.PipelineInfo.DESCRIPTOR.fields}
    message = json_format.ParseDict(
        {name: value for name, value in info.spec.items() if name in known}, pb.PipelineInfo()
    )
    message.version = info.version
    message.state = cast(Any, pb.PipelineState.Value(f"PIPELINE_{info.state.value}"))
    message.reason = info.reason
    message.stopped = info.stopped
    message.last_job_state = _state(info.last_job)
    for state, count in info.jobs.items():
        message.job_counts[_state(state)] = count
    message.spec_commit.CopyFrom(messages.commit(CommitKey(SPECS, info.spec_commit)))
    message.created_at.FromNanoseconds(info.updated)
    if inspected and info.state is PipelineState.RUNNING:
        message.workers_requested = message.workers_available = parallelism_of(info.spec)
    return message


# ---- jobs -------------------------------------------------------------------------------


def job_info(info: JobInfo, spec_commit: str, commit_of: Any, full: bool) -> pb.JobInfo:
    """A job.

    :param spec_commit: id of the commit of its pipeline's spec.
    :param commit_of: the id of the commit of an input.
    :param full: with what its pipeline's version says.
    """
    message = _whole(info, commit_of) if full else pb.JobInfo()
    message.job.id = info.key.id
    message.pipeline.name = info.key.pipeline.name
    message.output_commit.CopyFrom(messages.commit(CommitKey(info.output.repo, info.commit)))
    message.output_repo.name = info.key.pipeline.name
    message.state = _state(info.state.value)
    message.reason = info.reason
    message.restart = info.restarts
    message.data_processed = info.counts.processed
    message.data_skipped = info.counts.skipped
    message.data_total = info.counts.total
    message.data_failed = info.counts.failed
    message.data_recovered = info.counts.recovered
    message.stats.CopyFrom(pb.ProcessStats() if info.stats is None else _stats(info.stats))
    message.started.FromNanoseconds(info.started or info.created)
    if info.finished is not None:
        message.finished.FromNanoseconds(info.finished)
    message.spec_commit.CopyFrom(messages.commit(CommitKey(SPECS, spec_commit)))
    return message


def _whole(info: JobInfo, commit_of: Any) -> pb.JobInfo:
    known = {field.name for field in pb.JobInfo.DESCRIPTOR.fields}
    spec = {name: value for name, value in info.spec.items() if name in known}
    if "input" in spec:
        spec["input"] = with_commits(spec["input"], commit_of)
    message = json_format.ParseDict(spec, pb.JobInfo())
    message.pipeline_version = info.version
    message.output_branch = info.output.name
    return message


def _stats(stats: Stats) -> pb.ProcessStats:
    return pb.ProcessStats(
        download_time=_duration(stats.download_time),
        process_time=_duration(stats.process_time),
        upload_time=_duration(stats.upload_time),
        download_bytes=stats.download_bytes,
        upload_bytes=stats.upload_bytes,
    )


def _duration(nanoseconds: int) -> Duration:
    return Duration(seconds=nanoseconds // _SECOND, nanos=nanoseconds % _SECOND)


# ---- datums, logs, secrets --------------------------------------------------------------


def datum_info(datum: Datum, id: str, job: str) -> pb.DatumInfo:
    """A datum: without statistics its state is never known.

    :param id: empty for a datum that is of no job.
    """
    infos = [messages.file_info(file.info) for file in datum.files]
    of = pb.Datum(id=id, job=pb.Job(id=job) if job else None)
    return pb.DatumInfo(datum=of, state=pb.STARTING, data=infos)


def log_message(line: LogLine) -> pb.LogMessage:
    """A line of a log."""
    return pb.LogMessage(
        pipeline_name=line.pipeline.name,
        job_id=line.job,
        datum_id=line.datum,
        worker_id=f"pipeline-{line.pipeline.name}-worker",
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
