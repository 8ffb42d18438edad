"""Repos and branches."""

from __future__ import annotations

from collections.abc import Iterable

from airflow_provider_pachyderm.client import _refs
from airflow_provider_pachyderm.client._async.base import AsyncCalls
from airflow_provider_pachyderm.client._errors import InvalidRequest
from airflow_provider_pachyderm.client._models import BranchInfo, RepoInfo
from airflow_provider_pachyderm.client._refs import BranchLike, CommitLike, RepoLike


class AsyncRepoCalls(AsyncCalls):
    """The client's calls for repos and branches."""

    async def create_repo(self, repo_name: RepoLike, description: str | None = None, *, update: bool = False) -> None:
        """Create a repo (CreateRepo).

        :param update: change the description if it exists, instead of raising.
        :raises AlreadyExists: if it exists.
        """
        repo = self._repo(repo_name)
        dialect = await self._session.dialect()
        await self._session.call(dialect.create_repo(repo, description, update=update))

    async def inspect_repo(self, repo_name: RepoLike) -> RepoInfo:
        """Describe a repo (InspectRepo).

        :raises RepoNotFound: if it does not exist.
        """
        repo = self._repo(repo_name)
        dialect = await self._session.dialect()
        return await self._session.call(dialect.inspect_repo(repo))

    async def list_repo(self) -> list[RepoInfo]:
        """List the repos of the client's project, or of all projects if it has none (ListRepo)."""
        dialect = await self._session.dialect()
        return await self._collect(dialect.list_repo(self.config.project))

    async def delete_repo(self, repo_name: RepoLike | None = None, force: bool = False, all: bool = False) -> None:
        """Delete a repo and all that is in it (DeleteRepo, DeleteRepos). Servers accept a missing one.

        :param force: also if others are made from it.
        :param all: instead, delete all repos of the client's project, or of all projects if it has none.
        :raises Conflict: if others are made from it.
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
            await self._session.run(dialect.delete_repos(self.config.project, force=force))
        else:
            await self._session.call(dialect.delete_repo(repo, force=force))

    async def delete_all(self) -> None:
        """Delete everything in the file system: repos of all projects and, on 2.5 and later, projects (DeleteAll)."""
        dialect = await self._session.dialect()
        await self._session.call(dialect.delete_all())

    # branches

    async def create_branch(
        self,
        repo_name: RepoLike,
        branch: str,
        head: CommitLike | None = None,
        *,
        provenance: Iterable[BranchLike] = (),
    ) -> None:
        """Create a branch, or change one (CreateBranch).

        :param head: a commit of the same repo: its branch, its id or all of it.
        :param provenance: the branches it is made from; a branch that exists loses those that are not named again.
        :raises Conflict: if a branch would be made from itself.
        """
        target = self._branch(repo_name, branch)
        commit = None if head is None else self._commit_in(target.repo, head)
        sources = [_refs.parse_branch(each, self.config.project) for each in provenance]
        dialect = await self._session.dialect()
        await self._session.call(dialect.create_branch(target, commit, sources))

    async def set_branch(self, commit: CommitLike, branch_name: str) -> None:
        """Make a commit the head of a branch of its repo, which is created if need be (CreateBranch, SetBranch).

        :raises CommitNotFound: if it does not exist.
        """
        head = self._commit(commit)
        await self.create_branch(head.repo, branch_name, head)

    async def inspect_branch(self, repo_name: RepoLike, branch: str) -> BranchInfo:
        """Describe a branch (InspectBranch).

        :raises BranchNotFound: if it does not exist.
        """
        target = self._branch(repo_name, branch)
        dialect = await self._session.dialect()
        return await self._session.call(dialect.inspect_branch(target))

    async def list_branch(self, repo_name: RepoLike) -> list[BranchInfo]:
        """List the branches of a repo (ListBranch)."""
        repo = self._repo(repo_name)
        dialect = await self._session.dialect()
        return await self._collect(dialect.list_branch(repo))

    async def delete_branch(self, repo_name: RepoLike, branch: str, force: bool = False) -> None:
        """Delete a branch, not its commits (DeleteBranch).

        :param force: also if others are made from it.
        """
        target = self._branch(repo_name, branch)
        dialect = await self._session.dialect()
        await self._session.call(dialect.delete_branch(target, force=force))
