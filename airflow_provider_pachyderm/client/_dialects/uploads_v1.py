"""Writing files on 1.x: PutFile of ``pfs.API``."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial

from airflow_provider_pachyderm._wire.v1 import methods, pfs_pb2
from airflow_provider_pachyderm.client._capabilities import Feature
from airflow_provider_pachyderm.client._changes import PutUrl
from airflow_provider_pachyderm.client._dialects.calls import Plan
from airflow_provider_pachyderm.client._dialects.files_v1 import FilesV1
from airflow_provider_pachyderm.client._dialects.names_v1 import NamesV1
from airflow_provider_pachyderm.client._dialects.uploads import Split, Upload, Uploads, bytes_header
from airflow_provider_pachyderm.client._errors import FileNotFound, PathConflict
from airflow_provider_pachyderm.client._local.chunks import Buffer
from airflow_provider_pachyderm.client._models import Commit, Delimiter, FileInfo, FileType

# what the number of a piece looks like, which servers read as a hexadecimal one
PIECE = re.compile(r"[0-9a-fA-F]{1,16}")

_SPLITS = {
    Delimiter.JSON: Feature.SPLIT,
    Delimiter.LINE: Feature.SPLIT,
    Delimiter.SQL: Feature.SPLIT_SQL,
    Delimiter.CSV: Feature.SPLIT_CSV,
}
_DELIMITERS = {
    Delimiter.NONE: pfs_pb2.DELIMITER_NONE,
    Delimiter.JSON: pfs_pb2.DELIMITER_JSON,
    Delimiter.LINE: pfs_pb2.DELIMITER_LINE,
    Delimiter.SQL: pfs_pb2.DELIMITER_SQL,
    Delimiter.CSV: pfs_pb2.DELIMITER_CSV,
}


class UploadV1(Upload):
    """PutFile: ``file`` opens each file and is not repeated; servers before 1.11.8 scramble what repeats it.

    :param index: how many puts to keep; None: append.
    :param overwrites: whether the server can overwrite; else what is there is deleted before.
    :param make_room: plans what is to be done before the stream of each file, where a stream has one.
    """

    method = methods.Pfs.PutFile

    def __init__(
        self,
        about: Commit,
        commit: pfs_pb2.Commit,
        *,
        index: int | None,
        split: Split | None = None,
        overwrites: bool = True,
        make_room: Callable[[str], Plan[None]] | None = None,
    ) -> None:
        self.about = about
        self._commit = commit
        self._split = split
        self._index = index
        # an empty OverwriteIndex is index 0: replace the whole file
        self._overwrite = None if index is None or not overwrites else pfs_pb2.OverwriteIndex(index=index)
        self._make_room = make_room
        self.together = make_room is None

    def before(self, path: str) -> Plan[None]:
        if self._make_room is not None:
            yield from self._make_room(path)

    def again(self) -> Upload | None:
        return self if self._index == 0 and self._split is None else None

    def opening(self) -> Iterable[bytes]:
        return ()

    def data(self, path: str, chunk: Buffer, *, first: bool) -> Iterable[bytes]:
        head = self._open(path).SerializeToString() if first else b""
        size = len(chunk)
        yield b"".join((head, bytes_header(pfs_pb2.PutFileRequest.VALUE_FIELD_NUMBER, size), chunk)) if size else head

    def url(self, wanted: PutUrl) -> Iterable[bytes]:
        request = self._open(wanted.path)
        request.url, request.recursive = wanted.url, wanted.recursive
        yield request.SerializeToString()

    def _open(self, path: str) -> pfs_pb2.PutFileRequest:
        file = pfs_pb2.File(commit=self._commit, path=path)
        request = pfs_pb2.PutFileRequest(file=file, overwrite_index=self._overwrite)
        if self._split is not None:
            request.delimiter = _DELIMITERS[self._split.delimiter]
            request.target_file_datums = self._split.datums
            request.target_file_bytes = self._split.bytes
            request.header_records = self._split.header_records
        return request


class UploadsV1(Uploads):
    """The calls of ``pfs.API`` that write files."""

    def __init__(self, names: NamesV1, files: FilesV1) -> None:
        super().__init__(names.capabilities)
        self._names = names
        self._files = files

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
            self.capabilities.require(_SPLITS[split.delimiter])
        if split is not None and split.header_records:
            self.capabilities.require(Feature.SPLIT_HEADER)
        if index:
            self.capabilities.require(Feature.OVERWRITE_INDEX)
            # it would kill the server when the commit is finished
            if (yield from self._is_directory(commit, path)):
                raise _is_a_directory(commit, path)
        if datum:
            self.capabilities.require(Feature.DATUM_FILES)
        if split is not None:
            yield from self._check_split(commit, path, split)
        return self._upload(commit, None if append or split is not None else index, split)

    def _upload(self, target: Commit, index: int | None, split: Split | None) -> Upload:
        several = Feature.MANY_FILES in self.capabilities
        make_room = partial(self._make_room, target, replaces=index is not None)
        return UploadV1(
            target,
            self._names.commit(target),
            index=index,
            split=split,
            overwrites=Feature.OVERWRITE in self.capabilities,
            make_room=None if several else make_room,
        )

    def fetch(self, commit: Commit, wanted: PutUrl) -> Plan[None]:
        if wanted.recursive and not wanted.append:
            self.capabilities.require(Feature.OVERWRITE)
        yield from super().fetch(commit, wanted)

    def _check_split(self, commit: Commit, path: str, split: Split) -> Plan[None]:
        """Refuse to split into a place where the server could not finish the commit, or would crash."""
        if Feature.READ_OPEN not in self.capabilities:
            return
        try:
            place = yield from self._files.inspect(commit, path)
        except FileNotFound:
            return
        if place.type is FileType.FILE:
            raise PathConflict(
                f"{path} is a file in {commit}: split files need a directory", reference=f"{commit}:{path}"
            )
        # only a header, and no pieces yet, may be in it
        pieces = yield from replace(self._files.list(commit, path), absent=None).all()
        for piece in pieces:
            if not PIECE.fullmatch(posixpath.basename(piece.path)):
                raise PathConflict(
                    f"{piece.path} does not have a number as its name, as split files have: split into another "
                    "directory",
                    reference=f"{commit}:{path}",
                )
        if split.header_records and pieces and not has_header(place, pieces):
            self.capabilities.require(Feature.SPLIT_HEADER_ADDED)

    def _make_room(self, target: Commit, path: str, *, replaces: bool) -> Plan[None]:
        """Delete the file that is to be overwritten, but no directory, where servers cannot overwrite."""
        if not replaces or Feature.OVERWRITE in self.capabilities:
            return
        if not (yield from self._is_directory(target, path)):
            yield from self._files.remove(target, path)
        elif Feature.READ_OPEN in self.capabilities:
            raise _is_a_directory(target, path)
        # else the parent has it: it may have been deleted since, and if not, the server will not finish the commit

    def _is_directory(self, commit: Commit, path: str) -> Plan[bool]:
        where = yield from self._files.readable(commit)
        if where is None:
            return False
        try:
            info = yield from self._files.inspect(where, path)
        except FileNotFound:
            return False
        return info.type is FileType.DIR


def _is_a_directory(commit: Commit, path: str) -> PathConflict:
    return PathConflict(f"{path} is a directory in {commit}", reference=f"{commit}:{path}")


def has_header(directory: FileInfo, pieces: Sequence[FileInfo]) -> bool:
    """Say whether pieces have a header in front of each; in the size of their directory, it counts once.

    Of a single piece that cannot be told.
    """
    return sum(piece.size_bytes for piece in pieces) != directory.size_bytes
