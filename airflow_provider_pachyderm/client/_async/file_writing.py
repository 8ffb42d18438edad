"""Writing files to an open commit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from airflow_provider_pachyderm._urls import is_well_formed, masked_url
from airflow_provider_pachyderm.client import _paths
from airflow_provider_pachyderm.client._async import taken_places
from airflow_provider_pachyderm.client._async.base import not_negative
from airflow_provider_pachyderm.client._async.session import AsyncSession
from airflow_provider_pachyderm.client._async.urls import open_url
from airflow_provider_pachyderm.client._async.write_targets import WriteTarget
from airflow_provider_pachyderm.client._capabilities import Feature
from airflow_provider_pachyderm.client._changes import PutUrl
from airflow_provider_pachyderm.client._dialects.uploads import Content, Split
from airflow_provider_pachyderm.client._errors import BranchHasNoHead, InvalidRequest, NotFound
from airflow_provider_pachyderm.client._models import Commit
from airflow_provider_pachyderm.client._refs import same_repo
from airflow_provider_pachyderm.client._transport.aio import side_by_side


async def put(
    session: AsyncSession,
    to: WriteTarget,
    content: Content,
    append: bool,
    split: Split | None = None,
    index: int = 0,
    datum: str = "",
) -> None:
    """Write a file."""
    dialect, path = await session.dialect(), content.path
    if split is None:
        await taken_places.check_file(session, to, path, append=append)
    plan = dialect.uploads.prepare(to.commit, path, append=append, split=split, index=index, datum=datum)
    upload = await session.run(plan)
    if split is not None:
        taken_places.split(session, to, path)
    await session.send(upload, [content])


async def put_each(
    session: AsyncSession, to: WriteTarget, root: str, files: list[Content], append: bool, parallel: int
) -> None:
    """Write files below a directory, each in a stream of its own."""
    dialect = await session.dialect()
    paths = [file.path for file in files]
    files = [*_checked(files, await taken_places.refusing(session, to, root, paths, append=append))]
    upload = await session.run(dialect.uploads.prepare(to.commit, root, append=append, tree=True))
    await side_by_side(lambda file: session.send(upload, [file]), files, parallel)


async def put_all(session: AsyncSession, to: WriteTarget, root: str, files: Iterable[Content], append: bool) -> None:
    """Write files below a directory, in one stream where servers take such."""
    dialect = await session.dialect()
    paths = [file.path for file in files] if isinstance(files, list) else None
    checked = _checked(files, await taken_places.refusing(session, to, root, paths, append=append))
    upload = await session.run(dialect.uploads.prepare(to.commit, root, append=append, tree=True))
    await session.send(upload, [*checked] if isinstance(files, list) else checked)


async def put_url(session: AsyncSession, to: WriteTarget, wanted: PutUrl) -> None:
    """Make the server fetch a file, or fetch it in its place where it would store an error page."""
    dialect = await session.dialect()
    fetches = Feature.URL_ERRORS not in dialect.capabilities and wanted.url.startswith(("http://", "https://"))
    if wanted.recursive and not fetches:
        taken_places.fetched(session, to, wanted.path)
    else:
        await taken_places.check_file(session, to, wanted.path, append=wanted.append)
    if not fetches:
        await session.run(dialect.uploads.fetch(to.commit, wanted))
        return
    upload = await session.run(dialect.uploads.prepare(to.commit, wanted.path, append=wanted.append))
    async with open_url(wanted.url) as content:
        await session.send(upload, [Content(wanted.path, content)])


def _checked(files: Iterable[Content], check: Callable[[str], None]) -> Iterator[Content]:
    for file in files:
        check(file.path)
        yield file


async def refuse_to_copy_out_of(
    session: AsyncSession, source: Commit, source_path: str, target: Commit, path: str
) -> None:
    """Refuse to put what is in a directory in the place of that."""
    if not _paths.is_below(source_path, path) or not same_repo(source.repo, target.repo):
        return
    dialect = await session.dialect()
    try:
        there = target.id or (await session.run(dialect.commits.inspect(target))).commit.id
    except (NotFound, BranchHasNoHead):
        return
    if source.id == there:
        raise InvalidRequest(
            f"{source_path} is in {path}, so replacing {path} would delete the source of the copy: copy it to another "
            "path first, or append it",
            reference=f"{target}:{path}",
        )


def is_at(source: Commit, source_path: str, commit: Commit, path: str) -> bool:
    """Say whether two places are the same."""
    return source_path == path and source.id == commit.id and same_repo(source.repo, commit.repo)


def url_to_put(path: str, url: str, recursive: bool, append: bool, concurrency: int) -> PutUrl:
    """Check what a server is to fetch."""
    if not is_well_formed(url):
        raise InvalidRequest(
            f"{masked_url(url)!r} is not a URL: write scheme://host[:port]/path, with %2F for a slash in a user or "
            "password"
        )
    clean = _paths.literal(path) if recursive else _paths.for_writing(path)
    return PutUrl(clean, url, recursive, append, not_negative("concurrency", concurrency))
