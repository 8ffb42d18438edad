"""Parts of file listings, the same from every server: pages, ranges of paths, and batches to read together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from airflow_provider_pachyderm.client._dialects.calls import Listing
from airflow_provider_pachyderm.client._errors import InvalidRequest
from airflow_provider_pachyderm.client._models import FileInfo, FileType, PathRange
from airflow_provider_pachyderm.client._paths import below, sort_key

# how long a call takes, and the header of a file in an archive, both counted in bytes of content
_CALL = 256 * 1024
_HEADER = 1024


@dataclass(frozen=True, slots=True)
class Page:
    """Which part of the list of a directory is wanted.

    :param after: what comes behind this path; in a list that is turned around, what is before it in the other.
    :param number: the most to list; 0 for all.
    """

    directory: str
    after: str | None = None
    number: int = 0
    reverse: bool = False

    def __post_init__(self) -> None:
        if self.after is not None and not below(self.after, self.directory):
            raise InvalidRequest(f"after must be a path below {self.directory}, not {self.after}")

    def of(self, listing: Listing[FileInfo]) -> Listing[FileInfo]:
        """Cut a listing to the page, but for turning it around."""
        limited = replace(listing, limit=self.number or None) if not self.reverse else listing
        if self.after is None:
            return limited
        border = sort_key(self.after)
        return replace(limited, absent=None).where(lambda info: self._is_behind(border, info))

    def _is_behind(self, border: str, info: FileInfo) -> bool:
        key = sort_key(info.path)
        return key < border if self.reverse else key > border


def check_range(path_range: PathRange | None) -> PathRange | None:
    """Return a range, or None.

    :raises InvalidRequest: if it is none, or a bound is no absolute path.
    """
    if path_range is None:
        return None
    if not isinstance(path_range, PathRange):
        raise InvalidRequest(f"path_range must be a PathRange, not {type(path_range).__name__}")
    for bound in (path_range.lower, path_range.upper):
        if bound and not bound.startswith("/"):
            raise InvalidRequest(f"a bound of path_range must begin with a slash, not be {bound!r}")
    return path_range


def keep_in_range(listing: Listing[FileInfo], within: PathRange) -> Listing[FileInfo]:
    """Leave out what is not in a range."""
    return listing.where(lambda info: _has(within, info))


def _has(within: PathRange, info: FileInfo) -> bool:
    # servers know a directory by its name with a slash behind it
    key = info.path.rstrip("/") + "/" if info.type is FileType.DIR else info.path
    return within.lower <= key and (not within.upper or key < within.upper)


@dataclass(frozen=True, slots=True)
class Batch:
    """Files that come in one stream.

    :param directory: they are part of its archive; None: it is one file alone.
    :param lasting: they stay as they are, as their commit is finished.
    :param put: their commit is none of a pipeline, whose files have no digests that could be computed.
    """

    files: Sequence[FileInfo]
    directory: str | None = None
    lasting: bool = False
    put: bool = False


def alone(chosen: Iterable[FileInfo]) -> Iterator[Batch]:
    """Read each file by itself."""
    return (Batch((info,)) for info in chosen)


def together(directory: str, listed: Sequence[FileInfo], chosen: Sequence[FileInfo], streams: int) -> Iterable[Batch]:
    """Read the files of a directory from one archive, if that is sooner.

    :param listed: all that an archive of the directory would bring.
    :param chosen: those that are wanted.
    :param streams: how many there are at a time.
    """
    return (Batch(chosen, directory),) if _archive_is_sooner(listed, chosen, streams) else alone(chosen)


def _archive_is_sooner(listed: Sequence[FileInfo], chosen: Sequence[FileInfo], streams: int) -> bool:
    if len(chosen) < 2 or any(info.type is FileType.DIR for info in listed):
        return False
    # of two files of one name, as two datums have put them, none is right
    if len({info.path for info in listed}) < len(listed):
        return False
    return streams * sum(info.size_bytes + _HEADER for info in listed) <= _CALL * len(chosen)
