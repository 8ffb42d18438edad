"""What is read of a branch whose head somebody takes away meanwhile is read of the head that it has then."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from airflow_provider_pachyderm.client._async.session import AsyncSession
from airflow_provider_pachyderm.client._errors import CommitDeleted, CommitNotFound
from airflow_provider_pachyderm.client._models import Commit
from airflow_provider_pachyderm.client._refs import is_expression

T = TypeVar("T")


async def of_head(
    session: AsyncSession,
    commit: Commit,
    work: Callable[[], Awaitable[T]],
    may_repeat: Callable[[], bool] = lambda: True,
) -> T:
    """Do what finds out first which commit is meant, and again if that is gone before it is done.

    :param commit: as it is named; only a branch can have another head.
    :param may_repeat: asked whether nothing is left of what was done.
    :raises CommitNotFound: if it is no other commit than before.
    """
    moves = commit.id is None or is_expression(commit.id)
    gone: str | None = None
    while True:
        try:
            return await work()
        except (CommitNotFound, CommitDeleted):
            if not moves or not may_repeat():
                raise
            dialect = await session.dialect()
            head = (await session.run(dialect.commits.inspect(commit))).commit.id
            if head == gone:
                raise
            gone = head
