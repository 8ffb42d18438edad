"""File sets."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import timedelta

from airflow_provider_pachyderm.client import _refs
from airflow_provider_pachyderm.client._async.base import AsyncCalls, not_negative, whole_seconds
from airflow_provider_pachyderm.client._async.modify import AsyncModification
from airflow_provider_pachyderm.client._async.write_targets import write_target
from airflow_provider_pachyderm.client._capabilities import Feature
from airflow_provider_pachyderm.client._dialects.changes import in_streams
from airflow_provider_pachyderm.client._errors import InvalidRequest
from airflow_provider_pachyderm.client._models import Commit, FileSetType, PathRange
from airflow_provider_pachyderm.client._refs import CommitLike

_KEPT = timedelta(minutes=10)
"""How long servers keep a new file set."""


class AsyncNewFileSet(AsyncModification):
    """Collects the changes for :meth:`AsyncPfsClient.create_file_set`."""

    def __init__(self, project: str | None) -> None:
        super().__init__(project)
        self._id: str | None = None

    @property
    def file_set_id(self) -> str:
        """ID of the file set.

        :raises InvalidRequest: before the end of the ``with``, where it is made.
        """
        if self._id is None:
            raise InvalidRequest("a file set has an ID only after its `with` block has ended without an error")
        return self._id


class AsyncFileSetCalls(AsyncCalls):
    """The client's calls for file sets (2.x): files that belong to no commit, and that the server keeps for a while.

    A file set is written once, from anywhere; commits then take it as it is, without its data being sent again. Servers
    keep it for ten minutes, and longer if it is renewed. What it holds is read by naming it as a commit:
    ``client.list_file(file_set_commit(id))``. On 1.x servers all of these raise :class:`Unsupported`.
    """

    @asynccontextmanager
    async def create_file_set(self) -> AsyncIterator[AsyncNewFileSet]:
        """Collect changes in the ``with`` block, and make a file set of them at its end (CreateFileSet).

        .. code-block:: python

            with client.create_file_set() as changes:
                changes.put("/a.csv", b"1,2")
                changes.put_files("images")
            client.add_file_set("repo@master", changes.file_set_id)

        It holds the changes themselves: where it is added to a commit, or composed with others, a file that was put
        replaces the one that is there, unless with ``append=True``, and a file that was deleted goes. To delete a
        directory reaches only what was put in the file set before, as it is not known yet what else there will be.

        If the block raises, nothing is sent.

        :return: a collector of changes, which has ``file_set_id`` after the block.
        """
        self._session.refuse_in_transaction()
        dialect = await self._session.dialect()
        dialect.capabilities.require(Feature.FILE_SETS)
        changes = AsyncNewFileSet(self.config.project)
        yield changes
        ids: list[str] = []
        for stream in in_streams(await changes.gathered()) or [[]]:
            made = await self._session.run(dialect.file_sets.create(stream))
            ids.append(await self._session.send(made.upload, made.parts))
        changes._id = ids[0] if len(ids) == 1 else await self.compose_file_set(ids, _KEPT)

    async def get_file_set(self, commit: CommitLike, *, type: FileSetType = FileSetType.TOTAL) -> str:
        """Make a file set of the files of a commit, as they are now if it is open (GetFileSet).

        Servers remember what was ever deleted on the way to the commit, as a file is before it is put if it may exist:
        where the file set is added to another one, such a file goes, or is replaced; all others are appended to what is
        there.

        :param type: all files of the commit, or with ``DIFF`` what it changed (2.9 and later).
        :return: the ID of the file set.
        :raises CommitNotFinished: if the commit is open and what it grows from is being finished.
        """
        target = self._commit(commit)
        if not isinstance(type, FileSetType):
            raise InvalidRequest(f"the type of a file set must be a FileSetType, not {type!r}")
        dialect = await self._session.dialect()
        return await self._session.run(dialect.file_sets.get(target, type))

    async def add_file_set(self, commit: CommitLike, file_set_id: str, *, wait: bool = True) -> Commit:
        """Make the changes of a file set in an open commit (AddFileSet). The commit keeps them, however long the set.

        With a branch instead of an open commit, this is a commit of its own unless the head of the branch is open.

        :param wait: with a branch, wait until the server has accepted the new commit. With False, that is not known on
            2.x, as with :meth:`finish_commit`, and a commit that fails is not dropped.
        :return: the commit that was made or written to.
        :raises CommitFinished: if the commit is finished.
        :raises FileSetNotFound: if the file set does not exist any more.
        """
        target, id = self._commit(commit), _refs.check_file_set_id(file_set_id)
        dialect = await self._session.dialect()
        dialect.capabilities.require(Feature.FILE_SETS)
        async with write_target(self._session, target, wait) as to:
            await self._session.run(dialect.file_sets.add(to.commit, id))
        return to.named

    async def renew_file_set(self, file_set_id: str, ttl: timedelta) -> None:
        """Set the remaining lifetime of a file set, whether longer or shorter than before (RenewFileSet).

        :param ttl: in whole seconds, rounded up. Servers take 30 minutes at most.
        :raises FileSetNotFound: if the file set does not exist any more.
        """
        id, seconds = _refs.check_file_set_id(file_set_id), whole_seconds(ttl)
        dialect = await self._session.dialect()
        await self._session.run(dialect.file_sets.renew(id, seconds))

    async def compose_file_set(self, file_set_ids: Iterable[str], ttl: timedelta, *, compact: bool = False) -> str:
        """Make a file set of the changes of several, one after the other (ComposeFileSet).

        So what a later one puts or deletes wins over what earlier ones put. While the new one is kept, so are those.

        :param ttl: how long it is kept, in whole seconds, rounded up; with ``compact``, ten minutes anyway.
        :param compact: merge them into one, which takes as long as it takes, and is quicker to read (2.4 and later).
        :return: the ID of the new file set.
        :raises FileSetNotFound: if one of them does not exist any more.
        """
        if isinstance(file_set_ids, str):
            raise InvalidRequest("file_set_ids must be a list, not a str")
        ids, seconds = [_refs.check_file_set_id(id) for id in file_set_ids], whole_seconds(ttl)
        dialect = await self._session.dialect()
        return await self._session.run(dialect.file_sets.compose(ids, seconds, compact=compact))

    async def shard_file_set(
        self, file_set_id: str, *, number_of_files: int = 0, size_bytes: int = 0
    ) -> list[PathRange]:
        """Divide a file set into ranges of paths, one for each worker (ShardFileSet): 2.4 and later.

        A range is closed when it has so many files or bytes, whichever it has first. Servers go by the first layer of a
        composed file set alone, so compose it with ``compact``, which leaves one, or few of very different sizes.

        Until a server is restarted, what is given here holds for later calls without it, and for how it stores what is
        written: give numbers that are good for all.

        :param number_of_files: 0 leaves it to the server: a million, or what was given last (2.9 and later).
        :param size_bytes: likewise, a gigabyte.
        :return: consecutive ranges that cover all paths; at least one.
        :raises FileSetNotFound: if the file set does not exist any more.
        """
        id = _refs.check_file_set_id(file_set_id)
        files, size = not_negative("number_of_files", number_of_files), not_negative("size_bytes", size_bytes)
        dialect = await self._session.dialect()
        return await self._session.run(dialect.file_sets.shard(id, files, size))
