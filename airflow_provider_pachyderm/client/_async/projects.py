"""Projects."""

from __future__ import annotations

from airflow_provider_pachyderm.client import _refs
from airflow_provider_pachyderm.client._async.base import AsyncCalls
from airflow_provider_pachyderm.client._errors import ProjectNotFound
from airflow_provider_pachyderm.client._models import ProjectInfo


class AsyncProjectCalls(AsyncCalls):
    """The client's calls for projects; servers have them from 2.5 on, and all others raise :class:`Unsupported`.

    There is always a project named ``default``. The project of a call is the one that the repo names
    (``project/repo``), else the client's, else ``default``.
    """

    async def create_project(self, project_name: str, description: str | None = None, *, update: bool = False) -> None:
        """Create a project (CreateProject).

        :param project_name: up to 51 letters, digits, ``_`` and ``-``; the first a letter or a digit.
        :param update: change the description if it exists, instead of raising; create it if it does not.
        :raises AlreadyExists: if it exists.
        """
        name = _refs.check_name("project", project_name)
        dialect = await self._session.dialect()
        await self._session.run(dialect.projects.create(name, description, update=update))

    async def inspect_project(self, project_name: str) -> ProjectInfo:
        """Describe a project (InspectProject).

        :raises ProjectNotFound: if it does not exist.
        """
        name = _refs.check_name("project", project_name)
        dialect = await self._session.dialect()
        return await self._session.run(dialect.projects.inspect(name))

    async def project_exists(self, project_name: str) -> bool:
        """Return whether a project exists (InspectProject)."""
        try:
            await self.inspect_project(project_name)
        except ProjectNotFound:
            return False
        return True

    async def list_project(self) -> list[ProjectInfo]:
        """List the projects (ListProject)."""
        dialect = await self._session.dialect()
        return await self._collect(dialect.projects.list())

    async def delete_project(self, project_name: str, force: bool = False) -> None:
        """Delete a project that holds no repos (DeleteProject). A missing one is no error.

        :param force: first delete all its repos (DeleteRepos), also if others are made from them.
        :raises Conflict: if it holds repos.
        """
        name = _refs.check_name("project", project_name)
        dialect = await self._session.dialect()
        await self._session.run(dialect.projects.delete(name, force=force))
