"""What a task's log says of what it has done: one line at the end, and one every 30 s while files are transferred."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from typing import Protocol

from airflow_provider_pachyderm.tasks.texts import files_text, seconds_text, size_text

_EVERY = 30.0


class Chunks(Protocol):
    """The content of a file, chunk by chunk."""

    def __iter__(self) -> Iterator[bytes]:
        """Give the chunks."""

    def close(self) -> None:
        """End it early."""


class Progress:
    """Counts what a task transfers, and logs a line of it every 30 s.

    It is also what the client tells of the bytes of a download.

    :param write: writes a line to the log
    :param clock: gives seconds
    """

    def __init__(self, write: Callable[[str], object], clock: Callable[[], float] = time.monotonic) -> None:
        self._write = write
        self._clock = clock
        self._began = self._written = clock()
        self.files = 0
        self.size_bytes = 0
        self._size_in_all: int | None = None

    @property
    def seconds(self) -> float:
        """How long it has taken so far."""
        return self._clock() - self._began

    def counted(self, chunks: Chunks) -> Generator[bytes, None, None]:
        """Pass on the content of a file, and count it."""
        with closing(chunks):
            for chunk in chunks:
                self.add(len(chunk))
                yield chunk
        self.files += 1

    def add(self, size_bytes: int) -> None:
        """Count bytes of a file; a negative number takes back bytes that are sent again."""
        self.size_bytes += size_bytes
        if self._clock() - self._written >= _EVERY:
            self._written = self._clock()
            self._write(f"So far {self._so_far()} in {seconds_text(self.seconds)}")

    def _so_far(self) -> str:
        if self._size_in_all is None:
            return files_text(self.files, self.size_bytes)
        return f"{size_text(self.size_bytes)} of {size_text(self._size_in_all)}"

    # as the client and fsspec call it

    def set_size(self, size: int, /) -> None:
        """Set how many bytes there are in all."""
        self._size_in_all = size

    def relative_update(self, inc: int, /) -> None:
        """Count bytes."""
        self.add(inc)
