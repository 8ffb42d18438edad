"""The file system as a whole: checking it, and deleting everything."""

from __future__ import annotations

from airflow_provider_pachyderm.client._async.base import AsyncCalls
from airflow_provider_pachyderm.client._async.items import AsyncItems


class AsyncFileSystemCalls(AsyncCalls):
    """The client's calls for all there is."""

    async def delete_all(self) -> None:
        """Delete everything in the file system: all repos and, on 2.5 and later, all projects (DeleteAll).

        Servers of 1.10 to 1.13 fail if a repo is made from a newer one; then the repos are deleted one by one first.
        """
        dialect = await self._session.dialect()
        await self._session.run(dialect.file_system.delete_all())

    async def fsck(self, *, fix: bool = False) -> AsyncItems[str]:
        """Make the server check the file system for faults (Fsck), however long it takes; 1.8.7 and later.

        Servers before 1.9.4 raise the first fault that they find. Faults may be in repos of other users.

        :param fix: fix what can be fixed (1.9.4 and later).
        :return: an iterator of what was found or fixed, a line each; it is open already, so errors are raised here.
        """
        dialect = await self._session.dialect()
        return await (await self._session.open(dialect.file_system.fsck(fix=fix))).start()
