"""What operators that finish a commit do alike: wait until it can be read, or until all that is made from it can.

Triggers are imported where they are needed: to parse a DAG they are not.
"""

from __future__ import annotations

import time
from collections.abc import Collection
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, get_args

from airflow_provider_pachyderm._compat import DEFERRABLE, AirflowSensorTimeout, Unpack, require_partition_keys
from airflow_provider_pachyderm.client import CommitFailed, CommitState, DeadlineExceeded
from airflow_provider_pachyderm.links.pachyderm import ConsoleLink, PachydermBranchLink, PachydermCommitLink
from airflow_provider_pachyderm.operators._base import PachydermOperator
from airflow_provider_pachyderm.tasks.arguments import check_choice
from airflow_provider_pachyderm.tasks.finished import remove_refused
from airflow_provider_pachyderm.tasks.texts import count_text, seconds_text, size_text
from airflow_provider_pachyderm.waiting._sync.looks import check_jobs, look_for_commit_set
from airflow_provider_pachyderm.waiting.commit import CommitCondition
from airflow_provider_pachyderm.waiting.commit_set import CommitSetCondition
from airflow_provider_pachyderm.waiting.events import commit_of_event
from airflow_provider_pachyderm.waiting.task import TaskArguments

if TYPE_CHECKING:
    from airflow_provider_pachyderm._compat import Context
    from airflow_provider_pachyderm.client import Commit, CommitInfo, PfsClient

WaitFor: TypeAlias = Literal["finished", "downstream"]
"""Until when an operator that finishes a commit waits."""

# Seconds after which it is looked whether the jobs downstream go on.
_LOOK = 10.0
DAY = 24 * 60 * 60.0


class FinishingArguments(TaskArguments, total=False):
    """What every operator that finishes a commit takes."""

    wait_for: WaitFor
    wait_timeout: float
    deferrable: bool
    partition_by_commit: bool


class FinishingOperator(PachydermOperator):
    """Base of the operators that finish a commit.

    :param wait_for: ``finished``, when the server has accepted what is in the commit, or ``downstream``, when also the
        commits that pipelines make from it are finished
    :param wait_timeout: seconds to wait
    :param deferrable: wait in the triggerer, if the server is not done at once
    :param partition_by_commit: give asset events the ID of the commit as their partition key
    """

    operator_extra_links: Collection[ConsoleLink] = (PachydermCommitLink(), PachydermBranchLink())

    def __init__(
        self,
        *,
        wait_for: WaitFor = "finished",
        wait_timeout: float = DAY,
        deferrable: bool = DEFERRABLE,
        partition_by_commit: bool = False,
        **kwargs: Unpack[TaskArguments],
    ) -> None:
        super().__init__(**kwargs)
        check_choice("wait_for", wait_for, get_args(WaitFor))
        self.wait_for: WaitFor = wait_for
        self.wait_timeout = wait_timeout
        self.deferrable = deferrable
        if partition_by_commit:
            require_partition_keys("partition_by_commit")
        self.partition_by_commit = partition_by_commit

    def execute_complete(self, context: Context, event: dict[str, Any] | None = None) -> str:
        """Take over from the trigger: return the commit, or fail as its event says."""
        try:
            found = commit_of_event(event)
        except AirflowSensorTimeout as error:
            # Airflow retries no task after that one, but the next try finds the commit and waits on.
            raise DeadlineExceeded(str(error)) from error
        except CommitFailed as error:
            with self._client() as client:
                self._remove_own(context, client, error)
            raise
        with self._client() as client:
            # Downstream commits come behind the task's own.
            info = client.inspect_commit(found[0] if isinstance(found, list) else found)
        self._log_result(f"Commit {info.commit}{_in_all(info)} is finished{_downstream(found)}", _since_start(info))
        return self._report(context, info)

    def _settle(self, context: Context, client: PfsClient, commit: Commit, done: str) -> str:
        """Wait for a commit that is finished, here or in the triggerer, and report it.

        :param done: what the task did with it, for the log; the name of the commit comes last
        :raises CommitFailed: the server refused the commit, which is deleted, or one downstream
        :raises JobFailed: a job downstream did not succeed
        :raises PipelineFailed: a pipeline downstream makes no jobs any more
        """
        if self.deferrable and not self._is_done(client, commit):
            self._log_result(f"{done}, which the triggerer waits for,")
            self._defer(commit)
        try:
            info = client.wait_commit(commit, timeout=self.wait_timeout)
        except CommitFailed as error:
            self._remove_own(context, client, error)
            raise
        made = self._wait_downstream(client, info.commit) if self.wait_for == "downstream" else []
        self._log_result(f"{done}{_in_all(info)}{_downstream([commit, *made])}")
        return self._report(context, info)

    def _remove_own(self, context: Context, client: PfsClient, error: CommitFailed) -> None:
        """Delete a commit that failed, if this task made it; downstream commits are left."""
        if error.reference:
            remove_refused(client, error.reference, lambda info: self._is_own(context, info))

    def _is_own(self, context: Context, info: CommitInfo) -> bool:
        """Say whether a commit that failed is to be deleted by this task."""
        raise NotImplementedError

    def _is_done(self, client: PfsClient, commit: Commit) -> bool:
        info = client.inspect_commit(commit)
        if self.wait_for == "downstream" and info.state is CommitState.FINISHED:
            return bool(look_for_commit_set(client, CommitSetCondition(commit=str(commit))).done)
        return info.state.done

    def _wait_downstream(self, client: PfsClient, commit: Commit) -> list[CommitInfo]:
        deadline = time.monotonic() + self.wait_timeout
        while True:
            left = deadline - time.monotonic()
            try:
                made = client.flush_commit(commit, timeout=max(0.001, min(left, _LOOK)))
                break
            except DeadlineExceeded:
                # of a pipeline that fails as a whole, commits stay open
                check_jobs(client, str(commit))
                if left <= _LOOK:
                    raise
        if made:
            check_jobs(client, str(commit), finished=True)
        for info in made:
            if info.state is CommitState.FAILED:
                raise CommitFailed(
                    f"Commit {info.commit}, downstream of {commit}, finished with an error: {info.error}",
                    reference=str(info.commit),
                )
        return made

    def _defer(self, commit: Commit) -> None:
        from airflow_provider_pachyderm.triggers.pachyderm import PachydermCommitSetTrigger, PachydermCommitTrigger

        if self.wait_for == "downstream":
            self._defer_to(PachydermCommitSetTrigger, CommitSetCondition(commit=str(commit)), timeout=self.wait_timeout)
        self._defer_to(PachydermCommitTrigger, CommitCondition(commit=str(commit)), timeout=self.wait_timeout)


def _in_all(info: CommitInfo) -> str:
    return "" if info.size_bytes is None else f" ({size_text(info.size_bytes)} in all)"


def _downstream(found: object) -> str:
    """Count the downstream commits that were waited for."""
    made = found[1:] if isinstance(found, list) else []
    return f" and {count_text(len(made), 'commit')} downstream of it" if made else ""


def _since_start(info: CommitInfo) -> str | None:
    if info.started is None or info.finished is None:
        return None
    return f"{seconds_text((info.finished - info.started).total_seconds())} after its start"
