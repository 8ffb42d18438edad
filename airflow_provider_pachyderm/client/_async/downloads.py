"""Reading files: one, or many, into memory or to the local disk."""

from __future__ import annotations

import os
import sys
from collections.abc import AsyncIterable, AsyncIterator, Iterable
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from typing import overload

from airflow_provider_pachyderm.client import _paths
from airflow_provider_pachyderm.client._async.base import AsyncCalls, at_least_one, not_negative
from airflow_provider_pachyderm.client._async.file_batches import contents, pieces, resolve
from airflow_provider_pachyderm.client._async.file_contents import read, true_size
from airflow_provider_pachyderm.client._async.moving_heads import of_head
from airflow_provider_pachyderm.client._async.random_access import AsyncRandomAccess
from airflow_provider_pachyderm.client._async.reader import AsyncFileReader
from airflow_provider_pachyderm.client._capabilities import Feature
from airflow_provider_pachyderm.client._dialects.downloads import Download
from airflow_provider_pachyderm.client._errors import (
    IsADirectory,
)
from airflow_provider_pachyderm.client._file_texts import takes_file_text
from airflow_provider_pachyderm.client._listings import Batch
from airflow_provider_pachyderm.client._local.destination import (
    Destination,
    Existing,
    WrittenFile,
    check_existing,
    check_mode,
)
from airflow_provider_pachyderm.client._local.file_objects import AsyncOpenedFile
from airflow_provider_pachyderm.client._local.filters import Filter
from airflow_provider_pachyderm.client._local.progress import FileTransfer, Progress, Transfer
from airflow_provider_pachyderm.client._models import Commit, DownloadedFile, FileInfo, FileType
from airflow_provider_pachyderm.client._refs import CommitLike
from airflow_provider_pachyderm.client._tables import InfoList
from airflow_provider_pachyderm.client._transport.aio import blocking, side_by_side


class AsyncDownloadCalls(AsyncCalls):
    """The client's calls that read files."""

    @overload
    async def get_file(
        self,
        commit: CommitLike,
        path: str,
        offset_bytes: int = 0,
        size_bytes: int = 0,
        *,
        datum: str = "",
        progress: Progress | None = None,
    ) -> AsyncFileReader: ...

    @overload
    async def get_file(
        self,
        file: str,
        /,
        offset_bytes: int = 0,
        size_bytes: int = 0,
        *,
        datum: str = "",
        progress: Progress | None = None,
    ) -> AsyncFileReader: ...

    @takes_file_text()
    async def get_file(
        self,
        commit: CommitLike,
        path: str,
        offset_bytes: int = 0,
        size_bytes: int = 0,
        *,
        datum: str = "",
        progress: Progress | None = None,
    ) -> AsyncFileReader:
        """Read a file (InspectFile, GetFile).

        The size is checked against what the server reports. On 1.x, a whole file of one put is also checked by its
        SHA-512. If the stream breaks, it goes on at the next byte in another one, of the same commit; in an open
        commit, whose files may change, it raises :class:`StreamBroken` or :class:`StreamStalled`.

        :param offset_bytes: offset to start at.
        :param size_bytes: the most bytes to read; 0 for all.
        :param datum: only files that were put with this datum (2.x); ``default`` is that of files put without one.
        :param progress: is told how many bytes there are to read, and how many have come, as of :meth:`download`.
        :return: an open reader, so that errors are raised here.
        :raises FileNotFound: if the file does not exist.
        :raises IsADirectory: if it is a directory.
        """
        target, clean = self._commit(commit), _paths.exact(path)
        offset, size = not_negative("offset_bytes", offset_bytes), not_negative("size_bytes", size_bytes)

        async def begin() -> AsyncFileReader:
            return await self._session.open(await self._find(target, clean, offset, size, datum), progress)

        return await of_head(self._session, target, begin)

    async def _find(self, target: Commit, clean: str, offset: int, size: int, datum: str) -> Download:
        dialect = (await self._session.dialect()).of_datum(datum)
        if Feature.FILE_TIMES in dialect.capabilities:
            return await self._session.run(dialect.downloads.file(target, clean, offset, size))
        pinned = await self._session.run(dialect.commits.inspect(target))
        download = await self._session.run(dialect.downloads.file(pinned.commit, clean, offset, size))
        return replace(download, lasting=pinned.state.done)

    @overload
    async def open_file(self, commit: CommitLike, path: str, *, datum: str = "") -> AsyncOpenedFile: ...

    @overload
    async def open_file(self, file: str, /, *, datum: str = "") -> AsyncOpenedFile: ...

    @takes_file_text()
    async def open_file(self, commit: CommitLike, path: str, *, datum: str = "") -> AsyncOpenedFile:
        """Open a file to read any parts of it (InspectFile, and GetFile for each part).

        It is the file of one commit, even if the branch moves on. A stream that breaks goes on, as of :meth:`get_file`.

        :param datum: only files that were put with this datum (2.x); ``default`` is that of files put without one.
        :return: a buffered binary file of Python; from the async client, one to ``await``.
        :raises FileNotFound: if the file does not exist.
        :raises IsADirectory: if it is a directory.
        """
        target, clean = self._commit(commit), _paths.exact(path)
        return await of_head(self._session, target, lambda: self._open_file(target, clean, datum))

    async def _open_file(self, target: Commit, clean: str, datum: str) -> AsyncOpenedFile:
        dialect = (await self._session.dialect()).of_datum(datum)
        pinned = await self._session.run(dialect.commits.inspect(target))
        info = await self._session.run(dialect.files.inspect(pinned.commit, clean))
        if info.type is FileType.DIR:
            raise IsADirectory(f"{clean} is a directory in {pinned.commit}", reference=f"{pinned.commit}:{clean}")
        size = await true_size(self._session, info, datum, lasting=pinned.state.done)
        known = replace(info, commit=pinned.commit, size_bytes=size)

        async def begin(offset: int) -> AsyncFileReader:
            return await read(self._session, known, datum, offset=offset, lasting=pinned.state.done)

        return AsyncOpenedFile(AsyncRandomAccess(size, begin), clean)

    @overload
    async def get_files(
        self,
        commit: CommitLike,
        paths: str | Iterable[str],
        recursive: bool = False,
        *,
        datum: str = "",
        progress: Progress | None = None,
    ) -> dict[str, bytes]: ...

    @overload
    async def get_files(
        self, file: str, /, recursive: bool = False, *, datum: str = "", progress: Progress | None = None
    ) -> dict[str, bytes]: ...

    @takes_file_text(("commit", "paths"))
    async def get_files(
        self,
        commit: CommitLike,
        paths: str | Iterable[str],
        recursive: bool = False,
        *,
        datum: str = "",
        progress: Progress | None = None,
    ) -> dict[str, bytes]:
        """Read files into memory (GetFile for each, or GetFileTAR). Use :meth:`download` for what does not fit.

        :param paths: paths of files and directories; a str is one path.
        :param recursive: of a directory, read all files below it, not only those in it.
        :param datum: only files that were put with this datum (2.x); ``default`` is that of files put without one.
        :param progress: is told how many bytes there are to read, and how many have come, as of :meth:`download`.
        :return: the content by absolute path.
        """
        target, given = self._commit(commit), _paths.exacts(paths)

        async def read_all() -> dict[str, bytes]:
            return await self._read_all(target, given, recursive, datum, progress)

        # what was counted once may not be counted again
        return await of_head(self._session, target, read_all, lambda: progress is None)

    async def _read_all(
        self, target: Commit, paths: list[str], recursive: bool, datum: str, progress: Progress | None
    ) -> dict[str, bytes]:
        batches = await resolve(self._session, target, paths, recursive=recursive, datum=datum)
        transfer = Transfer(progress)
        transfer.expect(sum(info.size_bytes for batch in batches for info in batch.files))
        found: dict[str, bytes] = {}
        for batch in batches:
            read_of_batch: dict[str, bytes] = {}
            async with aclosing(contents(self._session, batch, datum)) as files:
                async for info, content in files:
                    with transfer.file(info.path, info.path, info.size_bytes) as counted:
                        read_of_batch[info.path] = await _joined(content, counted)
            found.update((info.path, read_of_batch[info.path]) for info in batch.files)
        transfer.end()
        return found

    @overload
    async def download(
        self,
        commit: CommitLike,
        paths: str | Iterable[str],
        destination: str | os.PathLike[str],
        *,
        include: str | Iterable[str] = (),
        exclude: str | Iterable[str] = (),
        parallel: int = 1,
        datum: str = "",
        existing: Existing = "replace",
        mode: int | None = 0o600,
        unquote: bool = False,
        progress: Progress | None = None,
    ) -> list[DownloadedFile]: ...

    @overload
    async def download(
        self,
        file: str,
        /,
        destination: str | os.PathLike[str],
        *,
        include: str | Iterable[str] = (),
        exclude: str | Iterable[str] = (),
        parallel: int = 1,
        datum: str = "",
        existing: Existing = "replace",
        mode: int | None = 0o600,
        unquote: bool = False,
        progress: Progress | None = None,
    ) -> list[DownloadedFile]: ...

    @takes_file_text(("commit", "paths"))
    async def download(
        self,
        commit: CommitLike,
        paths: str | Iterable[str],
        destination: str | os.PathLike[str],
        *,
        include: str | Iterable[str] = (),
        exclude: str | Iterable[str] = (),
        parallel: int = 1,
        datum: str = "",
        existing: Existing = "replace",
        mode: int | None = 0o600,
        unquote: bool = False,
        progress: Progress | None = None,
    ) -> list[DownloadedFile]:
        """Copy files to the local disk (GetFile for each, or GetFileTAR); ``/dir/f`` becomes ``destination/dir/f``.

        A file appears under its name only when it is complete, and until then a file that was there stays. A directory
        of small files comes as one archive, where servers make such (2.x). Where the stream of any other file breaks,
        or falls silent, it is read on from there if the commit is finished; without a MiB in between, as long as the
        retry policy allows.

        Before anything is read, each file gets its place, and there must be room for all. A run that was broken off
        leaves what is worth it, a MiB or more, in files named ``.….pachyderm.part``: the next one to the same directory
        goes on there if it is of the same finished commit, on the same machine since its start, else it removes them.

        :param paths: paths of files, and of directories with everything below them; a str is one path.
        :param include: from directories, only files that match one of these patterns, as in :meth:`put_files`.
        :param exclude: leave out files that match one of these.
        :param parallel: number of files to read at a time, each in a stream of its own.
        :param datum: only files that were put with this datum (2.x); ``default`` is that of files put without one.
        :param existing: what to do with existing files: ``"replace"``, ``"skip_same"``, or ``"fail"``, in which case
            nothing is read. A file is the same if it has the same size, and either the hash that the server
            states, which can be computed of small files on 2.x and of files of one put on 1.x, or the time that a
            download gives a file: the end of the commit (not before 1.8.1, where servers do not tell it).
        :param mode: permissions of the files: by default only this user may read and write them; None leaves it to the
            umask.
        :param unquote: undo what ``bad_names="quote"`` did to names, as :func:`unquote_path` does.
        :param progress: is told how many bytes there are to read, by ``set_size``, and how many have been written, by
            ``relative_update``, as fsspec's callbacks are: ``TqdmCallback`` shows a bar. Files that existed already do
            not count, but what an earlier run left of one does. If it has ``branched``, that is called for each file,
            with the path and the local path, and gives what is told of that file.
        :return: the path and the local path of each file, including files that existed already.
        :raises InvalidRequest: if a file would be written outside of ``destination``.
        :raises LocalError: if a file cannot be written: :class:`DiskFull`, :class:`LocalConflict` (something else
            exists there), :class:`LocalNameInvalid` or :class:`LocalPermissionDenied`.
        """
        streams, wanted = at_least_one("parallel", parallel), Filter(include, exclude)
        check_existing(existing)
        check_mode(mode)
        asked, given = self._commit(commit), _paths.exacts(paths)

        async def find() -> list[Batch]:
            return await resolve(
                self._session, asked, given, recursive=True, datum=datum, wanted=wanted, streams=streams
            )

        found = await of_head(self._session, asked, find)
        files = [info for batch in found for info in batch.files]
        if not files:
            return []
        lasting = f"{files[0].commit}\0{datum}" if found[0].lasting else None
        transfer = Transfer(progress)
        target = Destination(destination, existing, mode, unquote, lasting, transfer)
        try:
            saved = await self._save(target, found, datum, streams)
        except BaseException:
            target.close(complete=False)
            raise
        target.close(complete=True)
        transfer.end()
        return InfoList(saved[info.path] for info in files)

    async def _save(
        self, target: Destination, found: list[Batch], datum: str, streams: int
    ) -> dict[str, DownloadedFile]:
        world = (await self._session.dialect()).capabilities.world
        saved = await blocking(target.prepare, [info for batch in found for info in batch.files], world)

        async def save(batch: Batch) -> None:
            if batch.directory is None:
                for info in batch.files:
                    saved[info.path] = await self._save_alone(target, info, datum, batch)
                return
            async with aclosing(contents(self._session, batch, datum)) as files:
                async for info, content in files:
                    async with _writing(target, info, goes_on=False) as file:
                        await _fill(file, content)
                    saved[info.path] = target.saved(info, file.part.size)

        left = (replace(each, files=[info for info in each.files if info.path not in saved]) for each in found)
        await side_by_side(save, [batch for batch in left if batch.files], streams)
        return saved

    async def _save_alone(self, target: Destination, info: FileInfo, datum: str, batch: Batch) -> DownloadedFile:
        async with (
            _writing(target, info, goes_on=batch.lasting) as file,
            aclosing(pieces(self._session, info, datum, batch, file.part.size)) as content,
        ):
            await _fill(file, content)
        return target.saved(info, file.part.size)


@asynccontextmanager
async def _writing(target: Destination, info: FileInfo, *, goes_on: bool) -> AsyncIterator[WrittenFile]:
    writing = target.writing(info, goes_on=goes_on)
    file = await blocking(writing.__enter__)
    try:
        yield file
    except BaseException:
        if not await blocking(writing.__exit__, *sys.exc_info()):
            raise
    else:
        await blocking(writing.__exit__, None, None, None)


async def _fill(file: WrittenFile, content: AsyncIterable[bytes]) -> None:
    async for chunk in content:
        await blocking(file.write, chunk)


async def _joined(content: AsyncIterable[bytes], counted: FileTransfer) -> bytes:
    pieces = []
    async for chunk in content:
        counted.add(len(chunk))
        pieces.append(chunk)
    return b"".join(pieces)
