"""The commits that are open through one filesystem: several writers share one, and nobody reads it half written."""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from airflow_provider_pachyderm.client import CommitFailed, CommitFinished, CommitState
from airflow_provider_pachyderm.tasks.commit_starter import OPEN_COMMIT_TIMEOUT, CommitStarter
from airflow_provider_pachyderm.tasks.finished import finished_commit, newest_finished, remove_refused
from airflow_provider_pachyderm.tasks.identity import TaskTry

if TYPE_CHECKING:
    from airflow_provider_pachyderm.client import Commit, PfsClient
    from airflow_provider_pachyderm.fs._location import Location

log = logging.getLogger(__name__)


class SharedCommit:
    """An open commit. The last writer that leaves it finishes it, or drops it if one of them failed.

    :param client: the client that started it
    :param commit: the commit
    :param forget: called when it is over
    :param given: it was started elsewhere, and is finished there
    """

    def __init__(self, client: PfsClient, commit: Commit, forget: Callable[[], object], *, given: bool = False) -> None:
        self.commit = commit
        self._client = client
        self._forget = forget
        self._given = given
        self._writers = 0
        self._failed = False

    def join(self) -> None:
        """Add a writer."""
        self._writers += 1

    def leave(self, *, failed: bool) -> None:
        """Remove a writer; the last one finishes or drops the commit.

        :raises CommitFailed: the server found an error, such as a path that is a file and a directory; the commit is
            gone then
        :raises OSError: this writer did well, but another one failed, so the commit was dropped
        """
        self._writers -= 1
        self._failed = self._failed or failed
        if self._writers:
            return
        self._forget()
        if self._given:
            return
        if not self._failed:
            self._finish()
            return
        self._drop()
        if not failed:
            raise OSError(f"Commit {self.commit} was dropped because another of its files could not be written")

    def _finish(self) -> None:
        try:
            self._client.finish_commit(self.commit)
        except BaseException:
            self._drop()
            raise
        try:
            self._client.wait_commit(self.commit)
        except CommitFailed:
            remove_refused(self._client, self.commit)
            raise

    def _drop(self) -> None:
        try:
            self._client.drop_commit(self.commit)
        except Exception:
            log.exception("Could not drop commit %s: its branch is blocked until somebody drops it", self.commit)


class OpenCommits(threading.local):
    """The commits that one thread has open, and those that it reads from meanwhile."""

    def __init__(self) -> None:
        self._written: dict[Location, SharedCommit] = {}
        self._read: dict[Location, Commit] = {}
        self._in_block: list[SharedCommit] | None = None

    @contextmanager
    def together(self) -> Iterator[None]:
        """Make one commit for each branch of all that is written meanwhile, and read one commit of each branch."""
        if self._in_block is not None:
            yield
            return
        self.begin_block()
        try:
            yield
        except BaseException:
            self.end_block(failed=True)
            raise
        self.end_block()

    def begin_block(self) -> None:
        """Begin a block as that of :meth:`together`."""
        self._in_block = []

    def end_block(self, *, failed: bool = False) -> None:
        """End that block: finish its commits, or drop them if it failed."""
        shared_commits, self._in_block = self._in_block or [], None
        self._read.clear()
        for number, shared in enumerate(shared_commits):
            try:
                shared.leave(failed=failed)
            except BaseException:
                for other in shared_commits[number + 1 :]:
                    other.leave(failed=True)
                raise

    def to_read(self, client: PfsClient, place: Location) -> Commit:
        """Return the commit to read a place from: of a branch the newest finished one.

        :raises BranchHasNoHead: the branch has none
        :raises CommitNotFinished: a commit is given that is open
        """
        key = place.at("/")
        if key not in self._read:
            commit = self._find(client, place)
            if self._in_block is None:
                return commit
            self._read[key] = commit
        return self._read[key]

    @contextmanager
    def writing(self, client: PfsClient, place: Location) -> Iterator[Commit]:
        """Give a commit to write to; it is finished at the end of the block, or dropped if that raises."""
        shared = self.join(client, place)
        try:
            yield shared.commit
        except BaseException:
            shared.leave(failed=True)
            raise
        shared.leave(failed=False)

    def join(self, client: PfsClient, place: Location) -> SharedCommit:
        """Return the commit that this thread has open there, or start one when it is its turn.

        :raises CommitNotFinished: another writer's commit stayed open on the branch
        :raises CommitFinished: a commit is given that is finished
        """
        key = place.at("/")
        if key not in self._written:
            shared = self._written[key] = self._start(client, key)
            if self._in_block is not None:
                shared.join()
                self._in_block.append(shared)
        shared = self._written[key]
        shared.join()
        return shared

    def _start(self, client: PfsClient, key: Location) -> SharedCommit:
        written = self._written  # of this thread; another one may close the last file

        def forget() -> None:
            written.pop(key, None)

        if key.is_branch:
            return SharedCommit(client, _start_commit(client, key), forget)
        info = client.inspect_commit(key.commit)
        if info.state is not CommitState.OPEN:
            raise CommitFinished(f"Commit {info.commit} does not accept any more files", reference=str(info.commit))
        return SharedCommit(client, info.commit, forget, given=True)

    def _find(self, client: PfsClient, place: Location) -> Commit:
        if place.is_branch:
            return newest_finished(client, place.repo, place.ref)
        return finished_commit(client, place.commit)


def _start_commit(client: PfsClient, key: Location) -> Commit:
    # Nobody else's is the same: by it a commit is known whose start was not answered.
    description, task = f"Files put through pfs://{key} ({secrets.token_hex(4)})", TaskTry.running()
    if task is None:
        return CommitStarter(client, key.repo, key.ref, OPEN_COMMIT_TIMEOUT).start(description)
    return CommitStarter(client, key.repo, key.ref, OPEN_COMMIT_TIMEOUT, task.is_after).start(task.sign(description))
