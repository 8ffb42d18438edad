"""What follows from branches that moved: commits on the branches that are made from them (2.x)."""

from __future__ import annotations

from airflow_provider_pachyderm.devserver.engine.branches.provenance import Provenance, reach
from airflow_provider_pachyderm.devserver.engine.branches.provenance_rules import (
    CIRCLES_REFUSED,
    MOVED_BRANCHES_STAY,
    ONE_BRANCH_OF_REPO_IN_GRAPH,
)
from airflow_provider_pachyderm.devserver.engine.commits.aliases import Aliases
from airflow_provider_pachyderm.devserver.engine.commits.making import CommitMaker
from airflow_provider_pachyderm.devserver.engine.commits.rules import COMMITS_BY_BRANCH
from airflow_provider_pachyderm.devserver.engine.core import Core, Unit
from airflow_provider_pachyderm.devserver.engine.errors import refused
from airflow_provider_pachyderm.devserver.engine.model import BranchKey
from airflow_provider_pachyderm.devserver.engine.store.lookups import Lookups


class Propagation:
    """At the end of a unit of work, gives output branches the commits that follow from moved heads."""

    def __init__(
        self,
        core: Core,
        lookups: Lookups,
        provenance: Provenance,
        maker: CommitMaker,
        aliases: Aliases,
    ) -> None:
        self._core = core
        self._lookups = lookups
        self._provenance = provenance
        self._maker = maker
        self._aliases = aliases

    def run(self, unit: Unit) -> None:
        """Make the commits that a unit of work calls for."""
        moved = self._lookups.branch_keys(unit.moved)
        if self._core.profile[ONE_BRANCH_OF_REPO_IN_GRAPH]:
            self._check_graphs(moved)
        affected = self._affected(moved)
        for number, key in enumerate(affected):
            if not self._core.profile[CIRCLES_REFUSED]:
                self._check_order(unit, key, affected[number + 1 :])
            if self._lookups.find_branch(key) is None or not self._provenance.direct(key):
                continue
            if self._core.profile[COMMITS_BY_BRANCH]:
                self._aliases.follow(unit, key)
            else:
                self._follow(unit, key)

    def _affected(self, moved: list[BranchKey]) -> list[BranchKey]:
        """All downstream of the branches that moved, and up to 2.5 these, too; inputs before outputs."""
        found: dict[BranchKey, int] = {}
        for key in moved:
            itself = () if self._core.profile[MOVED_BRANCHES_STAY] else (key,)
            for one in (*itself, *self._provenance.downstream(key)):
                found[one] = len(self._provenance.upstream(one))
        by_name = not self._core.profile[CIRCLES_REFUSED]
        return sorted(found, key=lambda key: (found[key], key.path if by_name else ""))

    def _check_graphs(self, moved: list[BranchKey]) -> None:
        """Refuse two branches of one repo that are connected, whichever way."""
        for branch in moved:
            seen = {branch.repo: branch}
            for key in reach(branch, lambda one: [*self._provenance.direct(one), *self._provenance.direct_users(one)]):
                if seen.setdefault(key.repo, key) != key:
                    names = ", ".join(map(self._core.words.branch, (seen[key.repo], key)))
                    raise refused(f"multiple branches from the same repo, {names}, cannot participate in a DAG")

    def _check_order(self, unit: Unit, branch: BranchKey, later: list[BranchKey]) -> None:
        """2.6 finds a circle only when a commit of it is to be made of one that is not there yet."""
        head = self._lookups.head(branch)
        if head is not None and head.id == unit.set_id:
            return
        for key in self._provenance.direct(branch):
            at = self._lookups.head(key) if key in later else None
            if at is not None and at.id != unit.set_id:
                names = f'from "{branch.repo.path}@{unit.set_id}" to "{key.repo.path}@{unit.set_id}"'
                raise refused(
                    f"add commit provenance {names}: add commit provenance: ERROR: insert or update on table "
                    '"commit_provenance" violates foreign key constraint "fk_to_commit" (SQLSTATE 23503)'
                )

    def _follow(self, unit: Unit, branch: BranchKey) -> None:
        head = self._lookups.head(branch)
        inputs = self._provenance.heads(branch)
        if not inputs or (head is not None and head.id == unit.set_id):
            return
        self._maker.make_output(unit, branch, head)
