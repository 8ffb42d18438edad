"""The file sets in the database: each has changes of its own, or others as its parts, and an end."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from airflow_provider_pachyderm.devserver.engine.core import Core
from airflow_provider_pachyderm.devserver.engine.model import Change
from airflow_provider_pachyderm.devserver.engine.snapshots.layers import dump_change, load_change

_SECOND = 10**9
_LAST = 2**63 - 1
"""In the year 2262: later times do not fit into the database."""


class KeptSets:
    """Stored file sets. One goes at its end, but a part not before the whole."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._store = core.store

    def add(self, changes: Iterable[Change], seconds: int) -> str:
        """Keep changes.

        :param seconds: how long; 0: for ever.
        """
        token = self._new(seconds)
        rows = [(token, dump_change(change)) for change in changes]
        self._store.many("INSERT INTO file_set_changes (file_set, change) VALUES (?, ?)", rows)
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
        return self._store.one("SELECT 1 FROM file_sets WHERE id = ?", token) is not None

    def _collect(self) -> None:
        """Forget what has ended; once a whole is gone, its parts may go."""
        ended = "ends <= ? AND id NOT IN (SELECT part FROM file_set_parts)"
        now = self._core.now()
        while self._store.one(f"SELECT 1 FROM file_sets WHERE {ended}", now) is not None:
            self._store.run(f"DELETE FROM file_sets WHERE {ended}", now)

    def layers(self, token: str) -> list[list[Change]]:
        """Its changes, layer by layer; a part without any is none."""
        parts = self._store.all("SELECT part FROM file_set_parts WHERE whole = ? ORDER BY position", token)
        if parts:
            return [layer for row in parts for layer in self.layers(row["part"])]
        rows = self._store.all("SELECT change FROM file_set_changes WHERE file_set = ? ORDER BY num", token)
        return [[load_change(row["change"]) for row in rows]] if rows else []
