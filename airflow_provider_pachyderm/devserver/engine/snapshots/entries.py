"""The files of a commit of 2.x as its servers go over them: sorted by path, directories put in where they begin.

All reading of 2.x is going over a part of this order and keeping some of it, so what is seen of paths that clash
depends on what a call goes over, see :class:`.files.scans.ScanView`.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from airflow_provider_pachyderm.devserver.engine.errors import EngineError, refused
from airflow_provider_pachyderm.devserver.engine.model import File
from airflow_provider_pachyderm.devserver.engine.snapshots.trees import Key, Node
from airflow_provider_pachyderm.devserver.engine.store.blobs import Blob


@dataclass(frozen=True)
class Span:
    """A part of the order.

    :param prefix: only what begins with it, unless there is a range.
    :param lower: the first path of a range.
    :param upper: the first path behind it; empty: it has no end.
    :param ranged: there is a range, be it without limits.
    :param end: what is looked at behind a range, so that a directory that holds nothing else of it is told:
        ``"nothing"``, a file that is ``"named"`` as its end, or the ``"next"`` file.
    """

    prefix: str = ""
    lower: str = ""
    upper: str = ""
    ranged: bool = False
    end: str = "nothing"

    @property
    def start(self) -> str:
        """The first path that is looked at; directories before it are not told."""
        return self.lower if self.ranged else self.prefix

    def ends(self, path: str) -> bool:
        """Whether nothing from a path on is in it."""
        if not self.ranged:
            return not path.startswith(self.prefix) and path > self.prefix
        if not self.upper:
            return False
        return path > self.upper if self.end == "named" else path >= self.upper


class Entries:
    """Files by path and datum in order.

    :param files: not copied, not to be changed any more.
    """

    def __init__(self, files: Mapping[Key, File]) -> None:
        self.files = files
        self._order = [_Entry(*key, File(pieces)) for key in sorted(files) for pieces in _contents(files[key])]
        self._paths = [entry.path for entry in self._order]
        self._directories: dict[str, tuple[int, bytes]] | None = None
        self._by_datum: dict[str, Entries] = {}
        self.clash = self._first_clash()
        """The first path that two things want to be, in the words of 2.x."""

    def of_datum(self, datum: str) -> Entries:
        """The same, with nothing but the files of a datum; empty means all."""
        if not datum:
            return self
        if datum not in self._by_datum:
            self._by_datum[datum] = Entries({key: file for key, file in self.files.items() if key[1] == datum})
        return self._by_datum[datum]

    def scan(self, span: Span, *, strict: bool, beneath: str = "") -> Iterator[Node]:
        """Go over a part of the order.

        :param strict: stop with a refusal where paths clash.
        :param beneath: a directory; what is deeper than directly in it may be left out.
        """
        position, last, previous, peeks = bisect_left(self._paths, span.start), "", None, span.end == "next"
        while position < len(self._order):
            entry = self._order[position]
            if span.ends(entry.path):
                if not (span.ranged and peeks):
                    return
                peeks = False
            if strict and (clash := _clash(previous, entry)) is not None:
                raise clash
            for directory in _directories(entry.path, last, span.start):
                yield self._directory(directory)
            yield self._node(entry)
            previous, last = entry, entry.path
            position = self._next(position, beneath)

    def _next(self, position: int, beneath: str) -> int:
        """The position to look at next: behind the directory that is told already, if the rest of it is not wanted."""
        path = self._paths[position]
        deeper = path[len(beneath) :].partition("/")
        if self.clash is None and beneath and path.startswith(beneath) and deeper[1]:
            # the character after the slash comes behind all that is in the directory
            return bisect_left(self._paths, f"{beneath}{deeper[0]}0", position)
        return position + 1

    def _node(self, entry: _Entry) -> Node:
        if entry.path == "/":
            # what is put at the root is not shown, but its datum is
            return Node("/", True, *self._below("/"), entry.datum)
        return Node(entry.path, False, entry.file.size, entry.digest, entry.datum, entry.file)

    def _directory(self, directory: str) -> Node:
        return Node(directory.rstrip("/") or "/", True, *self._below(directory))

    def _below(self, directory: str) -> tuple[int, bytes]:
        """The size of all in a directory and a digest of it."""
        if self._directories is None:
            self._directories = self._totals()
        return self._directories.get(directory, (0, b""))

    def _totals(self) -> dict[str, tuple[int, bytes]]:
        found: dict[str, tuple[int, bytes]] = {}
        opened: list[_Total] = []
        for entry in self._order:
            while opened and not entry.path.startswith(opened[-1].path):
                _close(opened, found)
            last = opened[-1].path if opened else ""
            opened += [_Total(directory) for directory in _directories(entry.path, last, "")]
            if entry.path != "/":
                opened[-1].add(entry.file.size, entry.digest)
            elif not opened:
                opened.append(_Total("/"))
        while opened:
            _close(opened, found)
        return found

    def _first_clash(self) -> EngineError | None:
        pairs = zip(self._order, self._order[1:], strict=False)
        return next((clash for one, other in pairs if (clash := _clash(one, other)) is not None), None)


@dataclass(frozen=True)
class _Entry:
    """A file, by its path and datum."""

    path: str
    datum: str
    file: File

    @cached_property
    def digest(self) -> bytes:
        """A digest of its content."""
        return hashlib.blake2b("".join(piece.hash for piece in self.file.pieces).encode(), digest_size=32).digest()


def _contents(file: File) -> Iterator[tuple[Blob, ...]]:
    yield file.pieces
    yield from file.beside


class _Total:
    """What is in a directory, while it is gone over."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.size = 0
        self.hash = hashlib.blake2b(digest_size=32)

    def add(self, size: int, digest: bytes) -> None:
        self.size += size
        self.hash.update(digest)


def _close(opened: list[_Total], found: dict[str, tuple[int, bytes]]) -> None:
    total = opened.pop()
    found[total.path] = total.size, total.hash.digest()
    if opened:
        opened[-1].add(*found[total.path])


def _directories(path: str, last: str, start: str) -> list[str]:
    """Directories above a path, outermost first, that were not told by the last one and do not come before a start."""
    found: list[str] = []
    while path != "/":
        path = path.rstrip("/").rpartition("/")[0] + "/"
        if last >= path or path < start:
            break
        found.append(path)
    return found[::-1]


def _clash(one: _Entry | None, other: _Entry) -> EngineError | None:
    """What is wrong with two neighbours in the order, if anything is.

    A file between them hides that the first one is a directory of the second, as it does from real servers.
    """
    if one is None:
        return None
    if one.path == other.path:
        sources = f"({one.path} from {one.datum} and {other.path} from {other.datum})"
        return refused(f"duplicate path output by different datums {sources}")
    if other.path.startswith(f"{one.path}/"):
        return refused(f"file / directory path collision ({other.path})")
    return None
