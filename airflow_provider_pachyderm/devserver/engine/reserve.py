"""Space kept back on the disk, so that on a full one what takes space can still be removed."""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
from pathlib import Path

_SIZE = 8 * 1024 * 1024
"""Bytes that the database may write while it removes things."""

_FULL = (errno.ENOSPC, errno.EDQUOT)


class Reserve:
    """A file that is given up when a call removes something and the disk is full.

    :param folder: of the data; None if they are in memory.
    """

    def __init__(self, folder: Path | None) -> None:
        self._file = folder / "reserve" if folder else None
        self.renew()

    def release(self) -> None:
        """Make room, if there is none."""
        if self._file and self._file.exists() and self._free() < _SIZE:
            self._file.unlink()

    def renew(self) -> None:
        """Keep space back again, if there is enough of it."""
        if self._file and not self._file.exists() and self._free() > 4 * _SIZE:
            with self._file.open("wb") as file:
                os.posix_fallocate(file.fileno(), 0, _SIZE)

    def _free(self) -> int:
        assert self._file is not None
        return shutil.disk_usage(self._file.parent).free


def disk_is_full(error: BaseException) -> bool:
    """Say whether something failed because there is no space left."""
    if isinstance(error, OSError):
        return error.errno in _FULL
    return isinstance(error, sqlite3.OperationalError) and "disk is full" in str(error)
