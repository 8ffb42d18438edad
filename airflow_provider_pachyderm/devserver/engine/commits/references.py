"""Which commit a request means: by id, by branch, by ancestry, or by the id of a set."""

from __future__ import annotations

from airflow_provider_pachyderm.devserver.engine.branches.rules import BRANCH_WITHOUT_HEAD
from airflow_provider_pachyderm.devserver.engine.commits.names import is_commit_id, split_ancestry
from airflow_provider_pachyderm.devserver.engine.commits.rules import (
    ANCESTRY_IS_STRICT,
    ANCESTRY_MARKS,
    BRANCHES_SHADOW_IDS,
    COMMIT_NOT_FOUND,
    COMMITS_BY_BRANCH,
    EMPTY_ID_REFUSED,
    PICKS_COMMITS,
    SHARED_IDS,
)
from airflow_provider_pachyderm.devserver.engine.core import Core
from airflow_provider_pachyderm.devserver.engine.errors import EngineError, during, refused
from airflow_provider_pachyderm.devserver.engine.model import BranchKey, CommitKey, CommitRef
from airflow_provider_pachyderm.devserver.engine.store.lookups import Lookups
from airflow_provider_pachyderm.devserver.engine.store.rows import CommitRow


class References:
    """Finds commits."""

    def __init__(self, core: Core, lookups: Lookups) -> None:
        self._core = core
        self._store = core.store
        self._has_sets = core.profile[SHARED_IDS] and not core.profile[COMMITS_BY_BRANCH]
        self._lookups = lookups

    def resolve(self, ref: CommitRef) -> CommitRow:
        """The row of the commit that a request means; refused if there is none."""
        return self._pick(ref) if self._core.profile[PICKS_COMMITS] else self._resolve(ref)

    def find_any(self, ref: CommitRef) -> CommitRow | None:
        """The row of the commit that a request means, or None."""
        try:
            return self.resolve(ref)
        except EngineError:
            return None

    def _pick(self, ref: CommitRef) -> CommitRow:
        """As 2.12 does: a branch name may have a suffix, and what is missing is told outermost first."""
        with during("pick commit tx"):
            if ref.branch and not ref.id:
                ref = CommitRef(ref.repo, ref.branch)
                named = ""
            else:
                named = ref.id
            base, back, number = self._offset(ref)
            row = self._base(ref, base, named)
            return self._stepped(row, ref, back, number)

    def _offset(self, ref: CommitRef) -> tuple[str, int, int]:
        try:
            return split_ancestry(ref.id, self._core.profile[ANCESTRY_MARKS], self._core.profile[ANCESTRY_IS_STRICT])
        except EngineError:
            name = self._core.words.commit(CommitKey(ref.repo, ref.id))
            raise refused(f"calculate offset {name}: count offset and clean: invalid ancestry format") from None

    def _base(self, ref: CommitRef, base: str, named: str) -> CommitRow:
        words = self._core.words
        if not self._store.exists("SELECT 1 FROM projects WHERE name = ?", ref.repo.project):
            step = "picking commit: picking branch: picking repo: picking project"
            raise refused(f'{step}: project "{ref.repo.project}" not found', "NOT_FOUND")
        missing = self._core.refusal(COMMIT_NOT_FOUND, commit=CommitKey(ref.repo, named)).text
        if self._lookups.find_repo(ref.repo) is None:
            raise refused(f"{missing}\nrepo {words.repo(ref.repo)} not found", "NOT_FOUND")
        if is_commit_id(base):
            row = self.find(ref, base) or self._through_set(CommitKey(ref.repo, base))
            if row is None:
                raise refused(f"{missing}\n{missing}", "NOT_FOUND")
            return row
        branch = BranchKey(ref.repo, base)
        if self._lookups.find_branch(branch) is None:
            why = f'branch "{base}" not found in repo {words.repo(ref.repo)}'
            raise refused(f"{missing}\n{why}", "NOT_FOUND")
        return self._head(branch)

    def _stepped(self, row: CommitRow, ref: CommitRef, back: int, number: int) -> CommitRow:
        found = self._at(row, back, number)
        if found is None:
            head, depth = f"{ref.repo.path}@{row.id}", len(self._lookups.line(row))
            if number:
                why = f"from branch root for head commit: {head}, offset: {number - 1}, maximum depth: {depth}"
            else:
                why = f"for ancestor of commit: {head}, offset requested: {back}, offset traversable: {depth - 1}"
            raise refused(f"picking commit: invalid offset {why}")
        return found

    def _resolve(self, ref: CommitRef) -> CommitRow:
        if self._core.profile[SHARED_IDS] and not ref.id:
            return self._head(BranchKey(ref.repo, ref.branch))
        if self._core.profile[BRANCHES_SHADOW_IDS]:
            return self._by_either(ref)
        if not ref.id and self._core.profile[EMPTY_ID_REFUSED]:
            raise refused("cannot resolve commit with no ID or branch")
        base, back, number = split_ancestry(
            ref.id, self._core.profile[ANCESTRY_MARKS], self._core.profile[ANCESTRY_IS_STRICT]
        )
        row = self._by_id(ref, base) if is_commit_id(base) else self._by_name(ref, base)
        found = self._at(row, back, number)
        if found is None:
            raise self._core.refusal(COMMIT_NOT_FOUND, commit=CommitKey(ref.repo, ref.id, ref.branch))
        return found

    def _by_either(self, ref: CommitRef) -> CommitRow:
        base, back, _ = split_ancestry(ref.id, self._core.profile[ANCESTRY_MARKS], strict=False)
        branch = self._lookups.find_branch(BranchKey(ref.repo, base))
        row = self._lookups.commit_by_num(branch.head) if branch is not None else self.find(ref, base)
        found = self._ancestor(row, back)
        if found is None:
            raise self._core.refusal(COMMIT_NOT_FOUND, commit=CommitKey(ref.repo, ref.id))
        return found

    def find(self, ref: CommitRef, id: str) -> CommitRow | None:
        """The row of the commit with an id, or None."""
        if self._core.profile[COMMITS_BY_BRANCH] and not ref.branch:
            return self._on_any_branch(ref, id)
        return self._lookups.find_commit(CommitKey(ref.repo, id, ref.branch))

    def _on_any_branch(self, ref: CommitRef, id: str) -> CommitRow | None:
        sql = "SELECT c.* FROM commits c JOIN repos r ON r.num = c.repo WHERE r.path = ? AND c.id = ?"
        rows = self._store.all(CommitRow, sql, ref.repo.path, id)
        if len(rows) > 1:
            name = self._core.words.commit(CommitKey(ref.repo, ref.id))
            raise refused(f"commit {name} is ambiguous (specify the branch to resolve)")
        return rows[0] if rows else None

    def _by_name(self, ref: CommitRef, name: str) -> CommitRow:
        if ref.branch and self._core.profile[COMMITS_BY_BRANCH]:
            branch = self._core.words.branch(BranchKey(ref.repo, ref.branch))
            raise refused(f"invalid commit ID given with a branch ({branch}): {name}\n")
        return self._head(BranchKey(ref.repo, name))

    def _head(self, branch: BranchKey) -> CommitRow:
        row = self._lookups.branch(branch)
        if row.head is None:
            raise self._core.refusal(BRANCH_WITHOUT_HEAD, branch=branch)
        return self._lookups.commit(row.head)

    def _by_id(self, ref: CommitRef, id: str) -> CommitRow:
        key = CommitKey(ref.repo, id, ref.branch)
        row = self.find(ref, id) or self._through_set(key)
        if row is None:
            raise self._core.refusal(COMMIT_NOT_FOUND, commit=key)
        return row

    def _through_set(self, commit: CommitKey) -> CommitRow | None:
        """A commit of this repo from which another of the set is made: 2.x accepts the set's id for it."""
        return self._store.one(
            CommitRow,
            "WITH RECURSIVE up (num) AS (SELECT num FROM commits WHERE id = ? UNION "
            "SELECT p.input FROM commit_provenance p JOIN up ON p.downstream = up.num) "
            "SELECT c.* FROM up JOIN commits c ON c.num = up.num JOIN repos r ON r.num = c.repo WHERE r.path = ?",
            commit.id if self._has_sets else "", commit.repo.path,
        )  # fmt: skip

    def _at(self, row: CommitRow, back: int, number: int) -> CommitRow | None:
        """Follow an ancestry suffix, as :func:`split_ancestry` reads it, from the commit before it."""
        return self._numbered(row, number) if number else self._ancestor(row, back)

    def _ancestor(self, row: CommitRow | None, steps: int) -> CommitRow | None:
        for _ in range(steps):
            if row is None:
                break
            row = self._lookups.commit_by_num(row.parent)
        return row

    def _numbered(self, row: CommitRow, number: int) -> CommitRow | None:
        line = self._lookups.line(row)
        return line[-number] if number <= len(line) else None
