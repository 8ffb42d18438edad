"""What an open commit of 1.x keeps of what was written to it: not the changes in their order, but records of paths.

From 1.6.7 on all changes of a path are joined into one record, and finishing the commit applies the records one by one.
So what was written after a directory was deleted does not replace what was written before: both are in the record of
the file, and the record of the directory is another one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from airflow_provider_pachyderm.devserver.engine.model import NO_HEADER_FOOTER, Change, HeaderFooter, Put, PutSplit
from airflow_provider_pachyderm.devserver.engine.store.blobs import Blob


@dataclass(frozen=True)
class Piece:
    """An object to append.

    :param size: what counts as its size.
    :param overwrite: first drop the objects from this one on.
    """

    blob: Blob
    size: int
    overwrite: int | None = None


@dataclass(frozen=True)
class Record:
    """What is to happen at a path.

    :param deleted: first delete what is there.
    :param split: each piece becomes a file of its own in the directory at the path.
    :param shared: what files of the directory share from then on.
    """

    path: str
    deleted: bool = False
    split: bool = False
    pieces: tuple[Piece, ...] = ()
    shared: HeaderFooter = NO_HEADER_FOOTER

    def followed_by(self, later: Record, keeps_split: bool) -> Record:
        """Both in one.

        :param keeps_split: a deletion changes nothing but that something is deleted (1.6).
        """
        pieces = later.pieces if later.deleted else self.pieces + later.pieces
        split = self.split if keeps_split and later.deleted and not later.pieces else later.split
        return replace(later, deleted=self.deleted or later.deleted, split=split, pieces=pieces)


def record_of(change: Change) -> Record:
    """The record of one change."""
    if isinstance(change, PutSplit):
        pieces = tuple(Piece(blob, size) for blob, size in zip(change.pieces, _sizes(change), strict=True))
        return Record(change.path, split=True, pieces=pieces, shared=change.shared)
    if isinstance(change, Put):
        index = change.overwrite or None
        # the first object does the overwriting
        indexes = (index, *(None for _ in change.pieces[1:]))
        pieces = tuple(map(Piece, change.pieces, _sizes(change), indexes))
        return Record(change.path, deleted=change.overwrite == 0, pieces=pieces)
    return Record(change.path, deleted=True)


def _sizes(change: Put | PutSplit) -> Iterable[int]:
    return change.sizes or [piece.size for piece in change.pieces]


class Records:
    """The records of an open commit in the order in which they are applied.

    :param kept: ``"in turn"``: every change by itself; ``"by path"``: joined, and applied in the order of the paths;
        ``"by change"``: joined, and applied in the order of their last changes.
    """

    def __init__(self, kept: str) -> None:
        self._kept = kept
        self._apart: list[Record] = []
        self._joined: dict[str, Record] = {}

    def add(self, record: Record) -> bool:
        """Take one more; whether it is simply applied after all others."""
        if self._kept == "in turn":
            self._apart.append(record)
            return True
        earlier = self._joined.pop(record.path, None)
        by_path = self._kept == "by path"
        self._joined[record.path] = record if earlier is None else earlier.followed_by(record, keeps_split=by_path)
        if by_path and record.deleted:
            self._forget_below(record.path)
        return earlier is None and not by_path

    def add_apart(self, records: Iterable[Record]) -> None:
        """Take some that are not joined, as those of a commit that is made by one call."""
        self._apart += records

    def _forget_below(self, path: str) -> None:
        for other in [one for one in self._joined if one.startswith(path.rstrip("/") + "/") and one != path]:
            del self._joined[other]

    def in_order(self) -> list[Record]:
        """All of them."""
        joined = list(self._joined.values())
        if self._kept == "by path":
            joined.sort(key=lambda record: record.path)
        return self._apart + joined

    def seen_from(self, path: str) -> list[Record] | None:
        """Those that a reader of one path sees; None: all of them, or none of the others matters.

        Servers look for records whose keys begin as the path does, so that deleted directories above it are not seen.
        """
        start = path.rstrip("/")
        records = self.in_order()
        if not start or not any(_matters(record.path, start) for record in records):
            return None
        return [_moved(record, start) for record in records if record.path.startswith(start)]


def _matters(other: str, path: str) -> bool:
    above = other == "/" or path.startswith(other + "/")
    beside = other.startswith(path) and not f"{other}/".startswith(path + "/")
    return above or beside


def _moved(record: Record, path: str) -> Record:
    """The record where its reader takes it to be: all behind the path counts as a name in it."""
    rest = record.path[len(path) :]
    return record if not rest or rest.startswith("/") else replace(record, path=f"{path}/{rest}")
