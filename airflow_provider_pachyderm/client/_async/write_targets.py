"""Where a write goes: to an open commit, or to one of its own."""

from __future__ import annotations

import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from airflow_provider_pachyderm.client._async import started_commits
from airflow_provider_pachyderm.client._async.session import AsyncSession
from airflow_provider_pachyderm.client._capabilities import Feature
from airflow_provider_pachyderm.client._dialects.commits import ONE_CALL
from airflow_provider_pachyderm.client._errors import (
    CommitDeleted,
    CommitNotFinished,
    DeadlineExceeded,
    NotFound,
    OutputBranch,
)
from airflow_provider_pachyderm.client._models import Branch, Commit, CommitInfo, CommitState
from airflow_provider_pachyderm.client._refs import is_expression
from airflow_provider_pachyderm.client._transport.aio import pause

_logger = logging.getLogger(__name__)

_PATIENCE = 600.0
"""Seconds to wait for calls of others on the same branch."""

_GRACE = 5.0
"""Seconds in which a commit may be such a one on servers that keep no descriptions."""


@dataclass(frozen=True, slots=True)
class WriteTarget:
    """An open commit to write to.

    :param commit: as it is to be sent.
    :param named: as users see it.
    :param own: it was started for this write alone.
    """

    commit: Commit
    named: Commit
    own: bool = False


@asynccontextmanager
async def write_target(session: AsyncSession, target: Commit, wait: bool) -> AsyncIterator[WriteTarget]:
    """Give the open commit that is meant; for a branch, the open one at its head, or one for the body alone.

    The latter is finished after the body, or dropped if the body raises or the server finds it to be bad.
    """
    session.refuse_in_transaction()
    if target.id is not None or is_expression(target.branch or ""):
        yield await _existing(session, target)
        return
    found = await _on_branch(session, Branch(target.repo, str(target.branch)))
    if found.own:
        async with started_commits.finished_or_dropped(session, found.named, wait):
            yield found
    else:
        yield found


async def _existing(session: AsyncSession, target: Commit) -> WriteTarget:
    dialect = await session.dialect()
    commit = await session.run(dialect.commits.writable(target, started=target.id in session.started))
    return WriteTarget(commit, target if target.id == commit.id else commit)


async def _on_branch(session: AsyncSession, branch: Branch) -> WriteTarget:
    """Start a commit on a branch, or find the one that is open there.

    What another call has started for itself alone is waited for, as it may be dropped with all that is in it.
    """
    dialect = await session.dialect()
    begun = time.monotonic()
    while True:
        try:
            commit = await started_commits.start(session, branch, description=ONE_CALL)
            return WriteTarget(await session.run(dialect.commits.by_id(commit)), commit, own=True)
        except (CommitNotFinished, OutputBranch) as refusal:
            info = await session.run(dialect.commits.open_head(branch))
            waited = time.monotonic() - begun
            if info is None and (isinstance(refusal, OutputBranch) or waited > _PATIENCE):
                raise
            if info is not None and not await _is_of_one_call(session, info, waited):
                return WriteTarget(await session.run(dialect.commits.by_id(info.commit)), info.commit)
        if info is None:
            await pause(0.05)
        else:
            await _wait_for_end(session, info, waited)


async def _is_of_one_call(session: AsyncSession, info: CommitInfo, waited: float) -> bool:
    dialect = await session.dialect()
    if Feature.COMMIT_DESCRIPTION in dialect.capabilities:
        return info.description == ONE_CALL
    return info.commit.id not in session.started and waited < _GRACE


async def _wait_for_end(session: AsyncSession, info: CommitInfo, waited: float) -> None:
    dialect = await session.dialect()
    _logger.info("Waiting for commit %s, which another call is writing", info.commit)
    if Feature.COMMIT_DESCRIPTION not in dialect.capabilities:
        await pause(0.1)
        return
    try:
        await session.run(dialect.commits.inspect(info.commit, CommitState.FINISHING), max(1.0, _PATIENCE - waited))
    except (NotFound, CommitDeleted):
        return
    except DeadlineExceeded as error:
        raise CommitNotFinished(
            f"commit {info.commit} was started by another call that writes to the branch, and has been open for more "
            f"than {_PATIENCE:.0f} s: if that call is dead, use drop_commit({str(info.commit)!r})",
            reference=str(info.commit),
        ) from error
