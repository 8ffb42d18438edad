"""Local files: which there are to upload, and writing one in place of another. These functions block."""

from __future__ import annotations

import logging
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from io import FileIO
from pathlib import Path
from typing import BinaryIO

from airflow_provider_pachyderm.client._errors import InvalidRequest
from airflow_provider_pachyderm.client._local.filters import Filter
from airflow_provider_pachyderm.client._local.names import BadNames, listed, storable
from airflow_provider_pachyderm.client._local.parts import opened

_logger = logging.getLogger(__name__)


def check_file(path: str | os.PathLike[str]) -> Path:
    """Return the path of a regular file.

    :raises OSError: if it is missing or cannot be read.
    :raises InvalidRequest: if it is not a regular file.
    """
    local = Path(path)
    mode = local.stat().st_mode
    if stat.S_ISDIR(mode):
        raise InvalidRequest(f"{local} is a directory: use put_files() for directories")
    if not stat.S_ISREG(mode):
        raise InvalidRequest(f"{local} is not a regular file")
    if not os.access(local, os.R_OK):
        raise PermissionError(f"{local} is not readable")
    return local


def open_file(local: Path) -> FileIO:
    """Open a file for chunked reading: unbuffered, as the reads are as big as a buffer would have to be."""
    return local.open("rb", buffering=0)


def find_files(
    directory: str | os.PathLike[str],
    target: str,
    wanted: Filter | None = None,
    *,
    follow_links: bool = False,
    bad_names: BadNames = "refuse",
) -> list[tuple[str, Path]]:
    """Find all files below a directory as :func:`walk` does, with the PFS path of each below ``target``.

    :param bad_names: what becomes of files whose names PFS cannot store.
    :raises UnstorableNames: if there are such, with all of them, and they are to be refused.
    """
    return storable(walk(directory, wanted, follow_links=follow_links), target, bad_names)


def walk(
    directory: str | os.PathLike[str], wanted: Filter | None = None, *, follow_links: bool = False
) -> Iterator[tuple[str, Path]]:
    """Find all files below a directory, by name, with the name of each relative to it, ``/`` between segments.

    Links to files are followed. Links to directories are left out, or followed with ``follow_links``, but for those
    that lead back to a directory they are in. What is left out is logged at the end, as one warning.

    :param wanted: leaves out others, be they what they may; a directory that it excludes is not looked into.
    :raises OSError: if the directory is missing, something in it cannot be read, or a link leads to nothing.
    :raises InvalidRequest: if something is neither file nor directory.
    """
    root = Path(directory)
    if not root.is_dir():
        raise NotADirectoryError(f"{root} is not a directory")
    walker = _Walker(wanted or Filter(), follow_links)
    yield from walker.below(root, "", (identity(root.stat()),))
    walker.say_left_out()


def identity(status: os.stat_result) -> tuple[int, int]:
    """Tell a file or directory from all others."""
    return status.st_dev, status.st_ino


class _Walker:
    def __init__(self, wanted: Filter, follow_links: bool) -> None:
        self._wanted = wanted
        self._follow_links = follow_links
        self._left_out: list[str] = []

    def below(self, directory: Path, prefix: str, above: tuple[tuple[int, int], ...]) -> Iterator[tuple[str, Path]]:
        """Give the files of a directory.

        :param above: identities of this one and those that it is in.
        """
        with os.scandir(directory) as found:
            entries = sorted(found, key=lambda entry: entry.name)
        for entry in entries:
            name, local = prefix + entry.name, directory / entry.name
            if self._wanted.excludes(name):
                continue
            if not entry.is_dir():
                if self._wanted.wants(name):
                    yield name, check_file(local)
            elif (inside := self._inside(entry, name, above)) is not None:
                yield from self.below(local, f"{name}/", inside)

    def _inside(
        self, entry: os.DirEntry[str], name: str, above: tuple[tuple[int, int], ...]
    ) -> tuple[tuple[int, int], ...] | None:
        itself = identity(entry.stat())
        if entry.is_symlink() and (not self._follow_links or itself in above):
            self._left_out.append(name)
            return None
        return (*above, itself)

    def say_left_out(self) -> None:
        if self._left_out:
            why = (
                "they lead back to a directory that contains them"
                if self._follow_links
                else ("follow_links=True would follow them")
            )
            _logger.warning("Skipped links to directories (%s): %s", why, listed(self._left_out))


@contextmanager
def replacing(local: Path) -> Iterator[BinaryIO]:
    """Write a file under a temporary name beside it, which becomes its name only when all is written."""
    with opened(local.parent, local.name, None, private=False) as part:
        try:
            with part.file() as file:
                yield file
            part.publish(local, None)
        except BaseException:
            part.remove()
            raise
