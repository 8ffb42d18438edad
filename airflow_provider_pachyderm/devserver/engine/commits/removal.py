"""Taking commits away: squash and drop (2.x), DeleteCommit (1.x)."""

from __future__ import annotations

from collections.abc import Iterable

from airflow_provider_pachyderm.devserver.engine.commits.commit_sets import CommitSets
from airflow_provider_pachyderm.devserver.engine.commits.commits import Commits
from airflow_provider_pachyderm.devserver.engine.commits.removal_v1 import RemovalV1
from airflow_provider_pachyderm.devserver.engine.commits.rules import (
    COMMIT_SET_NOT_FOUND,
    COMMITS_BY_BRANCH,
    DELETE_OPEN_ONLY,
    DELETING_COMMIT,
    MISSING_SET_DROPS,
)
from airflow_provider_pachyderm.devserver.engine.core import FINISHING, Core, Unit
from airflow_provider_pachyderm.devserver.engine.errors import refused
from airflow_provider_pachyderm.devserver.engine.model import CommitRef
from airflow_provider_pachyderm.devserver.engine.snapshots.snapshots import Snapshots
from airflow_provider_pachyderm.devserver.engine.store.lookups import Lookups
from airflow_provider_pachyderm.devserver.engine.store.rows import CommitRow


class Removal:
    """Removal of commits; their children move to their parents, and keep what they inherited."""

    def __init__(
        self,
        core: Core,
        lookups: Lookups,
        commits: Commits,
        commit_sets: CommitSets,
        snapshots: Snapshots,
        graph_removal: RemovalV1 | None,
    ) -> None:
        self._core = core
        self._store = core.store
        self._lookups = lookups
        self._commits = commits
        self._commit_sets = commit_sets
        self._snapshots = snapshots
        self._graph_removal = graph_removal

    def squash_set(self, set_id: str) -> None:
        """SquashCommitSet: every commit of the set must have a child."""
        with self._core.unit() as unit:
            rows = self._set_rows(set_id)
            self._check_subvenant_sets(set_id, rows, "squashed")
            self._check_children(rows, wanted=True)
            self._check_children_finished(rows)
            self._remove_all(unit, rows)

    def drop_set(self, set_id: str) -> None:
        """DropCommitSet: no commit of the set may have a child."""
        with self._core.unit() as unit:
            rows = self._set_rows(set_id)
            self._check_subvenant_sets(set_id, rows, "dropped")
            self._check_children(rows, wanted=False)
            self._remove_all(unit, rows)

    def _set_rows(self, set_id: str) -> list[CommitRow]:
        rows = self._commit_sets.rows(set_id)
        if not rows and not self._core.profile[MISSING_SET_DROPS]:
            raise self._core.refusal(COMMIT_SET_NOT_FOUND, id=set_id)
        return rows

    def squash(self, ref: CommitRef, recursive: bool = False) -> None:
        """SquashCommit; with ``recursive`` also what is downstream."""
        with self._core.unit() as unit:
            rows = self._with_downstream(ref, recursive, "squash")
            self._check_children(rows, wanted=True)
            self._check_children_finished(rows)
            self._remove_all(unit, rows)

    def drop(self, ref: CommitRef, recursive: bool = False) -> None:
        """DropCommit; with ``recursive`` also what is downstream."""
        with self._core.unit() as unit:
            rows = self._with_downstream(ref, recursive, "drop")
            self._check_children(rows, wanted=False)
            self._remove_all(unit, rows)

    def delete(self, ref: CommitRef) -> None:
        """DeleteCommit (1.x): an input commit with all that is downstream, finished or not."""
        with self._core.unit() as unit:
            with self._core.during(DELETING_COMMIT):
                row = self._commits.resolve(ref)
            if self._core.profile[DELETE_OPEN_ONLY]:
                self._delete_open(unit, row)
                return
            assert self._graph_removal is not None  # asked for in 1.x only
            self._graph_removal.delete(unit, row)

    def _delete_open(self, unit: Unit, row: CommitRow) -> None:
        """Delete one open commit, and branches that are left without commits."""
        if row.finished is not None:
            raise refused("cannot delete finished commit")
        for num in self._remove(unit, row.num):
            self._store.run("DELETE FROM branches WHERE num = ?", num)

    def _with_downstream(self, ref: CommitRef, recursive: bool, verb: str) -> list[CommitRow]:
        row = self._commits.resolve(ref)
        rows = self._downstream(row)
        if len(rows) > 1 and not recursive:
            name = self._core.words.commit(self._lookups.commit_key(row))
            raise refused(f"cannot {verb} commit ({name}) with subvenance without recursive")
        return rows

    def _downstream(self, row: CommitRow) -> list[CommitRow]:
        return self._store.all(
            CommitRow,
            "WITH RECURSIVE down (num) AS (SELECT ? UNION "
            "SELECT p.downstream FROM commit_provenance p JOIN down ON p.input = down.num) "
            "SELECT c.* FROM down JOIN commits c ON c.num = down.num ORDER BY c.num",
            row.num,
        )

    def _check_subvenant_sets(self, set_id: str, rows: Iterable[CommitRow], verb: str) -> None:
        others = {down.id: None for row in rows for down in self._downstream(row) if down.id != set_id}
        if others:
            names = ", ".join(others)
            raise refused(f'commit set "{set_id}" cannot be {verb} because it has subvenant commit sets: {names}')

    def _check_children(self, rows: list[CommitRow], wanted: bool) -> None:
        for row in rows:
            has = self._store.exists("SELECT 1 FROM commits WHERE parent = ?", row.num)
            if has != wanted:
                name = self._core.words.commit(self._lookups.commit_key(row))
                raise refused(
                    "cannot squash a commit that has no children as that would cause data loss, "
                    f"use the drop operation instead: {name}"
                    if wanted
                    else f"cannot drop a commit that has children: {name}"
                )

    def _check_children_finished(self, rows: list[CommitRow]) -> None:
        """An open child would lose the files that it inherits."""
        gone = {row.num for row in rows}
        for row in rows:
            for child in self._open_children(row):
                if child.num not in gone:
                    name = self._core.words.commit(self._lookups.commit_key(child))
                    hint = "" if child.finishing is None else ", consider using WaitCommit"
                    raise refused(f"cannot squash until child commit {name} is finished{hint}")

    def _open_children(self, row: CommitRow) -> list[CommitRow]:
        return self._store.all(CommitRow, "SELECT * FROM commits WHERE parent = ? AND finished IS NULL", row.num)

    def _remove_all(self, unit: Unit, rows: list[CommitRow]) -> None:
        """Newest first, so that heads fall back commit by commit; branches without any left get a new head last."""
        for row in rows:
            if self._lookups.repo_of(row.repo).type == "spec" and self._is_of_version(row):
                name = self._core.words.commit(self._lookups.commit_key(row))
                raise refused(f"cannot squash commit {name} because it updated a pipeline")
        moved = dict(unit.moved)
        bare = [branch for row in reversed(rows) for branch in self._remove(unit, row.num)]
        for num in dict.fromkeys(bare):
            branch = self._lookups.branch_by_num(num)
            if branch is not None and branch.head is None:
                self._commits.give_head(unit, self._lookups.branch_key(branch), branch)
        if not self._core.profile[COMMITS_BY_BRANCH]:
            # what follows from heads that fell back is there already
            unit.moved = moved

    def _is_of_version(self, row: CommitRow) -> bool:
        return self._store.exists("SELECT 1 FROM pipeline_versions WHERE spec_commit = ?", row.id)

    def _remove(self, unit: Unit, num: int) -> list[int]:
        row = self._lookups.commit(num)
        unit.touch(self._lookups.repo_of(row.repo))
        # others of the repo may have been held up by it
        unit.touched.add(FINISHING)
        heads = self._store.values(int, "SELECT num FROM branches WHERE head = ?", num)
        fallback = self._fallback(row)
        self._store.run("UPDATE branches SET head = ?, updated = ? WHERE head = ?", fallback, self._core.now(), num)
        unit.moved.update(dict.fromkeys(heads))
        if row.finished is not None:
            # an open child goes on with the files it saw
            sql = "UPDATE commits SET base_layer = ? WHERE parent = ? AND layer IS NULL AND base_layer IS NULL"
            self._store.run(sql, self._snapshots.inherited(row, row), num)
        self._store.run("UPDATE commits SET parent = ? WHERE parent = ?", row.parent, num)
        self._store.run("DELETE FROM commits WHERE num = ?", num)
        return heads if fallback is None else []

    def _fallback(self, row: CommitRow) -> int | None:
        """What becomes the head of branches that lose theirs."""
        parent = self._lookups.commit_by_num(row.parent)
        if parent is None:
            return None
        same_branch = (parent.repo, parent.branch_name) == (row.repo, row.branch_name)
        return parent.num if same_branch or not self._core.profile[COMMITS_BY_BRANCH] else None
