"""Commits: making and ending them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager

from airflow_provider_pachyderm.client import _refs
from airflow_provider_pachyderm.client._async.history import AsyncHistoryCalls
from airflow_provider_pachyderm.client._errors import CommitFinished
from airflow_provider_pachyderm.client._models import Commit
from airflow_provider_pachyderm.client._refs import CommitLike, RepoLike


class AsyncCommitCalls(AsyncHistoryCalls):
    """The client's calls that make commits and take them away."""

    async def start_commit(
        self,
        repo_name: RepoLike,
        branch: str,
        parent: CommitLike | None = None,
        *,
        description: str | None = None,
        provenance: CommitLike | Iterable[CommitLike] = (),
    ) -> Commit:
        """Start a commit on a branch, which is created if need be (StartCommit).

        :param parent: id, branch or commit in the same repo; the branch's head if None.
        :param provenance: commits that it is made from (1.x). From 1.9 on, servers take only commits of branches that
            this one has been made from; in 2.x, such commits are made by the server alone.
        :return: the commit, with branch and id.
        :raises CommitNotFinished: if the head of the branch, or the parent, is open.
        :raises OutputBranch: if the branch has provenance.
        """
        target = self._branch(repo_name, branch)
        base = None if parent is None else self._commit_in(target.repo, parent)
        sources = _refs.parse_commits(provenance, self.config.project) if provenance else []
        dialect = await self._session.dialect()
        if self._session.in_transaction:
            return await self._session.call(dialect.start_commit(target, base, description, sources))
        new_branch = await self._session.run(dialect.on_new_branch(target))
        commit = await self._session.call(dialect.start_commit(target, base, description, sources))
        self._session.started[str(commit.id)] = new_branch
        return commit

    async def finish_commit(
        self, commit: CommitLike, *, description: str | None = None, error: str | None = None, wait: bool = False
    ) -> None:
        """Finish a commit (FinishCommit).

        :param description: replaces the one it was started with.
        :param error: finish it as failed, with this reason (2.x): its files are not inherited.
        :param wait: until the server has checked what is in it. 1.x servers check at once. 2.x servers do so after
            they have answered: without waiting it is not known whether the commit will stand. If it does not, it stays
            the head of its branch as a failed one, and reading the branch raises; :meth:`drop_commit` takes it away.
        :raises CommitFinished: if it is finished.
        :raises CommitNotFinished: if it was made from others on top of a commit that is open: finish the oldest first.
            The server would finish neither, or on 2.0 leave out the files of the parent.
        :raises PathConflict: if a path is both file and directory; a 1.x server leaves the commit open.
        :raises CommitFailed: when waiting, if it failed.
        """
        target = self._commit(commit)
        dialect = await self._session.dialect()
        if self._session.in_transaction and not wait:
            await self._session.run(dialect.end_commit(target, description, error), together=True)
        else:
            started = str(target.id) in self._session.started
            plan = dialect.finish_commit(target, description, error, wait=wait, started=started)
            await self._session.run(plan)
        self._session.started.pop(str(target.id), None)
        self._session.pieces.pop(str(target.id), None)

    @asynccontextmanager
    async def commit(
        self,
        repo_name: RepoLike,
        branch: str,
        parent: CommitLike | None = None,
        *,
        description: str | None = None,
        wait: bool = True,
    ) -> AsyncIterator[Commit]:
        """Start a commit for the body of the ``with``; on success finish it and wait until the server has accepted it.

        If the body raises, the commit cannot be finished, or the server finds it to be bad, it is dropped, so that the
        branch reads as before; a branch that it was the first commit of goes, too. If not even that can be done, the
        error has a note that names the commit, and how to remove it.

        :param wait: for what the server makes of the commit; False leaves that unknown on 2.x, as with
            :meth:`finish_commit`, and a commit that fails then stays.
        :raises CommitFailed: if the server found what is in it to be bad; :class:`PathConflict` is one of these.
        """
        self._session.refuse_in_transaction()
        commit = await self.start_commit(repo_name, branch, parent, description=description)
        async with self._finished_or_dropped(commit, wait):
            yield commit

    @asynccontextmanager
    async def _finished_or_dropped(self, commit: Commit, wait: bool) -> AsyncIterator[None]:
        """Finish a commit that was started for the body, or take it away."""
        try:
            yield
        except BaseException as error:
            await self._take_away(error, commit, lambda: self.drop_commit(commit))
            raise
        try:
            await self.finish_commit(commit, wait=wait)
        except CommitFinished:
            # somebody else has finished it, so it is not ours any more
            raise
        except BaseException as error:
            await self._take_away(error, commit, lambda: self._discard(commit))
            raise

    async def _take_away(self, error: BaseException, commit: Commit, remove: Callable[[], Awaitable[None]]) -> None:
        await self._undo(error, f"{commit} is left behind, and delete_commit({str(commit)!r}) removes it", remove)

    async def _discard(self, commit: Commit) -> None:
        dialect = await self._session.dialect()
        new_branch = self._session.started.pop(str(commit.id), False)
        self._session.pieces.pop(str(commit.id), None)
        await self._session.run(dialect.drop_commit(commit, new_branch=new_branch, finished=True))

    async def drop_commit(self, commit: CommitLike) -> None:
        """Drop a commit with all that was written to it, as if it had never been started.

        It is one that is open, or that the server has found to be bad when it was finished (2.x); if others were made
        after such a one, it stays: they are made without its files. If its branch was made with it, that goes, too; on
        1.x only if this client has started it.

        1.x: DeleteCommit; before 1.4.7, where there is no such call, the branch is set back to the commit before. 2.x:
        DropCommitSet, or DropCommit if users made others in one step with it; where neither can be, ClearCommit and
        FinishCommit as failed, or for one that has failed, the branch is set back to the commit before: from 2.8 on,
        only administrators may delete commits. It is never finished as good and never to be resumed.

        :raises CommitFinished: if it is finished, and was not found to be bad.
        """
        target = self._commit(commit)
        dialect = await self._session.dialect()
        new_branch = self._session.started.get(str(target.id), False)
        await self._session.run(dialect.drop_commit(target, new_branch=new_branch))
        self._session.started.pop(str(target.id), None)
        self._session.pieces.pop(str(target.id), None)

    async def delete_commit(self, commit: CommitLike) -> None:
        """Delete a commit, open or finished, and what the server made from it.

        What was made after it on its branch stays, with its files. 1.x: DeleteCommit. 2.x: DropCommitSet, or
        SquashCommitSet if there are later commits; DropCommit or SquashCommit if users made others in one step with it.

        :raises CommitNotFound: if it does not exist.
        :raises Conflict: if users made other commits in one step with it, and the server would delete these, too: those
            of 2.x but 2.5.8, 2.5.9, and 2.8 and later. On 2.0 to 2.5 also if another branch was set to it.
        """
        target = self._commit(commit)
        dialect = await self._session.dialect()
        await self._session.run(dialect.delete_commit(target))

    async def clear_commit(self, commit: CommitLike) -> None:
        """Forget all that was written to an open commit; what it has from its parent stays (ClearCommit): 2.x.

        :raises CommitFinished: if it is finished.
        """
        target = self._commit(commit)
        dialect = await self._session.dialect()
        await self._session.call(dialect.clear_commit(target))

    async def squash_commit(self, commit: CommitLike, *, recursive: bool = False) -> None:
        """Take a commit out of its history; later ones keep its files (SquashCommit, SquashCommitSet, DeleteCommit).

        Of 2.x servers, only 2.5.8, 2.5.9, and 2.8 and later take out one commit of a set; others only all of it.

        :param recursive: also the commits that are made from it.
        :raises Conflict: if it has no later commit, so that its files would be lost, or if others are made from it.
        :raises Unsupported: if there is more in its set, and the server would take out all of that; and before 1.7.
        """
        target = self._commit(commit)
        dialect = await self._session.dialect()
        await self._session.run(dialect.squash_commit(target, recursive=recursive))
