"""Commit sets of 2.x: all commits with one id, and those that they are made from."""

from __future__ import annotations

import builtins

from airflow_provider_pachyderm.devserver.engine.commits.infos import CommitInfos
from airflow_provider_pachyderm.devserver.engine.commits.rules import COMMIT_SET_NOT_FOUND, COMMITS_BY_BRANCH
from airflow_provider_pachyderm.devserver.engine.core import Core
from airflow_provider_pachyderm.devserver.engine.model import CommitInfo
from airflow_provider_pachyderm.devserver.engine.store.rows import CommitRow


class CommitSets:
    """Finds commit sets; what removes them is in :mod:`.removal`."""

    def __init__(self, core: Core, infos: CommitInfos) -> None:
        self._core = core
        self._store = core.store
        self._infos = infos

    def rows(self, set_id: str) -> builtins.list[CommitRow]:
        """Commits with this id, oldest first."""
        return self._store.all(CommitRow, "SELECT * FROM commits WHERE id = ? ORDER BY num", set_id)

    def inspect(self, set_id: str) -> builtins.list[CommitInfo]:
        """InspectCommitSet: the commits of a set and those they are made from, inputs first.

        :raises EngineError: NOT_FOUND if there are none.
        """
        if not self.rows(set_id):
            raise self._core.refusal(COMMIT_SET_NOT_FOUND, id=set_id)
        rows = self._store.all(
            CommitRow,
            "WITH RECURSIVE up (num) AS (SELECT num FROM commits WHERE id = ? UNION "
            "SELECT p.input FROM commit_provenance p JOIN up ON p.downstream = up.num) "
            "SELECT c.* FROM up JOIN commits c ON c.num = up.num ORDER BY c.num",
            set_id,
        )
        if self._core.profile[COMMITS_BY_BRANCH]:
            rows.sort(key=lambda row: self._depth(row.num))
        return [self._infos.info(row) for row in rows]

    def _depth(self, num: int) -> int:
        """How many commits a commit is made from."""
        sql = (
            "WITH RECURSIVE up (num) AS (SELECT ? UNION "
            "SELECT p.input FROM commit_provenance p JOIN up ON p.downstream = up.num) SELECT count(*) FROM up"
        )
        return self._store.value(int, sql, num) or 0

    def list(self, project: str = "") -> builtins.list[tuple[str, builtins.list[CommitInfo]]]:
        """ListCommitSet, newest set first; only sets with a commit in the project, if one is given."""
        ids = self._store.values(
            str,
            "SELECT c.id FROM commits c JOIN repos r ON r.num = c.repo "
            "WHERE r.project = ? OR ? = '' GROUP BY c.id ORDER BY max(c.num) DESC",
            project, project,
        )  # fmt: skip
        return [(id, self.inspect(id)) for id in ids]
