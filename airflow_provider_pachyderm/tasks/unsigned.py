"""Servers before 1.6.6 keep no descriptions: whether an earlier try made a commit is told by what is in it.

A retry there compares the commits that the branch got since the run began, by path and content, with what it would put.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, TypeAlias

from airflow_provider_pachyderm.client import (
    CommitInfo,
    CommitState,
    Conflict,
    FileNotFound,
    FileType,
)
from airflow_provider_pachyderm.client._capabilities import Capabilities, Feature
from airflow_provider_pachyderm.tasks.finished import NO_COMMIT_YET

if TYPE_CHECKING:
    from airflow_provider_pachyderm.client import Commit, PfsClient

Content: TypeAlias = Callable[[], Iterable[bytes]]


@dataclass(frozen=True)
class ExpectedContent:
    """What a task writes, by which a commit of an earlier try is known.

    :param files: paths, with what is in each; None if only the server will know
    :param deleted: files and directories that go
    :param below: a directory in which only the server knows what it writes
    :param append: what is in the files is added to others
    """

    files: Mapping[str, Content | None] = field(default_factory=dict)
    deleted: tuple[str, ...] = ()
    below: str | None = None
    append: bool = False

    def may_change(self, path: str) -> bool:
        """Say whether a task that writes this may change a path."""
        return path in self.files or any(_is_in(path, place) for place in (*self.deleted, self.below) if place)


def keeps_descriptions(client: PfsClient) -> bool:
    """Say whether a commit can be told by its description."""
    return Feature.COMMIT_DESCRIPTION in Capabilities(client.version())


def find_by_content(
    client: PfsClient, repo: str, branch: str, since: datetime | None, expected: ExpectedContent
) -> CommitInfo | None:
    """Find the commit that an earlier try made.

    :param since: older commits are none of the run
    :raises Conflict: a commit may be the one, and nothing tells; it is named
    """
    for info in _candidates(client, repo, branch, since):
        changed = _changed(client, info.commit)
        if not all(map(expected.may_change, changed)):
            continue
        if changed and (expected.append or expected.below or None in expected.files.values()):
            raise _unclear(client, info)
        if not expected.append and _has_all(client, info.commit, expected):
            return info
    return None


def _candidates(client: PfsClient, repo: str, branch: str, since: datetime | None) -> Iterator[CommitInfo]:
    try:
        newest_first = client.list_commit(repo, to_commit=branch)
    except NO_COMMIT_YET:
        return
    with closing(newest_first):
        for info in newest_first:
            if since and info.started and info.started < since:
                return
            if info.state is CommitState.FINISHED:
                yield info


def _changed(client: PfsClient, commit: Commit) -> set[str]:
    with client.diff_file(commit, "/") as pairs:
        return {info.path for pair in pairs for info in pair if info is not None and info.type is FileType.FILE}


def _has_all(client: PfsClient, commit: Commit, expected: ExpectedContent) -> bool:
    return not any(client.path_exists(commit, path) for path in expected.deleted) and all(
        content is not None and _is_same(client, commit, path, content) for path, content in expected.files.items()
    )


def _is_same(client: PfsClient, commit: Commit, path: str, content: Content) -> bool:
    try:
        with client.get_file(commit, path) as reader:
            return all(reader.read(len(chunk)) == chunk for chunk in content()) and not reader.read(1)
    except (FileNotFound, IsADirectoryError):
        return False


def _is_in(path: str, place: str) -> bool:
    folder = f"/{place.strip('/')}"
    return folder == "/" or path == folder or path.startswith(f"{folder}/")


def _unclear(client: PfsClient, info: CommitInfo) -> Conflict:
    return Conflict(
        f"Commit {info.commit}, started {info.started}, may have been made by an earlier try of this task, but this "
        f"cannot be verified: Pachyderm {client.version()} stores no descriptions of commits (1.6.6 and later do), "
        "and its content cannot be compared. Inspect it: if it is the one, mark this task as successful, otherwise "
        "clear the task",
        reference=str(info.commit),
    )
