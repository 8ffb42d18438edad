"""Sensors: tasks that wait for Pachyderm."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta, timezone
from functools import cached_property
from typing import TYPE_CHECKING, Any

from airflow_provider_pachyderm._compat import BaseSensorOperator, PokeReturnValue, conf, run_start
from airflow_provider_pachyderm.client import parse_commit
from airflow_provider_pachyderm.hooks._target import check_choice, check_target
from airflow_provider_pachyderm.hooks.pachyderm import PachydermHook
from airflow_provider_pachyderm.triggers._arrival import Awaited, look, parse_time, reference
from airflow_provider_pachyderm.triggers.pachyderm import PachydermCommitTrigger, commit_of_event

if TYPE_CHECKING:
    from airflow_provider_pachyderm._compat import Context

# The trigger keeps the deadline itself and says what it waited for; Airflow's own is for a triggerer that is gone.
_GRACE = timedelta(minutes=1)


class PachydermCommitSensor(BaseSensorOperator):
    """Wait for a new finished commit on a branch, or for a given commit to finish.

    Of several commits the oldest counts. The start point is fixed when the DAG run is made, so that a commit which
    lands before the first poke is not missed, and a retry, a reschedule or another triggerer starts from the same
    point. The server's clock decides.

    Returns the commit as ``project/repo@branch=id``, which every ``commit`` argument takes.

    Pachyderm calls: ListCommit and InspectCommit; when deferred also SubscribeCommit.

    :param repo: repo to watch, required unless ``commit`` is given
    :param branch: branch to watch, ``master`` unless ``commit`` is given; it need not exist yet
    :param commit: wait for this commit instead; a commit that finishes with an error fails the task
    :param after: only commits finished later count. Default: the run's ``run_after``; on Airflow 2.11 the end of the
        data interval of scheduled and backfill runs, else the logical date. ``"{{ data_interval_start }}"`` means
        anything in the run's interval
    :param from_commit: only commits newer than this one count; wins over ``after``
    :param on_failed: what a commit of the branch that finished with an error does: ``skip`` (it is logged) or ``raise``
    :param project: project of a repo named without one, instead of the connection's
    :param pachyderm_conn_id: the connection to use
    :param deferrable: wait in the triggerer, after one poke. Default: ``[operators] default_deferrable``
    """

    template_fields: Sequence[str] = ("repo", "branch", "commit", "after", "from_commit", "project")

    def __init__(
        self,
        *,
        repo: str | None = None,
        branch: str | None = None,
        commit: str | None = None,
        after: str | datetime | None = None,
        from_commit: str | None = None,
        on_failed: str = "skip",
        project: str | None = None,
        pachyderm_conn_id: str = PachydermHook.default_conn_name,
        deferrable: bool = conf.getboolean("operators", "default_deferrable", fallback=False),
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        check_choice("on_failed", on_failed, ("skip", "raise"))
        self.repo = repo
        self.branch = branch
        self.commit = commit
        self.after = after
        self.from_commit = from_commit
        self.on_failed = on_failed
        self.project = project
        self.pachyderm_conn_id = pachyderm_conn_id
        self.deferrable = deferrable

    @cached_property
    def hook(self) -> PachydermHook:
        """The hook of the task's connection."""
        return PachydermHook(self.pachyderm_conn_id, project=self.project)

    def poke(self, context: Context) -> PokeReturnValue:
        """Look once; a deferrable sensor that sees nothing leaves the rest to the triggerer."""
        awaited = self._awaited(context)
        with self.hook.client() as client:
            arrived = look(client, awaited).arrived
        if arrived is None:
            self.log.info("Not yet: %s", awaited)
            if self.deferrable:
                self._defer(awaited)
            return PokeReturnValue(False)
        return PokeReturnValue(True, xcom_value=reference(awaited, arrived))

    def execute_complete(self, context: Context, event: dict[str, Any] | None = None) -> str:
        """Take over from the trigger: return the commit, or fail as its event says."""
        return commit_of_event(event)

    def _defer(self, awaited: Awaited) -> None:
        timeout = timedelta(seconds=self.timeout)
        self.defer(
            trigger=PachydermCommitTrigger(
                **asdict(awaited),
                deadline=(datetime.now(timezone.utc) + timeout).isoformat(),
                project=self.project,
                pachyderm_conn_id=self.pachyderm_conn_id,
            ),
            method_name="execute_complete",
            timeout=timeout + _GRACE,
        )

    def _awaited(self, context: Context) -> Awaited:
        check_target(self.repo, self.branch, self.commit)
        if self.commit:
            return Awaited(commit=str(parse_commit(self.commit)))
        return Awaited(
            repo=str(self.repo),
            branch=self.branch or "master",
            after=(parse_time(self.after) if self.after else run_start(context)).isoformat(),
            from_commit=str(parse_commit(self.from_commit)) if self.from_commit else None,
            on_failed=self.on_failed,
        )
