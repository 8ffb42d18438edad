"""docs/airflow/examples.md shows every example DAG, with a graph that has all its tasks and their order."""

from __future__ import annotations

import re
import sys
from importlib import import_module
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from tests.support.airflow_home import EXAMPLE_DAGS
from tests.support.pages import DOCS
from tests.support.run_dags import load

SVG = "{http://www.w3.org/2000/svg}"
FILES = sorted(EXAMPLE_DAGS.glob("*.py"))


@pytest.fixture
def graphs(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(DOCS))
    yield import_module("dag_graph")
    sys.modules.pop("dag_graph")


def test_every_example_is_shown() -> None:
    shown = re.findall(r"^```\{example-dag\} (\w+)$", (DOCS / "airflow" / "examples.md").read_text(), re.MULTILINE)
    assert sorted(shown) == [file.stem for file in FILES]


@pytest.mark.airflow
@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_the_graph(graphs: Any, file: Path) -> None:
    pytest.importorskip("airflow.sdk", reason="the pages are built beside Airflow 3")
    dag = load(str(file)).dags[file.stem]
    tasks = graphs.tasks_of(dag)
    root = ElementTree.fromstring(graphs.picture(tasks))
    drawn = [group.findtext(f"{SVG}text") for group in root.iter(f"{SVG}g")]
    assert sorted(drawn) == sorted(task.name for task in tasks) >= sorted(dag.task_ids)
    _, _, width, height = map(float, root.attrib["viewBox"].split())
    boxes = [
        tuple(float(box.attrib[side]) for side in ("x", "y", "width", "height")) for box in root.iter(f"{SVG}rect")
    ]
    for number, (x, y, wide, high) in enumerate(boxes):
        assert x >= 0 and y >= 0 and x + wide <= width and y + high <= height
        for other_x, other_y, _, _ in boxes[:number]:
            assert abs(x - other_x) >= wide or abs(y - other_y) >= high, "boxes overlap"


def test_an_arrow_that_others_imply_is_not_drawn(graphs: Any) -> None:
    first, second = graphs.Task("first", "A"), graphs.Task("second", "B", after=frozenset({"first"}))
    third = graphs.Task("third", "C", "one_failed", after=frozenset({"first", "second"}))
    root = ElementTree.fromstring(graphs.picture([first, second, third]))
    assert len(root.findall(f"{SVG}path")) == 2
    assert root.attrib["aria-label"] == "second after first; third after second"
    assert "C (one_failed)" in [text.text for text in root.iter(f"{SVG}text")]


def test_a_task_that_starts_by_itself_stands_above_the_one_that_needs_it(graphs: Any) -> None:
    chain = [graphs.Task(str(at), "A", after=frozenset({str(at - 1)} if at else ())) for at in range(4)]
    chain[3] = graphs.Task("3", "A", after=frozenset({"2", "late"}))
    root = ElementTree.fromstring(graphs.picture([*chain, graphs.Task("late", "A")]))
    heights = {group.findtext(f"{SVG}text"): group.find(f"{SVG}rect").attrib["y"] for group in root.iter(f"{SVG}g")}
    assert heights["late"] == heights["2"]
