"""Many changes to the files of one commit in one go."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import replace
from itertools import groupby
from pathlib import Path

from airflow_provider_pachyderm.client import _local, _paths, _refs
from airflow_provider_pachyderm.client._async.writing import AsyncWriteCalls, url_to_put
from airflow_provider_pachyderm.client._capabilities import Feature
from airflow_provider_pachyderm.client._changes import Change, Copy, Delete, Put, PutFiles, PutUrl
from airflow_provider_pachyderm.client._chunks import AsyncSource, BinaryFile, check_async_source
from airflow_provider_pachyderm.client._filters import Filter
from airflow_provider_pachyderm.client._models import Commit
from airflow_provider_pachyderm.client._names import BadNames, check_bad_names
from airflow_provider_pachyderm.client._refs import CommitLike
from airflow_provider_pachyderm.client._transport.aio import blocking


class AsyncModification:
    """Gathers what :meth:`AsyncPfsClient.modify` is to do. Nothing here is awaited, as nothing is sent yet."""

    def __init__(self, project: str | None) -> None:
        self._project = project
        self._changes: list[Change | PutFiles] = []

    def put(self, path: str, value: AsyncSource, *, append: bool = False) -> None:
        """Write a file.

        :param value: bytes, an iterable of bytes, or a binary file; the latter two are read when it is sent.
        :param append: to what is in the file, instead of replacing it.
        """
        check_async_source(value)
        self._changes.append(Put(_paths.for_writing(path), value, append))

    def put_file(self, path: str, source: str | os.PathLike[str] | BinaryFile, *, append: bool = False) -> None:
        """Write a file from a local one, which is opened when it is sent.

        :param source: path of a local file, or a binary file.
        :param append: to what is in the file, instead of replacing it.
        :raises OSError: if the local file cannot be read.
        """
        if not isinstance(source, (str, os.PathLike)):
            self.put(path, source, append=append)
        else:
            self._changes.append(Put(_paths.for_writing(path), _local.check_file(source), append))

    def put_files(
        self,
        directory: str | os.PathLike[str],
        path: str = "/",
        *,
        append: bool = False,
        include: str | Iterable[str] = (),
        exclude: str | Iterable[str] = (),
        follow_links: bool = False,
        bad_names: BadNames = "refuse",
    ) -> None:
        """Write all files that are below a local directory when it is sent.

        :param path: directory in the commit that corresponds to ``directory``.
        :param append: to what is in the files, instead of replacing it.
        :param include: only files that match one of these patterns, as of :meth:`AsyncPfsClient.put_files`.
        :param exclude: but none that matches one of these.
        :param follow_links: also links to directories, as of :meth:`AsyncPfsClient.put_files`.
        :param bad_names: of files whose names PFS cannot store, as of :meth:`AsyncPfsClient.put_files`.
        """
        wanted = Filter(include, exclude)
        check_bad_names(bad_names)
        self._changes.append(PutFiles(Path(directory), _paths.literal(path), append, wanted, follow_links, bad_names))

    def put_url(
        self, path: str, url: str, recursive: bool = False, *, append: bool = False, concurrency: int = 0
    ) -> None:
        """Make the server fetch a file and write it.

        :param url: of a web server, or of an object store that the server has access to.
        :param recursive: all objects whose names begin like ``url``, into the directory ``path``.
        :param append: to what is in the file, instead of replacing it.
        :param concurrency: how many objects the server fetches at a time, with ``recursive`` (2.5 and later); 0 leaves
            that to the server.
        """
        self._changes.append(url_to_put(path, url, recursive, append, concurrency))

    def copy(self, source_commit: CommitLike, source_path: str, dest_path: str, *, append: bool = False) -> None:
        """Copy a file or directory from any commit, of any repo.

        :param append: to what is in the files, instead of replacing it.
        """
        source = _refs.parse_commit(source_commit, self._project)
        self._changes.append(Copy(source, _paths.literal(source_path), _paths.literal(dest_path), append))

    def delete(self, path: str) -> None:
        """Delete a file, or a directory with all below it; a missing one is no error."""
        self._changes.append(Delete(_paths.literal(path)))

    async def gathered(self) -> list[Change]:
        """Give all changes, with the files that are in local directories now."""
        found: list[Change] = []
        for change in self._changes:
            if isinstance(change, PutFiles):
                files = await blocking(_found, change)
                found.extend(Put(path, local, change.append) for path, local in files)
            else:
                found.append(change)
        return found


class AsyncModifyCalls(AsyncWriteCalls):
    """The client's call that makes many changes at once."""

    @asynccontextmanager
    async def modify(self, commit: CommitLike) -> AsyncIterator[AsyncModification]:
        """Gather changes in the body of the ``with``, and make them at its end, in order (ModifyFile).

        .. code-block:: python

            with client.modify("images@master") as changes:
                changes.put("/new.csv", b"1,2")
                changes.delete("/old.csv")

        If the body raises, nothing is sent. 2.x servers take all changes in one stream, so they are made all or not at
        all. 1.x servers take them one by one: with a branch, that is done in a commit of its own, which is dropped if
        one fails; in an open commit, what was done before the failure stays, and dropping the commit is up to you.

        A 2.x server checks a commit after it is finished: what it finds then, such as a path that is both file and
        directory, :meth:`wait_commit` raises.

        :param commit: an open commit, or a branch, on which this is a commit of its own unless its head is open.
        :raises CommitFinished: if the commit is finished.
        :raises FileNotFound: if there is no such file to copy.
        """
        target = self._commit(commit)
        self._session.refuse_in_transaction()
        changes = AsyncModification(self.config.project)
        yield changes
        wanted = await changes.gathered()
        if wanted:
            await self._make(target, wanted)

    async def _make(self, target: Commit, wanted: list[Change]) -> None:
        dialect = await self._session.dialect()
        if Feature.MODIFY_FILE in dialect.capabilities:
            await self._session.change(await self._session.run(dialect.changes(target, wanted)))
        elif await self._is_open(target):
            await self._make_each(target, wanted)
        else:
            pinned = [await self._pinned(change) for change in wanted]
            async with self.commit(target.repo, str(target.branch)) as commit:
                await self._make_each(commit, pinned)

    async def _pinned(self, change: Change) -> Change:
        """Name the commit to copy from, before the one that is started is the head of its branch."""
        if not isinstance(change, Copy) or change.source.id is not None:
            return change
        return replace(change, source=(await self.inspect_commit(change.source)).commit)

    async def _make_each(self, commit: Commit, wanted: list[Change]) -> None:
        for append, alike in groupby(wanted, _put_mode):
            if append is None:
                for change in alike:
                    await self._make_one(commit, change)
            else:
                files = [(each.path, each.source) for each in alike if isinstance(each, Put)]
                await self._put_all(commit, "/", files, append)

    async def _make_one(self, commit: Commit, change: Change) -> None:
        if isinstance(change, PutUrl):
            await self.put_file_url(
                commit, change.path, change.url, change.recursive, append=change.append, concurrency=change.concurrency
            )
        elif isinstance(change, Copy):
            await self.copy_file(change.source, change.source_path, commit, change.path, append=change.append)
        else:
            await self.delete_file(commit, change.path)


def _found(change: PutFiles) -> list[tuple[str, Path]]:
    return _local.find_files(
        change.directory, change.path, change.wanted, follow_links=change.follow_links, bad_names=change.bad_names
    )


def _put_mode(change: Change) -> bool | None:
    """Say how a file is put; those that are put alike may go together."""
    return change.append if isinstance(change, Put) else None
