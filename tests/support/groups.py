"""Which tests run in one process, one after the other, when pytest-xdist runs several.

xdist has this itself (``--dist loadgroup``), but 3.8 writes the group into ``item._nodeid``, which pytest 9.2 no longer
reads, and does so before a ``conftest.py`` adds its marks: every test goes to whichever process is free. So the first
process writes the groups into a file, and the scheduler reads them there.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

INPUT = "pachyderm_groups"
"""The key of what xdist tells its processes under which they find the file."""
WRITER = "gw0"


def group_of(item: pytest.Item) -> str | None:
    """The group that a test is marked with."""
    mark = item.get_closest_marker("xdist_group")
    return None if mark is None else str(mark.args[0])


def tell(config: pytest.Config, items: Iterable[pytest.Item]) -> None:
    """Write down the groups of all tests, in the process that is to do so."""
    told: dict[str, Any] = getattr(config, "workerinput", {})
    if told.get("workerid") == WRITER and INPUT in told:
        groups = {item.nodeid: group for item in items if (group := group_of(item)) is not None}
        Path(told[INPUT]).write_text(json.dumps(groups))


class GroupScheduling(LoadScopeScheduling):  # type: ignore[misc]
    """Gives a group to one process, and each other test to whichever is free, in the order of the collection."""

    def __init__(self, config: pytest.Config, log: Any, file: Path) -> None:
        # xdist would begin with what has most tests, not with what takes longest
        config.option.loadscopereorder = False
        super().__init__(config, log)
        self._file = file
        self._groups: dict[str, str] = {}

    def schedule(self) -> None:
        """Give out tests; called first when every process has collected them."""
        if self.collection is None and self._file.exists():
            self._groups = json.loads(self._file.read_text())
        super().schedule()

    def _split_scope(self, nodeid: str) -> str:
        return self._groups.get(nodeid, nodeid)
