"""What the triggers of all sensors do alike: look, wait for a hint, look again, and fire one event."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import asdict
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from airflow.triggers.base import BaseTrigger, TriggerEvent

from airflow_provider_pachyderm.client import PachydermError
from airflow_provider_pachyderm.hooks.pachyderm import PachydermHook
from airflow_provider_pachyderm.waiting.commit import CommitCondition, parse_time
from airflow_provider_pachyderm.waiting.commit_set import CommitSetCondition
from airflow_provider_pachyderm.waiting.events import COMMIT, event_of_error, event_of_success
from airflow_provider_pachyderm.waiting.file import FileCondition
from airflow_provider_pachyderm.waiting.hub import StreamHub
from airflow_provider_pachyderm.waiting.job import JobCondition
from airflow_provider_pachyderm.waiting.retries import AWAY, retry_while_away
from airflow_provider_pachyderm.waiting.work import WorkCondition

if TYPE_CHECKING:
    from airflow_provider_pachyderm.waiting.poll import Look
    from airflow_provider_pachyderm.waiting.shared_looks import SharedClient

# Seconds for a trigger that is started when its deadline has passed already, as after a triggerer was down for long.
_LAST_LOOK = 1.0

ConditionT = TypeVar(
    "ConditionT", bound=CommitCondition | FileCondition | CommitSetCondition | JobCondition | WorkCondition
)


class WaitingTrigger(BaseTrigger, Generic[ConditionT]):
    """Wait for what a sensor waits for, and fire exactly one event.

    It looks together with all others in the triggerer that wait for the same. The server's stream of commits only says
    when to look again; a look also happens every 60 s or so. What counts is decided anew by each look, so that the
    trigger may be started again anywhere. A server that is away is tried again until the deadline; every other error is
    an event, unless it is to be silent about errors.
    """

    _look: Look[ConditionT, Any]
    # What the event says was found.
    _kind = COMMIT

    def __init__(
        self,
        condition: ConditionT,
        *,
        deadline: str,
        project: str | None = None,
        pachyderm_conn_id: str = PachydermHook.default_conn_name,
        poll_interval: float = 60.0,
        silent_fail: bool = False,
    ) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.condition: ConditionT = condition
        self.deadline = deadline
        self.project = project
        self.pachyderm_conn_id = pachyderm_conn_id
        self.poll_interval = poll_interval
        self.silent_fail = silent_fail

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """Return what another triggerer needs to start this trigger again; no secrets."""
        kwargs = {
            **asdict(self.condition),
            "deadline": self.deadline,
            "project": self.project,
            "pachyderm_conn_id": self.pachyderm_conn_id,
            "poll_interval": self.poll_interval,
            "silent_fail": self.silent_fail,
        }
        return f"{type(self).__module__}.{type(self).__qualname__}", kwargs

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Wait, then fire one event: ``{"status": "success", "commit": …}``, or ``timeout`` or ``error``."""
        try:
            found = await asyncio.wait_for(self._wait(), max(_LAST_LOOK, self._seconds_left()))
            event = event_of_success(found, self._kind)
        except Exception as error:
            event = event_of_error(error, self.condition)
        yield TriggerEvent(event)  # type: ignore[no-untyped-call]

    async def _wait(self) -> str | list[str]:
        config = await PachydermHook(self.pachyderm_conn_id, project=self.project).async_config()
        tolerated = (PachydermError,) if self.silent_fail else AWAY
        async with StreamHub.here().poller(config, self.condition.followed, self._look) as poller:
            condition = await retry_while_away(lambda: self._resolved(poller.shared), tolerated)
            found = self._found(condition)
            return await poller.wait(condition, found, poll_interval=self.poll_interval, tolerated=tolerated)

    async def _resolved(self, shared: SharedClient) -> ConditionT:
        """Give the condition as it is to be looked for: what it names is found out once."""
        return self.condition

    def _found(self, condition: ConditionT) -> Callable[[Any], str | list[str] | None]:
        """Give what tells whether a state ends the waiting."""
        return condition.found

    def _seconds_left(self) -> float:
        return (parse_time(self.deadline) - datetime.now(timezone.utc)).total_seconds()
