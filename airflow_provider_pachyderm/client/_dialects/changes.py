"""Many changes in one stream of ModifyFile or CreateFileSet (2.x)."""

from __future__ import annotations

import posixpath
from collections.abc import Container, Iterable, Iterator, Sequence

from airflow_provider_pachyderm.client._changes import Change, Copy, Delete, Put, PutUrl
from airflow_provider_pachyderm.client._dialects.calls import Plan
from airflow_provider_pachyderm.client._dialects.copies_v2 import CopiesV2
from airflow_provider_pachyderm.client._dialects.modify_messages import delete_frame, delete_frames, url_frame
from airflow_provider_pachyderm.client._dialects.uploads import Content
from airflow_provider_pachyderm.client._models import Commit
from airflow_provider_pachyderm.client._paths import with_parents

# Up to so many files are deleted before they are put, be they there or not; for more, the directory that they share is
# listed first.
FEW = 8


def encode_changes(copies: CopiesV2, wanted: Sequence[Change], existing: Container[str]) -> Plan[list[Content]]:
    """Make what one stream sends for changes, in order.

    :param existing: the files that are replaced by what is put.
    """
    encoder = _Encoder(existing)
    parts: list[Content] = []
    for change in wanted:
        copying: tuple[bytes, ...] = ()
        if isinstance(change, Copy):
            info = change.known or (yield from copies.find(change.source, change.source_path))
            copying = yield from copies.frames(info, change.path, append=change.append)
        parts.append(encoder.part(change, copying))
    return parts


class _Encoder:
    """Makes the messages of changes, and deletes a file before it is put where it may exist.

    :param existing: the paths of files that are there.
    """

    def __init__(self, existing: Container[str]) -> None:
        self._existing = existing
        self._written: set[str] = set()
        self._anything_written = False

    def part(self, change: Change, copying: tuple[bytes, ...]) -> Content:
        """Make the messages of one change.

        :param copying: those of a copy.
        """
        frames = tuple(self._frames(change, copying))
        if isinstance(change, Put):
            return Content(change.path, change.source, frames, change.transfer)
        return Content(change.path, None, frames)

    def _frames(self, change: Change, copying: tuple[bytes, ...]) -> Iterator[bytes]:
        if isinstance(change, Delete):
            yield from delete_frames(change.path)
        elif isinstance(change, Copy):
            yield from copying
            self._anything_written = True  # a directory brings files of any name
        else:
            if not change.append and self._may_exist(change.path):
                yield delete_frame(change.path)
            self._written.add(change.path)
            if isinstance(change, PutUrl):
                yield url_frame(change)
                self._anything_written = self._anything_written or change.recursive

    def _may_exist(self, path: str) -> bool:
        return self._anything_written or path in self._written or path in self._existing


def overwritten(changes: Iterable[Change]) -> list[str]:
    """Name the files that are replaced if they exist, unless they are deleted before."""
    deleted: set[str] = set()
    found = []
    for change in changes:
        if isinstance(change, Delete):
            deleted.add(change.path)
        elif _replaces(change) and deleted.isdisjoint(with_parents(change.path)):
            found.append(change.path)
    return found


def _replaces(change: Change) -> bool:
    """Say whether a change replaces the file that it names."""
    if isinstance(change, PutUrl):
        return not change.append and not change.recursive
    return isinstance(change, Put) and not change.append


class Places:
    """Paths, to ask whether another one is one of them, in one of them, or has one in it."""

    def __init__(self) -> None:
        self._paths: set[str] = set()
        self._around: set[str] = set()

    def add(self, path: str) -> None:
        self._paths.add(path)
        self._around.update(with_parents(path))

    def meet(self, path: str) -> bool:
        return path in self._around or not self._paths.isdisjoint(with_parents(path))


def in_streams(wanted: Iterable[Change], target: Commit | None = None) -> list[list[Change]]:
    """Part changes into what one stream of 2.x can hold each, in order.

    In one stream, servers fail to append to what a copy has put there, and copy what was there before the stream.

    :param target: the commit that they are made in.
    """
    streams: list[list[Change]] = []
    copied, written = Places(), Places()
    for change in wanted:
        if not streams or _needs_new_stream(change, target, copied, written):
            streams.append([])
            copied, written = Places(), Places()
        streams[-1].append(change)
        written.add(change.path)
        if isinstance(change, Copy):
            copied.add(change.path)
    return streams


def _needs_new_stream(change: Change, target: Commit | None, copied: Places, written: Places) -> bool:
    if isinstance(change, Delete):
        return False
    if not isinstance(change, Copy):
        return change.append and copied.meet(change.path)
    if change.append and written.meet(change.path):
        return True
    return target is not None and change.source.id == target.id and written.meet(change.source_path)


def in_runs(wanted: Iterable[Change]) -> Iterator[list[Change]]:
    """Part changes into what 1.x can take together: puts of different files, done alike; or one other change.

    These servers take the files of a stream side by side, so that of two with one path either may be the last.
    """
    run: list[Change] = []
    paths: set[str] = set()
    for change in wanted:
        if run and not (_go_together(run[-1], change) and change.path not in paths):
            yield run
            run, paths = [], set()
        run.append(change)
        paths.add(change.path)
    if run:
        yield run


def _go_together(before: Change, change: Change) -> bool:
    return isinstance(before, Put) and isinstance(change, Put) and before.append == change.append


def shared_directory(paths: Sequence[str]) -> str:
    """Name the innermost directory that has all of these files below it."""
    return posixpath.commonpath([posixpath.dirname(path) for path in paths])
