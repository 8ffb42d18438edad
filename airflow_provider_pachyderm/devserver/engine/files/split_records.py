"""Records in the content of a split put, read from chunks of any size; only unfinished ones are held."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import NoReturn

from airflow_provider_pachyderm.devserver.engine.errors import EngineError, refused

CUT = "unexpected EOF"
"""What is said of JSON that ends too early."""


class BadContent(EngineError):
    """Content that cannot be split; its text is what the server says."""

    def __init__(self, text: str) -> None:
        super().__init__("UNKNOWN", text)


class Lines:
    """Lines with their ends; the last one may have none."""

    def __init__(self) -> None:
        self._rest: list[bytes] = []

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Give the records that are complete now."""
        first, *others = data.split(b"\n")
        if not others:
            self._rest.append(first)
            return
        yield b"".join([*self._rest, first, b"\n"])
        for line in others[:-1]:
            yield line + b"\n"
        self._rest = [others[-1]]

    def close(self) -> Iterator[bytes]:
        """Give what is left at the end."""
        last = b"".join(self._rest)
        if last:
            yield last


class DumpRows:
    """Rows of the first table of a dump: what is between its ``COPY`` and the line with a backslash and a dot.

    :param crlf: take the line ends of Windows for those of Unix.
    """

    _END = b"\\.\n"

    def __init__(self, crlf: bool) -> None:
        self._crlf = crlf
        self._lines = Lines()
        self._in_rows = False
        self.before = bytearray()
        self.behind = bytearray()

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Give the records that are complete now."""
        return self._rows(self._lines.feed(data))

    def close(self) -> Iterator[bytes]:
        """Give what is left at the end."""
        if not self._in_rows:
            raise refused("invalid header - missing row inserts")
        if not self.behind:
            raise refused("invalid pgdump - missing footer")
        return self._rows(self._lines.close())

    def _rows(self, lines: Iterable[bytes]) -> Iterator[bytes]:
        for line in lines:
            if self.behind:
                self.behind += line
            elif not self._in_rows:
                self.before += line
                self._in_rows = line.startswith(b"COPY")
            else:
                row = line[:-2] + b"\n" if self._crlf and line.endswith(b"\r\n") else line
                if row == self._END:
                    self.behind += row
                else:
                    yield row


class JsonValues:
    """JSON values in a row, with or without space between them; each as it was written."""

    # what may change the state, outside and inside of a string
    _OUTSIDE = re.compile(rb'["{}\[\]]')
    _INSIDE = re.compile(rb'["\\]')
    _SPACE = re.compile(rb"\s*")
    _WORD_END = re.compile(rb'[\s{}\[\]",:]')

    def __init__(self) -> None:
        self._held = b""
        self._start = 0
        self._seen = 0
        self._depth = 0
        self._in_string = False

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Give the records that are complete now."""
        self._held = self._held[self._start :] + data
        self._seen -= self._start
        self._start = 0
        while (end := self._end_of_value()) is not None:
            value = self._held[self._start : end]
            self._start = self._seen = end
            yield _checked(value)

    def close(self) -> Iterator[bytes]:
        """Give what is left at the end."""
        if self._in_string or self._depth:
            raise BadContent(CUT)
        last = self._held[self._start :].strip()
        if last:
            yield _checked(last)

    def _end_of_value(self) -> int | None:
        """Where the value at the start ends; None if more is needed."""
        if self._seen == self._start:
            self._start = self._seen = self._SPACE.match(self._held, self._start).end()  # type: ignore[union-attr]
            if self._held[self._start : self._start + 1] not in (b"{", b"[", b'"'):
                return self._end_of_word()
        while found := (self._INSIDE if self._in_string else self._OUTSIDE).search(self._held, self._seen):
            if found[0] == b"\\":
                if found.end() == len(self._held):
                    self._seen = found.start()
                    return None
                self._seen = found.end() + 1
                continue
            self._seen = found.end()
            self._enter_or_leave(found[0])
            if not self._depth and not self._in_string:
                return self._seen
        self._seen = len(self._held)
        return None

    def _enter_or_leave(self, mark: bytes) -> None:
        if mark == b'"':
            self._in_string = not self._in_string
        else:
            self._depth += 1 if mark in b"{[" else -1

    def _end_of_word(self) -> int | None:
        """The end of a number, true, false or null."""
        end = self._WORD_END.search(self._held, self._start)
        return None if end is None else max(end.start(), self._start + 1)


def _no_constant(name: str) -> NoReturn:
    """Refuse what only Python takes for a number: NaN, Infinity, -Infinity."""
    where = "in numeric literal" if name.startswith("-") else "looking for beginning of value"
    raise BadContent(f"invalid character '{name.strip('-')[0]}' {where}")


# Python reads no integers of thousands of digits, and here nobody asks how large they are
_JSON = json.JSONDecoder(parse_int=str, parse_constant=_no_constant)


def _checked(value: bytes) -> bytes:
    try:
        _JSON.decode(value.decode(errors="replace"))
    except RecursionError:
        # of about a thousand levels, which is as far as Python reads; Go reads ten times as many
        raise BadContent("exceeded max depth") from None
    except ValueError as error:
        at = error.pos if isinstance(error, json.JSONDecodeError) else 0
        shown = value[at : at + 1].decode(errors="replace")
        raise BadContent(f"invalid character '{shown}' looking for beginning of value") from None
    return value


class CsvRows:
    """CSV rows, written anew with the fewest quotes; empty lines are left out."""

    def __init__(self) -> None:
        self._lines = Lines()
        self._held: list[bytes] = []
        self._quotes = 0

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Give the records that are complete now."""
        return self._rows(self._lines.feed(data))

    def close(self) -> Iterator[bytes]:
        """Give what is left at the end."""
        yield from self._rows(self._lines.close())
        if self._held:
            raise BadContent('parse error: extraneous or missing " in quoted-field')

    def _rows(self, lines: Iterable[bytes]) -> Iterator[bytes]:
        for line in lines:
            self._held.append(line)
            self._quotes += line.count(b'"')
            if self._quotes % 2:
                continue
            row, self._held, self._quotes = b"".join(self._held), [], 0
            if row.strip(b"\r\n"):
                yield _csv_row(row)


_CSV_FIELD = re.compile(rb'(?:"((?:[^"]|"")*)"|([^",]*))(?:,|\Z)', re.DOTALL)


def _csv_row(row: bytes) -> bytes:
    text = row[:-1] if row.endswith(b"\n") else row
    text = text[:-1] if text.endswith(b"\r") else text
    fields: list[bytes] = []
    at = 0
    while True:
        found = _CSV_FIELD.match(text, at)
        if found is None:
            raise BadContent('parse error: bare " in non-quoted-field')
        fields.append(found[2] if found[1] is None else found[1].replace(b'""', b'"').replace(b"\r\n", b"\n"))
        at = found.end()
        if not found[0].endswith(b","):
            return b",".join(_csv_field(field) for field in fields) + b"\n"


def _csv_field(field: bytes) -> bytes:
    if field == rb"\." or re.search(rb'[",\r\n]|\A\s', field):
        return b'"' + field.replace(b'"', b'""') + b'"'
    return field
