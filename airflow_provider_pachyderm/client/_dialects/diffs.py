"""DiffFile, the same from both worlds: pairs of the files that differ.

1.x servers send two lists, 2.x servers a stream of pairs, in which directories are, too, and which knows no "shallow".
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import TypeAlias

from airflow_provider_pachyderm._wire.v1 import methods as v1_methods
from airflow_provider_pachyderm._wire.v1 import pfs_pb2 as v1
from airflow_provider_pachyderm._wire.v2 import methods as v2_methods
from airflow_provider_pachyderm._wire.v2 import pfs_pb2 as v2
from airflow_provider_pachyderm.client._capabilities import Feature
from airflow_provider_pachyderm.client._dialects import replies_v1, replies_v2
from airflow_provider_pachyderm.client._dialects.calls import Call, Listing
from airflow_provider_pachyderm.client._dialects.names_v1 import NamesV1
from airflow_provider_pachyderm.client._dialects.names_v2 import NamesV2
from airflow_provider_pachyderm.client._models import Commit, FileInfo, FilePair, FileType
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


class Diffs(ABC):
    """The calls of one server version that compare commits."""

    @abstractmethod
    def compare(
        self, new: Commit, new_path: str, old: Commit | None, old_path: str, *, shallow: bool
    ) -> Listing[FilePair]:
        """Compare two commits.

        :param old: the parent of ``new`` if None.
        """

    def of_commit(self, commit: Commit, path: str) -> Listing[FilePair]:
        """List what a commit changed at a path, against its parent."""
        return self.compare(commit, path, None, path, shallow=False)


class DiffsV1(Diffs):
    """DiffFile of ``pfs.API``."""

    def __init__(self, names: NamesV1) -> None:
        self._names = names

    def compare(
        self, new: Commit, new_path: str, old: Commit | None, old_path: str, *, shallow: bool
    ) -> Listing[FilePair]:
        if shallow:
            self._names.capabilities.require(Feature.DIFF_SHALLOW)
        self._names.capabilities.require(Feature.DIFF_FILE)
        diff = Diff(new_path, old_path, shallow=shallow)
        new_reader, old_reader = replies_v1.FileInfoReader(new), replies_v1.FileInfoReader(old or new)

        def pairs(reply: v1.DiffFileResponse) -> Iterable[FilePair]:
            return diff.pair_up(map(new_reader, reply.new_files), map(old_reader, reply.old_files))

        request = v1.DiffFileRequest(
            new_file=self._names.file(new, new_path),
            old_file=None if old is None else self._names.file(old, old_path),
            shallow=shallow,
        )
        return Listing(Call(v1_methods.Pfs.DiffFile, request, pairs, f"{new}:{new_path}"))


class DiffsV2(Diffs):
    """DiffFile of ``pfs_v2.API``."""

    def __init__(self, names: NamesV2) -> None:
        self._names = names

    def compare(
        self, new: Commit, new_path: str, old: Commit | None, old_path: str, *, shallow: bool
    ) -> Listing[FilePair]:
        diff = Diff(new_path, old_path, shallow=shallow)
        new_reader, old_reader = replies_v2.FileInfoReader(new), replies_v2.FileInfoReader(old or new)

        def pairs(reply: v2.DiffFileResponse) -> Iterable[FilePair]:
            pair = (
                new_reader(reply.new_file) if reply.HasField("new_file") else None,
                old_reader(reply.old_file) if reply.HasField("old_file") else None,
            )
            return (pair,) if diff.wants(pair) else ()

        request = v2.DiffFileRequest(
            new_file=self._names.file(new, new_path), old_file=None if old is None else self._names.file(old, old_path)
        )
        return Listing(Call(v2_methods.Pfs.DiffFile, request, pairs, f"{new}:{new_path}"), order=diff.order)
