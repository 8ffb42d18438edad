"""The words of 2.0 to 2.7, whose metadata were not tables of a database yet, and of 2.8."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from airflow_provider_pachyderm.devserver.engine.errors import EngineError
from airflow_provider_pachyderm.devserver.engine.model import BranchKey, CommitKey, RepoKey
from airflow_provider_pachyderm.devserver.engine.texts import TextsV2, refused


@dataclass(frozen=True)
class TextsEarlyV2(TextsV2):
    """2.0 to 2.7.

    :param coded: what is missing or taken has a status of its own, else UNKNOWN.
    :param bare: errors with such a status lose what the steps around them add.
    :param few_coded: missing branches and transactions have none, nor have missing repos of branches.
    :param projects: repos are named with their projects.
    :param by_branch: commits are named with their branches.
    :param commits_by_repo: a missing or finished commit is named with its repo, as in 1.x.
    :param loop: the words for provenance in a circle.
    :param tar_words: the words of GetFile for a directory, and for several files.
    """

    coded: bool = True
    bare: bool = False
    few_coded: bool = False
    projects: bool = True
    by_branch: bool = True
    commits_by_repo: bool = False
    loop: str = "provenance loop, branch {branch} cannot be provenant on itself"
    tar_words: tuple[str, str] = TextsV2.tar_words

    def error(self, code: str, text: str) -> EngineError:
        """A refusal with the status that this version has for it."""
        return EngineError(code if self.coded else "UNKNOWN", text, self.bare)

    def _error_of_branch(self, text: str) -> EngineError:
        return refused(text) if self.few_coded else self.error("NOT_FOUND", text)

    def repo_not_found(self, repo: RepoKey) -> EngineError:
        """No such repo."""
        return self.error("NOT_FOUND", f"repo {self.repo(repo)} not found")

    def no_user_repo(self, repo: RepoKey) -> EngineError:
        """A repo of another type comes with a user repo of its name."""
        text = f"cannot create a system repo without a corresponding 'user' repo: {self.repo_not_found(repo).text}"
        return self.error("NOT_FOUND", text)

    def branch_not_found(self, branch: BranchKey, repo_exists: bool) -> EngineError:
        """No such branch, be there a repo or not."""
        return self._error_of_branch(f'branch "{branch.name}" not found in repo {self.repo(branch.repo)}')

    def branch_to_inspect_not_found(self, branch: BranchKey, repo_exists: bool) -> EngineError:
        """The same for InspectBranch."""
        return self.error("NOT_FOUND", self.branch_not_found(branch, repo_exists).text)

    def branch_to_delete_not_found(self, branch: BranchKey, repo_exists: bool) -> EngineError:
        """Only a missing repo is noticed."""
        if repo_exists:
            return self.branch_not_found(branch, repo_exists)
        return self.repo_to_branch_not_found(branch.repo, "")

    def transaction_not_found(self, id: str) -> EngineError:
        """No such transaction."""
        return self._error_of_branch(f"transactions {id} not found")

    def branch_in_use(self, branch: BranchKey, all_of: Iterable[BranchKey], direct: Iterable[BranchKey]) -> EngineError:
        """Others have it in their provenance."""
        users = " ".join(sorted(map(self.branch, all_of)))
        return refused(f"branch {branch.name} has [{users}] as subvenance, deleting it would break those branches")

    def branch_loop(self, branch: BranchKey, through: BranchKey) -> EngineError:
        """Provenance in a circle."""
        return refused(self.loop.format(branch=self.branch(branch), through=self.branch(through)))

    def repo_to_branch_not_found(self, repo: RepoKey, commit_id: str) -> EngineError:
        """No repo for a new branch."""
        return self._error_of_branch(f"repo {self.repo(repo)} not found")

    def repo_to_watch_not_found(self, repo: RepoKey) -> EngineError:
        """Never met: a subscription waits for its repo."""
        return self.repo_not_found(repo)

    def resolving_head(self, head: CommitKey) -> str:
        """Context of an error while the head of a branch is looked up."""
        return ""

    def commit_not_found(self, commit: CommitKey) -> EngineError:
        """No such commit."""
        if self.commits_by_repo:
            return self.error("NOT_FOUND", f"commit {commit.id} not found in repo {self.repo(commit.repo)}")
        return super().commit_not_found(commit)

    def commit_finished(self, commit: CommitKey) -> EngineError:
        """It takes no more changes."""
        if self.commits_by_repo:
            return refused(f"commit {commit.id} in repo {self.repo(commit.repo)} has already finished")
        return super().commit_finished(commit)

    def commit_deleted(self, commit: CommitKey) -> EngineError:
        """A commit went away while somebody waited for it."""
        name = f"{self.repo(commit.repo)}@{commit.id}" if self.commits_by_repo else self.commit(commit)
        return refused(f"commit {name} was deleted")

    def commit_taken(self, branch: BranchKey) -> EngineError:
        """A second commit with the id of a transaction."""
        name = self.branch(branch)
        if not self.by_branch:
            return super().commit_taken(branch)
        return refused(
            f"inconsistent dependencies: cannot create commit from {name} - "
            f"branch ({branch.name}) already has a commit in this transaction"
        )

    def repo(self, repo: RepoKey) -> str:
        """A repo in a sentence."""
        if self.projects:
            return super().repo(repo)
        return repo.name if repo.type == "user" or not repo.name else f"{repo.name}.{repo.type}"

    def commit(self, commit: CommitKey) -> str:
        """A commit in a sentence."""
        if not self.by_branch:
            return super().commit(commit)
        return f"{self.repo(commit.repo)}@{commit.branch}={commit.id}"


class TextsV2_8(TextsV2):
    """2.8, where the database alone kept branches that others are made from."""

    def branch_in_use(self, branch: BranchKey, all_of: Iterable[BranchKey], direct: Iterable[BranchKey]) -> EngineError:
        """Others have it in their provenance."""
        constraint = 'violates foreign key constraint "branch_provenance_to_id_fkey" on table "branch_provenance"'
        text = f'could not delete branch 0: ERROR: update or delete on table "branches" {constraint}'
        return refused(f"{text} (SQLSTATE 23503)")

    def branch_followed(self, branch: BranchKey, followers: Iterable[BranchKey]) -> EngineError:
        """Others follow it by their triggers."""
        constraint = 'violates foreign key constraint "branch_triggers_to_branch_id_fkey" on table "branch_triggers"'
        text = f'could not delete branch 0: ERROR: update or delete on table "branches" {constraint}'
        return refused(f"{text} (SQLSTATE 23503)")
