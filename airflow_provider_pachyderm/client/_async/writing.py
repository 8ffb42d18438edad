"""Writing files."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from airflow_provider_pachyderm._urls import masked_url
from airflow_provider_pachyderm.client import _local, _paths
from airflow_provider_pachyderm.client._async.base import at_least_one, not_negative
from airflow_provider_pachyderm.client._async.commits import AsyncCommitCalls
from airflow_provider_pachyderm.client._async.fetch import fetch
from airflow_provider_pachyderm.client._capabilities import Feature
from airflow_provider_pachyderm.client._changes import PutUrl
from airflow_provider_pachyderm.client._chunks import AsyncSource, BinaryFile, check_async_source
from airflow_provider_pachyderm.client._dialects.uploads import Fetch, Split
from airflow_provider_pachyderm.client._errors import BranchHasNoHead, InvalidRequest, NotFound
from airflow_provider_pachyderm.client._filters import Filter
from airflow_provider_pachyderm.client._models import Commit, CommitState, Delimiter
from airflow_provider_pachyderm.client._names import BadNames
from airflow_provider_pachyderm.client._refs import CommitLike, is_expression
from airflow_provider_pachyderm.client._transport.aio import blocking, side_by_side


class AsyncWriteCalls(AsyncCommitCalls):
    """The client's calls that write files."""

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
    ) -> None:
        """Write a file (PutFile, ModifyFile).

        With a branch instead of an open commit, this is a commit of its own.

        :param value: bytes, an iterable of bytes, or a binary file, which is read to its end.
        :param delimiter: split it into numbered files in the directory ``path``, behind those that are there (1.x).
        :param target_file_datums: pieces a file, with a delimiter; 0 for one.
        :param target_file_bytes: about how many bytes a file, with a delimiter; 0 for any number.
        :param append: to what is in the file, instead of replacing it.
        :param overwrite_index: replace only what follows the first so many puts to the file (1.6 and later 1.x).
        :param header_records: how many pieces at the start are a header, which each file begins with when it is read,
            with a delimiter (1.8 and later 1.x).
        :param datum: name of what the file is a part of (2.x). It replaces only what the same datum has put; a commit
            in which two have put to one path fails.
        :raises CommitFinished: if the commit is finished.
        :raises Unsupported: if the server does not know the delimiter or one of the last three.
        """
        target, clean = self._commit(commit), _paths.for_writing(path)
        check_async_source(value)
        split = _split(delimiter, target_file_datums, target_file_bytes, header_records)
        index = not_negative("overwrite_index", overwrite_index or 0)
        if overwrite_index is not None and (append or split):
            raise InvalidRequest(
                "overwrite_index is for a put that overwrites: it takes neither append nor a delimiter"
            )
        await self._put(target, clean, value, append, split, index, datum)

    async def put_file(
        self, commit: CommitLike, path: str, source: str | os.PathLike[str] | BinaryFile, *, append: bool = False
    ) -> None:
        """Write a file from a local one (PutFile, ModifyFile).

        :param source: path of a local file, or a binary file, which is read to its end.
        :param append: to what is in the file, instead of replacing it.
        :raises OSError: if the local file cannot be read.
        """
        target, clean = self._commit(commit), _paths.for_writing(path)
        if isinstance(source, (str, os.PathLike)):
            await self._put(target, clean, await blocking(_local.check_file, source), append)
        else:
            check_async_source(source)
            await self._put(target, clean, source, append)

    async def _put(
        self,
        commit: Commit,
        path: str,
        source: AsyncSource | Path,
        append: bool,
        split: Split | None = None,
        index: int = 0,
        datum: str = "",
    ) -> None:
        dialect = await self._session.dialect()
        plan = dialect.upload(commit, path, append=append, split=split, index=index, datum=datum)
        upload = await self._session.run(plan)
        await self._session.upload(upload, [(path, source)])

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
    ) -> int:
        """Write all files below a local directory, in one stream (PutFile, ModifyFile).

        Files that are there already are replaced; others in ``path`` stay. Empty directories are left out.

        A pattern without a slash is one of names, at any depth: ``*.csv``, ``.git``. One with a slash is one of paths
        relative to ``directory``: ``2026/*/*.csv``. ``*`` and ``?`` stop at a slash, ``**`` does not. What matches a
        directory holds for all below it.

        :param path: directory in the commit that corresponds to ``directory``.
        :param append: to what is in the files, instead of replacing it.
        :param include: only files that match one of these patterns; a str is one.
        :param exclude: but none that matches one of these.
        :param parallel: how many files at a time, each in a stream of its own, all in one commit: with a branch, in one
            of their own, which is dropped if a file fails; in an open commit, what was done before that stays.
        :param follow_links: also to directories. Links to files are always followed. A link that leads back to a
            directory it is in is left out, which a logged warning says, as of links to directories otherwise.
        :param bad_names: of files whose names PFS cannot store (it takes only printable ASCII without
            ``*?[]{}()!@+^``): ``"refuse"`` all, ``"skip"`` them with a logged warning, or ``"quote"``: write them as
            :func:`quote_path` does.
        :return: how many files.
        :raises UnstorableNames: before anything is sent, with all names that cannot be stored.
        :raises InvalidRequest: likewise, if something is neither file nor directory.
        :raises OSError: likewise, if something cannot be read, or a link leads to nothing.
        """
        target, root = self._commit(commit), _paths.literal(path)
        wanted = Filter(include, exclude)
        find = partial(_local.find_files, follow_links=follow_links, bad_names=bad_names)
        files: list[tuple[str, AsyncSource | Path]] = [*await blocking(find, directory, root, wanted)]
        if at_least_one("parallel", parallel) == 1 or not files:
            await self._put_all(target, root, files, append)
        else:
            async with self._in_one_commit(target) as open_commit:
                await self._put_each(open_commit, root, files, append, parallel)
        return len(files)

    async def _put_each(
        self, commit: Commit, root: str, files: list[tuple[str, AsyncSource | Path]], append: bool, parallel: int
    ) -> None:
        dialect = await self._session.dialect()
        upload = await self._session.run(dialect.upload(commit, root, append=append, tree=True))
        await side_by_side(lambda file: self._session.upload(upload, [file]), files, parallel)

    @asynccontextmanager
    async def _in_one_commit(self, target: Commit) -> AsyncIterator[Commit]:
        """Give the open commit to make several changes in: the one that is meant, or for a branch a new one."""
        if await self._is_open(target):
            yield target
        else:
            async with self.commit(target.repo, str(target.branch)) as commit:
                yield commit

    async def _is_open(self, target: Commit) -> bool:
        """Say whether to write to the commit itself: the head of a branch may be finished, or not exist yet."""
        if target.id is not None or is_expression(target.branch or ""):
            return True
        try:
            return (await self.inspect_commit(target)).state is CommitState.OPEN
        except (NotFound, BranchHasNoHead):
            return False

    async def _put_all(
        self, commit: Commit, root: str, files: Iterable[tuple[str, AsyncSource | Path]], append: bool
    ) -> None:
        dialect = await self._session.dialect()
        upload = await self._session.run(dialect.upload(commit, root, append=append, tree=True))
        if files:
            await self._session.upload(upload, files)

    async def put_file_url(
        self,
        commit: CommitLike,
        path: str,
        url: str,
        recursive: bool = False,
        *,
        append: bool = False,
        concurrency: int = 0,
    ) -> None:
        """Make the server fetch a file and write it (PutFile, ModifyFile). This takes as long as it takes.

        :param url: of a web server, or of an object store that the server has access to.
        :param recursive: all objects whose names begin like ``url``, into the directory ``path``.
        :param append: to what is in the file, instead of replacing it.
        :param concurrency: how many objects the server fetches at a time, with ``recursive`` (2.5 and later); 0 leaves
            that to the server.
        :raises InvalidRequest: if the content cannot be retrieved.
        """
        target, wanted = self._commit(commit), url_to_put(path, url, recursive, append, concurrency)
        dialect = await self._session.dialect()
        upload = await self._session.run(dialect.upload(target, wanted.path, append=append, tree=recursive))
        if Feature.URL_ERRORS not in dialect.capabilities and url.startswith(("http://", "https://")):
            async with fetch(url) as content:
                await self._session.upload(upload, [(wanted.path, content)])
        else:
            await self._session.upload_url(upload, wanted.path, Fetch(url, recursive, wanted.concurrency))

    async def copy_file(
        self,
        source_commit: CommitLike,
        source_path: str,
        dest_commit: CommitLike,
        dest_path: str,
        *,
        append: bool = False,
        datum: str = "",
    ) -> None:
        """Copy a file, or a directory with all below it, from any commit to an open one (CopyFile, ModifyFile).

        The server does it without moving the data. With a branch as ``dest_commit``, this is a commit of its own.

        :param append: to what is in the file, instead of replacing it.
        :param datum: copy only what was put with this datum (2.x); the copies are as files put without one.
        :raises FileNotFound: if there is no such file to copy.
        """
        source, source_clean = self._commit(source_commit), _paths.literal(source_path)
        target, clean = self._commit(dest_commit), _paths.literal(dest_path)
        dialect = (await self._session.dialect()).of_datum(datum)
        await self._session.run(dialect.copy_file(source, source_clean, target, clean, append=append))

    async def delete_file(self, commit: CommitLike, path: str, *, datum: str = "") -> None:
        """Delete a file, or a directory with all below it (DeleteFile, ModifyFile). Servers accept a missing one.

        :param datum: delete only what was put with this datum (2.x).
        """
        target, clean = self._commit(commit), _paths.literal(path)
        dialect = await self._session.dialect()
        await self._session.run(dialect.delete_file(target, clean, datum))


def url_to_put(path: str, url: str, recursive: bool, append: bool, concurrency: int) -> PutUrl:
    """Check what a server is to fetch."""
    if "://" not in url:
        raise InvalidRequest(f"{masked_url(url)!r} is not a URL")
    clean = _paths.literal(path) if recursive else _paths.for_writing(path)
    return PutUrl(clean, url, recursive, append, not_negative("concurrency", concurrency))


def _split(delimiter: Delimiter, datums: int, size: int, header_records: int) -> Split | None:
    if not isinstance(delimiter, Delimiter):
        raise InvalidRequest(f"a delimiter is a Delimiter, not {type(delimiter).__name__}")
    split = Split(
        delimiter,
        not_negative("target_file_datums", datums),
        not_negative("target_file_bytes", size),
        not_negative("header_records", header_records),
    )
    if delimiter is not Delimiter.NONE:
        return split
    if split.datums or split.bytes or split.header_records:
        raise InvalidRequest("target_file_datums, target_file_bytes and header_records need a delimiter")
    return None
