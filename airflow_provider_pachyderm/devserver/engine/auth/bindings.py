"""Who has which roles where, and who is in which group: the stored data, without rules.

A scope of 1.x is kept as a role.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from airflow_provider_pachyderm.devserver.engine.auth.rules import GROUP_NOT_FOUND
from airflow_provider_pachyderm.devserver.engine.core import Core
from airflow_provider_pachyderm.devserver.engine.model import RepoKey
from airflow_provider_pachyderm.devserver.engine.store.rows import BindingRow

Binding = dict[str, tuple[str, ...]]
"""Principal -> its roles, in alphabetical order."""


@dataclass(frozen=True)
class Resource:
    """What roles can be bound to.

    :param kind: ``CLUSTER``, ``PROJECT``, ``REPO``, or another name of Pachyderm's.
    :param name: of a repo ``project/name``; the cluster has none.
    """

    kind: str
    name: str = ""


CLUSTER = Resource("CLUSTER")


def resource_of(repo: RepoKey) -> Resource:
    """The resource of a repo; those that belong to a pipeline share it."""
    return Resource("REPO", f"{repo.project}/{repo.name}")


class Bindings:
    """Bindings and groups; those of a repo or a project go with it."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._store = core.store

    def exists(self, resource: Resource) -> bool:
        """Whether there is what roles would be bound to."""
        if resource.kind == "PROJECT":
            return self._store.exists("SELECT 1 FROM projects WHERE name = ?", resource.name)
        if resource.kind == "REPO":
            return self._store.exists("SELECT 1 FROM repos WHERE path = ?", f"{resource.name}.user")
        return resource == CLUSTER

    def of(self, resource: Resource) -> Binding:
        """All that is bound there."""
        sql = "SELECT principal, role FROM bindings WHERE resource = ? ORDER BY principal, role"
        binding: Binding = {}
        for row in self._store.all(BindingRow, sql, _key(resource)):
            binding[row.principal] = (*binding.get(row.principal, ()), row.role)
        return binding

    def bind(self, resource: Resource, principal: str, roles: Iterable[str]) -> None:
        """Give these roles to somebody, instead of those before."""
        with self._core.unit():
            self._store.run("DELETE FROM bindings WHERE resource = ? AND principal = ?", _key(resource), principal)
            rows = [(_key(resource), principal, role) for role in dict.fromkeys(roles)]
            self._store.many("INSERT INTO bindings VALUES (?, ?, ?)", rows)

    def add(self, resource: Resource, principal: str, role: str) -> None:
        """Give a role to somebody beside those before."""
        self.bind(resource, principal, [*self.of(resource).get(principal, ()), role])

    def replace(self, resource: Resource, binding: Mapping[str, Iterable[str]]) -> None:
        """Bind this and nothing else."""
        with self._core.unit():
            self._store.run("DELETE FROM bindings WHERE resource = ?", _key(resource))
            for principal, roles in binding.items():
                self.bind(resource, principal, roles)

    def groups_of(self, principal: str) -> list[str]:
        """The groups of a principal."""
        return self._store.values(str, "SELECT team FROM members WHERE principal = ? ORDER BY team", principal)

    def members(self, group: str = "") -> list[str]:
        """The members of a group, or of all groups."""
        sql = "SELECT DISTINCT principal FROM members WHERE ? IN ('', team) ORDER BY principal"
        found = self._store.values(str, sql, group)
        if group and not found:
            raise self._core.refusal(GROUP_NOT_FOUND, group=group)
        return found

    def set_groups(self, principal: str, groups: Sequence[str]) -> None:
        """Make somebody a member of these groups, and of no others."""
        with self._core.unit():
            self._store.run("DELETE FROM members WHERE principal = ?", principal)
            self._store.many("INSERT OR IGNORE INTO members VALUES (?, ?)", [(group, principal) for group in groups])

    def modify_members(self, group: str, add: Sequence[str], remove: Sequence[str]) -> None:
        """Put some into a group, and take others out."""
        with self._core.unit():
            self._store.many("INSERT OR IGNORE INTO members VALUES (?, ?)", [(group, each) for each in add])
            self._store.many("DELETE FROM members WHERE team = ? AND principal = ?", [(group, each) for each in remove])

    def clear(self) -> None:
        """Forget all of it."""
        with self._core.unit():
            self._store.run("DELETE FROM bindings")
            self._store.run("DELETE FROM members")


def _key(resource: Resource) -> str:
    return f"{resource.kind}:{resource.name}"
