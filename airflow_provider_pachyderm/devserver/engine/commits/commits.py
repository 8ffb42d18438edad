"""Commits: how they are started, finished and described."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext

from airflow_provider_pachyderm.devserver.engine.branches.provenance import Provenance
from airflow_provider_pachyderm.devserver.engine.branches.rules import HEAD_ALWAYS
from airflow_provider_pachyderm.devserver.engine.branches.triggers import Triggers
from airflow_provider_pachyderm.devserver.engine.commits.aliases import Aliases
from airflow_provider_pachyderm.devserver.engine.commits.graph_v1 import CommitGraph
from airflow_provider_pachyderm.devserver.engine.commits.infos import CommitInfos
from airflow_provider_pachyderm.devserver.engine.commits.making import CommitMaker
from airflow_provider_pachyderm.devserver.engine.commits.names import check_branch_name, is_commit_id, split_ancestry
from airflow_provider_pachyderm.devserver.engine.commits.references import References
from airflow_provider_pachyderm.devserver.engine.commits.rules import (
    ANCESTRY_MARKS,
    COMMIT_FINISHED,
    COMMIT_NOT_FOUND,
    COMMITS_BY_BRANCH,
    COUNTING_FINISHED,
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
)
from airflow_provider_pachyderm.devserver.engine.commits.start_provenance import StartProvenance
from airflow_provider_pachyderm.devserver.engine.core import FINISHING, Core, Unit
from airflow_provider_pachyderm.devserver.engine.errors import refused
from airflow_provider_pachyderm.devserver.engine.model import BranchKey, CommitInfo, CommitKey, CommitRef, Origin
from airflow_provider_pachyderm.devserver.engine.repos.rules import SIZE_OF_ALL_COMMITS
from airflow_provider_pachyderm.devserver.engine.snapshots.snapshots import Snapshots
from airflow_provider_pachyderm.devserver.engine.store.lookups import Lookups
from airflow_provider_pachyderm.devserver.engine.store.rows import BranchRow, CommitRow


class Commits:
    """Commits from start to finish.

    :param graph: what commits know of those that are made from them (1.x).
    """

    def __init__(
        self,
        core: Core,
        lookups: Lookups,
        provenance: Provenance,
        snapshots: Snapshots,
        references: References,
        maker: CommitMaker,
        aliases: Aliases,
        triggers: Triggers,
        infos: CommitInfos,
        graph: CommitGraph | None,
    ) -> None:
        self._core = core
        self._store = core.store
        self._lookups = lookups
        self._provenance = provenance
        self._snapshots = snapshots
        self._references = references
        self._start_provenance = StartProvenance(core, lookups, provenance, references)
        self._maker = maker
        self._aliases = aliases
        self._triggers = triggers
        self._infos = infos
        self._graph = graph

    def resolve(self, ref: CommitRef) -> CommitRow:
        """The row of the commit that a request means; refused if there is none."""
        return self._references.resolve(ref)

    def find(self, ref: CommitRef) -> CommitRow | None:
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
            self._lookups.repo(branch.repo)
            parent_row = self._lookups.head(branch) if parent is None else self._parent(branch, parent)
            self._check_start(branch, parent_row)
            links = self._start_provenance.links(branch, provenance)
            row = self._maker.insert(unit, branch, parent_row, Origin.USER, description, commit_id)
            if self._graph is not None:
                self._graph.link(row, links)
            return self._lookups.commit_key(row)

    def _check_branch_name(self, name: str) -> None:
        with self._core.during(NAMING_BRANCH_OF_COMMIT) if is_commit_id(name) else nullcontext():
            check_branch_name(name, self._core.profile)

    def _parent(self, branch: BranchKey, parent: CommitRef) -> CommitRow:
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

    def _check_start(self, branch: BranchKey, parent: CommitRow | None) -> None:
        if self._core.profile[OUTPUT_CHECK_FIRST]:
            self.check_input(branch)
        self._check_parent(parent)
        self.check_input(branch)

    def check_input(self, branch: BranchKey) -> None:
        """Refuse output branches, on which only propagation makes commits."""
        if self._provenance.direct(branch):
            raise self._core.refusal(OUTPUT_BRANCH, branch=branch)

    def _check_parent(self, parent: CommitRow | None) -> None:
        if parent is not None and parent.finishing is None:
            raise self._core.refusal(PARENT_OPEN, parent=self._lookups.commit_key(parent))

    def give_head(self, unit: Unit, branch: BranchKey, branch_row: BranchRow) -> None:
        """In 2.x a branch that has no commit gets an empty one: finished, unless (up to 2.5) it has inputs."""
        if self._core.profile[HEAD_ALWAYS]:
            row = self._lookups.find_commit(CommitKey(branch.repo, unit.set_id, branch.name))
            self._maker.point(unit, branch_row, row or self._empty(unit, branch, branch_row))
            unit.touch(branch.repo)

    def _empty(self, unit: Unit, branch: BranchKey, branch_row: BranchRow) -> CommitRow:
        row = self._maker.add(unit, branch, branch_row, None, Origin.AUTO)
        if self._core.profile[COMMITS_BY_BRANCH] and self._provenance.direct(branch):
            self._aliases.record(row, branch)
            return row
        now = self._core.now()
        sql = "UPDATE commits SET finishing = ?, finished = ?, layer = '' WHERE num = ?"
        self._store.run(sql, now, now, row.num)
        return row

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
            if row.finishing is not None:
                raise self._core.refusal(FINISHED_TWICE, commit=self._lookups.commit_key(row))
            self._aliases.check_not_alias(row)
            if empty:
                self._store.run("DELETE FROM changes WHERE commit_num = ?", row.num)
                self._store.run("UPDATE commits SET base_layer = '' WHERE num = ?", row.num)
                row = self._lookups.commit(row.num)
            self.finish_row(unit, row, description, error, empty)

    def check_open(self, row: CommitRow) -> None:
        """Refuse a commit that takes no more changes."""
        if row.finishing is not None:
            raise self._core.refusal(COMMIT_FINISHED, commit=self._lookups.commit_key(row))

    def finish_row(
        self, unit: Unit, row: CommitRow, description: str = "", error: str = "", empty: bool = False
    ) -> None:
        """Finish an open commit, or hand it to the finisher where that happens in the background."""
        sql = "UPDATE commits SET finishing = ?, description = ?, error = ?, updated = ? WHERE num = ?"
        now = self._core.now()
        self._store.run(sql, now, description or row.description, error, now, row.num)
        unit.touch(self._lookups.repo_of(row.repo))
        if self._core.profile[FINISH_IN_BACKGROUND]:
            unit.touched.add(FINISHING)
            return
        with self._core.during(FOLDING_COMMIT):
            grown = self._snapshots.added_size(row) if self._core.profile[SIZE_OF_ALL_COMMITS] and not empty else 0
            size = self._snapshots.store(row)
        if empty:
            # children do not see this one, but what is before it
            sql = "UPDATE commits SET base_layer = NULL, error = 'empty' WHERE num = ?"
            self._store.run(sql, row.num)
        if self._graph is not None:
            with self._core.during(COUNTING_FINISHED):
                self._graph.count_finished(row, failed=empty)
        self._store.run("UPDATE commits SET finished = ?, size = ? WHERE num = ?", now, size, row.num)
        self._count_size(row, size, grown)
        self._triggers.fire(unit, self._lookups.commit(row.num))

    def branch_moved(self, unit: Unit, branch: BranchKey, head: CommitRow) -> None:
        """What follows in 1.x when a branch was given a head: the size of its repo, and triggers."""
        if branch.name == "master" and not self._core.profile[SIZE_OF_ALL_COMMITS]:
            self._store.run("UPDATE repos SET size = ? WHERE path = ?", head.size, branch.repo.path)
        if head.finished is not None:
            self._triggers.fire(unit, head)

    def _count_size(self, row: CommitRow, size: int, grown: int) -> None:
        """How large a repo of 1.x is: as all that its commits added, or as the head of its master."""
        if self._core.profile[SIZE_OF_ALL_COMMITS]:
            self._store.run("UPDATE repos SET size = size + ? WHERE num = ?", grown, row.repo)
            return
        sql = "SELECT 1 FROM branches WHERE repo = ? AND name = 'master' AND head = ?"
        if self._store.exists(sql, row.repo, row.num):
            self._store.run("UPDATE repos SET size = ? WHERE num = ?", size, row.repo)

    def clear(self, ref: CommitRef) -> None:
        """ClearCommit: forget what was written to an open commit."""
        with self._core.unit() as unit:
            row = self.resolve(ref)
            if row.finishing is not None:
                raise refused("cannot clear finished commit")
            unit.touch(ref.repo)
            self._store.run("DELETE FROM changes WHERE commit_num = ?", row.num)

    # ---- telling ------------------------------------------------------------------------

    def inspect(self, ref: CommitRef) -> CommitInfo:
        """InspectCommit without waiting."""
        with self._core.during(INSPECTING_COMMIT):
            return self._infos.info(self.resolve(ref))
