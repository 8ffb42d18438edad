"""The file system as a whole: checking it, and deleting everything."""

from __future__ import annotations

from airflow_provider_pachyderm.client._async.base import AsyncCalls
from airflow_provider_pachyderm.client._async.items import AsyncItems


class AsyncFileSystemCalls(AsyncCalls):
    """The client's calls for all there is."""

    async def delete_all(self) -> None:
        """Delete everything in the file system: repos of all projects and, on 2.5 and later, projects (DeleteAll).

        Where a server of 1.10 to 1.13 fails, as a repo is made from a newer one, they are deleted one by one first.
        """
        dialect = await self._session.dialect()
        await self._session.run(dialect.file_system.delete_all())

    async def fsck(self, *, fix: bool = False) -> AsyncItems[str]:
        """Make the server look for faults in the file system (Fsck), however long it takes: 1.8.7 and later.

        Up to 1.9.3 it finds none, or raises what it finds. What it finds may be in repos of others.

        :param fix: mend what can be mended (1.9.4 and later).
        :return: an iterator of what was found or mended, one line for each; it is open already, so errors rise here.
        """
        dialect = await self._session.dialect()
        return await (await self._session.open(dialect.file_system.fsck(fix=fix))).start()
