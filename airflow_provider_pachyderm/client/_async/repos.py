"""Repos."""

from __future__ import annotations

from airflow_provider_pachyderm.client import _refs
from airflow_provider_pachyderm.client._async.base import AsyncCalls
from airflow_provider_pachyderm.client._errors import InvalidRequest, NotFound
from airflow_provider_pachyderm.client._models import RepoInfo
from airflow_provider_pachyderm.client._refs import RepoLike


class AsyncRepoCalls(AsyncCalls):
    """The client's calls for repos."""

    async def create_repo(self, repo_name: RepoLike, description: str | None = None, *, update: bool = False) -> None:
        """Create a repo (CreateRepo).

        :param update: change the description of an existing repo, instead of raising.
        :raises AlreadyExists: if the repo exists.
        """
        repo = self._repo(repo_name)
        dialect = await self._session.dialect()
        await self._session.run(dialect.repos.create(repo, description, update=update), together=True)

    async def inspect_repo(self, repo_name: RepoLike) -> RepoInfo:
        """Describe a repo (InspectRepo).

        :raises RepoNotFound: if it does not exist.
        """
        repo = self._repo(repo_name)
        dialect = await self._session.dialect()
        return await self._session.run(dialect.repos.inspect(repo))

    async def repo_exists(self, repo_name: RepoLike) -> bool:
        """Return whether a repo exists (InspectRepo)."""
        try:
            await self.inspect_repo(repo_name)
        except NotFound:
            return False
        return True

    async def list_repo(self, *, type: str | None = "user", project: str | None = None) -> list[RepoInfo]:
        """List the repos of a project (ListRepo). 2.x servers send them one by one, however many there are.

        :param type: ``user``, ``spec`` or ``meta``; None for all. 1.x servers know only ``user``.
        :param project: the client's if None, and all projects if it has none either.
        """
        if type is not None:
            _refs.check_name("type of a repo", type)
        within = self.config.project if project is None else _refs.check_name("project", project)
        dialect = await self._session.dialect()
        return await self._collect(dialect.repos.list(within, type))

    async def delete_repo(self, repo_name: RepoLike | None = None, force: bool = False, all: bool = False) -> None:
        """Delete a repo and all that is in it (DeleteRepo, DeleteRepos). A missing one is no error.

        :param force: also if others are made from it.
        :param all: instead, delete all repos of the client's project, or of all projects if it has none. Where
            authentication is on, these are the repos that the caller may delete.
        :raises Conflict: if others are made from it.
        :raises PermissionDenied: if the caller does not own it.
        """
        if all == (repo_name is not None):
            raise InvalidRequest(
                "Cannot specify a repo_name if all=True"
                if all
                else "Either a repo_name or all=True needs to be provided"
            )
        repo = None if repo_name is None else self._repo(repo_name)
        dialect = await self._session.dialect()
        if repo is None:
            await self._session.run(dialect.repos.delete_every(self.config.project, force=force))
        else:
            await self._session.run(dialect.repos.delete(repo, force=force), together=True)
            if self._session.metadata.auth_token is not None and not self._session.in_transaction:
                await self._session.run(dialect.repos.check_deleted(repo))
