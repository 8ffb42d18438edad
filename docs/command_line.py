"""A directive that shows what ``--help`` says: ``.. command-line:: module:function``, where that makes the parser.

In all pages, options are kept in one piece: browsers would break them behind their hyphens.
"""

from __future__ import annotations

import importlib
import os
from typing import TYPE_CHECKING, ClassVar

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

if TYPE_CHECKING:
    from sphinx.application import Sphinx

os.environ["COLUMNS"] = "100"  # argparse goes by it; what is built must not depend on a terminal


class CommandLine(SphinxDirective):
    """The help of a command, as a literal block."""

    required_arguments = 1
    option_spec: ClassVar[dict[str, object]] = {}

    def run(self) -> list[nodes.Node]:
        """Ask the parser."""
        module, _, function = self.arguments[0].partition(":")
        text = getattr(importlib.import_module(module), function)().format_help()
        return [nodes.literal_block(text, text, language="none")]


def mark_options(_app: Sphinx, page: nodes.document) -> None:
    """Give options in the text a class of their own."""
    for literal in page.findall(nodes.literal):
        if literal.astext().startswith("--"):
            literal["classes"].append("option")


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the directive."""
    app.add_directive("command-line", CommandLine)
    app.connect("doctree-read", mark_options)
    return {"parallel_read_safe": True}
