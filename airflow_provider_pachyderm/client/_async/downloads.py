"""Reading many files: into memory, or to the local disk."""

from __future__ import annotations

import logging
import os
from collections.abc import AsyncGenerator, AsyncIterable, Iterable
from contextlib import aclosing
from dataclasses import replace
from typing import TypeAlias

from airflow_provider_pachyderm.client import _local, _paths
from airflow_provider_pachyderm.client._async.base import at_least_one
from airflow_provider_pachyderm.client._async.members import AsyncMembers
from airflow_provider_pachyderm.client._async.reading import AsyncReadCalls
from airflow_provider_pachyderm.client._batches import Batch, alone, together
from airflow_provider_pachyderm.client._capabilities import Feature
from airflow_provider_pachyderm.client._dialects.wholeness import list_broken
from airflow_provider_pachyderm.client._errors import PachydermError, StreamBroken, StreamStalled, Unavailable
from airflow_provider_pachyderm.client._filters import Filter
from airflow_provider_pachyderm.client._models import CommitInfo, DownloadedFile, FileInfo, FileType
from airflow_provider_pachyderm.client._refs import CommitLike
from airflow_provider_pachyderm.client._transport.aio import blocking, side_by_side

_logger = logging.getLogger(__name__)

# what has to come of a file, in bytes, until breaks of its stream are counted anew
_PROGRESS = 1024 * 1024

AsyncContent: TypeAlias = "tuple[FileInfo, AsyncIterable[bytes]]"


class AsyncDownloadCalls(AsyncReadCalls):
    """The client's calls that read many files."""

    async def get_files(
        self, commit: CommitLike, paths: str | Iterable[str], recursive: bool = False, *, datum: str = ""
    ) -> dict[str, bytes]:
        """Read files into memory (GetFile for each, or GetFileTAR). :meth:`download` is for what does not fit.

        :param paths: of files and directories; a str is one path.
        :param recursive: of a directory, read all files below it, not only those in it.
        :param datum: only what was put with this datum (2.x); ``default`` is that of files put without one.
        :return: the content by absolute path.
        """
        found: dict[str, bytes] = {}
        for batch in await self._resolve(commit, paths, recursive=recursive, datum=datum):
            contents: dict[str, bytes] = {}
            async with aclosing(self._contents(batch, datum)) as files:
                async for info, content in files:
                    contents[info.path] = b"".join([chunk async for chunk in content])
            found.update((info.path, contents[info.path]) for info in batch.files)
        return found

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
    ) -> list[DownloadedFile]:
        """Copy files to the local disk (GetFile for each, or GetFileTAR); ``/dir/f`` becomes ``destination/dir/f``.

        A file appears under its name only when it is complete; one that is there already is replaced. A directory of
        small files comes as one archive, where servers make such (2.x). Where the stream of any other file breaks, or
        falls silent, it is read on from there if the commit is finished; without a MiB in between, as long as the retry
        policy allows.

        :param paths: of files and directories, which are taken with all below them; a str is one path.
        :param include: of directories, only files that match one of these patterns, as of :meth:`put_files`.
        :param exclude: but none that matches one of these.
        :param parallel: how many files at a time, each in a stream of its own.
        :param datum: only what was put with this datum (2.x); ``default`` is that of files put without one.
        :raises InvalidRequest: if a file would be written outside of ``destination``.
        """
        streams, wanted = at_least_one("parallel", parallel), Filter(include, exclude)
        found = await self._resolve(commit, paths, recursive=True, datum=datum, wanted=wanted, streams=streams)

        async def save(batch: Batch) -> list[DownloadedFile]:
            saved: dict[str, DownloadedFile] = {}
            async with aclosing(self._contents(batch, datum)) as files:
                async for info, content in files:
                    saved[info.path] = await _save(info.path, content, destination)
            return [saved[info.path] for info in batch.files]

        return [file for files in await side_by_side(save, found, streams) for file in files]

    async def _resolve(
        self,
        commit: CommitLike,
        paths: str | Iterable[str],
        *,
        recursive: bool,
        datum: str,
        wanted: Filter | None = None,
        streams: int = 1,
    ) -> list[Batch]:
        """Find files, all in the same commit even if the branch moves on meanwhile."""
        given = _paths.exacts(paths)
        dialect = await self._session.dialect()
        info = await self._session.call(dialect.inspect_commit(self._commit(commit)))
        seen: set[str] = set()
        found: list[Batch] = []
        for path in given:
            listed = await self._files_at(info, path, recursive, datum)
            files = [file for file in _files_of(listed, path, wanted) if file.path not in seen]
            seen.update(file.path for file in files)
            archives = Feature.GET_TAR in dialect.capabilities
            found += together(path, listed, files, streams) if archives else alone(files)
        return [replace(batch, lasting=info.state.done) for batch in found]

    async def _files_at(self, commit: CommitInfo, path: str, recursive: bool, datum: str) -> list[FileInfo]:
        info = await self.inspect_file(commit.commit, path, datum=datum)
        if info.type is FileType.FILE:
            return [info]
        async with await self.list_file(commit.commit, path, recursive=recursive, datum=datum) as items:
            listed = [item async for item in items]
        size = sum(item.size_bytes for item in listed)
        if commit.state.done and size < info.size_bytes:
            raise list_broken(f"{commit.commit}:{path}", size, info.size_bytes)
        return listed

    async def _contents(self, batch: Batch, datum: str) -> AsyncGenerator[AsyncContent, None]:
        """Give each file with its content, which is to be read before the next."""
        if batch.directory is None:
            for info in batch.files:
                async with aclosing(self._pieces(info, datum, batch.lasting)) as pieces:
                    yield info, pieces
            return
        dialect = (await self._session.dialect()).of_datum(datum)
        missing = {info.path: info for info in batch.files}
        async with await self._session.read(dialect.archive(batch.files[0].commit, batch.directory)) as reader:
            members = AsyncMembers(reader)
            while missing and (member := await members.next()) is not None:
                # only a name that was listed is taken, so none can lead elsewhere
                if member.isreg() and (found := missing.pop("/" + member.name.lstrip("/"), None)) is not None:
                    _check_size(found, member.size)
                    yield found, members
        if missing:
            raise StreamBroken(f"{batch.directory}: {min(missing)} and maybe more did not come with the archive")

    async def _pieces(self, info: FileInfo, datum: str, lasting: bool) -> AsyncGenerator[bytes, None]:
        """Read a file. Where a stream breaks, go on in another one, if the file stays as it is."""
        size, fresh, tries = 0, 0, self._session.tries()
        while True:
            if size - fresh >= _PROGRESS:
                fresh, tries = size, self._session.tries()
            try:
                async with await self._read(info, datum, offset=size, lasting=lasting) as reader:
                    async for chunk in reader:
                        size += len(chunk)
                        yield chunk
                return
            except (Unavailable, StreamStalled) as failure:
                if lasting and size == info.size_bytes and failure.status:
                    return
                if not lasting or not _may_go_on(failure):
                    raise
                _logger.info("Reading on from byte %d of %s: %s", size, info.path, failure)
                await tries.pause(failure)


def _may_go_on(failure: PachydermError) -> bool:
    """Say whether what is left may come in another stream: not if the server took this one for whole."""
    return bool(failure.status) or isinstance(failure, StreamStalled)


def _check_size(info: FileInfo, size: int) -> None:
    if size != info.size_bytes:
        raise StreamBroken(f"{info.path} has {size} bytes in the archive, and {info.size_bytes} in the list before it")


def _files_of(listed: Iterable[FileInfo], path: str, wanted: Filter | None) -> Iterable[FileInfo]:
    """Choose from what is at a path: a file itself, of a directory what is wanted; each once."""
    files = {info.path: info for info in listed if info.type is FileType.FILE}
    if wanted is None or path in files:
        return files.values()
    return (info for info in files.values() if wanted.wants(_paths.below(info.path, path)))


async def _save(path: str, content: AsyncIterable[bytes], destination: str | os.PathLike[str]) -> DownloadedFile:
    local = await blocking(_local.place_below, destination, path)
    size = 0
    with _local.replacing(local) as file:
        async for chunk in content:
            size += len(chunk)
            await blocking(file.write, chunk)
    return DownloadedFile(path, local, size)
