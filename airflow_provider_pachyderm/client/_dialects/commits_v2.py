"""Commits of 2.x: ``pfs_v2.API``. 2.11 leaves the branch out of its answers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TypeAlias

from airflow_provider_pachyderm._wire.v2 import methods, pfs_pb2
from airflow_provider_pachyderm.client._capabilities import Feature
from airflow_provider_pachyderm.client._dialects import replies_v2 as read
from airflow_provider_pachyderm.client._dialects.branches import Branches
from airflow_provider_pachyderm.client._dialects.calls import Call, Listing, Plan, known_branch, nothing, once, one
from airflow_provider_pachyderm.client._dialects.commit_filter import CommitFilter, filters_by_time, reverses
from airflow_provider_pachyderm.client._dialects.commit_sets import CommitSetsV2
from airflow_provider_pachyderm.client._dialects.commits import Commits
from airflow_provider_pachyderm.client._dialects.names_v2 import NamesV2
from airflow_provider_pachyderm.client._dialects.subvenance import made_from
from airflow_provider_pachyderm.client._errors import Conflict
from airflow_provider_pachyderm.client._models import Branch, Commit, CommitInfo, CommitState, OriginKind, Repo
from airflow_provider_pachyderm.client._refs import same_repo

Pfs = methods.Pfs
_Infos: TypeAlias = "list[CommitInfo]"

_STATES = {
    CommitState.OPEN: pfs_pb2.COMMIT_STATE_STARTED,
    CommitState.FINISHING: pfs_pb2.COMMIT_STATE_FINISHING,
    CommitState.FINISHED: pfs_pb2.COMMIT_STATE_FINISHED,
    CommitState.FAILED: pfs_pb2.COMMIT_STATE_FINISHED,
}
_ORIGINS = {kind: number for number, kind in read.ORIGINS.items()}
# what servers take for an id and never for the name of a branch
_UUID = re.compile(r"[0-9a-f]{12}4[0-9a-f]{3}[89ab][0-9a-f]{15}")


class CommitsV2(Commits):
    """The calls of ``pfs_v2.API`` for commits."""

    def __init__(self, names: NamesV2, branches: Branches, commit_sets: CommitSetsV2) -> None:
        super().__init__(names.capabilities, branches)
        self._names = names
        self._sets = commit_sets

    def _start(
        self, branch: Branch, parent: Commit | None, description: str | None, provenance: Sequence[Commit]
    ) -> Call[Commit]:
        if provenance:
            self.capabilities.require(Feature.COMMIT_PROVENANCE)
        base, named = self._names.given(parent), self._names.branch(branch)
        request = pfs_pb2.StartCommitRequest(parent=base, branch=named, description=description)
        return Call(Pfs.StartCommit, request, lambda reply: read.read_commit(reply, branch.name), branch)

    def finish(
        self, commit: Commit, description: str | None, error: str | None, *, wait: bool, started: bool = False
    ) -> Plan[CommitInfo | None]:
        finish = super().finish
        try:
            return (yield from finish(commit, description, error, wait=wait, started=started))
        except Conflict:
            # servers do not finish an alias, but the commit that it stands for, and the alias with it
            info = yield from self.inspect(commit)
            if info.origin is not OriginKind.ALIAS:
                raise
        behind = yield from self.open(commit)
        return (yield from finish(behind.commit, description, error, wait=wait, started=started))

    def _finish(self, commit: Commit, description: str | None, error: str | None) -> Call[None]:
        request = pfs_pb2.FinishCommitRequest(commit=self._names.commit(commit), description=description, error=error)
        return Call(Pfs.FinishCommit, request, nothing, commit)

    def inspect(self, commit: Commit, wait: CommitState | None = None, *, limited: bool = False) -> Plan[CommitInfo]:
        request = pfs_pb2.InspectCommitRequest(commit=self._names.commit(commit))
        if wait is not None:
            request.wait = _STATES[self._known_state(wait)]
        reader = read.CommitInfoReader(known_branch(commit))
        return once(Call(Pfs.InspectCommit, request, reader, commit, waits=wait is not None and not limited))

    def by_id(self, commit: Commit) -> Plan[Commit]:
        yield from ()
        return Commit(commit.repo, None, commit.id) if Feature.WRITES_BY_ID in self.capabilities else commit

    def writable(self, commit: Commit, *, started: bool) -> Plan[Commit]:
        if Feature.WRITES_BY_ID in self.capabilities and _UUID.fullmatch(commit.id or ""):
            return (yield from self.by_id(commit))
        return (yield from super().writable(commit, started=False))

    def _list(
        self, repo: Repo, to: Commit | None, from_: Commit | None, number: int, wanted: CommitFilter
    ) -> Listing[CommitInfo]:
        request = pfs_pb2.ListCommitRequest(
            repo=self._names.repo(repo),
            to_commit=self._names.given(to),
            from_commit=self._names.given(from_),
            number=number,
            reverse=wanted.reverse and reverses(self.capabilities, to),
            all=wanted.aliases,
            origin_kind=None if wanted.origin is None else _ORIGINS[wanted.origin],
        )
        if wanted.before is not None and filters_by_time(self.capabilities, to):
            request.started_time.FromDatetime(wanted.before)
        reader = read.CommitInfoReader(known_branch(to))
        return Listing(Call(Pfs.ListCommit, request, one(reader), to or repo))

    def follow(
        self, branch: Branch, from_: Commit | None, state: CommitState, skip: frozenset[str]
    ) -> Listing[CommitInfo]:
        request = pfs_pb2.SubscribeCommitRequest(
            repo=self._names.repo(branch.repo),
            branch=branch.name,
            from_commit=self._names.given(from_),
            state=_STATES[self._known_state(state)],
        )
        reader = read.CommitInfoReader(branch.name)
        call = Call(
            Pfs.SubscribeCommit,
            request,
            lambda reply: () if reply.commit.id in skip else (reader(reply),),
            branch,
            waits=True,
        )
        return Listing(call)

    def _known_state(self, state: CommitState) -> CommitState:
        if state is CommitState.FINISHING and Feature.WAIT_FINISHING not in self.capabilities:
            return CommitState.FINISHED
        return state

    def downstream(self, commits: Sequence[Commit], repos: Sequence[Repo]) -> Plan[_Infos]:
        members: list[CommitInfo] = []
        for commit in {commit.id: commit for commit in commits}.values():
            members += yield from self._sets.inspect(commit.id or "", wait=True).all()
        return [
            info
            for info in made_from(commits, members)
            if not repos or any(same_repo(info.commit.repo, repo) for repo in repos)
        ]
