"""Between the engine's values and the messages of 1.x. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from airflow_provider_pachyderm._wire.v1 import auth_pb2
from airflow_provider_pachyderm._wire.v1 import pfs_pb2 as pb
from airflow_provider_pachyderm.devserver.engine.branches.provenance import parse_repo
from airflow_provider_pachyderm.devserver.engine.model import (
    BranchInfo,
    BranchKey,
    CommitInfo,
    CommitKey,
    CommitLink,
    CommitRef,
    FileInfo,
    Origin,
    RepoInfo,
    RepoKey,
    Trigger,
)
from airflow_provider_pachyderm.devserver.servicers.base import time_message

_ORIGINS = {
    Origin.USER: pb.ORIGIN_KIND_USER,
    Origin.AUTO: pb.ORIGIN_KIND_AUTO,
    Origin.FSCK: pb.ORIGIN_KIND_FSCK,
}


SCOPES = {
    "NONE": auth_pb2.SCOPE_NONE,
    "READER": auth_pb2.SCOPE_READER,
    "WRITER": auth_pb2.SCOPE_WRITER,
    "OWNER": auth_pb2.SCOPE_OWNER,
}


def repo_key(message: pb.Repo) -> RepoKey:
    """A repo as a request names it."""
    return RepoKey(message.name)


def branch_key(message: pb.Branch) -> BranchKey:
    """A branch as a request names it."""
    return BranchKey(repo_key(message.repo), message.name)


def commit_ref(message: pb.Commit) -> CommitRef:
    """A commit as a request names it: by id or by branch name, either with an ancestry suffix."""
    return CommitRef(repo_key(message.repo), message.id)


def trigger(message: pb.Trigger) -> Trigger:
    """A trigger as a request names it; what is called a cron expression here only limits how often it fires."""
    return Trigger(message.branch, message.all, message.cron_spec, size=message.size, commits=message.commits)


def provenance_ref(message: pb.CommitProvenance) -> CommitRef:
    """A commit as a request names what another is made from: with its branch, or without."""
    return CommitRef(repo_key(message.commit.repo), message.commit.id, message.branch.name)


def repo(key: RepoKey) -> pb.Repo:
    """A repo's name."""
    return pb.Repo(name=key.name)


def branch(key: BranchKey) -> pb.Branch:
    """A branch's name."""
    return pb.Branch(repo=repo(key.repo), name=key.name)


def commit(key: CommitKey) -> pb.Commit:
    """A commit's name."""
    return pb.Commit(repo=repo(key.repo), id=key.id)


def _unsigned(size: int) -> int:
    """A size as it is sent: what was counted too low is enormous."""
    return size % 2**64


def repo_info(info: RepoInfo) -> pb.RepoInfo:
    """What is told about a repo; its branches are sorted by name."""
    return pb.RepoInfo(
        repo=repo(info.key),
        created=time_message(info.created),
        size_bytes=_unsigned(info.size),
        description=info.description,
        branches=[branch(BranchKey(info.key, name)) for name in sorted(info.branches)],
        provenance=[repo(key) for key in info.provenance],
    )


def branch_info(info: BranchInfo) -> pb.BranchInfo:
    """What is told about a branch."""
    return pb.BranchInfo(
        name=info.key.name,
        head=None if info.head is None else commit(info.head),
        branch=branch(info.key),
        provenance=[branch(key) for key in info.provenance],
        subvenance=[branch(key) for key in info.subvenance],
        direct_provenance=[branch(key) for key in info.direct_provenance],
        trigger=None if info.trigger is None else _trigger_message(info.trigger),
    )


def _trigger_message(info: Trigger) -> pb.Trigger:
    return pb.Trigger(branch=info.branch, all=info.all, cron_spec=info.rate_limit, size=info.size, commits=info.commits)


def commit_info(info: CommitInfo) -> pb.CommitInfo:
    """What is told about a commit."""
    total, finished, failed = info.counted
    return pb.CommitInfo(
        commit=commit(info.key),
        parent_commit=None if info.parent is None else commit(info.parent),
        child_commits=[commit(child.key) for child in info.children],
        branch=branch(BranchKey(info.key.repo, info.branch)) if info.branch else None,
        origin=pb.CommitOrigin(kind=_ORIGINS[info.origin]),
        description=info.description,
        started=time_message(info.started),
        finished=time_message(info.finished),
        size_bytes=_unsigned(info.size),
        provenance=[provenance(link) for link in info.provenance],
        # up to 1.8 the same was told in two fields
        commit_provenance=[commit(link.key) for link in info.provenance],
        branch_provenance=[branch(BranchKey(link.key.repo, link.branch)) for link in info.provenance if link.branch],
        subvenance=[_range(*one) for one in info.ranges],
        subvenant_commits_success=finished,
        subvenant_commits_failure=failed,
        subvenant_commits_total=total,
    )


def provenance(link: CommitLink) -> pb.CommitProvenance:
    """A commit that another one was made from."""
    return pb.CommitProvenance(commit=commit(link.key), branch=branch(BranchKey(link.key.repo, link.branch or "")))


def _range(path: str, lower: str, upper: str) -> pb.CommitRange:
    key = parse_repo(path)
    return pb.CommitRange(lower=commit(CommitKey(key, lower)), upper=commit(CommitKey(key, upper)))


def file_info(
    info: FileInfo,
    path: str | None = None,
    children: Iterable[str] = (),
    commit_as_asked: pb.Commit | None = None,
    full: bool = False,
) -> pb.FileInfo:
    """What is told about a file or directory.

    :param path: how to name it; its absolute path by default.
    :param children: names of what is in a directory.
    :param commit_as_asked: how to name the commit, if not by its id.
    :param full: also what a file consists of.
    """
    return pb.FileInfo(
        file=pb.File(commit=commit_as_asked or commit(info.commit), path=info.path if path is None else path),
        file_type=pb.FILE_TYPE_DIR if info.is_dir else pb.FILE_TYPE_FILE,
        size_bytes=_unsigned(info.size),
        children=children,
        hash=info.hash,
        objects=[pb.Object(hash=object.hash) for file in info.files if full for object in file.objects],
        committed=time_message(info.committed),
    )
