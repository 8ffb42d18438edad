"""Of several processes that run tests, one runs all tests of a group."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.support import groups
from tests.support.groups import GroupScheduling


class Process:
    """What the scheduler sees of a process: it is told which tests to run, by their places in the list."""

    shutting_down = False

    def __init__(self) -> None:
        self.gateway = SimpleNamespace(id="gw")
        self.told: list[int] = []

    def send_runtest_some(self, indices: list[int]) -> None:
        self.told += indices

    def shutdown(self) -> None:
        self.shutting_down = True


def test_a_group_goes_to_one_process_and_the_first_tests_begin_first(tmp_path: Path) -> None:
    names = ["t.py::single", "t.py::one[a@b]", "t.py::between", "t.py::two", "t.py::three"]
    file = tmp_path / "groups.json"
    file.write_text(json.dumps({name: "shared" for name in names if name[6:] in ("one[a@b]", "two", "three")}))
    config: Any = SimpleNamespace(option=SimpleNamespace(), getvalue=lambda _: ["popen", "popen"])
    scheduling, processes = GroupScheduling(config, None, file), [Process(), Process()]
    for process in processes:
        scheduling.add_node(process)
        scheduling.add_node_collection(process, names)
    scheduling.schedule()
    assert [process.told for process in processes] == [[0, 2], [1, 3, 4]]


def test_one_process_writes_down_which_tests_are_of_a_group(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    request.node.add_marker(pytest.mark.xdist_group("shared"))
    for worker in ("gw1", "gw0"):
        config: Any = SimpleNamespace(workerinput={"workerid": worker, groups.INPUT: str(tmp_path / worker)})
        groups.tell(config, [request.node])
    assert json.loads((tmp_path / "gw0").read_text()) == {request.node.nodeid: "shared"}
    assert not (tmp_path / "gw1").exists()
