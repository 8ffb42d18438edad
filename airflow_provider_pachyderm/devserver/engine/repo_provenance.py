"""Provenance up to 1.6: repos are made from repos, and commits from the commits that they are started with."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from airflow_provider_pachyderm.devserver.engine.core import Core
from airflow_provider_pachyderm.devserver.engine.model import CommitKey, CommitRef, RepoKey
from airflow_provider_pachyderm.devserver.engine.rows import Rows


class RepoProvenance:
    """Repos by the repos they are made from, and what is written down of commits."""

    def __init__(self, core: Core, rows: Rows) -> None:
        self._core = core
        self._store = core.store
        self._rows = rows

    def of(self, row: Any) -> tuple[RepoKey, ...]:
        """All that a repo is made from."""
        return tuple(RepoKey(name) for name in json.loads(row["provenance"]))

    def set(self, repo: RepoKey, given: Sequence[RepoKey]) -> None:
        """Say what a repo is made from, with all that those are made from."""
        sql = "UPDATE repos SET provenance = ? WHERE path = ?"
        self._store.run(sql, json.dumps([key.name for key in self.closure(given)]), repo.path)

    def closure(self, given: Iterable[RepoKey]) -> list[RepoKey]:
        """Repos and what they are made from; refused if one is not there."""
        found: dict[RepoKey, None] = {}
        for key in given:
            found.update(dict.fromkeys([key, *self.of(self._rows.repo(key))]))
        return list(found)

    def downstream(self, repos: Iterable[RepoKey]) -> list[Any]:
        """Rows of the repos that are made from all of these, newest first."""
        wanted = set(repos)
        return [row for row in self._store.all("SELECT * FROM repos ORDER BY num DESC") if wanted <= {*self.of(row)}]

    def start(self, downstream: Any, given: Iterable[CommitRef]) -> None:
        """Write down what a commit is started with, with all that those were started with."""
        links: dict[tuple[str, str], Any] = {}
        for ref in given:
            row = self._rows.find_commit(CommitKey(ref.repo, ref.id))
            if row is None:
                raise self._core.texts.commit_not_found(CommitKey(ref.repo, ref.id))
            links[ref.repo.path, ref.id] = row["num"]
            for above in self._store.all("SELECT * FROM commit_provenance WHERE downstream = ?", row["num"]):
                links[above["repo"], above["id"]] = above["input"]
        for (repo, id), num in links.items():
            self._store.run(
                "INSERT INTO commit_provenance (downstream, input, repo, branch_name, id) VALUES (?, ?, ?, '', ?)",
                downstream["num"], num, repo, id,
            )  # fmt: skip
