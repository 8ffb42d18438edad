"""Directories as tar archives."""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator
from contextlib import ExitStack, aclosing
from dataclasses import replace
from functools import partial
from itertools import chain

from airflow_provider_pachyderm.client import _listings, _paths
from airflow_provider_pachyderm.client._async.base import AsyncCalls
from airflow_provider_pachyderm.client._async.file_contents import read, true_size
from airflow_provider_pachyderm.client._async.file_lists import walk
from airflow_provider_pachyderm.client._async.file_writing import put_all
from airflow_provider_pachyderm.client._async.items import AsyncItems, AsyncMadeReplies
from airflow_provider_pachyderm.client._async.moving_heads import of_head
from airflow_provider_pachyderm.client._async.reader import AsyncFileReader
from airflow_provider_pachyderm.client._async.write_targets import write_target
from airflow_provider_pachyderm.client._capabilities import Feature
from airflow_provider_pachyderm.client._dialects.uploads import Content
from airflow_provider_pachyderm.client._errors import FileNotFound
from airflow_provider_pachyderm.client._file_texts import takes_text_with_path
from airflow_provider_pachyderm.client._local import tars
from airflow_provider_pachyderm.client._local.chunks import CHUNK_SIZE, BinaryFile
from airflow_provider_pachyderm.client._local.names import BadNames
from airflow_provider_pachyderm.client._local.progress import Progress, Transfer
from airflow_provider_pachyderm.client._models import Commit, CommitInfo, FileCount, FileInfo, FileType, PathRange
from airflow_provider_pachyderm.client._refs import CommitLike
from airflow_provider_pachyderm.client._transport.aio import blocking


class AsyncArchiveCalls(AsyncCalls):
    """The client's calls that read and write many files as one archive."""

    @takes_text_with_path()
    async def get_file_tar(
        self,
        commit: CommitLike,
        path: str = "/",
        *,
        path_range: PathRange | None = None,
        datum: str = "",
        progress: Progress | None = None,
    ) -> AsyncFileReader:
        """Read a file, or a directory with everything below it, as a tar archive (GetFileTAR).

        1.x servers make no archives: there the client builds it while it is read (WalkFile, and GetFile for each file).
        Only a few messages of it are in memory at a time.

        If the stream breaks, the archive of a finished commit goes on where it broke. A 2.x server sends it from the
        start for that; what came before is left out, if it is the same. Of an open commit it raises.

        Members are named by their absolute paths, so unpack it with ``tar.extractall(where, filter="data")``. 2.x
        servers write no permissions.

        :param path_range: only paths in this range; a directory counts as its name with a slash behind it.
        :param datum: only files that were put with this datum (2.x); ``default`` is that of files put without one.
        :param progress: is told how many bytes of the archive have come, as of :meth:`download`; only its end tells how
            many there are.
        :return: an open reader of the archive, so that errors are raised here.
        :raises FileNotFound: if there is no such file, or nothing in the range.
        """
        target, clean, within = self._commit(commit), _paths.exact(path), _listings.check_range(path_range)
        return await of_head(self._session, target, lambda: self._open_archive(target, clean, within, datum, progress))

    async def _open_archive(
        self, target: Commit, clean: str, within: PathRange | None, datum: str, progress: Progress | None
    ) -> AsyncFileReader:
        dialect = (await self._session.dialect()).of_datum(datum)
        pinned = await self._session.run(dialect.commits.inspect(target))
        needed = {Feature.GET_TAR} if within is None else {Feature.GET_TAR, Feature.PATH_RANGE}
        if all(feature in dialect.capabilities for feature in needed):
            lasting = pinned.state.done
            try:
                archive = dialect.downloads.archive(
                    pinned.commit if lasting else target, clean, within, lasting=lasting
                )
                return await self._session.open(archive, progress)
            except FileNotFound:
                if clean != "/" or within is not None:
                    raise  # else the root is there all the same, with nothing in it
        if within is None:
            members = await walk(self._session, pinned.commit, clean, datum)
        else:
            wanted = _listings.keep_in_range(dialect.files.walk(pinned.commit, clean), within)
            nothing = partial(_nothing_in_range, f"{pinned.commit}:{clean}")
            members = await self._session.open(replace(wanted, absent=nothing))
        made = AsyncMadeReplies(self._archive(members, datum, pinned))
        return await AsyncFileReader(made, Transfer(progress), about=f"{pinned.commit}:{clean}").start()

    async def _archive(
        self, members: AsyncItems[FileInfo], datum: str, pinned: CommitInfo
    ) -> AsyncGenerator[bytes, None]:
        async with members:
            async for info in members:
                if info.type is FileType.DIR:
                    yield tars.header(info)
                    continue
                async with aclosing(self._member(info, datum, pinned)) as pieces:
                    async for piece in pieces:
                        yield piece
        yield tars.END

    async def _member(self, info: FileInfo, datum: str, pinned: CommitInfo) -> AsyncGenerator[bytes, None]:
        """Give a file with its header, which needs the true size: of a small file, it is read before."""
        known = (await self._session.dialect()).capabilities
        if info.size_bytes > CHUNK_SIZE or Feature.FULL_SIZES not in known:
            info = replace(info, size_bytes=await self._size_as_listed(info, datum, pinned))
        lasting, put = pinned.state.done, not pinned.provenance
        async with await read(self._session, info, datum, lasting=lasting, prove=put) as reader:
            head = await reader.read(min(info.size_bytes, CHUNK_SIZE))
            size = len(head) if info.size_bytes <= CHUNK_SIZE else info.size_bytes
            yield tars.header(replace(info, size_bytes=size))
            yield head
            async for chunk in reader:
                yield chunk
            yield tars.padding(size)

    async def _size_as_listed(self, info: FileInfo, datum: str, pinned: CommitInfo) -> int:
        """Tell the true size that a file had when it was listed: in an open commit, it may have grown."""
        size = await true_size(self._session, info, datum, lasting=pinned.state.done)
        if size == info.size_bytes or pinned.state.done:
            return size
        dialect = (await self._session.dialect()).of_datum(datum)
        now = await self._session.run(dialect.files.inspect(info.commit, info.path))
        return size if now.size_bytes == info.size_bytes else info.size_bytes

    @takes_text_with_path()
    async def put_tar(
        self,
        commit: CommitLike,
        source: str | os.PathLike[str] | BinaryFile,
        path: str = "/",
        *,
        append: bool = False,
        bad_names: BadNames = "refuse",
        wait: bool = True,
        progress: Progress | None = None,
    ) -> FileCount:
        """Write all files of a tar archive, in one stream (PutFile, ModifyFile).

        It is read sequentially, so it may be a pipe, or the reader of :meth:`get_file_tar`. It may be compressed with
        gzip, bzip2 or xz. Directories without files are left out.

        :param source: path of a local archive, or a binary file.
        :param path: directory in the commit that the archive is unpacked to; absolute names are below it, too.
        :param append: append to existing files instead of replacing them.
        :param bad_names: of members whose names PFS cannot store, as of :meth:`put_files`; as an archive is read from
            front to back, the first of them is refused, not all.
        :param wait: with a branch, wait until the server has accepted the new commit. With False, that is not known on
            2.x, as with :meth:`finish_commit`, and a commit that fails is not dropped.
        :param progress: is told how many bytes the archive has, as it is stored, and how many of them have been read,
            as of :meth:`download`; of a pipe, only the end tells how many there are.
        :return: the number of files; its ``commit`` is the one that was made or written to, None without files.
        :raises InvalidRequest: if it is not an archive, is damaged or incomplete; or if a member is a link, leads out
            of ``path``, has a name that cannot be stored, or exists twice. With a branch, nothing is written then.
        """
        target, root = self._commit(commit), _paths.literal(path)
        transfer = Transfer(progress)
        with ExitStack() as opened:
            archive = tars.open_members(source, root, bad_names, transfer)
            members: tars.Members = await blocking(opened.enter_context, archive)
            files = iter(members)
            first = await blocking(next, files, None)
            if first is None:
                return FileCount(0)
            async with write_target(self._session, target, wait) as to:
                await put_all(self._session, to, root, (Content(*file) for file in chain([first], files)), append)
        transfer.end()
        return FileCount(members.count, to.named)


def _nothing_in_range(about: object) -> FileNotFound:
    return FileNotFound(f"{about}: no file is in the range", reference=str(about))
