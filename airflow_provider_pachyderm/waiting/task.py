"""What operators and sensors do alike: the connection, and leaving the waiting to the triggerer."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, timedelta, timezone
from functools import cached_property
from typing import TYPE_CHECKING, Any

from airflow_provider_pachyderm._compat import AirflowArguments, BaseOperator
from airflow_provider_pachyderm.hooks.pachyderm import PachydermHook
from airflow_provider_pachyderm.tasks.rendering import RendersText

if TYPE_CHECKING:
    from collections.abc import Callable

    from _typeshed import DataclassInstance
    from airflow.triggers.base import BaseTrigger

# The trigger keeps the deadline itself and says what it waited for; Airflow's own is for a triggerer that is gone.
_GRACE = timedelta(minutes=1)


class TaskArguments(AirflowArguments, total=False):
    """What every operator takes."""

    project: str | None
    pachyderm_conn_id: str


class PachydermTask(RendersText, BaseOperator):
    """Base of operators and sensors.

    :param project: project of a repo that is named without one, instead of the connection's
    :param pachyderm_conn_id: the connection to use
    """

    def __init__(
        self,
        *,
        project: str | None = None,
        pachyderm_conn_id: str = PachydermHook.default_conn_name,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.project = project
        self.pachyderm_conn_id = pachyderm_conn_id

    @cached_property
    def hook(self) -> PachydermHook:
        """The hook of the task's connection."""
        return PachydermHook(self.pachyderm_conn_id, project=self.project)

    def _defer_to(
        self,
        trigger_type: Callable[..., BaseTrigger],
        condition: DataclassInstance,
        *,
        timeout: float,
        silent_fail: bool = False,
        kwargs: dict[str, Any] | None = None,
    ) -> None:
        """Let a trigger wait; Airflow calls ``execute_complete`` with its event.

        :param condition: what to wait for
        :param timeout: seconds that it may take
        :param silent_fail: log errors and continue waiting
        :param kwargs: what ``execute_complete`` gets besides
        """
        length = timedelta(seconds=timeout)
        self.defer(
            trigger=trigger_type(
                **asdict(condition),
                deadline=(datetime.now(timezone.utc) + length).isoformat(),
                project=self.project,
                pachyderm_conn_id=self.pachyderm_conn_id,
                silent_fail=silent_fail,
            ),
            method_name="execute_complete",
            kwargs=kwargs,
            timeout=length + _GRACE,
        )
