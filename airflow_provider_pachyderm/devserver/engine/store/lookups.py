"""Finding rows by their names, and the refusals when they are not there."""

from __future__ import annotations

from collections.abc import Iterable

from airflow_provider_pachyderm.devserver.engine.branches.rules import BRANCH_NOT_FOUND, BRANCH_NOT_FOUND_NOR_REPO
from airflow_provider_pachyderm.devserver.engine.commits.rules import (
    BRANCH_NAME_OUTLIVES,
    COMMITS_BY_BRANCH,
    REPLIES_NAME_BRANCH,
)
from airflow_provider_pachyderm.devserver.engine.core import Core
from airflow_provider_pachyderm.devserver.engine.errors import EngineError
from airflow_provider_pachyderm.devserver.engine.model import BranchKey, CommitKey, RepoKey
from airflow_provider_pachyderm.devserver.engine.repos.project_rules import BEFORE_REPO_OF_NO_PROJECT
from airflow_provider_pachyderm.devserver.engine.repos.rules import REPO_NOT_FOUND, REPO_OF_NO_TYPE_NOT_FOUND
from airflow_provider_pachyderm.devserver.engine.store.rows import BranchRow, CommitRow, Link, ProvenanceRow, RepoRow


class Lookups:
    """Look-ups that every part of the engine needs."""

    def __init__(self, core: Core) -> None:
        self._store = core.store
        self._core = core
        self._profile = core.profile

    # ---- repos --------------------------------------------------------------------------

    def find_repo(self, repo: RepoKey) -> RepoRow | None:
        """The repo's row or None."""
        return self._store.one(RepoRow, "SELECT * FROM repos WHERE path = ?", repo.path)

    def repo(self, repo: RepoKey) -> RepoRow:
        """The repo's row; refused if there is none."""
        row = self.find_repo(repo)
        if row is None:
            raise self._core.refusal(REPO_NOT_FOUND if repo.type else REPO_OF_NO_TYPE_NOT_FOUND, repo=repo)
        return row

    def after_project(self, error: EngineError, repo: RepoKey) -> EngineError:
        """What is said of a missing repo, where that begins with its missing project (2.8 and later)."""
        words, row = self._profile[BEFORE_REPO_OF_NO_PROJECT], "repo (id="
        if not words or self._store.exists("SELECT 1 FROM projects WHERE name = ?", repo.project):
            return error
        missing = words.format(project=repo.project)
        return EngineError(error.code, error.text.replace(row, f"{missing}\n{row}", 1), error.bare)

    def repo_of(self, num: int) -> RepoKey:
        """The name of a repo that is there, by its number."""
        row = self._store.one(RepoRow, "SELECT * FROM repos WHERE num = ?", num)
        assert row is not None, f"no repo has the number {num}"
        return row.key

    # ---- branches -----------------------------------------------------------------------

    def find_branch(self, branch: BranchKey) -> BranchRow | None:
        """The branch's row or None."""
        return self._store.one(BranchRow, "SELECT * FROM branches WHERE path = ?", branch.path)

    def branch(self, branch: BranchKey) -> BranchRow:
        """The branch's row; refused if there is none."""
        row = self.find_branch(branch)
        if row is None:
            text = BRANCH_NOT_FOUND if self.find_repo(branch.repo) is not None else BRANCH_NOT_FOUND_NOR_REPO
            raise self.after_project(self._core.refusal(text, branch=branch), branch.repo)
        return row

    def branch_by_num(self, num: int | None) -> BranchRow | None:
        """The branch's row or None."""
        return self._store.one(BranchRow, "SELECT * FROM branches WHERE num = ?", num)

    def branch_key(self, row: BranchRow) -> BranchKey:
        """A branch's name from its row."""
        return BranchKey(self.repo_of(row.repo), row.name)

    def branch_keys(self, nums: Iterable[int]) -> list[BranchKey]:
        """The names of those of these branches that are there."""
        rows = map(self.branch_by_num, nums)
        return [self.branch_key(row) for row in rows if row is not None]

    def head(self, branch: BranchKey) -> CommitRow | None:
        """The head of a branch; None if it has none, or is not there."""
        row = self.find_branch(branch)
        return None if row is None else self.commit_by_num(row.head)

    # ---- commits ------------------------------------------------------------------------

    def find_commit(self, commit: CommitKey) -> CommitRow | None:
        """The commit's row or None; the branch counts where it is part of a commit's name."""
        sql = "SELECT c.* FROM commits c JOIN repos r ON r.num = c.repo WHERE r.path = ? AND c.id = ?"
        if self._profile[COMMITS_BY_BRANCH]:
            sql += " AND c.branch_name = ?"
            return self._store.one(CommitRow, sql, commit.repo.path, commit.id, commit.branch)
        return self._store.one(CommitRow, sql, commit.repo.path, commit.id)

    def commit_by_num(self, num: int | None) -> CommitRow | None:
        """The commit's row or None."""
        return self._store.one(CommitRow, "SELECT * FROM commits WHERE num = ?", num)

    def commit(self, num: int) -> CommitRow:
        """The row of a commit that is there, as it is now."""
        row = self.commit_by_num(num)
        assert row is not None, f"no commit has the number {num}"
        return row

    def line(self, row: CommitRow | None, stop: int | None = None) -> list[CommitRow]:
        """A commit and its ancestors, newest first.

        :param stop: number of the ancestor before which to stop.
        """
        found: list[CommitRow] = []
        while row is not None and row.num != stop:
            found.append(row)
            row = self.commit_by_num(row.parent)
        return found

    def commit_key(self, row: CommitRow) -> CommitKey:
        """A commit's name from its row."""
        branch = self.branch_name(row) if self._profile[REPLIES_NAME_BRANCH] else None
        return CommitKey(self.repo_of(row.repo), row.id, branch or "")

    def branch_name(self, row: CommitRow) -> str | None:
        """The branch that a commit was made on; None if that was deleted and is not named any more."""
        if self._profile[BRANCH_NAME_OUTLIVES]:
            return row.branch_name
        branch = self.branch_by_num(row.branch)
        return None if branch is None else branch.name

    # ---- what commits are made from -----------------------------------------------------

    def provenance(self, num: int | None) -> list[ProvenanceRow]:
        """What a commit is made from, in the order in which that was written down."""
        sql = "SELECT * FROM commit_provenance WHERE downstream = ? ORDER BY num"
        return self._store.all(ProvenanceRow, sql, num)

    def is_made_from_others(self, num: int) -> bool:
        """Whether a commit has any provenance."""
        return self._store.exists("SELECT 1 FROM commit_provenance WHERE downstream = ?", num)

    def add_provenance(self, num: int, link: Link) -> None:
        """Write down one more commit that a commit is made from."""
        sql = "INSERT INTO commit_provenance (downstream, input, repo, branch_name, id) VALUES (?, ?, ?, ?, ?)"
        self._store.run(sql, num, *link)
