"""Reading the replies of ``pps_v2.API``."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from airflow_provider_pachyderm._wire.v2 import pps_pb2
from airflow_provider_pachyderm.client._dialects import pps_replies as common
from airflow_provider_pachyderm.client._dialects.calls import read_time
from airflow_provider_pachyderm.client._dialects.replies_v2 import FileInfoReader, read_commit
from airflow_provider_pachyderm.client._models import Commit, Repo
from airflow_provider_pachyderm.client._pipeline_specs import inputs
from airflow_provider_pachyderm.client._pps_models import (
    DatumInfo,
    Job,
    JobInfo,
    JobSetInfo,
    JobState,
    LogMessage,
    Pipeline,
    PipelineInfo,
    PipelineType,
    WorkerStatus,
)

STATES = common.States(pps_pb2)
_TYPES = {
    pps_pb2.PipelineInfo.PIPELINE_TYPE_TRANSFORM: PipelineType.TRANSFORM,
    pps_pb2.PipelineInfo.PIPELINE_TYPE_SPOUT: PipelineType.SPOUT,
    pps_pb2.PipelineInfo.PIPELINE_TYPE_SERVICE: PipelineType.SERVICE,
}


def read_pipeline(message: pps_pb2.Pipeline) -> Pipeline:
    """Read a reference to a pipeline."""
    return Pipeline(message.name, message.project.name or None)


def _read_job(message: pps_pb2.Job) -> Job:
    return Job(read_pipeline(message.pipeline), message.id)


def pipeline_info(info: pps_pb2.PipelineInfo) -> PipelineInfo:
    """Read a pipeline; its details are there if they were asked for."""
    pipeline = read_pipeline(info.pipeline)
    details = info.details
    known = info.HasField("details")
    spec = _spec(info)
    read, written = common.branches_of(spec, pipeline)
    last = STATES.job(info.last_job_state)
    return PipelineInfo(
        pipeline=pipeline,
        version=info.version,
        state=STATES.pipeline(info.state),
        type=_TYPES.get(info.type, PipelineType.UNKNOWN),
        stopped=info.stopped,
        reason=info.reason or details.reason or details.recent_error,
        last_job_state=None if last is JobState.UNKNOWN else last,
        description=details.description,
        created=read_time(details, "created_at") if known else None,
        created_by=details.created_by,
        spec=spec,
        user_spec=read_json(info.user_spec_json) if info.user_spec_json else None,
        parallelism=info.parallelism,
        workers_requested=details.workers_requested if known else None,
        workers_available=details.workers_available if known else None,
        unclaimed_tasks=details.unclaimed_tasks if known else None,
        inputs=read,
        output_branch=written,
        spec_commit=read_commit(info.spec_commit) if info.HasField("spec_commit") else None,
        metadata=dict(info.metadata),
    )


def _spec(info: pps_pb2.PipelineInfo) -> dict[str, Any]:
    """Read the spec with the server's defaults: as JSON from 2.8 on, of the details before."""
    if info.effective_spec_json:
        return common.normal(read_json(info.effective_spec_json))
    return common.spec_of(info.details, info.pipeline)


def read_json(text: str) -> Mapping[str, Any]:
    """Read an object of JSON; anything else has nothing in it."""
    try:
        value = json.loads(text)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def job_info(info: pps_pb2.JobInfo) -> JobInfo:
    """Read a job; its details are there if they were asked for."""
    return JobInfo(
        job=_read_job(info.job),
        state=STATES.job(info.state),
        reason=info.reason,
        pipeline_version=info.pipeline_version,
        output_commit=read_commit(info.output_commit) if info.HasField("output_commit") else None,
        inputs=tuple(_inputs(info)),
        restarts=info.restart,
        created=read_time(info, "created"),
        started=read_time(info, "started"),
        finished=read_time(info, "finished"),
        data_total=info.data_total,
        data_processed=info.data_processed,
        data_skipped=info.data_skipped,
        data_failed=info.data_failed,
        data_recovered=info.data_recovered,
        stats=common.stats(info.stats),
        workers=tuple(map(_worker, info.details.worker_status)),
    )


def _inputs(info: pps_pb2.JobInfo) -> Iterator[Commit]:
    if info.details.HasField("input"):
        for _, leaf in inputs.leaves(common.spec_of(info.details, info.job.pipeline)):
            if leaf.get("repo") and leaf.get("commit"):
                repo = Repo(leaf["repo"], leaf.get("project") or None, leaf.get("repo_type") or "user")
                yield Commit(repo, leaf.get("branch"), leaf["commit"])


def _worker(status: pps_pb2.WorkerStatus) -> WorkerStatus:
    datum = status.datum_status
    return WorkerStatus(status.worker_id, status.job_id, _paths(datum.data), read_time(datum, "started"))


def job_set(info: pps_pb2.JobSetInfo) -> JobSetInfo:
    """Read a job set."""
    return JobSetInfo(info.job_set.id, tuple(map(job_info, info.jobs)))


def datum_info(info: pps_pb2.DatumInfo) -> DatumInfo:
    """Read a datum."""
    kept = info.pfs_state if info.HasField("pfs_state") else None
    return DatumInfo(
        id=info.datum.id,
        state=STATES.datum(info.state),
        job=_read_job(info.datum.job) if info.datum.job.id else None,
        files=tuple(map(FileInfoReader(), info.data)),
        stats=common.stats(info.stats),
        pfs_state=(read_commit(kept.commit), kept.path) if kept else None,
        image_id=info.image_id,
    )


def log_message(line: pps_pb2.LogMessage) -> LogMessage:
    """Read a line of the log."""
    return LogMessage(
        message=line.message,
        time=read_time(line, "ts"),
        user=line.user,
        pipeline=Pipeline(line.pipeline_name, line.project_name or None) if line.pipeline_name else None,
        job_id=line.job_id,
        datum_id=line.datum_id,
        worker_id=line.worker_id,
        master=line.master,
        paths=_paths(line.data),
    )


def _paths(data: Any) -> tuple[str, ...]:
    return tuple(each.path for each in data)
