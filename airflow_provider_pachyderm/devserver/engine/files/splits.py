"""Splitting puts of 1.x: one stream becomes the files ``<path>/0000000000000000``, ``…0001`` and so on.

A *record* is a line, a JSON value, a CSV row or a row of a PostgreSQL dump; a file holds as many records as the limits
allow. The first records may be a header, which all files of the directory share: each reads as header, then records.
Files of a dump also share what stands before and behind its rows.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from enum import Enum

from airflow_provider_pachyderm.devserver.engine.files.split_records import CsvRows, DumpRows, JsonValues, Lines


class Delimiter(Enum):
    """What ends a record."""

    JSON = 1
    LINE = 2
    SQL = 3
    CSV = 4


def file_name(directory: str, number: int) -> str:
    """Path of one of the files.

    :param directory: the path that was put to, cleaned.
    :param number: counted from 0, continued by later puts.
    """
    return f"{directory}/{number:016x}"


def number_of(name: str) -> int | None:
    """The number of a file by its last path segment; None for names that no split makes."""
    return int(name, 16) if re.fullmatch(r"[0-9a-f]{16}", name) else None


class Splitter:
    """Cuts one put into files.

    :param delimiter: what ends a record.
    :param datums: records a file; 0 means no limit.
    :param size: bytes after which a file is full; 0 means no limit. Without any limit each file has one record.
    :param header_records: number of records at the start that are the shared header.
    :param crlf: rows of a dump may end as lines on Windows do; they are stored as on Unix.

    ``header`` and ``footer`` are complete when :meth:`close` has returned.
    """

    def __init__(
        self, delimiter: Delimiter, datums: int = 0, size: int = 0, header_records: int = 0, crlf: bool = True
    ) -> None:
        self._dump = DumpRows(crlf) if delimiter is Delimiter.SQL else None
        self._records = self._dump or _RECORDS[delimiter]()
        self._datums = datums
        self._size = size
        self._header_left = header_records
        self._header = bytearray()
        self._held = bytearray()
        self._count = 0

    @property
    def header(self) -> bytes:
        """What is read before the records of each file."""
        return bytes((self._dump.before if self._dump else b"") + self._header)

    @property
    def footer(self) -> bytes:
        """What is read behind the records of each file."""
        return bytes(self._dump.behind) if self._dump else b""

    def feed(self, data: bytes) -> list[bytes]:
        """Take a chunk of the stream.

        :returns: contents of the files that are complete now.
        :raises BadContent: if it is no sequence of records.
        """
        return list(self._files(self._records.feed(data)))

    def close(self) -> list[bytes]:
        """End the stream; as :meth:`feed`."""
        files = list(self._files(self._records.close()))
        if self._dump and self._header_left:
            # too few rows to be a header
            self._held, self._header = self._header, bytearray()
        if self._held:
            files.append(self._flush())
        return files

    def _files(self, records: Iterable[bytes]) -> Iterator[bytes]:
        for record in records:
            if self._header_left:
                self._header_left -= 1
                self._header += record
                continue
            self._held += record
            self._count += 1
            if self._full():
                yield self._flush()

    def _full(self) -> bool:
        if not self._datums and not self._size:
            return True
        return 0 < self._datums <= self._count or 0 < self._size <= len(self._held)

    def _flush(self) -> bytes:
        content = bytes(self._held)
        self._held.clear()
        self._count = 0
        return content


_RECORDS: dict[Delimiter, type[Lines] | type[JsonValues] | type[CsvRows]] = {
    Delimiter.JSON: JsonValues,
    Delimiter.LINE: Lines,
    Delimiter.CSV: CsvRows,
}
