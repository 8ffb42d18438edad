"""The graph of branches: what is upstream and downstream of a branch, and the commits that follow from it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

from airflow_provider_pachyderm.devserver.engine.branches.provenance_rules import (
    CIRCLES_REFUSED,
    MOVED_BRANCHES_STAY,
    ONE_BRANCH_OF_REPO_IN_GRAPH,
)
from airflow_provider_pachyderm.devserver.engine.commits.rules import COMMITS_BY_BRANCH
from airflow_provider_pachyderm.devserver.engine.core import Core, Unit
from airflow_provider_pachyderm.devserver.engine.errors import refused
from airflow_provider_pachyderm.devserver.engine.model import BranchKey, RepoKey
from airflow_provider_pachyderm.devserver.engine.store.lookups import Rows


class Provenance:
    """Branches by the branches they are made from."""

    def __init__(self, core: Core, rows: Rows) -> None:
        self._core = core
        self._store = core.store
        self._rows = rows

    def direct(self, branch: BranchKey) -> list[BranchKey]:
        """The inputs a branch was created with, in that order."""
        rows = self._store.all(
            "SELECT p.repo, p.name FROM branch_provenance p JOIN branches b ON b.num = p.branch "
            "WHERE b.path = ? ORDER BY p.position",
            branch.path,
        )
        return [BranchKey(parse_repo(row["repo"]), row["name"]) for row in rows]

    def direct_users(self, branch: BranchKey) -> list[BranchKey]:
        """Branches that have it as an input, oldest first."""
        rows = self._store.all(
            "SELECT b.* FROM branch_provenance p JOIN branches b ON b.num = p.branch "
            "WHERE p.repo = ? AND p.name = ? ORDER BY b.num",
            branch.repo.path, branch.name,
        )  # fmt: skip
        return [self._rows.branch_key(row) for row in rows]

    def upstream(self, branch: BranchKey) -> list[BranchKey]:
        """All that a branch is made from, nearest first."""
        return _reach(branch, self.direct)

    def downstream(self, branch: BranchKey) -> list[BranchKey]:
        """All that is made from a branch, nearest first."""
        return _reach(branch, self.direct_users)

    def heads(self, branch: BranchKey) -> dict[tuple[str, str], tuple[int | None, str, str, str]]:
        """What a new commit of a branch is made from: rows of commit_provenance by repo and id."""
        found = {}
        for key in self.direct(branch):
            row = self._rows.find_branch(key)
            head = self._rows.commit_by_num(row["head"]) if row is not None else None
            if head is not None:
                found[(key.repo.path, head["id"])] = (head["num"], key.repo.path, key.name, head["id"])
        return found

    def replace(self, branch: BranchKey, inputs: Iterable[BranchKey]) -> None:
        """Set the inputs of a branch."""
        num = self._rows.branch(branch)["num"]
        self._store.run("DELETE FROM branch_provenance WHERE branch = ?", num)
        for position, key in enumerate(inputs):
            sql = "INSERT INTO branch_provenance (branch, position, repo, name) VALUES (?, ?, ?, ?)"
            self._store.run(sql, num, position, key.repo.path, key.name)

    def forget(self, branch: BranchKey) -> None:
        """A branch is being deleted: drop it from the inputs of others."""
        sql = "DELETE FROM branch_provenance WHERE repo = ? AND name = ?"
        self._store.run(sql, branch.repo.path, branch.name)


def _reach(start: BranchKey, step: Callable[[BranchKey], list[BranchKey]]) -> list[BranchKey]:
    found: dict[BranchKey, None] = {}
    queue = deque(step(start))
    while queue:
        key = queue.popleft()
        if key not in found:
            found[key] = None
            queue.extend(step(key))
    return list(found)


def parse_repo(path: str) -> RepoKey:
    """The repo of its stored spelling, ``project/name.type``."""
    project, _, rest = path.partition("/")
    name, _, type = rest.rpartition(".")
    return RepoKey(name, project, type)


class Propagation:
    """At the end of a unit of work, gives output branches the commits that follow from moved heads."""

    def __init__(
        self,
        core: Core,
        rows: Rows,
        provenance: Provenance,
        make: Callable[[Unit, BranchKey, Any], Any],
        follow_with_aliases: Callable[[Unit, BranchKey], None],
    ) -> None:
        self._core = core
        self._store = core.store
        self._rows = rows
        self._provenance = provenance
        self._make = make
        self._follow_with_aliases = follow_with_aliases
        core.before_commit.append(self.run)

    def run(self, unit: Unit) -> None:
        """Make the commits that a unit of work calls for."""
        if self._core.profile[ONE_BRANCH_OF_REPO_IN_GRAPH]:
            self._check_graphs(unit)
        affected = self._affected(unit)
        for number, key in enumerate(affected):
            if not self._core.profile[CIRCLES_REFUSED]:
                self._check_order(unit, key, affected[number + 1 :])
            row = self._rows.find_branch(key)
            if row is None or not self._provenance.direct(key):
                continue
            if self._core.profile[COMMITS_BY_BRANCH]:
                self._follow_with_aliases(unit, key)
            else:
                self._follow(unit, key, row)

    def _moved(self, unit: Unit) -> list[BranchKey]:
        rows = map(self._rows.branch_by_num, unit.moved)
        return [self._rows.branch_key(row) for row in rows if row is not None]

    def _affected(self, unit: Unit) -> list[BranchKey]:
        """All downstream of the branches that moved, and up to 2.5 these, too; inputs before outputs."""
        found: dict[BranchKey, int] = {}
        for key in self._moved(unit):
            itself = () if self._core.profile[MOVED_BRANCHES_STAY] else (key,)
            for one in (*itself, *self._provenance.downstream(key)):
                found[one] = len(self._provenance.upstream(one))
        by_name = not self._core.profile[CIRCLES_REFUSED]
        return sorted(found, key=lambda key: (found[key], key.path if by_name else ""))

    def _check_graphs(self, unit: Unit) -> None:
        """Refuse two branches of one repo that are connected, whichever way."""
        for moved in self._moved(unit):
            seen = {moved.repo: moved}
            for key in _reach(moved, lambda one: [*self._provenance.direct(one), *self._provenance.direct_users(one)]):
                if seen.setdefault(key.repo, key) != key:
                    names = ", ".join(map(self._core.words.branch, (seen[key.repo], key)))
                    raise refused(f"multiple branches from the same repo, {names}, cannot participate in a DAG")

    def _check_order(self, unit: Unit, branch: BranchKey, later: list[BranchKey]) -> None:
        """2.6 finds a circle only when a commit of it is to be made of one that is not there yet."""
        row = self._rows.find_branch(branch)
        head = self._rows.commit_by_num(row["head"]) if row is not None else None
        if head is not None and head["id"] == unit.set_id:
            return
        for key in self._provenance.direct(branch):
            source = self._rows.find_branch(key) if key in later else None
            at = self._rows.commit_by_num(source["head"]) if source is not None else None
            if at is not None and at["id"] != unit.set_id:
                names = f'from "{branch.repo.path}@{unit.set_id}" to "{key.repo.path}@{unit.set_id}"'
                raise refused(
                    f"add commit provenance {names}: add commit provenance: ERROR: insert or update on table "
                    '"commit_provenance" violates foreign key constraint "fk_to_commit" (SQLSTATE 23503)'
                )

    def _follow(self, unit: Unit, branch: BranchKey, row: Any) -> None:
        head = self._rows.commit_by_num(row["head"])
        inputs = self._provenance.heads(branch)
        if not inputs or (head is not None and head["id"] == unit.set_id):
            return
        self._make(unit, branch, head)
