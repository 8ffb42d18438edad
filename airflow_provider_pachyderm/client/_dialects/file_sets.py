"""File sets, which only 2.x servers have: ``pfs_v2.API``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeAlias

from airflow_provider_pachyderm._wire.v2 import methods, pfs_pb2
from airflow_provider_pachyderm.client._capabilities import Capabilities, Feature
from airflow_provider_pachyderm.client._changes import Change, PutUrl
from airflow_provider_pachyderm.client._dialects.calls import Call, Plan, nothing, once
from airflow_provider_pachyderm.client._dialects.changes import encode_changes
from airflow_provider_pachyderm.client._dialects.commits import Commits
from airflow_provider_pachyderm.client._dialects.copies_v2 import CopiesV2
from airflow_provider_pachyderm.client._dialects.files import Everything
from airflow_provider_pachyderm.client._dialects.names_v2 import NamesV2
from airflow_provider_pachyderm.client._dialects.uploads import Changes
from airflow_provider_pachyderm.client._dialects.uploads_v2 import UploadV2
from airflow_provider_pachyderm.client._models import Commit, FileSetType, PathRange

Pfs = methods.Pfs
_Ranges: TypeAlias = "list[PathRange]"

_TYPES = {
    FileSetType.TOTAL: pfs_pb2.GetFileSetRequest.FILE_SET_TYPE_TOTAL,
    FileSetType.DIFF: pfs_pb2.GetFileSetRequest.FILE_SET_TYPE_DIFF,
}


class FileSets:
    """The calls for file sets, of which 1.x servers have none that do what is wanted."""

    def __init__(self, capabilities: Capabilities) -> None:
        self.capabilities = capabilities

    def create(self, wanted: Sequence[Change]) -> Plan[Changes]:
        """Prepare to make a file set of changes in one stream, whose reply is its id."""
        raise self.capabilities.unsupported(Feature.FILE_SETS)

    def get(self, commit: Commit, type: FileSetType) -> Plan[str]:
        raise self.capabilities.unsupported(Feature.FILE_SETS)

    def add(self, commit: Commit, id: str) -> Plan[None]:
        raise self.capabilities.unsupported(Feature.FILE_SETS)

    def renew(self, id: str, seconds: int) -> Plan[None]:
        raise self.capabilities.unsupported(Feature.FILE_SETS)

    def compose(self, ids: Sequence[str], seconds: int, *, compact: bool) -> Plan[str]:
        raise self.capabilities.unsupported(Feature.FILE_SETS)

    def shard(self, id: str, files: int, size: int) -> Plan[_Ranges]:
        """Cut a file set.

        :param files: 0 leaves it to the server.
        :param size: likewise.
        """
        raise self.capabilities.unsupported(Feature.FILE_SETS)


class NewFileSet(UploadV2):
    """CreateFileSet: as ModifyFile, but to no commit."""

    method = methods.Pfs.CreateFileSet

    def __init__(self, *, waits: bool) -> None:
        super().__init__("a new file set", pfs_pb2.Commit(), frozenset(), replaces=False, waits=waits)

    def opening(self) -> Iterable[bytes]:
        return ()

    def read(self, reply: pfs_pb2.CreateFileSetResponse) -> str:
        """Read the id of the file set."""
        return reply.file_set_id


class FileSetsV2(FileSets):
    """The calls of ``pfs_v2.API`` for file sets."""

    def __init__(self, names: NamesV2, commits: Commits, copies: CopiesV2) -> None:
        super().__init__(names.capabilities)
        self._names = names
        self._commits = commits
        self._copies = copies

    def create(self, wanted: Sequence[Change]) -> Plan[Changes]:
        # what there will be where the file set is used, nobody knows
        parts = yield from encode_changes(self._copies, wanted, Everything())
        return Changes(NewFileSet(waits=any(isinstance(change, PutUrl) for change in wanted)), parts)

    def get(self, commit: Commit, type: FileSetType) -> Plan[str]:
        if type is FileSetType.DIFF:
            self.capabilities.require(Feature.FILE_SET_DIFF)
            # 2.9 and 2.10 find what a commit changed by its id alone; by a branch, nothing
            commit = (yield from self._commits.existing(commit)).commit
        request = pfs_pb2.GetFileSetRequest(commit=self._names.commit(commit), type=_TYPES[type])
        return (yield from once(Call(Pfs.GetFileSet, request, _id, commit)))

    def add(self, commit: Commit, id: str) -> Plan[None]:
        request = pfs_pb2.AddFileSetRequest(commit=self._names.commit(commit), file_set_id=id)
        return once(Call(Pfs.AddFileSet, request, nothing, commit))

    def renew(self, id: str, seconds: int) -> Plan[None]:
        request = pfs_pb2.RenewFileSetRequest(file_set_id=id, ttl_seconds=seconds)
        return once(Call(Pfs.RenewFileSet, request, nothing, f"file set {id}"))

    def compose(self, ids: Sequence[str], seconds: int, *, compact: bool) -> Plan[str]:
        compact = compact and Feature.FILE_SET_COMPACT in self.capabilities
        request = pfs_pb2.ComposeFileSetRequest(file_set_ids=ids, ttl_seconds=seconds, compact=compact)
        return once(Call(Pfs.ComposeFileSet, request, _id, f"file sets {', '.join(ids)}", waits=compact))

    def shard(self, id: str, files: int, size: int) -> Plan[_Ranges]:
        self.capabilities.require(Feature.FILE_SET_SHARDS)
        if files or size:
            self.capabilities.require(Feature.FILE_SET_THRESHOLDS)
        request = pfs_pb2.ShardFileSetRequest(file_set_id=id, num_files=files, size_bytes=size)
        return once(Call(Pfs.ShardFileSet, request, _shards, f"file set {id}"))


def _id(reply: pfs_pb2.CreateFileSetResponse) -> str:
    return reply.file_set_id


def _shards(reply: pfs_pb2.ShardFileSetResponse) -> list[PathRange]:
    return [PathRange(shard.lower, shard.upper) for shard in reply.shards]
