"""Reading and listing files."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncGenerator
from dataclasses import replace

from airflow_provider_pachyderm.client import _listings, _paths, _patterns
from airflow_provider_pachyderm.client._async.base import AsyncCalls, not_negative
from airflow_provider_pachyderm.client._async.items import AsyncItems, made, ready
from airflow_provider_pachyderm.client._async.ranges import AsyncRanges
from airflow_provider_pachyderm.client._async.reader import AsyncFileReader
from airflow_provider_pachyderm.client._capabilities import Feature
from airflow_provider_pachyderm.client._dialects.calls import Listing
from airflow_provider_pachyderm.client._dialects.diffs import Diff
from airflow_provider_pachyderm.client._errors import (
    BranchHasNoHead,
    FileNotFound,
    InvalidRequest,
    IsADirectory,
    NotFound,
)
from airflow_provider_pachyderm.client._listings import Page
from airflow_provider_pachyderm.client._local.chunks import CHUNK_SIZE
from airflow_provider_pachyderm.client._local.file_objects import AsyncOpenedFile
from airflow_provider_pachyderm.client._models import Commit, FileInfo, FilePair, FileType, PathRange
from airflow_provider_pachyderm.client._refs import CommitLike


class AsyncReadCalls(AsyncCalls):
    """The client's calls that read and list files."""

    async def get_file(
        self, commit: CommitLike, path: str, offset_bytes: int = 0, size_bytes: int = 0, *, datum: str = ""
    ) -> AsyncFileReader:
        """Read a file (InspectFile, GetFile).

        What comes is counted: it has to be as much as the server has said that the file has. The whole of a file of one
        put is checked by its SHA-512 on 1.x.

        :param offset_bytes: where to begin.
        :param size_bytes: how many bytes at most; 0 for all.
        :param datum: only what was put with this datum (2.x); ``default`` is that of files put without one.
        :return: a reader that is open already, so errors rise here.
        :raises FileNotFound: if there is no such file.
        :raises IsADirectory: if it is a directory.
        """
        target, clean = self._commit(commit), _paths.exact(path)
        offset, size = not_negative("offset_bytes", offset_bytes), not_negative("size_bytes", size_bytes)
        dialect = (await self._session.dialect()).of_datum(datum)
        return await self._session.open(await self._session.run(dialect.downloads.file(target, clean, offset, size)))

    async def _read(
        self, info: FileInfo, datum: str, *, offset: int = 0, lasting: bool = True, prove: bool = True
    ) -> AsyncFileReader:
        """Read a file that the server has told of.

        :param lasting: it stays as it is; else no more is read than was told, as it may have grown.
        :param prove: ask what it consists of if its hash does not fit.
        """
        dialect = (await self._session.dialect()).of_datum(datum)
        download = await self._session.run(dialect.downloads.file(info.commit, info.path, offset, known=info))
        if not lasting:
            download = replace(download, limit=download.expected)
        return await self._session.open(download if lasting and prove else replace(download, proof=None))

    async def _true_size(self, info: FileInfo, datum: str) -> int:
        """Tell how long a file is; some servers state too much or too little, which what is at its end tells."""
        told, known = info.size_bytes, (await self._session.dialect()).capabilities
        if not told or Feature.TRUE_SIZES in known or (Feature.RANGES not in known and told > CHUNK_SIZE):
            return told
        more = Feature.FULL_SIZES not in known
        async with await self._read(info, datum, offset=told - 1, lasting=more, prove=False) as reader:
            if len(await reader.read(2)) == 1:
                return told
        async with await self._read(info, datum, prove=False) as reader:
            return sum([len(chunk) async for chunk in reader])

    async def open_file(self, commit: CommitLike, path: str, *, datum: str = "") -> AsyncOpenedFile:
        """Open a file to read any parts of it (InspectFile, and GetFile for each part that is wanted).

        It stays that of the commit, also while the branch moves on.

        :param datum: only what was put with this datum (2.x); ``default`` is that of files put without one.
        :return: a buffered binary file of Python's; from the async client, one with ``await``.
        :raises FileNotFound: if there is no such file.
        :raises IsADirectory: if it is a directory.
        """
        target, clean = self._commit(commit), _paths.exact(path)
        dialect = await self._session.dialect()
        pinned = await self._session.run(dialect.commits.inspect(target))
        info = await self.inspect_file(pinned.commit, clean, datum=datum)
        if info.type is FileType.DIR:
            raise IsADirectory(f"{clean} is a directory in {pinned.commit}", reference=f"{pinned.commit}:{clean}")
        size = await self._true_size(info, datum)
        known = replace(info, commit=pinned.commit, size_bytes=size)

        async def begin(offset: int) -> AsyncFileReader:
            return await self._read(known, datum, offset=offset, lasting=pinned.state.done)

        return AsyncOpenedFile(AsyncRanges(size, begin), clean)

    async def path_exists(self, commit: CommitLike, path: str) -> bool:
        """Say whether there is such a file or directory (InspectFile); not, too, if there is no such commit."""
        try:
            await self.inspect_file(commit, path)
        except (NotFound, BranchHasNoHead):
            return False
        return True

    async def inspect_file(self, commit: CommitLike, path: str, *, datum: str = "") -> FileInfo:
        """Describe a file or directory (InspectFile).

        :param datum: only what was put with this datum (2.x); ``default`` is that of files put without one.
        :raises FileNotFound: if there is no such file.
        """
        target, clean = self._commit(commit), _paths.exact(path)
        dialect = (await self._session.dialect()).of_datum(datum)
        return await self._session.run(dialect.files.inspect(target, clean))

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
        :param after: only what comes after this path, which need not exist, in the order of the list.
        :param number: how many at most; 0 for all.
        :param reverse: the last one first.
        :param datum: only what was put with this datum (2.x); ``default`` is that of files put without one.
        :return: an iterator that is open already, so errors rise here.
        :raises FileNotFound: if there is no such directory.
        """
        target, clean, limit = self._commit(commit), _paths.exact(path), not_negative("number", number)
        page = Page(clean, None if after is None else _paths.exact(after), limit, reverse)
        dialect = (await self._session.dialect()).of_datum(datum)
        if page.after is not None:
            # an empty page does not tell whether there is such a directory
            await self.inspect_file(target, clean, datum=datum)
        if recursive:
            listing = dialect.files.walk(target, clean).where(lambda info: info.type is FileType.FILE)
        elif page.after is None or reverse:
            listing = dialect.files.list(target, clean)
        else:
            # what is below an entry comes where the entry does; servers would look for its place among their own names
            entry = _paths.join(clean, _paths.below(page.after, clean).partition("/")[0])
            listing = dialect.files.list_after(target, clean, entry)
        try:
            return await self._page(page.of(listing), page)
        except FileNotFound as missing:
            if missing.status or Feature.SPLIT_SQL not in dialect.capabilities:
                raise
        # it may be a directory that has a header, and no pieces
        await self.inspect_file(target, clean, datum=datum)
        return await ready(()).start()

    async def _page(self, listing: Listing[FileInfo], page: Page) -> AsyncItems[FileInfo]:
        items = await self._session.open(listing)
        if not page.reverse:
            return items
        async with items:
            last = deque([info async for info in items], page.number or None)
        return await ready(reversed(last)).start()

    async def glob_file(
        self, commit: CommitLike, pattern: str, *, path_range: PathRange | None = None
    ) -> AsyncItems[FileInfo]:
        """Find files and directories by pattern, such as ``/dir/*.csv`` (GlobFile).

        :param path_range: only what is in this range of paths; a directory counts as its name with a slash behind it.
        :return: an iterator that is open already, so errors rise here; empty if nothing matches.
        :raises InvalidRequest: if the pattern is malformed.
        """
        target, checked, within = self._commit(commit), _patterns.check(pattern), _listings.check_range(path_range)
        dialect = await self._session.dialect()
        if within is None:
            return await self._session.open(dialect.files.glob(target, checked))
        return await self._session.open(dialect.files.glob_within(target, checked, within))

    async def walk_file(self, commit: CommitLike, path: str = "/", *, datum: str = "") -> AsyncItems[FileInfo]:
        """List a directory and all files and directories below it (WalkFile).

        :param datum: only what was put with this datum (2.x); ``default`` is that of files put without one.
        :return: an iterator that is open already, so errors rise here.
        :raises FileNotFound: if there is no such directory.
        """
        target, clean = self._commit(commit), _paths.exact(path)
        dialect = (await self._session.dialect()).of_datum(datum)
        items = await self._session.open(dialect.files.walk(target, clean))
        if clean != "/" or not items.empty:
            return items
        root = await self._session.run(dialect.files.inspect(target, clean))
        return await ready([root]).start()

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
        diff = Diff(clean, old_clean, shallow=shallow)
        pairs = self._compared(diff, await self._side(new, clean, shallow), await self._side(old, old_clean, shallow))
        return await made(pairs).start()

    async def _side(self, commit: Commit, path: str, shallow: bool) -> AsyncItems[FileInfo] | None:
        """List what is compared at one place; None if there is nothing."""
        try:
            return await self.list_file(commit, path, recursive=not shallow)
        except FileNotFound:
            return None

    async def _compared(
        self, diff: Diff, ours: AsyncItems[FileInfo] | None, theirs: AsyncItems[FileInfo] | None
    ) -> AsyncGenerator[FilePair, None]:
        """Pair two lists in order, and give what differs."""
        new, old = await _next_of(ours), await _next_of(theirs)
        while new is not None or old is not None:
            side = diff.earlier(new, old)
            pair = (new if side <= 0 else None, old if side >= 0 else None)
            if diff.differ(pair):
                yield pair
            new = new if side > 0 else await _next_of(ours)
            old = old if side < 0 else await _next_of(theirs)
        for items in (ours, theirs):
            if items is not None:
                await items.aclose()


async def _next_of(items: AsyncItems[FileInfo] | None) -> FileInfo | None:
    if items is None:
        return None
    async for info in items:
        return info
    return None
