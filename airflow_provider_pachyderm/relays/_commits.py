"""Which commits of a branch are new to a relay, oldest first."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing
from typing import TYPE_CHECKING, TypedDict

from airflow_provider_pachyderm.client import CommitInfo, CommitState, NotFound
from airflow_provider_pachyderm.tasks.finished import NO_COMMIT_YET
from airflow_provider_pachyderm.waiting.commit import is_placeholder, parse_time

if TYPE_CHECKING:
    from airflow_provider_pachyderm.client import PfsClient


class Base(TypedDict):
    """Up to where all commits of a branch have runs, as plain values that survive JSON.

    :param commit: id of the last of them; None before the first
    :param finished: when it finished, in ISO, which counts should it be gone one day
    """

    commit: str | None
    finished: str | None


THE_FIRST: Base = {"commit": None, "finished": None}


def base_at(info: CommitInfo) -> Base:
    """Return where the next commit after this one is the first new one."""
    return {"commit": info.commit.id, "finished": info.finished.isoformat() if info.finished else None}


def base_now(client: PfsClient, repo: str, branch: str) -> Base:
    """Return where everything that is done on the branch now is old."""
    try:
        with closing(client.list_commit(repo, to_commit=branch)) as newest_first:
            return next((base_at(info) for info in newest_first if info.state.done), THE_FIRST)
    except (*NO_COMMIT_YET, NotFound):
        return THE_FIRST


def commits_behind(client: PfsClient, repo: str, branch: str, base: Base) -> list[CommitInfo]:
    """List the good commits of a branch after the base, oldest first, up to the first that is not done.

    What follows an open one waits for it, so that nothing is passed by, and all come in order.
    """
    try:
        with closing(client.list_commit(repo, to_commit=branch)) as newest_first:
            later = _later(newest_first, base)
    except (*NO_COMMIT_YET, NotFound):
        return []
    done: list[CommitInfo] = []
    for info in reversed(later):
        if not info.state.done:
            break
        done.append(info)
    return [info for info in done if info.state is CommitState.FINISHED and not is_placeholder(info)]


def _later(newest_first: Iterable[CommitInfo], base: Base) -> list[CommitInfo]:
    """Return what is newer than the base. Its time counts only if it is gone: clocks of servers are set back."""
    later: list[CommitInfo] = []
    for info in newest_first:
        if base["commit"] is not None and info.commit.id == base["commit"]:
            return later
        later.append(info)
    if base["finished"] is None:
        return later
    end = parse_time(base["finished"])
    return [info for info in later if info.finished is None or info.finished > end]
