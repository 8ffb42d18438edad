"""Pachyderm 2.x: ``pfs_v2.API``; taking commits away, and what was made in one step with them or from them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import partial

from airflow_provider_pachyderm._wire.v2 import methods, pfs_pb2
from airflow_provider_pachyderm.client._capabilities import Feature
from airflow_provider_pachyderm.client._dialects import v2_replies as read
from airflow_provider_pachyderm.client._dialects.calls import Call, Listing, Plan, forgiving, nothing, one
from airflow_provider_pachyderm.client._dialects.downstream import made_from
from airflow_provider_pachyderm.client._dialects.history import ONE_CALL
from airflow_provider_pachyderm.client._dialects.v2_history import HistoryV2
from airflow_provider_pachyderm.client._errors import (
    CommitNotFound,
    Conflict,
    NotFound,
    PermissionDenied,
)
from airflow_provider_pachyderm.client._models import (
    Branch,
    Commit,
    CommitInfo,
    CommitSetInfo,
    CommitState,
    OriginKind,
    Repo,
)
from airflow_provider_pachyderm.client._refs import same_repo

Pfs = methods.Pfs

_DROPPED = "dropped before it was complete"


class SetsV2(HistoryV2):
    """The calls of ``pfs_v2.API`` for commit sets, and for what ends with them."""

    # commits

    def clear_commit(self, commit: Commit) -> Call[None]:
        call = self._clear(commit)
        # before 2.6 it may be an alias, which keeps what the commit has that it stands for
        return call if Feature.COMMIT_REPO in self.capabilities else replace(call, by=partial(self._clear_open, commit))

    def _clear(self, commit: Commit) -> Call[None]:
        request = pfs_pb2.ClearCommitRequest(commit=self.names.commit(commit))
        return Call(Pfs.ClearCommit, request, nothing, commit)

    def _clear_open(self, commit: Commit) -> Plan[None]:
        info = yield from self.open_commit(commit)
        yield self._clear(info.commit)

    def finish_commit(
        self, commit: Commit, description: str | None, error: str | None, *, wait: bool, started: bool = False
    ) -> Plan[CommitInfo | None]:
        finish = super().finish_commit
        try:
            return (yield from finish(commit, description, error, wait=wait, started=started))
        except Conflict:
            # servers do not finish an alias, but the commit that it stands for, and the alias with it
            info: CommitInfo = yield self.inspect_commit(commit)
            if info.origin is not OriginKind.ALIAS:
                raise
        behind = yield from self.open_commit(commit)
        return (yield from finish(behind.commit, description, error, wait=wait, started=started))

    def drop_branch(self, branch: Branch, info: CommitInfo, new: bool) -> Plan[None]:
        # only the first commit of a branch has no parent here, and an empty one has taken its place
        if info.parent is not None:
            yield from self._drop_failed_before(info.parent)
            return
        try:
            head: CommitInfo = yield self.inspect_commit(Commit(branch.repo, branch.name))
            if head.parent is None and head.origin is OriginKind.AUTO and not head.provenance:
                yield from self.branches.remove(branch, force=False)
        except (NotFound, Conflict):
            return

    def _drop_failed_before(self, commit: Commit) -> Plan[None]:
        """Take away what another call has made and could not take away, as the commit that is gone was after it."""
        try:
            info: CommitInfo = yield self.inspect_commit(commit)
            while info.state is CommitState.FAILED and info.description == ONE_CALL and not info.children:
                yield from self.remove_commit(info)
                if info.parent is None:
                    return
                info = yield self.inspect_commit(info.parent)
        except (NotFound, Conflict):
            return

    def drop_failed(self, info: CommitInfo, branch: Branch | None) -> Plan[None]:
        # what was made after it is made without its files, and would get them if it were squashed
        try:
            if not info.children:
                yield from self.remove_commit(info)
        except Conflict:
            now: CommitInfo = yield self.inspect_commit(info.commit)
            if not now.children:
                raise
        except PermissionDenied:
            # from 2.8 on, only who may delete commits of all repos may delete any: the branch goes without it then
            if branch is None:
                raise
            yield from self._set_back(branch, info)

    def _set_back(self, branch: Branch, info: CommitInfo) -> Plan[None]:
        """Take a branch back from its head, if that is still the commit, to what was there before."""
        now = yield from self.branches.inspect(branch)
        if now.head is None or now.head.id != info.commit.id:
            return
        if info.parent is None:
            yield from self.branches.remove(branch, force=False)
        else:
            yield from self.branches.set_back(branch, info.parent, now.provenance, now.trigger)

    def drop_open(self, info: CommitInfo) -> Plan[None]:
        alone = not _made_beside(info.commit, (yield from self._members(info.commit)))
        if alone or Feature.SQUASH_COMMIT in self.capabilities:
            try:
                if alone:
                    yield self.drop_commit_set(_id(info))
                else:
                    yield from self._drop_alone(info)
                return
            except (Conflict, PermissionDenied):
                # from 2.8 on, only who may delete commits of all repos may delete any
                pass
        # It cannot go alone. Emptied and failed it is never read, and what comes after builds on its parent.
        yield self._clear(info.commit)
        yield from self.end_commit(info.commit, None, _DROPPED)

    def remove_commit(self, info: CommitInfo) -> Plan[None]:
        members = yield from self._members(info.commit)
        if others := _made_beside(info.commit, members):
            if Feature.SQUASH_COMMIT not in self.capabilities:
                raise Conflict(
                    f"commit {info.commit} was made in one step with {', '.join(map(str, others))}: "
                    "deleting it would delete these, too",
                    reference=str(info.commit),
                )
            if info.children:
                yield self._squash_one(info.commit, recursive=True)
            else:
                yield from self._drop_alone(info)
        elif any(child.id != info.commit.id for member in members for child in member.children):
            yield self.squash_commit_set(_id(info))
        else:
            yield self.drop_commit_set(_id(info))

    def squash_commit(self, commit: Commit, *, recursive: bool) -> Plan[None]:
        info = yield from self.existing_commit(commit)
        if Feature.SQUASH_COMMIT in self.capabilities:
            yield self._squash_one(info.commit, recursive=recursive)
            return
        members = yield from self._members(info.commit)
        if _made_beside(info.commit, members) or (len(members) > 1 and not recursive):
            self.capabilities.require(Feature.SQUASH_COMMIT)
        yield self.squash_commit_set(_id(info))

    def _squash_one(self, commit: Commit, *, recursive: bool) -> Call[None]:
        request = pfs_pb2.SquashCommitRequest(commit=self.names.commit(commit), recursive=recursive)
        return Call(Pfs.SquashCommit, request, nothing, commit)

    def _drop_alone(self, info: CommitInfo) -> Plan[None]:
        """Drop a commit, and what the server made from it, but nothing else of its set.

        Servers of 2.5 make an open commit in the place of one that was made from others; until that is finished, none
        that comes after it is.
        """
        request = pfs_pb2.DropCommitRequest(commit=self.names.commit(info.commit), recursive=True)
        yield Call(Pfs.DropCommit, request, nothing, info.commit)
        if Feature.DROP_LEAVES_NOTHING in self.capabilities or info.origin is not OriginKind.AUTO:
            return
        try:
            head: CommitInfo = yield self.inspect_commit(Commit(info.commit.repo, info.commit.branch))
        except NotFound:
            return
        before = info.parent.id if info.parent is not None else None
        if head.state is CommitState.OPEN and head.origin is OriginKind.AUTO and head.commit.id != before:
            yield from self.end_commit(head.commit, None, None)

    def _members(self, commit: Commit) -> Plan[list[CommitInfo]]:
        """List what has the same id as a commit: what was made with it and, downstream, from it."""
        return (yield from self.inspect_commit_set(commit.id or "", wait=False).all())

    def downstream(self, commits: Sequence[Commit], repos: Sequence[Repo]) -> Plan[list[CommitInfo]]:
        members: list[CommitInfo] = []
        for commit in {commit.id: commit for commit in commits}.values():
            members += yield from self.inspect_commit_set(commit.id or "", wait=True).all()
        return [
            info
            for info in made_from(commits, members)
            if not repos or any(same_repo(info.commit.repo, repo) for repo in repos)
        ]

    # commit sets

    def list_commit_set(self, project: str | None) -> Listing[CommitSetInfo]:
        named = None if project is None else self.names.project(project)
        request = pfs_pb2.ListCommitSetRequest(project=named)
        return Listing(Call(Pfs.ListCommitSet, request, one(read.commit_set), "all commit sets"))

    def inspect_commit_set(self, id: str, *, wait: bool) -> Listing[CommitInfo]:
        request = pfs_pb2.InspectCommitSetRequest(commit_set=pfs_pb2.CommitSet(id=id), wait=wait)
        reader = read.CommitInfoReader()

        def members(info: pfs_pb2.CommitInfo) -> Iterable[CommitInfo]:
            # 2.6 and later also send the inputs of the set's commits, which have other ids
            return (reader(info),) if info.commit.id == id else ()

        return Listing(Call(Pfs.InspectCommitSet, request, members, f"commit set {id}", waits=wait))

    def squash_commit_set(self, id: str) -> Call[None]:
        request = pfs_pb2.SquashCommitSetRequest(commit_set=pfs_pb2.CommitSet(id=id))
        return self._unless_gone(Call(Pfs.SquashCommitSet, request, nothing, f"commit set {id}"))

    def drop_commit_set(self, id: str) -> Call[None]:
        request = pfs_pb2.DropCommitSetRequest(commit_set=pfs_pb2.CommitSet(id=id))
        return self._unless_gone(Call(Pfs.DropCommitSet, request, nothing, f"commit set {id}"))

    def _unless_gone(self, call: Call[None]) -> Call[None]:
        return call if Feature.MISSING_SET_IS_GONE in self.capabilities else forgiving(call, CommitNotFound)


def _id(info: CommitInfo) -> str:
    return info.commit.id or ""


def _made_beside(commit: Commit, members: Iterable[CommitInfo]) -> list[Commit]:
    """Find what else a user made in one step with a commit, and would lose with it."""
    made = (OriginKind.AUTO, OriginKind.ALIAS)
    return [info.commit for info in members if info.commit.repo != commit.repo and info.origin not in made]
