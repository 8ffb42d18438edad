"""Many changes to the files of one commit in one go."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from posixpath import commonpath
from typing import overload

from airflow_provider_pachyderm.client import _paths, _refs
from airflow_provider_pachyderm.client._async import taken_places
from airflow_provider_pachyderm.client._async.base import AsyncCalls
from airflow_provider_pachyderm.client._async.file_writing import (
    is_at,
    put_all,
    put_url,
    refuse_to_copy_out_of,
    url_to_put,
)
from airflow_provider_pachyderm.client._async.moving_heads import of_head
from airflow_provider_pachyderm.client._async.write_targets import WriteTarget, write_target
from airflow_provider_pachyderm.client._capabilities import Feature
from airflow_provider_pachyderm.client._changes import Change, Copy, Delete, Put, PutFiles, PutUrl
from airflow_provider_pachyderm.client._dialects.changes import Places, in_runs, in_streams
from airflow_provider_pachyderm.client._dialects.uploads import Content
from airflow_provider_pachyderm.client._errors import FileNotFound
from airflow_provider_pachyderm.client._file_texts import takes_file_text
from airflow_provider_pachyderm.client._local import disk
from airflow_provider_pachyderm.client._local.chunks import AsyncSource, BinaryFile, check_async_source
from airflow_provider_pachyderm.client._local.filters import Filter
from airflow_provider_pachyderm.client._local.names import BadNames, check_bad_names
from airflow_provider_pachyderm.client._local.progress import Progress, Transfer
from airflow_provider_pachyderm.client._models import Commit, CommitState
from airflow_provider_pachyderm.client._refs import CommitLike
from airflow_provider_pachyderm.client._transport.aio import blocking


class AsyncModification:
    """Collects the changes for :meth:`AsyncPfsClient.modify`. Nothing here is awaited, as nothing is sent yet."""

    def __init__(self, project: str | None) -> None:
        self._project = project
        self._changes: list[Change | PutFiles] = []
        self._commit: Commit | None = None

    def __repr__(self) -> str:
        changes = f"{len(self._changes)} change{'' if len(self._changes) == 1 else 's'}"
        return f"<{type(self).__name__}: {changes}{f' made in {self._commit}' if self._commit else ''}>"

    @property
    def commit(self) -> Commit | None:
        """The commit that was made or written to; None before the end of the ``with`` block, and without changes."""
        return self._commit

    def put(self, path: str, value: AsyncSource, *, append: bool = False) -> None:
        """Write a file.

        :param value: bytes, an iterable of bytes, or a binary file; the latter two are read when it is sent.
        :param append: append to an existing file instead of replacing it.
        """
        check_async_source(value)
        self._changes.append(Put(_paths.for_writing(path), value, append))

    def put_file(self, path: str, source: str | os.PathLike[str] | BinaryFile, *, append: bool = False) -> None:
        """Write a file from a local file, which is opened when it is sent.

        :param source: path of a local file, or a binary file.
        :param append: append to an existing file instead of replacing it.
        :raises OSError: if the local file cannot be read.
        """
        if not isinstance(source, (str, os.PathLike)):
            self.put(path, source, append=append)
        else:
            self._changes.append(Put(_paths.for_writing(path), disk.check_file(source), append))

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
        """Write all files below a local directory, which is read when the changes are sent.

        :param path: directory in the commit that corresponds to ``directory``.
        :param append: append to existing files instead of replacing them.
        :param include: only files that match one of these patterns, as of :meth:`AsyncPfsClient.put_files`.
        :param exclude: leave out files that match one of these.
        :param follow_links: also follow links to directories, as in :meth:`AsyncPfsClient.put_files`.
        :param bad_names: what to do with files whose names PFS cannot store, as in :meth:`AsyncPfsClient.put_files`.
        """
        wanted = Filter(include, exclude)
        check_bad_names(bad_names)
        self._changes.append(PutFiles(Path(directory), _paths.literal(path), append, wanted, follow_links, bad_names))

    def put_url(
        self, path: str, url: str, recursive: bool = False, *, append: bool = False, concurrency: int = 0
    ) -> None:
        """Make the server fetch a file and write it.

        :param url: URL of a web server, or of an object store that the server has access to.
        :param recursive: fetch all objects whose names begin with ``url`` into the directory ``path``.
        :param append: append to an existing file instead of replacing it.
        :param concurrency: number of objects that the server fetches at a time, with ``recursive`` (2.5 and later); 0:
            the server decides.
        """
        self._changes.append(url_to_put(path, url, recursive, append, concurrency))

    @overload
    def copy(self, source_commit: CommitLike, source_path: str, dest_path: str, *, append: bool = False) -> None: ...

    @overload
    def copy(self, file: str, /, dest_path: str, *, append: bool = False) -> None: ...

    @takes_file_text(("source_commit", "source_path"))
    def copy(self, source_commit: CommitLike, source_path: str, dest_path: str, *, append: bool = False) -> None:
        """Copy a file or directory from any commit, of any repo.

        :param append: append to existing files instead of replacing them.
        """
        source = _refs.parse_commit(source_commit, self._project)
        self._changes.append(
            Copy(source, _paths.exact(source_path), _paths.literal(_paths.not_empty(dest_path)), append)
        )

    def delete(self, path: str) -> None:
        """Delete a file, or a directory with everything below it; a missing one is no error."""
        self._changes.append(Delete(_paths.exact(_paths.not_empty(path))))

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


class AsyncModifyCalls(AsyncCalls):
    """The client's call that makes many changes at once."""

    @asynccontextmanager
    async def modify(
        self, commit: CommitLike, *, wait: bool = True, progress: Progress | None = None
    ) -> AsyncIterator[AsyncModification]:
        """Collect changes in the ``with`` block, and make them at its end, in order (ModifyFile).

        .. code-block:: python

            with client.modify("images@master") as changes:
                changes.put("/new.csv", b"1,2")
                changes.delete("/old.csv")

        If the block raises, nothing is sent. With a branch, they are made in a commit of their own, unless its head is
        open: all or none, as what fails is dropped. In an open commit, what was done before a failure stays, and
        dropping the commit is up to you. 2.x takes all in one stream, all or none, unless one change appends to what
        another has copied, or copies what another has written; 1.x takes them one by one.

        What is copied from the commit that is written to is what is there when its turn comes; with a branch whose head
        is finished, what is in that.

        :param commit: an open commit, or a branch.
        :param wait: with a branch, wait until the server has accepted the new commit. With False, that is not known on
            2.x, as with :meth:`finish_commit`, and a commit that fails is not dropped.
        :param progress: is told at the end of the block how many bytes there are to put, unless only the end of one of
            the sources tells, and how many have been sent, as in :meth:`AsyncPfsClient.put_files`. What the server
            fetches, copies or deletes does not count.
        :return: a collector of changes, which has the ``commit`` that was made or written to after the block.
        :raises CommitFinished: if the commit is finished.
        :raises FileNotFound: if the file to copy does not exist.
        :raises PathConflict: with a branch, if a path is both file and directory; in an open commit, finishing it
            raises that.
        """
        target = self._commit(commit)
        self._session.refuse_in_transaction()
        changes = AsyncModification(self.config.project)
        yield changes
        transfer = Transfer(progress)
        wanted = await changes.gathered()
        if transfer.is_watched:
            wanted = await blocking(_counted, wanted, transfer)
        if wanted:
            changes._commit = await self._make(target, wanted, wait)
        transfer.end()

    async def _make(self, target: Commit, wanted: list[Change], wait: bool) -> Commit:
        dialect = await self._session.dialect()
        known = [
            await of_head(self._session, change.source, partial(self._known, change, target))
            if isinstance(change, Copy)
            else change
            for change in wanted
        ]
        async with write_target(self._session, target, wait) as to:
            left = [each for change in known for each in _left_to_do(change, to.commit)]
            if Feature.MODIFY_FILE in dialect.capabilities:
                for stream in in_streams(left, to.commit):
                    changes = await self._session.run(dialect.uploads.change(to.commit, stream))
                    await self._session.send(changes.upload, changes.parts)
            else:
                await self._make_each(to, left)
        return to.named

    async def _known(self, change: Copy, target: Commit) -> Change:
        """Find what is to be copied, before a commit is started that is the head of its branch then.

        In an open commit it may be missing now, and be put there before its turn comes.
        """
        dialect = await self._session.dialect()
        if change.source.id is None:
            info = await self._session.run(dialect.commits.inspect(change.source))
            change = replace(change, source=info.commit)
        if not change.append:
            await refuse_to_copy_out_of(self._session, change.source, change.source_path, target, change.path)
        try:
            known = await self._session.run(dialect.copies.find(change.source, change.source_path))
        except FileNotFound:
            if (await self._session.run(dialect.commits.inspect(change.source))).state is CommitState.OPEN:
                return change
            raise
        return replace(change, source=known.commit, known=known)

    async def _make_each(self, to: WriteTarget, wanted: list[Change]) -> None:
        written = Places()
        for run in in_runs(wanted):
            first = run[0]
            if isinstance(first, Put):
                files = [
                    Content(each.path, each.source, transfer=each.transfer) for each in run if isinstance(each, Put)
                ]
                await put_all(self._session, to, commonpath([file.path for file in files]), files, first.append)
            else:
                fresh = to.own and not written.meet(first.path)
                await self._make_one(to, first, fresh)
            for each in run:
                written.add(each.path)

    async def _make_one(self, to: WriteTarget, change: Change, fresh: bool) -> None:
        dialect, commit = await self._session.dialect(), to.commit
        if isinstance(change, PutUrl):
            await put_url(self._session, to, change)
        elif isinstance(change, Copy):
            source = change.known
            if source is None:
                source = await self._session.run(dialect.copies.find(change.source, change.source_path))
            await taken_places.check_copied(self._session, to, source, change.path)
            await self._session.run(dialect.copies.copy(source, commit, change.path, append=change.append, fresh=fresh))
        else:
            await self._session.run(dialect.files.delete(commit, change.path, fresh=fresh))
            taken_places.deleted(self._session, to, change.path)


def _found(change: PutFiles) -> list[tuple[str, Path]]:
    return disk.find_files(
        change.directory, change.path, change.wanted, follow_links=change.follow_links, bad_names=change.bad_names
    )


def _counted(changes: list[Change], transfer: Transfer) -> list[Change]:
    """Have the bytes of what is put counted."""
    counted = iter(transfer.several((change.path, change.source) for change in changes if isinstance(change, Put)))
    return [replace(change, transfer=next(counted)) if isinstance(change, Put) else change for change in changes]


def _left_to_do(change: Change, commit: Commit) -> Iterator[Change]:
    """Leave out a copy in its own place, and what is known of one from the commit that is written to: it may change."""
    if not isinstance(change, Copy) or change.source.id != commit.id:
        yield change
    elif change.append or not is_at(change.source, change.source_path, commit, change.path):
        yield replace(change, known=None)
