"""Writing files."""

from __future__ import annotations

import os
from collections.abc import Iterable
from functools import partial
from typing import overload

from airflow_provider_pachyderm.client import _paths
from airflow_provider_pachyderm.client._async.base import AsyncCalls, at_least_one, not_negative
from airflow_provider_pachyderm.client._async.file_writing import put, put_all, put_each, put_url, url_to_put
from airflow_provider_pachyderm.client._async.write_targets import write_target
from airflow_provider_pachyderm.client._dialects.uploads import Content, Split
from airflow_provider_pachyderm.client._errors import InvalidRequest
from airflow_provider_pachyderm.client._file_texts import takes_file_text, takes_text_with_path
from airflow_provider_pachyderm.client._local import disk
from airflow_provider_pachyderm.client._local.chunks import AsyncSource, BinaryFile, check_async_source
from airflow_provider_pachyderm.client._local.filters import Filter
from airflow_provider_pachyderm.client._local.names import BadNames
from airflow_provider_pachyderm.client._local.progress import Progress, Transfer
from airflow_provider_pachyderm.client._models import Commit, Delimiter, FileCount
from airflow_provider_pachyderm.client._refs import CommitLike
from airflow_provider_pachyderm.client._transport.aio import blocking


class AsyncUploadCalls(AsyncCalls):
    """The client's calls that write files.

    Each writes to the commit that it is given, which must be open. Given a branch, it writes to the open commit at its
    head, as pachctl does, or else makes a commit of its own: started, written, finished and found good by the server,
    or dropped with the error raised, so that the branch reads as before. The commit that each returns says which.

    Several calls may write to one branch at once: one waits for the commit of another to end. But they do write to an
    open commit that somebody started with :meth:`start_commit` or :meth:`commit`, and if that is dropped, so is this.
    """

    @overload
    async def put_file_bytes(
        self,
        commit: CommitLike,
        path: str,
        value: AsyncSource,
        delimiter: Delimiter = Delimiter.NONE,
        target_file_datums: int = 0,
        target_file_bytes: int = 0,
        *,
        append: bool = False,
        overwrite_index: int | None = None,
        header_records: int = 0,
        datum: str = "",
        wait: bool = True,
        progress: Progress | None = None,
    ) -> Commit: ...

    @overload
    async def put_file_bytes(
        self,
        file: str,
        /,
        value: AsyncSource,
        delimiter: Delimiter = Delimiter.NONE,
        target_file_datums: int = 0,
        target_file_bytes: int = 0,
        *,
        append: bool = False,
        overwrite_index: int | None = None,
        header_records: int = 0,
        datum: str = "",
        wait: bool = True,
        progress: Progress | None = None,
    ) -> Commit: ...

    @takes_file_text()
    async def put_file_bytes(
        self,
        commit: CommitLike,
        path: str,
        value: AsyncSource,
        delimiter: Delimiter = Delimiter.NONE,
        target_file_datums: int = 0,
        target_file_bytes: int = 0,
        *,
        append: bool = False,
        overwrite_index: int | None = None,
        header_records: int = 0,
        datum: str = "",
        wait: bool = True,
        progress: Progress | None = None,
    ) -> Commit:
        """Write a file (PutFile, ModifyFile).

        With a branch instead of an open commit, this is a commit of its own unless the head of the branch is open.

        :param value: bytes, an iterable of bytes, or a binary file, which is read to its end.
        :param delimiter: split it into numbered files in the directory ``path``, after existing ones (1.x).
        :param target_file_datums: number of pieces per file, with a delimiter; 0 means one.
        :param target_file_bytes: approximate bytes per file, with a delimiter; 0 for any number.
        :param append: append to an existing file instead of replacing it.
        :param overwrite_index: replace only what follows the first so many puts to the file (1.6 and later 1.x).
        :param header_records: number of pieces at the start that are a header, with which each file begins when it is
            read, with a delimiter (1.8 and later 1.x).
        :param datum: name of what the file is a part of (2.x). It replaces only what the same datum has put; a commit
            in which two have put to one path fails.
        :param wait: with a branch, wait until the server has accepted the new commit. With False, that is not known on
            2.x, as with :meth:`finish_commit`, and a commit that fails is not dropped.
        :param progress: is told how many bytes there are and how many have been sent, as in :meth:`put_files`; of an
            iterable or a pipe, only the end tells how many there are.
        :return: the commit that was made or written to.
        :raises CommitFinished: if the commit is finished.
        :raises PathConflict: with a branch, if the path is a directory, or one above it is a file; in an open commit,
            finishing it raises that. With a delimiter at once, if the path is a file, or has others than pieces in it.
        :raises Unsupported: if the server does not know the delimiter or one of ``overwrite_index``,
            ``header_records`` and ``datum``, or would crash: a header cannot be added to a directory of pieces that an
            earlier commit made without one.
        """
        target, clean = self._commit(commit), _paths.for_writing(path)
        check_async_source(value)
        split = _split(delimiter, target_file_datums, target_file_bytes, header_records)
        index = not_negative("overwrite_index", overwrite_index or 0)
        if overwrite_index is not None and (append or split):
            raise InvalidRequest("overwrite_index cannot be combined with append or a delimiter")
        transfer = Transfer(progress)
        content = Content(clean, value, transfer=await blocking(transfer.alone, value))
        async with write_target(self._session, target, wait) as to:
            await put(self._session, to, content, append, split, index, datum)
        transfer.end()
        return to.named

    @overload
    async def put_file(
        self,
        commit: CommitLike,
        path: str,
        source: str | os.PathLike[str] | BinaryFile,
        *,
        append: bool = False,
        wait: bool = True,
        progress: Progress | None = None,
    ) -> Commit: ...

    @overload
    async def put_file(
        self,
        file: str,
        /,
        source: str | os.PathLike[str] | BinaryFile,
        *,
        append: bool = False,
        wait: bool = True,
        progress: Progress | None = None,
    ) -> Commit: ...

    @takes_file_text()
    async def put_file(
        self,
        commit: CommitLike,
        path: str,
        source: str | os.PathLike[str] | BinaryFile,
        *,
        append: bool = False,
        wait: bool = True,
        progress: Progress | None = None,
    ) -> Commit:
        """Write a file from a local file (PutFile, ModifyFile).

        :param source: path of a local file, or a binary file, which is read to its end.
        :param append: append to an existing file instead of replacing it.
        :param wait: with a branch, wait until the server has accepted the new commit. With False, that is not known on
            2.x, as with :meth:`finish_commit`, and a commit that fails is not dropped.
        :param progress: is told how many bytes there are and how many have been sent, as in :meth:`put_files`; of a
            pipe, only the end tells how many there are.
        :return: the commit that was made or written to.
        :raises OSError: if the local file cannot be read.
        """
        target, clean = self._commit(commit), _paths.for_writing(path)
        if isinstance(source, (str, os.PathLike)):
            source = await blocking(disk.check_file, source)
        else:
            check_async_source(source)
        transfer = Transfer(progress)
        content = Content(clean, source, transfer=await blocking(transfer.alone, source))
        async with write_target(self._session, target, wait) as to:
            await put(self._session, to, content, append)
        transfer.end()
        return to.named

    @takes_text_with_path()
    async def put_files(
        self,
        commit: CommitLike,
        directory: str | os.PathLike[str],
        path: str = "/",
        *,
        append: bool = False,
        include: str | Iterable[str] = (),
        exclude: str | Iterable[str] = (),
        parallel: int = 1,
        follow_links: bool = False,
        bad_names: BadNames = "refuse",
        wait: bool = True,
        progress: Progress | None = None,
    ) -> FileCount:
        """Write all files below a local directory, in one stream (PutFile, ModifyFile).

        Existing files are replaced; others in ``path`` stay. Empty directories are left out.

        A pattern without a slash matches names at any depth: ``*.csv``, ``.git``. One with a slash matches paths
        relative to ``directory``: ``2026/*/*.csv``. ``*`` and ``?`` do not match a slash, ``**`` does. A pattern that
        matches a directory holds for everything below it.

        :param path: directory in the commit that corresponds to ``directory``.
        :param append: append to existing files instead of replacing them.
        :param include: only files that match one of these patterns; a str is one pattern.
        :param exclude: leave out files that match one of these.
        :param parallel: number of files at a time, each in a stream of its own, all in one commit: with a branch, in
            one of their own, which is dropped if a file fails; in an open commit, what was done before that stays.
        :param follow_links: also to directories. Links to files are always followed. A link that leads back to a
            directory it is in is left out, which a logged warning says, as of links to directories otherwise.
        :param bad_names: of files whose names PFS cannot store (it takes only printable ASCII without
            ``*?[]{}()!@+^``): ``"refuse"`` all, ``"skip"`` them with a logged warning, or ``"quote"``: write them as
            :func:`quote_path` does.
        :param wait: with a branch, wait until the server has accepted the new commit. With False, that is not known on
            2.x, as with :meth:`finish_commit`, and a commit that fails is not dropped.
        :param progress: is told how many bytes there are, by ``set_size``, and how many have been sent, by
            ``relative_update``, as fsspec's callbacks are: ``TqdmCallback`` shows a bar. What is sent again, as a
            stream broke, does not count again. If it has ``branched``, that is called for each file, with the local
            path and the path in the commit, and gives what is told of that file.
        :return: the number of files; its ``commit`` is the one that was made or written to, None without files.
        :raises UnstorableNames: before anything is sent, with all names that cannot be stored.
        :raises InvalidRequest: likewise, if something is neither a file nor a directory.
        :raises OSError: likewise, if something cannot be read, or the target of a link does not exist.
        """
        target, root = self._commit(commit), _paths.literal(path)
        wanted = Filter(include, exclude)
        find = partial(disk.find_files, follow_links=follow_links, bad_names=bad_names)
        found = await blocking(find, directory, root, wanted)
        transfer = Transfer(progress)
        counted = await blocking(transfer.several, found)
        files = [Content(*file, transfer=each) for file, each in zip(found, counted, strict=True)]
        at_once = at_least_one("parallel", parallel)
        if not files:
            return FileCount(0)
        async with write_target(self._session, target, wait) as to:
            if at_once == 1:
                await put_all(self._session, to, root, files, append)
            else:
                await put_each(self._session, to, root, files, append, at_once)
        transfer.end()
        return FileCount(len(files), to.named)

    @overload
    async def put_file_url(
        self,
        commit: CommitLike,
        path: str,
        url: str,
        recursive: bool = False,
        *,
        append: bool = False,
        concurrency: int = 0,
        wait: bool = True,
    ) -> Commit: ...

    @overload
    async def put_file_url(
        self,
        file: str,
        /,
        url: str,
        recursive: bool = False,
        *,
        append: bool = False,
        concurrency: int = 0,
        wait: bool = True,
    ) -> Commit: ...

    @takes_file_text()
    async def put_file_url(
        self,
        commit: CommitLike,
        path: str,
        url: str,
        recursive: bool = False,
        *,
        append: bool = False,
        concurrency: int = 0,
        wait: bool = True,
    ) -> Commit:
        """Make the server fetch a file and write it (PutFile, ModifyFile). There is no time limit.

        :param url: URL of a web server, or of an object store that the server has access to.
        :param recursive: fetch all objects whose names begin with ``url`` into the directory ``path``.
        :param append: append to an existing file instead of replacing it.
        :param concurrency: number of objects that the server fetches at a time, with ``recursive`` (2.5 and later);
            with 0 the server decides.
        :param wait: with a branch, wait until the server has accepted the new commit. With False, that is not known on
            2.x, as with :meth:`finish_commit`, and a commit that fails is not dropped.
        :return: the commit that was made or written to.
        :raises InvalidRequest: if the content cannot be retrieved.
        """
        target, wanted = self._commit(commit), url_to_put(path, url, recursive, append, concurrency)
        async with write_target(self._session, target, wait) as to:
            await put_url(self._session, to, wanted)
        return to.named


def _split(delimiter: Delimiter, datums: int, size: int, header_records: int) -> Split | None:
    if not isinstance(delimiter, Delimiter):
        raise InvalidRequest(f"delimiter must be a Delimiter, not {type(delimiter).__name__}")
    split = Split(
        delimiter,
        not_negative("target_file_datums", datums),
        not_negative("target_file_bytes", size),
        not_negative("header_records", header_records),
    )
    if delimiter is not Delimiter.NONE:
        return split
    if split.datums or split.bytes or split.header_records:
        raise InvalidRequest("target_file_datums, target_file_bytes and header_records require a delimiter")
    return None
