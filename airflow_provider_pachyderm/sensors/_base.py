"""What every sensor does alike: look once, and leave the rest to the triggerer if asked to.

Triggers are imported where they are needed: to parse a DAG they are not.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from airflow_provider_pachyderm._compat import (
    DEFERRABLE,
    AirflowSkipException,
    BaseSensorOperator,
    PokeReturnValue,
    SensorArguments,
    Unpack,
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
from airflow_provider_pachyderm.waiting.commit import CommitCondition
from airflow_provider_pachyderm.waiting.commit_set import CommitSetCondition
from airflow_provider_pachyderm.waiting.events import commit_of_event
from airflow_provider_pachyderm.waiting.file import FileCondition
from airflow_provider_pachyderm.waiting.job import JobCondition
from airflow_provider_pachyderm.waiting.task import PachydermTask

if TYPE_CHECKING:
    from airflow.triggers.base import BaseTrigger

    from airflow_provider_pachyderm._compat import Context
    from airflow_provider_pachyderm.client import PfsClient

ConditionT = TypeVar("ConditionT", bound=CommitCondition | FileCondition | CommitSetCondition | JobCondition)


class WaitingSensor(PachydermTask, BaseSensorOperator, Generic[ConditionT]):
    """Base of the sensors.

    :param deferrable: wait in the triggerer, after one poke
    """

    operator_extra_links: Collection[ConsoleLink] = (PachydermCommitLink(), PachydermBranchLink())
    # Asks the server once.
    _look: Callable[[PfsClient, ConditionT], Any]
    # What of the commit is waited for; None for all of it.
    path: str | None = None

    def __init__(
        self,
        *,
        project: str | None = None,
        pachyderm_conn_id: str = PachydermHook.default_conn_name,
        deferrable: bool = DEFERRABLE,
        **kwargs: Unpack[SensorArguments],
    ) -> None:
        super().__init__(project=project, pachyderm_conn_id=pachyderm_conn_id, **kwargs)
        self.deferrable = deferrable

    def poke(self, context: Context) -> PokeReturnValue:
        """Look once; a deferrable sensor that sees nothing leaves the rest to the triggerer."""
        condition = self._condition(context)
        with self.hook.client() as client:
            found: str | list[str] | None = condition.found(self._look(client, condition))
        if found is None:
            self.log.info("Not yet: %s", condition)
            return self._wait_on(condition)
        self._note(context, found)
        return PokeReturnValue(True, xcom_value=found)

    def execute_complete(self, context: Context, event: dict[str, Any] | None = None) -> str | list[str]:
        """Take over from the trigger: return what it found, or fail as its event says."""
        try:
            found = commit_of_event(event)
        except PachydermError as error:
            raise self._ending(error) from error
        self._note(context, found)
        return found

    def _wait_on(self, condition: ConditionT) -> PokeReturnValue:
        """Poke again later, or leave the rest to the triggerer."""
        if self.deferrable:
            self._defer_to(self._trigger_type(), condition, timeout=self.timeout, silent_fail=self.silent_fail)
        return PokeReturnValue(False)

    def _ending(self, error: PachydermError) -> Exception:
        """Give what a deferred sensor raises for an error; of it, Airflow minds ``never_fail`` only for its own."""
        return AirflowSkipException("Skipping due to never_fail is set to True.") if self.never_fail else error

    def _note(self, context: Context, found: str | list[str]) -> None:
        """Lead the links of the task to what was found, of several commits to the first, and report it for lineage."""
        commits = [parse_commit(each) for each in ([found] if isinstance(found, str) else found)]
        store_links(context, self.hook.console_url, commits[0], self.path)
        for commit in commits:
            report_input(self.hook, commit, (self.path,))

    def _condition(self, context: Context) -> ConditionT:
        """Say what to wait for, once templates are rendered."""
        raise NotImplementedError

    def _trigger_type(self) -> Callable[..., BaseTrigger]:
        """What waits in the triggerer."""
        raise NotImplementedError
