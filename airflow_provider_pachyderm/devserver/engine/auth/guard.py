"""What callers may do. The two worlds have rules of their own for it: :mod:`.roles` and :mod:`.scopes`."""

from __future__ import annotations

from airflow_provider_pachyderm.devserver.engine.auth.authentication import Authentication
from airflow_provider_pachyderm.devserver.engine.model import RepoKey


class Guard:
    """Lets anyone do anything, as where nobody is asked who they are.

    A need is a permission (2.x) or a scope (1.x).
    """

    def begin(self, admin: str) -> None:
        """Make somebody an administrator, when authentication begins."""

    def check(self, repo: RepoKey, *needs: str) -> None:
        """Refuse a caller who lacks one of these on a repo."""

    def check_cluster(self, *needs: str) -> None:
        """Refuse a caller who lacks one of these on all there is."""

    def may(self, repo: RepoKey, *needs: str) -> bool:
        """Whether the caller has all of these on a repo."""
        return True

    def canonical(self, principal: str) -> str:
        """The whole name of somebody who can be given rights; refused if it is none."""
        return principal

    def check_create(self, repo: RepoKey) -> None:
        """Refuse a caller who may not create a repo there."""

    def repo_created(self, repo: RepoKey) -> None:
        """A repo is new: its maker becomes its owner."""

    def check_describe(self, repo: RepoKey) -> None:
        """Refuse a caller who may not change the description of a repo."""

    def check_delete(self, repo: RepoKey) -> bool:
        """Refuse a caller who may not delete a repo, or say that it is to be left."""
        return True

    def may_delete(self, repo: RepoKey) -> bool:
        """Whether the caller may delete a repo."""
        return True

    def may_list(self, repo: RepoKey) -> bool:
        """Whether a list of repos shows it to the caller."""
        return True

    def project_created(self, name: str) -> None:
        """A project is new: its maker becomes its owner."""

    def check_delete_project(self, name: str) -> None:
        """Refuse a caller who may not delete a project."""


_ANYTHING = Guard()


class Permissions:
    """Which guard holds now.

    :param rules: those of the world; while authentication is off, there are none.
    """

    def __init__(self, auth: Authentication, rules: Guard) -> None:
        self._auth = auth
        self._rules = rules

    @property
    def guard(self) -> Guard:
        """What callers may do."""
        return self._rules if self._auth.active else _ANYTHING
