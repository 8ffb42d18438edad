"""Lists of commits: of a repo, of a line of parents, of a set."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from airflow_provider_pachyderm.devserver.engine.commits.commits import Commits
from airflow_provider_pachyderm.devserver.engine.commits.rules import (
    COMMIT_SET_NOT_FOUND,
    COMMITS_BY_BRANCH,
    INSPECTING_COMMIT,
    LISTING_COMMITS,
)
from airflow_provider_pachyderm.devserver.engine.core import Core
from airflow_provider_pachyderm.devserver.engine.errors import refused
from airflow_provider_pachyderm.devserver.engine.model import CommitInfo, CommitRef, Origin, RepoKey
from airflow_provider_pachyderm.devserver.engine.store.lookups import Rows


class History:
    """Commits in order."""

    def __init__(self, core: Core, rows: Rows, commits: Commits) -> None:
        self._core = core
        self._store = core.store
        self._rows = rows
        self._commits = commits

    def commits(
        self,
        repo: RepoKey | None,
        to: CommitRef | None = None,
        start: CommitRef | None = None,
        number: int = 0,
        reverse: bool = False,
        origin: Origin | None = None,
        aliases: bool = False,
        before: int | None = None,
    ) -> list[CommitInfo]:
        """ListCommit, newest first.

        :param repo: None lists all repos.
        :param to: only this commit and its ancestors.
        :param start: stop before this one (needs ``to``).
        :param number: at most so many; 0 means all.
        :param origin: only commits of this origin.
        :param aliases: also ALIAS commits, which are left out if no origin is asked for.
        :param before: only commits started before, in nanoseconds since 1970; ignored with ``to``.
        """
        self._check_repos(repo or RepoKey(""), to, start)
        if repo is not None:
            with self._core.during(LISTING_COMMITS):
                self._rows.repo(repo)
        rows = self._rows_between(repo, to, start, reverse)
        before = before if to is None else None
        kept = (row for row in rows if fits(row, origin, aliases) and _is_before(row, before))
        return [self._commits.info(row) for row in islice(kept, number or None)]

    def _check_repos(self, repo: RepoKey, *ends: CommitRef | None) -> None:
        """Whoever may list a repo is told of no other."""
        if any(end is not None and end.repo != repo for end in ends):
            raise refused(f"`from` and `to` commits need to be from repo {self._core.words.repo(repo)}")

    def _rows_between(
        self, repo: RepoKey | None, to: CommitRef | None, start: CommitRef | None, reverse: bool
    ) -> Iterator[Any]:
        if to is None and start is not None:
            raise refused("cannot use `from` commit without `to` commit")
        if to is None:
            return self._all_of(repo, reverse)
        if reverse:
            raise refused("cannot use 'Reverse' while also using 'From' or 'To'")
        with self._core.during(INSPECTING_COMMIT):
            stop = self._commits.resolve(start)["num"] if start is not None else None
            return self._line(self._commits.resolve(to), stop)

    def _all_of(self, repo: RepoKey | None, reverse: bool) -> Iterator[Any]:
        order = "c.num" if reverse else "c.num DESC"
        sql = "SELECT c.* FROM commits c JOIN repos r ON r.num = c.repo"
        if repo is None:
            return iter(self._store.all(f"{sql} ORDER BY {order}"))
        return iter(self._store.all(f"{sql} WHERE r.path = ? ORDER BY {order}", repo.path))

    def _line(self, row: Any, stop: int | None) -> Iterator[Any]:
        while row is not None and row["num"] != stop:
            yield row
            row = self._rows.commit_by_num(row["parent"])

    def set_rows(self, set_id: str) -> list[Any]:
        """Commits with this id, oldest first."""
        return self._store.all("SELECT * FROM commits WHERE id = ? ORDER BY num", set_id)

    def inspect_set(self, set_id: str) -> list[CommitInfo]:
        """InspectCommitSet: the commits of a set and those they are made from, inputs first.

        :raises EngineError: NOT_FOUND if there are none.
        """
        if not self.set_rows(set_id):
            raise self._core.refusal(COMMIT_SET_NOT_FOUND, id=set_id)
        rows = self._store.all(
            "WITH RECURSIVE up (num) AS (SELECT num FROM commits WHERE id = ? UNION "
            "SELECT p.input FROM commit_provenance p JOIN up ON p.downstream = up.num) "
            "SELECT c.* FROM up JOIN commits c ON c.num = up.num ORDER BY c.num",
            set_id,
        )
        if self._core.profile[COMMITS_BY_BRANCH]:
            rows.sort(key=lambda row: self._depth(row["num"]))
        return [self._commits.info(row) for row in rows]

    def _depth(self, num: int) -> int:
        """How many commits a commit is made from."""
        sql = (
            "WITH RECURSIVE up (num) AS (SELECT ? UNION "
            "SELECT p.input FROM commit_provenance p JOIN up ON p.downstream = up.num) SELECT count(*) AS found FROM up"
        )
        return int(self._store.one(sql, num)["found"])

    def list_sets(self, project: str = "") -> list[tuple[str, list[CommitInfo]]]:
        """ListCommitSet, newest set first; only sets with a commit in the project, if one is given."""
        rows = self._store.all(
            "SELECT c.id, max(c.num) AS latest FROM commits c JOIN repos r ON r.num = c.repo "
            "WHERE r.project = ? OR ? = '' GROUP BY c.id ORDER BY latest DESC",
            project, project,
        )  # fmt: skip
        return [(row["id"], self.inspect_set(row["id"])) for row in rows]

    def ancestors(self, ref: CommitRef) -> list[CommitInfo]:
        """A commit and all before it, newest first."""
        return [self._commits.info(row) for row in self._line(self._commits.resolve(ref), None)]


def fits(row: Any, origin: Origin | None, aliases: bool) -> bool:
    """Whether a commit has the origin that is asked for; if none is, ALIAS commits are left out unless wanted."""
    if aliases or origin is None:
        return aliases or bool(row["origin"] != Origin.ALIAS.value)
    return bool(row["origin"] == origin.value)


def _is_before(row: Any, before: int | None) -> bool:
    return before is None or bool(row["started"] < before)
