"""Reading many files: into memory, or to the local disk."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Iterable
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from typing import TypeAlias

from airflow_provider_pachyderm.client import _paths
from airflow_provider_pachyderm.client._async.base import at_least_one
from airflow_provider_pachyderm.client._async.members import AsyncMembers
from airflow_provider_pachyderm.client._async.reading import AsyncReadCalls
from airflow_provider_pachyderm.client._capabilities import Feature
from airflow_provider_pachyderm.client._dialects.wholeness import list_broken
from airflow_provider_pachyderm.client._errors import PachydermError, StreamBroken, StreamStalled, Unavailable
from airflow_provider_pachyderm.client._listings import Batch, alone, together
from airflow_provider_pachyderm.client._local.destination import Destination, Existing, check_existing, check_mode
from airflow_provider_pachyderm.client._local.filters import Filter
from airflow_provider_pachyderm.client._local.parts import Part
from airflow_provider_pachyderm.client._models import CommitInfo, DownloadedFile, FileInfo, FileType
from airflow_provider_pachyderm.client._patterns import exactly
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
        existing: Existing = "replace",
        mode: int | None = 0o600,
        unquote: bool = False,
    ) -> list[DownloadedFile]:
        """Copy files to the local disk (GetFile for each, or GetFileTAR); ``/dir/f`` becomes ``destination/dir/f``.

        A file appears under its name only when it is complete, and until then a file that was there stays. A directory
        of small files comes as one archive, where servers make such (2.x). Where the stream of any other file breaks,
        or falls silent, it is read on from there if the commit is finished; without a MiB in between, as long as the
        retry policy allows.

        Before anything is read, each file gets its place, and there must be room for all. A run that was broken off
        leaves what is worth it, a MiB or more, in files named ``.….pachyderm.part``: the next one to the same directory
        goes on there if it is of the same finished commit, on the same machine since its start, else it removes them.

        :param paths: of files and directories, which are taken with all below them; a str is one path.
        :param include: of directories, only files that match one of these patterns, as of :meth:`put_files`.
        :param exclude: but none that matches one of these.
        :param parallel: how many files at a time, each in a stream of its own.
        :param datum: only what was put with this datum (2.x); ``default`` is that of files put without one.
        :param existing: what becomes of files that are there already: ``"replace"``, ``"skip_same"``, or ``"fail"``,
            in which case nothing is read. The same is what has the same size, and either the hash that the server
            states, which can be computed of small files on 2.x and of files of one put on 1.x, or the time that a
            download gives a file: the end of the commit (not before 1.8.1, where servers do not tell it).
        :param mode: permissions of the files: by default only this user may read and write them; None leaves it to the
            umask.
        :param unquote: undo what ``bad_names="quote"`` did to names, as :func:`unquote_path` does.
        :return: of each file its path and where it is now, also if it was there already.
        :raises InvalidRequest: if a file would be written outside of ``destination``.
        :raises LocalError: if one cannot be written: :class:`DiskFull`, :class:`LocalConflict` (something else is
            there), :class:`LocalNameInvalid` or :class:`LocalPermissionDenied`.
        """
        streams, wanted = at_least_one("parallel", parallel), Filter(include, exclude)
        check_existing(existing)
        check_mode(mode)
        found = await self._resolve(commit, paths, recursive=True, datum=datum, wanted=wanted, streams=streams)
        files = [info for batch in found for info in batch.files]
        if not files:
            return []
        lasting = f"{files[0].commit}\0{datum}" if found[0].lasting else None
        target = Destination(destination, existing, mode, unquote, lasting)
        try:
            saved = await self._save(target, found, datum, streams)
        except BaseException:
            target.close(complete=False)
            raise
        target.close(complete=True)
        return [saved[info.path] for info in files]

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
            async with aclosing(self._contents(batch, datum)) as files:
                async for info, content in files:
                    async with _writing(target, info, goes_on=False) as part:
                        await _fill(part, content)
                    saved[info.path] = target.saved(info, part.size)

        left = (replace(each, files=[info for info in each.files if info.path not in saved]) for each in found)
        await side_by_side(save, [batch for batch in left if batch.files], streams)
        return saved

    async def _save_alone(self, target: Destination, info: FileInfo, datum: str, batch: Batch) -> DownloadedFile:
        async with _writing(target, info, goes_on=batch.lasting) as part:
            pieces = self._pieces(info, datum, batch, part.size)
            async with aclosing(pieces):
                await _fill(part, pieces)
        return target.saved(info, part.size)

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
        info = await self._session.run(dialect.commits.inspect(self._commit(commit)))
        seen: set[str] = set()
        found: list[Batch] = []
        for path in given:
            listed = await self._files_at(info, path, recursive, datum)
            files = [file for file in _files_of(listed, path, wanted) if file.path not in seen]
            seen.update(file.path for file in files)
            archives = Feature.GET_TAR in dialect.capabilities
            found += together(path, listed, files, streams) if archives else alone(files)
        return [replace(batch, lasting=info.state.done, put=not info.provenance) for batch in found]

    async def _files_at(self, commit: CommitInfo, path: str, recursive: bool, datum: str) -> list[FileInfo]:
        info = await self.inspect_file(commit.commit, path, datum=datum)
        if info.type is FileType.FILE:
            return [info]
        listed: list[FileInfo] = []
        try:
            async with await self.list_file(commit.commit, path, recursive=recursive, datum=datum) as items:
                async for item in items:
                    listed += [item]  # also what comes before it breaks
        except StreamBroken as broken:
            if broken.status or not commit.state.done:
                raise
        size = sum(item.size_bytes for item in listed)
        if commit.state.done and size < info.size_bytes and not await self._are_all(commit, path, recursive, listed):
            raise list_broken(f"{commit.commit}:{path}", size, info.size_bytes)
        return listed

    async def _are_all(self, commit: CommitInfo, path: str, recursive: bool, listed: list[FileInfo]) -> bool:
        """Ask in another way whether a list is whole, where directories may count a header that no file has."""
        dialect = await self._session.dialect()
        if Feature.SPLIT_SQL not in dialect.capabilities:
            return False
        pattern = ("" if path == "/" else exactly(path)) + ("/**" if recursive else "/*")
        async with await self._session.open(dialect.files.glob(commit.commit, pattern)) as found:
            paths = {item.path async for item in found if item.type is FileType.FILE}
        return paths == {item.path for item in listed if item.type is FileType.FILE}

    async def _contents(self, batch: Batch, datum: str) -> AsyncGenerator[AsyncContent, None]:
        """Give each file with its content, which is to be read before the next."""
        if batch.directory is None:
            for info in batch.files:
                async with aclosing(self._pieces(info, datum, batch)) as pieces:
                    yield info, pieces
            return
        dialect = (await self._session.dialect()).of_datum(datum)
        missing = {info.path: info for info in batch.files}
        archive = dialect.downloads.archive(batch.files[0].commit, batch.directory)
        async with await self._session.open(archive) as reader:
            members = AsyncMembers(reader)
            while missing and (member := await members.next()) is not None:
                # only a name that was listed is taken, so none can lead elsewhere
                if member.isreg() and (found := missing.pop("/" + member.name.lstrip("/"), None)) is not None:
                    _check_size(found, member.size)
                    yield found, members
        if missing:
            raise StreamBroken(f"{batch.directory}: {min(missing)} and maybe more did not come with the archive")

    async def _pieces(self, info: FileInfo, datum: str, batch: Batch, start: int = 0) -> AsyncGenerator[bytes, None]:
        """Read a file. Where a stream breaks, go on in another one, if the file stays as it is."""
        size, fresh, tries, lasting = start, start, self._session.tries(), batch.lasting
        full = Feature.FULL_SIZES in (await self._session.dialect()).capabilities
        while True:
            try:
                stays, prove = lasting or not full, lasting and batch.put
                async with await self._read(info, datum, offset=size, lasting=stays, prove=prove) as reader:
                    async for chunk in reader:
                        size += len(chunk)
                        yield chunk
                return
            except (Unavailable, StreamStalled) as failure:
                if lasting and full and size == info.size_bytes and failure.status:
                    return
                if not lasting or not _may_go_on(failure):
                    raise
                if size - fresh >= _PROGRESS:
                    fresh, tries = size, self._session.tries()
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


@asynccontextmanager
async def _writing(target: Destination, info: FileInfo, *, goes_on: bool) -> AsyncIterator[Part]:
    writing = target.writing(info, goes_on=goes_on)
    part = await blocking(writing.__enter__)
    try:
        yield part
    except BaseException:
        if not await blocking(writing.__exit__, *sys.exc_info()):
            raise
    else:
        await blocking(writing.__exit__, None, None, None)


async def _fill(part: Part, content: AsyncIterable[bytes]) -> None:
    async for chunk in content:
        await blocking(part.write, chunk)
