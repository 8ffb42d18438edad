"""Commits of 1.x: ``pfs.API``."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from functools import partial
from itertools import chain, repeat
from typing import Any, TypeAlias, TypeVar

from airflow_provider_pachyderm._wire.v1 import methods, pfs_pb2
from airflow_provider_pachyderm.client._capabilities import Feature
from airflow_provider_pachyderm.client._dialects import replies_v1 as read
from airflow_provider_pachyderm.client._dialects.branches import Branches
from airflow_provider_pachyderm.client._dialects.calls import (
    Call,
    Listing,
    Pause,
    Plan,
    known_branch,
    nothing,
    once,
    one,
    raw,
)
from airflow_provider_pachyderm.client._dialects.commit_filter import CommitFilter, reverses
from airflow_provider_pachyderm.client._dialects.commits import Commits
from airflow_provider_pachyderm.client._dialects.names_v1 import NamesV1
from airflow_provider_pachyderm.client._dialects.repos_v1 import ReposV1
from airflow_provider_pachyderm.client._errors import NotFound
from airflow_provider_pachyderm.client._models import Branch, Commit, CommitInfo, CommitState, Repo
from airflow_provider_pachyderm.client._refs import same_repo

Pfs = methods.Pfs
T = TypeVar("T")
_Infos: TypeAlias = "list[CommitInfo]"

# These servers finish a commit in one step: what waits for FINISHING waits for FINISHED.
_STATES = {
    CommitState.OPEN: pfs_pb2.COMMIT_STATE_STARTED,
    CommitState.FINISHING: pfs_pb2.COMMIT_STATE_FINISHED,
    CommitState.FINISHED: pfs_pb2.COMMIT_STATE_FINISHED,
    CommitState.FAILED: pfs_pb2.COMMIT_STATE_FINISHED,
}


class CommitsV1(Commits):
    """The calls of ``pfs.API`` for commits."""

    def __init__(self, names: NamesV1, branches: Branches, repos: ReposV1) -> None:
        super().__init__(names.capabilities, branches)
        self._names = names
        self._repos = repos

    def _start(
        self, branch: Branch, parent: Commit | None, description: str | None, provenance: Sequence[Commit]
    ) -> Call[Commit]:
        base = self._names.given(parent) or pfs_pb2.Commit(repo=self._names.repo(branch.repo))
        request = pfs_pb2.StartCommitRequest(parent=base, branch=branch.name, description=self._kept(description))
        if Feature.ANY_PROVENANCE in self.capabilities:
            request.commit_provenance.extend(map(self._names.commit, provenance))
        else:
            request.provenance.extend(
                pfs_pb2.CommitProvenance(commit=self._names.commit(source)) for source in provenance
            )
        return Call(Pfs.StartCommit, request, lambda reply: Commit(branch.repo, branch.name, reply.id), branch)

    def _finish(self, commit: Commit, description: str | None, error: str | None) -> Call[None]:
        if error is not None:
            self.capabilities.require(Feature.COMMIT_ERROR)
        named = self._names.commit(commit)
        request = pfs_pb2.FinishCommitRequest(commit=named, description=self._kept(description))
        return Call(Pfs.FinishCommit, request, nothing, commit)

    def _kept(self, description: str | None) -> str | None:
        return description if Feature.COMMIT_DESCRIPTION in self.capabilities else None

    def _judgement(self, commit: Commit) -> Plan[CommitInfo | None]:
        # FinishCommit has said it
        yield from ()
        return None

    def makes_branch(self, branch: Branch) -> Plan[tuple[bool, Commit | None]]:
        if Feature.BRANCH_OBJECTS not in self.capabilities:
            # a branch goes with its only commit
            return False, None
        try:
            info = yield from self._branches.inspect(branch)
        except NotFound:
            return True, None
        return False, info.head

    def inspect(self, commit: Commit, wait: CommitState | None = None, *, limited: bool = False) -> Plan[CommitInfo]:
        reader = read.CommitInfoReader(known_branch(commit))
        if wait is None or Feature.WAIT_STATE in self.capabilities:
            return once(self._inspect(commit, reader, wait, waits=wait is not None and not limited))
        call = self._inspect(commit, reader)
        return once(call) if wait is CommitState.OPEN else _ask_until(lambda info: info.state.done, call)

    def _inspect(
        self, commit: Commit, reader: Callable[[Any], T], wait: CommitState | None = None, *, waits: bool = False
    ) -> Call[T]:
        request = pfs_pb2.InspectCommitRequest(commit=self._names.commit(commit))
        if wait is not None:
            request.block_state = _STATES[wait]
        return Call(Pfs.InspectCommit, request, reader, commit, waits=waits)

    def reply_to_inspect(self, commit: Commit) -> Plan[pfs_pb2.CommitInfo]:
        """Describe a commit with all that these servers say of it."""
        return once(self._inspect(commit, raw))

    def _list(
        self, repo: Repo, to: Commit | None, from_: Commit | None, number: int, wanted: CommitFilter
    ) -> Listing[CommitInfo]:
        counts = to is not None or Feature.LIST_NUMBER in self.capabilities
        request = pfs_pb2.ListCommitRequest(
            repo=self._names.repo(repo),
            to_commit=self._names.given(to),
            from_commit=self._names.given(from_),
            number=number if counts else 0,
            reverse=wanted.reverse and reverses(self.capabilities, to),
        )
        if Feature.STREAM_COMMITS not in self.capabilities:
            return Listing(Call(Pfs.ListCommit, request, read.commit_infos(to), to or repo))
        reader = read.CommitInfoReader(known_branch(to))
        return Listing(Call(Pfs.ListCommitStream, request, one(reader), to or repo))

    def follow(
        self, branch: Branch, from_: Commit | None, state: CommitState, skip: frozenset[str]
    ) -> Listing[CommitInfo]:
        if Feature.SUBSCRIBE_STATE in self.capabilities:
            return Listing(self._follow(branch, from_, state, skip))
        if state is CommitState.OPEN:
            self.capabilities.require(Feature.SUBSCRIBE_STARTED)
        call = self._follow(branch, from_, CommitState.OPEN, skip)
        return Listing(call, settle=None if state is CommitState.OPEN else partial(self._when_finished, branch))

    def _follow(
        self, branch: Branch, from_: Commit | None, state: CommitState, skip: frozenset[str]
    ) -> Call[Sequence[CommitInfo]]:
        request = pfs_pb2.SubscribeCommitRequest(
            repo=self._names.repo(branch.repo),
            branch=branch.name,
            from_commit=self._names.given(from_),
            state=_STATES[state],
        )
        reader = read.CommitInfoReader(branch.name)
        return Call(
            Pfs.SubscribeCommit,
            request,
            lambda reply: () if reply.commit.id in skip else (reader(reply),),
            branch,
            waits=True,
        )

    def _when_finished(self, branch: Branch, info: pfs_pb2.CommitInfo) -> Plan[pfs_pb2.CommitInfo]:
        if info.HasField("finished"):
            return info
        commit = Commit(branch.repo, branch.name, info.commit.id)
        ask: Call[pfs_pb2.CommitInfo] = self._inspect(commit, raw)
        return (yield from _ask_until(lambda reply: reply.HasField("finished"), ask))

    def downstream(self, commits: Sequence[Commit], repos: Sequence[Repo]) -> Plan[_Infos]:
        if Feature.FLUSH_FINISHED in self.capabilities:
            return (yield from self._flush(commits, repos))
        made: list[Repo] = []
        for repo in repos:
            inputs = yield from self._repos.inputs(repo)
            if all(any(same_repo(commit.repo, each) for each in inputs) for commit in commits):
                made.append(repo)
        if repos and not made:
            return []
        infos = yield from self._flush(commits, made)
        for number, info in enumerate(infos):
            infos[number] = yield from self.inspect(info.commit, CommitState.FINISHED)
        return infos

    def _flush(self, commits: Sequence[Commit], repos: Sequence[Repo]) -> Plan[_Infos]:
        named, to_repos = map(self._names.commit, commits), map(self._names.repo, repos)
        request = pfs_pb2.FlushCommitRequest(commits=named, to_repos=to_repos)
        about = ", ".join(map(str, commits))
        return Listing(Call(Pfs.FlushCommit, request, one(read.CommitInfoReader()), about, waits=True)).all()


def _ask_until(done: Callable[[T], bool], call: Call[T]) -> Generator[Call[T] | Pause, Any, T]:
    """Ask again and again, where servers answer at once."""
    # quickly at first, as commits are short-lived, then every two seconds
    for number, delay in enumerate(chain((0.05 * 1.5**n for n in range(9)), repeat(2.0))):
        reply: T = yield call
        if done(reply):
            return reply
        yield Pause(delay, call.about, first=number == 0)
    raise AssertionError("unreachable")
