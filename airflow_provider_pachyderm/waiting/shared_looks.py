"""One look at a server for all in an event loop who wait for the same."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Hashable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Generic, TypeVar

from airflow_provider_pachyderm.client import PachydermError
from airflow_provider_pachyderm.waiting._async.looks import (
    look_at_branch,
    look_for_commit,
    look_for_commit_set,
    look_for_job,
    look_for_jobs,
    look_for_work,
    look_in_commit,
    newest_finished,
    newest_jobs,
)
from airflow_provider_pachyderm.waiting.commit import CommitCondition, WithStart
from airflow_provider_pachyderm.waiting.job import JobsState

if TYPE_CHECKING:
    from airflow_provider_pachyderm.client import AsyncPfsClient, ClientConfig
    from airflow_provider_pachyderm.waiting.commit import BranchState
    from airflow_provider_pachyderm.waiting.commit_set import CommitSetCondition, CommitSetState
    from airflow_provider_pachyderm.waiting.file import FileCondition, FileState
    from airflow_provider_pachyderm.waiting.job import JobCondition
    from airflow_provider_pachyderm.waiting.work import WorkCondition, WorkState

# All branches and files may have to be looked at when a server is back. More at once would only queue there, and time
# out.
_LOOKS_AT_ONCE = 32
# Of a pipeline whose jobs several wait for, so many are listed for each who waits; the others are asked for one by one.
_JOBS_LISTED = 4

ConditionT = TypeVar("ConditionT", bound=Hashable)
StateT = TypeVar("StateT")


class SharedClient:
    """The client that all triggers of one connection share, and how many of them may look at once.

    :param config: the connection
    """

    def __init__(self, config: ClientConfig) -> None:
        from airflow_provider_pachyderm.client import AsyncPfsClient, RetryPolicy

        # Those who wait try again themselves, all together, and say so in the logs of their tasks.
        self.client: AsyncPfsClient = AsyncPfsClient(config=replace(config, retry=RetryPolicy(deadline=0)))
        self.limit = asyncio.Semaphore(_LOOKS_AT_ONCE)

    async def close(self) -> None:
        """Close the client."""
        await self.client.close()


@dataclass(frozen=True)
class Observation(Generic[ConditionT, StateT]):
    """What a look showed to each who waits.

    :param outcomes: by condition, a state, or an error of its own
    :param newest: id of the newest commit that is done, if it was a branch that was looked at
    :param soon: whether something is about to happen of which the stream does not tell
    """

    outcomes: Mapping[ConditionT, StateT | BaseException]
    newest: str | None = None
    soon: bool = False


async def look_for_commits(
    shared: SharedClient, conditions: Collection[WithStart]
) -> Observation[WithStart, BranchState]:
    """Look for all who follow one branch, or await one commit.

    :param conditions: what they wait for, with starts that are resolved
    """
    any_of_them = next(iter(conditions))
    async with shared.limit:
        if isinstance(any_of_them, CommitCondition) and any_of_them.commit:
            return Observation(dict.fromkeys(conditions, await look_for_commit(shared.client, any_of_them)))
        states = await look_at_branch(shared.client, conditions)
    return Observation(states, states[any_of_them].newest)


async def look_for_files(
    shared: SharedClient, conditions: Collection[FileCondition]
) -> Observation[FileCondition, FileState]:
    """Look for all who follow one branch: once for its newest commit, and once for each path in it."""
    any_of_them = next(iter(conditions))
    async with shared.limit:
        newest = await newest_finished(shared.client, any_of_them.repo, any_of_them.branch)

    async def state(condition: FileCondition) -> FileState:
        async with shared.limit:
            return await look_in_commit(shared.client, newest, condition)

    outcomes = await asyncio.gather(*map(state, conditions), return_exceptions=True)
    return Observation(dict(zip(conditions, outcomes, strict=True)), newest.commit.id if newest else None)


async def look_for_commit_sets(
    shared: SharedClient, conditions: Collection[CommitSetCondition]
) -> Observation[CommitSetCondition, CommitSetState]:
    """Look for all who await one commit set."""
    async with shared.limit:
        state = await look_for_commit_set(shared.client, next(iter(conditions)))
    return Observation(dict.fromkeys(conditions, state))


async def look_for_jobs_of_pipeline(
    shared: SharedClient, conditions: Collection[JobCondition]
) -> Observation[JobCondition, JobsState]:
    """Look for all who await jobs of one pipeline, or all jobs of one commit."""
    any_of_them = next(iter(conditions))
    name = any_of_them.pipeline_name
    async with shared.limit:
        if name is None:
            state = await look_for_jobs(shared.client, any_of_them)
            return Observation(dict.fromkeys(conditions, state), soon=state.ending)
        pipeline = await shared.client.pps.inspect_pipeline(name)
        some = len(conditions) > 1
        newest = await newest_jobs(shared.client, pipeline, _JOBS_LISTED * len(conditions)) if some else []

    async def state_of(condition: JobCondition) -> JobsState:
        async with shared.limit:
            return await look_for_job(shared.client, pipeline, condition, newest)

    outcomes = await asyncio.gather(*map(state_of, conditions), return_exceptions=True)
    soon = any(isinstance(outcome, JobsState) and outcome.ending for outcome in outcomes)
    return Observation(dict(zip(conditions, outcomes, strict=True)), soon=soon)


async def look_for_works(
    shared: SharedClient, conditions: Collection[WorkCondition]
) -> Observation[WorkCondition, WorkState]:
    """Look for all who would fill the next commit of branches that are made from the same ones."""
    outcomes: dict[WorkCondition, WorkState | BaseException] = {}
    for condition in conditions:
        async with shared.limit:
            try:
                outcomes[condition] = await look_for_work(shared.client, condition)
            except PachydermError as error:
                outcomes[condition] = error
    return Observation(outcomes)
