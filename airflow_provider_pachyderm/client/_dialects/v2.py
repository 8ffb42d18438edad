"""Pachyderm 2.x: ``pfs_v2.API``.

A repo has a type and, from 2.5 on, a project. A commit is found by branch and id before 2.6, by repo and id since;
``branch`` is always sent, as servers crash without. 2.11 leaves the branch out of its answers.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from functools import partial

from google.protobuf.empty_pb2 import Empty

from airflow_provider_pachyderm._wire.v2 import methods, pfs_pb2
from airflow_provider_pachyderm.client._capabilities import Feature
from airflow_provider_pachyderm.client._dialects import v2_replies as read
from airflow_provider_pachyderm.client._dialects.base import (
    Call,
    Dialect,
    Download,
    Listing,
    Plan,
    Send,
    file_absent,
    forgiving,
    known_branch,
    nothing,
    one,
    read_bytes,
)
from airflow_provider_pachyderm.client._dialects.diffs import Diff
from airflow_provider_pachyderm.client._dialects.downstream import made_from
from airflow_provider_pachyderm.client._dialects.uploads import Split, Upload, UploadV2, delete_frame
from airflow_provider_pachyderm.client._errors import (
    BranchNotFound,
    CommitNotFinished,
    Conflict,
    FileNotFound,
    PathConflict,
)
from airflow_provider_pachyderm.client._models import (
    Branch,
    BranchInfo,
    Commit,
    CommitInfo,
    CommitState,
    FileInfo,
    FilePair,
    FileType,
    OriginKind,
    Repo,
    RepoInfo,
)
from airflow_provider_pachyderm.client._order import PathOrder
from airflow_provider_pachyderm.client._paths import literal_root
from airflow_provider_pachyderm.client._refs import DEFAULT_PROJECT, is_expression, same_repo

Pfs = methods.Pfs

_DROPPED = "dropped before it was complete"
_STATES = {
    CommitState.OPEN: pfs_pb2.COMMIT_STATE_STARTED,
    CommitState.FINISHING: pfs_pb2.COMMIT_STATE_FINISHING,
    CommitState.FINISHED: pfs_pb2.COMMIT_STATE_FINISHED,
    CommitState.FAILED: pfs_pb2.COMMIT_STATE_FINISHED,
}
_ADD_FILE = pfs_pb2.ModifyFileRequest.ADD_FILE_FIELD_NUMBER
_RAW = pfs_pb2.AddFile.RAW_FIELD_NUMBER
_VALUE = 1  # of google.protobuf.BytesValue


class DialectV2(Dialect):
    """The calls of ``pfs_v2.API``."""

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

    # files

    def upload(
        self, commit: Commit, path: str, *, append: bool, tree: bool = False, split: Split | None = None
    ) -> Plan[Upload]:
        if split is not None:
            self.capabilities.require(Feature.SPLIT)
        target = yield from self.writable(commit)
        if append:
            existing: Container[str] = frozenset()
        else:
            existing = yield from (self._files_below(target, path) if tree else self._file_at(target, path))
        return UploadV2(target, self._commit(target), existing)

    def copy(self, source: FileInfo, target: Commit, path: str, *, append: bool) -> Call[None] | Send:
        src = self._file(source.commit, source.path)
        frames = (
            pfs_pb2.ModifyFileRequest(set_commit=self._commit(target)),
            pfs_pb2.ModifyFileRequest(copy_file=pfs_pb2.CopyFile(dst=path, src=src, append=append)),
        )
        return Send(Pfs.ModifyFile, tuple(frame.SerializeToString() for frame in frames), f"{target}:{path}")

    def _file_at(self, commit: Commit, path: str) -> Plan[Container[str]]:
        try:
            info: FileInfo = yield self.inspect_file(commit, path)
        except (FileNotFound, BranchNotFound):
            return frozenset()
        except CommitNotFinished:
            return _Everything()
        if info.type is FileType.DIR:
            raise PathConflict(f"{path} is a directory in {commit}", reference=f"{commit}:{path}")
        return frozenset({path})

    def _files_below(self, commit: Commit, path: str) -> Plan[Container[str]]:
        request = pfs_pb2.WalkFileRequest(file=self._file(commit, path))
        try:
            return frozenset((yield Call(Pfs.WalkFile, request, read.file_path, f"{commit}:{path}")))
        except (FileNotFound, BranchNotFound):
            return frozenset()
        except CommitNotFinished:
            return _Everything()

    def download(
        self, commit: Commit, path: str, offset: int = 0, size: int = 0, *, known: FileInfo | None = None
    ) -> Plan[Download]:
        # Nothing has to be asked first: a directory is an error here, and so is the end of a broken stream.
        yield from ()
        request = pfs_pb2.GetFileRequest(file=self._file(commit, path), offset=offset)
        return Download(Call(Pfs.GetFile, request, read_bytes, f"{commit}:{path}"), limit=size or None)

    def inspect_file(self, commit: Commit, path: str) -> Call[FileInfo]:
        request = pfs_pb2.InspectFileRequest(file=self._file(commit, path))
        return Call(Pfs.InspectFile, request, read.FileInfoReader(commit), f"{commit}:{path}", retry=True)

    def list_file(self, commit: Commit, path: str) -> Listing[FileInfo]:
        details = Feature.LIST_DETAILS in self.capabilities
        request = pfs_pb2.ListFileRequest(file=self._file(commit, path), details=details)
        absent = file_absent(commit, path)
        order = partial(PathOrder, _path, path)
        return Call(
            Pfs.ListFile, request, one(read.FileInfoReader(commit)), f"{commit}:{path}", absent=absent, order=order
        )

    def walk_file(self, commit: Commit, path: str) -> Listing[FileInfo]:
        request = pfs_pb2.WalkFileRequest(file=self._file(commit, path))
        absent = file_absent(commit, path)
        order = partial(PathOrder, _path, path)
        return Call(
            Pfs.WalkFile, request, one(read.FileInfoReader(commit)), f"{commit}:{path}", absent=absent, order=order
        )

    def glob_file(self, commit: Commit, pattern: str) -> Listing[FileInfo]:
        request = pfs_pb2.GlobFileRequest(commit=self._commit(commit), pattern=pattern)
        order = partial(PathOrder, _path, literal_root(pattern))
        return Call(Pfs.GlobFile, request, one(read.FileInfoReader(commit)), f"{commit}:{pattern}", order=order)

    def diff_file(
        self, new: Commit, new_path: str, old: Commit | None, old_path: str, *, shallow: bool
    ) -> Listing[FilePair]:
        diff = Diff(new_path, old_path, shallow=shallow)
        new_reader, old_reader = read.FileInfoReader(new), read.FileInfoReader(old or new)

        def pairs(reply: pfs_pb2.DiffFileResponse) -> Iterable[FilePair]:
            pair = (
                new_reader(reply.new_file) if reply.HasField("new_file") else None,
                old_reader(reply.old_file) if reply.HasField("old_file") else None,
            )
            return (pair,) if diff.wants(pair) else ()

        request = pfs_pb2.DiffFileRequest(
            new_file=self._file(new, new_path), old_file=None if old is None else self._file(old, old_path)
        )
        return Call(Pfs.DiffFile, request, pairs, f"{new}:{new_path}", order=diff.order)

    def delete_file(self, commit: Commit, path: str) -> Plan[None]:
        target = yield from self.writable(commit)
        opening = pfs_pb2.ModifyFileRequest(set_commit=self._commit(target)).SerializeToString()
        # "/d" deletes the file d only, "/d/" the directory d only; what is not there is no error
        frames = (
            (opening, delete_frame(path)) if path == "/" else (opening, delete_frame(path), delete_frame(path + "/"))
        )
        yield Send(Pfs.ModifyFile, frames, f"{commit}:{path}")

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


def _path(info: FileInfo) -> str:
    return info.path


def _made_beside(commit: Commit, members: Iterable[CommitInfo]) -> list[Commit]:
    """Find what else a user made in one step with a commit, and would lose with it."""
    made = (OriginKind.AUTO, OriginKind.ALIAS)
    return [info.commit for info in members if info.commit.repo != commit.repo and info.origin not in made]


class _Everything:
    """Stands for all paths while they cannot be told: the commit's parent is still being finished."""

    def __contains__(self, path: object) -> bool:
        return True
