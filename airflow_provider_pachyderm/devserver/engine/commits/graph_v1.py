"""The graph of branches and commits as 1.7 to 1.13 keep it: with all that is upstream and downstream written down.

What is written down is changed step by step, as the servers do it, and not made anew: deleted branches, moved heads and
loops by way of other branches leave in it what they leave on a real server.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from airflow_provider_pachyderm.devserver.engine.branches.provenance import Provenance, parse_repo
from airflow_provider_pachyderm.devserver.engine.branches.provenance_rules import (
    BRANCH_LOOP,
    BRANCH_OF_ITSELF,
    COMMIT_NOT_WRITTEN_DOWN,
    HEADS_BRING_PROVENANCE,
    OWN_PROVENANCE_IS_NAMED,
    SUBVENANCE_COUNTED,
    SUBVENANCE_KEPT,
)
from airflow_provider_pachyderm.devserver.engine.commits.rules import COMMIT_NOT_FOUND
from airflow_provider_pachyderm.devserver.engine.core import Core, Unit
from airflow_provider_pachyderm.devserver.engine.errors import refused
from airflow_provider_pachyderm.devserver.engine.model import BranchKey, CommitKey, Origin
from airflow_provider_pachyderm.devserver.engine.store.lookups import Rows

Link = tuple[int | None, str, str, str]
"""A row of commit_provenance without the commit it is about: the input, its repo, branch and id."""

Range = tuple[str, str, str]
"""Repo, as it is stored, and ids of the oldest and the newest commit of a range."""


@dataclass
class _Branch:
    """What is written down about a branch that is being changed; others may change it meanwhile, which is lost then."""

    key: BranchKey
    direct: list[BranchKey]
    upstream: list[BranchKey]
    downstream: list[BranchKey]


class BranchGraph(Provenance):
    """Branches by the branches they are made from, and by those that are made from them."""

    def __init__(self, core: Core, rows: Rows) -> None:
        super().__init__(core, rows)

    def upstream(self, branch: BranchKey) -> list[BranchKey]:
        """All that a branch was made from when it was last changed, in order of their names."""
        row = self._rows.find_branch(branch)
        return [] if row is None else _load(row["upstream"])

    def downstream(self, branch: BranchKey) -> list[BranchKey]:
        """All that is made from a branch and not deleted, in order of their names."""
        row = self._rows.find_branch(branch)
        return [] if row is None else _load(row["downstream"])

    def direct_users(self, branch: BranchKey) -> list[BranchKey]:
        """Branches that keep it from being deleted: all that are made from it."""
        return self.downstream(branch)

    def rewire(
        self, branch: BranchKey, inputs: Iterable[BranchKey], ensure: Callable[[BranchKey], None]
    ) -> list[BranchKey]:
        """Set what a branch is made from, and what follows for those that are made from it.

        :param ensure: makes a branch if it is not there.
        :returns: the branches that were looked at.
        """
        direct = sorted(dict.fromkeys(inputs), key=_order)
        if branch in direct and self._core.profile[OWN_PROVENANCE_IS_NAMED]:
            raise self._core.refusal(BRANCH_OF_ITSELF, branch=branch)
        self.replace(branch, direct)
        changed = [self._loaded(key) for key in (branch, *self.downstream(branch))]
        for one in sorted(changed, key=lambda one: len(one.upstream)):
            self._rewire_one(one, ensure)
        return [one.key for one in changed]

    def _loaded(self, key: BranchKey) -> _Branch:
        self._rows.branch(key)
        return _Branch(key, self.direct(key), self.upstream(key), self.downstream(key))

    def _rewire_one(self, one: _Branch, ensure: Callable[[BranchKey], None]) -> None:
        before, one.upstream = one.upstream, []
        for source in one.direct:
            self._add(one, source, ensure)
            for above in self.upstream(source):
                self._add(one, above, ensure)
        self._write(one.key, "upstream", one.upstream)
        self._write(one.key, "downstream", one.downstream)
        for gone in before:
            if gone not in one.upstream:
                self._drop_downstream(gone, one.key)

    def _add(self, one: _Branch, source: BranchKey, ensure: Callable[[BranchKey], None]) -> None:
        if source == one.key:
            raise self._core.refusal(BRANCH_LOOP, branch=one.key, through=source)
        one.upstream = sorted({*one.upstream, source}, key=_order)
        ensure(source)
        self._write(source, "downstream", sorted({*self.downstream(source), one.key}, key=_order))

    def _drop_downstream(self, branch: BranchKey, gone: BranchKey) -> None:
        if self._rows.find_branch(branch) is not None:
            self._write(branch, "downstream", [key for key in self.downstream(branch) if key != gone])

    def _write(self, branch: BranchKey, column: str, keys: Iterable[BranchKey]) -> None:
        text = json.dumps([[key.repo.path, key.name] for key in keys])
        self._store.run(f"UPDATE branches SET {column} = ? WHERE path = ?", text, branch.path)

    def forget(self, branch: BranchKey) -> None:
        """A branch is being deleted: what it is made from does not lead to it any more; what is made from it does."""
        for source in self.upstream(branch):
            self._drop_downstream(source, branch)


def _load(text: str) -> list[BranchKey]:
    return [BranchKey(parse_repo(repo), name) for repo, name in json.loads(text)]


def _order(key: BranchKey) -> str:
    return f"{key.repo.name}/{key.name}"


class CommitGraph:
    """Commits by ranges of the commits that are made from them, and how many of those are finished."""

    def __init__(self, core: Core, rows: Rows) -> None:
        self._core = core
        self._store = core.store
        self._rows = rows

    def link(self, downstream: Any, links: Iterable[Link]) -> None:
        """Write down what a new commit is made from, there and at each of those."""
        for link in links:
            sql = "INSERT INTO commit_provenance (downstream, input, repo, branch_name, id) VALUES (?, ?, ?, ?, ?)"
            self._store.run(sql, downstream["num"], *link)
            source = self._rows.commit_by_num(link[0])
            if source is not None and self._core.profile[SUBVENANCE_KEPT]:
                self._append(source, downstream)

    def _append(self, source: Any, made: Any) -> None:
        """Make the range longer that ends with the parent of a new commit, or begin another one."""
        ranges = self.ranges(source)
        parent = self._rows.commit_by_num(made["parent"])
        repo = self._rows.repo_of(made["repo"]).path
        for index, (path, lower, upper) in enumerate(ranges):
            if parent is not None and upper == parent["id"]:
                ranges[index] = (path, lower, made["id"])
                self.write_ranges(source["num"], ranges)
                return
        self.write_ranges(source["num"], [*ranges, (repo, made["id"], made["id"])])
        self._store.run("UPDATE commits SET downstream_total = downstream_total + 1 WHERE num = ?", source["num"])

    def ranges(self, row: Any) -> list[Range]:
        """What is written down of a commit."""
        return [(repo, lower, upper) for repo, lower, upper in json.loads(row["downstream"])]

    def write_ranges(self, num: int, ranges: list[Range]) -> None:
        """Replace the ranges of a commit."""
        self._store.run("UPDATE commits SET downstream = ? WHERE num = ?", json.dumps(ranges), num)

    def upper_ends(self, row: Any) -> dict[tuple[str, str], None]:
        """Repo and id of the newest commit of each range."""
        return {(repo, upper): None for repo, _, upper in self.ranges(row)}

    def find(self, repo: str, id: str) -> Any:
        """The row of a commit in a range, or None."""
        return self._rows.find_commit(CommitKey(parse_repo(repo), id))

    def count_finished(self, row: Any, failed: bool) -> None:
        """A commit was finished: count it at all that it is made from, which have to be there."""
        if not self._core.profile[SUBVENANCE_COUNTED]:
            return
        column = "downstream_failed" if failed else "downstream_finished"
        for link in self._store.all("SELECT * FROM commit_provenance WHERE downstream = ?", row["num"]):
            if self._rows.commit_by_num(link["input"]) is None:
                raise self._core.refusal(
                    COMMIT_NOT_WRITTEN_DOWN, commit=CommitKey(parse_repo(link["repo"]), link["id"])
                )
            self._store.run(f"UPDATE commits SET {column} = {column} + 1 WHERE num = ?", link["input"])


class PropagationV1:
    """At the end of a unit of work, gives output branches the commits that follow from moved heads."""

    def __init__(
        self, core: Core, rows: Rows, branches: BranchGraph, commits: CommitGraph, insert: Callable[..., Any]
    ) -> None:
        self._core = core
        self._store = core.store
        self._rows = rows
        self._branches = branches
        self._commits = commits
        self._insert = insert
        core.before_commit.append(self.run)

    def run(self, unit: Unit) -> None:
        """Make the commits that a unit of work calls for."""
        rows = (self._rows.branch_by_num(num) for num in unit.moved)
        moved = [self._rows.branch_key(row) for row in rows if row is not None]
        affected = dict.fromkeys(one for key in moved for one in (key, *self._branches.downstream(key)))
        for key in sorted(affected, key=lambda key: len(self._branches.upstream(key))):
            self._follow(unit, key)

    def _follow(self, unit: Unit, branch: BranchKey) -> None:
        row = self._rows.branch(branch)
        links = self._links(branch)
        head = self._rows.commit_by_num(row["head"])
        if not links or (head is not None and self._follows_already(head, links)):
            return
        made = self._insert(unit, branch, parent=head, origin=Origin.AUTO)
        self._commits.link(made, links.values())

    def _links(self, branch: BranchKey) -> dict[tuple[str, str], Link]:
        """What a new commit of a branch is made from, by id and name of the branch."""
        found: dict[tuple[str, str], Link] = {}
        for key in self._branches.upstream(branch):
            row = self._rows.find_branch(key)
            head = self._rows.commit_by_num(row["head"]) if row is not None else None
            if head is None:
                continue
            found[self._key(head["id"], key.name)] = (head["num"], key.repo.path, key.name, head["id"])
            for link in self._above(head["num"]) if self._core.profile[HEADS_BRING_PROVENANCE] else ():
                found[self._key(link[3], link[2])] = link
        return found

    def _key(self, id: str, branch: str) -> tuple[str, str]:
        return id, branch if self._core.profile[HEADS_BRING_PROVENANCE] else ""

    def _above(self, num: int) -> list[Link]:
        rows = self._store.all("SELECT * FROM commit_provenance WHERE downstream = ? ORDER BY num", num)
        for row in rows:
            if row["input"] is None:
                name = f"{parse_repo(row['repo']).name}@{row['id']} ({row['branch_name']})"
                missing = self._core.refusal(COMMIT_NOT_FOUND, commit=CommitKey(parse_repo(row["repo"]), row["id"]))
                raise refused(f"could not resolve provenant commit {name}: {missing.text}")
        return [(row["input"], row["repo"], row["branch_name"], row["id"]) for row in rows]

    def _follows_already(self, head: Any, links: dict[tuple[str, str], Link]) -> bool:
        """Whether the head is made from all that, and perhaps from more."""
        rows = self._store.all("SELECT * FROM commit_provenance WHERE downstream = ?", head["num"])
        known = {self._key(row["id"], row["branch_name"]) for row in rows}
        return all(key in known or (key[0], "") in known for key in links)
