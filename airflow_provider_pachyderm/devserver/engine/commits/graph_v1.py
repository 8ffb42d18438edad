"""The graph of commits as 1.7 to 1.13 keep it: with ranges of those that are made from a commit written down.

What is written down is changed step by step, as the servers do it, and not made anew: moved heads and deleted commits
leave in it what they leave on a real server.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

from airflow_provider_pachyderm.devserver.engine.branches.provenance import parse_repo
from airflow_provider_pachyderm.devserver.engine.branches.provenance_rules import (
    COMMIT_NOT_WRITTEN_DOWN,
    SUBVENANCE_COUNTED,
    SUBVENANCE_KEPT,
)
from airflow_provider_pachyderm.devserver.engine.core import Core
from airflow_provider_pachyderm.devserver.engine.model import CommitKey
from airflow_provider_pachyderm.devserver.engine.store.lookups import Lookups
from airflow_provider_pachyderm.devserver.engine.store.rows import CommitRow, Link

Range = tuple[str, str, str]
"""Repo, as it is stored, and ids of the oldest and the newest commit of a range."""


class CommitGraph:
    """Commits by ranges of the commits that are made from them, and how many of those are finished."""

    def __init__(self, core: Core, lookups: Lookups) -> None:
        self._core = core
        self._store = core.store
        self._lookups = lookups

    def link(self, downstream: CommitRow, links: Iterable[Link]) -> None:
        """Write down what a new commit is made from, there and at each of those."""
        for link in links:
            self._lookups.add_provenance(downstream.num, link)
            source = self._lookups.commit_by_num(link.input)
            if source is not None and self._core.profile[SUBVENANCE_KEPT]:
                self._append(source, downstream)

    def _append(self, source: CommitRow, made: CommitRow) -> None:
        """Make the range longer that ends with the parent of a new commit, or begin another one."""
        ranges = self.ranges(source)
        parent = self._lookups.commit_by_num(made.parent)
        repo = self._lookups.repo_of(made.repo).path
        for index, (path, lower, upper) in enumerate(ranges):
            if parent is not None and upper == parent.id:
                ranges[index] = (path, lower, made.id)
                self.write_ranges(source.num, ranges)
                return
        self.write_ranges(source.num, [*ranges, (repo, made.id, made.id)])
        self._store.run("UPDATE commits SET downstream_total = downstream_total + 1 WHERE num = ?", source.num)

    def ranges(self, row: CommitRow) -> list[Range]:
        """What is written down of a commit."""
        return [(repo, lower, upper) for repo, lower, upper in json.loads(row.downstream)]

    def write_ranges(self, num: int, ranges: list[Range]) -> None:
        """Replace the ranges of a commit."""
        self._store.run("UPDATE commits SET downstream = ? WHERE num = ?", json.dumps(ranges), num)

    def upper_ends(self, row: CommitRow) -> dict[tuple[str, str], None]:
        """Repo and id of the newest commit of each range."""
        return {(repo, upper): None for repo, _, upper in self.ranges(row)}

    def find(self, repo: str, id: str) -> CommitRow | None:
        """The row of a commit in a range, or None."""
        return self._lookups.find_commit(CommitKey(parse_repo(repo), id))

    def count_finished(self, row: CommitRow, failed: bool) -> None:
        """A commit was finished: count it at all that it is made from, which have to be there."""
        if not self._core.profile[SUBVENANCE_COUNTED]:
            return
        column = "downstream_failed" if failed else "downstream_finished"
        for link in self._lookups.provenance(row.num):
            if self._lookups.commit_by_num(link.input) is None:
                raise self._core.refusal(COMMIT_NOT_WRITTEN_DOWN, commit=CommitKey(parse_repo(link.repo), link.id))
            self._store.run(f"UPDATE commits SET {column} = {column} + 1 WHERE num = ?", link.input)
