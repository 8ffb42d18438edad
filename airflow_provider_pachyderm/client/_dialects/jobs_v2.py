"""Jobs and job sets of 2.x: ``pps_v2.API``. A job has the ID of the commit that it writes, and of the commit set."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timezone

from google.protobuf.timestamp_pb2 import Timestamp

from airflow_provider_pachyderm._wire.v2 import methods, pps_pb2
from airflow_provider_pachyderm.client._capabilities import Feature
from airflow_provider_pachyderm.client._dialects import pps_replies_v2 as read
from airflow_provider_pachyderm.client._dialects.calls import Call, Listing, Plan, nothing, once, one
from airflow_provider_pachyderm.client._dialects.commits import Commits
from airflow_provider_pachyderm.client._dialects.jobs import JobFilter, JobInfos, Jobs, no_job
from airflow_provider_pachyderm.client._dialects.names_v2 import NamesV2
from airflow_provider_pachyderm.client._errors import JobNotFound
from airflow_provider_pachyderm.client._models import Commit
from airflow_provider_pachyderm.client._pps_models import Job, JobInfo, JobSetInfo, Pipeline
from airflow_provider_pachyderm.client._refs import is_expression

Pps = methods.Pps


class JobsV2(Jobs):
    """The calls of ``pps_v2.API`` for jobs and job sets."""

    def __init__(self, names: NamesV2, commits: Commits) -> None:
        super().__init__(names.capabilities)
        self._names = names
        self._commits = commits

    def inspect(self, job: Job, *, wait: bool, details: bool) -> Plan[JobInfo]:
        request = pps_pb2.InspectJobRequest(job=self._names.job(job), wait=wait, details=details)
        return once(Call(Pps.InspectJob, request, read.job_info, job, waits=wait))

    def of_commit(self, pipeline: Pipeline, commit: Commit, *, wait: bool, details: bool) -> Plan[JobInfo]:
        id = yield from self._id(commit)
        try:
            return (yield from self.inspect(Job(pipeline, id), wait=wait, details=details))
        except JobNotFound as error:
            raise no_job(pipeline, commit) from error

    def _id(self, commit: Commit) -> Plan[str]:
        """Give the ID of a commit, which the server has to be asked for if a branch is named."""
        if commit.id and not is_expression(commit.id):
            return commit.id
        info = yield from self._commits.inspect(commit, None)
        return info.commit.id or ""

    def list(self, wanted: JobFilter) -> Listing[JobInfo]:
        paged = self._paged(wanted)
        request = pps_pb2.ListJobRequest(
            pipeline=self._names.given_pipeline(wanted.pipeline),
            input_commit=[self._names.commit(commit) for commit in wanted.inputs],
            history=wanted.history,
            details=wanted.details,
            jqFilter=wanted.jq_filter,
            projects=self._names.projects(wanted.project),
            paginationMarker=_marker(wanted.before),
            number=wanted.number if paged else 0,
            reverse=wanted.reverse,
        )
        call = Call(Pps.ListJob, request, one(read.job_info), wanted.about)
        return Listing(call, limit=None if paged else wanted.number or None)

    def _paged(self, wanted: JobFilter) -> bool:
        """Say whether the server counts; older ones list all."""
        if wanted.reverse or wanted.before:
            self.capabilities.require(Feature.JOB_PAGES)
        return Feature.JOB_PAGES in self.capabilities

    def downstream(self, commit: Commit, pipelines: Sequence[Pipeline]) -> Plan[JobInfos]:
        id = yield from self._id(commit)
        wanted = frozenset((each.name, self._project(each)) for each in pipelines)

        def is_wanted(info: JobInfo) -> bool:
            return not wanted or (info.job.pipeline.name, self._project(info.job.pipeline)) in wanted

        return (yield from self.of_set(id, wait=True, details=False).where(is_wanted).all())

    def _project(self, pipeline: Pipeline) -> str:
        named = self._names.project(pipeline.project)
        return named.name if named else ""

    def stop(self, job: Job, reason: str) -> Plan[None]:
        request = pps_pb2.StopJobRequest(job=self._names.job(job), reason=reason)
        return once(Call(Pps.StopJob, request, nothing, job))

    def remove(self, job: Job) -> Plan[None]:
        return once(Call(Pps.DeleteJob, pps_pb2.DeleteJobRequest(job=self._names.job(job)), nothing, job))

    def subscribe(self, pipeline: Pipeline, *, details: bool) -> Listing[JobInfo]:
        request = pps_pb2.SubscribeJobRequest(pipeline=self._names.pipeline(pipeline), details=details)
        return Listing(Call(Pps.SubscribeJob, request, one(read.job_info), pipeline, waits=True))

    def of_set(self, id: str, *, wait: bool, details: bool) -> Listing[JobInfo]:
        request = pps_pb2.InspectJobSetRequest(job_set=pps_pb2.JobSet(id=id), wait=wait, details=details)
        return Listing(Call(Pps.InspectJobSet, request, one(read.job_info), f"job set {id}", waits=wait))

    def sets(self, wanted: JobFilter) -> Listing[JobSetInfo]:
        paged = self._paged(wanted)
        if wanted.jq_filter:
            self.capabilities.require(Feature.JOB_SET_FILTER)
        request = pps_pb2.ListJobSetRequest(
            details=wanted.details,
            projects=self._names.projects(wanted.project),
            paginationMarker=_marker(wanted.before),
            number=wanted.number if paged else 0,
            reverse=wanted.reverse,
            jqFilter=wanted.jq_filter,
        )
        call = Call(Pps.ListJobSet, request, one(read.job_set), "all job sets")
        return Listing(call, limit=None if paged else wanted.number or None)


def _marker(time: datetime | None) -> Timestamp | None:
    if time is None:
        return None
    stamp = Timestamp()
    stamp.FromDatetime(time.astimezone(timezone.utc))
    return stamp
