"""Projects, which only 2.x servers have."""

from __future__ import annotations

from airflow_provider_pachyderm._wire.v2 import methods, pfs_pb2
from airflow_provider_pachyderm.client._capabilities import Capabilities, Feature
from airflow_provider_pachyderm.client._dialects import replies_v2 as read
from airflow_provider_pachyderm.client._dialects.calls import Call, Listing, Plan, nothing, once, one
from airflow_provider_pachyderm.client._dialects.names_v2 import NamesV2
from airflow_provider_pachyderm.client._dialects.repos import Repos
from airflow_provider_pachyderm.client._errors import ProjectNotFound
from airflow_provider_pachyderm.client._models import ProjectInfo

Pfs = methods.Pfs


class Projects:
    """The calls for projects, of which 1.x servers have none."""

    def __init__(self, capabilities: Capabilities) -> None:
        self.capabilities = capabilities

    def create(self, project: str, description: str | None, *, update: bool) -> Plan[None]:
        raise self.capabilities.unsupported(Feature.PROJECTS)

    def inspect(self, project: str) -> Plan[ProjectInfo]:
        raise self.capabilities.unsupported(Feature.PROJECTS)

    def list(self) -> Listing[ProjectInfo]:
        raise self.capabilities.unsupported(Feature.PROJECTS)

    def delete(self, project: str, *, force: bool) -> Plan[None]:
        raise self.capabilities.unsupported(Feature.PROJECTS)


class ProjectsV2(Projects):
    """The calls of ``pfs_v2.API`` for projects, from 2.5 on."""

    def __init__(self, names: NamesV2, repos: Repos) -> None:
        super().__init__(names.capabilities)
        self._names = names
        self._repos = repos

    def create(self, project: str, description: str | None, *, update: bool) -> Plan[None]:
        self.capabilities.require(Feature.PROJECTS)
        try:
            yield self._create(project, description, update=update)
        except ProjectNotFound:
            if not update or Feature.PROJECT_UPSERT in self.capabilities:
                raise
            yield self._create(project, description, update=False)

    def _create(self, project: str, description: str | None, *, update: bool) -> Call[None]:
        named = self._names.project(project)
        request = pfs_pb2.CreateProjectRequest(project=named, description=description, update=update)
        return Call(Pfs.CreateProject, request, nothing, f"project {project}")

    def inspect(self, project: str) -> Plan[ProjectInfo]:
        self.capabilities.require(Feature.PROJECTS)
        request = pfs_pb2.InspectProjectRequest(project=self._names.project(project))
        return once(Call(Pfs.InspectProject, request, read.project_info, f"project {project}"))

    def list(self) -> Listing[ProjectInfo]:
        self.capabilities.require(Feature.PROJECTS)
        return Listing(Call(Pfs.ListProject, pfs_pb2.ListProjectRequest(), one(read.project_info), "all projects"))

    def delete(self, project: str, *, force: bool) -> Plan[None]:
        self.capabilities.require(Feature.PROJECTS)
        request = pfs_pb2.DeleteProjectRequest(project=self._names.project(project))
        try:
            if force:
                # what servers make of force differs between versions, and in most it fails
                yield from self._repos.delete_every(project, force=True)
            yield Call(Pfs.DeleteProject, request, nothing, f"project {project}")
        except ProjectNotFound:
            return
