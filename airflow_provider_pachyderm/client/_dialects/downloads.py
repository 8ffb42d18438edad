"""Reading files: how much has to come of one, and what tells that it was all."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from airflow_provider_pachyderm.client._capabilities import Capabilities, Feature
from airflow_provider_pachyderm.client._dialects.calls import Call, Plan
from airflow_provider_pachyderm.client._errors import IsADirectory
from airflow_provider_pachyderm.client._local.digests import Objects
from airflow_provider_pachyderm.client._models import Commit, FileInfo, FileType, PathRange
from airflow_provider_pachyderm.client._refs import is_expression


class StreamCheck(Protocol):
    """Follows what comes with a stream."""

    def feed(self, data: memoryview) -> None:
        """Note what came."""

    def missing(self) -> str:
        """Say what is missing, if this was all; empty if nothing is."""


@dataclass(frozen=True, slots=True)
class Proof:
    """How to tell whether the content of a whole file is what the server has.

    :param stated: the hash that it has stated of the file.
    :param ask: plans to ask what the file consists of.
    """

    stated: bytes
    ask: Callable[[], Plan[Objects]]


@dataclass(frozen=True, slots=True)
class Download:
    """How to read one file.

    :param expected: how many bytes must come, by what the server has said; None: only the end of the stream tells.
    :param after: makes what reads on after so many of the bytes that are wanted, of the same commit.
    :param lasting: the file stays as it is, so that what comes later fits; that of an open commit may change.
    :param full: no more than ``expected`` can come; else the server may have said too little.
    :param limit: how many bytes are wanted; the server may send more.
    :param skip: how many bytes come before those that are wanted.
    :param repeats: what reads on brings all from the start once more, so that these have to be the bytes that came.
    :param rest: makes what reads on after so many bytes, where a server may have said too much: if nothing is there,
        nothing is missing. It gives None if that would prove nothing.
    :param check: makes what follows the bytes and tells whether all came.
    :param proof: tells whether they are the right ones, where a server says enough for that.
    """

    call: Call[memoryview]
    expected: int | None = None
    limit: int | None = None
    skip: int = 0
    rest: Callable[[int], Download | None] | None = None
    check: Callable[[], StreamCheck] | None = None
    proof: Proof | None = None
    full: bool = True
    after: Callable[[int], Download] | None = None
    lasting: bool = False
    repeats: bool = False


class Downloads(ABC):
    """The calls of one server version that read files."""

    def __init__(self, capabilities: Capabilities) -> None:
        self.capabilities = capabilities

    @abstractmethod
    def file(
        self, commit: Commit, path: str, offset: int = 0, size: int = 0, *, known: FileInfo | None = None
    ) -> Plan[Download]:
        """Prepare to read one file.

        :param size: 0 for all from ``offset`` on.
        :param known: what the server has just said of the file, to spare asking again.
        """

    def archive(self, commit: Commit, path: str, within: PathRange | None = None, *, lasting: bool = False) -> Download:
        """Read a file, or a directory with all below it, as an archive: :attr:`Feature.GET_TAR`.

        :param within: only what is in this range: :attr:`Feature.PATH_RANGE`.
        :param lasting: the commit is named by its id, and finished.
        """
        raise self.capabilities.unsupported(Feature.GET_TAR)


def refuse_directory(info: FileInfo, commit: Commit, path: str) -> None:
    """Refuse to read what has no content of its own."""
    if info.type is FileType.DIR:
        raise IsADirectory(f"{path} is a directory in {commit}", reference=f"{commit}:{path}")


def is_pinned(info: FileInfo) -> bool:
    """Say whether a server has named the commit of a file by its id."""
    return bool(info.commit.id) and not is_expression(str(info.commit.id))


def part_of(info: FileInfo, offset: int, size: int) -> tuple[int, int | None]:
    """Tell how many bytes of a file must come, and how many are wanted if the server may send more.

    :param size: 0 for all from ``offset`` on.
    """
    rest = max(0, info.size_bytes - offset)
    return (size, size) if 0 < size < rest else (rest, None)


def read_bytes(reply: memoryview) -> memoryview:
    """Read a part of a file, which the transport gives as it is."""
    return reply
