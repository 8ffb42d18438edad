"""Where a write goes: to an open commit, or to one of its own."""

from __future__ import annotations

import logging
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from airflow_provider_pachyderm.client import _paths
from airflow_provider_pachyderm.client._async.commits import AsyncCommitCalls
from airflow_provider_pachyderm.client._capabilities import Feature
from airflow_provider_pachyderm.client._dialects.history import ONE_CALL
from airflow_provider_pachyderm.client._errors import (
    CommitDeleted,
    CommitNotFinished,
    DeadlineExceeded,
    FileNotFound,
    NotFound,
    OutputBranch,
    PathConflict,
)
from airflow_provider_pachyderm.client._models import Branch, Commit, CommitInfo, CommitState, FileInfo, FileType
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


class AsyncTargets(AsyncCommitCalls):
    """Finds or makes the commits that calls write to."""

    @asynccontextmanager
    async def _write_target(self, target: Commit, wait: bool) -> AsyncIterator[WriteTarget]:
        """Give the open commit that is meant; for a branch, the open one at its head, or one for the body alone.

        The latter is finished after the body, or dropped if the body raises or the server finds it to be bad.
        """
        self._session.refuse_in_transaction()
        if target.id is not None or is_expression(target.branch or ""):
            yield await self._existing(target)
            return
        found = await self._on_branch(Branch(target.repo, str(target.branch)))
        if found.own:
            async with self._finished_or_dropped(found.commit, wait):
                yield found
        else:
            yield found

    async def _existing(self, target: Commit) -> WriteTarget:
        dialect = await self._session.dialect()
        started = target.id in self._session.started
        commit = await self._session.run(dialect.writable(target, started=started))
        return WriteTarget(commit, target if target.id == commit.id else commit)

    async def _check_copied(self, to: WriteTarget, source: FileInfo, path: str) -> None:
        """Refuse a copy where pieces were put; of a directory, to one that others may have made, it is in order."""
        if source.type is FileType.FILE or path in self._session.pieces.get(str(to.commit.id), ()):
            (await self._refusing_pieces(to, path))(path)

    async def _refusing_pieces(self, to: WriteTarget, root: str, *, tree: bool = False) -> Callable[[str], None]:
        """Make what refuses to write a file where pieces were put in the same commit (real servers, D14).

        Servers of 1.6 to 1.13 make one file of both, or lose the pieces, and say OK.

        :param root: the file; with ``tree`` the directory that the files are in.
        """
        directories = await self._pieces_at(to, root, tree)

        def check(path: str) -> None:
            if path in directories:
                raise PathConflict(
                    f"{path} is a directory in {to.named}, into which content was split: delete it, or finish the "
                    "commit, before you write a file there",
                    reference=f"{to.named}:{path}",
                )

        return check

    async def _pieces_at(self, to: WriteTarget, root: str, tree: bool) -> set[str]:
        """Find them: in a commit that this client has started, it knows; in others, any directory may be one."""
        dialect = await self._session.dialect()
        known = dialect.capabilities
        if to.own or Feature.SPLIT not in known or Feature.READ_OPEN not in known:
            return set()
        if str(to.commit.id) in self._session.started:
            return self._session.pieces.get(str(to.commit.id), set())
        try:
            if not tree:
                found = [await self._session.call(dialect.inspect_file(to.commit, root))]
            else:
                found = [info async for info in await self._session.open(dialect.walk_file(to.commit, root))]
        except FileNotFound:
            return set()
        return {info.path for info in found if info.type is FileType.DIR}

    def _forget_pieces(self, to: WriteTarget, path: str) -> None:
        """Note that a file or directory is deleted."""
        known = self._session.pieces.get(str(to.commit.id), set())
        known.difference_update([each for each in known if each == path or _paths.is_below(each, path)])

    async def _on_branch(self, branch: Branch) -> WriteTarget:
        """Start a commit on a branch, or find the one that is open there.

        What another call has started for itself alone is waited for, as it may be dropped with all that is in it.
        """
        dialect = await self._session.dialect()
        begun = time.monotonic()
        while True:
            try:
                commit = await self.start_commit(branch.repo, branch.name, description=ONE_CALL)
                return WriteTarget(commit, commit, own=True)
            except (CommitNotFinished, OutputBranch) as refusal:
                info = await self._session.run(dialect.open_head(branch))
                waited = time.monotonic() - begun
                if info is None and (isinstance(refusal, OutputBranch) or waited > _PATIENCE):
                    raise
                if info is not None and not await self._is_of_one_call(info, waited):
                    return WriteTarget(info.commit, info.commit)
            if info is None:
                await pause(0.05)
            else:
                await self._wait_for_end(info, waited)

    async def _is_of_one_call(self, info: CommitInfo, waited: float) -> bool:
        dialect = await self._session.dialect()
        if Feature.COMMIT_DESCRIPTION in dialect.capabilities:
            return info.description == ONE_CALL
        return info.commit.id not in self._session.started and waited < _GRACE

    async def _wait_for_end(self, info: CommitInfo, waited: float) -> None:
        dialect = await self._session.dialect()
        _logger.info("Waiting for commit %s, which another call is writing", info.commit)
        if Feature.COMMIT_DESCRIPTION not in dialect.capabilities:
            await pause(0.1)
            return
        try:
            await self.inspect_commit(info.commit, wait=CommitState.FINISHING, timeout=max(1.0, _PATIENCE - waited))
        except (NotFound, CommitDeleted):
            return
        except DeadlineExceeded as error:
            raise CommitNotFinished(
                f"commit {info.commit} was started by another call to write to the branch, and has been open for more "
                f"than {_PATIENCE:.0f} s; if that call is dead, drop_commit({str(info.commit)!r}) removes it",
                reference=str(info.commit),
            ) from error
