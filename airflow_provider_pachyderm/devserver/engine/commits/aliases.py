"""ALIAS commits, up to 2.5: a set has a commit on every branch that it is made from.

Where nothing new was written, that is an alias: a child of the branch's head with the same files, finished with it.
"""

from __future__ import annotations

from collections.abc import Sequence

from airflow_provider_pachyderm.devserver.engine.branches.provenance import Provenance, parse_repo
from airflow_provider_pachyderm.devserver.engine.commits.making import CommitMaker
from airflow_provider_pachyderm.devserver.engine.commits.rules import COMMIT_TAKEN, REUSES_OUTPUTS
from airflow_provider_pachyderm.devserver.engine.core import Core, Unit
from airflow_provider_pachyderm.devserver.engine.errors import EngineError, refused
from airflow_provider_pachyderm.devserver.engine.model import BranchKey, CommitKey, Origin
from airflow_provider_pachyderm.devserver.engine.store.lookups import Lookups
from airflow_provider_pachyderm.devserver.engine.store.rows import BranchRow, CommitRow, Link, num_of


class Aliases:
    """Makes aliases, and the sets that need them."""

    def __init__(self, core: Core, lookups: Lookups, provenance: Provenance, maker: CommitMaker) -> None:
        self._core = core
        self._store = core.store
        self._lookups = lookups
        self._provenance = provenance
        self._maker = maker

    def make(self, unit: Unit, branch: BranchKey, parent: CommitRow) -> None:
        """Alias a commit on a branch, in the set of a unit, and make that the head.

        :raises EngineError: if the set has another commit on the branch.
        """
        row = self._lookups.find_commit(CommitKey(branch.repo, unit.set_id, branch.name))
        if row is None:
            row = self._maker.insert(unit, branch, parent=parent, origin=Origin.ALIAS)
            self.record(row, branch)
            self._copy(row.num, parent)
            sql = "UPDATE commit_provenance SET input = ? WHERE repo = ? AND branch_name = ? AND id = ?"
            self._store.run(sql, row.num, branch.repo.path, branch.name, unit.set_id)
        elif self._root(row) != self._root(parent):
            raise self._core.refusal(COMMIT_TAKEN, branch=branch)
        self._maker.point(unit, self._lookups.branch(branch), row)

    def _copy(self, num: int, parent: CommitRow) -> None:
        """Give an alias the state of its parent."""
        if parent.finishing is None:
            return
        now = self._core.now()
        self._store.run("UPDATE commits SET finishing = ?, error = ? WHERE num = ?", now, parent.error, num)
        if parent.finished is not None:
            self._finish(num, parent)

    def _finish(self, num: int, parent: CommitRow) -> None:
        now = self._core.now()
        self._store.run(
            "UPDATE commits SET finishing = ifnull(finishing, ?), finished = ?, updated = ?, error = ?, size = ?, "
            "validated = ?, layer = ? WHERE num = ?",
            now, now, now, parent.error, parent.size, parent.validated, parent.layer, num,
        )  # fmt: skip
        self._store.run("DELETE FROM changes WHERE commit_num = ?", num)

    def finish_of(self, unit: Unit, parent: CommitRow) -> None:
        """A commit was finished, and so are its aliases."""
        sql = "SELECT * FROM commits WHERE parent = ? AND origin = ? AND finished IS NULL"
        for row in self._store.all(CommitRow, sql, parent.num, Origin.ALIAS.value):
            self._finish(row.num, parent)
            unit.touch(self._lookups.repo_of(row.repo))
            self.finish_of(unit, self._lookups.commit(row.num))

    def _root(self, row: CommitRow) -> int:
        """The number of the commit that an alias stands for."""
        line = self._lookups.line(row)
        return next((one for one in line if one.origin != Origin.ALIAS.value), line[-1]).num

    def check_not_alias(self, row: CommitRow) -> None:
        """Refuse to finish an alias by itself."""
        if row.origin == Origin.ALIAS.value:
            raise refused(f"cannot finish an alias commit: {self._core.words.commit(self._lookups.commit_key(row))}")

    # ---- sets ---------------------------------------------------------------------------

    def record(self, row: CommitRow, branch: BranchKey) -> None:
        """Note what a commit of a set is made from: those on the branch's inputs, be they there yet or not."""
        for key in self._provenance.direct(branch):
            found = self._lookups.find_commit(CommitKey(key.repo, row.id, key.name))
            self._lookups.add_provenance(row.num, Link(num_of(found), key.repo.path, key.name, row.id))

    def alias_inputs(self, unit: Unit, branch: BranchKey, head: CommitRow, inputs: Sequence[BranchKey]) -> None:
        """A branch gets a head and inputs at once: the set of the head must have commits on the inputs."""
        for key in inputs:
            found = self._lookups.find_commit(CommitKey(key.repo, head.id, key.name))
            if found is None:
                name = self._core.words.commit(self._lookups.commit_key(head))
                raise refused(
                    f"cannot create branch {self._core.words.branch(branch)} with commit {name} as head "
                    f"because it does not have provenance in the {self._core.words.branch(key)} branch"
                )
            self._try(unit, key, found)

    def _try(self, unit: Unit, branch: BranchKey, parent: CommitRow) -> None:
        try:
            self.make(unit, branch, parent)
        except EngineError:
            return  # the real server goes on too

    def move(self, unit: Unit, branch: BranchKey, row: BranchRow, target: CommitRow) -> None:
        """Move a branch to a commit: to an alias of it, unless the commit was made on this branch just now."""
        in_set = target.id == unit.set_id and target.branch_name == branch.name
        if in_set and self._lookups.repo_of(target.repo) == branch.repo:
            self._maker.point(unit, row, target)
            return
        head = self._lookups.commit_by_num(row.head)
        if head is None or head.id != target.id:
            self.make(unit, branch, target)

    def follow(self, unit: Unit, branch: BranchKey) -> None:
        """Bring a branch and all it is made from into the set of a unit, unless they are in one set already."""
        upstream = sorted(self._provenance.upstream(branch), key=lambda key: len(self._provenance.upstream(key)))
        heads = {key: self._lookups.head(key) for key in (*upstream, branch)}
        if len({head.id for head in heads.values() if head is not None}) == 1:
            return
        for key in upstream:
            head = heads[key]
            if head is not None and head.id != unit.set_id:
                self.make(unit, key, head)
        head = heads[branch]
        if head is None or head.id != unit.set_id:
            self._make_output(unit, branch, head)

    def _make_output(self, unit: Unit, branch: BranchKey, head: CommitRow | None) -> None:
        row = self._lookups.find_commit(CommitKey(branch.repo, unit.set_id, branch.name))
        if row is not None:
            if not self._core.profile[REUSES_OUTPUTS] or self._inputs_of(row) != set(self._provenance.direct(branch)):
                raise self._core.refusal(COMMIT_TAKEN, branch=branch)
            self._maker.point(unit, self._lookups.branch(branch), row)
            return
        self.record(self._maker.insert(unit, branch, parent=head, origin=Origin.AUTO), branch)

    def _inputs_of(self, row: CommitRow) -> set[BranchKey]:
        return {BranchKey(parse_repo(one.repo), one.branch_name) for one in self._lookups.provenance(row.num)}
