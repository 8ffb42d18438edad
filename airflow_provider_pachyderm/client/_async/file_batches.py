"""Which files of a commit are read together, and their content."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterable, Iterable
from contextlib import aclosing
from dataclasses import replace
from typing import TypeAlias

from airflow_provider_pachyderm.client import _paths
from airflow_provider_pachyderm.client._async.file_contents import read
from airflow_provider_pachyderm.client._async.file_lists import list_directory
from airflow_provider_pachyderm.client._async.session import AsyncSession
from airflow_provider_pachyderm.client._async.tar_reader import AsyncTarReader
from airflow_provider_pachyderm.client._capabilities import Feature
from airflow_provider_pachyderm.client._dialects.completeness import list_broken
from airflow_provider_pachyderm.client._errors import StreamBroken
from airflow_provider_pachyderm.client._listings import Batch, Page, alone, together
from airflow_provider_pachyderm.client._local.filters import Filter
from airflow_provider_pachyderm.client._models import Commit, CommitInfo, FileInfo, FileType
from airflow_provider_pachyderm.client._patterns import exactly

AsyncContent: TypeAlias = "tuple[FileInfo, AsyncIterable[bytes]]"


async def resolve(
    session: AsyncSession,
    commit: Commit,
    paths: str | Iterable[str],
    *,
    recursive: bool,
    datum: str,
    wanted: Filter | None = None,
    streams: int = 1,
) -> list[Batch]:
    """Find files, all in the same commit even if the branch moves on meanwhile."""
    given = _paths.exacts(paths)
    dialect = await session.dialect()
    info = await session.run(dialect.commits.inspect(commit))
    seen: set[str] = set()
    found: list[Batch] = []
    for path in given:
        listed = await _files_at(session, info, path, recursive, datum)
        files = [file for file in _files_of(listed, path, wanted) if file.path not in seen]
        seen.update(file.path for file in files)
        archives = Feature.GET_TAR in dialect.capabilities
        found += together(path, listed, files, streams) if archives else alone(files)
    return [replace(batch, lasting=info.state.done, put=not info.provenance) for batch in found]


async def _files_at(
    session: AsyncSession, commit: CommitInfo, path: str, recursive: bool, datum: str
) -> list[FileInfo]:
    dialect = (await session.dialect()).of_datum(datum)
    info = await session.run(dialect.files.inspect(commit.commit, path))
    if info.type is FileType.FILE:
        return [info]
    listed: list[FileInfo] = []
    try:
        async with await list_directory(session, commit.commit, Page(path), recursive=recursive, datum=datum) as items:
            async for item in items:
                listed += [item]  # also what comes before it breaks
    except StreamBroken as broken:
        if broken.status or not commit.state.done:
            raise
    size = sum(item.size_bytes for item in listed)
    if commit.state.done and size < info.size_bytes and not await _are_all(session, commit, path, recursive, listed):
        raise list_broken(f"{commit.commit}:{path}", size, info.size_bytes)
    return listed


async def _are_all(
    session: AsyncSession, commit: CommitInfo, path: str, recursive: bool, listed: list[FileInfo]
) -> bool:
    """Ask in another way whether a list is whole, where directories may count a header that no file has."""
    dialect = await session.dialect()
    if Feature.SPLIT_SQL not in dialect.capabilities:
        return False
    pattern = ("" if path == "/" else exactly(path)) + ("/**" if recursive else "/*")
    async with await session.open(dialect.files.glob(commit.commit, pattern)) as found:
        paths = {item.path async for item in found if item.type is FileType.FILE}
    return paths == {item.path for item in listed if item.type is FileType.FILE}


async def contents(session: AsyncSession, batch: Batch, datum: str) -> AsyncGenerator[AsyncContent, None]:
    """Give each file with its content, which is to be read before the next."""
    if batch.directory is None:
        for info in batch.files:
            async with aclosing(pieces(session, info, datum, batch)) as content:
                yield info, content
        return
    dialect = (await session.dialect()).of_datum(datum)
    missing = {info.path: info for info in batch.files}
    archive = dialect.downloads.archive(batch.files[0].commit, batch.directory, lasting=batch.lasting)
    async with await session.open(archive) as reader:
        members = AsyncTarReader(reader)
        while missing and (member := await members.next()) is not None:
            # only a name that was listed is taken, so none can lead elsewhere
            if member.isreg() and (found := missing.pop("/" + member.name.lstrip("/"), None)) is not None:
                _check_size(found, member.size)
                yield found, members
    if missing:
        raise StreamBroken(f"{batch.directory}: the archive does not have {min(missing)}, and perhaps others")


async def pieces(
    session: AsyncSession, info: FileInfo, datum: str, batch: Batch, start: int = 0
) -> AsyncGenerator[bytes, None]:
    """Read a file from an offset on."""
    lasting = batch.lasting
    limited = not lasting and Feature.FULL_SIZES in (await session.dialect()).capabilities
    async with await read(
        session, info, datum, offset=start, lasting=lasting, limited=limited, prove=lasting and batch.put
    ) as reader:
        async for chunk in reader:
            yield chunk


def _check_size(info: FileInfo, size: int) -> None:
    if size != info.size_bytes:
        raise StreamBroken(f"{info.path} has {size} bytes in the archive, but had {info.size_bytes} in the list")


def _files_of(listed: Iterable[FileInfo], path: str, wanted: Filter | None) -> Iterable[FileInfo]:
    """Choose from what is at a path: a file itself, of a directory what is wanted; each once."""
    files = {info.path: info for info in listed if info.type is FileType.FILE}
    if wanted is None or path in files:
        return files.values()
    return (info for info in files.values() if wanted.wants(_paths.below(info.path, path)))
