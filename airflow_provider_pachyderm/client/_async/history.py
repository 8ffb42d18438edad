"""Commits: what there is, and what comes."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime

from airflow_provider_pachyderm.client import _paths, _refs
from airflow_provider_pachyderm.client._async.base import AsyncCalls, not_negative
from airflow_provider_pachyderm.client._async.items import AsyncItems
from airflow_provider_pachyderm.client._dialects.chosen import Chosen
from airflow_provider_pachyderm.client._errors import (
    BranchHasNoHead,
    CommitDeleted,
    InvalidReference,
    InvalidRequest,
    NotFound,
)
from airflow_provider_pachyderm.client._models import Commit, CommitInfo, CommitState, OriginKind, Repo
from airflow_provider_pachyderm.client._refs import CommitLike, RepoLike

_logger = logging.getLogger(__name__)


class AsyncHistoryCalls(AsyncCalls):
    """The client's calls that tell of commits and wait for them."""

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

    async def commit_exists(self, commit: CommitLike) -> bool:
        """Say whether there is such a commit (InspectCommit); a branch without commits has none."""
        target = self._commit(commit)
        dialect = await self._session.dialect()
        try:
            await self._session.run(dialect.existing_commit(target))
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
        origin: OriginKind | None = None,
        all: bool = False,
        before: datetime | None = None,
        reverse: bool = False,
    ) -> AsyncItems[CommitInfo]:
        """List commits, newest first (ListCommit). What a server cannot choose, the client does.

        :param to_commit: this one (id or branch) and its ancestors; all commits of the repo if None.
        :param from_commit: stop before this one; needs ``to_commit`` or ``branch``.
        :param number: how many of those that are wanted; 0 for all.
        :param branch: the head of this branch and its ancestors; the same as ``to_commit``.
        :param origin: only those of this origin; up to 1.8, what has provenance counts as AUTO, all else as USER.
        :param all: also aliases, which only 2.0 to 2.5 have.
        :param before: only those that were started before; an aware time.
        :param reverse: the oldest first. No server does this with ``to_commit``, so the client has to get all first.
        :return: an iterator that is open already, so errors rise here.
        """
        if all and origin is not None:
            raise InvalidRequest("origin and all: servers would list all, whatever their origin; give one of them")
        if before is not None and before.tzinfo is None:
            raise InvalidRequest("before is a time without a time zone")
        repo = self._repo(repo_name)
        if branch is not None and to_commit is not None:
            raise InvalidRequest("branch and to_commit are the same: give one of them")
        newest = branch if to_commit is None else to_commit
        to = None if newest is None else self._commit_in(repo, newest)
        from_ = None if from_commit is None else self._commit_in(repo, from_commit)
        if from_ is not None and to is None:
            raise InvalidRequest("from_commit needs to_commit or branch: servers list back from there")
        count = not_negative("number", number)
        chosen = Chosen(origin, all, before, reverse)
        dialect = await self._session.dialect()
        return await self._session.open(dialect.list_commit(repo, to, from_, count, chosen))

    async def find_commits(self, start: CommitLike, path: str, limit: int = 0) -> AsyncItems[Commit]:
        """Find the commits in which a file was written or deleted, newest first (FindCommits), however long it takes.

        Servers from 2.6 on search; for others the client compares each commit with its parent (DiffFile), which finds
        no commit that wrote what was there before.

        :param start: the first to look at, which must be finished, and then its ancestors.
        :param path: of a file.
        :param limit: how many to find; 0 for all.
        :return: an iterator that is open already, so errors rise here.
        :raises CommitNotFinished: if ``start`` is open.
        """
        first, clean = self._commit(start), _paths.exact(path)
        count = not_negative("limit", limit)
        dialect = await self._session.dialect()
        return await (await self._session.open(dialect.find_commits(first, clean, count))).start()

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
            raise InvalidReference(f"from_commit_id is the id of a commit, not {from_commit_id!r}")
        dialect = await self._session.dialect()
        subscription = await self._session.run(dialect.subscribe_commit(target, from_, state))
        if subscription.cursor_lost:
            _logger.warning("commit %s is gone; following %s from its head", from_, target)
        return await self._session.open(Chosen(origin).choose(subscription.listing))
