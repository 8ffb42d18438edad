"""The time: of the machine, or of a file for tests."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path

Clock = Callable[[], int]
"""Gives nanoseconds since 1970."""

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_MICROSECOND = timedelta(microseconds=1)


def utc(time: int) -> datetime:
    """A time of a clock as a date, without what is shorter than a microsecond."""
    return _EPOCH + timedelta(microseconds=time // 1000)


def file_clock(path: Path) -> Clock:
    """Give the time that stands in a file, such as ``2024-05-01T12:00:00+00:00``; it is read at every look.

    :raises OSError: if the file cannot be read.
    :raises ValueError: if something else stands in it, or a time without an offset.
    """

    def now() -> int:
        time = datetime.fromisoformat(path.read_text().strip())
        if time.tzinfo is None:
            raise ValueError(f"{time.isoformat()} has no offset from UTC")
        return (time - _EPOCH) // _MICROSECOND * 1000

    now()
    return now
