"""Whose turn it is to write to a branch: it has room for one open commit."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from airflow_provider_pachyderm.client import (
    BranchHasNoHead,
    Commit,
    CommitDeleted,
    CommitInfo,
    CommitNotFinished,
    CommitState,
    DeadlineExceeded,
    NotFound,
)

if TYPE_CHECKING:
    from airflow_provider_pachyderm.client import PfsClient

log = logging.getLogger(__name__)

PATIENCE = 600.0
_LONGEST_WAIT = 30.0
_LONGEST_PAUSE = 0.5


class Turn:
    """A wait for the turn to start a commit. Another writer's open commit is waited for and never touched.

    :param client: the client to use
    :param repo: repo to write to
    :param branch: branch to write to
    :param patience: seconds to wait for another writer's open commit
    :param is_left_over: tells an open commit whose writer is known to be gone; such a one is dropped
    """

    def __init__(
        self,
        client: PfsClient,
        repo: str,
        branch: str,
        patience: float,
        is_left_over: Callable[[CommitInfo], bool] = lambda info: False,
    ) -> None:
        self._client = client
        self._repo = repo
        self._branch = branch
        self._patience = patience
        self._is_left_over = is_left_over

    def start(self, description: str | None) -> Commit:
        """Start a commit as soon as there is room.

        :raises CommitNotFinished: another writer's commit stayed open
        """
        deadline = time.monotonic() + self._patience
        while True:
            try:
                return self._client.start_commit(self._repo, self._branch, description=description)
            except CommitNotFinished:
                self._make_room(deadline)
                # Writers that waited for the same commit should not all come at once.
                time.sleep(random.uniform(0, _LONGEST_PAUSE))

    def _make_room(self, deadline: float) -> None:
        try:
            head = self._client.inspect_commit((self._repo, self._branch))
            if head.state is CommitState.OPEN and self._is_left_over(head):
                log.warning("Dropping commit %s, which its writer left open when it died", head.commit)
                self._client.drop_commit(head.commit)
            elif not head.state.done:
                self._wait_for(head, deadline)
        except (NotFound, CommitDeleted, BranchHasNoHead):
            return  # gone in the meantime

    def _wait_for(self, head: CommitInfo, deadline: float) -> None:
        left = deadline - time.monotonic()
        if left <= 0:
            raise CommitNotFinished(
                f"Commit {head.commit} on branch {self._branch} has been open since {head.started}, and it is not "
                f"ours: waited {self._patience:g} s for it to finish. Its description: {head.description!r}",
                reference=str(head.commit),
            )
        log.info("Waiting for commit %s (%r) to finish", head.commit, head.description)
        try:
            self._client.inspect_commit(head.commit, wait=CommitState.FINISHED, timeout=min(left, _LONGEST_WAIT))
        except DeadlineExceeded:
            return
