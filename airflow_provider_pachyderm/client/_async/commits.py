"""Commits."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

from airflow_provider_pachyderm.client import _refs
from airflow_provider_pachyderm.client._async.base import AsyncCalls, not_negative
from airflow_provider_pachyderm.client._async.items import AsyncItems
from airflow_provider_pachyderm.client._errors import InvalidReference, InvalidRequest, NotFound
from airflow_provider_pachyderm.client._models import Commit, CommitInfo, CommitState, Repo
from airflow_provider_pachyderm.client._refs import CommitLike, RepoLike

_logger = logging.getLogger(__name__)


class AsyncCommitCalls(AsyncCalls):
    """The client's calls for commits."""

    async def start_commit(
        self, repo_name: RepoLike, branch: str, parent: CommitLike | None = None, *, description: str | None = None
    ) -> Commit:
        """Start a commit on a branch, which is created if need be (StartCommit).

        :param parent: id, branch or commit in the same repo; the branch's head if None.
        :return: the commit, with branch and id.
        :raises CommitNotFinished: if the head of the branch, or the parent, is open.
        :raises OutputBranch: if the branch has provenance.
        """
        target = self._branch(repo_name, branch)
        base = None if parent is None else self._commit_in(target.repo, parent)
        dialect = await self._session.dialect()
        return await self._session.call(dialect.start_commit(target, base, description))

    async def finish_commit(
        self, commit: CommitLike, *, description: str | None = None, error: str | None = None, wait: bool = False
    ) -> None:
        """Finish a commit (FinishCommit).

        :param description: replaces the one it was started with.
        :param error: finish it as failed, with this reason (2.x): its files are not inherited.
        :param wait: until the server has checked what is in it; 1.x servers check at once.
        :raises CommitFinished: if it is finished.
        :raises PathConflict: if a path is both file and directory; a 1.x server leaves the commit open.
        :raises CommitFailed: when waiting, if it failed.
        """
        target = self._commit(commit)
        dialect = await self._session.dialect()
        await self._session.run(dialect.finish_commit(target, description, error, wait=wait))

    @asynccontextmanager
    async def commit(
        self, repo_name: RepoLike, branch: str, parent: CommitLike | None = None, *, description: str | None = None
    ) -> AsyncIterator[Commit]:
        """Start a commit for the body of the ``with``; on success finish it and wait until the server has accepted it.

        If the body raises, or the commit cannot be finished, it is dropped: nobody sees half of it.

        :raises CommitFailed: if the server found what is in it to be bad; :class:`PathConflict` is one of these.
        """
        commit = await self.start_commit(repo_name, branch, parent, description=description)
        try:
            yield commit
            await self.finish_commit(commit)
        except BaseException as error:
            await self._drop_after(error, commit)
            raise
        await self.wait_commit(commit)

    async def _drop_after(self, error: BaseException, commit: Commit) -> None:
        """Drop a commit without hiding why."""
        try:
            await self.drop_commit(commit)
        except NotFound:
            return
        except Exception as failure:
            note = f"commit {commit} could not be dropped: {failure}"
            _logger.warning("%s", note)
            if hasattr(error, "add_note"):
                error.add_note(note)

    async def drop_commit(self, commit: CommitLike) -> None:
        """Drop an open commit with all that was written to it, as if it had never been started.

        1.x: DeleteCommit. 2.x: DropCommitSet, or, where other commits hang on it, ClearCommit and FinishCommit as
        failed. It is never finished as good and never to be resumed.

        :raises CommitFinished: if it is finished.
        """
        target = self._commit(commit)
        dialect = await self._session.dialect()
        await self._session.run(dialect.drop_commit(target))

    async def delete_commit(self, commit: CommitLike) -> None:
        """Delete a commit, open or finished, and what the server made from it.

        What was made after it on its branch stays, with its files. 1.x: DeleteCommit. 2.x: DropCommitSet, or
        SquashCommitSet if there are later commits.

        :raises CommitNotFound: if it does not exist.
        :raises Conflict: if users made other commits in one step with it, as these would go, too.
        """
        target = self._commit(commit)
        dialect = await self._session.dialect()
        await self._session.run(dialect.delete_commit(target))

    async def inspect_commit(
        self, commit: CommitLike, *, wait: CommitState | None = None, timeout: float | None = None
    ) -> CommitInfo:
        """Describe a commit (InspectCommit).

        :param wait: first wait until it has reached this state.
        :param timeout: seconds; if None: the client's, or no limit when waiting.
        :raises CommitNotFound: if it does not exist.
        :raises DeadlineExceeded: if it has not reached the state in time.
        """
        target = self._commit(commit)
        dialect = await self._session.dialect()
        return await self._session.call(dialect.inspect_commit(target, wait), timeout)

    async def wait_commit(self, commit: CommitLike, *, timeout: float | None = None) -> CommitInfo:
        """Wait until a commit is finished (InspectCommit).

        :param timeout: seconds, or None for no limit.
        :raises CommitFailed: if it was finished with an error.
        :raises DeadlineExceeded: if it is not finished in time.
        """
        target = self._commit(commit)
        dialect = await self._session.dialect()
        return await self._session.run(dialect.wait_commit(target), timeout)

    async def flush_commit(
        self,
        commits: CommitLike | Iterable[CommitLike],
        repos: RepoLike | Iterable[RepoLike] = (),
        *,
        timeout: float | None = None,
    ) -> list[CommitInfo]:
        """Wait until commits are finished, and all that is made from them (FlushCommit, InspectCommitSet).

        :param commits: one or several; of several, only what is made from all of them counts.
        :param repos: wait for commits in these only.
        :param timeout: seconds for each commit to wait for, or None for no limit.
        :return: what was made, failed ones included; nothing if no branch is made from theirs.
        :raises CommitFailed: if one of ``commits`` failed.
        :raises DeadlineExceeded: if one is not finished in time.
        """
        targets = _refs.parse_commits(commits, self.config.project)
        wanted = [self._repo(repo) for repo in ([repos] if isinstance(repos, (str, Repo)) else repos)]
        dialect = await self._session.dialect()
        return await self._session.run(dialect.flush_commit(targets, wanted), timeout)

    async def provenances_for_repo(self, repo_name: RepoLike) -> dict[str, str]:
        """Say from which commits those of a repo were made (ListCommit).

        :return: for each id of such a commit, the id of what was made from it; the last one to be finished, if there
            are several. 1.x servers tell of commits further upstream, too.
        """
        async with await self.list_commit(repo_name) as infos:
            made = [(info.finished, info) async for info in infos if info.finished is not None]
        made.sort(key=lambda item: item[0])
        return {str(source.id): str(info.commit.id) for _, info in made for source in info.provenance}

    async def list_commit(
        self,
        repo_name: RepoLike,
        to_commit: CommitLike | None = None,
        from_commit: CommitLike | None = None,
        number: int = 0,
        *,
        branch: str | None = None,
    ) -> AsyncItems[CommitInfo]:
        """List commits, newest first (ListCommit).

        :param to_commit: this one (id or branch) and its ancestors; all commits of the repo if None.
        :param from_commit: stop before this one; needs ``to_commit`` or ``branch``.
        :param number: how many; 0 for all.
        :param branch: the head of this branch and its ancestors; the same as ``to_commit``.
        :return: an iterator that is open already, so errors rise here.
        """
        repo = self._repo(repo_name)
        if branch is not None and to_commit is not None:
            raise InvalidRequest("branch and to_commit are the same: give one of them")
        newest = branch if to_commit is None else to_commit
        to = None if newest is None else self._commit_in(repo, newest)
        from_ = None if from_commit is None else self._commit_in(repo, from_commit)
        if from_ is not None and to is None:
            raise InvalidRequest("from_commit needs to_commit or branch: servers list back from there")
        count = not_negative("number", number)
        dialect = await self._session.dialect()
        return await self._session.open(dialect.list_commit(repo, to, from_, count))

    async def subscribe_commit(
        self,
        repo_name: RepoLike,
        branch: str,
        from_commit_id: CommitLike | None = None,
        *,
        state: CommitState = CommitState.FINISHED,
    ) -> AsyncItems[CommitInfo]:
        """Follow a branch: all its commits, oldest first, then new ones as they come, without end (SubscribeCommit).

        The branch may not exist yet. Close the iterator, or leave its ``with``, to end the call.

        :param from_commit_id: leave out this commit and its ancestors. If it is gone, all that there is now is left
            out, and a warning is logged.
        :param state: give each commit when it has reached this state, failed ones included.
        :raises RepoNotFound: if the repo does not exist.
        """
        target = self._branch(repo_name, branch)
        from_ = None if from_commit_id is None else self._commit_in(target.repo, from_commit_id)
        if from_ is not None and from_.id is None:
            raise InvalidReference(f"from_commit_id is the id of a commit, not {from_commit_id!r}")
        dialect = await self._session.dialect()
        subscription = await self._session.run(dialect.subscribe_commit(target, from_, state))
        if subscription.cursor_lost:
            _logger.warning("commit %s is gone; following %s from its head", from_, target)
        return await self._session.open(subscription.call)
