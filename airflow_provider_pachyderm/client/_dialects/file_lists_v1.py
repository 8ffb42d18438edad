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
from airflow_provider_pachyderm.client._models import Commit, FileInfo, FileType
from airflow_provider_pachyderm.client._paths import sort_key

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

    def list(self, commit: Commit, path: str) -> Plan[Iterable[FileInfo]]:
        at = yield from self._commits.with_id(commit)
        if path != "/":
            itself: FileInfo = yield self._calls.inspect(at, path)
            if itself.type is FileType.FILE:
                return [itself]
        return (yield from self._entries(at, path))

    def walk(self, commit: Commit, path: str) -> Plan[Iterable[FileInfo]]:
        at = yield from self._commits.with_id(commit)
        found = [(yield self._calls.inspect(at, path))]
        left = _directories(found)
        while left:
            entries = list((yield from self._entries(at, left.pop())))
            found += entries
            left += _directories(entries)
        return _sorted(found)

    def glob(self, commit: Commit, pattern: str) -> Plan[Iterable[FileInfo]]:
        at = yield from self._commits.with_id(commit)
        return _sorted((yield from Listing(self._calls.glob(at, pattern)).all()))

    def _entries(self, at: Commit, path: str) -> Plan[Iterable[FileInfo]]:
        return _sorted((yield from Listing(self._calls.list(at, path)).all()))


def _each(read: Callable[[Any], Iterable[FileInfo]]) -> Callable[[Any], Iterable[FileInfo]]:
    """Make the reader of one message that has what a stream has in many."""
    return lambda reply: chain.from_iterable(map(read, reply.file_info))


def _sorted(infos: Iterable[FileInfo]) -> list[FileInfo]:
    return sorted(infos, key=lambda info: sort_key(info.path))


def _directories(infos: Iterable[FileInfo]) -> list[str]:
    return [info.path for info in infos if info.type is FileType.DIR]
