"""Pachyderm 1.7 and 1.8: what 1.9 does in one call takes several, and depends on the patch version.

Servers up to 1.7 list and glob in odd orders and forms, echo the name of a branch where an id is due, and cannot walk.
Those before 1.7.6 take one file in a stream.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from itertools import chain
from typing import Any

from airflow_provider_pachyderm._wire.v1 import methods, pfs_pb2
from airflow_provider_pachyderm.client._capabilities import Feature
from airflow_provider_pachyderm.client._dialects.calls import Call, Listing, Plan, file_absent, nothing
from airflow_provider_pachyderm.client._dialects.downloads import Download, part_of
from airflow_provider_pachyderm.client._dialects.stepwise import StepwiseUpload
from airflow_provider_pachyderm.client._dialects.uploads import Split, Upload
from airflow_provider_pachyderm.client._dialects.v1 import DialectV1
from airflow_provider_pachyderm.client._errors import (
    FileNotFound,
    PathConflict,
)
from airflow_provider_pachyderm.client._models import (
    Commit,
    FileInfo,
    FileType,
)
from airflow_provider_pachyderm.client._paths import sort_key

Pfs = methods.Pfs
# what makes a choice of alternatives, or names a class of characters, from 1.9 on
_GROUP = re.compile(r"(?<!\\)\(|\[:")


class DialectV1B(DialectV1):
    """``pfs.API`` before 1.9."""

    # writing files

    def _uploading(self, target: Commit, *, append: bool, split: Split | None, index: int) -> Upload:
        if Feature.MANY_FILES in self.capabilities:
            return super()._uploading(target, append=append, split=split, index=index)
        return StepwiseUpload(self, target, append=append, split=split, index=index)

    def make_room(self, commit: Commit, path: str) -> Plan[None]:
        """Delete the file that is to be overwritten, but no directory."""
        if Feature.OVERWRITE in self.capabilities:
            return
        if (yield from self._is_directory(commit, path)):
            if Feature.READ_OPEN in self.capabilities:
                raise PathConflict(f"{path} is a directory in {commit}", reference=f"{commit}:{path}")
            # as the parent has it: it may have been deleted since, and if not, the server will not finish the commit
            return
        request = pfs_pb2.DeleteFileRequest(file=self.names.file(commit, path))
        yield Call(Pfs.DeleteFile, request, nothing, f"{commit}:{path}")

    def _is_directory(self, commit: Commit, path: str) -> Plan[bool]:
        where: Commit | None = commit
        if Feature.READ_OPEN not in self.capabilities:
            parent = yield from self.commits.inspect(commit)
            where = parent.parent
        if where is None:
            return False
        try:
            info: FileInfo = yield self.inspect_file(where, path)
        except FileNotFound:
            return False
        return info.type is FileType.DIR

    # reading files

    def download(
        self, commit: Commit, path: str, offset: int = 0, size: int = 0, *, known: FileInfo | None = None
    ) -> Plan[Download]:
        if Feature.RANGES in self.capabilities or not (offset or size):
            return (yield from super().download(commit, path, offset, size, known=known))
        info: FileInfo = known or (yield self.inspect_file(commit, path))
        whole = yield from super().download(commit, path, known=info)
        expected, limit = part_of(info, offset, size)
        return replace(
            whole,
            skip=offset,
            expected=expected,
            limit=limit,
            proof=None,
            rest=whole.rest and (lambda came: self._after(info, path, offset + came, f"{commit}:{path}")),
        )

    def list_file(self, commit: Commit, path: str) -> Listing[FileInfo]:
        if self._walks:
            return self._as_sent(super().list_file(commit, path))
        return Listing(partial(self._entries, commit, path), absent=file_absent(commit, path))

    def walk_file(self, commit: Commit, path: str) -> Listing[FileInfo]:
        if self._walks:
            return super().walk_file(commit, path)
        return Listing(partial(self._walk, commit, path), absent=file_absent(commit, path))

    def glob_file(self, commit: Commit, pattern: str) -> Listing[FileInfo]:
        if _GROUP.search(pattern):
            self.capabilities.require(Feature.GLOB_GROUPS)
        if Feature.SORTED_GLOB in self.capabilities:
            return self._as_sent(super().glob_file(commit, pattern))
        return Listing(partial(self._glob, commit, pattern))

    @property
    def _walks(self) -> bool:
        return Feature.WALK_FILE in self.capabilities

    def _as_sent(self, listing: Listing[FileInfo]) -> Listing[FileInfo]:
        """Give the form of a list that the server has: a stream, or one message with all of it."""
        if Feature.STREAM_FILES in self.capabilities:
            return listing
        stream: Any = listing.source
        unary = Pfs.GlobFile if stream.method is Pfs.GlobFileStream else Pfs.ListFile
        return replace(listing, source=replace(stream, method=unary, read=_each(stream.read)))

    def _resolve(self, commit: Commit) -> Plan[Commit]:
        """Find the id: these servers echo the name of a branch, and it may move on between two calls."""
        info = yield from self.commits.inspect(commit)
        return Commit(commit.repo, info.commit.branch, info.commit.id)

    def _entries(self, commit: Commit, path: str) -> Plan[list[FileInfo]]:
        return (yield from self._list_or_file((yield from self._resolve(commit)), path))

    def _list_or_file(self, at: Commit, path: str) -> Plan[list[FileInfo]]:
        if path != "/":
            itself: FileInfo = yield self.inspect_file(at, path)
            if itself.type is FileType.FILE:
                return [itself]
        return (yield from self._list(at, path))

    def _list(self, at: Commit, path: str) -> Plan[list[FileInfo]]:
        return _sorted((yield from replace(self._as_sent(super().list_file(at, path)), absent=None).all()))

    def _walk(self, commit: Commit, path: str) -> Plan[list[FileInfo]]:
        at = yield from self._resolve(commit)
        found: list[FileInfo] = [(yield self.inspect_file(at, path))]
        left = _directories(found)
        while left:
            entries = yield from self._list(at, left.pop())
            found += entries
            left += _directories(entries)
        return _sorted(found)

    def _glob(self, commit: Commit, pattern: str) -> Plan[list[FileInfo]]:
        at = yield from self._resolve(commit)
        return _sorted((yield from self._as_sent(super().glob_file(at, pattern)).all()))


def _each(read: Callable[[Any], Iterable[FileInfo]]) -> Callable[[Any], Iterable[FileInfo]]:
    """Make the reader of one message that has what a stream has in many."""
    return lambda reply: chain.from_iterable(map(read, reply.file_info))


def _sorted(infos: Iterable[FileInfo]) -> list[FileInfo]:
    return sorted(infos, key=lambda info: sort_key(info.path))


def _directories(infos: Iterable[FileInfo]) -> list[str]:
    return [info.path for info in infos if info.type is FileType.DIR]
