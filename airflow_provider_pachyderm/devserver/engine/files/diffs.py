"""What differs between two commits of 2.x below a path."""

from __future__ import annotations

from collections.abc import Iterator

from airflow_provider_pachyderm.devserver.engine.files.scans import ScanView
from airflow_provider_pachyderm.devserver.engine.model import FileInfo

Pair = tuple[FileInfo | None, FileInfo | None]
"""What is at a path in the newer and in the older commit; None: nothing."""


def diff(new: ScanView, new_path: str, old: ScanView | None, old_path: str) -> Iterator[Pair]:
    """DiffFile: paths whose content differs, and the directories they are in, in order.

    Whole paths are compared: what is below two different ones has nothing in common.

    :param old: None compares with nothing.
    """
    newer = new.tree(new_path)
    older = iter(()) if old is None else old.tree(old_path)
    one, other = next(newer, None), next(older, None)
    while one is not None or other is not None:
        if other is None or (one is not None and _name(one) < _name(other)):
            yield one, None
            one = next(newer, None)
        elif one is None or _name(other) < _name(one):
            yield None, other
            other = next(older, None)
        else:
            if one.hash != other.hash:
                yield one, other
            one, other = next(newer, None), next(older, None)


def _name(info: FileInfo) -> str:
    return info.path.rstrip("/") + "/" if info.is_dir else info.path
