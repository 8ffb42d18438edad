"""Uploads: what dialects have in common of the streams that write files.

The messages that carry data are put together by hand. A message is the sum of its encoded fields, so a short header
and the data itself are enough; protobuf would copy the data several times.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from airflow_provider_pachyderm._wire.method import Method
from airflow_provider_pachyderm.client._capabilities import Capabilities, Feature
from airflow_provider_pachyderm.client._changes import Change, PutUrl
from airflow_provider_pachyderm.client._dialects.calls import Plan, Send
from airflow_provider_pachyderm.client._local.chunks import Buffer
from airflow_provider_pachyderm.client._local.progress import FileTransfer
from airflow_provider_pachyderm.client._models import Commit, Delimiter


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


class Content(NamedTuple):
    """A part of what is sent.

    :param source: the content of a file, as the client takes it; None: only messages.
    :param frames: messages that come before it.
    :param transfer: counts its bytes, if somebody wants to know.
    """

    path: str
    source: Any
    frames: tuple[bytes, ...] = ()
    transfer: FileTransfer | None = None


class Upload(ABC):
    """Encodes what goes into one upload stream, message by message. The files come one after the other."""

    method: Method[Any, Any]
    about: object
    #: whether one stream may have several files
    together = True
    #: whether the server fetches something, which takes as long as it takes
    waits = False

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
    def url(self, wanted: PutUrl) -> Iterable[bytes]:
        """Give the messages that make the server fetch a file itself."""

    def read(self, reply: Any) -> Any:
        """Read what the server answers."""
        return None


@dataclass(frozen=True, slots=True)
class Changes:
    """Many changes in one stream, in order."""

    upload: Upload
    parts: list[Content]


class Uploads(ABC):
    """The calls of one server version that write files."""

    def __init__(self, capabilities: Capabilities) -> None:
        self.capabilities = capabilities

    @abstractmethod
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
        """Prepare to write the file ``path``, or files below it, to an open commit.

        :param tree: whether ``path`` is a directory.
        :param split: how the server is to make many files of it, always behind those that are there.
        :param index: how many puts to the file to keep, where it overwrites.
        :param datum: what the file is a part of; none if empty.
        """

    def fetch(self, commit: Commit, wanted: PutUrl) -> Plan[None]:
        """Make the server fetch a file and write it, however long it takes."""
        upload = yield from self.prepare(commit, wanted.path, append=wanted.append, tree=wanted.recursive)
        yield from upload.before(wanted.path)
        frames = (*upload.opening(), *upload.url(wanted))
        yield Send(upload.method, frames, upload.about, waits=True)

    def change(self, commit: Commit, wanted: Sequence[Change]) -> Plan[Changes]:
        """Prepare to make changes in one stream, where servers take such: :attr:`Feature.MODIFY_FILE`."""
        raise self.capabilities.unsupported(Feature.MODIFY_FILE)


def bytes_header(tag: int, size: int) -> bytes:
    """Encode the start of a length-delimited field: what comes before its ``size`` bytes."""
    return _varint(tag << 3 | 2) + _varint(size)


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)
