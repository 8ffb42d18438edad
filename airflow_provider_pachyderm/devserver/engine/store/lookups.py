"""Finding rows by their names, and the refusals when they are not there."""

from __future__ import annotations

from typing import Any

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


class Rows:
    """Look-ups that every part of the engine needs."""

    def __init__(self, core: Core) -> None:
        self._store = core.store
        self._core = core
        self._profile = core.profile

    def find_repo(self, repo: RepoKey) -> Any:
        """The repo's row or None."""
        return self._store.one("SELECT * FROM repos WHERE path = ?", repo.path)

    def repo(self, repo: RepoKey) -> Any:
        """The repo's row; refused if there is none."""
        row = self.find_repo(repo)
        if row is None:
            raise self._core.refusal(REPO_NOT_FOUND if repo.type else REPO_OF_NO_TYPE_NOT_FOUND, repo=repo)
        return row

    def after_project(self, error: EngineError, repo: RepoKey) -> EngineError:
        """What is said of a missing repo, where that begins with its missing project (2.8 and later)."""
        words, row = self._profile[BEFORE_REPO_OF_NO_PROJECT], "repo (id="
        if not words or self._store.one("SELECT 1 FROM projects WHERE name = ?", repo.project) is not None:
            return error
        told = words.format(project=repo.project)
        return EngineError(error.code, error.text.replace(row, f"{told}\n{row}", 1), error.bare)

    def repo_key(self, row: Any) -> RepoKey:
        """A repo's name from its row."""
        return RepoKey(row["name"], row["project"], row["type"])

    def repo_of(self, num: int) -> RepoKey:
        """A repo's name from its number."""
        return self.repo_key(self._store.one("SELECT * FROM repos WHERE num = ?", num))

    def find_branch(self, branch: BranchKey) -> Any:
        """The branch's row or None."""
        return self._store.one("SELECT * FROM branches WHERE path = ?", branch.path)

    def branch(self, branch: BranchKey) -> Any:
        """The branch's row; refused if there is none."""
        row = self.find_branch(branch)
        if row is None:
            text = BRANCH_NOT_FOUND if self.find_repo(branch.repo) is not None else BRANCH_NOT_FOUND_NOR_REPO
            raise self.after_project(self._core.refusal(text, branch=branch), branch.repo)
        return row

    def branch_by_num(self, num: int) -> Any:
        """The branch's row or None."""
        return self._store.one("SELECT * FROM branches WHERE num = ?", num)

    def branch_key(self, row: Any) -> BranchKey:
        """A branch's name from its row."""
        return BranchKey(self.repo_of(row["repo"]), row["name"])

    def find_commit(self, commit: CommitKey) -> Any:
        """The commit's row or None; the branch counts where it is part of a commit's name."""
        sql = "SELECT c.* FROM commits c JOIN repos r ON r.num = c.repo WHERE r.path = ? AND c.id = ?"
        if self._profile[COMMITS_BY_BRANCH]:
            return self._store.one(f"{sql} AND c.branch_name = ?", commit.repo.path, commit.id, commit.branch)
        return self._store.one(sql, commit.repo.path, commit.id)

    def commit_by_num(self, num: int | None) -> Any:
        """The commit's row or None."""
        return self._store.one("SELECT * FROM commits WHERE num = ?", num)

    def commit_key(self, row: Any) -> CommitKey:
        """A commit's name from its row."""
        branch = self.branch_name(row) if self._profile[REPLIES_NAME_BRANCH] else None
        return CommitKey(self.repo_of(row["repo"]), row["id"], branch or "")

    def branch_name(self, row: Any) -> str | None:
        """The branch that a commit was made on; None if that was deleted and is not named any more."""
        if self._profile[BRANCH_NAME_OUTLIVES]:
            return str(row["branch_name"])
        branch = self.branch_by_num(row["branch"]) if row["branch"] is not None else None
        return None if branch is None else str(branch["name"])
