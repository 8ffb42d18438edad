"""Pachyderm 1.9 to 1.13: ``pfs.API``; its commits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from airflow_provider_pachyderm._wire.v1 import methods, pfs_pb2, transaction_pb2
from airflow_provider_pachyderm.client._capabilities import Capabilities, Feature
from airflow_provider_pachyderm.client._dialects import v1_replies as read
from airflow_provider_pachyderm.client._dialects.auth import AuthV1
from airflow_provider_pachyderm.client._dialects.base import Dialect
from airflow_provider_pachyderm.client._dialects.branches_v1 import BranchesBefore1_7, BranchesFrom1_7
from airflow_provider_pachyderm.client._dialects.calls import (
    Call,
    Listing,
    Plan,
    known_branch,
    nothing,
    one,
    raw,
)
from airflow_provider_pachyderm.client._dialects.chosen import Chosen, reverses
from airflow_provider_pachyderm.client._dialects.file_system import FileSystemV1
from airflow_provider_pachyderm.client._dialects.names_v1 import NamesV1
from airflow_provider_pachyderm.client._dialects.projects import Projects
from airflow_provider_pachyderm.client._dialects.repos_v1 import ReposV1
from airflow_provider_pachyderm.client._dialects.roles_v1 import RolesV1
from airflow_provider_pachyderm.client._dialects.transactions import Transactions
from airflow_provider_pachyderm.client._errors import Conflict, NotFound, ServerError
from airflow_provider_pachyderm.client._models import (
    Branch,
    Commit,
    CommitInfo,
    CommitState,
    Repo,
)

Pfs = methods.Pfs

# These servers finish a commit in one step: what waits for FINISHING waits for FINISHED.
_STATES = {
    CommitState.OPEN: pfs_pb2.COMMIT_STATE_STARTED,
    CommitState.FINISHING: pfs_pb2.COMMIT_STATE_FINISHED,
    CommitState.FINISHED: pfs_pb2.COMMIT_STATE_FINISHED,
    CommitState.FAILED: pfs_pb2.COMMIT_STATE_FINISHED,
}


class HistoryV1(Dialect):
    """The calls of ``pfs.API`` for commits."""

    repos: ReposV1

    def __init__(self, capabilities: Capabilities) -> None:
        super().__init__(capabilities)
        self.names = NamesV1(capabilities)
        objects = Feature.BRANCH_OBJECTS in capabilities
        self.branches = BranchesFrom1_7(self.names) if objects else BranchesBefore1_7(self.names)
        self.repos = ReposV1(self.names, self.branches)
        self.projects = Projects(capabilities)
        self.file_system = FileSystemV1(capabilities, self.repos)
        self.transactions = Transactions(capabilities, methods.Transaction, transaction_pb2, read.read_commit)
        self.auth = AuthV1(capabilities)
        self.roles = RolesV1(self.names)

    # commits

    def begin_commit(
        self, branch: Branch, parent: Commit | None, description: str | None, provenance: Sequence[Commit] = ()
    ) -> Call[Commit]:
        base = self.names.given(parent) or pfs_pb2.Commit(repo=self.names.repo(branch.repo))
        request = pfs_pb2.StartCommitRequest(parent=base, branch=branch.name, description=description)
        self._put_provenance(request, provenance)
        return Call(Pfs.StartCommit, request, lambda reply: Commit(branch.repo, branch.name, reply.id), branch)

    def _put_provenance(self, request: pfs_pb2.StartCommitRequest, provenance: Sequence[Commit]) -> None:
        for source in provenance:
            request.provenance.add(commit=self.names.commit(source))

    def close_commit(self, commit: Commit, description: str | None, error: str | None) -> Call[None]:
        if error is not None:
            self.capabilities.require(Feature.COMMIT_ERROR)
        request = pfs_pb2.FinishCommitRequest(commit=self.names.commit(commit), description=description)
        return Call(Pfs.FinishCommit, request, nothing, commit)

    def inspect_commit(self, commit: Commit, wait: CommitState | None = None) -> Call[CommitInfo]:
        request = pfs_pb2.InspectCommitRequest(commit=self.names.commit(commit))
        if wait is not None:
            request.block_state = _STATES[wait]
        reader = read.CommitInfoReader(known_branch(commit))
        return Call(Pfs.InspectCommit, request, reader, commit, waits=wait is not None)

    def commits(
        self, repo: Repo, to: Commit | None, from_: Commit | None, number: int, chosen: Chosen
    ) -> Listing[CommitInfo]:
        counts = to is not None or Feature.LIST_NUMBER in self.capabilities
        request = pfs_pb2.ListCommitRequest(
            repo=self.names.repo(repo),
            to_commit=self.names.given(to),
            from_commit=self.names.given(from_),
            number=number if counts else 0,
            reverse=chosen.reverse and reverses(self.capabilities, to),
        )
        reader = read.CommitInfoReader(known_branch(to))
        return Listing(Call(Pfs.ListCommitStream, request, one(reader), to or repo))

    def follow(
        self, branch: Branch, from_: Commit | None, state: CommitState, skip: frozenset[str]
    ) -> Listing[CommitInfo]:
        request = pfs_pb2.SubscribeCommitRequest(
            repo=self.names.repo(branch.repo),
            branch=branch.name,
            from_commit=self.names.given(from_),
            state=_STATES[state],
        )
        reader = read.CommitInfoReader(branch.name)
        return Listing(
            Call(
                Pfs.SubscribeCommit,
                request,
                lambda reply: () if reply.commit.id in skip else (reader(reply),),
                branch,
                waits=True,
            )
        )

    def _judgement(self, commit: Commit) -> Plan[CommitInfo | None]:
        # FinishCommit has said it
        yield from ()
        return None

    def on_new_branch(self, branch: Branch) -> Plan[bool]:
        try:
            yield from self.branches.inspect(branch)
        except NotFound:
            return True
        return False

    def drop_open(self, info: CommitInfo) -> Plan[None]:
        yield from self._remove(info.commit)

    def drop_branch(self, branch: Branch, info: CommitInfo, new: bool) -> Plan[None]:
        if not new:
            return
        try:
            left = yield from self.branches.inspect(branch)
            if left.head is None:
                yield from self.branches.remove(branch, force=False)
        except NotFound:
            return

    def remove_commit(self, info: CommitInfo) -> Plan[None]:
        if info.state.done:
            self.capabilities.require(Feature.DELETE_FINISHED)
        yield from self._remove(info.commit)

    def squash_commit(self, commit: Commit, *, recursive: bool) -> Plan[None]:
        self.capabilities.require(Feature.DELETE_FINISHED)
        reply: pfs_pb2.CommitInfo = yield replace(self.inspect_commit(commit), read=raw)
        target = Commit(commit.repo, known_branch(commit), reply.commit.id)
        if not reply.child_commits:
            raise Conflict(f"commit {target} has no later commit: its files would be lost", reference=str(target))
        if reply.subvenance and not recursive:
            raise Conflict(f"others are made from commit {target}, and would go with it", reference=str(target))
        yield from self._remove(target)

    def _remove(self, commit: Commit) -> Plan[None]:
        request = pfs_pb2.DeleteCommitRequest(commit=self.names.commit(commit))
        try:
            yield Call(Pfs.DeleteCommit, request, nothing, commit)
            yield self.inspect_commit(commit)
        except NotFound:
            return
        raise ServerError(f"{commit} is still there after DeleteCommit", reference=str(commit))

    def downstream(self, commits: Sequence[Commit], repos: Sequence[Repo]) -> Plan[list[CommitInfo]]:
        request = pfs_pb2.FlushCommitRequest(
            commits=map(self.names.commit, commits), to_repos=map(self.names.repo, repos)
        )
        about = ", ".join(map(str, commits))
        made = Listing(Call(Pfs.FlushCommit, request, one(read.CommitInfoReader()), about, waits=True))
        return (yield from made.all())
