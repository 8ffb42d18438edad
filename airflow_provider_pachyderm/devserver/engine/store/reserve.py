"""Space kept back on the disk, so that on a full one what takes space can still be removed."""

from __future__ import annotations

import errno
import shutil
import sqlite3
from contextlib import suppress
from pathlib import Path

_SIZE = 8 * 1024 * 1024
"""Bytes that the database may write while it removes things."""

_FULL = (errno.ENOSPC, errno.EDQUOT)


class Reserve:
    """A file that is given up when a call that removes something finds the disk full.

    :param folder: of the data; None if they are in memory.
    """

    def __init__(self, folder: Path | None) -> None:
        self._file = folder / "reserve" if folder else None

    def release(self) -> bool:
        """Make room; False if there is nothing to give up."""
        if self._file is None or not self._file.exists():
            return False
        self._file.unlink()
        return True

    def renew(self) -> None:
        """Keep space back again, of a disk that is nearly full half of what is left."""
        if self._file and not self._file.exists() and (size := min(_SIZE, self._free() // 2)):
            # as zeros: holes would keep nothing back
            with suppress(OSError):
                self._file.write_bytes(bytes(size))

    def _free(self) -> int:
        assert self._file is not None
        return shutil.disk_usage(self._file.parent).free


def disk_is_full(error: BaseException) -> bool:
    """Say whether something failed because there is no space left."""
    if isinstance(error, OSError):
        return error.errno in _FULL
    return isinstance(error, sqlite3.OperationalError) and "disk is full" in str(error)
