"""Commits: how they are started and finished, and what is told about them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import nullcontext
from typing import Any

from airflow_provider_pachyderm.devserver.engine.branches.provenance import Provenance, parse_repo
from airflow_provider_pachyderm.devserver.engine.branches.provenance_rules import (
    INPUTS_OUTLIVE_REPO,
    PROVENANCE_OUTLIVES,
)
from airflow_provider_pachyderm.devserver.engine.branches.rules import HEAD_ALWAYS
from airflow_provider_pachyderm.devserver.engine.branches.triggers import Triggers
from airflow_provider_pachyderm.devserver.engine.commits.aliases import Aliases
from airflow_provider_pachyderm.devserver.engine.commits.graph_v1 import CommitGraph
from airflow_provider_pachyderm.devserver.engine.commits.names import check_branch_name, is_commit_id, split_ancestry
from airflow_provider_pachyderm.devserver.engine.commits.references import References
from airflow_provider_pachyderm.devserver.engine.commits.rules import (
    ANCESTRY_MARKS,
    COMMIT_FINISHED,
    COMMIT_NOT_FOUND,
    COMMIT_TAKEN,
    COMMITS_BY_BRANCH,
    COUNTING_FINISHED,
    DETAILS,
    FINISH_IN_BACKGROUND,
    FINISHED_TWICE,
    FINISHING_COMMIT,
    FOLDING_COMMIT,
    INSPECTING_COMMIT,
    NAMING_BRANCH_OF_COMMIT,
    OUTPUT_BRANCH,
    OUTPUT_CHECK_FIRST,
    OWN_BRANCH_IS_MOVED,
    PARENT_OPEN,
    RESOLVING_PARENT,
    SHARED_IDS,
)
from airflow_provider_pachyderm.devserver.engine.commits.start_provenance import GivenProvenance
from airflow_provider_pachyderm.devserver.engine.core import FINISHING, Core, Unit
from airflow_provider_pachyderm.devserver.engine.errors import EngineError, refused
from airflow_provider_pachyderm.devserver.engine.model import (
    BranchKey,
    CommitInfo,
    CommitKey,
    CommitLink,
    CommitRef,
    Origin,
)
from airflow_provider_pachyderm.devserver.engine.repos.rules import SIZE_OF_ALL_COMMITS
from airflow_provider_pachyderm.devserver.engine.store.lookups import Rows


class Commits:
    """Commits from start to finish.

    :param freeze: makes the snapshot of an open commit: size of all its files, refusing path collisions.
    :param grown: bytes of files that an open commit adds or changes.
    :param graph: what commits know of those that are made from them (1.x).
    """

    def __init__(
        self,
        core: Core,
        rows: Rows,
        provenance: Provenance,
        freeze: Callable[[Any], int],
        grown: Callable[[Any], int],
        graph: CommitGraph | None,
    ) -> None:
        self._core = core
        self._store = core.store
        self._rows = rows
        self._provenance = provenance
        self._references = References(core, rows)
        self._freeze = freeze
        self._grown = grown
        self._graph = graph
        self._given = GivenProvenance(core, rows, provenance, self.resolve)
        self.aliases = Aliases(core, rows, provenance, self.insert, self.point)
        self.triggers = Triggers(core, rows, self.point, self.aliases.make)

    def resolve(self, ref: CommitRef) -> Any:
        """The row of the commit that a request means; refused if there is none."""
        return self._references.resolve(ref)

    def find_any(self, ref: CommitRef) -> Any:
        """The row of the commit that a request means, or None."""
        try:
            return self.resolve(ref)
        except EngineError:
            return None

    def find(self, ref: CommitRef) -> Any:
        """The row of the commit whose id a request names, or None."""
        return self._references.find(ref, ref.id)

    # ---- making -------------------------------------------------------------------------

    def start(
        self,
        branch: BranchKey,
        parent: CommitRef | None = None,
        description: str = "",
        commit_id: str = "",
        provenance: Sequence[CommitRef] = (),
    ) -> CommitKey:
        """StartCommit.

        :param branch: made if it does not exist; an empty name makes a commit on no branch (1.x).
        :param parent: None means the head of the branch.
        :param commit_id: the id to use, for a transaction that is run again.
        :param provenance: commits that it is made from (1.x).
        """
        with self._core.unit() as unit:
            if branch.name:
                self._check_branch_name(branch.name)
            self._rows.repo(branch.repo)
            parent_row = self._parent(branch, parent)
            existing = self._rows.find_branch(branch)
            if existing is not None and parent is None:
                parent_row = self._rows.commit_by_num(existing["head"])
            self._check_start(branch, parent_row)
            links = self._given.links(branch, provenance)
            row = self.insert(unit, branch, parent_row, Origin.USER, description, commit_id)
            if self._graph is not None:
                self._graph.link(row, links)
            return self._rows.commit_key(row)

    def _check_branch_name(self, name: str) -> None:
        with self._core.during(NAMING_BRANCH_OF_COMMIT) if is_commit_id(name) else nullcontext():
            check_branch_name(name, self._core.profile)

    def _parent(self, branch: BranchKey, parent: CommitRef | None) -> Any:
        if parent is None:
            return None
        with self._core.during(RESOLVING_PARENT):
            if self._core.profile[OWN_BRANCH_IS_MOVED] and self._asked_by(parent) == branch:
                # which the branch is already at
                self.check_input(branch)
                raise self._core.refusal(COMMIT_NOT_FOUND, commit=CommitKey(parent.repo, parent.id, branch.name))
            return self.resolve(parent)

    def _asked_by(self, ref: CommitRef) -> BranchKey:
        """The branch that a reference begins with, if it begins with one."""
        name = split_ancestry(ref.id, self._core.profile[ANCESTRY_MARKS], strict=False)[0]
        return BranchKey(ref.repo, name or ref.branch)

    def _check_start(self, branch: BranchKey, parent: Any) -> None:
        if self._core.profile[OUTPUT_CHECK_FIRST]:
            self.check_input(branch)
        self._check_parent(parent)
        self.check_input(branch)

    def check_input(self, branch: BranchKey) -> None:
        """Refuse output branches, on which only propagation makes commits."""
        if self._provenance.direct(branch):
            raise self._core.refusal(OUTPUT_BRANCH, branch=branch)

    def _check_parent(self, parent: Any) -> None:
        if parent is not None and parent["finishing"] is None:
            raise self._core.refusal(PARENT_OPEN, parent=self._rows.commit_key(parent))

    def insert(
        self,
        unit: Unit,
        branch: BranchKey,
        parent: Any = None,
        origin: Origin = Origin.USER,
        description: str = "",
        commit_id: str = "",
    ) -> Any:
        """Add an open commit and make it the head of its branch."""
        branch_row = self.ensure_branch(unit, branch) if branch.name else None
        row = self._add(unit, branch, branch_row, parent, origin, description, commit_id)
        if branch_row is not None:
            self.point(unit, branch_row, row)
        unit.touch(branch.repo)
        return row

    def _add(
        self, unit: Unit, branch: BranchKey, branch_row: Any, parent: Any, origin: Origin, description: str, wanted: str
    ) -> Any:
        id = unit.set_id if self._core.profile[SHARED_IDS] else wanted or self._core.new_id()
        repo = self._rows.repo(branch.repo)["num"]
        if self._rows.find_commit(CommitKey(branch.repo, id, branch.name)) is not None:
            raise self._core.refusal(COMMIT_TAKEN, branch=branch)
        # a commit on no branch (1.x) passes for one of its parent's branch
        name = branch.name or (parent["branch_name"] if parent is not None else "")
        now = self._core.now()
        num = self._store.run(
            "INSERT INTO commits (id, repo, branch, branch_name, parent, origin, description, started, created, "
            "updated) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            id, repo, branch_row and branch_row["num"], name, parent and parent["num"],
            origin.value, description, now, now, now,
        )  # fmt: skip
        return self._rows.commit_by_num(num)

    def ensure_branch(self, unit: Unit, branch: BranchKey) -> Any:
        """The branch's row; the branch is made if needed, without a head."""
        row = self._rows.find_branch(branch)
        if row is None:
            repo = self._rows.repo(branch.repo)["num"]
            now = unit.began if self._graph is not None else self._core.now()
            sql = "INSERT INTO branches (repo, name, path, created, updated) VALUES (?, ?, ?, ?, ?)"
            self._store.run(sql, repo, branch.name, branch.path, now, now)
            row = self._rows.find_branch(branch)
        unit.touch(branch.repo)
        return row

    def point(self, unit: Unit, branch_row: Any, commit: Any) -> None:
        """Move a branch to a commit (None: nowhere); what is downstream follows at the end of the unit."""
        num = commit["num"] if commit is not None else None
        if branch_row["head"] != num:
            sql = "UPDATE branches SET head = ?, updated = ? WHERE num = ?"
            self._store.run(sql, num, self._core.now(), branch_row["num"])
            unit.moved[branch_row["num"]] = None

    def give_head(self, unit: Unit, branch: BranchKey, branch_row: Any) -> None:
        """In 2.x a branch that has no commit gets an empty one: finished, unless (up to 2.5) it has inputs."""
        if self._core.profile[HEAD_ALWAYS]:
            row = self._rows.find_commit(CommitKey(branch.repo, unit.set_id, branch.name))
            self.point(unit, branch_row, row or self._empty(unit, branch, branch_row))
            unit.touch(branch.repo)

    def _empty(self, unit: Unit, branch: BranchKey, branch_row: Any) -> Any:
        row = self._add(unit, branch, branch_row, None, Origin.AUTO, "", "")
        if self._core.profile[COMMITS_BY_BRANCH] and self._provenance.direct(branch):
            self.aliases.record(row, branch)
            return row
        now = self._core.now()
        sql = "UPDATE commits SET finishing = ?, finished = ?, layer = '' WHERE num = ?"
        self._store.run(sql, now, now, row["num"])
        return row

    def make_output(self, unit: Unit, branch: BranchKey, parent: Any) -> Any:
        """An open commit that is made from the heads of the branch's inputs."""
        made = self.insert(unit, branch, parent=parent, origin=Origin.AUTO)
        for link in self._provenance.heads(branch).values():
            self._store.run(
                "INSERT INTO commit_provenance (downstream, input, repo, branch_name, id) VALUES (?, ?, ?, ?, ?)",
                made["num"], *link,
            )  # fmt: skip
        return made

    # ---- ending -------------------------------------------------------------------------

    def finish(self, ref: CommitRef, description: str = "", error: str = "", empty: bool = False) -> None:
        """FinishCommit.

        :param description: replaces the one given at the start, unless empty.
        :param error: finish it as failed (2.x); its files are not inherited.
        :param empty: without any files, not even those of its parent (1.x).
        """
        with self._core.unit() as unit:
            with self._core.during(FINISHING_COMMIT):
                row = self.resolve(ref)
            if row["finishing"] is not None:
                raise self._core.refusal(FINISHED_TWICE, commit=self._rows.commit_key(row))
            self.aliases.check_not_alias(row)
            if empty:
                self._store.run("DELETE FROM changes WHERE commit_num = ?", row["num"])
                self._store.run("UPDATE commits SET base_layer = '' WHERE num = ?", row["num"])
                row = self._rows.commit_by_num(row["num"])
            self.finish_row(unit, row, description, error, empty)

    def check_open(self, row: Any) -> None:
        """Refuse a commit that takes no more changes."""
        if row["finishing"] is not None:
            raise self._core.refusal(COMMIT_FINISHED, commit=self._rows.commit_key(row))

    def finish_row(self, unit: Unit, row: Any, description: str = "", error: str = "", empty: bool = False) -> None:
        """Finish an open commit, or hand it to the finisher where that happens in the background."""
        sql = "UPDATE commits SET finishing = ?, description = ?, error = ?, updated = ? WHERE num = ?"
        now = self._core.now()
        self._store.run(sql, now, description or row["description"], error, now, row["num"])
        unit.touch(self._rows.repo_of(row["repo"]))
        if self._core.profile[FINISH_IN_BACKGROUND]:
            unit.touched.add(FINISHING)
            return
        with self._core.during(FOLDING_COMMIT):
            grown = self._grown(row) if self._core.profile[SIZE_OF_ALL_COMMITS] and not empty else 0
            size = self._freeze(row)
        if empty:
            # children do not see this one, but what is before it
            sql = "UPDATE commits SET base_layer = NULL, error = 'empty' WHERE num = ?"
            self._store.run(sql, row["num"])
        if self._graph is not None:
            with self._core.during(COUNTING_FINISHED):
                self._graph.count_finished(row, failed=empty)
        self._store.run("UPDATE commits SET finished = ?, size = ? WHERE num = ?", now, size, row["num"])
        self._count_size(row, size, grown)
        self.triggers.fire(unit, self._rows.commit_by_num(row["num"]))

    def branch_moved(self, unit: Unit, branch: BranchKey, head: Any) -> None:
        """What follows in 1.x when a branch was given a head: the size of its repo, and triggers."""
        if branch.name == "master" and not self._core.profile[SIZE_OF_ALL_COMMITS]:
            self._store.run("UPDATE repos SET size = ? WHERE path = ?", head["size"], branch.repo.path)
        if head["finished"] is not None:
            self.triggers.fire(unit, head)

    def _count_size(self, row: Any, size: int, grown: int) -> None:
        """How large a repo of 1.x is: as all that its commits added, or as the head of its master."""
        if self._core.profile[SIZE_OF_ALL_COMMITS]:
            self._store.run("UPDATE repos SET size = size + ? WHERE num = ?", grown, row["repo"])
            return
        sql = "SELECT 1 FROM branches WHERE repo = ? AND name = 'master' AND head = ?"
        if self._store.one(sql, row["repo"], row["num"]):
            self._store.run("UPDATE repos SET size = ? WHERE num = ?", size, row["repo"])

    def clear(self, ref: CommitRef) -> None:
        """ClearCommit: forget what was written to an open commit."""
        with self._core.unit() as unit:
            row = self.resolve(ref)
            if row["finishing"] is not None:
                raise refused("cannot clear finished commit")
            unit.touch(ref.repo)
            self._store.run("DELETE FROM changes WHERE commit_num = ?", row["num"])

    # ---- telling ------------------------------------------------------------------------

    def inspect(self, ref: CommitRef) -> CommitInfo:
        """InspectCommit without waiting."""
        with self._core.during(INSPECTING_COMMIT):
            return self.info(self.resolve(ref))

    def info(self, row: Any) -> CommitInfo:
        """All that is known about a commit."""
        num = row["num"]
        parent = self._rows.commit_by_num(row["parent"])
        children = self._store.all("SELECT * FROM commits WHERE parent = ? ORDER BY num", num)
        return CommitInfo(
            num=num,
            key=self._rows.commit_key(row),
            branch=self._rows.branch_name(row),
            parent=None if parent is None else self._rows.commit_key(parent),
            children=tuple(self._link(child) for child in children),
            origin=Origin(row["origin"]),
            description=row["description"],
            started=row["started"],
            finishing=row["finishing"],
            finished=row["finished"],
            error=row["error"],
            size=row["size"],
            validated=bool(row["validated"]),
            detailed=self._is_detailed(row),
            created=row["created"],
            updated=row["updated"],
            provenance=tuple(self._provenance_of(num)),
            subvenance=() if self._graph is not None else tuple(self._subvenance_of(num)),
            ranges=() if self._graph is None else tuple(self._graph.ranges(row)),
            counted=(row["downstream_total"], row["downstream_finished"], row["downstream_failed"]),
        )

    def _is_detailed(self, row: Any) -> bool:
        rule = self._core.profile[DETAILS]
        if rule == "always" or row["finished"] is not None:
            return rule == "always" or not _failed(row)
        return rule == "started" and row["origin"] == Origin.USER.value

    def _link(self, row: Any) -> CommitLink:
        return CommitLink(self._rows.commit_key(row), self._rows.branch_name(row))

    def _provenance_of(self, num: int) -> Iterable[CommitLink]:
        for row in self._store.all("SELECT * FROM commit_provenance WHERE downstream = ? ORDER BY num", num):
            if self._core.profile[PROVENANCE_OUTLIVES] or self._core.profile[COMMITS_BY_BRANCH]:
                yield CommitLink(CommitKey(parse_repo(row["repo"]), row["id"]), row["branch_name"])
            elif row["input"] is None and self._core.profile[INPUTS_OUTLIVE_REPO]:
                yield CommitLink(CommitKey(parse_repo(row["repo"]), row["id"], row["branch_name"]), row["branch_name"])
            elif row["input"] is not None:
                yield self._link(self._rows.commit_by_num(row["input"]))

    def _subvenance_of(self, num: int) -> Iterable[CommitLink]:
        rows = self._store.all(
            "SELECT c.* FROM commit_provenance p JOIN commits c ON c.num = p.downstream "
            "WHERE p.input = ? ORDER BY c.num",
            num,
        )
        return (self._link(row) for row in rows)


def _failed(row: Any) -> bool:
    """Whether a commit was finished with an error, so that nothing was looked at."""
    return bool(row["error"]) and not row["validated"]
