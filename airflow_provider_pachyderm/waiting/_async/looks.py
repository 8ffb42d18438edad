"""One look at a server for what a sensor waits for."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping
from contextlib import aclosing
from dataclasses import replace
from typing import TYPE_CHECKING

from airflow_provider_pachyderm.client import CommitInfo, CommitState, DeadlineExceeded, FileNotFound, NotFound
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

if TYPE_CHECKING:
    from airflow_provider_pachyderm.client import AsyncPfsClient
    from airflow_provider_pachyderm.waiting.commit import CommitCondition
    from airflow_provider_pachyderm.waiting.commit_set import CommitSetCondition
    from airflow_provider_pachyderm.waiting.file import FileCondition

log = logging.getLogger(__name__)

# Servers can only be asked to wait for what is made from a commit; waiting this many seconds asks how it stands.
_GLANCE = 1.0


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
        return CommitSetState.of(await client.inspect_commit_set(condition.commit_set))
    commit = str(condition.commit)
    try:
        made = await client.flush_commit(commit, timeout=_GLANCE)
    except DeadlineExceeded:
        return CommitSetState()
    return CommitSetState.of([await client.inspect_commit(commit), *made])
