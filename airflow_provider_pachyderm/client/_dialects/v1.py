"""Pachyderm 1.9 to 1.13: ``pfs.API``; its files. Repos, branches and commits are in :mod:`.v1_history`."""

from __future__ import annotations

from collections.abc import Iterable

from airflow_provider_pachyderm._wire.v1 import methods, pfs_pb2
from airflow_provider_pachyderm.client._capabilities import Feature
from airflow_provider_pachyderm.client._dialects import v1_replies as read
from airflow_provider_pachyderm.client._dialects.calls import (
    Call,
    Download,
    Listing,
    Plan,
    Send,
    file_absent,
    nothing,
    one,
    read_bytes,
)
from airflow_provider_pachyderm.client._dialects.diffs import Diff
from airflow_provider_pachyderm.client._dialects.uploads import Split, Upload, UploadV1
from airflow_provider_pachyderm.client._dialects.v1_history import HistoryV1
from airflow_provider_pachyderm.client._errors import IsADirectory
from airflow_provider_pachyderm.client._models import (
    Commit,
    Delimiter,
    FileInfo,
    FilePair,
    FileType,
)

Pfs = methods.Pfs

_SPLITS = {
    Delimiter.JSON: Feature.SPLIT,
    Delimiter.LINE: Feature.SPLIT,
    Delimiter.SQL: Feature.SPLIT_SQL,
    Delimiter.CSV: Feature.SPLIT_CSV,
}


class DialectV1(HistoryV1):
    """The calls of ``pfs.API`` for files."""

    def upload(
        self,
        commit: Commit,
        path: str,
        *,
        append: bool,
        tree: bool = False,
        split: Split | None = None,
        index: int = 0,
        datum: str = "",
    ) -> Plan[Upload]:
        if split is not None:
            self.capabilities.require(_SPLITS[split.delimiter])
        if split is not None and split.header_records:
            self.capabilities.require(Feature.SPLIT_HEADER)
        if index:
            self.capabilities.require(Feature.OVERWRITE_INDEX)
        self._check_datum(datum)
        target = yield from self.writable(commit)
        return self._uploading(target, append=append or split is not None, split=split, index=index)

    def _uploading(self, target: Commit, *, append: bool, split: Split | None, index: int) -> Upload:
        return UploadV1(target, self._commit(target), append=append, split=split, index=index)

    def _check_datum(self, datum: str) -> None:
        if datum:
            self.capabilities.require(Feature.DATUM_FILES)

    def copy(self, source: FileInfo, target: Commit, path: str, *, append: bool) -> Call[None] | Send:
        self.capabilities.require(Feature.COPY_FILE)
        src, dst = self._file(source.commit, source.path), self._file(target, path)
        request = pfs_pb2.CopyFileRequest(src=src, dst=dst, overwrite=not append)
        return Call(Pfs.CopyFile, request, nothing, f"{target}:{path}")

    def download(
        self, commit: Commit, path: str, offset: int = 0, size: int = 0, *, known: FileInfo | None = None
    ) -> Plan[Download]:
        # A directory reads as an empty file, and a stream that ends early looks like one that ended: so ask first.
        info: FileInfo = known or (yield self.inspect_file(commit, path))
        if info.type is FileType.DIR:
            raise IsADirectory(f"{path} is a directory in {commit}", reference=f"{commit}:{path}")
        rest = max(0, info.size_bytes - offset)
        request = pfs_pb2.GetFileRequest(file=self._file(info.commit, path), offset_bytes=offset, size_bytes=size)
        call = Call(Pfs.GetFile, request, read_bytes, f"{commit}:{path}")
        return Download(call, expected=min(rest, size) if size else rest, limit=size or None)

    def inspect_file(self, commit: Commit, path: str) -> Call[FileInfo]:
        request = pfs_pb2.InspectFileRequest(file=self._file(commit, path))
        return Call(Pfs.InspectFile, request, read.FileInfoReader(commit), f"{commit}:{path}", retry=True)

    def list_file(self, commit: Commit, path: str) -> Listing[FileInfo]:
        request = pfs_pb2.ListFileRequest(file=self._file(commit, path))
        absent = file_absent(commit, path)
        return Call(Pfs.ListFileStream, request, one(read.FileInfoReader(commit)), f"{commit}:{path}", absent=absent)

    def walk_file(self, commit: Commit, path: str) -> Listing[FileInfo]:
        request = pfs_pb2.WalkFileRequest(file=self._file(commit, path))
        absent = file_absent(commit, path)
        return Call(Pfs.WalkFile, request, one(read.FileInfoReader(commit)), f"{commit}:{path}", absent=absent)

    def glob_file(self, commit: Commit, pattern: str) -> Listing[FileInfo]:
        request = pfs_pb2.GlobFileRequest(commit=self._commit(commit), pattern=pattern)
        return Call(Pfs.GlobFileStream, request, one(read.FileInfoReader(commit)), f"{commit}:{pattern}")

    def diff_file(
        self, new: Commit, new_path: str, old: Commit | None, old_path: str, *, shallow: bool
    ) -> Listing[FilePair]:
        self.capabilities.require(Feature.DIFF_FILE)
        diff = Diff(new_path, old_path, shallow=shallow)
        new_reader, old_reader = read.FileInfoReader(new), read.FileInfoReader(old or new)

        def pairs(reply: pfs_pb2.DiffFileResponse) -> Iterable[FilePair]:
            return diff.pair_up(map(new_reader, reply.new_files), map(old_reader, reply.old_files))

        request = pfs_pb2.DiffFileRequest(
            new_file=self._file(new, new_path),
            old_file=None if old is None else self._file(old, old_path),
            shallow=shallow,
        )
        return Call(Pfs.DiffFile, request, pairs, f"{new}:{new_path}", retry=True)

    def delete_file(self, commit: Commit, path: str, datum: str = "") -> Plan[None]:
        self._check_datum(datum)
        target = yield from self.writable(commit)
        request = pfs_pb2.DeleteFileRequest(file=self._file(target, path))
        yield Call(Pfs.DeleteFile, request, nothing, f"{commit}:{path}")
