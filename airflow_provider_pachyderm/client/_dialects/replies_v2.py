"""Reading the replies of ``pfs_v2.API``."""

from __future__ import annotations

from collections.abc import Iterator

from airflow_provider_pachyderm._wire.v2 import pfs_pb2
from airflow_provider_pachyderm.client._dialects.calls import known_branch, read_time
from airflow_provider_pachyderm.client._dialects.start_tokens import unmarked
from airflow_provider_pachyderm.client._models import (
    Branch,
    BranchInfo,
    Commit,
    CommitInfo,
    CommitSetInfo,
    CommitState,
    FileInfo,
    FileType,
    OriginKind,
    ProjectInfo,
    Repo,
    RepoInfo,
    Trigger,
)
from airflow_provider_pachyderm.client._paths import normalise

ORIGINS = {
    pfs_pb2.ORIGIN_KIND_USER: OriginKind.USER,
    pfs_pb2.ORIGIN_KIND_AUTO: OriginKind.AUTO,
    pfs_pb2.ORIGIN_KIND_FSCK: OriginKind.FSCK,
    pfs_pb2.ORIGIN_KIND_ALIAS: OriginKind.ALIAS,
}


def _read_repo(repo: pfs_pb2.Repo) -> Repo:
    return Repo(repo.name, repo.project.name or None, repo.type or "user")


def _read_branch(branch: pfs_pb2.Branch) -> Branch:
    return Branch(_read_repo(branch.repo), branch.name)


def read_commit(commit: pfs_pb2.Commit, branch: str | None = None) -> Commit:
    """Read a reference to a commit.

    :param branch: what to fill in if the server leaves it out.
    """
    repo = commit.repo if commit.HasField("repo") else commit.branch.repo
    return Commit(_read_repo(repo), commit.branch.name or branch, commit.id)


def repo_info(info: pfs_pb2.RepoInfo) -> RepoInfo:
    """Read a repo."""
    return RepoInfo(
        _read_repo(info.repo),
        created=read_time(info, "created"),
        size_bytes=info.details.size_bytes if info.HasField("details") else info.size_bytes_upper_bound,
        description=info.description,
        branches=tuple(map(_read_branch, info.branches)),
    )


def branch_info(info: pfs_pb2.BranchInfo) -> BranchInfo:
    """Read a branch."""
    branch = _read_branch(info.branch)
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
        rate_limit_spec=trigger.rate_limit_spec,
        cron_spec=trigger.cron_spec,
    )


class CommitInfoReader:
    """Reads CommitInfo; the branch it was asked for by is filled in where the server leaves it out."""

    def __init__(self, branch: str | None = None) -> None:
        self._branch = branch

    def __call__(self, info: pfs_pb2.CommitInfo) -> CommitInfo:
        return CommitInfo(
            read_commit(info.commit, self._branch),
            _state(info),
            origin=ORIGINS.get(info.origin.kind, OriginKind.UNKNOWN),
            parent=read_commit(info.parent_commit) if info.HasField("parent_commit") else None,
            children=tuple(map(read_commit, info.child_commits)),
            description=unmarked(info.description),
            started=read_time(info, "started"),
            finishing=read_time(info, "finishing"),
            finished=read_time(info, "finished"),
            error=info.error,
            # open commits have details from 2.6 on, with nothing in them
            size_bytes=info.details.size_bytes if info.HasField("details") and info.HasField("finished") else None,
            provenance=tuple(_provenance(info)),
        )


def _provenance(info: pfs_pb2.CommitInfo) -> Iterator[Commit]:
    """Read what a commit was made from: before 2.6 these are branches, whose commits have the same id."""
    yield from map(read_commit, info.direct_provenance)
    for branch in info.branch_provenance:
        yield Commit(_read_repo(branch.repo), branch.name, info.commit.id)


def _state(info: pfs_pb2.CommitInfo) -> CommitState:
    if info.HasField("finished"):
        return CommitState.FAILED if info.error else CommitState.FINISHED
    return CommitState.FINISHING if info.HasField("finishing") else CommitState.OPEN


def commit_set(info: pfs_pb2.CommitSetInfo) -> CommitSetInfo:
    """Read a commit set, without the inputs of its commits, which have other ids: only 2.6 and later send them."""
    id = info.commit_set.id
    commits = map(CommitInfoReader(), info.commits)
    return CommitSetInfo(id, tuple(each for each in commits if each.commit.id == id))


def project_info(info: pfs_pb2.ProjectInfo) -> ProjectInfo:
    """Read a project."""
    return ProjectInfo(info.project.name, read_time(info, "created_at"), info.description)


def found_commits(reply: pfs_pb2.FindCommitsResponse) -> Iterator[Commit]:
    """Read the commit that was found; the last reply only tells how far the server came."""
    if reply.HasField("found_commit"):
        yield read_commit(reply.found_commit)


def file_path(reply: pfs_pb2.FileInfo) -> tuple[str, ...]:
    """Read the path of a file; of a directory, nothing."""
    return (normalise(reply.file.path),) if reply.file_type == pfs_pb2.FILE_TYPE_FILE else ()


class FileInfoReader:
    """Reads FileInfo; servers answer with the id, so only the branch is taken from what was asked for."""

    def __init__(self, asked: Commit | None = None) -> None:
        self._branch = known_branch(asked)

    def __call__(self, info: pfs_pb2.FileInfo) -> FileInfo:
        return FileInfo(
            read_commit(info.file.commit, self._branch),
            normalise(info.file.path),
            FileType.DIR if info.file_type == pfs_pb2.FILE_TYPE_DIR else FileType.FILE,
            size_bytes=info.size_bytes,
            committed=read_time(info, "committed"),
            hash=info.hash,
        )
