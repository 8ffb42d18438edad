"""Where content was split into pieces in a commit that is still open, so that no file is written there as well."""

from __future__ import annotations

from collections.abc import Callable

from airflow_provider_pachyderm.client import _paths
from airflow_provider_pachyderm.client._async.session import AsyncSession
from airflow_provider_pachyderm.client._async.targets import WriteTarget
from airflow_provider_pachyderm.client._capabilities import Feature
from airflow_provider_pachyderm.client._errors import FileNotFound, PathConflict
from airflow_provider_pachyderm.client._models import FileInfo, FileType


async def check_copied(session: AsyncSession, to: WriteTarget, source: FileInfo, path: str) -> None:
    """Refuse a copy where pieces were put; of a directory, to one that others may have made, it is in order."""
    if source.type is FileType.FILE or path in session.pieces.get(str(to.commit.id), ()):
        (await refusing(session, to, path))(path)


async def refusing(session: AsyncSession, to: WriteTarget, root: str, *, tree: bool = False) -> Callable[[str], None]:
    """Make what refuses to write a file where pieces were put in the same commit (real servers, D14).

    Servers of 1.6 to 1.13 make one file of both, or lose the pieces, and say OK.

    :param root: the file; with ``tree`` the directory that the files are in.
    """
    directories = await _pieces_at(session, to, root, tree)

    def check(path: str) -> None:
        if path in directories:
            raise PathConflict(
                f"{path} is a directory in {to.named}, into which content was split: delete it, or finish the "
                "commit, before you write a file there",
                reference=f"{to.named}:{path}",
            )

    return check


async def _pieces_at(session: AsyncSession, to: WriteTarget, root: str, tree: bool) -> set[str]:
    """Find them: in a commit that this client has started, it knows; in others, any directory may be one."""
    dialect = await session.dialect()
    known = dialect.capabilities
    if to.own or Feature.SPLIT not in known or Feature.READ_OPEN not in known:
        return set()
    if str(to.commit.id) in session.started:
        return session.pieces.get(str(to.commit.id), set())
    try:
        if not tree:
            found = [await session.run(dialect.files.inspect(to.commit, root))]
        else:
            found = [info async for info in await session.open(dialect.files.walk(to.commit, root))]
    except FileNotFound:
        return set()
    return {info.path for info in found if info.type is FileType.DIR}


def forget(session: AsyncSession, to: WriteTarget, path: str) -> None:
    """Note that a file or directory is deleted."""
    known = session.pieces.get(str(to.commit.id), set())
    known.difference_update([each for each in known if each == path or _paths.is_below(each, path)])
