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
from airflow_provider_pachyderm.client._models import BranchInfo, Repo, RepoInfo
from airflow_provider_pachyderm.client._refs import same_repo

_Infos: TypeAlias = "list[BranchInfo]"
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
            triggered = yield from self._triggered(repo, force=force)
            if not triggered:
                raise
            yield from self._remove_with(repo, triggered, force=force)

    def _triggered(self, repo: Repo, *, force: bool) -> Plan[_Infos]:
        """Find the branches of a repo that have triggers, if that is what its deletion was refused for."""
        if Feature.TRIGGERS not in self.capabilities or Feature.DELETE_TRIGGERED in self.capabilities:
            return []
        infos = yield from self._branches.list_if_any(repo)
        needed = any(not same_repo(made.repo, repo) for info in infos for made in info.subvenance)
        return [] if needed and not force else followers_first(infos)

    def _remove_with(self, repo: Repo, triggered: _Infos, *, force: bool) -> Plan[None]:
        """Delete a repo after branches of it, which are there again if it is refused."""
        gone: _Infos = []
        try:
            for info in triggered:
                yield from self._branches.remove(info.branch, force=True)
                gone.insert(0, info)
            yield from self.remove(repo, force=force)
        except (Conflict, PermissionDenied):
            for info in gone:
                yield from self._branches.set_back(info.branch, info.head, trigger=info.trigger)
            raise

    def check_deleted(self, repo: Repo) -> Plan[None]:
        """Make sure that a repo is gone, where a server tells nobody that they may not delete it."""
        if Feature.DELETE_REFUSED in self.capabilities:
            return
        try:
            yield from self.inspect(repo)
        except (NotFound, PermissionDenied):
            return
        raise PermissionDenied(
            f"repo {repo} still exists: the server lets only its owners delete it", reference=str(repo)
        )

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
