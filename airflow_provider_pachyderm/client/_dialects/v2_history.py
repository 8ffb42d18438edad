"""Pachyderm 2.x: ``pfs_v2.API``; its commits. 2.11 leaves the branch out of its answers."""

from __future__ import annotations

from collections.abc import Sequence

from airflow_provider_pachyderm._wire.v2 import methods, pfs_pb2, transaction_pb2
from airflow_provider_pachyderm.client._capabilities import Capabilities, Feature
from airflow_provider_pachyderm.client._dialects import v2_replies as read
from airflow_provider_pachyderm.client._dialects.auth import AuthV2
from airflow_provider_pachyderm.client._dialects.base import Dialect
from airflow_provider_pachyderm.client._dialects.branches_v2 import BranchesV2
from airflow_provider_pachyderm.client._dialects.calls import (
    Call,
    Listing,
    known_branch,
    nothing,
    one,
)
from airflow_provider_pachyderm.client._dialects.chosen import Chosen, minds_times, reverses
from airflow_provider_pachyderm.client._dialects.file_system import FileSystemV2
from airflow_provider_pachyderm.client._dialects.names_v2 import NamesV2
from airflow_provider_pachyderm.client._dialects.projects import ProjectsV2
from airflow_provider_pachyderm.client._dialects.repos_v2 import ReposV2
from airflow_provider_pachyderm.client._dialects.roles_v2 import RolesV2
from airflow_provider_pachyderm.client._dialects.transactions import Transactions
from airflow_provider_pachyderm.client._models import (
    Branch,
    Commit,
    CommitInfo,
    CommitState,
    OriginKind,
    Repo,
)

Pfs = methods.Pfs

_STATES = {
    CommitState.OPEN: pfs_pb2.COMMIT_STATE_STARTED,
    CommitState.FINISHING: pfs_pb2.COMMIT_STATE_FINISHING,
    CommitState.FINISHED: pfs_pb2.COMMIT_STATE_FINISHED,
    CommitState.FAILED: pfs_pb2.COMMIT_STATE_FINISHED,
}
_ORIGINS = {
    OriginKind.USER: pfs_pb2.ORIGIN_KIND_USER,
    OriginKind.AUTO: pfs_pb2.ORIGIN_KIND_AUTO,
    OriginKind.FSCK: pfs_pb2.ORIGIN_KIND_FSCK,
    OriginKind.ALIAS: pfs_pb2.ORIGIN_KIND_ALIAS,
}


class HistoryV2(Dialect):
    """The calls of ``pfs_v2.API`` for commits."""

    def __init__(self, capabilities: Capabilities) -> None:
        super().__init__(capabilities)
        self.names = NamesV2(capabilities)
        self.branches = BranchesV2(self.names)
        self.repos = ReposV2(self.names, self.branches)
        self.projects = ProjectsV2(self.names, self.repos)
        self.file_system = FileSystemV2(capabilities, self.repos)
        self.transactions = Transactions(capabilities, methods.Transaction, transaction_pb2, read.read_commit)
        self.auth = AuthV2(capabilities)
        self.roles = RolesV2(capabilities)

    # commits

    def begin_commit(
        self, branch: Branch, parent: Commit | None, description: str | None, provenance: Sequence[Commit] = ()
    ) -> Call[Commit]:
        if provenance:
            self.capabilities.require(Feature.COMMIT_PROVENANCE)
        request = pfs_pb2.StartCommitRequest(
            parent=self.names.given(parent), branch=self.names.branch(branch), description=description
        )
        return Call(Pfs.StartCommit, request, lambda reply: read.read_commit(reply, branch.name), branch)

    def close_commit(self, commit: Commit, description: str | None, error: str | None) -> Call[None]:
        request = pfs_pb2.FinishCommitRequest(commit=self.names.commit(commit), description=description, error=error)
        return Call(Pfs.FinishCommit, request, nothing, commit)

    def inspect_commit(self, commit: Commit, wait: CommitState | None = None) -> Call[CommitInfo]:
        request = pfs_pb2.InspectCommitRequest(commit=self.names.commit(commit))
        if wait is not None:
            request.wait = _STATES[self._wait_state(wait)]
        reader = read.CommitInfoReader(known_branch(commit))
        return Call(Pfs.InspectCommit, request, reader, commit, waits=wait is not None)

    def commits(
        self, repo: Repo, to: Commit | None, from_: Commit | None, number: int, chosen: Chosen
    ) -> Listing[CommitInfo]:
        request = pfs_pb2.ListCommitRequest(
            repo=self.names.repo(repo),
            to_commit=self.names.given(to),
            from_commit=self.names.given(from_),
            number=number,
            reverse=chosen.reverse and reverses(self.capabilities, to),
            all=chosen.aliases,
            origin_kind=None if chosen.origin is None else _ORIGINS[chosen.origin],
        )
        if chosen.before is not None and minds_times(self.capabilities, to):
            request.started_time.FromDatetime(chosen.before)
        reader = read.CommitInfoReader(known_branch(to))
        return Listing(Call(Pfs.ListCommit, request, one(reader), to or repo))

    def find_commits(self, start: Commit, path: str, limit: int) -> Listing[Commit]:
        if Feature.FIND_COMMITS not in self.capabilities:
            return super().find_commits(start, path, limit)
        request = pfs_pb2.FindCommitsRequest(start=self.names.commit(start), file_path=path, limit=limit)
        return Listing(Call(Pfs.FindCommits, request, read.found_commits, f"{start}:{path}", waits=True))

    def follow(
        self, branch: Branch, from_: Commit | None, state: CommitState, skip: frozenset[str]
    ) -> Listing[CommitInfo]:
        request = pfs_pb2.SubscribeCommitRequest(
            repo=self.names.repo(branch.repo),
            branch=branch.name,
            from_commit=self.names.given(from_),
            state=_STATES[self._wait_state(state)],
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

    def _wait_state(self, state: CommitState) -> CommitState:
        if state is CommitState.FINISHING and Feature.WAIT_FINISHING not in self.capabilities:
            return CommitState.FINISHED
        return state
