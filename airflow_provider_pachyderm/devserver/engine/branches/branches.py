"""Branches: names for commits, and what they are made from."""

from __future__ import annotations

import builtins
from collections.abc import Collection, Iterable, Sequence
from contextlib import nullcontext

from airflow_provider_pachyderm.devserver.engine.branches.graph_v1 import BranchGraph
from airflow_provider_pachyderm.devserver.engine.branches.provenance import Provenance, parse_repo
from airflow_provider_pachyderm.devserver.engine.branches.provenance_rules import (
    BRANCH_LOOP,
    BRANCH_OF_ITSELF,
    CIRCLES_REFUSED,
    HEAD_CLEARS_PROVENANCE,
    HEAD_MOVES_INPUTS,
)
from airflow_provider_pachyderm.devserver.engine.branches.rules import (
    BRANCH_IN_USE,
    BRANCH_IS_FOLLOWED,
    BRANCH_LIST_NEEDS_REPO,
    BRANCH_ORDER,
    BRANCH_TO_DELETE_NOT_FOUND,
    BRANCH_TO_DELETE_NOT_FOUND_NOR_REPO,
    BRANCH_TO_INSPECT_NOT_FOUND,
    BRANCH_TO_INSPECT_NOT_FOUND_NOR_REPO,
    BRANCHES_LISTED_BY_PROVENANCE,
    CREATING_INPUT_BRANCH,
    DELETE_MISSING_BRANCH_FAILS,
    DELETING_BRANCH_OF_REPO,
    GIVEN_HEADS_GET_OUTPUT,
    HEAD_BEFORE_REPO,
    HEAD_OF_OWN_REPO,
    INSPECTING_BRANCH,
    NAMING_CREATED_BRANCH,
    RESOLVING_HEAD,
)
from airflow_provider_pachyderm.devserver.engine.branches.trigger_rules import TRIGGERS_HOLD
from airflow_provider_pachyderm.devserver.engine.branches.triggers import Triggers
from airflow_provider_pachyderm.devserver.engine.commits.aliases import Aliases
from airflow_provider_pachyderm.devserver.engine.commits.commits import Commits
from airflow_provider_pachyderm.devserver.engine.commits.making import CommitMaker
from airflow_provider_pachyderm.devserver.engine.commits.names import check_branch_name, is_commit_id
from airflow_provider_pachyderm.devserver.engine.commits.rules import COMMITS_BY_BRANCH
from airflow_provider_pachyderm.devserver.engine.core import Core, Unit
from airflow_provider_pachyderm.devserver.engine.errors import EngineError, refused
from airflow_provider_pachyderm.devserver.engine.model import (
    BranchInfo,
    BranchKey,
    CommitKey,
    CommitRef,
    RepoKey,
    Trigger,
)
from airflow_provider_pachyderm.devserver.engine.repos.rules import REPO_TO_BRANCH_NOT_FOUND
from airflow_provider_pachyderm.devserver.engine.store.lookups import Lookups
from airflow_provider_pachyderm.devserver.engine.store.rows import BranchRow, CommitRow, ProvenanceRow


class Branches:
    """Branches."""

    def __init__(
        self,
        core: Core,
        lookups: Lookups,
        provenance: Provenance,
        commits: Commits,
        maker: CommitMaker,
        aliases: Aliases,
        triggers: Triggers,
    ) -> None:
        self._core = core
        self._store = core.store
        self._lookups = lookups
        self._provenance = provenance
        self._commits = commits
        self._maker = maker
        self._aliases = aliases
        self._triggers = triggers

    def create(
        self,
        branch: BranchKey,
        head: CommitRef | None = None,
        provenance: Sequence[BranchKey] = (),
        new_set: bool = False,
        trigger: Trigger | None = None,
    ) -> None:
        """CreateBranch: make, move or rewire a branch.

        :param head: where it points. None: in 2.x an existing branch keeps its head and a new one gets an empty
            commit; in 1.x it has none.
        :param provenance: branches it is made from; they are made if they do not exist.
        :param new_set: do not add the commits that this makes to the set of the head (up to 2.5).
        :param trigger: what moves it; None leaves what there is.
        """
        if head is not None and head.repo.name != branch.repo.name and self._core.profile[HEAD_OF_OWN_REPO]:
            raise refused("branch and head commit must belong to the same repo")
        inputs = list(dict.fromkeys(provenance))
        if trigger is not None and self._core.profile.world == "v2":
            self._check_trigger(branch, trigger, inputs)
        with self._core.unit("" if new_set else self._set_of(head)) as unit:
            with self._core.during(NAMING_CREATED_BRANCH) if is_commit_id(branch.name) else nullcontext():
                check_branch_name(branch.name, self._core.profile)
            if self._core.profile[HEAD_BEFORE_REPO]:
                self._head_if_any(head)
            self._check_repo(branch.repo, unit)
            if isinstance(self._provenance, BranchGraph):
                self._create_in_graph(unit, self._provenance, branch, head, inputs, trigger)
                return
            if self._core.profile[COMMITS_BY_BRANCH]:
                target = self._head_row(head)
                self._check_graph(branch, inputs)
                for key in inputs:
                    self._ensure_input(unit, key)
                self._apply_with_aliases(unit, branch, target, inputs)
            else:
                for key in inputs:
                    check_branch_name(key.name, self._core.profile)
                for key in inputs:
                    self._ensure_input(unit, key)
                target = self._head_row(head)
                self._check_graph(branch, inputs)
                self._apply(unit, branch, target, inputs)
            if trigger is not None:
                self._triggers.set(unit, branch, trigger)

    def _create_in_graph(
        self,
        unit: Unit,
        graph: BranchGraph,
        branch: BranchKey,
        head: CommitRef | None,
        inputs: list[BranchKey],
        trigger: Trigger | None,
    ) -> None:
        """1.x: a branch without a head loses the one that it had."""
        if trigger is not None:
            self._triggers.check(branch, trigger)
        together = bool(inputs) and head is not None and (head.repo, head.id) != (branch.repo, branch.name)
        if together and head is not None:
            self._check_head_with_inputs(branch, head, inputs)
        target = self._head_if_any(head)
        row = self._maker.ensure_branch(unit, branch)
        self._maker.point(unit, row, target)
        changed = graph.rewire(branch, inputs, lambda key: self._ensure_input(unit, key))
        if together and target is not None and self._core.profile[HEAD_MOVES_INPUTS]:
            self._move_to_provenance(unit, target, changed)
        unit.moved[row.num] = None
        if trigger is not None:
            self._triggers.set(unit, branch, trigger)
        if target is not None:
            self._commits.branch_moved(unit, branch, target)

    def _head_if_any(self, head: CommitRef | None) -> CommitRow | None:
        """The commit that a head means; a branch without one means none."""
        named = self._lookups.find_branch(BranchKey(head.repo, head.id)) if head is not None else None
        return None if named is not None and named.head is None else self._head_row(head)

    def _check_head_with_inputs(self, branch: BranchKey, head: CommitRef, inputs: Sequence[BranchKey]) -> None:
        """A head that was made from other commits than the inputs are at cannot be given with them."""
        if self._core.profile[HEAD_CLEARS_PROVENANCE]:
            name = f'"{branch.name}" at target commit "{head.repo.name}/{head.id}"'
            raise refused(f"cannot point branch {name} without clearing its provenance")
        for link in self._lookups.provenance(self._commits.resolve(head).num):
            source = _branch_of(link)
            at = self._lookups.head(source)
            is_there = source in inputs and self._lookups.find_branch(source) is not None
            if is_there and (at is None or at.id != link.id):
                repo = source.repo.name
                raise refused(
                    f'cannot create branch "{branch.name}" with commit "{head.id}" as head because commit has '
                    f'"{repo}/{link.id}" as provenance but that commit is not the head of branch '
                    f'"{repo}/{source.name}"'
                )

    def _move_to_provenance(self, unit: Unit, target: CommitRow, changed: Sequence[BranchKey]) -> None:
        for link in self._lookups.provenance(target.num):
            source = _branch_of(link)
            if source in changed:
                self._maker.point(unit, self._lookups.branch(source), self._lookups.commit_by_num(link.input))

    def _check_trigger(self, branch: BranchKey, trigger: Trigger, inputs: Sequence[BranchKey]) -> None:
        if inputs:
            raise refused("a branch cannot have both provenance and a trigger")
        self._triggers.check(branch, trigger)

    def _set_of(self, head: CommitRef | None) -> str:
        """The set that a moved branch joins, if it is not a new one."""
        if head is None or not self._core.profile[COMMITS_BY_BRANCH]:
            return ""
        return self._commits.resolve(head).id

    def _head_row(self, head: CommitRef | None) -> CommitRow | None:
        if head is None:
            return None
        with self._core.during(RESOLVING_HEAD, commit=CommitKey(head.repo, head.id, head.branch)):
            return self._commits.resolve(head)

    def _check_repo(self, repo: RepoKey, unit: Unit) -> None:
        if self._lookups.find_repo(repo) is None:
            error = self._core.refusal(REPO_TO_BRANCH_NOT_FOUND, repo=repo, id=unit.set_id)
            raise self._lookups.after_project(error, repo)

    def _check_graph(self, branch: BranchKey, inputs: Iterable[BranchKey]) -> None:
        for key in inputs:
            if key.repo == branch.repo:
                raise self._core.refusal(BRANCH_OF_ITSELF, branch=branch)
        for key in inputs if self._core.profile[CIRCLES_REFUSED] else ():
            if branch in self._provenance.upstream(key):
                raise self._core.refusal(BRANCH_LOOP, branch=branch, through=key)

    def _ensure_input(self, unit: Unit, branch: BranchKey) -> None:
        if self._lookups.find_branch(branch) is not None:
            return
        with self._core.during(CREATING_INPUT_BRANCH):
            self._check_repo(branch.repo, unit)
        row = self._maker.ensure_branch(unit, branch)
        self._commits.give_head(unit, branch, row)

    def _apply(self, unit: Unit, branch: BranchKey, target: CommitRow | None, inputs: list[BranchKey]) -> None:
        """2.6 and later: other inputs make a commit on top of the head, and so does (2.8 and later) another head."""
        rewired = set(self._provenance.direct(branch)) != set(inputs)
        row = self._maker.ensure_branch(unit, branch)
        self._provenance.replace(branch, inputs)
        if target is not None:
            self._maker.point(unit, row, target)
            unit.moved[row.num] = None
        if inputs and (rewired or (target is not None and self._core.profile[GIVEN_HEADS_GET_OUTPUT])):
            self._maker.make_output(unit, branch, target or self._lookups.commit_by_num(row.head))
        elif target is None and row.head is None:
            self._commits.give_head(unit, branch, row)

    def _apply_with_aliases(
        self, unit: Unit, branch: BranchKey, target: CommitRow | None, inputs: list[BranchKey]
    ) -> None:
        row = self._maker.ensure_branch(unit, branch)
        self._provenance.replace(branch, inputs)
        if target is not None:
            self._aliases.alias_inputs(unit, branch, target, inputs)
            self._aliases.move(unit, branch, row, target)
            if target.finished is not None:
                self._triggers.fire(unit, self._lookups.head(branch) or target)
        elif row.head is None:
            self._commits.give_head(unit, branch, row)
        unit.moved[row.num] = None

    def inspect(self, branch: BranchKey) -> BranchInfo:
        """InspectBranch."""
        with self._core.during(INSPECTING_BRANCH):
            row = self._lookups.find_branch(branch)
            if row is None:
                has_repo = self._lookups.find_repo(branch.repo) is not None
                text = BRANCH_TO_INSPECT_NOT_FOUND if has_repo else BRANCH_TO_INSPECT_NOT_FOUND_NOR_REPO
                raise self._lookups.after_project(self._core.refusal(text, branch=branch), branch.repo)
            return self._info(row)

    def list(self, repo: RepoKey | None, reverse: bool = False) -> list[BranchInfo]:
        """ListBranch, newest first; None lists all repos' branches."""
        column = self._core.profile[BRANCH_ORDER]
        order = column if reverse else f"{column} DESC"
        if repo is None:
            rows = self._store.all(BranchRow, f"SELECT * FROM branches ORDER BY {order}")
        elif self._lookups.find_repo(repo) is None and not self._core.profile[BRANCH_LIST_NEEDS_REPO]:
            rows = []
        else:
            num = self._lookups.repo(repo).num
            sql = f"SELECT * FROM branches WHERE repo = ? AND name != '' ORDER BY {order}"
            rows = self._store.all(BranchRow, sql, num)
        if isinstance(self._provenance, BranchGraph) and column == "num":
            rows = self._as_made(rows, reverse)
        return [self._info(row) for row in rows]

    def _as_made(self, rows: Iterable[BranchRow], reverse: bool) -> builtins.list[BranchRow]:
        """In the order of 1.x: what was made together is sorted by name, and since 1.9.6 by how much is upstream."""
        found = sorted(rows, key=lambda row: row.name)
        if self._core.profile[BRANCHES_LISTED_BY_PROVENANCE]:
            found.sort(key=lambda row: len(self._provenance.upstream(self._lookups.branch_key(row))), reverse=reverse)
        return sorted(found, key=lambda row: row.created, reverse=not reverse)

    def delete(self, branch: BranchKey, force: bool = False) -> None:
        """DeleteBranch; its commits stay.

        :param force: also if it is in the provenance of others.
        """
        with self._core.unit() as unit:
            row = self._lookups.find_branch(branch)
            if row is None:
                self._refuse_missing(branch)
                return
            unit.touch(branch.repo)
            if not force:
                self._check_unused(branch)
            self._remove(row, branch)

    def _refuse_missing(self, branch: BranchKey) -> None:
        has_repo = self._lookups.find_repo(branch.repo) is not None
        if self._core.profile[DELETE_MISSING_BRANCH_FAILS] or not has_repo:
            text = BRANCH_TO_DELETE_NOT_FOUND if has_repo else BRANCH_TO_DELETE_NOT_FOUND_NOR_REPO
            raise self._lookups.after_project(self._core.refusal(text, branch=branch), branch.repo)

    def _check_unused(self, branch: BranchKey, gone: Collection[BranchKey] = ()) -> None:
        """Refuse to delete a branch that others are made from.

        :param gone: those that go with it do not count.
        """
        direct = self._provenance.direct_users(branch)
        if any(user not in gone for user in direct):
            raise self._in_use(branch, direct)
        self._check_no_trigger(branch)

    def _in_use(self, branch: BranchKey, direct: Iterable[BranchKey]) -> EngineError:
        words, downstream = self._core.words, self._provenance.downstream(branch)
        return words.refusal(
            BRANCH_IN_USE,
            branch=branch,
            protos=" ".join(one.proto for one in sorted(downstream)),
            names=" ".join(sorted(map(words.branch, downstream))),
            direct=words.branches(direct),
        )

    def _check_no_trigger(self, branch: BranchKey) -> None:
        """Refuse to delete a branch that others follow, or (2.9 and later) that follows another one."""
        if not self._core.profile[TRIGGERS_HOLD]:
            return
        followers = self._triggers.followers(branch)
        if followers:
            raise self._core.refusal(BRANCH_IS_FOLLOWED, branch=branch, followers=self._core.words.branches(followers))
        followed = self._triggers.of(self._lookups.branch(branch))
        if followed is not None and self._core.profile[TRIGGERS_HOLD] == "both":
            names = [self._core.words.branch(one) for one in (branch, BranchKey(branch.repo, followed.branch))]
            raise refused('branch "{}" cannot be deleted because it triggers branches [{}]'.format(*names))

    def _remove(self, row: BranchRow, branch: BranchKey) -> None:
        self._provenance.forget(branch)
        if self._core.profile[TRIGGERS_HOLD]:
            self._triggers.forget(branch)
        self._store.run("DELETE FROM branches WHERE num = ?", row.num)

    def delete_all_of(self, repos: Sequence[int], force: bool) -> None:
        """Delete the branches of repos that are being deleted."""
        if isinstance(self._provenance, BranchGraph):
            self._delete_of_graph(self._provenance, repos, force)
            return
        sql = "SELECT * FROM branches WHERE repo = ? ORDER BY num DESC"
        rows = [row for repo in repos for row in self._store.all(BranchRow, sql, repo)]
        found = {self._lookups.branch_key(row): row for row in rows}
        for branch in () if force else found:
            with self._core.during(DELETING_BRANCH_OF_REPO, branch=branch):
                self._check_unused(branch, gone=found.keys())
        for branch, row in found.items():
            self._remove(row, branch)

    def _delete_of_graph(self, graph: BranchGraph, repos: Sequence[int], force: bool) -> None:
        """1.x: first those that are made from most."""
        sql = "SELECT * FROM branches WHERE repo = ? ORDER BY name"
        rows = [row for repo in repos for row in self._store.all(BranchRow, sql, repo)]
        keys = sorted(map(self._lookups.branch_key, rows), key=lambda key: len(graph.upstream(key)))
        for branch in reversed(keys):
            if not force:
                with self._core.during(DELETING_BRANCH_OF_REPO, branch=branch):
                    self._check_unused(branch)
            self._remove(self._lookups.branch(branch), branch)

    def _info(self, row: BranchRow) -> BranchInfo:
        key = self._lookups.branch_key(row)
        head = self._lookups.commit_by_num(row.head)
        return BranchInfo(
            key,
            None if head is None else self._lookups.commit_key(head),
            row.created,
            row.updated,
            provenance=tuple(self._provenance.upstream(key)),
            subvenance=tuple(self._provenance.downstream(key)),
            direct_provenance=tuple(self._provenance.direct(key)),
            trigger=self._triggers.of(row),
        )


def _branch_of(row: ProvenanceRow) -> BranchKey:
    """The branch by which a commit came."""
    return BranchKey(parse_repo(row.repo), row.branch_name)
