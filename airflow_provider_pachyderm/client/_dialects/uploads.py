"""What goes into an upload stream: the messages of PutFile and ModifyFile.

The messages that carry data are put together by hand. A message is the sum of its encoded fields, so a short header
and the data itself are enough; protobuf would copy the data several times.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Container, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from airflow_provider_pachyderm._wire.method import Method
from airflow_provider_pachyderm._wire.v1 import methods as v1_methods
from airflow_provider_pachyderm._wire.v1 import pfs_pb2 as v1
from airflow_provider_pachyderm._wire.v2 import methods as v2_methods
from airflow_provider_pachyderm._wire.v2 import pfs_pb2 as v2
from airflow_provider_pachyderm.client._local.chunks import Buffer
from airflow_provider_pachyderm.client._models import Commit, Delimiter

if TYPE_CHECKING:
    from airflow_provider_pachyderm.client._dialects.calls import Plan

_ADD_FILE = v2.ModifyFileRequest.ADD_FILE_FIELD_NUMBER
_RAW = v2.AddFile.RAW_FIELD_NUMBER
_DELIMITERS = {
    Delimiter.NONE: v1.DELIMITER_NONE,
    Delimiter.JSON: v1.DELIMITER_JSON,
    Delimiter.LINE: v1.DELIMITER_LINE,
    Delimiter.SQL: v1.DELIMITER_SQL,
    Delimiter.CSV: v1.DELIMITER_CSV,
}
_VALUE = 1  # of google.protobuf.BytesValue


@dataclass(frozen=True, slots=True)
class Split:
    """How a 1.x server is to make many files of one.

    :param datums: pieces a file; 0: one, unless ``bytes`` says more.
    :param bytes: about how long a file is to be; 0: any length.
    :param header_records: how many pieces at the start are the header of every file.
    """

    delimiter: Delimiter
    datums: int = 0
    bytes: int = 0
    header_records: int = 0


@dataclass(frozen=True, slots=True)
class Fetch:
    """What a server is to fetch itself.

    :param recursive: all objects whose names begin like ``url``.
    :param concurrency: how many of them at a time; 0 leaves that to the server, as those before 2.5 do anyway.
    """

    url: str = field(repr=False)  # it may be signed
    recursive: bool = False
    concurrency: int = 0


class Upload(ABC):
    """Encodes what goes into one upload stream, message by message. The files come one after the other."""

    method: Method[Any, Any]
    about: object
    #: whether one stream may have several files
    together = True

    def before(self, path: str) -> Plan[None]:
        """Make ready for the stream of one file, where each has its own."""
        yield from ()

    def again(self) -> Upload | None:
        """Give the same for another try, which replaces whatever the first may have written; None if none does."""
        return None

    @abstractmethod
    def opening(self) -> Iterable[bytes]:
        """Give the messages before the first file."""

    @abstractmethod
    def data(self, path: str, chunk: Buffer, *, first: bool) -> Iterable[bytes]:
        """Give the messages for one chunk of a file. Every file has at least one chunk, be it empty."""

    @abstractmethod
    def url(self, path: str, wanted: Fetch) -> Iterable[bytes]:
        """Give the messages that make the server fetch a file itself."""


class UploadV1(Upload):
    """PutFile: ``file`` opens each file and is not repeated; servers before 1.11.8 scramble what repeats it."""

    method = v1_methods.Pfs.PutFile

    def __init__(
        self, about: Commit, commit: v1.Commit, *, append: bool, split: Split | None = None, index: int = 0
    ) -> None:
        self.about = about
        self._commit = commit
        self._split = split
        # an empty OverwriteIndex is index 0: replace the whole file
        self._overwrite = None if append else v1.OverwriteIndex(index=index)

    def again(self) -> Upload | None:
        replaces = self._overwrite is not None and not self._overwrite.index and self._split is None
        return self if replaces else None

    def opening(self) -> Iterable[bytes]:
        return ()

    def data(self, path: str, chunk: Buffer, *, first: bool) -> Iterable[bytes]:
        head = self._open(path).SerializeToString() if first else b""
        size = len(chunk)
        yield b"".join((head, _bytes_header(v1.PutFileRequest.VALUE_FIELD_NUMBER, size), chunk)) if size else head

    def url(self, path: str, wanted: Fetch) -> Iterable[bytes]:
        request = self._open(path)
        request.url, request.recursive = wanted.url, wanted.recursive
        yield request.SerializeToString()

    def _open(self, path: str) -> v1.PutFileRequest:
        file = v1.File(commit=self._commit, path=path)
        request = v1.PutFileRequest(file=file, overwrite_index=self._overwrite)
        if self._split is not None:
            request.delimiter = _DELIMITERS[self._split.delimiter]
            request.target_file_datums = self._split.datums
            request.target_file_bytes = self._split.bytes
            request.header_records = self._split.header_records
        return request


class _All(Container[str]):
    """Paths of files each of which may exist."""

    def __contains__(self, path: object) -> bool:
        return True


class UploadV2(Upload):
    """ModifyFile: the commit first, then for each file its removal if it exists, and its chunks, each with its path."""

    method: Method[Any, Any] = v2_methods.Pfs.ModifyFile

    def __init__(
        self, about: object, commit: v2.Commit, existing: Container[str], datum: str = "", *, append: bool = False
    ) -> None:
        self.about = about
        self._commit = commit
        self._existing = existing
        self._datum = datum
        self._append = append

    def again(self) -> Upload | None:
        return None if self._append else UploadV2(self.about, self._commit, _All(), self._datum)

    def opening(self) -> Iterable[bytes]:
        yield opening_frame(self._commit)

    def data(self, path: str, chunk: Buffer, *, first: bool) -> Iterable[bytes]:
        if first:
            yield from self._remove(path)
        # ModifyFileRequest{add_file: AddFile{path, raw: BytesValue{value: chunk}}}, from the inside out
        size = len(chunk)
        value = _bytes_header(_VALUE, size) if size else b""
        raw = _bytes_header(_RAW, len(value) + size)
        file = v2.AddFile(path=path, datum=self._datum).SerializeToString()
        add = _bytes_header(_ADD_FILE, len(file) + len(raw) + len(value) + size)
        yield b"".join((add, file, raw, value, chunk))

    def url(self, path: str, wanted: Fetch) -> Iterable[bytes]:
        yield from self._remove(path)
        yield url_frame(path, wanted)

    def _remove(self, path: str) -> Iterable[bytes]:
        if path in self._existing:
            yield delete_frame(path, self._datum)


class UploadFileSet(UploadV2):
    """CreateFileSet: as ModifyFile, but to no commit."""

    method = v2_methods.Pfs.CreateFileSet

    def __init__(self) -> None:
        super().__init__("a new file set", v2.Commit(), frozenset())

    def opening(self) -> Iterable[bytes]:
        return ()


def opening_frame(commit: v2.Commit) -> bytes:
    """Give the message that says which commit the others are for."""
    return v2.ModifyFileRequest(set_commit=commit).SerializeToString()


def url_frame(path: str, wanted: Fetch) -> bytes:
    """Give the message that makes the server fetch a file itself."""
    source = v2.AddFile.URLSource(url=wanted.url, recursive=wanted.recursive, concurrency=wanted.concurrency)
    return v2.ModifyFileRequest(add_file=v2.AddFile(path=path, url=source)).SerializeToString()


def copy_frame(source: v2.File | None, path: str, append: bool) -> bytes:
    """Give the message that copies a file or a directory."""
    return v2.ModifyFileRequest(copy_file=v2.CopyFile(dst=path, src=source, append=append)).SerializeToString()


def delete_frame(path: str, datum: str = "") -> bytes:
    """Give the message that removes a file, or with a slash at the end of ``path`` a directory."""
    delete = v2.DeleteFile(path=path, datum=datum)
    return v2.ModifyFileRequest(delete_file=delete).SerializeToString()


def _bytes_header(tag: int, size: int) -> bytes:
    """Encode the start of a length-delimited field: what comes before its ``size`` bytes."""
    return _varint(tag << 3 | 2) + _varint(size)


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)
