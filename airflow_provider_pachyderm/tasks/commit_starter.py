"""Starting a commit on a branch that takes one open commit at a time and has other writers."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Literal, TypeAlias

from airflow_provider_pachyderm.client import (
    BranchHasNoHead,
    Commit,
    CommitDeleted,
    CommitInfo,
    CommitNotFinished,
    CommitState,
    DeadlineExceeded,
    NotFound,
    Unavailable,
)
from airflow_provider_pachyderm.client._capabilities import pachctl_delete_commit
from airflow_provider_pachyderm.tasks.identity import Writer
from airflow_provider_pachyderm.tasks.unsigned import keeps_descriptions

if TYPE_CHECKING:
    from airflow_provider_pachyderm.client import PfsClient

log = logging.getLogger(__name__)

OpenCommit: TypeAlias = Literal["wait", "drop_ours", "fail"]
"""What a task does that finds another writer's open commit on its branch."""

OPEN_COMMIT_TIMEOUT = 600.0
_LONGEST_WAIT = 30.0
_LONGEST_PAUSE = 0.5
_AWAY = (Unavailable, DeadlineExceeded)


class CommitStarter:
    """Starts a commit when the branch has none open. Another writer's open commit is waited for and never touched.

    :param client: the client to use
    :param repo: repo to write to
    :param branch: branch to write to
    :param timeout: seconds to wait for another writer's open commit
    :param is_left_over: tells an open commit whose writer is known to be gone; such a one is dropped
    :param may_wait: for the open commit of another writer; otherwise it is an error at once
    """

    def __init__(
        self,
        client: PfsClient,
        repo: str,
        branch: str,
        timeout: float,
        is_left_over: Callable[[CommitInfo], bool] = lambda info: False,
        *,
        may_wait: bool = True,
    ) -> None:
        self._client = client
        self._repo = repo
        self._branch = branch
        self._timeout = timeout
        self._is_left_over = is_left_over
        self._may_wait = may_wait

    def start(self, description: str | None) -> Commit:
        """Start a commit as soon as there is room.

        :param description: no other commit has the same, so that one whose start was not answered is known by it
        :raises CommitNotFinished: another writer's commit stayed open, or the server says nothing of who made one
        """
        deadline = time.monotonic() + self._timeout
        while True:
            try:
                return self._client.start_commit(self._repo, self._branch, description=description)
            except CommitNotFinished:
                self._make_room(deadline)
                # Writers that waited for the same commit should not all come at once.
                time.sleep(random.uniform(0, _LONGEST_PAUSE))
            except _AWAY as error:
                if started := self._find_started(description, error):
                    return started
                raise

    def _find_started(self, description: str | None, error: Unavailable | DeadlineExceeded) -> Commit | None:
        """Find the commit that was started although the server's answer was lost."""
        try:
            head = self._client.inspect_commit((self._repo, self._branch))
        except (NotFound, CommitDeleted, BranchHasNoHead):
            return None
        if head.state is not CommitState.OPEN:
            return None
        if description and head.description == description:
            log.info("Commit %s was started although the answer of the server was lost: %s", head.commit, error)
            return Commit(head.commit.repo, self._branch, head.commit.id)
        if not head.description and not keeps_descriptions(self._client):
            raise CommitNotFinished(
                f"The answer to starting a commit on {self._repo}@{self._branch} was lost ({error}). Commit "
                f"{head.commit} has been open there since {head.started}: it is either the one that this task started "
                "or another writer's, and this server stores no descriptions that would tell. "
                f"{self._how_to_drop(head.commit)}",
                reference=str(head.commit),
            ) from error
        return None

    def _make_room(self, deadline: float) -> None:
        try:
            head = self._client.inspect_commit((self._repo, self._branch))
            if head.state is CommitState.OPEN and self._is_left_over(head):
                log.warning(
                    "Dropping commit %s, which a dead run of this task left open: %s", head.commit, _writer_of(head)
                )
                self._client.drop_commit(head.commit)
            elif head.state is CommitState.OPEN and not self._may_wait:
                raise self._busy(head, "the task was told not to wait for it")
            elif not head.state.done:
                self._wait_for(head, deadline)
        except (NotFound, CommitDeleted, BranchHasNoHead):
            return  # gone in the meantime

    def _wait_for(self, head: CommitInfo, deadline: float) -> None:
        left = deadline - time.monotonic()
        if left <= 0:
            raise self._busy(head, f"waited {self._timeout:g} s for it to finish")
        log.info("Waiting for commit %s (%r) to finish", head.commit, head.description)
        try:
            self._client.inspect_commit(head.commit, wait=CommitState.FINISHED, timeout=min(left, _LONGEST_WAIT))
        except DeadlineExceeded:
            return

    def _busy(self, head: CommitInfo, why: str) -> CommitNotFinished:
        return CommitNotFinished(
            f"Commit {head.commit} of another writer has been open on branch {self._branch} since {head.started}: "
            f"{why}. {_writer_of(head)}. {self._how_to_drop(head.commit)}",
            reference=str(head.commit),
        )

    def _how_to_drop(self, commit: Commit) -> str:
        command = pachctl_delete_commit(self._client.version(), commit)
        return (
            f"If nobody will finish it, drop it: `{command}`, or a PachydermDropCommitOperator with "
            f"commit={str(commit)!r}; open_commit='drop_ours' drops what a dead run of the same task left open"
        )


def _writer_of(info: CommitInfo) -> str:
    writer = Writer.signed(info)
    by = f"It was started by {writer}" if writer else "Its description does not name a task of this provider"
    return f"{by}; its description: {info.description!r}"
