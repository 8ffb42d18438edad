"""The graph of branches: what is upstream and downstream of a branch."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable

from airflow_provider_pachyderm.devserver.engine.core import Core
from airflow_provider_pachyderm.devserver.engine.model import BranchKey, RepoKey
from airflow_provider_pachyderm.devserver.engine.store.lookups import Lookups
from airflow_provider_pachyderm.devserver.engine.store.rows import BranchNameRow, BranchRow, Link


class Provenance:
    """Branches by the branches they are made from."""

    def __init__(self, core: Core, lookups: Lookups) -> None:
        self._core = core
        self._store = core.store
        self._lookups = lookups

    def direct(self, branch: BranchKey) -> list[BranchKey]:
        """The inputs a branch was created with, in that order."""
        rows = self._store.all(
            BranchNameRow,
            "SELECT p.repo, p.name FROM branch_provenance p JOIN branches b ON b.num = p.branch "
            "WHERE b.path = ? ORDER BY p.position",
            branch.path,
        )
        return [BranchKey(parse_repo(row.repo), row.name) for row in rows]

    def direct_users(self, branch: BranchKey) -> list[BranchKey]:
        """Branches that have it as an input, oldest first."""
        rows = self._store.all(
            BranchRow,
            "SELECT b.* FROM branch_provenance p JOIN branches b ON b.num = p.branch "
            "WHERE p.repo = ? AND p.name = ? ORDER BY b.num",
            branch.repo.path, branch.name,
        )  # fmt: skip
        return [self._lookups.branch_key(row) for row in rows]

    def upstream(self, branch: BranchKey) -> list[BranchKey]:
        """All that a branch is made from, nearest first."""
        return reach(branch, self.direct)

    def downstream(self, branch: BranchKey) -> list[BranchKey]:
        """All that is made from a branch, nearest first."""
        return reach(branch, self.direct_users)

    def heads(self, branch: BranchKey) -> list[Link]:
        """What a new commit of a branch is made from."""
        heads = ((key, self._lookups.head(key)) for key in self.direct(branch))
        links = (Link(head.num, key.repo.path, key.name, head.id) for key, head in heads if head is not None)
        # branches of one repo may be at the same commit
        return list({(link.repo, link.id): link for link in links}.values())

    def replace(self, branch: BranchKey, inputs: Iterable[BranchKey]) -> None:
        """Set the inputs of a branch."""
        num = self._lookups.branch(branch).num
        self._store.run("DELETE FROM branch_provenance WHERE branch = ?", num)
        for position, key in enumerate(inputs):
            sql = "INSERT INTO branch_provenance (branch, position, repo, name) VALUES (?, ?, ?, ?)"
            self._store.run(sql, num, position, key.repo.path, key.name)

    def forget(self, branch: BranchKey) -> None:
        """A branch is being deleted: drop it from the inputs of others."""
        sql = "DELETE FROM branch_provenance WHERE repo = ? AND name = ?"
        self._store.run(sql, branch.repo.path, branch.name)


def reach(start: BranchKey, step: Callable[[BranchKey], list[BranchKey]]) -> list[BranchKey]:
    """What is reached from a branch step by step, nearest first."""
    found: dict[BranchKey, None] = {}
    queue = deque(step(start))
    while queue:
        key = queue.popleft()
        if key not in found:
            found[key] = None
            queue.extend(step(key))
    return list(found)


def parse_repo(path: str) -> RepoKey:
    """The repo of its stored spelling, ``project/name.type``."""
    project, _, rest = path.partition("/")
    name, _, type = rest.rpartition(".")
    return RepoKey(name, project, type)
