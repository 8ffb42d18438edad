"""What StartCommit is told that a commit is made from (1.x)."""

from __future__ import annotations

from collections.abc import Sequence

from airflow_provider_pachyderm.devserver.engine.branches.provenance import Provenance
from airflow_provider_pachyderm.devserver.engine.branches.provenance_rules import PROVENANCE_ALONG_BRANCHES
from airflow_provider_pachyderm.devserver.engine.commits.references import References
from airflow_provider_pachyderm.devserver.engine.commits.rules import COMMIT_NOT_FOUND
from airflow_provider_pachyderm.devserver.engine.core import Core
from airflow_provider_pachyderm.devserver.engine.errors import refused
from airflow_provider_pachyderm.devserver.engine.model import BranchKey, CommitKey, CommitRef
from airflow_provider_pachyderm.devserver.engine.store.lookups import Lookups
from airflow_provider_pachyderm.devserver.engine.store.rows import Link


class StartProvenance:
    """Finds what commits are to be started with."""

    def __init__(self, core: Core, lookups: Lookups, provenance: Provenance, references: References) -> None:
        self._core = core
        self._lookups = lookups
        self._provenance = provenance
        self._references = references

    def links(self, branch: BranchKey, given: Sequence[CommitRef]) -> list[Link]:
        """Find what a commit is to be started with, and all that those were made from; refused if that cannot be."""
        if self._core.profile[PROVENANCE_ALONG_BRANCHES]:
            return self._along_branches(branch, [self._named(ref) for ref in given])
        found: dict[tuple[str, str], Link] = {}
        for link in map(self._by_id, given):
            for each in (link, *self._above(link)):
                found[each.repo, each.id] = each
        return list(found.values())

    def _by_id(self, ref: CommitRef) -> Link:
        row = self._lookups.find_commit(CommitKey(ref.repo, ref.id))
        if row is None:
            raise self._core.refusal(COMMIT_NOT_FOUND, commit=CommitKey(ref.repo, ref.id))
        return Link(row.num, ref.repo.path, "", row.id)

    def _named(self, ref: CommitRef) -> Link:
        """One of 1.9 and later, which is known by its branch, too: the one that was named, or its own."""
        row = self._references.resolve(ref)
        name = ref.branch or (self._lookups.branch_name(row) or "" if ref.id == row.id else ref.id)
        return Link(row.num, ref.repo.path, name, row.id)

    def _above(self, link: Link) -> list[Link]:
        return [row.link for row in self._lookups.provenance(link.input)]

    def _along_branches(self, branch: BranchKey, given: Sequence[Link]) -> list[Link]:
        found = {_branch(link): link for link in given}
        if len(found) < len(given):
            raise refused("the commit provenance contains multiple commits from the same branch")
        for link in given:
            for above in self._above(link):
                found.setdefault(_branch(above), above)
        if branch.name and not found.keys() <= self._allowed(branch):
            raise refused("the commit provenance contains a branch which the branch is not provenant on")
        return list(found.values())

    def _allowed(self, branch: BranchKey) -> set[tuple[str, str]]:
        keys = [branch, *self._provenance.upstream(branch)]
        head = self._lookups.head(branch)
        of_head = [] if head is None else [row.link for row in self._lookups.provenance(head.num)]
        return {*((key.repo.path, key.name) for key in keys), *map(_branch, of_head)}


def _branch(link: Link) -> tuple[str, str]:
    return link.repo, link.branch
