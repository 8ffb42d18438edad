"""Commits that this client starts. The session remembers them until it has finished or dropped them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

from airflow_provider_pachyderm.client._async.base import undo
from airflow_provider_pachyderm.client._async.session import AsyncSession
from airflow_provider_pachyderm.client._capabilities import Feature, World
from airflow_provider_pachyderm.client._changes import Written
from airflow_provider_pachyderm.client._errors import CommitFinished
from airflow_provider_pachyderm.client._models import Branch, Commit
from airflow_provider_pachyderm.client._transport.aio import unbroken


async def start(
    session: AsyncSession,
    branch: Branch,
    parent: Commit | None = None,
    description: str | None = None,
    provenance: Sequence[Commit] = (),
) -> Commit:
    """Start a commit on a branch; in a transaction there is nothing to remember yet.

    Who is cancelled or interrupted meanwhile leaves none behind.
    """
    dialect = await session.dialect()
    plan = dialect.commits.start(branch, parent, description, provenance)
    if session.in_transaction:
        return await session.run(plan, together=True)
    asked = dialect.capabilities.world is World.V1 and Feature.BRANCH_OBJECTS in dialect.capabilities
    new_branch, head = await session.run(dialect.commits.makes_branch(branch))

    async def begin() -> Commit:
        commit = await session.run(plan)
        session.started[str(commit.id)] = new_branch
        if parent is None and asked:
            session.written[str(commit.id)] = Written(base=head, has_base=True)
        return commit

    async def take_back(commit: Commit, error: BaseException) -> None:
        await _drop_after(error, commit, lambda: drop(session, commit))

    return await unbroken(begin, take_back)


async def finish(
    session: AsyncSession, commit: Commit, description: str | None = None, error: str | None = None, *, wait: bool
) -> None:
    """Finish a commit and, if asked, wait until the server has accepted it."""
    dialect = await session.dialect()
    if session.in_transaction and not wait:
        await session.run(dialect.commits.end(commit, description, error), together=True)
    else:
        started = str(commit.id) in session.started
        await session.run(dialect.commits.finish(commit, description, error, wait=wait, started=started))
    _forget(session, commit)


async def drop(session: AsyncSession, commit: Commit) -> None:
    """Drop a commit, with its branch if that was made with it."""
    dialect = await session.dialect()
    new_branch = session.started.get(str(commit.id), False)
    await session.run(dialect.commit_removal.drop(commit, new_branch=new_branch))
    _forget(session, commit)


async def _discard(session: AsyncSession, commit: Commit) -> None:
    """Drop a commit that could not be finished, however far that has come."""
    dialect = await session.dialect()
    new_branch = session.started.get(str(commit.id), False)
    _forget(session, commit)
    await session.run(dialect.commit_removal.drop(commit, new_branch=new_branch, finished=True))


def _forget(session: AsyncSession, commit: Commit) -> None:
    session.started.pop(str(commit.id), None)
    session.written.pop(str(commit.id), None)


@asynccontextmanager
async def finished_or_dropped(session: AsyncSession, commit: Commit, wait: bool) -> AsyncIterator[None]:
    """Finish a commit that was started for the body, or drop it."""
    try:
        yield
    except BaseException as error:
        await _drop_after(error, commit, lambda: drop(session, commit))
        raise
    try:
        await finish(session, commit, wait=wait)
    except CommitFinished:
        # somebody else has finished it, so it is not ours any more
        raise
    except BaseException as error:
        await _drop_after(error, commit, lambda: _discard(session, commit))
        raise


async def _drop_after(error: BaseException, commit: Commit, remove: Callable[[], Awaitable[None]]) -> None:
    await undo(error, f"{commit} is left behind, and delete_commit({str(commit)!r}) removes it", remove)
