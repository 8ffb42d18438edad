"""Following a branch, from its first commit on or after one that is known."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from airflow_provider_pachyderm.client._dialects.calls import Listing, Plan, commits_in
from airflow_provider_pachyderm.client._dialects.commits import Commits
from airflow_provider_pachyderm.client._dialects.repos import Repos
from airflow_provider_pachyderm.client._errors import BranchHasNoHead, BranchNotFound, CommitNotFound
from airflow_provider_pachyderm.client._models import Branch, Commit, CommitInfo, CommitState


@dataclass(frozen=True, slots=True)
class Subscription:
    """How to follow a branch.

    :param cursor_lost: the commit to start after is gone, so this starts at the head.
    """

    listing: Listing[CommitInfo]
    cursor_lost: bool = False


class Subscriptions:
    """Plans how to follow branches."""

    def __init__(self, repos: Repos, commits: Commits) -> None:
        self._repos = repos
        self._commits = commits

    def subscribe(self, branch: Branch, from_: Commit | None, state: CommitState) -> Plan[Subscription]:
        """Follow a branch, from its first commit or after a cursor.

        Servers ignore a cursor that was deleted and send all history; most leave out only the cursor and send its
        ancestors again. So what is older is found out here, and skipped.
        """
        yield from self._repos.inspect(branch.repo)
        resume = partial(self._resume_after, branch, from_, state)
        if from_ is None:
            return Subscription(replace(self._commits.follow(branch, None, state, frozenset()), resume=resume))
        cursor_lost = False
        newest_known = Commit(branch.repo, branch.name)
        try:
            newest_known = (yield from self._commits.inspect(from_)).commit
        except CommitNotFound:
            cursor_lost = True
        known = yield from self._ancestry(newest_known)
        listing = self._commits.follow(branch, None if cursor_lost else newest_known, state, known)
        return Subscription(replace(listing, resume=resume), cursor_lost)

    def _resume_after(self, branch: Branch, from_: Commit | None, state: CommitState, last: str | None) -> Plan[Any]:
        """Find the call that goes on after the last commit that was received."""
        cursor = from_ if last is None else Commit(branch.repo, branch.name, last)
        again = yield from self.subscribe(branch, cursor, state)
        # what was made between a commit that is gone and the head would be missed
        return None if again.cursor_lost else again.listing.source

    def _ancestry(self, commit: Commit) -> Plan[frozenset[str]]:
        listing: Any = self._commits.list(commit.repo, commit, None, 0)
        ids: Listing[str] = Listing(replace(listing.source, read=_commit_ids))
        try:
            return frozenset((yield from ids.all()))
        except (BranchNotFound, BranchHasNoHead):
            return frozenset()


def _commit_ids(reply: Any) -> Iterator[str]:
    return (info.commit.id for info in commits_in(reply))
