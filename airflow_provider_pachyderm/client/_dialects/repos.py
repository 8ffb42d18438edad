"""What dialects have in common of projects and repos; see :mod:`.base`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable

from airflow_provider_pachyderm.client._capabilities import Capabilities, Feature
from airflow_provider_pachyderm.client._dialects.auth import Auth
from airflow_provider_pachyderm.client._dialects.branch_rules import followers_first, outputs_first
from airflow_provider_pachyderm.client._dialects.branches import Branches
from airflow_provider_pachyderm.client._dialects.calls import Call, Listing, Plan
from airflow_provider_pachyderm.client._dialects.roles import Roles
from airflow_provider_pachyderm.client._dialects.transactions import Transactions
from airflow_provider_pachyderm.client._errors import (
    Conflict,
    NotFound,
    PachydermError,
    PermissionDenied,
    ProjectNotFound,
    RepoNotFound,
    ServerError,
)
from airflow_provider_pachyderm.client._models import ProjectInfo, Repo, RepoInfo
from airflow_provider_pachyderm.client._refs import same_repo


class Repos(ABC):
    """Projects and repos as one server version speaks of them, and the calls that are about all of them."""

    branches: Branches

    def __init__(self, capabilities: Capabilities) -> None:
        self.capabilities = capabilities

    # projects

    def create_project(self, project: str, description: str | None, *, update: bool) -> Call[None]:
        raise self.capabilities.unsupported(Feature.PROJECTS)

    def inspect_project(self, project: str) -> Call[ProjectInfo]:
        raise self.capabilities.unsupported(Feature.PROJECTS)

    def list_project(self) -> Listing[ProjectInfo]:
        raise self.capabilities.unsupported(Feature.PROJECTS)

    def delete_project(self, project: str, *, force: bool) -> Plan[None]:
        raise self.capabilities.unsupported(Feature.PROJECTS)

    # repos

    @abstractmethod
    def create_repo(self, repo: Repo, description: str | None, *, update: bool) -> Call[None]: ...

    @abstractmethod
    def inspect_repo(self, repo: Repo) -> Call[RepoInfo]: ...

    @abstractmethod
    def list_repo(self, project: str | None, type: str | None = "user") -> Listing[RepoInfo]:
        """List the repos of a project, or of all if None, of one type, or of any if None."""

    @abstractmethod
    def remove_repo(self, repo: Repo, *, force: bool) -> Call[None]:
        """DeleteRepo itself; see :meth:`delete_repo`."""

    def delete_repo(self, repo: Repo, *, force: bool) -> Plan[None]:
        """Delete a repo, unless it is gone; triggers that branches of it have on each other are no hindrance."""
        try:
            yield self.remove_repo(repo, force=force)
        except (RepoNotFound, ProjectNotFound):
            return
        except Conflict:
            if not (yield from self._without_triggers(repo, force=force)):
                raise
            yield self.remove_repo(repo, force=force)

    def _without_triggers(self, repo: Repo, *, force: bool) -> Plan[bool]:
        """Delete the branches of a repo that have triggers, if that is what its deletion was refused for."""
        if Feature.TRIGGERS not in self.capabilities or Feature.DELETE_TRIGGERED in self.capabilities:
            return False
        infos = yield from self.branches.list_if_any(repo)
        triggered = followers_first(infos)
        needed = any(not same_repo(made.repo, repo) for info in infos for made in info.subvenance)
        if not triggered or (needed and not force):
            return False
        for branch in triggered:
            yield from self.branches.remove(branch, force=True)
        return True

    def check_deleted(self, repo: Repo) -> Plan[None]:
        """Make sure that a repo is gone, where a server tells nobody that they may not delete it."""
        if Feature.DELETE_REFUSED in self.capabilities:
            return
        try:
            yield self.inspect_repo(repo)
        except (NotFound, PermissionDenied):
            return
        raise PermissionDenied(f"{repo} is still there: the server lets only its owners delete it", reference=str(repo))

    @abstractmethod
    def delete_every_repo(self, project: str | None, *, force: bool) -> Call[None]:
        """Delete all repos in one call; see :meth:`delete_repos`."""

    def delete_repos(self, project: str | None, *, force: bool) -> Plan[None]:
        """Delete the repos of a project, or all there are."""
        if Feature.DELETE_REPOS in self.capabilities:
            try:
                yield self.delete_every_repo(project, force=force)
                return
            except Conflict:
                pass
        for repo in (yield from self._outputs_first((yield self.list_repo(project)))):
            yield from self.delete_repo(repo, force=force)

    def _outputs_first(self, infos: Iterable[RepoInfo]) -> Plan[list[Repo]]:
        upstream: dict[Repo, set[Repo]] = {}
        # where servers do not say what is made from what, what is newer may be made from what is older
        for info in sorted(infos, key=lambda info: str(info.created), reverse=True):
            branches = yield from self.branches.list_if_any(info.repo)
            upstream[info.repo] = {source.repo for branch in branches for source in branch.provenance} - {info.repo}
        return outputs_first(upstream)

    @abstractmethod
    def remove_all(self) -> Call[None]:
        """DeleteAll itself; see :meth:`delete_all`."""

    def delete_all(self) -> Plan[None]:
        """Delete everything. Servers of 1.10 to 1.13 cannot while there is a repo that is made from a newer one."""
        try:
            yield self.remove_all()
        except (NotFound, Conflict, ServerError) as refusal:
            yield from self._delete_each(refusal)
            yield self.remove_all()

    def _delete_each(self, refusal: PachydermError) -> Plan[None]:
        """Delete repo by repo, as often as it helps.

        :raises PachydermError: the refusal, if none of them goes.
        """
        left = yield from self._outputs_first((yield self.list_repo(None, None)))
        while left:
            kept: list[Repo] = []
            for repo in left:
                try:
                    yield self.remove_repo(repo, force=True)
                except (RepoNotFound, ProjectNotFound):
                    pass
                except (NotFound, Conflict, ServerError):
                    kept.append(repo)
            if len(kept) == len(left):
                raise refusal
            left = kept

    @abstractmethod
    def fsck(self, *, fix: bool) -> Listing[str]: ...

    @property
    @abstractmethod
    def transactions(self) -> Transactions:
        """The calls of the transaction API.

        :raises Unsupported: if the server has none.
        """

    @property
    @abstractmethod
    def auth(self) -> Auth:
        """The calls of the auth API; each says if the server has not got it."""

    @property
    @abstractmethod
    def roles(self) -> Roles:
        """Those calls of it that are about who may do what."""
