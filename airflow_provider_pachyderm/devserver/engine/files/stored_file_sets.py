"""The file sets in the database: each has changes of its own, or others as its parts, and an end."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from airflow_provider_pachyderm.devserver.engine.core import Core
from airflow_provider_pachyderm.devserver.engine.model import Change
from airflow_provider_pachyderm.devserver.engine.snapshots.encoding import dump_change, load_change
from airflow_provider_pachyderm.devserver.engine.store.rows import ChangeRow

_SECOND = 10**9
_LAST = 2**63 - 1
"""In the year 2262: later times do not fit into the database."""


class StoredFileSets:
    """Stored file sets. One goes at its end, but a part not before the whole."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._store = core.store

    def add(self, changes: Iterable[Change], seconds: int) -> str:
        """Keep changes.

        :param seconds: how long; 0: for ever.
        """
        token = self._new(seconds)
        rows = [(token, *dump_change(change)) for change in changes]
        self._store.many("INSERT INTO file_set_changes (file_set, kind, change) VALUES (?, ?, ?)", rows)
        return token

    def join(self, parts: Sequence[str], seconds: int) -> str:
        """Keep file sets as the parts of another one, in order."""
        token = self._new(seconds)
        rows = [(token, position, part) for position, part in enumerate(parts)]
        self._store.many("INSERT INTO file_set_parts (whole, position, part) VALUES (?, ?, ?)", rows)
        return token

    def _new(self, seconds: int) -> str:
        token = self._core.new_id()
        self._store.run("INSERT INTO file_sets (id, ends) VALUES (?, ?)", token, self._end(seconds))
        return token

    def _end(self, seconds: int) -> int | None:
        return min(self._core.now() + seconds * _SECOND, _LAST) if seconds else None

    def renew(self, token: str, seconds: int) -> None:
        """Set another end."""
        self._store.run("UPDATE file_sets SET ends = ? WHERE id = ?", self._end(seconds), token)

    def holds(self, token: str) -> bool:
        """Whether there is such a set now."""
        self._collect()
        return self._store.exists("SELECT 1 FROM file_sets WHERE id = ?", token)

    def _collect(self) -> None:
        """Forget what has ended; once a whole is gone, its parts may go."""
        ended = "ends <= ? AND id NOT IN (SELECT part FROM file_set_parts)"
        now = self._core.now()
        while self._store.exists(f"SELECT 1 FROM file_sets WHERE {ended}", now):
            self._store.run(f"DELETE FROM file_sets WHERE {ended}", now)

    def layers(self, token: str) -> list[list[Change]]:
        """Its changes, layer by layer; a part without any is none."""
        sql = "SELECT part FROM file_set_parts WHERE whole = ? ORDER BY position"
        parts = self._store.values(str, sql, token)
        if parts:
            return [layer for part in parts for layer in self.layers(part)]
        sql = "SELECT num, kind, change FROM file_set_changes WHERE file_set = ? ORDER BY num"
        rows = self._store.all(ChangeRow, sql, token)
        return [[load_change(row) for row in rows]] if rows else []
