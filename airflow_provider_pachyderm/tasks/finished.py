"""Commits that are finished: the one that a task reads from, and those that the server finished with an error.

The task that made one of the latter drops it, so that the branch reads as before.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

from airflow_provider_pachyderm.client import (
    BranchHasNoHead,
    BranchNotFound,
    Commit,
    CommitDeleted,
    CommitFailed,
    CommitInfo,
    CommitNotFinished,
    CommitState,
    NotFound,
)

if TYPE_CHECKING:
    from airflow_provider_pachyderm.client import CommitLike, PfsClient

log = logging.getLogger(__name__)

NO_COMMIT_YET = (BranchNotFound, BranchHasNoHead)
"""What servers answer where a branch has no commit yet."""


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


def failure(info: CommitInfo) -> CommitFailed:
    """Make the error for a commit that was finished with one."""
    return CommitFailed(f"Commit {info.commit} finished with an error: {info.error}", reference=str(info.commit))


def remove_refused(
    client: PfsClient, commit: CommitLike, is_own: Callable[[CommitInfo], bool] = lambda info: True
) -> None:
    """Drop a commit that failed, and a branch that was made for it.

    If later commits have followed it, it stays: these have none of its files.

    It never raises, as there is an error already that says why the commit failed.

    :param commit: the commit; one that did not fail stays
    :param is_own: tells whether the caller made it; one of somebody else's stays, too
    """
    try:
        info = client.inspect_commit(commit)
        if info.state is CommitState.FAILED and not info.children and is_own(info):
            client.drop_commit(info.commit)
            log.info("Dropped commit %s, which finished with an error: %s", info.commit, info.error)
    except (NotFound, CommitDeleted):
        return
    except Exception:
        log.exception("Could not drop the failed commit %s: its branch cannot be read until somebody drops it", commit)
