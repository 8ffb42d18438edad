"""What 2.x does after FinishCommit has returned: makes the snapshot, finds collisions, sets the finish time."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from typing import cast

from airflow_provider_pachyderm.devserver.engine.branches.triggers import Triggers
from airflow_provider_pachyderm.devserver.engine.commits.aliases import Aliases
from airflow_provider_pachyderm.devserver.engine.commits.infos import CommitInfos
from airflow_provider_pachyderm.devserver.engine.commits.rules import (
    COMMITS_BY_BRANCH,
    FAILED_ARE_CHECKED,
    OPEN_BASE_READABLE,
)
from airflow_provider_pachyderm.devserver.engine.core import FINISHING, Core
from airflow_provider_pachyderm.devserver.engine.snapshots.entries import Entries
from airflow_provider_pachyderm.devserver.engine.snapshots.snapshots import Snapshots
from airflow_provider_pachyderm.devserver.engine.store.lookups import Lookups
from airflow_provider_pachyderm.devserver.engine.store.reserve import disk_is_full
from airflow_provider_pachyderm.devserver.engine.store.rows import CommitRow

_log = logging.getLogger(__name__)

_CLOSED = "finishing IS NOT NULL AND finished IS NULL AND origin != 'ALIAS'"
_FULL_PAUSE = 1.0  # seconds, until it is tried again on a full disk
_KEPT = 64
_IDLE = 0.3
"""Seconds after which commits are finished that nobody waits for, as it takes a real server some time, too."""


class Finisher:
    """Finishes commits one by one, those of a repo in the order in which they were closed.

    A commit whose parent is not finished holds up its repo until it is removed, or the server starts again. In 2.0 it
    takes what the parent has.
    """

    def __init__(
        self,
        core: Core,
        lookups: Lookups,
        snapshots: Snapshots,
        aliases: Aliases,
        triggers: Triggers,
        infos: CommitInfos,
    ) -> None:
        self._core = core
        self._store = core.store
        self._lookups = lookups
        self._snapshots = snapshots
        self._aliases = aliases
        self._triggers = triggers
        self._infos = infos
        self._started = core.now()

    async def run(self) -> None:
        """Finish what there is to finish, for ever."""
        while True:
            # what is closed as others are finished is not finished at once: that takes a real server some time, too
            latest = self._store.value(int, f"SELECT max(finishing) FROM commits WHERE {_CLOSED}") or 0
            try:
                while self.step(latest):
                    # what was finished is seen before the next one takes the loop
                    await asyncio.sleep(0)
            except Exception as error:
                if not disk_is_full(error):
                    raise
                await asyncio.sleep(_FULL_PAUSE)
            else:
                if next(self._ready(), None) is None:
                    await self._core.notifier.wait([FINISHING])
                await self._idle()
                self._core.awaited.clear()

    async def _idle(self) -> None:
        """Let others go first, until somebody waits for what is to be finished."""
        awaited = asyncio.create_task(self._core.awaited.wait())
        try:
            # wait_for would lose a cancellation that comes together with that, up to Python 3.11
            await asyncio.wait([awaited], timeout=_IDLE)
        finally:
            awaited.cancel()

    def drain(self) -> None:
        """Finish every commit that can be finished now."""
        while self.step():
            pass

    def step(self, latest: int | None = None) -> bool:
        """Finish one commit; False if none is ready.

        :param latest: when it was closed at the latest; None: whenever that was.
        """
        row = next((row for row in self._ready() if latest is None or (row.finishing or 0) <= latest), None)
        if row is not None:
            try:
                self._finish(row)
            except Exception as error:
                if disk_is_full(error):
                    raise
                _log.exception("cannot finish commit %s", row.id)
                self._fail(row, str(error))
        return row is not None

    def _ready(self) -> Iterator[CommitRow]:
        return filter(self._is_ready, self._first_of_repos())

    def _first_of_repos(self) -> list[CommitRow]:
        """The commit of each repo that is to be finished next, if there is one."""
        rows = self._store.all(
            CommitRow,
            f"SELECT * FROM commits WHERE {_CLOSED} ORDER BY max(finishing, ?), num",
            self._started,
        )
        return list({row.repo: row for row in reversed(rows)}.values())

    def _is_ready(self, row: CommitRow) -> bool:
        if row.error or self._core.profile[OPEN_BASE_READABLE]:
            return True
        parent = self._lookups.commit_by_num(row.parent)
        while parent is not None and parent.error:
            parent = self._lookups.commit_by_num(parent.parent)
        return parent is None or parent.finished is not None

    def _fail(self, row: CommitRow, error: str) -> None:
        """Finish a commit that cannot be finished, so that nobody waits for ever."""
        with self._core.unit() as unit:
            unit.touch(self._lookups.repo_of(row.repo))
            sql = "UPDATE commits SET finished = ?, updated = ?, error = ?, layer = '' WHERE num = ?"
            now = self._core.now()
            self._store.run(sql, now, now, error or "unknown error", row.num)
            for step in self._core.after_finishing:
                step(unit, self._lookups.commit(row.num))

    def _note(self, row: CommitRow) -> None:
        """Keep the commit as those who wait for it see it: up to 2.5 without what follows from it."""
        if self._core.profile[COMMITS_BY_BRANCH]:
            known = self._core.as_finished
            known[row.num] = self._infos.info(row)
            while len(known) > _KEPT:
                known.popitem(last=False)

    def _finish(self, row: CommitRow) -> None:
        # branches that follow it get commits of its set, where sets have one on every branch
        with self._core.unit(row.id if self._core.profile[COMMITS_BY_BRANCH] else "") as unit:
            unit.touch(self._lookups.repo_of(row.repo))
            entries = cast(Entries, self._snapshots.index(row))
            size = self._snapshots.store(row)
            error = row.error
            validated = not error or self._core.profile[FAILED_ARE_CHECKED]
            if not error:
                error = entries.clash.text if entries.clash is not None else ""
            now = self._core.now()
            self._store.run(
                "UPDATE commits SET finished = ?, updated = ?, error = ?, size = ?, validated = ? WHERE num = ?",
                now, now, error, size if validated else 0, validated, row.num,
            )  # fmt: skip
            finished = self._lookups.commit(row.num)
            self._note(finished)
            self._aliases.finish_of(unit, finished)
            if not error:
                self._triggers.fire(unit, finished)
            for step in self._core.after_finishing:
                step(unit, finished)
