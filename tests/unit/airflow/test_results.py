"""How the log says sizes and times, and when it says how far a task is."""

from __future__ import annotations

from pathlib import Path

import pytest

from airflow_provider_pachyderm.operators._results import Progress
from airflow_provider_pachyderm.operators._sources import LocalFile
from airflow_provider_pachyderm.tasks.texts import count_text, files_text, seconds_text, size_text


@pytest.mark.parametrize(
    ("size_bytes", "text"),
    [
        (0, "0 B"),
        (1023, "1023 B"),
        (1024, "1.0 KiB"),
        (2**20 - 1, "1.0 MiB"),
        (13_002_342, "12.4 MiB"),
        (2**70, "1048576.0 PiB"),
    ],
)
def test_sizes(size_bytes: int, text: str) -> None:
    assert size_text(size_bytes) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0.00 s"), (0.234, "0.23 s"), (2.34, "2.3 s"), (59.96, "1 min 0 s"), (200, "3 min 20 s"), (7530, "2 h 5 min")],
)
def test_seconds(seconds: float, text: str) -> None:
    assert seconds_text(seconds) == text


def test_counts() -> None:
    assert (count_text(1, "path"), count_text(3000, "path")) == ("1 path", "3,000 paths")
    assert files_text(0, 0) == "0 files (0 B)"


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_line_every_half_minute_and_none_between() -> None:
    clock, lines = Clock(), list[str]()
    progress = Progress(lines.append, clock)
    for seconds in (29, 30, 45, 60.5):
        clock.now = 100 + seconds
        progress.add(1024)
    assert lines == ["So far 0 files (2.0 KiB) in 30.0 s", "So far 0 files (4.0 KiB) in 1 min 0 s"]
    assert progress.seconds == 60.5


def test_a_file_that_is_sent_twice_is_counted_once(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"12345")
    progress = Progress(print, Clock())
    file = LocalFile(tmp_path / "file", progress)
    assert file.seekable()
    start = file.tell()
    for read in (3, 5, 5):
        file.seek(start)
        assert file.read(read) == b"12345"[:read]
        assert (progress.files, progress.size_bytes) == (0, read)
    assert file.read(5) == b""
    assert (progress.files, progress.size_bytes) == (1, 5)
    file.seek(start)
    assert (progress.files, progress.size_bytes) == (0, 0)
