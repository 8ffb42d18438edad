"""Repos of 1.x: ``pfs.API``."""

from __future__ import annotations

from typing import TypeAlias

from airflow_provider_pachyderm._wire.v1 import methods, pfs_pb2
from airflow_provider_pachyderm.client._capabilities import Feature
from airflow_provider_pachyderm.client._dialects import replies_v1 as read
from airflow_provider_pachyderm.client._dialects.branches import Branches
from airflow_provider_pachyderm.client._dialects.calls import Call, Listing, Plan, nothing, once, raw
from airflow_provider_pachyderm.client._dialects.names_v1 import NamesV1
from airflow_provider_pachyderm.client._dialects.repos import Repos
from airflow_provider_pachyderm.client._errors import AlreadyExists
from airflow_provider_pachyderm.client._models import Repo, RepoInfo

Pfs = methods.Pfs
_Repos: TypeAlias = "list[Repo]"


class ReposV1(Repos):
    """The calls of ``pfs.API`` for repos."""

    def __init__(self, names: NamesV1, branches: Branches) -> None:
        super().__init__(names.capabilities, branches)
        self._names = names

    def create(self, repo: Repo, description: str | None, *, update: bool) -> Plan[None]:
        kept = description if Feature.REPO_DESCRIPTION in self.capabilities else None
        if not update or Feature.REPO_UPSERT in self.capabilities:
            yield self._create(repo, kept, update=update)
            return
        try:
            yield self._create(repo, kept, update=False)
        except AlreadyExists:
            if kept is not None or Feature.REPO_UPDATE in self.capabilities:
                self.capabilities.require(Feature.REPO_UPDATE)
                yield self._create(repo, kept, update=True)

    def _create(self, repo: Repo, description: str | None, *, update: bool) -> Call[None]:
        request = pfs_pb2.CreateRepoRequest(repo=self._names.repo(repo), description=description, update=update)
        return Call(Pfs.CreateRepo, request, nothing, repo)

    def inspect(self, repo: Repo) -> Plan[RepoInfo]:
        request = pfs_pb2.InspectRepoRequest(repo=self._names.repo(repo))
        return once(Call(Pfs.InspectRepo, request, read.repo_info, repo))

    def inputs(self, repo: Repo) -> Plan[_Repos]:
        """Find the repos that one is made from, directly or not; up to 1.6 that is all that says what is made."""
        found: dict[str, Repo] = {}
        left = [repo]
        while left:
            request = pfs_pb2.InspectRepoRequest(repo=self._names.repo(left.pop()))
            info: pfs_pb2.RepoInfo = yield Call(Pfs.InspectRepo, request, raw, repo)
            new = {source.name: Repo(source.name) for source in info.provenance if source.name not in found}
            found |= new
            left += new.values()
        return [*found.values()]

    def list(self, project: str | None, type: str | None = "user") -> Listing[RepoInfo]:
        self._names.check_project(project)
        self._names.check_type(type)
        return Listing(Call(Pfs.ListRepo, pfs_pb2.ListRepoRequest(), read.repo_infos, "all repos"))

    def remove(self, repo: Repo, *, force: bool) -> Plan[None]:
        request = pfs_pb2.DeleteRepoRequest(repo=self._names.repo(repo), force=force)
        return once(Call(Pfs.DeleteRepo, request, nothing, repo))

    def remove_every(self, project: str | None, *, force: bool) -> Plan[None]:
        self._names.check_project(project)
        return once(Call(Pfs.DeleteRepo, pfs_pb2.DeleteRepoRequest(force=force, all=True), nothing, "all repos"))
