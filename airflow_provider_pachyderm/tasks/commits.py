"""A commit that belongs to a task: retried, killed or cleared, the task leaves one commit and never half of one."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from airflow_provider_pachyderm._compat import run_and_task_states, run_start
from airflow_provider_pachyderm.client import (
    BranchHasNoHead,
    BranchNotFound,
    ClientClosed,
    Commit,
    CommitInfo,
    CommitState,
)
from airflow_provider_pachyderm.tasks.commit_starter import OpenCommit, Turn
from airflow_provider_pachyderm.tasks.identity import Writer, names_of
from airflow_provider_pachyderm.tasks.refused import remove_refused
from airflow_provider_pachyderm.tasks.unsigned import Wanted, find_made, keeps_descriptions

if TYPE_CHECKING:
    from airflow_provider_pachyderm._compat import Context
    from airflow_provider_pachyderm.client import PfsClient
    from airflow_provider_pachyderm.hooks.pachyderm import PachydermHook

log = logging.getLogger(__name__)

# How much the clocks of Airflow and Pachyderm may differ when commits of before the run are left out of a search.
_SKEW = timedelta(hours=1)
_RUN_ENDED = frozenset({"", "success", "failed"})
_TASK_ENDED = frozenset({"success", "failed", "upstream_failed", "skipped", "removed"})
_NO_HEAD = (BranchNotFound, BranchHasNoHead)


@dataclass(frozen=True)
class Marker:
    """Which task, and which try of it, a commit belongs to; the last line of its description.

    :param task: dag, run, task and map index
    :param generation: stays through retries and grows when a user clears the task
    :param first_try: nothing of this generation can exist yet
    :param since: no commit of the run is older than this
    :param writer: the same as ``task``, to compare with others
    """

    task: str
    generation: int
    first_try: bool = True
    since: datetime | None = None
    writer: Writer | None = None

    @classmethod
    def of(cls, context: Context) -> Marker:
        """Make the marker of the running task."""
        ti: Any = context["ti"]
        generation = (ti.max_tries or 0) - (context["task"].retries or 0)
        # Clearing another task of the run moves its start date, but not when it was due.
        started = context["dag_run"].start_date
        return cls(
            task=names_of(ti),
            generation=generation,
            first_try=ti.try_number <= generation + 1,
            since=min(started, run_start(context)) - _SKEW if started else None,
            writer=Writer.of(ti),
        )

    def sign(self, description: str | None) -> str:
        """Return a description with this marker below the user's text."""
        return "\n".join(part for part in (description, f"{self._start}{self.generation}") if part)

    def is_task_of(self, info: CommitInfo) -> bool:
        """Say whether any try of this task made the commit, before a clear or after."""
        return any(line.startswith(self._start) for line in info.description.splitlines())

    def is_generation_of(self, info: CommitInfo) -> bool:
        """Say whether this try or an earlier one of the same generation made the commit."""
        return f"{self._start}{self.generation}" in info.description.splitlines()

    def is_run_of(self, info: CommitInfo) -> bool:
        """Say whether a task of the same DAG run made the commit."""
        writer, own = Writer.signed(info), self.writer
        return writer is not None and own is not None and (writer.dag_id, writer.run_id) == (own.dag_id, own.run_id)

    @property
    def _start(self) -> str:
        return f"airflow {self.task} generation "


class TaskCommits:
    """The commits that one task makes on one branch.

    :param hook: makes the clients that drop a commit when the task's own is closed or broken
    :param client: the task's client
    :param repo: repo to write to
    :param branch: branch to write to
    :param marker: identity of the task
    :param patience: seconds to wait for another writer's open commit
    :param open_commit: what to do about that
    :param has_ended: tells whether the same task of another run writes no more
    """

    def __init__(
        self,
        hook: PachydermHook,
        client: PfsClient,
        repo: str,
        branch: str,
        marker: Marker,
        patience: float,
        open_commit: OpenCommit = "wait",
        has_ended: Callable[[Writer], bool] = lambda writer: False,
    ) -> None:
        self._hook = hook
        self._client = client
        self._repo = repo
        self._branch = branch
        self._marker = marker
        self._drops_ours = open_commit == "drop_ours"
        self._has_ended = has_ended
        self._turn = Turn(client, repo, branch, patience, self._is_left_over, may_wait=open_commit != "fail")

    def write(
        self, description: str | None, put: Callable[[Commit], object], wanted: Callable[[], Wanted] = Wanted
    ) -> Commit:
        """Make one commit with what ``put`` writes and finish it, unless an earlier try has done so already.

        :param description: the user's text
        :param put: writes into the open commit; when it raises, the commit is dropped
        :param wanted: tells what it writes, by which a commit is known before 1.6.6
        :return: the commit; a 2.x server may still be checking what is in it, and refuse it
        :raises CommitNotFinished: another writer's commit stayed open on the branch
        :raises Conflict: before 1.6.6, if nothing tells whether an earlier try has made a commit
        """
        if earlier := self._earlier(wanted):
            log.info("Done already: an earlier try of this task made commit %s", earlier.commit)
            # Lists of a 2.x server do not say the branch.
            return replace(earlier.commit, branch=self._branch)
        commit = self._turn.start(self._marker.sign(description))
        log.info("Started commit %s", commit)
        try:
            put(commit)
            self._client.finish_commit(commit)
        except BaseException:
            self._drop(commit)
            raise
        return commit

    def start(self, description: str | None) -> Commit:
        """Start a commit for other tasks to write to, unless an earlier try has left it open already.

        :param description: the user's text
        :raises CommitNotFinished: another writer's commit stayed open on the branch
        """
        if earlier := self._left_open():
            log.info("Started already: an earlier try of this task left commit %s open", earlier)
            return earlier
        return self._turn.start(self._marker.sign(description))

    def _is_left_over(self, info: CommitInfo) -> bool:
        if self._marker.is_task_of(info):
            return True  # an earlier try, and this one runs
        writer, own = Writer.signed(info), self._marker.writer
        if not self._drops_ours or writer is None or own is None or not writer.is_same_task(own):
            return False
        return self._has_ended(writer)

    def _left_open(self) -> Commit | None:
        if self._marker.first_try:
            return None
        try:
            head = self._client.inspect_commit((self._repo, self._branch))
        except _NO_HEAD:
            return None
        ours = head.state is CommitState.OPEN and self._marker.is_generation_of(head)
        return replace(head.commit, branch=self._branch) if ours else None

    def _earlier(self, wanted: Callable[[], Wanted]) -> CommitInfo | None:
        if self._marker.first_try:
            return None
        if not keeps_descriptions(self._client):
            return find_made(self._client, self._repo, self._branch, self._marker.since, wanted())
        return self._signed()

    def _signed(self) -> CommitInfo | None:
        try:
            newest_first = self._client.list_commit(self._repo, to_commit=self._branch)
        except _NO_HEAD:
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

    def _drop(self, commit: Commit) -> None:
        try:
            self._drop_with(commit)
            log.info("Dropped commit %s", commit)
        except Exception:
            log.exception(
                "Could not drop commit %s, which keeps its branch busy; the next try of this task will, or "
                "a PachydermDropCommitOperator",
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
        log.exception("Airflow does not tell how %s stands, so its commit is waited for", writer)
        return False
    ended = run in _RUN_ENDED or (not with_its_run and task in _TASK_ENDED)
    log.info("%s: its run is %s, the task %s", writer, run or "gone", task or "gone")
    return ended
