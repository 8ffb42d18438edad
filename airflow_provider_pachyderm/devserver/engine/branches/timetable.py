"""Branches with a ``cron_spec``: they move by the clock, whatever comes to the branch that they follow (2.6.6 on)."""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime

from airflow_provider_pachyderm.devserver.engine.branches.cron import Cron
from airflow_provider_pachyderm.devserver.engine.branches.triggers import Triggers
from airflow_provider_pachyderm.devserver.engine.clock import utc
from airflow_provider_pachyderm.devserver.engine.core import TIMED, Core
from airflow_provider_pachyderm.devserver.engine.model import Trigger
from airflow_provider_pachyderm.devserver.engine.store.lookups import Lookups
from airflow_provider_pachyderm.devserver.engine.store.rows import BranchRow

_log = logging.getLogger(__name__)

_LOOK_EVERY = 0.05
"""Seconds between two looks at the clock: one that tests move tells nobody."""


class Timetable:
    """When which branch moves next.

    Kept in memory, as real servers do. They begin with the first time after the head of the branch was started: at
    their own start, too, and where a branch gets a trigger that it had not. What is long due comes at once, and once.
    """

    def __init__(self, core: Core, lookups: Lookups, triggers: Triggers) -> None:
        self._core = core
        self._store = core.store
        self._lookups = lookups
        self._triggers = triggers
        self._due: dict[int, tuple[str, datetime | None]] = {}

    async def run(self) -> None:
        """Move what is due, for ever."""
        while True:
            try:
                waits = self.step()
            except Exception:
                _log.exception("cannot move branches")
                waits = True
            await (asyncio.sleep(_LOOK_EVERY) if waits else self._core.notifier.wait([TIMED]))

    def step(self) -> bool:
        """Move the branches that are due; False if none has a timetable."""
        rows = self._store.all(BranchRow, "SELECT * FROM branches WHERE moves_on != ''")
        timed = [(row, trigger) for row in rows if (trigger := self._triggers.of(row)) and trigger.cron]
        nums = {row.num for row, _ in timed}
        self._due = {num: due for num, due in self._due.items() if num in nums}
        for row, trigger in timed:
            self._try(row, trigger)
        return bool(timed)

    def _try(self, row: BranchRow, trigger: Trigger) -> None:
        """Look at a branch; one that fails keeps no other from moving, and is not tried again 20 times a second."""
        try:
            self._look(row, trigger)
        except Exception:
            _log.exception("branch %s stays where it is until its trigger changes or the server starts", row.name)
            self._due[row.num] = (trigger.cron, None)

    def _look(self, row: BranchRow, trigger: Trigger) -> None:
        now, cron = utc(self._core.time()), trigger.cron
        known, due = self._due.get(row.num, ("", None))
        if known != cron:
            due = Cron.parse(cron).after(utc(self._head_time(row)))
        if due is not None and due <= now and self._triggers.follow(row, trigger):
            due = Cron.parse(cron).following(due, now)
        self._due[row.num] = (cron, due)

    def _head_time(self, row: BranchRow) -> int:
        """When the head of a branch was started, which in the versions with timetables is always there."""
        head = self._lookups.commit_by_num(row.head)
        assert head is not None, f"branch {row.name} has no head"
        return head.started
