"""Pachyderm 2.x: ``pfs_v2.API``; its repos, branches and commits.

A repo has a type and, from 2.5 on, a project. A commit is found by branch and id before 2.6, by repo and id since;
``branch`` is always sent, as servers crash without. 2.11 leaves the branch out of its answers.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from google.protobuf.empty_pb2 import Empty

from airflow_provider_pachyderm._wire.v2 import methods, pfs_pb2
from airflow_provider_pachyderm.client._capabilities import Feature
from airflow_provider_pachyderm.client._dialects import v2_replies as read
from airflow_provider_pachyderm.client._dialects.base import Dialect
from airflow_provider_pachyderm.client._dialects.calls import (
    Call,
    Listing,
    Plan,
    forgiving,
    known_branch,
    nothing,
    one,
)
from airflow_provider_pachyderm.client._dialects.downstream import made_from
from airflow_provider_pachyderm.client._errors import (
    BranchNotFound,
    Conflict,
)
from airflow_provider_pachyderm.client._models import (
    Branch,
    BranchInfo,
    Commit,
    CommitInfo,
    CommitState,
    OriginKind,
    Repo,
    RepoInfo,
)
from airflow_provider_pachyderm.client._refs import DEFAULT_PROJECT, is_expression, same_repo

Pfs = methods.Pfs

_DROPPED = "dropped before it was complete"
_STATES = {
    CommitState.OPEN: pfs_pb2.COMMIT_STATE_STARTED,
    CommitState.FINISHING: pfs_pb2.COMMIT_STATE_FINISHING,
    CommitState.FINISHED: pfs_pb2.COMMIT_STATE_FINISHED,
    CommitState.FAILED: pfs_pb2.COMMIT_STATE_FINISHED,
}


class HistoryV2(Dialect):
    """The calls of ``pfs_v2.API`` for repos, branches and commits."""

    # repos

    def create_repo(self, repo: Repo, description: str | None, *, update: bool) -> Call[None]:
        request = pfs_pb2.CreateRepoRequest(repo=self._repo(repo), description=description, update=update)
        return Call(Pfs.CreateRepo, request, nothing, repo)

    def inspect_repo(self, repo: Repo) -> Call[RepoInfo]:
        request = pfs_pb2.InspectRepoRequest(repo=self._repo(repo))
        return Call(Pfs.InspectRepo, request, read.repo_info, repo, retry=True)

    def list_repo(self, project: str | None) -> Listing[RepoInfo]:
        # no type means all types, also those of pipelines
        request = pfs_pb2.ListRepoRequest(type="user")
        if project is not None:
            request.projects.extend(filter(None, [self._project(project)]))
        return Call(Pfs.ListRepo, request, one(read.repo_info), "all repos")

    def delete_repo(self, repo: Repo, *, force: bool) -> Call[None]:
        request = pfs_pb2.DeleteRepoRequest(repo=self._repo(repo), force=force)
        return Call(Pfs.DeleteRepo, request, nothing, repo)

    def delete_every_repo(self, project: str | None, *, force: bool) -> Call[None]:
        request = pfs_pb2.DeleteReposRequest(force=force, all=project is None)
        request.projects.extend([] if project is None else filter(None, [self._project(project)]))
        return Call(Pfs.DeleteRepos, request, nothing, "all repos")

    def delete_all(self) -> Call[None]:
        return Call(Pfs.DeleteAll, Empty(), nothing, "everything")

    # branches

    def create_branch(self, branch: Branch, head: Commit | None, provenance: Sequence[Branch] = ()) -> Call[None]:
        request = pfs_pb2.CreateBranchRequest(
            branch=self._branch(branch), head=self._given(head), provenance=map(self._branch, provenance)
        )
        return Call(Pfs.CreateBranch, request, nothing, branch)

    def inspect_branch(self, branch: Branch) -> Call[BranchInfo]:
        request = pfs_pb2.InspectBranchRequest(branch=self._branch(branch))
        return Call(Pfs.InspectBranch, request, read.branch_info, branch, retry=True)

    def list_branch(self, repo: Repo) -> Listing[BranchInfo]:
        request = pfs_pb2.ListBranchRequest(repo=self._repo(repo))
        return Call(Pfs.ListBranch, request, one(read.branch_info), repo)

    def delete_branch(self, branch: Branch, *, force: bool) -> Call[None]:
        request = pfs_pb2.DeleteBranchRequest(branch=self._branch(branch), force=force)
        call = Call(Pfs.DeleteBranch, request, nothing, branch)
        return call if Feature.MISSING_IS_DELETED in self.capabilities else forgiving(call, BranchNotFound)

    # commits

    def start_commit(self, branch: Branch, parent: Commit | None, description: str | None) -> Call[Commit]:
        request = pfs_pb2.StartCommitRequest(
            parent=self._given(parent), branch=self._branch(branch), description=description
        )
        return Call(Pfs.StartCommit, request, lambda reply: read.read_commit(reply, branch.name), branch)

    def close_commit(self, commit: Commit, description: str | None, error: str | None) -> Call[None]:
        request = pfs_pb2.FinishCommitRequest(commit=self._commit(commit), description=description, error=error)
        return Call(Pfs.FinishCommit, request, nothing, commit, retry=True)

    def inspect_commit(self, commit: Commit, wait: CommitState | None = None) -> Call[CommitInfo]:
        request = pfs_pb2.InspectCommitRequest(commit=self._commit(commit))
        if wait is not None:
            request.wait = _STATES[self._wait_state(wait)]
        reader = read.CommitInfoReader(known_branch(commit))
        return Call(Pfs.InspectCommit, request, reader, commit, retry=True, waits=wait is not None)

    def list_commit(self, repo: Repo, to: Commit | None, from_: Commit | None, number: int) -> Listing[CommitInfo]:
        request = pfs_pb2.ListCommitRequest(
            repo=self._repo(repo),
            to_commit=self._given(to),
            from_commit=self._given(from_),
            number=number,
        )
        reader = read.CommitInfoReader(known_branch(to))
        return Call(Pfs.ListCommit, request, one(reader), to or repo, limit=number or None)

    def follow(
        self, branch: Branch, from_: Commit | None, state: CommitState, skip: frozenset[str]
    ) -> Listing[CommitInfo]:
        request = pfs_pb2.SubscribeCommitRequest(
            repo=self._repo(branch.repo),
            branch=branch.name,
            from_commit=self._given(from_),
            state=_STATES[self._wait_state(state)],
        )
        reader = read.CommitInfoReader(branch.name)
        return Call(
            Pfs.SubscribeCommit,
            request,
            lambda reply: () if reply.commit.id in skip else (reader(reply),),
            branch,
            waits=True,
        )

    def drop_commit(self, commit: Commit) -> Plan[None]:
        info = yield from self.open_commit(commit)
        if not _made_beside(info.commit, (yield from self._members(info.commit))):
            request = pfs_pb2.DropCommitSetRequest(commit_set=pfs_pb2.CommitSet(id=info.commit.id))
            try:
                yield Call(Pfs.DropCommitSet, request, nothing, commit, retry=True)
                return
            except Conflict:
                pass
        # It cannot go alone. Emptied and failed it is never read, and what comes after builds on its parent.
        clear = pfs_pb2.ClearCommitRequest(commit=self._commit(info.commit))
        yield Call(Pfs.ClearCommit, clear, nothing, commit, retry=True)
        yield from self.finish_commit(info.commit, None, _DROPPED, wait=False)

    def delete_commit(self, commit: Commit) -> Plan[None]:
        info = yield from self.existing_commit(commit)
        members = yield from self._members(info.commit)
        if others := _made_beside(info.commit, members):
            raise Conflict(
                f"commit {info.commit} was made in one step with {', '.join(map(str, others))}: "
                "deleting it would delete these, too",
                reference=str(info.commit),
            )
        commit_set = pfs_pb2.CommitSet(id=info.commit.id)
        if any(child.id != info.commit.id for member in members for child in member.children):
            squash = pfs_pb2.SquashCommitSetRequest(commit_set=commit_set)
            yield Call(Pfs.SquashCommitSet, squash, nothing, commit)
        else:
            yield Call(Pfs.DropCommitSet, pfs_pb2.DropCommitSetRequest(commit_set=commit_set), nothing, commit)

    def _members(self, commit: Commit, *, wait: bool = False) -> Plan[list[CommitInfo]]:
        """List what has the same id as a commit: what was made with it and, downstream, from it."""
        request = pfs_pb2.InspectCommitSetRequest(commit_set=pfs_pb2.CommitSet(id=commit.id), wait=wait)
        infos: list[CommitInfo] = yield Call(
            Pfs.InspectCommitSet, request, one(read.CommitInfoReader()), commit, waits=wait
        )
        # 2.11 also sends the inputs of the set's commits, which have other ids
        return [info for info in infos if info.commit.id == commit.id]

    def downstream(self, commits: Sequence[Commit], repos: Sequence[Repo]) -> Plan[list[CommitInfo]]:
        members: list[CommitInfo] = []
        for commit in {commit.id: commit for commit in commits}.values():
            members += yield from self._members(commit, wait=True)
        return [
            info
            for info in made_from(commits, members)
            if not repos or any(same_repo(info.commit.repo, repo) for repo in repos)
        ]

    # references

    def _project(self, name: str | None) -> pfs_pb2.Project | None:
        if Feature.PROJECTS in self.capabilities:
            return pfs_pb2.Project(name=name or DEFAULT_PROJECT)
        if name not in (None, DEFAULT_PROJECT):
            self.capabilities.require(Feature.PROJECTS)
        return None

    def _repo(self, repo: Repo) -> pfs_pb2.Repo:
        return pfs_pb2.Repo(name=repo.name, type=repo.type, project=self._project(repo.project))

    def _branch(self, branch: Branch) -> pfs_pb2.Branch:
        return pfs_pb2.Branch(repo=self._repo(branch.repo), name=branch.name)

    def _commit(self, commit: Commit) -> pfs_pb2.Commit:
        repo = self._repo(commit.repo)
        branch, id = commit.branch, commit.id
        name = id or branch or ""
        if is_expression(name):
            # understood as an id only, and only without a branch
            branch, id = None, name
        return pfs_pb2.Commit(
            branch=pfs_pb2.Branch(repo=repo, name=branch),
            id=id,
            repo=repo if Feature.COMMIT_REPO in self.capabilities else None,
        )

    def _given(self, commit: Commit | None) -> pfs_pb2.Commit | None:
        return None if commit is None else self._commit(commit)

    def _file(self, commit: Commit, path: str) -> pfs_pb2.File:
        return pfs_pb2.File(commit=self._commit(commit), path=path)

    def _wait_state(self, state: CommitState) -> CommitState:
        if state is CommitState.FINISHING and Feature.WAIT_FINISHING not in self.capabilities:
            return CommitState.FINISHED
        return state


def _made_beside(commit: Commit, members: Iterable[CommitInfo]) -> list[Commit]:
    """Find what else a user made in one step with a commit, and would lose with it."""
    made = (OriginKind.AUTO, OriginKind.ALIAS)
    return [info.commit for info in members if info.commit.repo != commit.repo and info.origin not in made]
