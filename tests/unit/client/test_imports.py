"""How the modules of the client hang together: no circle of imports, and one base under all its calls."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import airflow_provider_pachyderm
from airflow_provider_pachyderm.client import AsyncPfsClient, PfsClient
from airflow_provider_pachyderm.client._async.base import AsyncCalls
from airflow_provider_pachyderm.client._sync.base import Calls

PACKAGE = "airflow_provider_pachyderm"
ROOT = Path(airflow_provider_pachyderm.__file__).parent
MODULES = {
    ".".join((PACKAGE, *path.relative_to(ROOT).with_suffix("").parts)).removesuffix(".__init__"): path
    for path in (ROOT / "client").rglob("*.py")
}


def imported(path: Path) -> Iterator[str]:
    """The modules of the client that one imports, also inside functions and for types alone."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
            yield from (name if name in MODULES else node.module for name in names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


@pytest.mark.parametrize(("client", "base"), [(PfsClient, Calls), (AsyncPfsClient, AsyncCalls)])
def test_every_area_stands_on_the_same_base_alone(client: type, base: type) -> None:
    assert len(client.__bases__) > 10
    assert {area.__name__: area.__bases__ for area in client.__bases__ if area.__bases__ != (base,)} == {}


def test_no_module_imports_itself_by_way_of_others() -> None:
    graph = {name: {*imported(path)} & MODULES.keys() - {name} for name, path in MODULES.items()}
    assert len(graph[f"{PACKAGE}.client._dialects.dialect_v1"]) > 10
    TopologicalSorter(graph).prepare()  # raises CycleError
