"""What every sensor does alike: look once, and leave the rest to the triggerer if asked to.

Triggers, and what they share with sensors, are imported where they are needed: to parse a DAG they are not.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict
from datetime import datetime, timedelta, timezone
from functools import cached_property
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from airflow_provider_pachyderm._compat import (
    DEFERRABLE,
    AirflowSkipException,
    BaseSensorOperator,
    PokeReturnValue,
)
from airflow_provider_pachyderm.client import PachydermError, parse_commit
from airflow_provider_pachyderm.hooks.pachyderm import PachydermHook
from airflow_provider_pachyderm.links.pachyderm import (
    ConsoleLink,
    PachydermBranchLink,
    PachydermCommitLink,
    store_links,
)
from airflow_provider_pachyderm.tasks.lineage import report_input
from airflow_provider_pachyderm.tasks.rendering import RendersText

if TYPE_CHECKING:
    from airflow_provider_pachyderm._compat import Context
    from airflow_provider_pachyderm.client import PfsClient
    from airflow_provider_pachyderm.triggers._base import WaitingTrigger
    from airflow_provider_pachyderm.waiting.commit import Awaited
    from airflow_provider_pachyderm.waiting.commit_set import AwaitedSet
    from airflow_provider_pachyderm.waiting.file import AwaitedFile

AwaitedT = TypeVar("AwaitedT", bound="Awaited | AwaitedFile | AwaitedSet")

# The trigger keeps the deadline itself and says what it waited for; Airflow's own is for a triggerer that is gone.
_GRACE = timedelta(minutes=1)


class WaitingSensor(RendersText, BaseSensorOperator, Generic[AwaitedT]):
    """Base of the sensors.

    :param project: project of a repo named without one, instead of the connection's
    :param pachyderm_conn_id: the connection to use
    :param deferrable: wait in the triggerer, after one poke
    """

    operator_extra_links: Collection[ConsoleLink] = (PachydermCommitLink(), PachydermBranchLink())
    # What of the commit is waited for; None for all of it.
    path: str | None = None

    def __init__(
        self,
        *,
        project: str | None = None,
        pachyderm_conn_id: str = PachydermHook.default_conn_name,
        deferrable: bool = DEFERRABLE,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
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
            found = awaited.found(self._look(client, awaited))
        if found is None:
            self.log.info("Not yet: %s", awaited)
            if self.deferrable:
                self._defer(awaited)
            return PokeReturnValue(False)
        self._note(context, found)
        return PokeReturnValue(True, xcom_value=found)

    def execute_complete(self, context: Context, event: dict[str, Any] | None = None) -> Any:
        """Take over from the trigger: return what it found, or fail as its event says."""
        from airflow_provider_pachyderm.triggers._base import commit_of_event

        try:
            found = commit_of_event(event)
        except PachydermError as error:
            if self.never_fail:  # of a deferred sensor Airflow minds it only for its own exceptions
                raise AirflowSkipException("Skipping due to never_fail is set to True.") from error
            raise
        self._note(context, found)
        return found

    def _note(self, context: Context, found: str | list[str]) -> None:
        """Lead the links of the task to what was found, of several commits to the first, and report it for lineage."""
        commits = [parse_commit(each) for each in ([found] if isinstance(found, str) else found)]
        store_links(context, self.hook.console_url, commits[0], self.path)
        for commit in commits:
            report_input(self.hook, commit, (self.path,))

    def _defer(self, awaited: AwaitedT) -> None:
        timeout = timedelta(seconds=self.timeout)
        self.defer(
            trigger=self._trigger_type()(
                **asdict(awaited),
                deadline=(datetime.now(timezone.utc) + timeout).isoformat(),
                project=self.project,
                pachyderm_conn_id=self.pachyderm_conn_id,
                silent_fail=self.silent_fail,
            ),
            method_name="execute_complete",
            timeout=timeout + _GRACE,
        )

    def _awaited(self, context: Context) -> AwaitedT:
        """Say what to wait for, once templates are rendered."""
        raise NotImplementedError

    def _look(self, client: PfsClient, awaited: AwaitedT) -> Any:
        """Ask the server once."""
        raise NotImplementedError

    def _trigger_type(self) -> type[WaitingTrigger[AwaitedT]]:
        """What waits in the triggerer."""
        raise NotImplementedError
