"""Files: describing, listing, comparing, copying and deleting them."""

from __future__ import annotations

from typing import overload

from airflow_provider_pachyderm.client import _listings, _paths, _patterns
from airflow_provider_pachyderm.client._async import taken_places
from airflow_provider_pachyderm.client._async.base import AsyncCalls, not_negative
from airflow_provider_pachyderm.client._async.file_lists import compare, list_directory, walk
from airflow_provider_pachyderm.client._async.file_writing import is_at, refuse_to_copy_out_of
from airflow_provider_pachyderm.client._async.items import AsyncItems
from airflow_provider_pachyderm.client._async.moving_heads import of_head
from airflow_provider_pachyderm.client._async.write_targets import write_target
from airflow_provider_pachyderm.client._capabilities import Feature
from airflow_provider_pachyderm.client._errors import (
    BranchHasNoHead,
    InvalidRequest,
    NotFound,
)
from airflow_provider_pachyderm.client._file_texts import takes_file_text, takes_text_with_path
from airflow_provider_pachyderm.client._listings import Page
from airflow_provider_pachyderm.client._models import Commit, FileInfo, FilePair, PathRange
from airflow_provider_pachyderm.client._refs import CommitLike


class AsyncFileCalls(AsyncCalls):
    """The client's calls that describe, list, copy and delete files.

    Those that write make a commit of their own where they are given a branch, as :meth:`put_file_bytes` does.
    """

    @overload
    async def inspect_file(self, commit: CommitLike, path: str, *, datum: str = "") -> FileInfo: ...

    @overload
    async def inspect_file(self, file: str, /, *, datum: str = "") -> FileInfo: ...

    @takes_file_text()
    async def inspect_file(self, commit: CommitLike, path: str, *, datum: str = "") -> FileInfo:
        """Describe a file or directory (InspectFile).

        :param datum: only files that were put with this datum (2.x); ``default`` is that of files put without one.
        :raises FileNotFound: if the file does not exist.
        """
        target, clean = self._commit(commit), _paths.exact(path)
        dialect = (await self._session.dialect()).of_datum(datum)
        return await self._session.run(dialect.files.inspect(target, clean))

    @overload
    async def path_exists(self, commit: CommitLike, path: str) -> bool: ...

    @overload
    async def path_exists(self, file: str, /) -> bool: ...

    @takes_file_text()
    async def path_exists(self, commit: CommitLike, path: str) -> bool:
        """Return whether a file or directory exists (InspectFile); also False if the commit does not exist."""
        try:
            await self.inspect_file(commit, path)
        except (NotFound, BranchHasNoHead):
            return False
        return True

    @takes_text_with_path()
    async def list_file(
        self,
        commit: CommitLike,
        path: str = "/",
        recursive: bool = False,
        *,
        after: str | None = None,
        number: int = 0,
        reverse: bool = False,
        datum: str = "",
    ) -> AsyncItems[FileInfo]:
        """List a directory: the files and directories in it (ListFile). Of a file: itself.

        To list page by page, give a commit's id, as a branch may move on meanwhile, and as ``after`` the last path of
        the page before. Servers from 2.4 on begin there, if neither ``recursive`` nor ``reverse`` is given; otherwise
        the list comes from its start, and the client leaves out what is not wanted.

        :param recursive: instead, all files below it, without the directories (WalkFile).
        :param after: only what comes after this path in the order of the list; it does not have to exist.
        :param number: the most to list; 0 for all.
        :param reverse: list in reverse order.
        :param datum: only files that were put with this datum (2.x); ``default`` is that of files put without one.
        :return: an open iterator, so that errors are raised here.
        :raises FileNotFound: if the directory does not exist.
        """
        target, clean, limit = self._commit(commit), _paths.exact(path), not_negative("number", number)
        page = Page(clean, None if after is None else _paths.exact(after), limit, reverse)
        return await list_directory(self._session, target, page, recursive=recursive, datum=datum)

    @overload
    async def glob_file(
        self, commit: CommitLike, pattern: str, *, path_range: PathRange | None = None
    ) -> AsyncItems[FileInfo]: ...

    @overload
    async def glob_file(self, file: str, /, *, path_range: PathRange | None = None) -> AsyncItems[FileInfo]: ...

    @takes_file_text(("commit", "pattern"))
    async def glob_file(
        self, commit: CommitLike, pattern: str, *, path_range: PathRange | None = None
    ) -> AsyncItems[FileInfo]:
        """Find files and directories by pattern, such as ``/dir/*.csv`` (GlobFile).

        :param path_range: only paths in this range; a directory counts as its name with a slash behind it.
        :return: an open iterator, so that errors are raised here; empty if nothing matches.
        :raises InvalidRequest: if the pattern is malformed.
        """
        target, checked, within = self._commit(commit), _patterns.check(pattern), _listings.check_range(path_range)
        files = (await self._session.dialect()).files
        listing = files.glob(target, checked) if within is None else files.glob_within(target, checked, within)
        return await of_head(self._session, target, lambda: self._session.open(listing))

    @takes_text_with_path()
    async def walk_file(self, commit: CommitLike, path: str = "/", *, datum: str = "") -> AsyncItems[FileInfo]:
        """List a directory and all files and directories below it (WalkFile).

        :param datum: only files that were put with this datum (2.x); ``default`` is that of files put without one.
        :return: an open iterator, so that errors are raised here.
        :raises FileNotFound: if the directory does not exist.
        """
        target, clean = self._commit(commit), _paths.exact(path)
        return await walk(self._session, target, clean, datum)

    @takes_text_with_path("new_commit", "new_path")
    @takes_text_with_path("old_commit", "old_path")
    async def diff_file(
        self,
        new_commit: CommitLike,
        new_path: str = "/",
        old_commit: CommitLike | None = None,
        old_path: str | None = None,
        shallow: bool = False,
    ) -> AsyncItems[FilePair]:
        """Find the files that differ between two commits (DiffFile).

        :param new_path: the directory, or file, to compare.
        :param old_commit: of any repo; the parent of ``new_commit`` if None.
        :param old_path: the same as ``new_path`` if None.
        :param shallow: only what is directly in the directory, with its directories, instead of all files below it.
        :return: an iterator of pairs, in order of their paths: the file as it is in the new commit, and in the old one;
            None where it is missing.
        """
        new, clean = self._commit(new_commit), _paths.exact(new_path)
        old = None if old_commit is None else self._commit(old_commit)
        if old is None and old_path is not None:
            raise InvalidRequest("old_path needs old_commit")
        old_clean = clean if old_path is None else _paths.exact(old_path)
        dialect = await self._session.dialect()
        listing = dialect.diffs.compare(new, clean, old, old_clean, shallow=shallow)
        if old is None or old_clean == clean or Feature.DIFF_NAMES in dialect.capabilities:
            return await self._session.open(listing)
        return await compare(self._session, (new, clean), (old, old_clean), shallow=shallow)

    @overload
    async def copy_file(
        self,
        source_commit: CommitLike,
        source_path: str,
        dest_commit: CommitLike,
        dest_path: str,
        *,
        append: bool = False,
        datum: str = "",
        wait: bool = True,
    ) -> Commit: ...

    @overload
    async def copy_file(
        self,
        source: str,
        /,
        dest_commit: CommitLike,
        dest_path: str,
        *,
        append: bool = False,
        datum: str = "",
        wait: bool = True,
    ) -> Commit: ...

    @overload
    async def copy_file(
        self,
        source_commit: CommitLike,
        source_path: str,
        dest: str,
        /,
        *,
        append: bool = False,
        datum: str = "",
        wait: bool = True,
    ) -> Commit: ...

    @overload
    async def copy_file(
        self, source: str, dest: str, /, *, append: bool = False, datum: str = "", wait: bool = True
    ) -> Commit: ...

    @takes_file_text(("source_commit", "source_path"), ("dest_commit", "dest_path"))
    async def copy_file(
        self,
        source_commit: CommitLike,
        source_path: str,
        dest_commit: CommitLike,
        dest_path: str,
        *,
        append: bool = False,
        datum: str = "",
        wait: bool = True,
    ) -> Commit:
        """Copy a file, or a directory with all below it, from any commit to an open one (CopyFile, ModifyFile).

        The server does it without moving the data. With a branch as ``dest_commit``, this is a commit of its own unless
        the head of the branch is open.

        The copy takes the place of what is there: after copying a directory onto another one, that has the files of the
        first and no others, on every version. With ``append``, each file is appended to the one in its place, and all
        others stay. A copy in its own place changes nothing. A directory may be copied into itself: what it held before
        is in the copy. What is in a directory cannot be copied in the place of that, as it would go with it.

        :param append: append to an existing file instead of replacing it.
        :param datum: copy only what was put with this datum (2.x); the copies are as files put without one.
        :param wait: with a branch, wait until the server has accepted the new commit. With False, that is not known on
            2.x, as with :meth:`finish_commit`, and a commit that fails is not dropped.
        :return: the commit that was made or written to.
        :raises FileNotFound: if the file to copy does not exist.
        :raises InvalidRequest: if the place of the copy is a directory that the source is in, without ``append``.
        :raises PathConflict: with a branch, if a file is copied onto a directory, or a directory onto a file; in an
            open commit, finishing it raises that. Also on 1.x, if a file is copied from an open commit where its path
            is the beginning of another one's: finish that commit first.
        """
        source, source_clean = self._commit(source_commit), _paths.exact(source_path)
        target, clean = self._commit(dest_commit), _paths.literal(_paths.not_empty(dest_path))
        (await self._session.dialect()).capabilities.require(Feature.COPY_FILE)
        others: list[Commit] = []

        async def copy() -> Commit:
            return await self._copy((source, source_clean, datum), (target, clean), append, wait, others)

        # what a commit of others has got already may not come twice
        return await of_head(self._session, source, copy, lambda: not others)

    async def _copy(
        self,
        what: tuple[Commit, str, str],
        where: tuple[Commit, str],
        append: bool,
        wait: bool,
        others: list[Commit],
    ) -> Commit:
        """Copy once.

        :param others: is told of a commit that was not made for this.
        """
        (source, source_clean, datum), (target, clean) = what, where
        dialect = (await self._session.dialect()).of_datum(datum)
        found = await self._session.run(dialect.copies.find(source, source_clean))
        if not append:
            await refuse_to_copy_out_of(self._session, found.commit, found.path, target, clean)
        async with write_target(self._session, target, wait) as to:
            if not to.own:
                others.append(to.named)
            if append or not is_at(found.commit, found.path, to.commit, clean):
                await taken_places.check_copied(self._session, to, found, clean)
                await self._session.run(dialect.copies.copy(found, to.commit, clean, append=append, fresh=to.own))
        return to.named

    @overload
    async def delete_file(self, commit: CommitLike, path: str, *, datum: str = "", wait: bool = True) -> Commit: ...

    @overload
    async def delete_file(self, file: str, /, *, datum: str = "", wait: bool = True) -> Commit: ...

    @takes_file_text()
    async def delete_file(self, commit: CommitLike, path: str, *, datum: str = "", wait: bool = True) -> Commit:
        """Delete a file, or a directory with everything below it (DeleteFile, ModifyFile). A missing one is no error.

        With a branch instead of an open commit, this is a commit of its own unless the head of the branch is open.

        :param datum: delete what was put with this datum (2.x); without one, what was put without.
        :param wait: with a branch, wait until the server has accepted the new commit. With False, that is not known on
            2.x, as with :meth:`finish_commit`, and a commit that fails is not dropped.
        :return: the commit that was made or written to.
        """
        target, clean = self._commit(commit), _paths.exact(_paths.not_empty(path))
        dialect = await self._session.dialect()
        async with write_target(self._session, target, wait) as to:
            await self._session.run(dialect.files.delete(to.commit, clean, datum, fresh=to.own))
            taken_places.deleted(self._session, to, clean)
        return to.named
