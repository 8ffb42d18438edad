"""Between messages of pfs_v2 and values of the engine."""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

from google.protobuf.duration_pb2 import Duration
from google.protobuf.internal.enum_type_wrapper import EnumTypeWrapper

from airflow_provider_pachyderm._wire.v2 import auth_pb2 as auth
from airflow_provider_pachyderm._wire.v2 import pfs_pb2 as pb
from airflow_provider_pachyderm.devserver.engine.auth.bindings import Resource
from airflow_provider_pachyderm.devserver.engine.files.file_sets import FILE_SETS
from airflow_provider_pachyderm.devserver.engine.model import (
    DEFAULT_PROJECT,
    BranchInfo,
    BranchKey,
    CommitInfo,
    CommitKey,
    CommitLink,
    CommitRef,
    FileInfo,
    Origin,
    ProjectInfo,
    RepoInfo,
    RepoKey,
    State,
    Trigger,
)
from airflow_provider_pachyderm.devserver.servicers.base import time_message

STATES = {
    pb.COMMIT_STATE_COMMIT_STATE_UNKNOWN: State.STARTED,
    pb.COMMIT_STATE_STARTED: State.STARTED,
    pb.COMMIT_STATE_READY: State.READY,
    pb.COMMIT_STATE_FINISHING: State.FINISHING,
    pb.COMMIT_STATE_FINISHED: State.FINISHED,
}

ORIGINS = {
    pb.ORIGIN_KIND_USER: Origin.USER,
    pb.ORIGIN_KIND_AUTO: Origin.AUTO,
    pb.ORIGIN_KIND_FSCK: Origin.FSCK,
    pb.ORIGIN_KIND_ALIAS: Origin.ALIAS,
}

_KINDS = {origin: kind for kind, origin in ORIGINS.items()}


def repo_key(message: pb.Repo) -> RepoKey:
    """A repo's name; the project may be left out, the type only where a repo is created."""
    return RepoKey(message.name, message.project.name or DEFAULT_PROJECT, message.type)


def branch_key(message: pb.Branch) -> BranchKey:
    """A branch's name."""
    return BranchKey(repo_key(message.repo), message.name)


def commit_ref(message: pb.Commit) -> CommitRef:
    """A commit as it is asked for; its repo may stand in its branch alone."""
    repo = message.repo if message.HasField("repo") else message.branch.repo
    # without a branch the id may be a branch name with an ancestry suffix
    return CommitRef(repo_key(repo), message.id, message.branch.name, branchless=not message.HasField("branch"))


def resource(message: auth.Resource) -> Resource:
    """What roles are bound to; before projects a repo was only a name."""
    kind = _name(auth.ResourceType, message.type)
    bare = kind in ("REPO", "SPEC_REPO") and "/" not in message.name
    return Resource(kind, f"{DEFAULT_PROJECT}/{message.name}" if bare else message.name)


def permission_name(number: int) -> str:
    """The name of a permission; a number that has none is its own."""
    return _name(auth.Permission, number)


def permission(name: str) -> auth.Permission:
    """The number of a permission."""
    return cast(auth.Permission, auth.Permission.Value(name))


def kind_of_resource(name: str) -> auth.ResourceType:
    """The number of a kind of resources."""
    return cast(auth.ResourceType, auth.ResourceType.Value(name))


def _name(enum: EnumTypeWrapper, number: int) -> str:
    found = enum.DESCRIPTOR.values_by_number.get(number)
    return str(number) if found is None else str(found.name)


# ---- answers ----------------------------------------------------------------------------


def project_info(info: ProjectInfo) -> pb.ProjectInfo:
    """A project."""
    return pb.ProjectInfo(
        project=pb.Project(name=info.name), description=info.description, created_at=time_message(info.created or None)
    )


def repo_message(key: RepoKey) -> pb.Repo:
    """A repo's name."""
    return pb.Repo(name=key.name, type=key.type, project=pb.Project(name=key.project))


def repo_info(info: RepoInfo, details: bool) -> pb.RepoInfo:
    """A repo; lists leave the details out."""
    return pb.RepoInfo(
        repo=repo_message(info.key),
        created=time_message(info.created),
        size_bytes_upper_bound=info.size,
        description=info.description,
        branches=[branch_message(BranchKey(info.key, name)) for name in info.branches],
        details=pb.RepoInfo.Details(size_bytes=info.size) if details else None,
    )


def branch_message(key: BranchKey) -> pb.Branch:
    """A branch's name."""
    return pb.Branch(repo=repo_message(key.repo), name=key.name)


def branch_info(info: BranchInfo) -> pb.BranchInfo:
    """A branch."""
    return pb.BranchInfo(
        branch=branch_message(info.key),
        head=commit_message(info.head) if info.head else None,
        provenance=map(branch_message, info.provenance),
        subvenance=map(branch_message, info.subvenance),
        direct_provenance=map(branch_message, info.direct_provenance),
        trigger=None if info.trigger is None else _trigger_message(info.trigger),
        created_at=time_message(info.created),
        updated_at=time_message(info.updated),
    )


def trigger(request: pb.CreateBranchRequest) -> Trigger | None:
    """The trigger of a request, if it has one."""
    if not request.HasField("trigger"):
        return None
    given = request.trigger
    return Trigger(given.branch, given.all, given.rate_limit_spec, given.cron_spec, given.size, given.commits)


def _trigger_message(info: Trigger) -> pb.Trigger:
    return pb.Trigger(
        branch=info.branch,
        all=info.all,
        rate_limit_spec=info.rate_limit,
        cron_spec=info.cron,
        size=info.size,
        commits=info.commits,
    )


def commit_message(key: CommitKey) -> pb.Commit:
    """A commit's name; 2.11 leaves its branch out. A file set's is told as it is asked for."""
    named = key.branch or (key.repo.name == FILE_SETS and not key.branchless)
    branch = branch_message(BranchKey(key.repo, key.branch)) if named else None
    return pb.Commit(repo=repo_message(key.repo), id=key.id, branch=branch)


def _linked(links: Iterable[CommitLink]) -> list[pb.Commit]:
    """Commits named by another one; those keep their branch."""
    messages = []
    for link in links:
        message = commit_message(link.key)
        if link.branch is not None:
            message.branch.CopyFrom(branch_message(BranchKey(link.key.repo, link.branch)))
        messages.append(message)
    return messages


def commit_info(info: CommitInfo) -> pb.CommitInfo:
    """A commit."""
    return pb.CommitInfo(
        commit=commit_message(info.key),
        origin=pb.CommitOrigin(kind=_KINDS[info.origin]),
        description=info.description,
        parent_commit=commit_message(info.parent) if info.parent else None,
        child_commits=_linked(info.children),
        started=time_message(info.started),
        finishing=time_message(info.finishing),
        finished=time_message(info.finished),
        branch_provenance=_branches(info.provenance),
        error=info.error,
        size_bytes_upper_bound=info.size,
        details=_details(info),
        direct_provenance=_linked(info.provenance),
        direct_subvenance=_linked(info.subvenance),
        created_at=time_message(info.created),
        updated_at=time_message(info.updated),
    )


def file_set_info(key: CommitKey) -> pb.CommitInfo:
    """A file set, be there such a one or not, as the commit that it passes for."""
    return pb.CommitInfo(commit=commit_message(key), description="FileSet - Virtual Commit", finished=time_message(0))


def _branches(links: Iterable[CommitLink]) -> list[pb.Branch]:
    """Inputs as 2.5 and before name them."""
    return [branch_message(BranchKey(link.key.repo, link.branch)) for link in links if link.branch is not None]


def _details(info: CommitInfo) -> pb.CommitInfo.Details | None:
    if not info.detailed:
        return None
    if not info.validated:
        return pb.CommitInfo.Details()
    return pb.CommitInfo.Details(size_bytes=info.size, compacting_time=Duration(), validating_time=Duration())


def file_info(info: FileInfo) -> pb.FileInfo:
    """A file or directory; paths of directories end in a slash."""
    path = info.path.rstrip("/") + "/" if info.is_dir else info.path
    return pb.FileInfo(
        file=pb.File(commit=commit_message(info.commit), path=path, datum=info.datum),
        file_type=pb.FILE_TYPE_DIR if info.is_dir else pb.FILE_TYPE_FILE,
        committed=time_message(info.committed) if info.committed else None,
        size_bytes=info.size,
        hash=info.hash,
    )
