"""Commit sets."""

from __future__ import annotations

from airflow_provider_pachyderm.client import _refs
from airflow_provider_pachyderm.client._async.base import AsyncCalls
from airflow_provider_pachyderm.client._async.items import AsyncItems
from airflow_provider_pachyderm.client._models import CommitInfo, CommitSetInfo
from airflow_provider_pachyderm.client._refs import CommitSetLike
from airflow_provider_pachyderm.client._tables import InfoList


class AsyncCommitSetCalls(AsyncCalls):
    """The client's calls for commit sets (2.x): commits of one id, made in one step or downstream of each other.

    A set is given by its id, or by a commit of it that has one. On 1.x servers all of these raise :class:`Unsupported`:
    there, every commit has an id of its own, and :meth:`flush_commit` waits for what is made from it.
    """

    async def list_commit_set(self) -> AsyncItems[CommitSetInfo]:
        """List commit sets, newest first (ListCommitSet): those of the client's project, or all if it has none.

        :return: an iterator that is open already, so errors are raised here.
        """
        dialect = await self._session.dialect()
        return await self._session.open(dialect.commit_sets.list(self.config.project))

    async def inspect_commit_set(self, commit_set_id: CommitSetLike, *, wait: bool = False) -> list[CommitInfo]:
        """Describe the commits of a set, inputs before what is made from them (InspectCommitSet).

        :param wait: until all of them are finished, failed ones included.
        :raises CommitNotFound: if there is no such set.
        """
        id = _refs.parse_commit_set(commit_set_id, self.config.project)
        dialect = await self._session.dialect()
        return await self._collect(dialect.commit_sets.inspect(id, wait=wait))

    async def wait_commit_set(self, commit_set_id: CommitSetLike, *, timeout: float | None = None) -> list[CommitInfo]:
        """Wait until all commits of a set are finished (InspectCommitSet).

        :param timeout: seconds for all of them together, or None for no limit.
        :raises CommitFailed: if one was finished with an error.
        :raises CommitNotFound: if there is no such set.
        :raises DeadlineExceeded: if they are not finished in time.
        """
        id = _refs.parse_commit_set(commit_set_id, self.config.project)
        dialect = await self._session.dialect()
        return InfoList(await self._session.run(dialect.commit_sets.wait(id), timeout, total=True))

    async def squash_commit_set(self, commit_set_id: CommitSetLike) -> None:
        """Take all commits of a set out of their history; later ones keep the files (SquashCommitSet).

        Servers accept a set that does not exist.

        :raises Conflict: if one of them has no later commit, so that its files would be lost.
        """
        id = _refs.parse_commit_set(commit_set_id, self.config.project)
        dialect = await self._session.dialect()
        await self._session.run(dialect.commit_sets.squash(id), together=True)

    async def drop_commit_set(self, commit_set_id: CommitSetLike) -> None:
        """Delete all commits of a set, open or finished, with their files (DropCommitSet).

        Servers accept a set that does not exist.

        :raises Conflict: if one of them has a later commit.
        """
        id = _refs.parse_commit_set(commit_set_id, self.config.project)
        dialect = await self._session.dialect()
        await self._session.run(dialect.commit_sets.drop(id))
