"""The finished commit that a task reads from."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

from airflow_provider_pachyderm.client import (
    BranchHasNoHead,
    Commit,
    CommitInfo,
    CommitNotFinished,
    CommitState,
)
from airflow_provider_pachyderm.tasks.refused import failure

if TYPE_CHECKING:
    from airflow_provider_pachyderm.client import CommitLike, PfsClient


def finished_commit(client: PfsClient, commit: CommitLike) -> Commit:
    """Return the commit if it can be read.

    :param commit: a commit, or the branch whose head is meant
    :raises CommitFailed: it was finished with an error
    :raises CommitNotFinished: it is open
    """
    info = _settled(client, client.inspect_commit(commit))
    if info.state is CommitState.FAILED:
        raise failure(info)
    if info.state is not CommitState.FINISHED:
        raise CommitNotFinished(f"Commit {info.commit} is still open", reference=str(info.commit))
    return info.commit


def newest_finished(client: PfsClient, repo: str, branch: str) -> Commit:
    """Return the newest commit of a branch that can be read.

    :raises BranchHasNoHead: there is none
    """
    with closing(client.list_commit(repo, to_commit=branch)) as newest_first:
        for info in newest_first:
            if _settled(client, info).state is CommitState.FINISHED:
                return replace(info.commit, branch=branch)
    raise BranchHasNoHead(f"{repo}@{branch} has no finished commit", reference=f"{repo}@{branch}")


def _settled(client: PfsClient, info: CommitInfo) -> CommitInfo:
    """Wait for a commit of 2.x that is being finished; it may turn out to have failed."""
    if info.state is not CommitState.FINISHING:
        return info
    return client.inspect_commit(info.commit, wait=CommitState.FINISHED)
