"""The words in which releases of 1.x before 1.9 refuse, where they are not those of later ones."""

from __future__ import annotations

from dataclasses import dataclass

from airflow_provider_pachyderm.devserver.engine.errors import EngineError
from airflow_provider_pachyderm.devserver.engine.model import BranchKey, CommitKey, RepoKey
from airflow_provider_pachyderm.devserver.engine.texts import TextsV1, refused


@dataclass(frozen=True)
class TextsV1_7(TextsV1):
    """1.7 and 1.8.

    :param no_head: the words for a branch that points nowhere.
    """

    prefix: str = "pachyderm_pfs"
    no_head: str = 'the branch "{name}" has no head (create one with start-commit)'

    def branch_not_found(self, branch: BranchKey, repo_exists: bool) -> EngineError:
        """No such branch, be there a repo or not."""
        key = f"{branch.repo.name}/{branch.name}".rstrip("/")
        return refused(f" {self.prefix}/branches/{key} not found")

    def branch_to_delete_not_found(self, branch: BranchKey, repo_exists: bool) -> EngineError:
        """The same for DeleteBranch."""
        if not repo_exists:
            return refused(f" {self.prefix}/repos/{branch.repo.name} not found")
        return self.branch_not_found(branch, repo_exists)

    def branch_without_head(self, branch: BranchKey) -> EngineError:
        """The branch points nowhere."""
        return refused(self.no_head.format(name=branch.name))


@dataclass(frozen=True)
class TextsV1_4(TextsV1):
    """1.4 to 1.6.

    :param closed: the words for a put to a finished commit.
    :param commit_missing: the words for a commit that there is not.
    :param missing: the words for a repo to delete that there is not.
    """

    prefix: str = "pachyderm_pfs"
    closed: str = ""
    commit_missing: str = "pachyderm_pfs/commits/{repo}/ {id} not found"
    missing: str = "pachyderm_pfs/repoRefCounts/ {name} not found"

    def commit_not_found(self, commit: CommitKey) -> EngineError:
        """No such commit, nor such a branch."""
        return refused(self.commit_missing.format(repo=commit.repo.name, id=commit.id))

    def commit_closed(self, commit: CommitKey) -> EngineError:
        """It takes no more files."""
        return refused(self.closed.format(id=commit.id))

    def finished_twice(self, commit: CommitKey) -> EngineError:
        """It cannot be finished again."""
        return refused(f"commit {commit.repo.name}/{commit.id} has already been finished")

    def repo_to_delete_not_found(self, repo: RepoKey) -> EngineError:
        """No repo to delete."""
        return refused(self.missing.format(name=repo.name))

    def resolving_head(self, head: CommitKey) -> str:
        """Nothing is said before what is wrong with a head."""
        return ""

    def branch_to_delete_not_found(self, branch: BranchKey, repo_exists: bool) -> EngineError:
        """No branch to delete."""
        return self.branch_not_found(branch, repo_exists)

    def file_over_directory(self, path: str) -> EngineError:
        """A file was put where a directory is."""
        return refused(f'could not put file at "{path}"; a node of type directory is already there')
