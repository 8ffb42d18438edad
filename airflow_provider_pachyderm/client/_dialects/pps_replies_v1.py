"""Reading the replies of ``pps.API``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from airflow_provider_pachyderm._wire.v1 import pps_pb2
from airflow_provider_pachyderm.client._dialects import pps_replies as common
from airflow_provider_pachyderm.client._dialects.calls import read_time
from airflow_provider_pachyderm.client._dialects.replies_v1 import FileInfoReader, read_commit
from airflow_provider_pachyderm.client._models import Commit, Repo
from airflow_provider_pachyderm.client._pipeline_specs import inputs
from airflow_provider_pachyderm.client._pps_models import (
    DatumInfo,
    Job,
    JobInfo,
    LogMessage,
    Pipeline,
    PipelineInfo,
    WorkerStatus,
)

STATES = common.States(pps_pb2)


def pipeline_info(info: pps_pb2.PipelineInfo) -> PipelineInfo:
    """Read a pipeline."""
    pipeline = Pipeline(info.pipeline.name)
    spec = common.spec_of(info, info.pipeline)
    read, written = common.branches_of(spec, pipeline)
    ran = sum(info.job_counts.values())
    return PipelineInfo(
        pipeline=pipeline,
        version=info.version,
        state=STATES.pipeline(info.state),
        type=common.type_of(spec),
        stopped=info.stopped,
        reason=info.reason or info.recent_error,
        last_job_state=STATES.job(info.last_job_state) if ran else None,
        description=info.description,
        created=read_time(info, "created_at"),
        spec=spec,
        parallelism=info.parallelism_spec.constant or 1,
        workers_requested=info.workers_requested or None,
        workers_available=info.workers_available if info.workers_requested else None,
        unclaimed_tasks=info.unclaimed_tasks if info.workers_requested else None,
        inputs=read,
        output_branch=written,
        spec_commit=read_commit(info.spec_commit) if info.HasField("spec_commit") else None,
    )


def pipeline_infos(reply: pps_pb2.PipelineInfos) -> Iterator[PipelineInfo]:
    """Read the pipelines of one reply."""
    return map(pipeline_info, reply.pipeline_info)


def job_info(info: pps_pb2.JobInfo) -> JobInfo:
    """Read a job."""
    return JobInfo(
        job=Job(Pipeline(info.pipeline.name), info.job.id),
        state=STATES.job(info.state),
        reason=info.reason,
        pipeline_version=info.pipeline_version,
        output_commit=_output(info),
        inputs=tuple(_inputs(info)),
        restarts=info.restart,
        created=read_time(info, "started"),
        started=read_time(info, "started"),
        finished=read_time(info, "finished"),
        data_total=info.data_total,
        data_processed=info.data_processed,
        data_skipped=info.data_skipped,
        data_failed=info.data_failed,
        data_recovered=info.data_recovered,
        stats=common.stats(info.stats),
        workers=tuple(map(_worker, info.worker_status)),
    )


def _output(info: pps_pb2.JobInfo) -> Commit | None:
    return read_commit(info.output_commit, info.output_branch or None) if info.HasField("output_commit") else None


def _inputs(info: pps_pb2.JobInfo) -> Iterator[Commit]:
    """Name the commits that a job reads; an input without one has none yet."""
    for _, leaf in inputs.leaves(common.spec_of(info, info.pipeline)):
        if leaf.get("repo") and leaf.get("commit"):
            yield Commit(Repo(leaf["repo"]), leaf.get("branch"), leaf["commit"])


def _worker(status: pps_pb2.WorkerStatus) -> WorkerStatus:
    paths = tuple(each.path for each in status.data)
    return WorkerStatus(status.worker_id, status.job_id, paths, read_time(status, "started"))


def datum_info(info: pps_pb2.DatumInfo, job: Job | None) -> DatumInfo:
    """Read a datum.

    :param job: of which it was asked for; servers name it by its ID only.
    """
    kept = info.pfs_state if info.HasField("pfs_state") else None
    return DatumInfo(
        id=info.datum.id,
        state=STATES.datum(info.state),
        job=Job(job.pipeline, info.datum.job.id or job.id) if job else None,
        files=tuple(map(FileInfoReader(), info.data)),
        stats=common.stats(info.stats),
        pfs_state=(read_commit(kept.commit), kept.path) if kept else None,
    )


def log_message(line: pps_pb2.LogMessage) -> LogMessage:
    """Read a line of the log."""
    return LogMessage(
        message=line.message,
        time=read_time(line, "ts"),
        user=line.user,
        pipeline=Pipeline(line.pipeline_name) if line.pipeline_name else None,
        job_id=line.job_id,
        datum_id=line.datum_id,
        worker_id=line.worker_id,
        master=line.master,
        paths=_paths(line.data),
    )


def _paths(data: Any) -> tuple[str, ...]:
    return tuple(each.path for each in data)
