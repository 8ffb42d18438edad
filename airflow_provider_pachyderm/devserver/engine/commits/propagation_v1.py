"""What follows from branches that moved, in 1.7 to 1.13: commits on the branches that are made from them."""

from __future__ import annotations

from airflow_provider_pachyderm.devserver.engine.branches.graph_v1 import BranchGraph
from airflow_provider_pachyderm.devserver.engine.branches.provenance import parse_repo
from airflow_provider_pachyderm.devserver.engine.branches.provenance_rules import HEADS_BRING_PROVENANCE
from airflow_provider_pachyderm.devserver.engine.commits.graph_v1 import CommitGraph
from airflow_provider_pachyderm.devserver.engine.commits.making import CommitMaker
from airflow_provider_pachyderm.devserver.engine.commits.rules import COMMIT_NOT_FOUND
from airflow_provider_pachyderm.devserver.engine.core import Core, Unit
from airflow_provider_pachyderm.devserver.engine.errors import refused
from airflow_provider_pachyderm.devserver.engine.model import SPECS, BranchKey, CommitKey, Origin
from airflow_provider_pachyderm.devserver.engine.store.lookups import Lookups
from airflow_provider_pachyderm.devserver.engine.store.rows import CommitRow, Link


class PropagationV1:
    """At the end of a unit of work, gives output branches the commits that follow from moved heads."""

    def __init__(
        self, core: Core, lookups: Lookups, branches: BranchGraph, commits: CommitGraph, maker: CommitMaker
    ) -> None:
        self._core = core
        self._lookups = lookups
        self._branches = branches
        self._commits = commits
        self._maker = maker

    def run(self, unit: Unit) -> None:
        """Make the commits that a unit of work calls for."""
        moved = self._lookups.branch_keys(unit.moved)
        affected = dict.fromkeys(one for key in moved for one in (key, *self._branches.downstream(key)))
        for key in sorted(affected, key=lambda key: len(self._branches.upstream(key))):
            self._follow(unit, key)

    def _follow(self, unit: Unit, branch: BranchKey) -> None:
        row = self._lookups.branch(branch)
        links = self._links(branch)
        head = self._lookups.commit_by_num(row.head)
        if not self._has_data(links) or (head is not None and self._follows_already(head, links)):
            return
        made = self._maker.insert(unit, branch, parent=head, origin=Origin.AUTO)
        self._commits.link(made, links.values())

    def _has_data(self, links: dict[tuple[str, str], Link]) -> bool:
        """Whether there is anything but specs of pipelines."""
        return any(link.repo != SPECS.path for link in links.values())

    def _links(self, branch: BranchKey) -> dict[tuple[str, str], Link]:
        """What a new commit of a branch is made from, by id and name of the branch."""
        found: dict[tuple[str, str], Link] = {}
        for key in self._branches.upstream(branch):
            head = self._lookups.head(key)
            if head is None:
                continue
            found[self._key(head.id, key.name)] = Link(head.num, key.repo.path, key.name, head.id)
            for link in self._above(head.num) if self._core.profile[HEADS_BRING_PROVENANCE] else ():
                found[self._key(link.id, link.branch)] = link
        return found

    def _key(self, id: str, branch: str) -> tuple[str, str]:
        return id, branch if self._core.profile[HEADS_BRING_PROVENANCE] else ""

    def _above(self, num: int) -> list[Link]:
        rows = self._lookups.provenance(num)
        for row in rows:
            if row.input is None:
                name = f"{parse_repo(row.repo).name}@{row.id} ({row.branch_name})"
                missing = self._core.refusal(COMMIT_NOT_FOUND, commit=CommitKey(parse_repo(row.repo), row.id))
                raise refused(f"could not resolve provenant commit {name}: {missing.text}")
        return [row.link for row in rows]

    def _follows_already(self, head: CommitRow, links: dict[tuple[str, str], Link]) -> bool:
        """Whether the head is made from all that, and perhaps from more."""
        known = {self._key(row.id, row.branch_name) for row in self._lookups.provenance(head.num)}
        return all(key in known or (key[0], "") in known for key in links)
