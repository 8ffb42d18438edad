"""What differs between two commits below a path."""

from __future__ import annotations

from collections.abc import Iterator

from airflow_provider_pachyderm.devserver.engine.files import View
from airflow_provider_pachyderm.devserver.engine.model import FileInfo

Pair = tuple[FileInfo | None, FileInfo | None]
"""What is at a path in the newer and in the older commit; None: nothing."""


def diff(new: View, new_path: str, old: View | None, old_path: str) -> Iterator[Pair]:
    """DiffFile: paths whose content differs, and the directories they are in, in order.

    :param old: None compares with nothing.
    """
    newer = _by_place(new, new_path)
    older = _by_place(old, old_path) if old is not None else {}
    for place in sorted(newer.keys() | older.keys()):
        pair = newer.get(place), older.get(place)
        if _content(pair[0]) != _content(pair[1]):
            yield pair


def _by_place(view: View, path: str) -> dict[tuple[str, str], FileInfo]:
    """What is below a path, by relative path (directories with a slash) and datum."""
    found, start = {}, None
    for info in view.walk(path):
        name = info.path.rstrip("/") + "/" if info.is_dir else info.path
        start = name.rstrip("/") if start is None else start
        found[name[len(start) :], info.datum] = info
    return found


def _content(info: FileInfo | None) -> tuple[bool, bytes] | None:
    return None if info is None else (info.is_dir, info.hash)
