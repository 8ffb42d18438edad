"""The local side of transfers: what to upload, and where downloads go. These functions block."""

from __future__ import annotations

import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from io import FileIO
from pathlib import Path
from typing import BinaryIO

from airflow_provider_pachyderm.client import _paths
from airflow_provider_pachyderm.client._errors import InvalidRequest
from airflow_provider_pachyderm.client._filters import Filter


def check_file(path: str | os.PathLike[str]) -> Path:
    """Return the path of a regular file.

    :raises OSError: if it is missing or cannot be read.
    :raises InvalidRequest: if it is not a regular file.
    """
    local = Path(path)
    mode = local.stat().st_mode
    if stat.S_ISDIR(mode):
        raise InvalidRequest(f"{local} is a directory: put_files() puts directories")
    if not stat.S_ISREG(mode):
        raise InvalidRequest(f"{local} is not a regular file")
    if not os.access(local, os.R_OK):
        raise PermissionError(f"{local} cannot be read")
    return local


def open_file(local: Path) -> FileIO:
    """Open a file for chunked reading: unbuffered, as the reads are as big as a buffer would have to be."""
    return local.open("rb", buffering=0)


def find_files(directory: str | os.PathLike[str], target: str, wanted: Filter | None = None) -> list[tuple[str, Path]]:
    """Find all files below a directory, sorted; with the PFS path of each below ``target``.

    Links to files are followed, links to directories are not.

    :param wanted: leaves out others, be they what they may.

    :raises OSError: if the directory is missing or something in it cannot be read.
    :raises InvalidRequest: if a name cannot be stored in PFS, or something is neither file nor directory.
    """
    root = Path(directory)
    if not root.is_dir():
        raise NotADirectoryError(f"{root} is not a directory")
    found: list[tuple[str, Path]] = []
    for parent, directories, names in os.walk(root, onerror=_raise):
        directories.sort()
        for name in sorted(names):
            relative = Path(parent, name).relative_to(root).as_posix()
            if wanted is None or wanted.wants(relative):
                local = check_file(Path(parent, name))
                found.append((_paths.for_writing(_paths.join(target, relative)), local))
    return found


def _raise(error: OSError) -> None:
    raise error


def place_below(destination: str | os.PathLike[str], path: str) -> Path:
    """Make the directory for a file of PFS below ``destination``, and return the file's path.

    :raises InvalidRequest: if a link inside of ``destination`` leads out of it.
    """
    root = Path(destination)
    root.mkdir(parents=True, exist_ok=True)
    local = root.joinpath(*path.split("/")[1:])
    # before a directory is made: the part of the path that exists may go through a link
    parent = local.parent.resolve()
    if not parent.is_relative_to(root.resolve()):
        raise InvalidRequest(f"{path} would be written to {parent}, outside of {root}")
    parent.mkdir(parents=True, exist_ok=True)
    return local


@contextmanager
def replacing(local: Path) -> Iterator[BinaryIO]:
    """Write a file under a temporary name beside it, which becomes its name only when all is written."""
    temporary = local.with_name(f".{local.name[:100]}.{secrets.token_hex(4)}.part")
    try:
        with temporary.open("xb") as file:
            yield file
        temporary.replace(local)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
