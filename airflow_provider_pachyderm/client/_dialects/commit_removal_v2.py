"""Taking commits away on 2.x: ``pfs_v2.API``, with what was made in one step with them or from them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from airflow_provider_pachyderm._wire.v2 import methods, pfs_pb2
from airflow_provider_pachyderm.client._capabilities import Feature
from airflow_provider_pachyderm.client._dialects.branches import Branches
from airflow_provider_pachyderm.client._dialects.calls import Call, Plan, nothing
from airflow_provider_pachyderm.client._dialects.commit_removal import CommitRemoval
from airflow_provider_pachyderm.client._dialects.commit_sets import CommitSetsV2
from airflow_provider_pachyderm.client._dialects.commits import ONE_CALL, Commits
from airflow_provider_pachyderm.client._dialects.names_v2 import NamesV2
from airflow_provider_pachyderm.client._errors import Conflict, NotFound, PermissionDenied
from airflow_provider_pachyderm.client._models import Branch, Commit, CommitInfo, CommitState, OriginKind

Pfs = methods.Pfs

_DROPPED = "dropped before it was complete"


class CommitRemovalV2(CommitRemoval):
    """The calls of ``pfs_v2.API`` that take away commits or whole sets of them."""

    def __init__(self, names: NamesV2, branches: Branches, commits: Commits, commit_sets: CommitSetsV2) -> None:
        super().__init__(branches, commits)
        self._names = names
        self._sets = commit_sets

    def clear(self, commit: Commit) -> Plan[None]:
        if Feature.COMMIT_REPO not in self.capabilities:
            # before 2.6 it may be an alias, which keeps what the commit has that it stands for
            commit = (yield from self._commits.open(commit)).commit
        yield self._clear(commit)

    def _clear(self, commit: Commit) -> Call[None]:
        request = pfs_pb2.ClearCommitRequest(commit=self._names.commit(commit))
        return Call(Pfs.ClearCommit, request, nothing, commit)

    def _drop_branch(self, branch: Branch, info: CommitInfo, new: bool) -> Plan[None]:
        # only the first commit of a branch has no parent here, and an empty one has taken its place
        if info.parent is not None:
            yield from self._drop_failed_before(info.parent)
            return
        try:
            head = yield from self._commits.inspect(Commit(branch.repo, branch.name))
            if head.parent is None and head.origin is OriginKind.AUTO and not head.provenance:
                yield from self._branches.remove(branch, force=False)
        except (NotFound, Conflict):
            return

    def _drop_failed_before(self, commit: Commit) -> Plan[None]:
        """Take away what another call has made and could not take away, as the commit that is gone was after it."""
        try:
            info = yield from self._commits.inspect(commit)
            while info.state is CommitState.FAILED and info.description == ONE_CALL and not info.children:
                yield from self._remove(info)
                if info.parent is None:
                    return
                info = yield from self._commits.inspect(info.parent)
        except (NotFound, Conflict):
            return

    def _drop_failed(self, info: CommitInfo, branch: Branch | None) -> Plan[None]:
        # what was made after it is made without its files, and would get them if it were squashed
        try:
            if info.children:
                return
            members = yield from self._members(info.commit)
            if not any(member.children for member in members if member.commit.repo == info.commit.repo):
                self._refuse_beside(info.commit, members)
                yield from self._remove_all(info, members)
        except Conflict:
            now = yield from self._commits.inspect(info.commit)
            if not now.children:
                raise
        except PermissionDenied:
            # from 2.8 on, only who may delete commits of all repos may delete any: the branch goes without it then
            if branch is None:
                raise
            yield from self._set_back(branch, info)

    def _set_back(self, branch: Branch, info: CommitInfo) -> Plan[None]:
        """Take a branch back from its head, if that is still the commit, to what was there before."""
        now = yield from self._branches.inspect(branch)
        if now.head is None or now.head.id != info.commit.id:
            return
        if info.parent is None:
            yield from self._branches.remove(branch, force=False)
        else:
            yield from self._branches.set_back(branch, info.parent, now.provenance, now.trigger)

    def _drop_open(self, info: CommitInfo) -> Plan[None]:
        alone = not _made_beside(info.commit, (yield from self._members(info.commit)))
        if alone or Feature.SQUASH_COMMIT in self.capabilities:
            try:
                if alone:
                    yield from self._sets.drop(_id(info))
                else:
                    yield from self._drop_alone(info)
                return
            except (Conflict, PermissionDenied):
                # from 2.8 on, only who may delete commits of all repos may delete any
                pass
        # It cannot go alone. Emptied and failed it is never read, and what comes after builds on its parent.
        yield self._clear(info.commit)
        yield from self._commits.end(info.commit, None, _DROPPED)

    def _remove(self, info: CommitInfo) -> Plan[None]:
        members = yield from self._members(info.commit)
        self._refuse_beside(info.commit, members)
        try:
            yield from self._remove_all(info, members)
        except Conflict:
            # nothing was made after it; somebody may have done so meanwhile
            now = yield from self._commits.existing(info.commit)
            if len(now.children) <= len(info.children):
                raise
            yield from self._remove_all(now, (yield from self._members(now.commit)))

    def _refuse_beside(self, commit: Commit, members: Iterable[CommitInfo]) -> None:
        others = _made_beside(commit, members)
        if others and Feature.SQUASH_COMMIT not in self.capabilities:
            raise Conflict(
                f"commit {commit} is in one commit set with {', '.join(map(str, others))}: deleting it would "
                "delete these, too",
                reference=str(commit),
            )

    def _remove_all(self, info: CommitInfo, members: Sequence[CommitInfo]) -> Plan[None]:
        """Take away a commit with what the server made from it.

        :param members: of its set.
        """
        if _made_beside(info.commit, members):
            if info.children:
                yield self._squash_one(info.commit, recursive=True)
            else:
                yield from self._drop_alone(info)
        elif any(child.id != info.commit.id for member in members for child in member.children):
            yield from self._sets.squash(_id(info))
        else:
            yield from self._sets.drop(_id(info))

    def squash(self, commit: Commit, *, recursive: bool) -> Plan[None]:
        info = yield from self._commits.existing(commit)
        if Feature.SQUASH_COMMIT in self.capabilities:
            yield self._squash_one(info.commit, recursive=recursive)
            return
        members = yield from self._members(info.commit)
        if _made_beside(info.commit, members) or (len(members) > 1 and not recursive):
            self.capabilities.require(Feature.SQUASH_COMMIT)
        yield from self._sets.squash(_id(info))

    def _squash_one(self, commit: Commit, *, recursive: bool) -> Call[None]:
        request = pfs_pb2.SquashCommitRequest(commit=self._names.commit(commit), recursive=recursive)
        return Call(Pfs.SquashCommit, request, nothing, commit)

    def _drop_alone(self, info: CommitInfo) -> Plan[None]:
        """Drop a commit, and what the server made from it, but nothing else of its set.

        Servers of 2.5 make an open commit in the place of one that was made from others; until that is finished, none
        that comes after it is.
        """
        request = pfs_pb2.DropCommitRequest(commit=self._names.commit(info.commit), recursive=True)
        yield Call(Pfs.DropCommit, request, nothing, info.commit)
        if Feature.DROP_LEAVES_NOTHING in self.capabilities or info.origin is not OriginKind.AUTO:
            return
        try:
            head = yield from self._commits.inspect(Commit(info.commit.repo, info.commit.branch))
        except NotFound:
            return
        before = info.parent.id if info.parent is not None else None
        if head.state is CommitState.OPEN and head.origin is OriginKind.AUTO and head.commit.id != before:
            yield from self._commits.end(head.commit, None, None)

    def _members(self, commit: Commit) -> Plan[list[CommitInfo]]:
        """List what has the same id as a commit: what was made with it and, downstream, from it."""
        return (yield from self._sets.inspect(commit.id or "", wait=False).all())


def _id(info: CommitInfo) -> str:
    return info.commit.id or ""


def _made_beside(commit: Commit, members: Iterable[CommitInfo]) -> list[Commit]:
    """Find what else a user made in one step with a commit, and would lose with it."""
    made = (OriginKind.AUTO, OriginKind.ALIAS)
    return [info.commit for info in members if info.commit.repo != commit.repo and info.origin not in made]
