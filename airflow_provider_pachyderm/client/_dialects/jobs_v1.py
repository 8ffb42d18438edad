"""Jobs of 1.x: ``pps.API``. A job has an ID of its own, and is found by the commits that it reads or writes."""

from __future__ import annotations

from collections.abc import Sequence

from airflow_provider_pachyderm._wire.v1 import methods, pps_pb2
from airflow_provider_pachyderm.client._capabilities import Feature
from airflow_provider_pachyderm.client._dialects import pps_replies_v1 as read
from airflow_provider_pachyderm.client._dialects.calls import Call, Listing, Plan, nothing, once, one
from airflow_provider_pachyderm.client._dialects.jobs import JobFilter, JobInfos, Jobs, no_job
from airflow_provider_pachyderm.client._dialects.names_v1 import NamesV1
from airflow_provider_pachyderm.client._errors import CommitNotFound, InvalidRequest, JobNotFound
from airflow_provider_pachyderm.client._models import Commit, Repo
from airflow_provider_pachyderm.client._pps_models import Job, JobInfo, Pipeline

Pps = methods.Pps


class JobsV1(Jobs):
    """The calls of ``pps.API`` for jobs."""

    def __init__(self, names: NamesV1) -> None:
        super().__init__(names.capabilities)
        self._names = names

    def inspect(self, job: Job, *, wait: bool, details: bool) -> Plan[JobInfo]:
        try:
            info: JobInfo = yield self._inspect(job, wait=wait, details=details)
            return info
        except JobNotFound:
            # as on 2.x, it may be named by the commit that it writes
            output = Commit(Repo(job.pipeline.name, job.pipeline.project), id=job.id)
            try:
                info = yield self._of_output(output, job.pipeline, wait=wait, details=details)
            except (JobNotFound, CommitNotFound):
                pass
            else:
                return info
            raise

    def _inspect(self, job: Job, *, wait: bool, details: bool) -> Call[JobInfo]:
        request = pps_pb2.InspectJobRequest(job=self._names.job(job), block_state=wait, full=details)
        return Call(Pps.InspectJob, request, read.job_info, job, waits=wait)

    def _of_output(self, commit: Commit, pipeline: Pipeline, *, wait: bool, details: bool) -> Call[JobInfo]:
        self._names.pipeline(pipeline)
        request = pps_pb2.InspectJobRequest(output_commit=self._names.commit(commit), block_state=wait, full=details)
        return Call(Pps.InspectJob, request, read.job_info, commit, waits=wait)

    def of_commit(self, pipeline: Pipeline, commit: Commit, *, wait: bool, details: bool) -> Plan[JobInfo]:
        if commit.repo.name == pipeline.name:
            info: JobInfo = yield self._of_output(commit, pipeline, wait=wait, details=details)
            return info
        jobs: JobInfos
        commits = [commit]
        for source in commits:
            if wait:
                jobs = yield from self.downstream(source, [pipeline])
            else:
                # only those that read it themselves
                jobs = yield from self.list(JobFilter(inputs=[source], details=True)).all()
            for found in jobs:
                if found.job.pipeline.name == pipeline.name:
                    return found
            outputs = [] if wait else [each.output_commit for each in jobs if each.output_commit is not None]
            commits += [output for output in outputs if output not in commits]
        raise no_job(pipeline, commit)

    def list(self, wanted: JobFilter) -> Listing[JobInfo]:
        self._names.check_project(wanted.project)
        if wanted.reverse or wanted.before:
            self.capabilities.require(Feature.JOB_PAGES)
        if wanted.jq_filter:
            self.capabilities.require(Feature.JQ_FILTER)
        request = pps_pb2.ListJobRequest(
            pipeline=self._names.given_pipeline(wanted.pipeline),
            input_commit=[self._names.commit(commit) for commit in wanted.inputs],
            history=wanted.history,
            full=wanted.details,
            jqFilter=wanted.jq_filter,
        )
        call = Call(Pps.ListJobStream, request, one(read.job_info), wanted.about)
        return Listing(call, limit=wanted.number or None)

    def downstream(self, commit: Commit, pipelines: Sequence[Pipeline]) -> Plan[JobInfos]:
        self.capabilities.require(Feature.PIPELINES)
        request = pps_pb2.FlushJobRequest(
            commits=[self._names.commit(commit)], to_pipelines=[self._names.pipeline(each) for each in pipelines]
        )
        return Listing(Call(Pps.FlushJob, request, one(read.job_info), commit, waits=True)).all()

    def stop(self, job: Job, reason: str) -> Plan[None]:
        if reason:
            self.capabilities.require(Feature.STOP_REASON)
        request = pps_pb2.StopJobRequest(job=self._names.job(job))
        return once(Call(Pps.StopJob, request, nothing, job))

    def remove(self, job: Job) -> Plan[None]:
        if not job.id:
            # it would end the server
            raise InvalidRequest("the ID of the job is empty")
        return once(Call(Pps.DeleteJob, pps_pb2.DeleteJobRequest(job=self._names.job(job)), nothing, job))
