"""DeleteCommit of 1.7 to 1.13: an input commit goes with all that is downstream, and what remains is linked again."""

from __future__ import annotations

from collections.abc import Iterable

from airflow_provider_pachyderm.devserver.engine.branches.graph_v1 import BranchGraph
from airflow_provider_pachyderm.devserver.engine.branches.provenance_rules import DELETE_PROPAGATES_MOVED
from airflow_provider_pachyderm.devserver.engine.commits.graph_v1 import CommitGraph, Range
from airflow_provider_pachyderm.devserver.engine.core import Core, Unit
from airflow_provider_pachyderm.devserver.engine.errors import refused
from airflow_provider_pachyderm.devserver.engine.repos.rules import SIZE_OF_ALL_COMMITS
from airflow_provider_pachyderm.devserver.engine.store.lookups import Lookups
from airflow_provider_pachyderm.devserver.engine.store.rows import BranchRow, CommitRow


class RemovalV1:
    """Removal of commits with those that are made from them."""

    def __init__(self, core: Core, lookups: Lookups, branches: BranchGraph, commits: CommitGraph) -> None:
        self._core = core
        self._store = core.store
        self._lookups = lookups
        self._branches = branches
        self._commits = commits

    def delete(self, unit: Unit, row: CommitRow) -> None:
        """Delete a commit that is made from nothing."""
        if self._lookups.is_made_from_others(row.num):
            key = self._lookups.commit_key(row)
            text = f'cannot delete the commit "{key.repo.name}/{key.id}" because it has non-empty provenance'
            raise refused(text)
        ranges = self._commits.ranges(row)
        gone = {row.num: row}
        for repo, lower, upper in ranges:
            gone.update(self._between(repo, lower, upper, gone))
        self._shorten_ranges(gone)
        self._move_children(gone)
        repos = [row.repo, *(num for repo, _, _ in ranges for num in self._repo_numbers(repo))]
        self._move_branches(unit, list(dict.fromkeys(repos)), gone)
        for num, one in gone.items():
            if self._core.profile[SIZE_OF_ALL_COMMITS]:
                self._store.run("UPDATE repos SET size = size - ? WHERE num = ?", one.size, one.repo)
            self._store.run("DELETE FROM commits WHERE num = ?", num)

    def _repo_numbers(self, path: str) -> list[int]:
        return self._store.values(int, "SELECT num FROM repos WHERE path = ?", path)

    def _between(self, repo: str, lower: str, upper: str, gone: dict[int, CommitRow]) -> dict[int, CommitRow]:
        """The commits of a range, as far as they are still there."""
        found: dict[int, CommitRow] = {}
        row = self._commits.find(repo, upper)
        while row is not None and row.num not in gone:
            found[row.num] = row
            row = None if row.id == lower else self._lookups.commit_by_num(row.parent)
        return found

    # ---- what remains upstream ----------------------------------------------------------

    def _shorten_ranges(self, gone: dict[int, CommitRow]) -> None:
        """Remove the deleted commits from the ranges of commits that they were made from."""
        ids = {row.id for row in gone.values()}
        marks = ",".join("?" * len(gone))
        sql = f"SELECT DISTINCT input FROM commit_provenance WHERE downstream IN ({marks}) AND input IS NOT NULL"
        for num in self._store.values(int, sql, *gone):
            if num not in gone:
                source = self._lookups.commit(num)
                kept = (self._remaining_range(one, ids) for one in self._commits.ranges(source))
                self._commits.write_ranges(source.num, [one for one in kept if one is not None])

    def _remaining_range(self, one: Range, gone: set[str]) -> Range | None:
        """What remains of a range; None if all of it is deleted."""
        left = [id for id in self._path(*one) if id not in gone]
        return (one[0], left[-1], left[0]) if left else None

    def _path(self, repo: str, lower: str, upper: str) -> list[str]:
        """Ids from the newest to the oldest commit of a range."""
        found, row = [upper], self._commits.find(repo, upper)
        while row is not None and row.id != lower and row.parent is not None:
            row = self._lookups.commit(row.parent)
            found.append(row.id)
        return found

    # ---- what remains beside ------------------------------------------------------------

    def _nearest_kept(self, num: int | None, gone: dict[int, CommitRow]) -> int | None:
        """A commit, or the nearest one before it that is not deleted."""
        while num is not None and num in gone:
            num = gone[num].parent
        return num

    def _move_children(self, gone: dict[int, CommitRow]) -> None:
        for num, row in gone.items():
            for child in self._store.values(int, "SELECT num FROM commits WHERE parent = ?", num):
                if child not in gone:
                    parent = self._nearest_kept(row.parent, gone)
                    self._store.run("UPDATE commits SET parent = ? WHERE num = ?", parent, child)

    def _move_branches(self, unit: Unit, repos: Iterable[int], gone: dict[int, CommitRow]) -> None:
        branches = [row for repo in repos for row in self._of_repo(repo)]
        moved = [row for row in branches if row.head in gone]
        for row in branches:
            head = self._nearest_kept(row.head, gone)
            sql = "UPDATE branches SET head = ?, updated = ? WHERE num = ?"
            self._store.run(sql, head, self._core.now(), row.num)
            unit.touch(self._lookups.repo_of(row.repo))
            self._count_size(row, head)
        if self._core.profile[DELETE_PROPAGATES_MOVED]:
            moved = [row for row in moved if self._nearest_kept(row.head, gone) is not None]
        else:
            moved = sorted(branches, key=lambda row: len(self._branches.upstream(self._lookups.branch_key(row))))[:1]
        unit.moved.update(dict.fromkeys(row.num for row in moved))

    def _of_repo(self, repo: int) -> list[BranchRow]:
        return self._store.all(BranchRow, "SELECT * FROM branches WHERE repo = ? ORDER BY name", repo)

    def _count_size(self, branch: BranchRow, head: int | None) -> None:
        """Since 1.8.5 a repo is as large as the head of its master."""
        if branch.name == "master" and not self._core.profile[SIZE_OF_ALL_COMMITS]:
            size = 0 if head is None else self._lookups.commit(head).size
            self._store.run("UPDATE repos SET size = ? WHERE num = ?", size, branch.repo)
