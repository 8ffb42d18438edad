"""Whether an archive of a directory is sooner than each file by itself."""

from __future__ import annotations

import pytest

from airflow_provider_pachyderm.client import Commit, FileInfo, FileType, Repo
from airflow_provider_pachyderm.client._listings import together

COMMIT = Commit(Repo("r"), "master")
KIB = 1024


def files(count: int, size: int = 0, kind: FileType = FileType.FILE) -> list[FileInfo]:
    return [FileInfo(COMMIT, f"/d/{size}-{number}", kind, size_bytes=size) for number in range(count)]


@pytest.mark.parametrize(
    ("wanted", "others", "streams", "is_archive"),
    [
        (files(1000, KIB), [], 1, True),
        (files(1000, KIB), [], 100, True),
        (files(2), [], 1, True),
        (files(1), [], 1, False),
        (files(1), files(1), 1, False),
        (files(10, 200 * KIB), [], 1, True),
        (files(10, 200 * KIB), [], 2, False),
        (files(10, 1024 * KIB), [], 1, False),
        (files(1000, KIB), files(1, 100 * 1024 * KIB), 1, True),
        (files(100, KIB), files(1, 100 * 1024 * KIB), 1, False),
        (files(10), files(100_000, 1), 1, False),
        (files(100), files(1, 0, FileType.DIR), 1, False),
        (files(100), files(1), 1, False),
    ],
)
def test_when(wanted: list[FileInfo], others: list[FileInfo], streams: int, is_archive: bool) -> None:
    found = list(together("/d", [*wanted, *others], wanted, streams))
    assert [info for batch in found for info in batch.files] == wanted
    assert [batch.directory for batch in found] == (["/d"] if is_archive else [None] * len(wanted))
