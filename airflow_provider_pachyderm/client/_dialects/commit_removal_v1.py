"""Taking commits away on 1.x: ``pfs.API``, by DeleteCommit."""

from __future__ import annotations

from airflow_provider_pachyderm._wire.v1 import methods, pfs_pb2
from airflow_provider_pachyderm.client._capabilities import Feature
from airflow_provider_pachyderm.client._dialects.branches import Branches
from airflow_provider_pachyderm.client._dialects.calls import Call, Plan, known_branch, nothing
from airflow_provider_pachyderm.client._dialects.commit_removal import CommitRemoval
from airflow_provider_pachyderm.client._dialects.commits_v1 import CommitsV1
from airflow_provider_pachyderm.client._dialects.names_v1 import NamesV1
from airflow_provider_pachyderm.client._errors import Conflict, NotFound, ServerError
from airflow_provider_pachyderm.client._models import Branch, Commit, CommitInfo


class CommitRemovalV1(CommitRemoval):
    """DeleteCommit and, before 1.4.7, branches set back to what they were."""

    _commits: CommitsV1

    def __init__(self, names: NamesV1, branches: Branches, commits: CommitsV1) -> None:
        super().__init__(branches, commits)
        self._names = names

    def drop(self, commit: Commit, *, new_branch: bool = False, finished: bool = False) -> Plan[None]:
        if known_branch(commit) is None:
            # before 1.4.7, without its branch there is nothing that could be done
            self.capabilities.require(Feature.DROP_COMMIT)
        yield from super().drop(commit, new_branch=new_branch, finished=finished)

    def _drop_open(self, info: CommitInfo) -> Plan[None]:
        if Feature.DROP_COMMIT in self.capabilities:
            yield from self._delete(info.commit)

    def _drop_branch(self, branch: Branch, info: CommitInfo, new: bool) -> Plan[None]:
        if Feature.DROP_COMMIT not in self.capabilities:
            if info.parent:
                yield from self._branches.set_back(branch, info.parent)
            else:
                yield from self._branches.remove(branch, force=False)
        elif new:
            yield from self._delete_headless(branch)

    def _delete_headless(self, branch: Branch) -> Plan[None]:
        try:
            left = yield from self._branches.inspect(branch)
            if left.head is None:
                yield from self._branches.remove(branch, force=False)
        except NotFound:
            return

    def _remove(self, info: CommitInfo) -> Plan[None]:
        if info.state.done:
            self.capabilities.require(Feature.DELETE_FINISHED)
        yield from self._delete(info.commit)

    def squash(self, commit: Commit, *, recursive: bool) -> Plan[None]:
        self.capabilities.require(Feature.DELETE_FINISHED)
        reply = yield from self._commits.reply_to_inspect(commit)
        target = Commit(commit.repo, known_branch(commit), reply.commit.id)
        if not reply.child_commits:
            raise Conflict(f"commit {target} has no later commit: its files would be lost", reference=str(target))
        if reply.subvenance and not recursive:
            raise Conflict(
                f"other commits are made from commit {target} and would be deleted with it", reference=str(target)
            )
        yield from self._delete(target)

    def _delete(self, commit: Commit) -> Plan[None]:
        request = pfs_pb2.DeleteCommitRequest(commit=self._names.commit(commit))
        try:
            yield Call(methods.Pfs.DeleteCommit, request, nothing, commit)
            yield from self._commits.inspect(commit)
        except NotFound:
            return
        raise ServerError(f"commit {commit} still exists after DeleteCommit", reference=str(commit))
