"""New commits and branches, and heads that move: what StartCommit, propagation and one-shot writes have in common."""

from __future__ import annotations

from airflow_provider_pachyderm.devserver.engine.branches.provenance import Provenance
from airflow_provider_pachyderm.devserver.engine.commits.rules import COMMIT_TAKEN, SHARED_IDS
from airflow_provider_pachyderm.devserver.engine.core import Core, Unit
from airflow_provider_pachyderm.devserver.engine.model import BranchKey, CommitKey, Origin
from airflow_provider_pachyderm.devserver.engine.store.lookups import Lookups
from airflow_provider_pachyderm.devserver.engine.store.rows import BranchRow, CommitRow, num_of


class CommitMaker:
    """Adds open commits to branches."""

    def __init__(self, core: Core, lookups: Lookups, provenance: Provenance) -> None:
        self._core = core
        self._store = core.store
        self._lookups = lookups
        self._provenance = provenance

    def insert(
        self,
        unit: Unit,
        branch: BranchKey,
        parent: CommitRow | None = None,
        origin: Origin = Origin.USER,
        description: str = "",
        commit_id: str = "",
    ) -> CommitRow:
        """Add an open commit and make it the head of its branch.

        :param branch: made if it does not exist; an empty name makes a commit on no branch (1.x).
        :param commit_id: the id to use, where commits of a unit do not share one.
        """
        branch_row = self.ensure_branch(unit, branch) if branch.name else None
        row = self.add(unit, branch, branch_row, parent, origin, description, commit_id)
        if branch_row is not None:
            self.point(unit, branch_row, row)
        unit.touch(branch.repo)
        return row

    def add(
        self,
        unit: Unit,
        branch: BranchKey,
        branch_row: BranchRow | None,
        parent: CommitRow | None,
        origin: Origin,
        description: str = "",
        commit_id: str = "",
    ) -> CommitRow:
        """Add an open commit and leave the head of its branch where it is."""
        id = unit.set_id if self._core.profile[SHARED_IDS] else commit_id or self._core.new_id()
        repo = self._lookups.repo(branch.repo).num
        if self._lookups.find_commit(CommitKey(branch.repo, id, branch.name)) is not None:
            raise self._core.refusal(COMMIT_TAKEN, branch=branch)
        # a commit on no branch (1.x) passes for one of its parent's branch
        name = branch.name or (parent.branch_name if parent is not None else "")
        now = self._core.now()
        num = self._store.run(
            "INSERT INTO commits (id, repo, branch, branch_name, parent, origin, description, started, created, "
            "updated) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            id, repo, num_of(branch_row), name, num_of(parent),
            origin.value, description, now, now, now,
        )  # fmt: skip
        return self._lookups.commit(num)

    def make_output(self, unit: Unit, branch: BranchKey, parent: CommitRow | None) -> CommitRow:
        """An open commit that is made from the heads of the branch's inputs."""
        made = self.insert(unit, branch, parent=parent, origin=Origin.AUTO)
        for link in self._provenance.heads(branch):
            self._lookups.add_provenance(made.num, link)
        return made

    def ensure_branch(self, unit: Unit, branch: BranchKey) -> BranchRow:
        """The branch's row; the branch is made if needed, without a head."""
        unit.touch(branch.repo)
        row = self._lookups.find_branch(branch)
        if row is not None:
            return row
        repo = self._lookups.repo(branch.repo).num
        now = unit.began if self._core.profile.world == "v1" else self._core.now()
        sql = "INSERT INTO branches (repo, name, path, created, updated) VALUES (?, ?, ?, ?, ?)"
        self._store.run(sql, repo, branch.name, branch.path, now, now)
        return self._lookups.branch(branch)

    def point(self, unit: Unit, branch: BranchRow, commit: CommitRow | None) -> None:
        """Move a branch to a commit (None: nowhere); what is downstream follows at the end of the unit."""
        num = num_of(commit)
        if branch.head != num:
            sql = "UPDATE branches SET head = ?, updated = ? WHERE num = ?"
            self._store.run(sql, num, self._core.now(), branch.num)
            unit.moved[branch.num] = None
