"""Which calls and message fields of 2.x a release had: the generated messages are those of the newest one.

A field that a release lacks is left out of its answers, and in a request it means nothing, as an unknown field does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message

# name -> releases at which it came, went, came again, …; names are calls, or Message.field
_CHANGES: dict[str, tuple[str, ...]] = {
    "CreateProject": ("2.5.0",),
    "InspectProject": ("2.5.0",),
    "ListProject": ("2.5.0",),
    "DeleteProject": ("2.5.0",),
    "DeleteRepos": ("2.5.0",),
    "SquashCommit": ("2.5.8", "2.6.0", "2.8.0"),
    "DropCommit": ("2.5.8", "2.6.0", "2.8.0"),
    "FindCommits": ("2.6.0",),
    "AddFile.URLSource.concurrency": ("2.5.0",),
    "BranchInfo.metadata": ("2.10.0",),
    "BranchInfo.created_by": ("2.11.0",),
    "BranchInfo.created_at": ("2.11.0",),
    "BranchInfo.updated_at": ("2.11.0",),
    "BranchInfo.branch_propagation_specs": ("2.12.0",),
    "Commit.repo": ("2.6.0",),
    "CommitInfo.branch_provenance": ("2.0.0", "2.6.0"),
    "CommitInfo.direct_provenance": ("2.6.0",),
    "CommitInfo.metadata": ("2.10.0",),
    "CommitInfo.direct_subvenance": ("2.10.0",),
    "CommitInfo.created_by": ("2.11.0",),
    "CommitInfo.created_at": ("2.11.0",),
    "CommitInfo.updated_at": ("2.11.0",),
    "CreateBranchRequest.branch_propagation_specs": ("2.12.0",),
    "DeleteRepoResponse.deleted": ("2.8.0",),
    "FsckRequest.zombie_target": ("2.3.0",),
    "FsckRequest.zombie_all": ("2.3.0",),
    "GetFileRequest.path_range": ("2.4.0",),
    "GlobFileRequest.path_range": ("2.4.0",),
    "ListCommitRequest.started_time": ("2.4.0",),
    "ListCommitSetRequest.project": ("2.5.0",),
    "ListFileRequest.details": ("2.0.0", "2.1.0"),
    "ListFileRequest.pagination_marker": ("2.4.0",),
    "ListFileRequest.number": ("2.4.0",),
    "ListFileRequest.reverse": ("2.4.0",),
    "ListRepoRequest.projects": ("2.5.0",),
    "ListRepoRequest.page": ("2.10.0",),
    "ProjectInfo.auth_info": ("2.6.0",),
    "ProjectInfo.created_at": ("2.6.0",),
    "ProjectInfo.metadata": ("2.10.0",),
    "ProjectInfo.created_by": ("2.11.0",),
    "Repo.project": ("2.5.0",),
    "RepoInfo.metadata": ("2.10.0",),
    "Version.git_commit": ("2.3.0",),
    "Version.git_tree_modified": ("2.3.0",),
    "Version.build_date": ("2.3.0",),
    "Version.go_version": ("2.3.0",),
    "Version.platform": ("2.3.0",),
    "WalkFileRequest.pagination_marker": ("2.5.0",),
    "WalkFileRequest.number": ("2.5.0",),
    "WalkFileRequest.reverse": ("2.5.0",),
}


def names() -> frozenset[str]:
    """All calls and fields that some releases have and others lack."""
    return frozenset(_CHANGES)


def timeline() -> list[tuple[str, frozenset[str]]]:
    """What releases of 2.x lack, as a rule: from each of these releases on, to the next."""
    releases = sorted({"2.0.0", *(release for changes in _CHANGES.values() for release in changes)}, key=_numbers)
    return [(release, _lacking(release)) for release in releases]


def _lacking(release: str) -> frozenset[str]:
    return frozenset(name for name, changes in _CHANGES.items() if not _has(changes, release))


def _has(changes: tuple[str, ...], release: str) -> bool:
    """Whether it is there: after an odd number of changes."""
    return sum(_numbers(change) <= _numbers(release) for change in changes) % 2 == 1


def _numbers(release: str) -> tuple[int, ...]:
    return tuple(map(int, release.split(".")))


def trimmer(kind: Descriptor, lacks: frozenset[str]) -> Callable[[Message], Message] | None:
    """What takes the fields away that a release lacks, from messages of one type and all in them; None if it has all.

    :param lacks: fields as ``Message.field``.
    """
    if not _touched(kind, lacks):
        return None

    def trim(message: Message) -> Message:
        _trim(message, lacks)
        return message

    return trim


def _trim(message: Message, lacks: frozenset[str]) -> None:
    for name in _own(message.DESCRIPTOR, lacks):
        message.ClearField(name)
    for field in _nested(message.DESCRIPTOR, lacks):
        for inner in _values(message, field):
            _trim(inner, lacks)


@cache
def _own(kind: Descriptor, lacks: frozenset[str]) -> tuple[str, ...]:
    """The fields of a message type that are lacking."""
    return tuple(field.name for field in kind.fields if f"{_short(kind)}.{field.name}" in lacks)


@cache
def _nested(kind: Descriptor, lacks: frozenset[str]) -> tuple[FieldDescriptor, ...]:
    """The fields with messages in which something is lacking; maps have none."""
    return tuple(
        field
        for field in kind.fields
        if field.message_type is not None
        and not field.message_type.GetOptions().map_entry
        and _touched(field.message_type, lacks)
    )


@cache
def _touched(kind: Descriptor, lacks: frozenset[str]) -> bool:
    """Whether something is lacking in a message type or in what it holds."""
    return any(_own(one, lacks) for one in _reachable(kind))


def _reachable(kind: Descriptor) -> list[Descriptor]:
    found = {kind.full_name: kind}
    queue = [kind]
    while queue:
        inner = [field.message_type for field in queue.pop().fields if field.message_type is not None]
        new = [one for one in inner if one.full_name not in found]
        found.update({one.full_name: one for one in new})
        queue += new
    return list(found.values())


def _short(kind: Descriptor) -> str:
    """The name of a message type without its package."""
    return str(kind.full_name.removeprefix(f"{kind.file.package}."))


def _values(message: Message, field: FieldDescriptor) -> Iterator[Any]:
    value = getattr(message, field.name)
    # the one spelling that protobuf 4.25 and 7 share without a warning
    if isinstance(field.default_value, list):
        yield from value
    elif message.HasField(field.name):
        yield value
