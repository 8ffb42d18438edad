"""Which files are read in one go."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from airflow_provider_pachyderm.client._models import FileInfo, FileType

# how long a call takes, and the header of a file in an archive, both counted in bytes of content
_CALL = 256 * 1024
_HEADER = 1024


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
