"""What comes from outside: time and ids, of the machine, or of a file and a seed for tests; and limits for URLs."""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path

Clock = Callable[[], int]
"""Gives nanoseconds since 1970."""

Ids = Callable[[], str]
"""Gives a fresh UUIDv4 without dashes."""


@dataclass(frozen=True)
class UrlLimits:
    """How far a server follows a URL that it is told to fetch.

    :param silence: seconds without any data.
    :param seconds: for all of it.
    :param bytes: of its content.
    :param redirects: as many as Go's client follows.
    """

    silence: float = 60.0
    seconds: float = 3600.0
    bytes: int = 100 * 1024**3
    redirects: int = 10


URL_LIMITS = UrlLimits()
"""Those of a server that was told nothing else."""

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_MICROSECOND = timedelta(microseconds=1)


def utc(time: int) -> datetime:
    """A time of a clock as a date, without what is shorter than a microsecond."""
    return _EPOCH + timedelta(microseconds=time // 1000)


def random_id() -> str:
    """Give an id that nobody can know beforehand."""
    return uuid.uuid4().hex


def seeded_ids(seed: str) -> Ids:
    """Give the same ids in the same order for the same seed."""
    source = random.Random(seed)
    return lambda: uuid.UUID(int=source.getrandbits(128), version=4).hex


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
