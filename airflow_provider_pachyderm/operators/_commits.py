"""Operators that start, finish and drop a commit which other tasks write to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, Literal, get_args

from airflow_provider_pachyderm._compat import DEFERRABLE, AirflowArguments, AirflowSkipException, Unpack
from airflow_provider_pachyderm.client import (
    Commit,
    CommitDeleted,
    CommitFinished,
    CommitInfo,
    CommitNotFound,
    CommitState,
    PathConflict,
    parse_commit,
)
from airflow_provider_pachyderm.hooks.pachyderm import PachydermHook
from airflow_provider_pachyderm.links.pachyderm import PachydermBranchLink, PachydermCommitLink
from airflow_provider_pachyderm.operators._base import IF_MISSING, PachydermOperator
from airflow_provider_pachyderm.operators._finishing import DAY, FinishingOperator, WaitFor
from airflow_provider_pachyderm.tasks.arguments import check_choice
from airflow_provider_pachyderm.tasks.commit_starter import OPEN_COMMIT_TIMEOUT, OpenCommit
from airflow_provider_pachyderm.tasks.commits import TaskCommits, has_ended
from airflow_provider_pachyderm.tasks.identity import Marker

if TYPE_CHECKING:
    from airflow_provider_pachyderm._compat import Context
    from airflow_provider_pachyderm.client import PfsClient

# What the output of a task that returned nothing becomes, as it is and in a template.
_NEVER_STARTED = (None, "", "None")


class PachydermStartCommitOperator(PachydermOperator):
    """Start a commit that other tasks write to, and that ``PachydermFinishCommitOperator`` finishes.

    .. code-block:: python

        start = PachydermStartCommitOperator(task_id="start", repo="images")
        put = PachydermPutFileOperator.partial(task_id="put", commit=start.output, path="/").expand(source=folders)
        put >> PachydermFinishCommitOperator(task_id="finish", commit=start.output)

    A retry finds the commit that an earlier try left open by a marker in its description. A task that is cleared drops
    what it left open and starts anew. While another writer has an open commit on the branch, the task waits for it.
    An open commit blocks its branch: let a ``PachydermDropCommitOperator`` clean up after failures.

    Returns the commit as ``project/repo@branch=id``, which every ``commit`` argument takes.

    Pachyderm calls: StartCommit; in a retry InspectCommit.

    :param repo: repo to write to
    :param branch: branch to commit on, created if missing
    :param description: text to add to the commit's description
    :param open_commit: what to do about another writer's open commit: ``wait`` for it; ``drop_ours`` drops one that the
        same task started in another run, if Airflow reports that this run has ended; ``fail`` fails at once
    :param open_commit_timeout: seconds to wait for it before failing
    :param project: project of a repo that is named without one, instead of the connection's
    :param pachyderm_conn_id: the connection to use
    """

    template_fields: Sequence[str] = ("repo", "branch", "description", "project", "pachyderm_conn_id")
    template_fields_renderers: ClassVar[dict[str, str]] = {"description": "md"}
    operator_extra_links = (PachydermCommitLink(), PachydermBranchLink())

    def __init__(
        self,
        *,
        repo: str,
        branch: str = "master",
        description: str | None = None,
        open_commit: OpenCommit = "wait",
        open_commit_timeout: float = OPEN_COMMIT_TIMEOUT,
        project: str | None = None,
        pachyderm_conn_id: str = PachydermHook.default_conn_name,
        **kwargs: Unpack[AirflowArguments],
    ) -> None:
        super().__init__(
            project=project,
            pachyderm_conn_id=pachyderm_conn_id,
            **kwargs,
        )
        check_choice("open_commit", open_commit, get_args(OpenCommit))
        self.repo = repo
        self.branch = branch
        self.description = description
        self.open_commit: OpenCommit = open_commit
        self.open_commit_timeout = open_commit_timeout

    def execute(self, context: Context) -> str:
        """Start the commit."""
        with self._client() as client:
            commits = TaskCommits(
                self.hook,
                client,
                repo=self.repo,
                branch=self.branch,
                marker=Marker.of(context),
                timeout=self.open_commit_timeout,
                open_commit=self.open_commit,
                has_ended=lambda writer: has_ended(context, writer, with_its_run=True),
            )
            commit = commits.start(self.description)
        self._log_result(f"Opened commit {commit}")
        self._link(context, commit)
        return str(commit)


class PachydermFinishCommitOperator(FinishingOperator):
    """Finish a commit and wait until the server has accepted its content. A finished commit is left as it is.

    If the server refuses the content, for instance because one path is both a file and a directory, the task fails and
    the commit is deleted, so that its branch reads as before. A retry cannot restore it: clear the task that started
    the commit, with all downstream tasks.

    With ``wait_for="downstream"`` and the commit of any other task, this waits for the commits that pipelines make from
    it.

    Returns the commit as ``project/repo@branch=id``; the XCom ``commit_info`` has its details.

    Pachyderm calls: InspectCommit, FinishCommit; for ``downstream`` FlushCommit or InspectCommitSet; DeleteCommit or
    DropCommitSet when the server refuses the content.

    :param commit: the commit, with its id, as ``PachydermStartCommitOperator`` returns it
    :param description: replaces the description it was started with
    :param if_failed: what to do with a commit that the server refuses: ``drop`` deletes it; ``keep`` leaves it for
        inspection, and its branch cannot be read by name until it is deleted or a good commit follows (``pachctl delete
        commit``, or ``PachydermDropCommitOperator`` on 1.x, where it stays open). One that had failed before this task
        ran is deleted only if a task of the same run started it
    :param wait_for: ``finished``: until the server has accepted the content of the commit; ``downstream``: until the
        commits that pipelines make from it are finished, too, where one that failed fails the task
    :param wait_timeout: seconds to wait; the next try continues waiting
    :param deferrable: wait in the triggerer. Default: ``[operators] default_deferrable``
    :param partition_by_commit: give the asset events of the task's outlets the ID of the commit as their partition key
        (Airflow 3.3 and later). Such events start DAGs with a ``PartitionedAssetTimetable``, and none that is scheduled
        plainly on the asset
    :param project: project of a repo that is named without one, instead of the connection's
    :param pachyderm_conn_id: the connection to use
    """

    template_fields: Sequence[str] = ("commit", "description", "project", "pachyderm_conn_id")
    template_fields_renderers: ClassVar[dict[str, str]] = {"description": "md"}

    def __init__(
        self,
        *,
        commit: str,
        description: str | None = None,
        if_failed: Literal["drop", "keep"] = "drop",
        wait_for: WaitFor = "finished",
        wait_timeout: float = DAY,
        deferrable: bool = DEFERRABLE,
        partition_by_commit: bool = False,
        project: str | None = None,
        pachyderm_conn_id: str = PachydermHook.default_conn_name,
        **kwargs: Unpack[AirflowArguments],
    ) -> None:
        super().__init__(
            wait_for=wait_for,
            wait_timeout=wait_timeout,
            deferrable=deferrable,
            partition_by_commit=partition_by_commit,
            project=project,
            pachyderm_conn_id=pachyderm_conn_id,
            **kwargs,
        )
        check_choice("if_failed", if_failed, ("drop", "keep"))
        self.commit = commit
        self.description = description
        self.if_failed = if_failed
        self._had_failed = False

    def execute(self, context: Context) -> str:
        """Finish the commit."""
        commit = _with_id(self.commit)
        with self._client() as client:
            state = self._inspect(context, client, commit).state
            self._had_failed = state is CommitState.FAILED
            if state is CommitState.OPEN:
                self._finish(client, commit)
            return self._settle(context, client, commit, f"Finished commit {commit}")

    def _inspect(self, context: Context, client: PfsClient, commit: Commit) -> CommitInfo:
        try:
            return client.inspect_commit(commit)
        except (CommitNotFound, CommitDeleted) as error:
            if context["ti"].try_number > 1:
                self.log.info("An earlier try may have deleted commit %s: clear the task that started it", commit)
            raise error

    def _finish(self, client: PfsClient, commit: Commit) -> None:
        try:
            client.finish_commit(commit, description=self.description)
        except CommitFinished:
            self.log.info("Commit %s was finished meanwhile", commit)
        except PathConflict:
            if self.if_failed == "drop":
                client.drop_commit(commit)
            raise

    def _is_own(self, context: Context, info: CommitInfo) -> bool:
        if self.if_failed == "keep" or info.commit.id != _with_id(self.commit).id:
            return False
        return not self._had_failed or Marker.of(context).is_run_of(info)


class PachydermDropCommitOperator(PachydermOperator):
    """Drop an open commit with all that was written to it, as if it had never been started.

    It cleans up after tasks that write to the commit of a ``PachydermStartCommitOperator``: use it with
    ``trigger_rule="one_failed"``, or as its teardown, ``drop.as_teardown(setups=start)``. A finished commit
    is never dropped: the task fails, or is skipped with ``if_finished="skip"``, which suits a teardown, as that also
    runs after a success. If no commit was started because that task failed, this one is skipped.

    Returns the commit as it was given.

    Pachyderm calls: InspectCommit; 1.x: DeleteCommit; 2.x: DropCommitSet, or, where other commits depend on it,
    ClearCommit and FinishCommit as failed.

    :param commit: the commit, with its id
    :param if_missing: ``skip`` or ``fail``. A retry of a task that dropped the commit finds it missing
    :param if_finished: ``skip`` or ``fail``
    :param project: project of a repo that is named without one, instead of the connection's
    :param pachyderm_conn_id: the connection to use
    """

    template_fields: Sequence[str] = ("commit", "project", "pachyderm_conn_id")

    def __init__(
        self,
        *,
        commit: str,
        if_missing: Literal["skip", "fail"] = "skip",
        if_finished: Literal["skip", "fail"] = "fail",
        project: str | None = None,
        pachyderm_conn_id: str = PachydermHook.default_conn_name,
        **kwargs: Unpack[AirflowArguments],
    ) -> None:
        super().__init__(
            project=project,
            pachyderm_conn_id=pachyderm_conn_id,
            **kwargs,
        )
        check_choice("if_missing", if_missing, IF_MISSING)
        check_choice("if_finished", if_finished, IF_MISSING)
        self.commit = commit
        self.if_missing = if_missing
        self.if_finished = if_finished

    def execute(self, context: Context) -> str:
        """Drop the commit."""
        if self.commit in _NEVER_STARTED:
            raise AirflowSkipException("No commit was started, so there is none to drop")
        commit = _with_id(self.commit)
        with self._client() as client:
            try:
                self._drop(client, client.inspect_commit(commit))
            except (CommitNotFound, CommitDeleted) as error:
                self._missing(error, self.if_missing)
            except CommitFinished as error:
                if self.if_finished == "fail":
                    raise
                raise AirflowSkipException(str(error)) from error
        return self.commit

    def _drop(self, client: PfsClient, info: CommitInfo) -> None:
        if info.state is CommitState.FAILED:
            self._log_result(
                f"Left commit {info.commit}, of which no other commit inherits files, as it failed ({info.error}),"
            )
            return
        client.drop_commit(info.commit)
        self._log_result(f"Dropped commit {info.commit}")


def _with_id(commit: str) -> Commit:
    # In a retry the head of the branch may be somebody else's by now.
    parsed = parse_commit(commit)
    if not parsed.id:
        raise ValueError(f"{commit!r} names a branch: give a commit with its ID")
    return parsed
