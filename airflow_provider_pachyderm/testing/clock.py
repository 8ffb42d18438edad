"""A clock that tests move."""

from __future__ import annotations

import os
from datetime import datetime, timedelta, timezone
from pathlib import Path

_START = datetime(2024, 1, 1, tzinfo=timezone.utc)


class Clock:
    """The time of a dev server, see its option ``--clock``. It stands still until it is moved.

    Servers never give two events the same time: events while the clock stands still are a nanosecond apart.

    :param file: file from which the server reads it.
    """

    def __init__(self, file: Path) -> None:
        self.file = file
        self.set(_START)

    @property
    def now(self) -> datetime:
        """The time it shows, initially the beginning of 2024 in UTC."""
        return self._now

    def set(self, now: datetime) -> None:
        """Move it to ``now``.

        :raises ValueError: if ``now`` has no time zone.
        """
        if now.tzinfo is None:
            raise ValueError(f"{now!r} has no time zone")
        self._now = now
        new = self.file.with_suffix(".new")
        new.write_text(now.isoformat())
        os.replace(new, self.file)  # a server that reads it meanwhile sees all of a time

    def advance(self, by: timedelta | float) -> None:
        """Move it forward.

        :param by: a number means seconds.
        """
        self.set(self._now + (by if isinstance(by, timedelta) else timedelta(seconds=by)))
