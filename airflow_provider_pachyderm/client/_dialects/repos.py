"""Repos: what dialects have in common of them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import TypeAlias

from airflow_provider_pachyderm.client._capabilities import Capabilities, Feature
from airflow_provider_pachyderm.client._dialects.branch_rules import followers_first, outputs_first
from airflow_provider_pachyderm.client._dialects.branches import Branches
from airflow_provider_pachyderm.client._dialects.calls import Listing, Plan
from airflow_provider_pachyderm.client._errors import (
    Conflict,
    NotFound,
    PermissionDenied,
    ProjectNotFound,
    RepoNotFound,
)
from airflow_provider_pachyderm.client._models import Repo, RepoInfo
from airflow_provider_pachyderm.client._refs import same_repo

_Repos: TypeAlias = "list[Repo]"


class Repos(ABC):
    """The calls of one server version for repos."""

    def __init__(self, capabilities: Capabilities, branches: Branches) -> None:
        self.capabilities = capabilities
        self._branches = branches

    @abstractmethod
    def create(self, repo: Repo, description: str | None, *, update: bool) -> Plan[None]:
        """Create a repo, or with ``update`` set the description of one that exists."""

    @abstractmethod
    def inspect(self, repo: Repo) -> Plan[RepoInfo]: ...

    @abstractmethod
    def list(self, project: str | None, type: str | None = "user") -> Listing[RepoInfo]:
        """List the repos of a project, or of all if None, of one type, or of any if None."""

    @abstractmethod
    def remove(self, repo: Repo, *, force: bool) -> Plan[None]:
        """DeleteRepo itself; see :meth:`delete`."""

    def delete(self, repo: Repo, *, force: bool) -> Plan[None]:
        """Delete a repo, unless it is gone; triggers that branches of it have on each other are no hindrance."""
        try:
            yield from self.remove(repo, force=force)
        except (RepoNotFound, ProjectNotFound):
            return
        except Conflict:
            if not (yield from self._without_triggers(repo, force=force)):
                raise
            yield from self.remove(repo, force=force)

    def _without_triggers(self, repo: Repo, *, force: bool) -> Plan[bool]:
        """Delete the branches of a repo that have triggers, if that is what its deletion was refused for."""
        if Feature.TRIGGERS not in self.capabilities or Feature.DELETE_TRIGGERED in self.capabilities:
            return False
        infos = yield from self._branches.list_if_any(repo)
        triggered = followers_first(infos)
        needed = any(not same_repo(made.repo, repo) for info in infos for made in info.subvenance)
        if not triggered or (needed and not force):
            return False
        for branch in triggered:
            yield from self._branches.remove(branch, force=True)
        return True

    def check_deleted(self, repo: Repo) -> Plan[None]:
        """Make sure that a repo is gone, where a server tells nobody that they may not delete it."""
        if Feature.DELETE_REFUSED in self.capabilities:
            return
        try:
            yield from self.inspect(repo)
        except (NotFound, PermissionDenied):
            return
        raise PermissionDenied(f"{repo} is still there: the server lets only its owners delete it", reference=str(repo))

    @abstractmethod
    def remove_every(self, project: str | None, *, force: bool) -> Plan[None]:
        """Delete all repos in one call; see :meth:`delete_every`."""

    def delete_every(self, project: str | None, *, force: bool) -> Plan[None]:
        """Delete the repos of a project, or all there are."""
        if Feature.DELETE_REPOS in self.capabilities:
            try:
                yield from self.remove_every(project, force=force)
                return
            except Conflict:
                pass
        for repo in (yield from self.outputs_first((yield from self.list(project).all()))):
            yield from self.delete(repo, force=force)

    def outputs_first(self, infos: Iterable[RepoInfo]) -> Plan[_Repos]:
        """Put repos in an order in which they can be deleted."""
        upstream: dict[Repo, set[Repo]] = {}
        # where servers do not say what is made from what, what is newer may be made from what is older
        for info in sorted(infos, key=lambda info: str(info.created), reverse=True):
            branches = yield from self._branches.list_if_any(info.repo)
            upstream[info.repo] = {source.repo for branch in branches for source in branch.provenance} - {info.repo}
        return outputs_first(upstream)
