"""DiffFile of 1.x: which paths of the older commit are looked at (D5, D32)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from airflow_provider_pachyderm.devserver.engine import Engine
from airflow_provider_pachyderm.devserver.servicers.v1.read_rules import DIFFS_BY_NEW_NAMES
from airflow_provider_pachyderm.devserver.servicers.v1.reading import Differences
from tests.unit.devserver.conftest import Desk

FILES = {"/b/1": b"1", "/b/2": b"x", "/d/1": b"1", "/d/2": b"22", "/d/4": b"4", "/d/sub/9": b"9", "/f": b"f"}


@pytest.mark.parametrize(
    ("new", "old", "found", "lost"),
    [
        ("/b", "/d", (["/b/2"], ["/d/2"]), ["/d/4", "/d/sub/9"]),
        ("/d", "/b", (["/d/2", "/d/4", "/d/sub/9"], ["/b/2"]), []),
        ("/f", "/b", (["/f"], []), ["/b/1", "/b/2"]),
        ("/none", "/b", ([], []), ["/b/1", "/b/2"]),
        ("/b", "/none", (["/b/1", "/b/2"], []), []),
        ("/b", "/b", ([], []), []),
        ("d", "/d", ([], []), []),
    ],
)
async def test_old_files_are_found_by_the_names_of_the_new_ones_since_1_8(
    opened: Callable[..., Engine], new: str, old: str, found: tuple[list[str], list[str]], lost: list[str]
) -> None:
    for version in ("1.7.14", "1.8.0", "1.13.4"):
        desk = Desk(opened(version))
        view = desk.engine.files.open(await desk.commit(FILES))
        differences = Differences(view, view, False, desk.engine.profile[DIFFS_BY_NEW_NAMES])
        differences.compare(new, old)
        news, olds = ([path for path, _ in told] for told in (differences.new, differences.old))
        assert (news, sorted(olds)) == (found[0], sorted(found[1] + (lost if version == "1.7.14" else []))), version
