"""Pachyderm 2.x: ``pfs_v2.API``; file sets, and the streams that make them or change commits."""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence
from typing import Any

from airflow_provider_pachyderm._wire.v2 import methods, pfs_pb2
from airflow_provider_pachyderm.client._capabilities import Feature
from airflow_provider_pachyderm.client._changes import Change, Copy, PutUrl
from airflow_provider_pachyderm.client._dialects.base import Dialect
from airflow_provider_pachyderm.client._dialects.calls import Call, Plan, nothing
from airflow_provider_pachyderm.client._dialects.changes import Changes, Encoder, Everything
from airflow_provider_pachyderm.client._dialects.names_v2 import NamesV2
from airflow_provider_pachyderm.client._dialects.uploads import UploadFileSet, UploadV2, copy_frame, delete_frame
from airflow_provider_pachyderm.client._models import Commit, FileInfo, FileSetType, FileType, PathRange
from airflow_provider_pachyderm.client._paths import below, join

Pfs = methods.Pfs

_TYPES = {
    FileSetType.TOTAL: pfs_pb2.GetFileSetRequest.FILE_SET_TYPE_TOTAL,
    FileSetType.DIFF: pfs_pb2.GetFileSetRequest.FILE_SET_TYPE_DIFF,
}


class FileSetsV2(Dialect):
    """The calls of ``pfs_v2.API`` for file sets."""

    names: NamesV2

    def new_file_set(self, wanted: Sequence[Change]) -> Plan[Changes]:
        # what there will be where the file set is used, nobody knows
        return (yield from self._changing(UploadFileSet(), wanted, Everything(), _id))

    def _changing(
        self, upload: UploadV2, wanted: Sequence[Change], existing: Container[str], read: Callable[[Any], Any] = nothing
    ) -> Plan[Changes]:
        """Prepare a stream of changes.

        :param existing: the files that are replaced by what is put.
        """
        encoder = Encoder(existing)
        steps = []
        for change in wanted:
            copying: tuple[bytes, ...] = ()
            if isinstance(change, Copy):
                info = change.known or (yield from self.file_to_copy(change.source, change.source_path))
                copying = yield from self._copy_frames(info, change.path, append=change.append)
            steps.append(encoder.step(change, copying))
        waits = any(isinstance(change, PutUrl) for change in wanted)
        return Changes(upload, steps, waits, read)

    def _copy_frames(self, source: FileInfo, path: str, *, append: bool) -> Plan[tuple[bytes, ...]]:
        """Make the messages that copy a file, or put a directory in the place of what is there."""
        self.check_copy(source, path)
        frames = []
        if source.type is FileType.DIR and not append:
            frames.append(delete_frame(join(path, "")))
        copies = {path: source}
        if source.path == "/" and Feature.COPY_ROOT not in self.capabilities:
            entries = yield from self.list_file(source.commit, "/").all()
            copies = {join(path, below(entry.path, "/")): entry for entry in entries}
        frames += [copy_frame(self.names.file(source.commit, each.path), copy, append) for copy, each in copies.items()]
        return tuple(frames)

    def get_file_set(self, commit: Commit, type: FileSetType) -> Plan[str]:
        if type is FileSetType.DIFF:
            self.capabilities.require(Feature.FILE_SET_DIFF)
            # 2.9 and 2.10 find what a commit changed by its id alone; by a branch, nothing
            commit = (yield from self.commits.existing(commit)).commit
        request = pfs_pb2.GetFileSetRequest(commit=self.names.commit(commit), type=_TYPES[type])
        id: str = yield Call(Pfs.GetFileSet, request, _id, commit)
        return id

    def add_file_set(self, commit: Commit, id: str) -> Call[None]:
        request = pfs_pb2.AddFileSetRequest(commit=self.names.commit(commit), file_set_id=id)
        return Call(Pfs.AddFileSet, request, nothing, commit)

    def renew_file_set(self, id: str, seconds: int) -> Call[None]:
        request = pfs_pb2.RenewFileSetRequest(file_set_id=id, ttl_seconds=seconds)
        return Call(Pfs.RenewFileSet, request, nothing, f"file set {id}")

    def compose_file_set(self, ids: Sequence[str], seconds: int, *, compact: bool) -> Call[str]:
        compact = compact and Feature.FILE_SET_COMPACT in self.capabilities
        request = pfs_pb2.ComposeFileSetRequest(file_set_ids=ids, ttl_seconds=seconds, compact=compact)
        return Call(Pfs.ComposeFileSet, request, _id, f"file sets {', '.join(ids)}", waits=compact)

    def shard_file_set(self, id: str, files: int, size: int) -> Call[list[PathRange]]:
        self.capabilities.require(Feature.FILE_SET_SHARDS)
        if files or size:
            self.capabilities.require(Feature.FILE_SET_THRESHOLDS)
        request = pfs_pb2.ShardFileSetRequest(file_set_id=id, num_files=files, size_bytes=size)
        return Call(Pfs.ShardFileSet, request, _shards, f"file set {id}")


def _id(reply: pfs_pb2.CreateFileSetResponse) -> str:
    return reply.file_set_id


def _shards(reply: pfs_pb2.ShardFileSetResponse) -> list[PathRange]:
    return [PathRange(shard.lower, shard.upper) for shard in reply.shards]
