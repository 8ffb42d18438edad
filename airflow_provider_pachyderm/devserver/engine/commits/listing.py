"""Lists of commits: of a repo, or of a commit and its ancestors."""

from __future__ import annotations

import builtins
from collections.abc import Sequence
from itertools import islice

from airflow_provider_pachyderm.devserver.engine.commits.infos import CommitInfos
from airflow_provider_pachyderm.devserver.engine.commits.references import References
from airflow_provider_pachyderm.devserver.engine.commits.rules import (
    INSPECTING_COMMIT,
    LISTING_COMMITS,
)
from airflow_provider_pachyderm.devserver.engine.core import Core
from airflow_provider_pachyderm.devserver.engine.errors import refused
from airflow_provider_pachyderm.devserver.engine.model import CommitInfo, CommitRef, Origin, RepoKey
from airflow_provider_pachyderm.devserver.engine.store.lookups import Lookups
from airflow_provider_pachyderm.devserver.engine.store.rows import CommitRow


class CommitLists:
    """Commits in order."""

    def __init__(self, core: Core, lookups: Lookups, references: References, infos: CommitInfos) -> None:
        self._core = core
        self._store = core.store
        self._lookups = lookups
        self._references = references
        self._infos = infos

    def list(
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
                self._lookups.repo(repo)
        rows = self._rows_between(repo, to, start, reverse)
        before = before if to is None else None
        kept = (row for row in rows if fits(row, origin, aliases) and _is_before(row, before))
        return [self._infos.info(row) for row in islice(kept, number or None)]

    def _check_repos(self, repo: RepoKey, *ends: CommitRef | None) -> None:
        """Whoever may list a repo is told of no other."""
        if any(end is not None and end.repo != repo for end in ends):
            raise refused(f"`from` and `to` commits need to be from repo {self._core.words.repo(repo)}")

    def _rows_between(
        self, repo: RepoKey | None, to: CommitRef | None, start: CommitRef | None, reverse: bool
    ) -> Sequence[CommitRow]:
        if to is None and start is not None:
            raise refused("cannot use `from` commit without `to` commit")
        if to is None:
            return self._all_of(repo, reverse)
        if reverse:
            raise refused("cannot use 'Reverse' while also using 'From' or 'To'")
        with self._core.during(INSPECTING_COMMIT):
            stop = self._references.resolve(start).num if start is not None else None
            return self._lookups.line(self._references.resolve(to), stop)

    def _all_of(self, repo: RepoKey | None, reverse: bool) -> Sequence[CommitRow]:
        order = "c.num" if reverse else "c.num DESC"
        sql = "SELECT c.* FROM commits c JOIN repos r ON r.num = c.repo"
        if repo is None:
            return self._store.all(CommitRow, f"{sql} ORDER BY {order}")
        return self._store.all(CommitRow, f"{sql} WHERE r.path = ? ORDER BY {order}", repo.path)

    def ancestors(self, ref: CommitRef) -> builtins.list[CommitInfo]:
        """A commit and all before it, newest first."""
        return [self._infos.info(row) for row in self._lookups.line(self._references.resolve(ref))]


def fits(row: CommitRow, origin: Origin | None, aliases: bool) -> bool:
    """Whether a commit has the origin that is asked for; if none is, ALIAS commits are left out unless wanted."""
    if aliases or origin is None:
        return aliases or row.origin != Origin.ALIAS.value
    return row.origin == origin.value


def _is_before(row: CommitRow, before: int | None) -> bool:
    return before is None or row.started < before
