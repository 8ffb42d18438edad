"""Writing files on 2.x: ModifyFile of ``pfs_v2.API``."""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from typing import Any

from airflow_provider_pachyderm._wire.method import Method
from airflow_provider_pachyderm._wire.v2 import methods, pfs_pb2
from airflow_provider_pachyderm.client._capabilities import Feature
from airflow_provider_pachyderm.client._changes import Change, Delete, PutUrl
from airflow_provider_pachyderm.client._dialects.calls import Plan
from airflow_provider_pachyderm.client._dialects.changes import (
    FEW,
    encode_changes,
    overwritten,
    shared_directory,
)
from airflow_provider_pachyderm.client._dialects.copies_v2 import CopiesV2
from airflow_provider_pachyderm.client._dialects.files import Everything
from airflow_provider_pachyderm.client._dialects.files_v2 import FilesV2, check_deletable
from airflow_provider_pachyderm.client._dialects.modify_messages import delete_frame, opening_frame, url_frame
from airflow_provider_pachyderm.client._dialects.names_v2 import NamesV2
from airflow_provider_pachyderm.client._dialects.uploads import Changes, Split, Upload, Uploads, bytes_header
from airflow_provider_pachyderm.client._local.chunks import Buffer
from airflow_provider_pachyderm.client._models import Commit

_ADD_FILE = pfs_pb2.ModifyFileRequest.ADD_FILE_FIELD_NUMBER
_RAW = pfs_pb2.AddFile.RAW_FIELD_NUMBER
_VALUE = 1  # of google.protobuf.BytesValue


class UploadV2(Upload):
    """ModifyFile: the commit first, then for each file its removal if it exists, and its chunks, each with its path.

    :param existing: the files that may be there, and are replaced.
    :param replaces: whether all that is sent replaces what is there, so that it may be sent again.
    """

    method: Method[Any, Any] = methods.Pfs.ModifyFile

    def __init__(
        self,
        about: object,
        commit: pfs_pb2.Commit,
        existing: Container[str],
        datum: str = "",
        *,
        replaces: bool = True,
        waits: bool = False,
    ) -> None:
        self.about = about
        self._commit = commit
        self._existing = existing
        self._datum = datum
        self._replaces = replaces
        self.waits = waits

    def again(self) -> Upload | None:
        return UploadV2(self.about, self._commit, Everything(), self._datum) if self._replaces else None

    def opening(self) -> Iterable[bytes]:
        yield opening_frame(self._commit)

    def data(self, path: str, chunk: Buffer, *, first: bool) -> Iterable[bytes]:
        if first:
            yield from self._remove(path)
        # ModifyFileRequest{add_file: AddFile{path, raw: BytesValue{value: chunk}}}, from the inside out
        size = len(chunk)
        value = bytes_header(_VALUE, size) if size else b""
        raw = bytes_header(_RAW, len(value) + size)
        file = pfs_pb2.AddFile(path=path, datum=self._datum).SerializeToString()
        add = bytes_header(_ADD_FILE, len(file) + len(raw) + len(value) + size)
        yield b"".join((add, file, raw, value, chunk))

    def url(self, wanted: PutUrl) -> Iterable[bytes]:
        yield from self._remove(wanted.path)
        yield url_frame(wanted)

    def _remove(self, path: str) -> Iterable[bytes]:
        if path in self._existing:
            yield delete_frame(path, self._datum)


class UploadsV2(Uploads):
    """The calls of ``pfs_v2.API`` that write files."""

    def __init__(self, names: NamesV2, files: FilesV2, copies: CopiesV2) -> None:
        super().__init__(names.capabilities)
        self._names = names
        self._files = files
        self._copies = copies

    def prepare(
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
            self.capabilities.require(Feature.SPLIT)
        if index:
            self.capabilities.require(Feature.OVERWRITE_INDEX)
        if append:
            existing: Container[str] = frozenset()
        elif tree:
            existing = yield from self._files.paths_below(commit, path)
        else:
            existing = frozenset({path})  # to delete what may not be there is quicker than to look
        return UploadV2(commit, self._names.commit(commit), existing, datum, replaces=not append)

    def change(self, commit: Commit, wanted: Sequence[Change]) -> Plan[Changes]:
        for change in wanted:
            if isinstance(change, Delete):
                check_deletable(self.capabilities, change.path)
        paths = overwritten(wanted)
        existing: Container[str] = frozenset(paths)
        if len(paths) > FEW:
            existing = yield from self._files.paths_below(commit, shared_directory(paths))
        parts = yield from encode_changes(self._copies, wanted, existing)
        waits = any(isinstance(change, PutUrl) for change in wanted)
        upload = UploadV2(commit, self._names.commit(commit), frozenset(), replaces=False, waits=waits)
        return Changes(upload, parts)
