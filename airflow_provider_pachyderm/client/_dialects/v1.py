"""Pachyderm 1.9 to 1.13: ``pfs.API``. A commit is a repo and one string, an id or the name of a branch."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import partial

from google.protobuf.empty_pb2 import Empty

from airflow_provider_pachyderm._wire.v1 import methods, pfs_pb2
from airflow_provider_pachyderm.client._capabilities import Feature
from airflow_provider_pachyderm.client._dialects import v1_replies as read
from airflow_provider_pachyderm.client._dialects.base import (
    Call,
    Dialect,
    Download,
    Listing,
    Plan,
    Send,
    file_absent,
    known_branch,
    nothing,
    one,
    read_bytes,
)
from airflow_provider_pachyderm.client._dialects.diffs import Diff
from airflow_provider_pachyderm.client._dialects.uploads import Split, Upload, UploadV1
from airflow_provider_pachyderm.client._errors import Conflict, IsADirectory, NotFound, ServerError
from airflow_provider_pachyderm.client._models import (
    Branch,
    BranchInfo,
    Commit,
    CommitInfo,
    CommitState,
    Delimiter,
    FileInfo,
    FilePair,
    FileType,
    Repo,
    RepoInfo,
)
from airflow_provider_pachyderm.client._refs import DEFAULT_PROJECT, is_expression

Pfs = methods.Pfs

# These servers finish a commit in one step: what waits for FINISHING waits for FINISHED.
_STATES = {
    CommitState.OPEN: pfs_pb2.COMMIT_STATE_STARTED,
    CommitState.FINISHING: pfs_pb2.COMMIT_STATE_FINISHED,
    CommitState.FINISHED: pfs_pb2.COMMIT_STATE_FINISHED,
    CommitState.FAILED: pfs_pb2.COMMIT_STATE_FINISHED,
}
_SPLITS = {
    Delimiter.JSON: Feature.SPLIT,
    Delimiter.LINE: Feature.SPLIT,
    Delimiter.SQL: Feature.SPLIT_SQL,
    Delimiter.CSV: Feature.SPLIT_CSV,
}


class DialectV1(Dialect):
    """The calls of ``pfs.API``."""

    # repos

    def create_repo(self, repo: Repo, description: str | None, *, update: bool) -> Call[None]:
        request = pfs_pb2.CreateRepoRequest(repo=self._repo(repo), description=description, update=update)
        return Call(Pfs.CreateRepo, request, nothing, repo)

    def inspect_repo(self, repo: Repo) -> Call[RepoInfo]:
        request = pfs_pb2.InspectRepoRequest(repo=self._repo(repo))
        return Call(Pfs.InspectRepo, request, read.repo_info, repo, retry=True)

    def list_repo(self, project: str | None) -> Listing[RepoInfo]:
        self._no_project(project)
        return Call(Pfs.ListRepo, pfs_pb2.ListRepoRequest(), read.repo_infos, "all repos", retry=True)

    def delete_repo(self, repo: Repo, *, force: bool) -> Call[None]:
        request = pfs_pb2.DeleteRepoRequest(repo=self._repo(repo), force=force)
        return Call(Pfs.DeleteRepo, request, nothing, repo)

    def delete_every_repo(self, project: str | None, *, force: bool) -> Call[None]:
        self._no_project(project)
        return Call(Pfs.DeleteRepo, pfs_pb2.DeleteRepoRequest(force=force, all=True), nothing, "all repos")

    def delete_all(self) -> Call[None]:
        return Call(Pfs.DeleteAll, Empty(), nothing, "everything")

    # branches

    def create_branch(self, branch: Branch, head: Commit | None, provenance: Sequence[Branch] = ()) -> Call[None]:
        request = pfs_pb2.CreateBranchRequest(
            branch=self._branch(branch), head=self._given(head), provenance=map(self._branch, provenance)
        )
        call = Call(Pfs.CreateBranch, request, nothing, branch)
        return replace(call, by=partial(self._unless_circular, call, branch, provenance)) if provenance else call

    def _unless_circular(self, call: Call[None], branch: Branch, provenance: Sequence[Branch]) -> Plan[None]:
        """Create a branch, unless its repo would be made from itself: servers accept that, and delete nothing then."""
        for source in provenance:
            try:
                infos: Iterable[BranchInfo] = yield self.list_branch(source.repo)
            except NotFound:
                continue
            if any(upstream.repo == branch.repo for info in infos for upstream in info.provenance):
                raise Conflict(f"{branch} cannot be made from {source}: the repos would form a circle")
        yield call

    def inspect_branch(self, branch: Branch) -> Call[BranchInfo]:
        request = pfs_pb2.InspectBranchRequest(branch=self._branch(branch))
        return Call(Pfs.InspectBranch, request, read.branch_info, branch, retry=True)

    def list_branch(self, repo: Repo) -> Listing[BranchInfo]:
        request = pfs_pb2.ListBranchRequest(repo=self._repo(repo))
        return Call(Pfs.ListBranch, request, read.branch_infos, repo, retry=True)

    def delete_branch(self, branch: Branch, *, force: bool) -> Call[None]:
        request = pfs_pb2.DeleteBranchRequest(branch=self._branch(branch), force=force)
        return Call(Pfs.DeleteBranch, request, nothing, branch)

    # commits

    def start_commit(self, branch: Branch, parent: Commit | None, description: str | None) -> Call[Commit]:
        base = self._given(parent) or pfs_pb2.Commit(repo=self._repo(branch.repo))
        request = pfs_pb2.StartCommitRequest(parent=base, branch=branch.name, description=description)
        return Call(Pfs.StartCommit, request, lambda reply: Commit(branch.repo, branch.name, reply.id), branch)

    def close_commit(self, commit: Commit, description: str | None, error: str | None) -> Call[None]:
        if error is not None:
            self.capabilities.require(Feature.COMMIT_ERROR)
        request = pfs_pb2.FinishCommitRequest(commit=self._commit(commit), description=description)
        return Call(Pfs.FinishCommit, request, nothing, commit, retry=True)

    def inspect_commit(self, commit: Commit, wait: CommitState | None = None) -> Call[CommitInfo]:
        request = pfs_pb2.InspectCommitRequest(commit=self._commit(commit))
        if wait is not None:
            request.block_state = _STATES[wait]
        reader = read.CommitInfoReader(known_branch(commit))
        return Call(Pfs.InspectCommit, request, reader, commit, retry=True, waits=wait is not None)

    def list_commit(self, repo: Repo, to: Commit | None, from_: Commit | None, number: int) -> Listing[CommitInfo]:
        counts = to is not None or Feature.LIST_NUMBER in self.capabilities
        request = pfs_pb2.ListCommitRequest(
            repo=self._repo(repo),
            to_commit=self._given(to),
            from_commit=self._given(from_),
            number=number if counts else 0,
        )
        reader = read.CommitInfoReader(known_branch(to))
        return Call(Pfs.ListCommitStream, request, one(reader), to or repo, limit=number or None)

    def follow(
        self, branch: Branch, from_: Commit | None, state: CommitState, skip: frozenset[str]
    ) -> Listing[CommitInfo]:
        request = pfs_pb2.SubscribeCommitRequest(
            repo=self._repo(branch.repo),
            branch=branch.name,
            from_commit=self._given(from_),
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

    def drop_commit(self, commit: Commit) -> Plan[None]:
        info = yield from self.open_commit(commit)
        yield from self._remove(info.commit)

    def delete_commit(self, commit: Commit) -> Plan[None]:
        info = yield from self.existing_commit(commit)
        if info.state.done:
            self.capabilities.require(Feature.DELETE_FINISHED)
        yield from self._remove(info.commit)

    def _remove(self, commit: Commit) -> Plan[None]:
        request = pfs_pb2.DeleteCommitRequest(commit=self._commit(commit))
        try:
            yield Call(Pfs.DeleteCommit, request, nothing, commit, retry=True)
            yield self.inspect_commit(commit)
        except NotFound:
            return
        raise ServerError(f"{commit} is still there after DeleteCommit", reference=str(commit))

    def downstream(self, commits: Sequence[Commit], repos: Sequence[Repo]) -> Plan[list[CommitInfo]]:
        request = pfs_pb2.FlushCommitRequest(commits=map(self._commit, commits), to_repos=map(self._repo, repos))
        about = ", ".join(map(str, commits))
        return list((yield Call(Pfs.FlushCommit, request, one(read.CommitInfoReader()), about, waits=True)))

    # files

    def upload(
        self, commit: Commit, path: str, *, append: bool, tree: bool = False, split: Split | None = None
    ) -> Plan[Upload]:
        if split is not None:
            self.capabilities.require(_SPLITS[split.delimiter])
        target = yield from self.writable(commit)
        return self._uploading(target, append=append or split is not None, split=split)

    def _uploading(self, target: Commit, *, append: bool, split: Split | None) -> Upload:
        return UploadV1(target, self._commit(target), append=append, split=split)

    def copy(self, source: FileInfo, target: Commit, path: str, *, append: bool) -> Call[None] | Send:
        self.capabilities.require(Feature.COPY_FILE)
        src, dst = self._file(source.commit, source.path), self._file(target, path)
        request = pfs_pb2.CopyFileRequest(src=src, dst=dst, overwrite=not append)
        return Call(Pfs.CopyFile, request, nothing, f"{target}:{path}")

    def download(
        self, commit: Commit, path: str, offset: int = 0, size: int = 0, *, known: FileInfo | None = None
    ) -> Plan[Download]:
        # A directory reads as an empty file, and a stream that ends early looks like one that ended: so ask first.
        info: FileInfo = known or (yield self.inspect_file(commit, path))
        if info.type is FileType.DIR:
            raise IsADirectory(f"{path} is a directory in {commit}", reference=f"{commit}:{path}")
        rest = max(0, info.size_bytes - offset)
        request = pfs_pb2.GetFileRequest(file=self._file(info.commit, path), offset_bytes=offset, size_bytes=size)
        call = Call(Pfs.GetFile, request, read_bytes, f"{commit}:{path}")
        return Download(call, expected=min(rest, size) if size else rest, limit=size or None)

    def inspect_file(self, commit: Commit, path: str) -> Call[FileInfo]:
        request = pfs_pb2.InspectFileRequest(file=self._file(commit, path))
        return Call(Pfs.InspectFile, request, read.FileInfoReader(commit), f"{commit}:{path}", retry=True)

    def list_file(self, commit: Commit, path: str) -> Listing[FileInfo]:
        request = pfs_pb2.ListFileRequest(file=self._file(commit, path))
        absent = file_absent(commit, path)
        return Call(Pfs.ListFileStream, request, one(read.FileInfoReader(commit)), f"{commit}:{path}", absent=absent)

    def walk_file(self, commit: Commit, path: str) -> Listing[FileInfo]:
        request = pfs_pb2.WalkFileRequest(file=self._file(commit, path))
        absent = file_absent(commit, path)
        return Call(Pfs.WalkFile, request, one(read.FileInfoReader(commit)), f"{commit}:{path}", absent=absent)

    def glob_file(self, commit: Commit, pattern: str) -> Listing[FileInfo]:
        request = pfs_pb2.GlobFileRequest(commit=self._commit(commit), pattern=pattern)
        return Call(Pfs.GlobFileStream, request, one(read.FileInfoReader(commit)), f"{commit}:{pattern}")

    def diff_file(
        self, new: Commit, new_path: str, old: Commit | None, old_path: str, *, shallow: bool
    ) -> Listing[FilePair]:
        self.capabilities.require(Feature.DIFF_FILE)
        diff = Diff(new_path, old_path, shallow=shallow)
        new_reader, old_reader = read.FileInfoReader(new), read.FileInfoReader(old or new)

        def pairs(reply: pfs_pb2.DiffFileResponse) -> Iterable[FilePair]:
            return diff.pair_up(map(new_reader, reply.new_files), map(old_reader, reply.old_files))

        request = pfs_pb2.DiffFileRequest(
            new_file=self._file(new, new_path),
            old_file=None if old is None else self._file(old, old_path),
            shallow=shallow,
        )
        return Call(Pfs.DiffFile, request, pairs, f"{new}:{new_path}", retry=True)

    def delete_file(self, commit: Commit, path: str) -> Plan[None]:
        target = yield from self.writable(commit)
        request = pfs_pb2.DeleteFileRequest(file=self._file(target, path))
        yield Call(Pfs.DeleteFile, request, nothing, f"{commit}:{path}")

    # references

    def _no_project(self, project: str | None) -> None:
        if project not in (None, DEFAULT_PROJECT):
            self.capabilities.require(Feature.PROJECTS)

    def _repo(self, repo: Repo) -> pfs_pb2.Repo:
        self._no_project(repo.project)
        return pfs_pb2.Repo(name=repo.name)

    def _branch(self, branch: Branch) -> pfs_pb2.Branch:
        return pfs_pb2.Branch(repo=self._repo(branch.repo), name=branch.name)

    def _commit(self, commit: Commit) -> pfs_pb2.Commit:
        ref = commit.id or commit.branch or ""
        if is_expression(ref):
            self.capabilities.require(Feature.ANCESTRY_FROM_ROOT if "." in ref else Feature.ANCESTRY)
        return pfs_pb2.Commit(repo=self._repo(commit.repo), id=ref)

    def _given(self, commit: Commit | None) -> pfs_pb2.Commit | None:
        return None if commit is None else self._commit(commit)

    def _file(self, commit: Commit, path: str) -> pfs_pb2.File:
        return pfs_pb2.File(commit=self._commit(commit), path=path)
