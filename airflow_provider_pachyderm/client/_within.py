"""Ranges of paths: only what is in one, the same from every server."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from airflow_provider_pachyderm.client._dialects.calls import Listing
from airflow_provider_pachyderm.client._errors import InvalidRequest
from airflow_provider_pachyderm.client._models import FileInfo, FileType, PathRange


def check(path_range: PathRange | None) -> PathRange | None:
    """Return a range, or None.

    :raises InvalidRequest: if it is none, or a bound is no absolute path.
    """
    if path_range is None:
        return None
    if not isinstance(path_range, PathRange):
        raise InvalidRequest(f"path_range is a PathRange, not {type(path_range).__name__}")
    for bound in (path_range.lower, path_range.upper):
        if bound and not bound.startswith("/"):
            raise InvalidRequest(f"path_range has the bound {bound!r}: a path begins with a slash")
    return path_range


def keep(listing: Listing[FileInfo], within: PathRange) -> Listing[FileInfo]:
    """Leave out what is not in a range."""
    return replace(listing, read=_filtered(listing.read, within))


def _filtered(
    read: Callable[[object], Iterable[FileInfo]], within: PathRange
) -> Callable[[object], Iterable[FileInfo]]:
    return lambda reply: (info for info in read(reply) if _has(within, info))


def _has(within: PathRange, info: FileInfo) -> bool:
    # servers know a directory by its name with a slash behind it
    key = info.path.rstrip("/") + "/" if info.type is FileType.DIR else info.path
    return within.lower <= key and (not within.upper or key < within.upper)
