"""Branches."""

from __future__ import annotations

from collections.abc import Iterable

from airflow_provider_pachyderm.client import _refs
from airflow_provider_pachyderm.client._async.base import AsyncCalls
from airflow_provider_pachyderm.client._errors import InvalidRequest, NotFound
from airflow_provider_pachyderm.client._models import BranchInfo, Trigger
from airflow_provider_pachyderm.client._refs import BranchLike, CommitLike, RepoLike
from airflow_provider_pachyderm.client._tables import InfoList


class AsyncBranchCalls(AsyncCalls):
    """The client's calls for branches."""

    async def create_branch(
        self,
        repo_name: RepoLike,
        branch: str,
        head: CommitLike | None = None,
        *,
        provenance: Iterable[BranchLike] = (),
        trigger: Trigger | None = None,
    ) -> None:
        """Create a branch, or change one (CreateBranch).

        :param head: a commit of the same repo: its branch, its id or all of it. On a branch with provenance, servers
            from 2.8 on mostly make a new commit on top of it: :meth:`inspect_branch` has the head that there is then.
        :param provenance: the branches it is made from; a branch that exists loses those that are not named again.
        :param trigger: when to move it to the head of another branch of the repo, which must be there; one that has a
            trigger keeps it if this is None.
        :raises BranchNotFound: if the branch that the trigger follows does not exist.
        :raises Conflict: if a branch would be made from itself or from its own repo, or follow itself, or if one that
            has a trigger would be given provenance, too.
        :raises Unsupported: if a server of 2.0 to 2.6.5 would never answer because the oldest branch has a trigger.
        """
        if trigger is not None and not isinstance(trigger, Trigger):
            raise InvalidRequest(f"trigger must be a Trigger, not {type(trigger).__name__}")
        target = self._branch(repo_name, branch)
        commit = None if head is None else self._commit_in(target.repo, head)
        sources = [_refs.parse_branch(each, self.config.project) for each in provenance]
        if trigger is not None and sources:
            raise InvalidRequest(f"branch {target} cannot have both provenance and a trigger")
        dialect = await self._session.dialect()
        plan = dialect.branches.create(target, commit, sources, trigger, alone=not self._session.in_transaction)
        await self._session.run(plan, together=True)

    async def set_branch(self, commit: CommitLike, branch_name: str) -> None:
        """Make a commit the head of a branch of its repo, which is created if need be (CreateBranch, SetBranch).

        :raises CommitNotFound: if it does not exist.
        """
        head = self._commit(commit)
        await self.create_branch(head.repo, branch_name, head)

    async def inspect_branch(self, repo_name: RepoLike, branch: str) -> BranchInfo:
        """Describe a branch (InspectBranch).

        :raises BranchNotFound: if it does not exist.
        """
        target = self._branch(repo_name, branch)
        dialect = await self._session.dialect()
        return await self._session.run(dialect.branches.inspect(target))

    async def branch_exists(self, repo_name: RepoLike, branch: str) -> bool:
        """Return whether a branch exists (InspectBranch)."""
        try:
            await self.inspect_branch(repo_name, branch)
        except NotFound:
            return False
        return True

    async def list_branch(self, repo_name: RepoLike, *, reverse: bool = False) -> list[BranchInfo]:
        """List the branches of a repo, the newest first (ListBranch).

        :param reverse: the oldest first.
        """
        repo = self._repo(repo_name)
        dialect = await self._session.dialect()
        infos = await self._collect(dialect.branches.list(repo))
        return InfoList(infos[::-1]) if reverse else infos

    async def delete_branch(self, repo_name: RepoLike, branch: str, force: bool = False) -> None:
        """Delete a branch, not its commits (DeleteBranch). A missing one is no error.

        :param force: also if others are made from it.
        :raises Conflict: if others are made from it; also with ``force``, if the triggers of others follow it: delete
            those first.
        """
        target = self._branch(repo_name, branch)
        dialect = await self._session.dialect()
        plan = dialect.branches.delete(target, force=force, alone=not self._session.in_transaction)
        await self._session.run(plan, together=True)
