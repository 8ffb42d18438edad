"""What all servers have in common about jobs."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from airflow_provider_pachyderm.client._capabilities import Capabilities, Feature
from airflow_provider_pachyderm.client._dialects.calls import Listing, Plan
from airflow_provider_pachyderm.client._errors import JobNotFound
from airflow_provider_pachyderm.client._models import Commit
from airflow_provider_pachyderm.client._pps_models import Job, JobInfo, JobSetInfo, Pipeline

ALL_VERSIONS = -1
JobInfos: TypeAlias = "list[JobInfo]"


@dataclass(frozen=True, kw_only=True)
class JobFilter:
    """Which jobs a list has.

    :param pipeline: whose; None for all.
    :param project: whose pipelines'; None for all.
    :param inputs: commits that all of them read.
    :param history: how many versions of the pipeline before the newest; -1 for all.
    :param number: how many jobs at most; 0 for all.
    :param reverse: the oldest first.
    :param before: only those that were created before that time, with ``reverse`` after it.
    """

    pipeline: Pipeline | None = None
    project: str | None = None
    inputs: Sequence[Commit] = ()
    history: int = ALL_VERSIONS
    details: bool = False
    jq_filter: str = ""
    number: int = 0
    reverse: bool = False
    before: datetime | None = None

    @property
    def about(self) -> object:
        """What the list is about."""
        return self.pipeline or "all jobs"


class Jobs(ABC):
    """The calls for jobs."""

    def __init__(self, capabilities: Capabilities) -> None:
        self.capabilities = capabilities

    @abstractmethod
    def inspect(self, job: Job, *, wait: bool, details: bool) -> Plan[JobInfo]:
        """Describe a job, or wait for its end."""

    @abstractmethod
    def of_commit(self, pipeline: Pipeline, commit: Commit, *, wait: bool, details: bool) -> Plan[JobInfo]:
        """Describe the job of a pipeline that reads or writes a commit, or wait for its end."""

    @abstractmethod
    def list(self, wanted: JobFilter) -> Listing[JobInfo]:
        """List jobs, the newest first."""

    @abstractmethod
    def downstream(self, commit: Commit, pipelines: Sequence[Pipeline]) -> Plan[JobInfos]:
        """Wait for the end of all jobs that a commit leads to."""

    @abstractmethod
    def stop(self, job: Job, reason: str) -> Plan[None]:
        """Kill a job; one that is done stays as it is."""

    @abstractmethod
    def remove(self, job: Job) -> Plan[None]:
        """Delete a job; its commits stay."""

    def subscribe(self, pipeline: Pipeline, *, details: bool) -> Listing[JobInfo]:
        """Follow the jobs of a pipeline as they are made (2.x)."""
        raise self.capabilities.unsupported(Feature.SUBSCRIBE_JOB)

    def of_set(self, id: str, *, wait: bool, details: bool) -> Listing[JobInfo]:
        """List the jobs of a commit set (2.x)."""
        raise self.capabilities.unsupported(Feature.JOB_SETS)

    def sets(self, wanted: JobFilter) -> Listing[JobSetInfo]:
        """List job sets (2.x)."""
        raise self.capabilities.unsupported(Feature.JOB_SETS)


def no_job(pipeline: Pipeline, commit: Commit) -> JobNotFound:
    """Make the error for a commit that a pipeline has no job for, or not yet."""
    return JobNotFound(
        f"pipeline {pipeline} has no job for commit {commit}: its branch is no input, or the job is not made yet",
        reference=str(pipeline),
    )
