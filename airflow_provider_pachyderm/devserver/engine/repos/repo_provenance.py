"""Provenance up to 1.6: repos are made from repos."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from airflow_provider_pachyderm.devserver.engine.core import Core
from airflow_provider_pachyderm.devserver.engine.model import RepoKey
from airflow_provider_pachyderm.devserver.engine.store.lookups import Lookups
from airflow_provider_pachyderm.devserver.engine.store.rows import RepoRow


class RepoProvenance:
    """Repos by the repos they are made from."""

    def __init__(self, core: Core, lookups: Lookups) -> None:
        self._core = core
        self._store = core.store
        self._lookups = lookups

    def of(self, row: RepoRow) -> tuple[RepoKey, ...]:
        """All that a repo is made from."""
        return tuple(RepoKey(name) for name in json.loads(row.provenance))

    def set(self, repo: RepoKey, given: Sequence[RepoKey]) -> None:
        """Say what a repo is made from, with all that those are made from."""
        sql = "UPDATE repos SET provenance = ? WHERE path = ?"
        self._store.run(sql, json.dumps([key.name for key in self.closure(given)]), repo.path)

    def closure(self, given: Iterable[RepoKey]) -> list[RepoKey]:
        """Repos and what they are made from; refused if one is not there."""
        found: dict[RepoKey, None] = {}
        for key in given:
            found.update(dict.fromkeys([key, *self.of(self._lookups.repo(key))]))
        return list(found)

    def downstream(self, repos: Iterable[RepoKey]) -> list[RepoRow]:
        """Rows of the repos that are made from all of these, newest first."""
        wanted = set(repos)
        rows = self._store.all(RepoRow, "SELECT * FROM repos ORDER BY num DESC")
        return [row for row in rows if wanted <= {*self.of(row)}]
