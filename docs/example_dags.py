"""A directive that shows an example DAG: what it says of itself, its graph, and its source.

``.. example-dag:: pachyderm_ingest`` shows ``example_dags/pachyderm_ingest.py``; the graph is that of the DAG in it.
"""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from dag_graph import picture, tasks_of
from docutils import nodes
from docutils.statemachine import StringList
from sphinx.util.docutils import SphinxDirective

if TYPE_CHECKING:
    from sphinx.application import Sphinx

FOLDER = Path(__file__).resolve().parent.parent / "example_dags"


def load(name: str) -> Any:
    """Import an example; its DAG is named as its file."""
    from airflow.dag_processing.dagbag import DagBag

    bag = DagBag(FOLDER / f"{name}.py")
    if bag.import_errors:
        raise ValueError("\n".join(bag.import_errors.values()))
    return bag.dags[name]


class ExampleDag(SphinxDirective):
    """Text, graph and source of an example."""

    required_arguments = 1
    option_spec: ClassVar[dict[str, object]] = {}

    def run(self) -> list[nodes.Node]:
        """Build what is shown."""
        (name,) = self.arguments
        file = FOLDER / f"{name}.py"
        self.env.note_dependency(str(file))
        source = file.read_text()
        told = nodes.container()
        # Markdown needs no second colon before a block
        text = (ast.get_docstring(ast.parse(source)) or "").replace("::\n", ":\n")
        self.state.nested_parse(StringList(text.splitlines(), str(file)), 0, told)
        graph = picture(tasks_of(load(name)))
        code = nodes.literal_block(source, source, language="python")
        opened = f'<details class="source"><summary><code>example_dags/{file.name}</code></summary>'
        return [
            *told.children,
            nodes.raw("", graph, format="html"),
            nodes.raw("", opened, format="html"),
            code,
            nodes.raw("", "</details>", format="html"),
        ]


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the directive."""
    app.add_directive("example-dag", ExampleDag)
    return {"parallel_read_safe": True}
