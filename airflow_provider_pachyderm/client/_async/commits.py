"""Commits: starting, ending and removing them, listing them, and following a branch."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import overload

from airflow_provider_pachyderm.client import _paths, _refs
from airflow_provider_pachyderm.client._async import started_commits
from airflow_provider_pachyderm.client._async.base import AsyncCalls, not_negative
from airflow_provider_pachyderm.client._async.items import AsyncItems
from airflow_provider_pachyderm.client._async.moving_heads import of_head
from airflow_provider_pachyderm.client._dialects.commit_filter import CommitFilter
from airflow_provider_pachyderm.client._errors import (
    BranchHasNoHead,
    CommitDeleted,
    InvalidReference,
    InvalidRequest,
    NotFound,
)
from airflow_provider_pachyderm.client._file_texts import takes_file_text
from airflow_provider_pachyderm.client._models import Commit, CommitInfo, CommitState, OriginKind, Repo
from airflow_provider_pachyderm.client._refs import CommitLike, RepoLike
from airflow_provider_pachyderm.client._tables import InfoList

_logger = logging.getLogger(__name__)


class AsyncCommitCalls(AsyncCalls):
    """The client's calls for commits."""

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
        return await started_commits.start(self._session, target, base, description, sources)

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
        await started_commits.finish(self._session, self._commit(commit), description, error, wait=wait)

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
        async with started_commits.finished_or_dropped(self._session, commit, wait):
            yield commit

    async def drop_commit(self, commit: CommitLike) -> None:
        """Drop a commit with all that was written to it, as if it had never been started.

        It is one that is open, or that the server has found to be bad when it was finished (2.x); if others were made
        after such a one, it stays: they are made without its files. If its branch was made with it, that goes, too; on
        1.x only if this client has started it.

        1.x: DeleteCommit; before 1.4.7, which has no such call, the branch is set back to the commit before. 2.x:
        DropCommitSet, or DropCommit if users made others in one step with it; where neither can be, ClearCommit and
        FinishCommit as failed, or for one that has failed, the branch is set back to the commit before: from 2.8 on,
        only administrators may delete commits. It is never finished as good and never to be resumed.

        :raises CommitFinished: if it is finished, and was not found to be bad.
        """
        await started_commits.drop(self._session, self._commit(commit))

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
        await self._session.run(dialect.commit_removal.delete(target))

    async def clear_commit(self, commit: CommitLike) -> None:
        """Discard everything written to an open commit; the files of its parent stay (ClearCommit, 2.x).

        :raises CommitFinished: if it is finished.
        """
        target = self._commit(commit)
        dialect = await self._session.dialect()
        await self._session.run(dialect.commit_removal.clear(target))

    async def squash_commit(self, commit: CommitLike, *, recursive: bool = False) -> None:
        """Remove a commit from its history; later ones keep its files (SquashCommit, SquashCommitSet, DeleteCommit).

        Of 2.x servers, only 2.5.8, 2.5.9, and 2.8 and later can remove one commit of a set; others remove all of it.

        :param recursive: also the commits that are made from it.
        :raises Conflict: if it has no later commit, so that its files would be lost, or if others are made from it.
        :raises Unsupported: if its set has other commits, which the server would remove, too; and before 1.7.
        """
        target = self._commit(commit)
        dialect = await self._session.dialect()
        await self._session.run(dialect.commit_removal.squash(target, recursive=recursive))

    # inspecting, listing and following

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
        return await self._session.run(dialect.commits.inspect(target, wait), timeout)

    async def commit_exists(self, commit: CommitLike) -> bool:
        """Return whether a commit exists (InspectCommit); a branch without commits has none."""
        target = self._commit(commit)
        dialect = await self._session.dialect()
        try:
            await self._session.run(dialect.commits.existing(target))
        except (NotFound, BranchHasNoHead, CommitDeleted):
            return False
        return True

    async def wait_commit(self, commit: CommitLike, *, timeout: float | None = None) -> CommitInfo:
        """Wait until a commit is finished (InspectCommit).

        :param timeout: seconds, or None for no limit.
        :raises CommitFailed: if it was finished with an error.
        :raises DeadlineExceeded: if it is not finished in time.
        """
        target = self._commit(commit)
        dialect = await self._session.dialect()
        return await self._session.run(dialect.commits.wait(target), timeout)

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
        return InfoList(await self._session.run(dialect.commits.flush(targets, wanted), timeout))

    async def provenances_for_repo(self, repo_name: RepoLike) -> dict[str, str]:
        """Return from which commits those of a repo were made (ListCommit).

        :return: for each id of such a commit, the id of what was made from it; the last one to be finished, if there
            are several. 1.x servers also report commits further upstream.
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
        origin: OriginKind | None = None,
        all: bool = False,
        before: datetime | None = None,
        reverse: bool = False,
    ) -> AsyncItems[CommitInfo]:
        """List commits, newest first (ListCommit). What a server cannot filter, the client filters.

        :param to_commit: this one (id or branch) and its ancestors; all commits of the repo if None.
        :param from_commit: stop before this one; needs ``to_commit`` or ``branch``.
        :param number: the most to list; 0 for all.
        :param branch: the head of this branch and its ancestors; the same as ``to_commit``.
        :param origin: only those of this origin; up to 1.8, what has provenance counts as AUTO, all else as USER.
        :param all: also aliases, which only 2.0 to 2.5 have.
        :param before: only those that were started before; an aware time.
        :param reverse: the oldest first. No server does this with ``to_commit``, so the client has to get all first.
        :return: an iterator that is open already, so errors are raised here.
        """
        if all and origin is not None:
            raise InvalidRequest("origin and all cannot be combined: with all, servers ignore the origin")
        if before is not None and before.tzinfo is None:
            raise InvalidRequest("before must be an aware datetime, with a time zone")
        repo = self._repo(repo_name)
        if branch is not None and to_commit is not None:
            raise InvalidRequest("branch and to_commit mean the same: give only one of them")
        newest = branch if to_commit is None else to_commit
        to = None if newest is None else self._commit_in(repo, newest)
        from_ = None if from_commit is None else self._commit_in(repo, from_commit)
        if from_ is not None and to is None:
            raise InvalidRequest("from_commit needs to_commit or branch, from which servers list backwards")
        count = not_negative("number", number)
        wanted = CommitFilter(origin, all, before, reverse)
        dialect = await self._session.dialect()
        return await self._session.open(dialect.commits.list(repo, to, from_, count, wanted))

    @overload
    async def find_commits(self, start: CommitLike, path: str, limit: int = 0) -> AsyncItems[Commit]: ...

    @overload
    async def find_commits(self, file: str, /, limit: int = 0) -> AsyncItems[Commit]: ...

    @takes_file_text(("start", "path"))
    async def find_commits(self, start: CommitLike, path: str, limit: int = 0) -> AsyncItems[Commit]:
        """Find the commits in which a file was written or deleted, newest first (FindCommits), however long it takes.

        Servers from 2.6 on search; for others the client compares each commit with its parent (DiffFile), which finds
        no commit that wrote what was there before.

        :param start: the first to look at, which must be finished, and then its ancestors.
        :param path: of a file.
        :param limit: how many to find; 0 for all.
        :return: an iterator that is open already, so errors are raised here.
        :raises CommitNotFinished: if ``start`` is open.
        """
        first, clean = self._commit(start), _paths.exact(path)
        count = not_negative("limit", limit)
        dialect = await self._session.dialect()

        async def begin() -> AsyncItems[Commit]:
            return await (await self._session.open(dialect.commit_search.find(first, clean, count))).start()

        return await of_head(self._session, first, begin)

    async def subscribe_commit(
        self,
        repo_name: RepoLike,
        branch: str,
        from_commit_id: CommitLike | None = None,
        *,
        state: CommitState = CommitState.FINISHED,
        origin: OriginKind | None = None,
    ) -> AsyncItems[CommitInfo]:
        """Follow a branch: all its commits, oldest first, then new ones as they come, without end (SubscribeCommit).

        The branch may not exist yet. Close the iterator, or leave its ``with``, to end the call. Of what there is,
        servers before 1.9 give only the head and its ancestors, not what the branch had before it was moved.

        :param from_commit_id: leave out this commit and its ancestors. If it is gone, all that there is now is left
            out, and a warning is logged.
        :param state: give each commit when it has reached this state, failed ones included.
        :param origin: leave out those of another origin.
        :raises RepoNotFound: if the repo does not exist.
        """
        target = self._branch(repo_name, branch)
        from_ = None if from_commit_id is None else self._commit_in(target.repo, from_commit_id)
        if from_ is not None and from_.id is None:
            raise InvalidReference(f"from_commit_id must be the id of a commit, not {from_commit_id!r}")
        dialect = await self._session.dialect()
        subscription = await self._session.run(dialect.subscriptions.subscribe(target, from_, state))
        if subscription.cursor_lost:
            _logger.warning("commit %s is gone; following %s from its head", from_, target)
        return await self._session.open(CommitFilter(origin).apply(subscription.listing))
