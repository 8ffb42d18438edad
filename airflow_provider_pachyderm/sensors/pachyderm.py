"""Sensors: tasks that wait for Pachyderm."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, get_args

from airflow_provider_pachyderm._compat import DEFERRABLE, SensorArguments, Unpack, run_start
from airflow_provider_pachyderm.client import parse_commit
from airflow_provider_pachyderm.hooks.pachyderm import PachydermHook
from airflow_provider_pachyderm.links.pachyderm import PachydermBranchLink, PachydermCommitLink, PachydermFileLink
from airflow_provider_pachyderm.sensors._base import WaitingSensor
from airflow_provider_pachyderm.tasks.arguments import check_choice, check_target
from airflow_provider_pachyderm.waiting._sync.looks import look_for_commit, look_for_commit_set, look_for_file
from airflow_provider_pachyderm.waiting.commit import CommitCondition, OnFailed, parse_time
from airflow_provider_pachyderm.waiting.commit_set import CommitSetCondition
from airflow_provider_pachyderm.waiting.file import FileCondition

if TYPE_CHECKING:
    from airflow_provider_pachyderm._compat import Context
    from airflow_provider_pachyderm.triggers.pachyderm import (
        PachydermCommitSetTrigger,
        PachydermCommitTrigger,
        PachydermFileTrigger,
    )


class PachydermCommitSensor(WaitingSensor[CommitCondition]):
    """Wait for a new finished commit on a branch, or for a given commit to finish.

    If there are several, the sensor returns the oldest. The start point is fixed when the DAG run is created, so that a
    commit before the first poke is not missed, and a retry, a reschedule or another triggerer starts from the same
    point. Times are those of the server's clock.

    Returns the commit as ``project/repo@branch=id``, which every ``commit`` argument takes.

    Pachyderm calls: ListCommit and InspectCommit; when deferred also SubscribeCommit.

    :param repo: repo to watch, required unless ``commit`` is given
    :param branch: branch to watch, ``master`` unless ``commit`` is given; it does not have to exist yet
    :param commit: wait for this commit instead; a commit that finishes with an error fails the task
    :param after: only consider commits that finished after this time. Default: the run's ``run_after``; on Airflow 2.11
        the end of the data interval of scheduled and backfill runs, else the logical date. With
        ``"{{ data_interval_start }}"`` any commit in the interval of the run is considered
    :param from_commit: only consider commits newer than this one; takes precedence over ``after``
    :param on_failed: what to do about commits of the branch that finished with an error: ``skip`` and log, or ``raise``
    :param project: project of a repo that is named without one, instead of the connection's
    :param pachyderm_conn_id: the connection to use
    :param deferrable: wait in the triggerer after one poke. Default: ``[operators] default_deferrable``
    """

    template_fields: Sequence[str] = (
        "repo",
        "branch",
        "commit",
        "after",
        "from_commit",
        "project",
        "pachyderm_conn_id",
    )
    _look = staticmethod(look_for_commit)

    def __init__(
        self,
        *,
        repo: str | None = None,
        branch: str | None = None,
        commit: str | None = None,
        after: str | datetime | None = None,
        from_commit: str | None = None,
        on_failed: OnFailed = "skip",
        project: str | None = None,
        pachyderm_conn_id: str = PachydermHook.default_conn_name,
        deferrable: bool = DEFERRABLE,
        **kwargs: Unpack[SensorArguments],
    ) -> None:
        super().__init__(
            project=project,
            pachyderm_conn_id=pachyderm_conn_id,
            deferrable=deferrable,
            **kwargs,
        )
        check_choice("on_failed", on_failed, get_args(OnFailed))
        self.repo = repo
        self.branch = branch
        self.commit = commit
        self.after = after
        self.from_commit = from_commit
        self.on_failed: OnFailed = on_failed

    def _condition(self, context: Context) -> CommitCondition:
        check_target(self.repo, self.branch, self.commit)
        if self.commit:
            return CommitCondition(commit=str(parse_commit(self.commit)))
        return CommitCondition(
            repo=str(self.repo),
            branch=self.branch or "master",
            after=(parse_time(self.after) if self.after else run_start(context)).isoformat(),
            from_commit=str(parse_commit(self.from_commit)) if self.from_commit else None,
            on_failed=self.on_failed,
        )

    def _trigger_type(self) -> type[PachydermCommitTrigger]:
        from airflow_provider_pachyderm.triggers.pachyderm import PachydermCommitTrigger

        return PachydermCommitTrigger


class PachydermFileSensor(WaitingSensor[FileCondition]):
    """Wait until a file or directory is on a branch, in its newest finished commit.

    It also succeeds if the file exists before the sensor starts.

    Returns the commit as ``project/repo@branch=id``, which every ``commit`` argument takes.

    Pachyderm calls: ListCommit and InspectFile or GlobFile; when deferred also SubscribeCommit.

    :param repo: repo to watch
    :param branch: branch to watch; it does not have to exist yet
    :param path: file or directory to wait for
    :param pattern: instead of ``path``: wait for anything that matches, such as ``/2026/*.csv``
    :param project: project of a repo that is named without one, instead of the connection's
    :param pachyderm_conn_id: the connection to use
    :param deferrable: wait in the triggerer after one poke. Default: ``[operators] default_deferrable``
    """

    operator_extra_links = (PachydermCommitLink(), PachydermBranchLink(), PachydermFileLink())
    template_fields: Sequence[str] = ("repo", "branch", "path", "pattern", "project", "pachyderm_conn_id")
    _look = staticmethod(look_for_file)

    def __init__(
        self,
        *,
        repo: str,
        branch: str = "master",
        path: str | None = None,
        pattern: str | None = None,
        project: str | None = None,
        pachyderm_conn_id: str = PachydermHook.default_conn_name,
        deferrable: bool = DEFERRABLE,
        **kwargs: Unpack[SensorArguments],
    ) -> None:
        super().__init__(
            project=project,
            pachyderm_conn_id=pachyderm_conn_id,
            deferrable=deferrable,
            **kwargs,
        )
        self.repo = repo
        self.branch = branch
        self.path = path
        self.pattern = pattern

    def _condition(self, context: Context) -> FileCondition:
        if bool(self.path) == bool(self.pattern):
            raise ValueError("Give either path or pattern")
        return FileCondition(self.repo, self.branch, self.path, self.pattern)

    def _trigger_type(self) -> type[PachydermFileTrigger]:
        from airflow_provider_pachyderm.triggers.pachyderm import PachydermFileTrigger

        return PachydermFileTrigger


class PachydermCommitSetSensor(WaitingSensor[CommitSetCondition]):
    """Wait until a commit and all commits that pipelines make from it are finished, or a whole commit set.

    A commit among them that finishes with an error fails the task.

    Returns the commits, the given one first, as a list of strings, which every ``commit`` argument and ``.expand()``
    take.

    Pachyderm calls: FlushCommit (1.x), InspectCommitSet (2.x) and InspectCommit.

    :param commit: the commit, with its id, as the operators that write return it
    :param commit_set: instead of ``commit``: ID of any commit set (2.x)
    :param project: project of a repo that is named without one, instead of the connection's
    :param pachyderm_conn_id: the connection to use
    :param deferrable: wait in the triggerer after one poke. Default: ``[operators] default_deferrable``
    """

    template_fields: Sequence[str] = ("commit", "commit_set", "project", "pachyderm_conn_id")
    _look = staticmethod(look_for_commit_set)

    def __init__(
        self,
        *,
        commit: str | None = None,
        commit_set: str | None = None,
        project: str | None = None,
        pachyderm_conn_id: str = PachydermHook.default_conn_name,
        deferrable: bool = DEFERRABLE,
        **kwargs: Unpack[SensorArguments],
    ) -> None:
        super().__init__(
            project=project,
            pachyderm_conn_id=pachyderm_conn_id,
            deferrable=deferrable,
            **kwargs,
        )
        self.commit = commit
        self.commit_set = commit_set

    def _condition(self, context: Context) -> CommitSetCondition:
        if bool(self.commit) == bool(self.commit_set):
            raise ValueError("Give either commit or commit_set")
        if self.commit_set:
            return CommitSetCondition(commit_set=self.commit_set)
        return CommitSetCondition(str(parse_commit(str(self.commit))))

    def _trigger_type(self) -> type[PachydermCommitSetTrigger]:
        from airflow_provider_pachyderm.triggers.pachyderm import PachydermCommitSetTrigger

        return PachydermCommitSetTrigger
