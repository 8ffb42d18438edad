"""A commit that belongs to a task: retried, killed or cleared, the task leaves one commit and never half of one."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Set
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from airflow_provider_pachyderm._compat import run_and_task_states
from airflow_provider_pachyderm.client import (
    ClientClosed,
    Commit,
    CommitDeleted,
    CommitInfo,
    CommitNotFinished,
    CommitState,
    NotFound,
)
from airflow_provider_pachyderm.tasks.commit_starter import CommitStarter, OpenCommit
from airflow_provider_pachyderm.tasks.finished import NO_COMMIT_YET, remove_refused
from airflow_provider_pachyderm.tasks.identity import Marker, Writer
from airflow_provider_pachyderm.tasks.unsigned import ExpectedContent, find_by_content, keeps_descriptions

if TYPE_CHECKING:
    from airflow_provider_pachyderm._compat import Context
    from airflow_provider_pachyderm.client import PfsClient
    from airflow_provider_pachyderm.tasks.connected import Connected

log = logging.getLogger(__name__)

_RUN_ENDED = frozenset({"", "success", "failed"})
_TASK_ENDED = frozenset({"success", "failed", "upstream_failed", "skipped", "removed"})


# What a block of code writes is not known before it has run.
_ANYTHING = ExpectedContent(below="/", append=True)


@dataclass
class Written:
    """The commit that a block of code writes to.

    :param commit: the commit; once the block has ended, that of an earlier try if there is one
    :param drop: drops it while the block still runs
    """

    commit: Commit
    drop: Callable[[], None]


class TaskCommits:
    """The commits that one task makes on one branch.

    :param hook: makes the clients that drop a commit when the task's own is closed or broken
    :param client: the task's client
    :param repo: repo to write to
    :param branch: branch to write to
    :param marker: identity of the task
    :param timeout: seconds to wait for another writer's open commit
    :param open_commit: what to do about that
    :param has_ended: tells whether the same task of another run writes no more
    :param in_use: the IDs of commits that this process is writing to
    """

    def __init__(
        self,
        hook: Connected,
        client: PfsClient,
        repo: str,
        branch: str,
        marker: Marker,
        timeout: float,
        open_commit: OpenCommit = "wait",
        has_ended: Callable[[Writer], bool] = lambda writer: False,
        in_use: Set[str] = frozenset(),
    ) -> None:
        self._hook = hook
        self._client = client
        self._repo = repo
        self._branch = branch
        self._marker = marker
        self._drops_ours = open_commit == "drop_ours"
        self._has_ended = has_ended
        self._in_use = in_use
        self._starter = CommitStarter(client, repo, branch, timeout, self._is_left_over, may_wait=open_commit != "fail")

    def write(
        self,
        description: str | None,
        put: Callable[[Commit], object],
        expected: Callable[[], ExpectedContent] = ExpectedContent,
    ) -> Commit:
        """Make one commit with what ``put`` writes and finish it, unless an earlier try has done so already.

        :param description: the user's text
        :param put: writes into the open commit; when it raises, the commit is dropped
        :param expected: tells what it writes, by which a commit is known before 1.6.6
        :return: the commit; a 2.x server may still be checking what is in it, and refuse it
        :raises CommitNotFinished: another writer's commit stayed open on the branch
        :raises Conflict: before 1.6.6, if nothing tells whether an earlier try has made a commit
        """
        if earlier := self._earlier(expected):
            log.info("Nothing to do: an earlier try of this task already made commit %s", earlier.commit)
            # Lists of a 2.x server do not say the branch.
            return replace(earlier.commit, branch=self._branch)
        with self._started(description) as commit:
            put(commit)
            self._client.finish_commit(commit)
        return commit

    @contextmanager
    def writing(self, description: str | None) -> Iterator[Written]:
        """Start a commit for a block of code, and finish it at the end of the block; if the block raises, drop it.

        Nothing can keep a block from running again in a retry. If an earlier try has finished its commit, the block
        gets a new one to write to, which is dropped at its end, and the earlier one stays.

        :param description: the user's text
        :return: the commit; a 2.x server may still be checking what is in it when the block has ended
        :raises CommitNotFinished: another writer's commit stayed open on the branch
        :raises Conflict: before 1.6.6, if an earlier try may have made a commit
        """
        earlier = self._earlier(lambda: _ANYTHING)
        if earlier:
            log.info("An earlier try of this task already made commit %s, which stays as it is", earlier.commit)
            description = f"Written once more by a retry, to be dropped: {earlier.commit.id} was finished before"
        with self._started(description) as commit:
            written = Written(commit, lambda: self.drop(commit))
            yield written
            if not earlier:
                self._client.finish_commit(commit)
                return
            self._drop_with(commit)
        log.info("Dropped commit %s, as commit %s of an earlier try has what this task writes", commit, earlier.commit)
        written.commit = replace(earlier.commit, branch=self._branch)

    @contextmanager
    def _started(self, description: str | None) -> Iterator[Commit]:
        commit = self._starter.start(self._marker.sign(description))
        log.info("Started commit %s", commit)
        try:
            yield commit
        except BaseException:
            self.drop(commit)
            raise

    def start(self, description: str | None) -> Commit:
        """Start a commit for other tasks to write to, unless an earlier try has left it open already.

        :param description: the user's text
        :raises CommitNotFinished: another writer's commit stayed open on the branch
        """
        if earlier := self._left_open():
            log.info("Continuing commit %s, which an earlier try of this task left open", earlier)
            return earlier
        return self._starter.start(self._marker.sign(description))

    def _is_left_over(self, info: CommitInfo) -> bool:
        if str(info.commit.id) in self._in_use:
            raise CommitNotFinished(
                f"Commit {info.commit} is open on branch {self._branch}, and this same process is writing to it: end "
                "its block before another one begins on the branch, or write to that commit",
                reference=str(info.commit),
            )
        if self._marker.is_task_of(info):
            return True  # an earlier try, and this one runs
        writer = Writer.signed(info)
        if not self._drops_ours or writer is None or not writer.is_same_task(self._marker.writer):
            return False
        return self._has_ended(writer)

    def _left_open(self) -> Commit | None:
        if self._marker.first_try:
            return None
        try:
            head = self._client.inspect_commit((self._repo, self._branch))
        except NO_COMMIT_YET:
            return None
        ours = head.state is CommitState.OPEN and self._marker.is_generation_of(head)
        return replace(head.commit, branch=self._branch) if ours else None

    def _earlier(self, expected: Callable[[], ExpectedContent]) -> CommitInfo | None:
        if self._marker.first_try:
            return None
        if not keeps_descriptions(self._client):
            return find_by_content(self._client, self._repo, self._branch, self._marker.since, expected())
        return self._signed()

    def _signed(self) -> CommitInfo | None:
        try:
            newest_first = self._client.list_commit(self._repo, to_commit=self._branch)
        except NO_COMMIT_YET:
            return None
        with closing(newest_first):
            for info in newest_first:
                if self._marker.is_generation_of(info) and (done := self._finished(info)):
                    return done
                if self._marker.since and info.started and info.started < self._marker.since:
                    return None
        return None

    def _finished(self, info: CommitInfo) -> CommitInfo | None:
        if info.state is CommitState.FINISHING:
            info = self._client.inspect_commit(info.commit, wait=CommitState.FINISHED)
        if info.state is CommitState.FAILED:
            # The earlier try was gone before it could do so.
            remove_refused(self._client, info.commit)
        return info if info.state is CommitState.FINISHED else None

    def _drop_with(self, commit: Commit) -> None:
        try:
            self._client.drop_commit(commit)
        except ClientClosed:  # the task is killed
            with self._hook.client() as client:
                client.drop_commit(commit)

    def drop(self, commit: Commit) -> None:
        """Drop a commit that this task started. It never raises, as there is an error already."""
        try:
            self._drop_with(commit)
            log.info("Dropped commit %s", commit)
        except (NotFound, CommitDeleted):
            log.info("Commit %s is gone already", commit)
        except Exception:
            log.exception(
                "Could not drop commit %s, which blocks its branch; the next try of this task will drop it, or a "
                "PachydermDropCommitOperator",
                commit,
            )


def has_ended(context: Context, writer: Writer, *, with_its_run: bool) -> bool:
    """Ask Airflow whether a task of another run writes no more to the commit that it started.

    :param with_its_run: other tasks of its run write to it, too, so that the run must have ended
    :return: False, too, if Airflow does not tell
    """
    try:
        run, task = run_and_task_states(context["ti"], writer.dag_id, writer.run_id, writer.task_id, writer.map_index)
    except Exception:
        log.exception("Airflow does not report the state of %s, so waiting for its commit", writer)
        return False
    ended = run in _RUN_ENDED or (not with_its_run and task in _TASK_ENDED)
    log.info("%s: its run is %s, the task %s", writer, run or "gone", task or "gone")
    return ended
