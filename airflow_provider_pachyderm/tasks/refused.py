"""Commits that the server finished with an error: whoever made one takes it away, and the branch reads as before."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

from airflow_provider_pachyderm.client import CommitDeleted, CommitFailed, CommitState, NotFound

if TYPE_CHECKING:
    from airflow_provider_pachyderm.client import CommitInfo, CommitLike, PfsClient

log = logging.getLogger(__name__)


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
