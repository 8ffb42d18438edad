"""What stands in a commit that is written to, so that nothing is written in the place of something of another kind.

On many servers of 1.x a file that replaces a directory takes all that is in it away, and a copied directory a file, and
they say OK; where content was split into the directory in the same commit, they make one file of both, or lose the
pieces (real servers, D14). 2.x refuses that when the commit is finished; here, it is refused before it is written.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from posixpath import join

from airflow_provider_pachyderm.client._async.session import AsyncSession
from airflow_provider_pachyderm.client._async.write_targets import WriteTarget
from airflow_provider_pachyderm.client._capabilities import Capabilities, Feature, World
from airflow_provider_pachyderm.client._changes import Written
from airflow_provider_pachyderm.client._dialects.calls import Listing
from airflow_provider_pachyderm.client._dialects.changes import FEW
from airflow_provider_pachyderm.client._dialects.dialect import Dialect
from airflow_provider_pachyderm.client._errors import CommitNotFinished, CommitNotFound, FileNotFound, PathConflict
from airflow_provider_pachyderm.client._models import Commit, FileInfo, FileType
from airflow_provider_pachyderm.client._patterns import exactly

# 1.x servers let nobody look into an output commit before it is finished
_UNKNOWN = (FileNotFound, CommitNotFinished)


async def check_copied(session: AsyncSession, to: WriteTarget, source: FileInfo, path: str) -> None:
    """Refuse a copy in the place of something of another kind, or where content was split."""
    dialect = await session.dialect()
    if source.type is FileType.FILE:
        await check_file(session, to, path)
    elif _replaces(dialect.capabilities):
        written = _written(session, to)
        if path in written.pieces:
            raise _taken(to, path)
        if await _kind(session, to.commit, path) is FileType.FILE:
            raise PathConflict(f"{path} is a file in {to.named}: delete it first", reference=f"{to.named}:{path}")
        written.add_tree(path)


async def check_file(session: AsyncSession, to: WriteTarget, path: str, *, append: bool = False) -> None:
    """Refuse to write a file where a directory is."""
    check = await refusing(session, to, path, [path], append=append)
    check(path)


async def refusing(
    session: AsyncSession, to: WriteTarget, root: str, paths: Sequence[str] | None = None, *, append: bool = False
) -> Callable[[str], None]:
    """Make what refuses to write a file where a directory is, and notes those that it lets pass.

    :param root: a directory that the files are in.
    :param paths: of the files, if they are known.
    :param append: they are appended to what is there, which servers refuse of what was a directory before.
    """
    if not _replaces((await session.dialect()).capabilities):
        return lambda path: None
    written = _written(session, to)
    directories: set[str] = set()
    if not _is_ours(session, to) or written.is_unsure(root, paths):
        directories = await _in_open(session, to.commit, root, paths)
    elif not append:
        directories = await _before(session, to.commit, written, root, paths)

    def check(path: str) -> None:
        if path in directories or path in written.directories:
            raise _taken(to, path)
        written.add(path)

    return check


def split(session: AsyncSession, to: WriteTarget, path: str) -> None:
    """Note that content is split into a directory."""
    written = _written(session, to)
    written.pieces.add(path)
    written.add_tree(path)


def fetched(session: AsyncSession, to: WriteTarget, path: str) -> None:
    """Note that the server is made to put into a directory what nobody knows."""
    _written(session, to).add_tree(path)


def deleted(session: AsyncSession, to: WriteTarget, path: str) -> None:
    """Note that a file or directory is deleted."""
    _written(session, to).delete(path)


async def _in_open(session: AsyncSession, commit: Commit, root: str, paths: Sequence[str] | None) -> set[str]:
    """Find all directories that are there now, whoever has made them."""
    if Feature.READ_OPEN not in (await session.dialect()).capabilities:
        return set()
    return await _directories(session, commit, root, paths, is_open=True)


async def _before(
    session: AsyncSession, commit: Commit, written: Written, root: str, paths: Sequence[str] | None
) -> set[str]:
    """Find the directories that were there before this client has written, and that it has not deleted."""
    base = await _base(session, commit, written)
    while base is not None:
        try:
            found = await _directories(session, base, root, paths, is_open=False)
        except CommitNotFound:
            # whoever had made it dropped it: what is open then stands on the one before
            gone, written.has_base = base, False
            base = await _base(session, commit, written)
            if base == gone:
                raise
        else:
            return {path for path in found if not written.has_deleted(path)}
    return set()


async def _base(session: AsyncSession, commit: Commit, written: Written) -> Commit | None:
    """Find the commit before: at first the head that the branch had, which is told with no call of its own."""
    if not written.has_base:
        dialect = await session.dialect()
        info = await session.run(dialect.commits.inspect(commit))
        written.base, written.has_base = info.parent, True
    return written.base


async def _directories(
    session: AsyncSession, commit: Commit, root: str, paths: Sequence[str] | None, *, is_open: bool
) -> set[str]:
    below = _below_in_open if is_open else _below
    if paths is not None and len(paths) <= FEW:
        return {path for path in paths if await _kind(session, commit, path) is FileType.DIR}
    try:
        async with await session.open(below(await session.dialect(), commit, root)) as infos:
            return {info.path async for info in infos if info.type is FileType.DIR}
    except _UNKNOWN:
        return set()


def _below(dialect: Dialect, commit: Commit, root: str) -> Listing[FileInfo]:
    return dialect.files.walk(commit, root)


def _below_in_open(dialect: Dialect, commit: Commit, root: str) -> Listing[FileInfo]:
    """List what is below a directory of an open commit: in a walk 1.7 to 1.13 show what only begins like it (D83)."""
    return dialect.files.glob(commit, join(exactly(root), "**"))


async def _kind(session: AsyncSession, commit: Commit, path: str) -> FileType | None:
    dialect = await session.dialect()
    try:
        return (await session.run(dialect.files.inspect(commit, path))).type
    except _UNKNOWN:
        return None


def _replaces(capabilities: Capabilities) -> bool:
    return capabilities.world is World.V1


def _written(session: AsyncSession, to: WriteTarget) -> Written:
    """Give what is noted; nothing is of the commits of others, who may write to them, too."""
    return session.written.setdefault(str(to.commit.id), Written()) if _is_ours(session, to) else Written()


def _is_ours(session: AsyncSession, to: WriteTarget) -> bool:
    return str(to.commit.id) in session.started


def _taken(to: WriteTarget, path: str) -> PathConflict:
    return PathConflict(
        f"{path} is a directory in {to.named}, which would go with all that is in it: delete it first",
        reference=f"{to.named}:{path}",
    )
