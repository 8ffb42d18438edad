"""Lists of files from servers of 1.4 to 1.7, which cannot walk, and list and glob in odd orders and forms."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import chain
from typing import Any

from airflow_provider_pachyderm._wire.v1 import methods, pfs_pb2
from airflow_provider_pachyderm.client._capabilities import Feature
from airflow_provider_pachyderm.client._dialects import replies_v1 as read
from airflow_provider_pachyderm.client._dialects.calls import Call, Listing, Plan, one
from airflow_provider_pachyderm.client._dialects.commits import Commits
from airflow_provider_pachyderm.client._dialects.names_v1 import NamesV1
from airflow_provider_pachyderm.client._errors import FileNotFound, PathConflict
from airflow_provider_pachyderm.client._models import Commit, CommitState, FileInfo, FileType
from airflow_provider_pachyderm.client._paths import join, sort_key
from airflow_provider_pachyderm.client._patterns import exactly

Pfs = methods.Pfs


class FileCalls:
    """The calls themselves, in the form that the server has: a stream, or one message with all of it."""

    def __init__(self, names: NamesV1) -> None:
        self._names = names
        self._streams = Feature.STREAM_FILES in names.capabilities

    def inspect(self, commit: Commit, path: str) -> Call[FileInfo]:
        request = pfs_pb2.InspectFileRequest(file=self._names.file(commit, path))
        return Call(Pfs.InspectFile, request, read.FileInfoReader(commit), f"{commit}:{path}")

    def list(self, commit: Commit, path: str) -> Call[Iterable[FileInfo]]:
        request = pfs_pb2.ListFileRequest(file=self._names.exact_file(commit, path))
        call = Call(Pfs.ListFileStream, request, one(read.FileInfoReader(commit)), f"{commit}:{path}")
        return call if self._streams else replace(call, method=Pfs.ListFile, read=_each(call.read))

    def glob(self, commit: Commit, pattern: str) -> Call[Iterable[FileInfo]]:
        request = pfs_pb2.GlobFileRequest(commit=self._names.commit(commit), pattern=pattern)
        call = Call(Pfs.GlobFileStream, request, one(read.FileInfoReader(commit)), f"{commit}:{pattern}")
        return call if self._streams else replace(call, method=Pfs.GlobFile, read=_each(call.read))


class DirectoryByDirectory:
    """Lists, walks and globs on servers before 1.8, in order.

    They echo the name of a branch where an id is due, and that may move on between two calls: so its id comes first.
    """

    def __init__(self, calls: FileCalls, commits: Commits) -> None:
        self._calls = calls
        self._commits = commits

    def inspect(self, commit: Commit, path: str) -> Plan[FileInfo]:
        """Describe what is at a path, and in open commits not what only begins like it (D83).

        That looks like a directory there, or as if a file were one. A pattern finds what is there, but makes the server
        go over all of the commit.
        """
        conflict: PathConflict | None = None
        try:
            info: FileInfo = yield self._calls.inspect(commit, path)
            if path == "/" or info.type is FileType.FILE or info.committed is not None:
                return info
        except PathConflict as error:
            conflict = error
        if (yield from self._commits.inspect(commit)).state is CommitState.OPEN:
            return (yield from self.inspect_by_pattern(commit, path))
        if conflict is not None:
            raise conflict
        return info

    def inspect_by_pattern(self, commit: Commit, path: str) -> Plan[FileInfo]:
        """Describe what is at a path of an open commit."""
        found = yield from Listing(self._calls.glob(commit, exactly(path))).all()
        if not found:
            raise FileNotFound(f"{path} not found in {commit}", reference=f"{commit}:{path}")
        return found[0]

    def list(self, commit: Commit, path: str) -> Plan[Iterable[FileInfo]]:
        at, is_open = yield from self._pinned(commit)
        if path != "/":
            itself = yield from self._itself(at, path, is_open)
            if itself.type is FileType.FILE:
                return [itself]
        return (yield from self._entries(at, path, is_open))

    def _pinned(self, commit: Commit) -> Plan[tuple[Commit, bool]]:
        info = yield from self._commits.inspect(commit)
        is_open = info.state is CommitState.OPEN and Feature.READ_OPEN in self._commits.capabilities
        return Commit(commit.repo, info.commit.branch, info.commit.id), is_open

    def _itself(self, at: Commit, path: str, is_open: bool) -> Plan[FileInfo]:
        if is_open and path != "/":
            return (yield from self.inspect_by_pattern(at, path))
        info: FileInfo = yield self._calls.inspect(at, path)
        return info

    def walk(self, commit: Commit, path: str) -> Plan[Iterable[FileInfo]]:
        at, is_open = yield from self._pinned(commit)
        found = [(yield from self._itself(at, path, is_open))]
        left = _directories(found)
        while left:
            entries = list((yield from self._entries(at, left.pop(), is_open)))
            found += entries
            left += _directories(entries)
        return _sorted(found)

    def glob(self, commit: Commit, pattern: str) -> Plan[Iterable[FileInfo]]:
        at = yield from self._commits.with_id(commit)
        return _sorted((yield from Listing(self._calls.glob(at, pattern)).all()))

    def _entries(self, at: Commit, path: str, is_open: bool) -> Plan[Iterable[FileInfo]]:
        call = self._calls.glob(at, join(exactly(path), "*")) if is_open else self._calls.list(at, path)
        return _sorted((yield from Listing(call).all()))


def _each(read: Callable[[Any], Iterable[FileInfo]]) -> Callable[[Any], Iterable[FileInfo]]:
    """Make the reader of one message that has what a stream has in many."""
    return lambda reply: chain.from_iterable(map(read, reply.file_info))


def _sorted(infos: Iterable[FileInfo]) -> list[FileInfo]:
    return sorted(infos, key=lambda info: sort_key(info.path))


def _directories(infos: Iterable[FileInfo]) -> list[str]:
    return [info.path for info in infos if info.type is FileType.DIR]
