"""Whether jobs of pipelines are done: what a job sensor waits for."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass, field

from airflow_provider_pachyderm.client import JobInfo, JobNotFound, JobState
from airflow_provider_pachyderm.waiting.hints import Followed, FollowedDownstream, FollowedJobs

log = logging.getLogger(__name__)

_ENDING = (JobState.MERGING, JobState.EGRESSING, JobState.FINISHING)


@dataclass(frozen=True)
class JobsState:
    """What a look at jobs showed.

    :param jobs: those that are there, each behind the ones that make its inputs
    :param complete: whether there are no more to come
    """

    jobs: tuple[JobInfo, ...] = ()
    complete: bool = True

    @property
    def ending(self) -> bool:
        """Whether a job is about to end: the commit that it makes is finished a moment before it."""
        return any(_is_ending(job) for job in self.jobs)

    @property
    def ended(self) -> tuple[JobInfo, ...]:
        """The jobs that failed as soon as there is one; else all of them when they are done."""
        failed = tuple(job for job in self.jobs if job.state in (JobState.FAILURE, JobState.KILLED))
        return failed or (self.jobs if self.complete and all(job.state.done for job in self.jobs) else ())


@dataclass(frozen=True)
class JobCondition:
    """What a job sensor waits for, as plain values that survive JSON.

    :param pipeline: whose job
    :param commit: the commit that leads to the job; without a pipeline, to all jobs
    :param job: instead of both: the job itself
    """

    pipeline: str | None = None
    commit: str | None = None
    job: str | None = None

    def __str__(self) -> str:
        if self.job:
            return f"job {self.job}"
        return (
            f"the job of pipeline {self.pipeline} for {self.commit}" if self.pipeline else f"all jobs of {self.commit}"
        )

    @property
    def pipeline_name(self) -> str | None:
        """Whose job it is; None if it is about those of all pipelines."""
        return self.job.partition("@")[0] if self.job else self.pipeline

    @property
    def followed(self) -> Followed:
        """What says when to look: those who wait for jobs of one pipeline share it, whichever jobs these are."""
        name = self.pipeline_name
        return FollowedJobs(name) if name else FollowedDownstream(str(self.commit))

    def found(self, state: JobsState) -> list[str] | None:
        """Return the jobs that are done, well or not, or None if they are not."""
        return [str(job.job) for job in state.ended] or None


@dataclass
class JobWatch:
    """Tells, from look to look, how far jobs are.

    :param condition: what is waited for
    """

    condition: JobCondition
    _told: str = ""
    _seen: set[str] = field(default_factory=set)

    def found(self, state: JobsState) -> list[str] | None:
        """Log what has changed since the last look, and return the jobs that are done, or None.

        :raises JobNotFound: a job was deleted
        """
        self._check_deleted({str(job.job) for job in state.jobs})
        lines = "; ".join(f"{job.job} {job.progress}" for job in state.jobs) or "no job yet"
        if lines != self._told:
            log.info("Waiting for %s: %s", self.condition, lines)
            self._told = lines
        return self.condition.found(state)

    def _check_deleted(self, now: set[str]) -> None:
        # on 1.x a newer job may take the place of one
        if len(now) < len(self._seen) and (gone := sorted(self._seen - now)):
            raise JobNotFound(f"job {gone[0]} was deleted while it was waited for", reference=gone[0])
        self._seen = now


def first_failed(jobs: Iterable[JobInfo]) -> JobInfo | None:
    """Return the first job that did not succeed; one that others kept from running only if there is no other."""
    failed = [job for job in jobs if job.state is not JobState.SUCCESS]
    return min(failed, key=lambda job: job.state is JobState.UNRUNNABLE, default=None)


def _is_ending(job: JobInfo) -> bool:
    if job.state.done:
        return False
    return job.state in _ENDING or 0 < job.data_total == job.data_done
