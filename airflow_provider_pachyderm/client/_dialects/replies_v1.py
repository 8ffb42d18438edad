"""Reading the replies of ``pfs.API``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from airflow_provider_pachyderm._wire.v1 import pfs_pb2
from airflow_provider_pachyderm.client._dialects.calls import known_branch, read_time
from airflow_provider_pachyderm.client._dialects.completeness import signed
from airflow_provider_pachyderm.client._dialects.start_tokens import unmarked
from airflow_provider_pachyderm.client._local.digests import Objects
from airflow_provider_pachyderm.client._models import (
    Branch,
    BranchInfo,
    Commit,
    CommitInfo,
    CommitState,
    FileInfo,
    FileType,
    OriginKind,
    Repo,
    RepoInfo,
    Trigger,
)
from airflow_provider_pachyderm.client._paths import normalise

_ORIGINS = {
    pfs_pb2.ORIGIN_KIND_USER: OriginKind.USER,
    pfs_pb2.ORIGIN_KIND_AUTO: OriginKind.AUTO,
    pfs_pb2.ORIGIN_KIND_FSCK: OriginKind.FSCK,
}


def _read_repo(repo: pfs_pb2.Repo) -> Repo:
    return Repo(repo.name)


def read_commit(commit: pfs_pb2.Commit, branch: str | None = None) -> Commit:
    """Read a reference to a commit.

    :param branch: what to fill in if the server leaves it out.
    """
    return Commit(_read_repo(commit.repo), branch or None, commit.id)


def _read_branch(branch: pfs_pb2.Branch) -> Branch:
    return Branch(_read_repo(branch.repo), branch.name)


def repo_info(info: pfs_pb2.RepoInfo) -> RepoInfo:
    """Read a repo."""
    return RepoInfo(
        _read_repo(info.repo),
        created=read_time(info, "created"),
        size_bytes=max(0, signed(info.size_bytes)),
        description=info.description,
        branches=tuple(map(_read_branch, info.branches)),
    )


def repo_infos(reply: pfs_pb2.ListRepoResponse) -> Iterator[RepoInfo]:
    """Read the repos of one reply."""
    return map(repo_info, reply.repo_info)


def branch_info(info: pfs_pb2.BranchInfo) -> BranchInfo:
    """Read a branch."""
    # before 1.7 a branch is a name and a head, whose repo it is in
    branch = _read_branch(info.branch) if info.HasField("branch") else Branch(_read_repo(info.head.repo), info.name)
    return BranchInfo(
        branch,
        head=read_commit(info.head, branch.name) if info.HasField("head") else None,
        provenance=tuple(map(_read_branch, info.provenance)),
        trigger=_trigger(info.trigger) if info.HasField("trigger") else None,
        subvenance=tuple(map(_read_branch, info.subvenance)),
    )


def _trigger(trigger: pfs_pb2.Trigger) -> Trigger:
    return Trigger(
        trigger.branch,
        all=trigger.all,
        size=trigger.size,
        commits=trigger.commits,
        rate_limit_spec=trigger.cron_spec,
    )


def branch_infos(reply: pfs_pb2.BranchInfos) -> Iterator[BranchInfo]:
    """Read the branches of one reply."""
    return map(branch_info, reply.branch_info)


class CommitInfoReader:
    """Reads CommitInfo; servers before 1.9 leave out the branch, so it is taken from what was asked for."""

    def __init__(self, branch: str | None = None) -> None:
        self._branch = branch

    def __call__(self, info: pfs_pb2.CommitInfo) -> CommitInfo:
        finished = read_time(info, "finished")
        provenance = [read_commit(each.commit, each.branch.name) for each in info.provenance]
        provenance += map(read_commit, info.commit_provenance)
        return CommitInfo(
            read_commit(info.commit, info.branch.name or self._branch),
            CommitState.FINISHED if finished else CommitState.OPEN,
            origin=_origin(info),
            parent=read_commit(info.parent_commit) if info.HasField("parent_commit") else None,
            children=tuple(map(read_commit, info.child_commits)),
            description=unmarked(info.description),
            started=read_time(info, "started"),
            finishing=finished,
            finished=finished,
            size_bytes=max(0, signed(info.size_bytes)) if finished else None,
            provenance=tuple(provenance),
        )


def _origin(info: pfs_pb2.CommitInfo) -> OriginKind:
    """Read who made a commit; servers before 1.9 do not say, but only what they made has provenance."""
    if info.commit_provenance:
        return OriginKind.AUTO
    return _ORIGINS.get(info.origin.kind, OriginKind.UNKNOWN)


def commit_infos(to: Commit | None) -> Callable[[pfs_pb2.CommitInfos], Iterator[CommitInfo]]:
    """Make the reader of a list of commits in one reply.

    :param to: the newest commit that was asked for.
    """
    reader = CommitInfoReader(known_branch(to))
    return lambda reply: map(reader, reply.commit_info)


def objects(info: pfs_pb2.FileInfo) -> Objects:
    """Read what a file consists of; one of a pipeline may have parts that are no objects."""
    return Objects(info.hash, () if info.block_refs else [object.hash for object in info.objects])


class Inspection:
    """Reads FileInfo, and keeps whether its file is not of one object."""

    def __init__(self, read: Callable[[Any], FileInfo]) -> None:
        self._read = read
        self.of_several = False

    def __call__(self, reply: pfs_pb2.FileInfo) -> FileInfo:
        self.of_several = not objects(reply).one
        return self._read(reply)


class FileInfoReader:
    """Reads FileInfo; servers answer with the id, so only the branch is taken from what was asked for."""

    def __init__(self, asked: Commit | None = None) -> None:
        self._branch = known_branch(asked)

    def __call__(self, info: pfs_pb2.FileInfo) -> FileInfo:
        return FileInfo(
            read_commit(info.file.commit, self._branch),
            normalise(info.file.path),
            FileType.DIR if info.file_type == pfs_pb2.FILE_TYPE_DIR else FileType.FILE,
            size_bytes=max(0, signed(info.size_bytes)),
            committed=read_time(info, "committed"),
            hash=info.hash,
        )
