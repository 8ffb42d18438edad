"""Repos of 2.x: ``pfs_v2.API``."""

from __future__ import annotations

from collections.abc import Iterable

from airflow_provider_pachyderm._wire.v2 import methods, pfs_pb2
from airflow_provider_pachyderm.client._dialects import replies_v2 as read
from airflow_provider_pachyderm.client._dialects.branches import Branches
from airflow_provider_pachyderm.client._dialects.calls import Call, Listing, Plan, nothing, once, one
from airflow_provider_pachyderm.client._dialects.names_v2 import NamesV2
from airflow_provider_pachyderm.client._dialects.repos import Repos
from airflow_provider_pachyderm.client._models import Repo, RepoInfo

Pfs = methods.Pfs


class ReposV2(Repos):
    """The calls of ``pfs_v2.API`` for repos."""

    def __init__(self, names: NamesV2, branches: Branches) -> None:
        super().__init__(names.capabilities, branches)
        self._names = names

    def create(self, repo: Repo, description: str | None, *, update: bool) -> Plan[None]:
        request = pfs_pb2.CreateRepoRequest(repo=self._names.repo(repo), description=description, update=update)
        return once(Call(Pfs.CreateRepo, request, nothing, repo))

    def inspect(self, repo: Repo) -> Plan[RepoInfo]:
        request = pfs_pb2.InspectRepoRequest(repo=self._names.repo(repo))
        return once(Call(Pfs.InspectRepo, request, read.repo_info, repo))

    def list(self, project: str | None, type: str | None = "user") -> Listing[RepoInfo]:
        request = pfs_pb2.ListRepoRequest(type=type, projects=self._projects(project))
        return Listing(Call(Pfs.ListRepo, request, one(read.repo_info), "all repos"))

    def remove(self, repo: Repo, *, force: bool) -> Plan[None]:
        request = pfs_pb2.DeleteRepoRequest(repo=self._names.repo(repo), force=force)
        return once(Call(Pfs.DeleteRepo, request, nothing, repo))

    def remove_every(self, project: str | None, *, force: bool) -> Plan[None]:
        request = pfs_pb2.DeleteReposRequest(projects=self._projects(project), force=force, all=project is None)
        return once(Call(Pfs.DeleteRepos, request, nothing, "all repos"))

    def _projects(self, project: str | None) -> Iterable[pfs_pb2.Project]:
        """Name the project whose repos are meant; nothing for those of all."""
        return () if project is None else filter(None, [self._names.project(project)])
