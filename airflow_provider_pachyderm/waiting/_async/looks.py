"""One look at a server for what a sensor waits for."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping
from contextlib import aclosing
from dataclasses import replace
from typing import TYPE_CHECKING

from airflow_provider_pachyderm.client import (
    CommitDeleted,
    CommitInfo,
    CommitState,
    DeadlineExceeded,
    FileNotFound,
    Job,
    JobFailed,
    JobInfo,
    JobNotFound,
    NotFound,
    PermissionDenied,
    PipelineFailed,
    PipelineInfo,
    PipelineState,
    Unsupported,
    parse_branch,
    parse_commit,
)
from airflow_provider_pachyderm.client._refs import is_commit_id
from airflow_provider_pachyderm.tasks.finished import NO_COMMIT_YET
from airflow_provider_pachyderm.waiting.commit import (
    BranchState,
    Start,
    WithStart,
    first_arrival,
    newer_than,
    state_of_commit,
)
from airflow_provider_pachyderm.waiting.commit_set import CommitSetState
from airflow_provider_pachyderm.waiting.file import FileState
from airflow_provider_pachyderm.waiting.job import JobsState, first_failed
from airflow_provider_pachyderm.waiting.work import WorkState, commit_of_input

if TYPE_CHECKING:
    from airflow_provider_pachyderm.client import AsyncPfsClient
    from airflow_provider_pachyderm.waiting.commit import CommitCondition
    from airflow_provider_pachyderm.waiting.commit_set import CommitSetCondition
    from airflow_provider_pachyderm.waiting.file import FileCondition
    from airflow_provider_pachyderm.waiting.job import JobCondition
    from airflow_provider_pachyderm.waiting.work import WorkCondition

log = logging.getLogger(__name__)

# Servers can only be asked to wait for what is made from a commit; waiting this many seconds asks how it stands.
_GLANCE = 1.0
# Seconds for a job to end whose commit is finished; one whose commit somebody else has finished may never end.
_MOMENT = 2.0


async def look_for_commit(client: AsyncPfsClient, condition: CommitCondition) -> BranchState:
    """Ask the server once.

    :raises CommitFailed: the very commit asked for finished with an error
    :raises NotFound: there is no such repo, or no such commit
    """
    if condition.commit:
        return state_of_commit(await client.inspect_commit(condition.commit))
    resolved = await resolve_start(client, condition)
    states = await look_at_branch(client, [resolved])
    return states[resolved]


async def look_at_branch(client: AsyncPfsClient, conditions: Collection[WithStart]) -> Mapping[WithStart, BranchState]:
    """Ask the server once for several who wait for commits of one branch, each from a start of its own.

    :param conditions: what they wait for, with starts that are resolved
    :raises NotFound: there is no such repo
    """
    any_of_them = next(iter(conditions))
    start = Start.earliest(condition.start for condition in conditions) if len(conditions) > 1 else any_of_them.start
    newest_first: list[CommitInfo] = []
    try:
        async with aclosing(await client.list_commit(any_of_them.repo, to_commit=any_of_them.branch)) as commits:
            async for info in commits:
                newest_first.append(info)
                if start.covers(info):
                    break
    except NO_COMMIT_YET:
        await client.inspect_repo(any_of_them.repo)
    return {condition: first_arrival(newest_first, condition.start) for condition in conditions}


async def resolve_start(client: AsyncPfsClient, condition: WithStart) -> WithStart:
    """Find out which commit ``from_commit`` is, and its time, which counts should the commit be gone one day."""
    if not condition.from_commit:
        return condition
    try:
        return newer_than(condition, await client.inspect_commit(condition.from_commit))
    except NotFound as error:
        log.warning("from_commit %s no longer exists, continuing without it: %s", condition.from_commit, error)
        return replace(condition, from_commit=None)


async def look_for_file(client: AsyncPfsClient, condition: FileCondition) -> FileState:
    """Ask the server once. The newest finished commit of the branch counts, however old it is.

    :raises RepoNotFound: there is no such repo
    """
    newest = await newest_finished(client, condition.repo, condition.branch)
    return await look_in_commit(client, newest, condition)


async def newest_finished(client: AsyncPfsClient, repo: str, branch: str) -> CommitInfo | None:
    """Return the newest commit of a branch that can be read, if there is one.

    :raises RepoNotFound: there is no such repo
    """
    try:
        async with aclosing(await client.list_commit(repo, to_commit=branch)) as newest_first:
            async for info in newest_first:
                if info.state is CommitState.FINISHED:
                    return info
    except NO_COMMIT_YET:
        await client.inspect_repo(repo)
    return None


async def look_in_commit(client: AsyncPfsClient, info: CommitInfo | None, condition: FileCondition) -> FileState:
    """Look for the file in a commit, if there is one."""
    return FileState(info if info is not None and await _is_in(client, info, condition) else None)


async def _is_in(client: AsyncPfsClient, info: CommitInfo, condition: FileCondition) -> bool:
    if condition.pattern:
        async with aclosing(await client.glob_file(info.commit, condition.pattern)) as found:
            async for _ in found:
                return True
        return False
    try:
        await client.inspect_file(info.commit, str(condition.path))
    except FileNotFound:
        return False
    return True


async def look_for_commit_set(client: AsyncPfsClient, condition: CommitSetCondition) -> CommitSetState:
    """Ask the server once.

    :raises CommitFailed: one of the commits finished with an error
    :raises NotFound: there is no such commit or set
    :raises Unsupported: the server knows no sets
    """
    if condition.commit_set:
        infos = await client.inspect_commit_set(condition.commit_set)
        await check_jobs(client, condition.commit_set, finished=all(info.state.done for info in infos))
        return CommitSetState.of(infos)
    commit = str(condition.commit)
    try:
        made = await client.flush_commit(commit, timeout=_GLANCE)
    except DeadlineExceeded:
        await check_jobs(client, commit)
        return CommitSetState()
    if made:
        await check_jobs(client, commit, finished=True)
    return CommitSetState.of([await client.inspect_commit(commit), *made])


async def check_jobs(client: AsyncPfsClient, source: str, *, finished: bool = False) -> None:
    """Look whether a job has failed, or never ends, that makes something from a commit; if so, say why.

    Commits alone do not tell: on 1.x they are finished although the job failed.

    :param source: the commit, or the ID of a commit set
    :param finished: all commits are, so that the jobs are about to end
    :raises JobFailed: a job did not succeed
    :raises PipelineFailed: a pipeline makes no jobs any more
    """
    try:
        jobs = (await _jobs_below(client, source)).jobs
        failed = first_failed(job for job in jobs if job.state.done)
        running = [] if failed else [job for job in jobs if not job.state.done]
        for job in running:
            if finished:
                await _wait_a_moment(client, job)
            else:
                check_alive(await client.pps.inspect_pipeline(job.job.pipeline), job)
    except (Unsupported, PermissionDenied, NotFound, CommitDeleted) as error:
        log.debug("Cannot look at the jobs of %s: %s", source, error)
        return
    if failed:
        raise await client.pps.job_failure(failed)


async def _wait_a_moment(client: AsyncPfsClient, job: JobInfo) -> None:
    """Wait for the end of a job whose commit is finished.

    :raises JobFailed: it does not succeed
    """
    try:
        await client.pps.wait_job(job.job, timeout=_MOMENT)
    except DeadlineExceeded:
        log.debug("Job %s goes on although its commit is finished", job.job)


async def look_for_jobs(client: AsyncPfsClient, condition: JobCondition) -> JobsState:
    """Ask the server once.

    :raises JobNotFound: there is no such job, or it was deleted
    :raises PipelineNotFound: there is no such pipeline, or it was deleted
    :raises PipelineFailed: the pipeline makes no jobs any more
    :raises Unsupported: the server is older than 1.9
    """
    name = condition.pipeline_name
    if name is None:
        return await _look_downstream(client, str(condition.commit))
    return await look_for_job(client, await client.pps.inspect_pipeline(name), condition, ())


async def look_for_job(
    client: AsyncPfsClient, pipeline: PipelineInfo, condition: JobCondition, newest: Collection[JobInfo]
) -> JobsState:
    """Look for a job among the newest of its pipeline, or ask the server for it.

    :param newest: may be without it
    """
    id = condition.job.partition("@")[2] if condition.job else parse_commit(str(condition.commit)).id
    # the ID of the job, which on 2.x is that of the commits it reads; on 1.x the server is to say which job reads one
    job = next((job for job in newest if job.job.id == id), None)
    if job is None:
        job = await _find_job(client, condition)
    check_alive(pipeline, job)
    return JobsState((job,)) if job else JobsState(complete=False)


async def newest_jobs(client: AsyncPfsClient, pipeline: PipelineInfo, number: int) -> list[JobInfo]:
    """List the newest jobs of a pipeline, on servers where a commit says which job it leads to."""
    if (await client.version()).major < 2:
        return []
    async with aclosing(await client.pps.list_job(pipeline, number=number)) as jobs:
        return [job async for job in jobs]


def check_alive(pipeline: PipelineInfo, job: JobInfo | None) -> None:
    """Refuse to wait for a pipeline that makes no jobs any more.

    :raises PipelineFailed: it is in failure, and the job is not done
    """
    if pipeline.state is PipelineState.FAILURE and not (job and job.state.done):
        what = f"job {job.job} ({job.progress})" if job else "its job"
        raise PipelineFailed(
            f"pipeline {pipeline.pipeline} is in failure, so that {what} does not end: "
            f"{pipeline.reason or 'the server gives no reason'}; update the pipeline",
            pipeline=pipeline,
            reference=str(pipeline.pipeline),
        )


async def _find_job(client: AsyncPfsClient, condition: JobCondition) -> JobInfo | None:
    """Find a job; None if it is still to be made, as on 1.x when the commits that it reads are finished.

    :raises JobNotFound: it is not to be expected any more
    """
    if condition.job:
        try:
            return await client.pps.inspect_job(condition.job)
        except JobNotFound as error:
            raise JobNotFound(f"{error}; it may have been deleted", reference=error.reference) from error
    pipeline, commit = str(condition.pipeline), str(condition.commit)
    try:
        return await client.pps.find_job(pipeline, commit)
    except JobNotFound:
        if (await client.version()).major < 2 and not await _is_made(client, commit, pipeline):
            return None
    try:
        return await client.pps.find_job(pipeline, commit)
    except JobNotFound as error:
        await client.inspect_commit(commit)
        raise JobNotFound(
            f"pipeline {pipeline} has no job for commit {commit}: it does not read its branch, was stopped when the "
            "commit was made, or the job was deleted",
            reference=error.reference,
        ) from error


async def _is_made(client: AsyncPfsClient, commit: str, *repos: str) -> bool:
    """Say whether a commit is finished, and all that is made from it in these repos."""
    if not (await client.inspect_commit(commit)).state.done:
        return False  # old servers flush an open commit at once
    try:
        await client.flush_commit(commit, repos, timeout=_GLANCE)
    except DeadlineExceeded:
        return False
    return True


async def _look_downstream(client: AsyncPfsClient, commit: str) -> JobsState:
    """Look for all jobs that a commit leads to."""
    state = await _jobs_below(client, commit)
    if not state.complete:
        state = await _completed(client, commit) or state
    if not state.jobs and state.complete:
        await client.inspect_commit(commit)
        raise JobNotFound(f"commit {commit} leads to no job: no pipeline reads it, or its jobs were deleted")
    if not state.ended:
        for job in state.jobs:
            if not job.state.done:
                check_alive(await client.pps.inspect_pipeline(job.job.pipeline), job)
    return state


async def _completed(client: AsyncPfsClient, commit: str) -> JobsState | None:
    """Give all jobs of a commit on 1.x, if they are done; nothing else tells whether there are more to come."""
    try:
        if await _is_made(client, commit):
            return JobsState(tuple(await client.pps.wait_jobs(commit, timeout=_GLANCE)))
    except DeadlineExceeded:
        pass
    except JobFailed as error:
        if error.job:
            return JobsState((error.job,))
        raise
    return None


async def _jobs_below(client: AsyncPfsClient, source: str) -> JobsState:
    """Give the jobs that a commit leads to, or those of a commit set, as they are now."""
    id = source.rpartition("@")[2].rpartition("=")[2]
    if not is_commit_id(id):
        id = str((await client.inspect_commit(source)).commit.id)
    try:
        return JobsState((await client.pps.inspect_job_set(id)).jobs)
    except Unsupported:
        pass
    jobs: dict[Job, JobInfo] = {}
    commits = [source]
    for each in commits:
        async with aclosing(await client.pps.list_job(inputs=each, details=True)) as found:
            async for job in found:
                jobs[job.job] = job
                if job.output_commit is not None and str(job.output_commit) not in commits:
                    commits.append(str(job.output_commit))
    return JobsState(tuple(jobs.values()), complete=False)


async def look_for_work(client: AsyncPfsClient, condition: WorkCondition) -> WorkState:
    """Ask the server once which commit of an output branch is to be filled next: the oldest that is open.

    :raises RepoNotFound: there is no such repo
    """
    oldest: CommitInfo | None = None
    try:
        async with aclosing(await client.list_commit(condition.repo, to_commit=condition.branch)) as newest_first:
            async for info in newest_first:
                if info.state is not CommitState.OPEN:
                    break
                oldest = info
    except NO_COMMIT_YET:
        await client.inspect_repo(condition.repo)
    if oldest is None:
        return WorkState()
    inputs: list[CommitInfo | None] = []
    for text in condition.inputs:
        commit = commit_of_input(parse_branch(text, client.config.project), oldest.provenance)
        inputs.append(await client.inspect_commit(commit) if commit is not None else None)
    return WorkState(replace(oldest, commit=replace(oldest.commit, branch=condition.branch)), tuple(inputs))
