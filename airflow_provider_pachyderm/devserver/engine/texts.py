"""The words in which the two worlds refuse. Everything that differs inside a world is a rule of the profile."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from airflow_provider_pachyderm.devserver.engine.errors import EngineError
from airflow_provider_pachyderm.devserver.engine.model import BranchKey, CommitKey, RepoKey


def refused(text: str, code: str = "UNKNOWN") -> EngineError:
    """A refusal whose words all versions share."""
    return EngineError(code, text)


@dataclass(frozen=True)
class TextsV1:
    """1.x: every status is UNKNOWN; missing things are named by their etcd key.

    :param taken: the words for a repo name that is taken.
    :param parents_by_repo: an open parent is named with its repo.
    :param blocked_by_file: a path below a file is refused by the name of that file, else by its own.
    :param transactions: the etcd key of transactions, as DeleteTransaction shows it.
    :param prefix: how etcd keys begin.
    """

    taken: str = "repo {name} already exists"
    parents_by_repo: bool = True
    blocked_by_file: bool = True
    transactions: str = "/pachyderm_pfs/transactions/ "
    prefix: str = "/pachyderm_pfs"

    def repo_not_found(self, repo: RepoKey) -> EngineError:
        """No such repo."""
        return refused(f"{self.prefix}/repos/ {repo.name} not found")

    def group_not_found(self, group: str) -> EngineError:
        """Nobody is in such a group."""
        return refused(f"pachyderm_auth/groups/ {group} not found")

    def repo_exists(self, repo: RepoKey) -> EngineError:
        """The name is taken."""
        return refused(self.taken.format(name=repo.name))

    def repo_to_delete_not_found(self, repo: RepoKey) -> EngineError:
        """No repo to delete."""
        return self.repo_not_found(repo)

    def repo_to_update_not_found(self, repo: RepoKey) -> EngineError:
        """No repo to update."""
        return self.repo_not_found(repo)

    def repo_in_use(self, repo: RepoKey) -> EngineError:
        """Other repos are made from it (up to 1.6)."""
        return refused("cannot delete the provenance of other repos")

    def no_user_repo(self, repo: RepoKey) -> EngineError:
        """Never met in 1.x, which has no types of repos."""
        return self.repo_not_found(repo)

    def branch_not_found(self, branch: BranchKey, repo_exists: bool) -> EngineError:
        """No such branch, be there a repo or not."""
        return refused(f"{self.prefix}/branches/{branch.repo.name}/ {branch.name} not found")

    def branch_to_inspect_not_found(self, branch: BranchKey, repo_exists: bool) -> EngineError:
        """The same for InspectBranch."""
        return self.branch_not_found(branch, repo_exists)

    def branch_to_delete_not_found(self, branch: BranchKey, repo_exists: bool) -> EngineError:
        """The same for DeleteBranch."""
        return self.branch_not_found(branch, repo_exists) if repo_exists else self.repo_not_found(branch.repo)

    def branch_without_head(self, branch: BranchKey) -> EngineError:
        """The branch points nowhere."""
        return refused(f"the branch \"{branch.name}\" has no head (create one with 'start commit')")

    def branch_in_use(self, branch: BranchKey, all_of: Iterable[BranchKey], direct: Iterable[BranchKey]) -> EngineError:
        """Others have it in their provenance."""
        users = " ".join(_proto(user) for user in sorted(all_of))
        return refused(f"branch {branch.name} has [{users}] as subvenance, deleting it would break those branches")

    def branch_loop(self, branch: BranchKey, through: BranchKey) -> EngineError:
        """Provenance in a circle."""
        return refused(f"provenance loop, branch {branch.repo.name}/{branch.name} cannot be provenance for itself")

    def two_branches_of_a_repo(self, one: BranchKey, other: BranchKey) -> EngineError:
        """Never met in 1.x, which allows it."""
        return refused(f"{self.branch(one)} and {self.branch(other)} are branches of one repo")

    def repo_to_branch_not_found(self, repo: RepoKey, commit_id: str) -> EngineError:
        """No repo for a new branch."""
        return self.repo_not_found(repo)

    def branch_of_itself(self, branch: BranchKey) -> EngineError:
        """A circle of one."""
        return refused(f"branch {branch.repo.name}@{branch.name} cannot be in its own provenance")

    def commit_not_found(self, commit: CommitKey) -> EngineError:
        """No such commit."""
        return refused(f"commit {commit.id} not found in repo {commit.repo.name}")

    def commit_finished(self, commit: CommitKey) -> EngineError:
        """It takes no more changes."""
        return refused(f"commit {commit.id} in repo {commit.repo.name} has already finished")

    def commit_closed(self, commit: CommitKey) -> EngineError:
        """It takes no more files."""
        return self.commit_finished(commit)

    def finished_twice(self, commit: CommitKey) -> EngineError:
        """It cannot be finished again."""
        return self.commit_finished(commit)

    def parent_open(self, parent: CommitKey) -> EngineError:
        """A commit cannot start on an open one."""
        name = self.commit(parent) if self.parents_by_repo else parent.id
        return refused(f"parent commit {name} has not been finished")

    def file_over_directory(self, path: str) -> EngineError:
        """A file was put where a directory is."""
        return refused(f'could not put file at "{path}"; a file of type directory is already there')

    def file_below_file(self, path: str, above: str) -> EngineError:
        """A file was put below another one."""
        blocked = above if self.blocked_by_file else path
        return refused(f'attempted to visit "{blocked}", but it\'s not a directory')

    def output_branch(self, branch: BranchKey) -> EngineError:
        """Only its inputs make commits there."""
        return refused("cannot start a commit on an output branch")

    def output_unfinished(self, commit: CommitKey) -> EngineError:
        """Downstream commits are readable only when finished."""
        return refused(f"output commit {commit.id} not finished")

    def file_not_found(self, path: str, repo: RepoKey, commit_id: str) -> EngineError:
        """No such file."""
        return refused(f"file {path} not found in repo {repo.name} at commit {commit_id}")

    def commit_deleted(self, commit: CommitKey) -> EngineError:
        """A commit went away while somebody waited for it."""
        return refused(f"commit {commit.repo.name}/{commit.id} was deleted")

    def repo_gone(self, repo: RepoKey, num: int) -> EngineError:
        """A repo went away to which somebody subscribed."""
        return self.commit_deleted(CommitKey(repo, ""))

    def commit_taken(self, branch: BranchKey) -> EngineError:
        """Never met in 1.x, where every commit has an id of its own."""
        return refused(f"{self.branch(branch)} already has a commit in this transaction")

    def commit_set_not_found(self, id: str) -> EngineError:
        """Never met in 1.x, which has no sets."""
        return refused(f"no commits found for commitset {id}")

    def resolving_head(self, head: CommitKey) -> str:
        """Context of an error while the head of a branch is looked up."""
        return f"unable to inspect {self.commit(head)}"

    def repo_to_watch_not_found(self, repo: RepoKey) -> EngineError:
        """No repo to subscribe to."""
        return self.repo_not_found(repo)

    def transaction_not_found(self, id: str) -> EngineError:
        """No such transaction."""
        return refused(f"{self.prefix}/transactions/ {id} not found")

    def transaction_to_delete_not_found(self, id: str) -> EngineError:
        """The same for DeleteTransaction."""
        return refused(f"{self.transactions}{id} not found")

    def deleting_branch(self, branch: BranchKey) -> str:
        """Context of an error while a repo's branches are deleted."""
        return f"delete branch {_proto(branch)}"

    def repo(self, repo: RepoKey) -> str:
        """A repo in a sentence."""
        return repo.name

    def branch(self, branch: BranchKey) -> str:
        """A branch in a sentence."""
        return f"{branch.repo.name}@{branch.name}"

    def commit(self, commit: CommitKey) -> str:
        """A commit in a sentence."""
        return f"{commit.repo.name}@{commit.id}"


class TextsV2:
    """2.8 and later: status codes, and errors joined by newlines as Go does."""

    tar_words = (
        "cannot get directory or non-regular file. Use GetFileTAR instead",
        "matched multiple files. Use GetFileTAR instead",
    )

    def read_directory(self) -> EngineError:
        """GetFile of a directory."""
        return refused(self.tar_words[0])

    def read_several(self) -> EngineError:
        """GetFile of several files."""
        return refused(self.tar_words[1])

    def nothing_to_walk(self, commit: CommitKey, path: str) -> EngineError:
        """WalkFile of a path that is not there."""
        return EngineError("NOT_FOUND", f"commit/{commit.id} does not contain item: ({path})")

    def error(self, code: str, text: str) -> EngineError:
        """A refusal with the status that this version has for it."""
        return EngineError(code, text)

    def group_not_found(self, group: str) -> EngineError:
        """Nobody is in such a group."""
        return self.error("NOT_FOUND", f"groups {group} not found")

    def repo_not_found(self, repo: RepoKey) -> EngineError:
        """No such repo; without a type the database does not even understand the question."""
        if not repo.type:
            value = 'invalid input value for enum pfs.repo_type: ""'
            return refused(f"scanning repo row: ERROR: {value} (SQLSTATE 22P02)")
        return EngineError("NOT_FOUND", f"repo {self.repo(repo)} not found")

    def repo_exists(self, repo: RepoKey) -> EngineError:
        """The name is taken."""
        return self.error("ALREADY_EXISTS", f"repo {self.repo(repo)} already exists")

    def repo_row_not_found(self, repo: RepoKey) -> str:
        """The storage layer's words for a missing repo."""
        return f"repo (id=0, project={repo.project}, name={repo.name}, type={repo.type}) not found"

    def no_user_repo(self, repo: RepoKey) -> EngineError:
        """A repo of another type comes with a user repo of its name."""
        text = f"cannot create a system repo without a corresponding 'user' repo: {self.repo_row_not_found(repo)}"
        return EngineError("NOT_FOUND", text)

    def branch_not_found(self, branch: BranchKey, repo_exists: bool) -> EngineError:
        """No such branch, be there a repo or not."""
        lines = [
            *self._branch_row(branch, repo_exists),
            f'branch "{branch.name}" not found in repo {self.repo(branch.repo)}',
        ]
        return EngineError("NOT_FOUND", "\n".join(lines))

    def branch_to_inspect_not_found(self, branch: BranchKey, repo_exists: bool) -> EngineError:
        """The same for InspectBranch."""
        return self.branch_not_found(branch, repo_exists)

    def branch_to_delete_not_found(self, branch: BranchKey, repo_exists: bool) -> EngineError:
        """The same for DeleteBranch."""
        lines = "\n".join(self._branch_row(branch, repo_exists))
        return EngineError("NOT_FOUND", f'get branch "{branch.path}": {lines}')

    def _branch_row(self, branch: BranchKey, repo_exists: bool) -> list[str]:
        row = f"branch (id=0, branch={self.branch(branch)}) not found"
        return [row] if repo_exists else [self.repo_row_not_found(branch.repo), row]

    def branch_without_head(self, branch: BranchKey) -> EngineError:
        """Never met in 2.x, where every branch has a head."""
        return EngineError("NOT_FOUND", f"branch {self.branch(branch)} has no head")

    def branch_in_use(self, branch: BranchKey, all_of: Iterable[BranchKey], direct: Iterable[BranchKey]) -> EngineError:
        """Others have it in their provenance."""
        users = " ".join(self.branch(user) for user in direct)
        return refused(
            f'branch "{self.branch(branch)}" cannot be deleted because it\'s in the direct provenance of [{users}]'
        )

    def branch_followed(self, branch: BranchKey, followers: Iterable[BranchKey]) -> EngineError:
        """Others follow it by their triggers."""
        names = " ".join(map(self.branch, followers))
        return refused(
            f'branch "{self.branch(branch)}" cannot be deleted because it is triggered by branches [{names}]'
        )

    def branch_follows(self, branch: BranchKey, followed: BranchKey) -> EngineError:
        """It follows another one by its trigger."""
        return refused(
            f'branch "{self.branch(branch)}" cannot be deleted because it triggers branches [{self.branch(followed)}]'
        )

    def branch_loop(self, branch: BranchKey, through: BranchKey) -> EngineError:
        """Provenance in a circle."""
        return EngineError(
            "INTERNAL",
            f"create branch: cycle detected because {through.path} is already in the subvenance of {branch.path}",
        )

    def two_branches_of_a_repo(self, one: BranchKey, other: BranchKey) -> EngineError:
        """Branches of one repo that would meet in one graph of provenance."""
        names = f"{self.branch(one)}, {self.branch(other)}"
        return refused(f"multiple branches from the same repo, {names}, cannot participate in a DAG")

    def repo_to_branch_not_found(self, repo: RepoKey, commit_id: str) -> EngineError:
        """No repo for a new branch."""
        row = f"commit (int_id=0, commit_id={repo.path}@{commit_id}) not found"
        text = f"get commit by commit key: {self.repo_row_not_found(repo)}\n{row}"
        return EngineError("NOT_FOUND", text)

    def branch_of_itself(self, branch: BranchKey) -> EngineError:
        """A circle of one."""
        return refused(f"repo {self.repo(branch.repo)} cannot be in the provenance of its own branch")

    def commit_not_found(self, commit: CommitKey) -> EngineError:
        """No such commit."""
        return self.error("NOT_FOUND", f"commit {self.commit(commit)} not found")

    def commit_finished(self, commit: CommitKey) -> EngineError:
        """It takes no more changes."""
        return refused(f"commit {self.commit(commit)} has already finished")

    def commit_closed(self, commit: CommitKey) -> EngineError:
        """It takes no more files."""
        return self.commit_finished(commit)

    def finished_twice(self, commit: CommitKey) -> EngineError:
        """It cannot be finished again."""
        return self.commit_finished(commit)

    def repo_to_delete_not_found(self, repo: RepoKey) -> EngineError:
        """Never met in 2.x, where that is no error."""
        return self.repo_not_found(repo)

    def repo_to_update_not_found(self, repo: RepoKey) -> EngineError:
        """Never met in 2.x, where it is created."""
        return self.repo_not_found(repo)

    def repo_in_use(self, repo: RepoKey) -> EngineError:
        """Never met in 2.x, where branches have provenance."""
        return refused(f"repo {self.repo(repo)} is in use")

    def parent_open(self, parent: CommitKey) -> EngineError:
        """A commit cannot start on an open one."""
        return refused(f"parent commit {self.commit(parent)} has not been finished")

    def output_branch(self, branch: BranchKey) -> EngineError:
        """Only its inputs make commits there."""
        return refused(f"cannot start a commit on an output branch: {self.branch(branch)}")

    def output_unfinished(self, commit: CommitKey) -> EngineError:
        """Never met in 2.x, where open commits are readable."""
        return refused(f"output commit {self.commit(commit)} not finished")

    def file_not_found(self, path: str, repo: RepoKey, commit_id: str) -> EngineError:
        """No such file."""
        return self.error("NOT_FOUND", f"file {path} not found in repo {self.repo(repo)} at commit {commit_id}")

    def commit_deleted(self, commit: CommitKey) -> EngineError:
        """A commit went away while somebody waited for it."""
        return refused(f"inspect finishing or finished commit: commit {self.commit(commit)} was deleted")

    def repo_gone(self, repo: RepoKey, num: int) -> EngineError:
        """A repo went away to which somebody subscribed.

        :param num: of the last commit that was sent.
        """
        return EngineError("NOT_FOUND", f"commit (int_id={num}, commit_id=) not found")

    def commit_taken(self, branch: BranchKey) -> EngineError:
        """A second commit with the id of a transaction."""
        return refused(
            f"inconsistent dependencies: cannot create commit from {self.branch(branch)}; "
            f"repo ({branch.repo.path}) already has a commit in this transaction"
        )

    def commit_set_not_found(self, id: str) -> EngineError:
        """No commit has this id."""
        return self.error("NOT_FOUND", f"no commits found for commitset {id}")

    def resolving_head(self, head: CommitKey) -> str:
        """Context of an error while the head of a branch is looked up."""
        return f"unable to inspect {self.commit(head)}"

    def repo_to_watch_not_found(self, repo: RepoKey) -> EngineError:
        """No repo to subscribe to."""
        return EngineError("NOT_FOUND", f"get repo ID: {self.repo_row_not_found(repo)}")

    def transaction_not_found(self, id: str) -> EngineError:
        """No such transaction."""
        return self.error("NOT_FOUND", f"transactions {id} not found")

    def transaction_to_delete_not_found(self, id: str) -> EngineError:
        """The same for DeleteTransaction."""
        return self.transaction_not_found(id)

    def deleting_branch(self, branch: BranchKey) -> str:
        """Context of an error while a repo's branches are deleted."""
        return f"delete branch {self.branch(branch)}"

    def repo(self, repo: RepoKey) -> str:
        """A repo in a sentence."""
        return f"{repo.project}/{repo.name}" + ("" if repo.type == "user" else f".{repo.type}")

    def branch(self, branch: BranchKey) -> str:
        """A branch in a sentence."""
        return f"{self.repo(branch.repo)}@{branch.name}"

    def commit(self, commit: CommitKey) -> str:
        """A commit in a sentence."""
        return f"{self.repo(commit.repo)}@{commit.id}"


def _proto(branch: BranchKey) -> str:
    """A branch as gogo-proto prints it."""
    return f'repo:<name:"{branch.repo.name}" > name:"{branch.name}" '


Texts = TextsV1 | TextsV2
"""One method a refusal, the same in both."""
