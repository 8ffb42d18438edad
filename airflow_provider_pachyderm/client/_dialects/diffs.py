"""DiffFile, the same from both worlds: pairs of the files that differ.

1.x servers send two lists, 2.x servers a stream of pairs, in which directories are, too, and which knows no "shallow".
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

from airflow_provider_pachyderm.client._models import FileInfo, FilePair, FileType
from airflow_provider_pachyderm.client._paths import PathOrder, below, sort_key

_Place: TypeAlias = "tuple[str, FileType]"


class Diff:
    """What is compared.

    :param new: the directory or file in the newer commit.
    :param old: and in the older one.
    :param shallow: only what is directly in the directory, with its directories, instead of all files below it.
    """

    def __init__(self, new: str, old: str, *, shallow: bool) -> None:
        self._new = new
        self._old = old
        self._shallow = shallow

    def pair_up(self, new: Iterable[FileInfo], old: Iterable[FileInfo]) -> Iterable[FilePair]:
        """Make pairs of two lists. A file that became a directory is in two pairs, as nothing of it stayed."""
        newer: dict[_Place, FileInfo] = {(below(info.path, self._new), info.type): info for info in new}
        older: dict[_Place, FileInfo] = {(below(info.path, self._old), info.type): info for info in old}
        for place in sorted(newer.keys() | older.keys(), key=_placed):
            yield newer.get(place), older.get(place)

    def wants(self, pair: FilePair) -> bool:
        """Whether a pair is asked for, of all that differ."""
        place, type = self._place(pair)
        if self._shallow:
            return "/" not in place and (place != "" or type is FileType.FILE)
        return type is FileType.FILE

    def earlier(self, new: FileInfo | None, old: FileInfo | None) -> int:
        """Say which of two comes first: the new one (-1), the old one (1), or both at once (0)."""
        if new is None or old is None:
            return 1 if new is None else -1
        ours, theirs = _placed(self._place((new, None))), _placed(self._place((None, old)))
        return (ours > theirs) - (ours < theirs)

    def differ(self, pair: FilePair) -> bool:
        """Whether the two of a pair differ, as far as the server says what they hold."""
        new, old = pair
        return new is None or old is None or (new.size_bytes, new.hash) != (old.size_bytes, old.hash)

    def order(self) -> PathOrder[FilePair]:
        """Make what puts pairs in order."""
        return PathOrder(lambda pair: "/" + self._place(pair)[0])

    def _place(self, pair: FilePair) -> _Place:
        new, old = pair
        if new is not None:
            return below(new.path, self._new), new.type
        assert old is not None
        return below(old.path, self._old), old.type


def _placed(place: _Place) -> tuple[str, bool]:
    return sort_key(place[0]), place[1] is FileType.DIR
