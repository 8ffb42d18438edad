"""Lists of files, the same from every server."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncGenerator

from airflow_provider_pachyderm.client import _paths
from airflow_provider_pachyderm.client._async.items import AsyncItems, made, ready
from airflow_provider_pachyderm.client._async.moving_heads import of_head
from airflow_provider_pachyderm.client._async.session import AsyncSession
from airflow_provider_pachyderm.client._capabilities import Feature
from airflow_provider_pachyderm.client._dialects.calls import Listing
from airflow_provider_pachyderm.client._dialects.diffs import Diff
from airflow_provider_pachyderm.client._errors import FileNotFound
from airflow_provider_pachyderm.client._listings import Page
from airflow_provider_pachyderm.client._models import Commit, FileInfo, FilePair, FileType


async def list_directory(
    session: AsyncSession, target: Commit, page: Page, *, recursive: bool, datum: str = ""
) -> AsyncItems[FileInfo]:
    """List a page of a directory: what is in it, or with ``recursive`` all files below it; of a file, itself."""

    async def list_page() -> AsyncItems[FileInfo]:
        return await _list_page(session, target, page, recursive=recursive, datum=datum)

    return await of_head(session, target, list_page)


async def _list_page(
    session: AsyncSession, target: Commit, page: Page, *, recursive: bool, datum: str
) -> AsyncItems[FileInfo]:
    dialect = (await session.dialect()).of_datum(datum)
    if page.after is not None:
        # an empty page does not tell whether there is such a directory
        await session.run(dialect.files.inspect(target, page.directory))
    if recursive:
        listing = dialect.files.walk(target, page.directory).where(lambda info: info.type is FileType.FILE)
    elif page.after is None or page.reverse:
        listing = dialect.files.list(target, page.directory)
    else:
        # what is below an entry comes where the entry does; servers would look for its place among their own names
        entry = _paths.join(page.directory, _paths.below(page.after, page.directory).partition("/")[0])
        listing = dialect.files.list_after(target, page.directory, entry)
    try:
        items = await _turned(session, page.of(listing), page)
        first = items._peek()
        again = dialect.files.walk_open(target, page.directory, first) if recursive and first is not None else None
        if again is None:
            return items
        await items.aclose()
        return await _turned(session, page.of(again.where(lambda info: info.type is FileType.FILE)), page)
    except FileNotFound as missing:
        if missing.status or Feature.SPLIT_SQL not in dialect.capabilities:
            raise
    # it may be a directory that has a header, and no pieces
    await session.run(dialect.files.inspect(target, page.directory))
    return await ready(()).start()


async def walk(session: AsyncSession, target: Commit, path: str, datum: str = "") -> AsyncItems[FileInfo]:
    """List a directory and all that is below it; of an empty root, itself."""
    return await of_head(session, target, lambda: _walk(session, target, path, datum))


async def _walk(session: AsyncSession, target: Commit, path: str, datum: str) -> AsyncItems[FileInfo]:
    dialect = (await session.dialect()).of_datum(datum)
    items = await session.open(dialect.files.walk(target, path))
    first = items._peek()
    again = dialect.files.walk_open(target, path, first) if first is not None else None
    if again is not None:
        await items.aclose()
        return await session.open(again)
    if path != "/" or not items.empty:
        return items
    root = await session.run(dialect.files.inspect(target, path))
    return await ready([root]).start()


async def _turned(session: AsyncSession, listing: Listing[FileInfo], page: Page) -> AsyncItems[FileInfo]:
    items = await session.open(listing)
    if not page.reverse:
        return items
    async with items:
        last = deque([info async for info in items], page.number or None)
    return await ready(reversed(last)).start()


async def compare(
    session: AsyncSession, new: tuple[Commit, str], old: tuple[Commit, str], *, shallow: bool
) -> AsyncItems[FilePair]:
    """Find what differs between two places by listing both."""
    diff = Diff(new[1], old[1], shallow=shallow)
    pairs = _compared(diff, await _side(session, *new, shallow), await _side(session, *old, shallow))
    return await made(pairs).start()


async def _side(session: AsyncSession, commit: Commit, path: str, shallow: bool) -> AsyncItems[FileInfo] | None:
    """List what is compared at one place; None if there is nothing."""
    try:
        return await list_directory(session, commit, Page(path), recursive=not shallow)
    except FileNotFound:
        return None


async def _compared(
    diff: Diff, ours: AsyncItems[FileInfo] | None, theirs: AsyncItems[FileInfo] | None
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
