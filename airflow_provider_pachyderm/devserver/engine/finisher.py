"""What 2.x does after FinishCommit has returned: makes the snapshot, finds collisions, sets the finish time."""

from __future__ import annotations

import asyncio
import logging
from typing import Any, cast

from airflow_provider_pachyderm.devserver.engine.aliases import Aliases
from airflow_provider_pachyderm.devserver.engine.core import FINISHING, Core
from airflow_provider_pachyderm.devserver.engine.entries import Entries
from airflow_provider_pachyderm.devserver.engine.folding import Folding
from airflow_provider_pachyderm.devserver.engine.reserve import disk_is_full
from airflow_provider_pachyderm.devserver.engine.rows import Rows
from airflow_provider_pachyderm.devserver.engine.triggers import Triggers

_log = logging.getLogger(__name__)

_FULL_PAUSE = 1.0  # seconds, until it is tried again on a full disk


class Finisher:
    """Finishes commits one by one; one that follows an unfinished parent waits for it."""

    def __init__(self, core: Core, rows: Rows, folding: Folding, aliases: Aliases, triggers: Triggers) -> None:
        self._core = core
        self._store = core.store
        self._rows = rows
        self._folding = folding
        self._aliases = aliases
        self._triggers = triggers

    async def run(self) -> None:
        """Finish what there is to finish, for ever."""
        while True:
            try:
                while self.step():
                    # what was finished is seen before the next one takes the loop
                    await asyncio.sleep(0)
            except Exception as error:
                if not disk_is_full(error):
                    raise
                await asyncio.sleep(_FULL_PAUSE)
            else:
                await self._core.notifier.wait([FINISHING])

    def drain(self) -> None:
        """Finish all that can be finished now."""
        while self.step():
            pass

    def step(self) -> bool:
        """Finish one commit; False if none is ready."""
        row = self._store.one(
            "SELECT c.* FROM commits c LEFT JOIN commits p ON p.num = c.parent WHERE c.finishing IS NOT NULL "
            "AND c.finished IS NULL AND (p.num IS NULL OR p.finished IS NOT NULL) ORDER BY c.num LIMIT 1"
        )
        if row is not None:
            try:
                self._finish(row)
            except Exception as error:
                if disk_is_full(error):
                    raise
                _log.exception("cannot finish commit %s", row["id"])
                self._fail(row, str(error))
        return row is not None

    def _fail(self, row: Any, error: str) -> None:
        """Finish a commit that cannot be finished, so that nobody waits for ever."""
        with self._core.unit() as unit:
            unit.touch(self._rows.repo_of(row["repo"]))
            sql = "UPDATE commits SET finished = ?, updated = ?, error = ?, layer = '' WHERE num = ?"
            now = self._core.now()
            self._store.run(sql, now, now, error or "unknown error", row["num"])

    def _finish(self, row: Any) -> None:
        with self._core.unit() as unit:
            unit.touch(self._rows.repo_of(row["repo"]))
            entries = cast(Entries, self._folding.index(row))
            size = self._folding.freeze(row)
            error = row["error"]
            validated = not error or self._core.profile.failed_are_checked
            if not error:
                error = entries.clash.text if entries.clash is not None else ""
            now = self._core.now()
            self._store.run(
                "UPDATE commits SET finished = ?, updated = ?, error = ?, size = ?, validated = ? WHERE num = ?",
                now, now, error, size if validated else 0, validated, row["num"],
            )  # fmt: skip
            finished = self._rows.commit_by_num(row["num"])
            self._aliases.finish_of(unit, finished)
            if not error:
                self._triggers.fire(unit, finished)
