"""Which services, calls and message fields of 1.x a release had: the generated messages hold those of all releases.

What a release lacks is not answered, not shown, and means nothing in a request: see :mod:`.contract`.
"""

from __future__ import annotations

_FIRST = "1.4.0"

# name -> releases at which it came, went, came again, …; names are services, calls, or Message.field
_CHANGES: dict[str, tuple[str, ...]] = {
    "auth.API": ("1.5.1",),
    "transaction.API": ("1.9.0",),
    "BatchTransaction": ("1.9.11",),
    "ListCommitStream": ("1.6.4",),
    "CreateBranch": ("1.7.0",),
    "InspectBranch": ("1.7.0",),
    "SetBranch": (_FIRST, "1.7.0"),
    "CopyFile": ("1.6.0",),
    "ListFileStream": ("1.6.2",),
    "GlobFileStream": ("1.6.2",),
    "WalkFile": ("1.8.0",),
    "DiffFile": ("1.4.8",),
    "Fsck": ("1.8.7",),
    "BranchInfo.provenance": ("1.7.0",),
    "BranchInfo.branch": ("1.7.0",),
    "BranchInfo.subvenance": ("1.7.0",),
    "BranchInfo.direct_provenance": ("1.7.0",),
    "BranchInfo.trigger": ("1.11.4",),
    "CommitInfo.commit_provenance": (_FIRST, "1.9.0"),
    "CommitInfo.description": ("1.6.6",),
    "CommitInfo.subvenance": ("1.7.0",),
    "CommitInfo.branch_provenance": ("1.7.0", "1.9.0"),
    "CommitInfo.child_commits": ("1.7.0",),
    "CommitInfo.ready_provenance": ("1.7.1",),
    "CommitInfo.branch": ("1.9.0",),
    "CommitInfo.provenance": ("1.9.0",),
    "CommitInfo.origin": ("1.9.0",),
    "CommitInfo.subvenant_commits_success": ("1.9.9",),
    "CommitInfo.subvenant_commits_failure": ("1.9.9",),
    "CommitInfo.subvenant_commits_total": ("1.9.9",),
    "FileInfo.objects": ("1.4.6",),
    "FileInfo.committed": ("1.8.1",),
    "RepoInfo.provenance": (_FIRST, "1.7.0"),
    "RepoInfo.description": ("1.4.7",),
    "RepoInfo.branches": ("1.7.0",),
    "RepoInfo.tombstone": ("1.11.8",),
    "CreateRepoRequest.provenance": (_FIRST, "1.7.0"),
    "CreateRepoRequest.description": ("1.4.7",),
    "CreateRepoRequest.update": ("1.5.0",),
    "ListRepoRequest.provenance": (_FIRST, "1.7.0"),
    "DeleteRepoRequest.all": ("1.4.8",),
    "StartCommitRequest.commit_provenance": (_FIRST, "1.9.0"),
    "StartCommitRequest.description": ("1.6.6",),
    "StartCommitRequest.provenance": ("1.9.0",),
    "FinishCommitRequest.description": ("1.6.6",),
    "FinishCommitRequest.empty": ("1.7.0",),
    # 1.7.0 has a bool of this number
    "InspectCommitRequest.block_state": ("1.7.0",),
    "ListCommitRequest.reverse": ("1.9.6",),
    "SubscribeCommitRequest.state": ("1.7.1",),
    "SubscribeCommitRequest.prov": ("1.9.6",),
    "CreateBranchRequest.trigger": ("1.11.4",),
    "ListBranchRequest.reverse": ("1.9.6",),
    # in 1.5.3 and in 1.7.10 to 1.7.14 other fields have these numbers: the servicer looks at them
    "PutFileRequest.overwrite_index": ("1.5.3",),
    "PutFileRequest.header_records": ("1.7.10",),
    "PutFileRequest.delete": ("1.7.10", "1.8.0", "1.11.0"),
    "ListFileRequest.full": ("1.6.0",),
    "ListFileRequest.history": ("1.8.1",),
    "DiffFileRequest.shallow": ("1.5.2",),
}


def names() -> frozenset[str]:
    """All that some releases have and others lack."""
    return frozenset(_CHANGES)


def timeline() -> list[tuple[str, frozenset[str]]]:
    """What releases of 1.x lack, as a rule: from each of these releases on, to the next."""
    releases = sorted({_FIRST, *(release for changes in _CHANGES.values() for release in changes)}, key=_numbers)
    return [(release, _lacking(release)) for release in releases]


def _lacking(release: str) -> frozenset[str]:
    return frozenset(name for name, changes in _CHANGES.items() if not _has(changes, release))


def _has(changes: tuple[str, ...], release: str) -> bool:
    """Whether it is there: after an odd number of changes."""
    return sum(_numbers(change) <= _numbers(release) for change in changes) % 2 == 1


def _numbers(release: str) -> tuple[int, ...]:
    return tuple(map(int, release.split(".")))
