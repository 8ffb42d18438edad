"""What the pages need to show the client: a directive for all public names of a kind, and links to them.

``.. public-names:: sync`` documents the classes of the sync client, ``async`` those of its twin, ``errors``, ``values``
and ``references`` what both share. As every name of ``client.__all__`` is of one kind, none can be forgotten.
"""

from __future__ import annotations

import inspect
import re
from enum import Enum
from typing import TYPE_CHECKING, ClassVar

from docutils.nodes import Element, Node, TextElement
from docutils.statemachine import StringList
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective
from sphinx.util.nodes import nested_parse_with_titles

from airflow_provider_pachyderm import client

if TYPE_CHECKING:
    from sphinx.addnodes import pending_xref
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

_logger = logging.getLogger(__name__)
CLIENT = client.__name__
_FIRST = ("PfsClient", "PachydermError")
KINDS = ("sync", "async", "errors", "values", "references")


def kind_of(name: str) -> str:
    """Say on which page a public name is."""
    if f"Async{name}" in client.__all__:
        return "sync"
    if name.startswith("Async"):
        return "async"
    value = getattr(client, name)
    if inspect.isclass(value):
        return "errors" if issubclass(value, Exception) else "values"
    return "references"


class PublicNames(SphinxDirective):
    """Document all public names of one kind, in the order of the alphabet, but what the others stand on first."""

    required_arguments = 1
    option_spec: ClassVar[dict[str, object]] = {}

    def run(self) -> list[Node]:
        """Parse what one would write by hand."""
        (kind,) = self.arguments
        if kind not in KINDS:
            raise self.error(f"{kind} is not one of {', '.join(KINDS)}")
        for source in (client.__file__, __file__):  # a page is built again when names come or move
            self.env.note_dependency(str(source))
        names = [name for name in client.__all__ if kind_of(name) == kind]
        names.sort(key=lambda name: (not name.endswith(_FIRST), name))
        lines = [line for name in names for line in _documented(name)]
        holder = Element()
        nested_parse_with_titles(self.state, StringList(lines, self.get_source_info()[0]), holder)
        return list(holder.children)


def _documented(name: str) -> list[str]:
    value = getattr(client, name)
    if inspect.isfunction(value):
        return [f".. autofunction:: {CLIENT}.{name}", ""]
    if not inspect.isclass(value):
        return [f".. autodata:: {CLIENT}.{name}", ""]
    if issubclass(value, Exception):
        # all are made alike, as the base shows
        signature = "" if name in _FIRST else "()"
        return [f".. autoexception:: {CLIENT}.{name}{signature}", "   :show-inheritance:", ""]
    client_itself = name.endswith(("PfsClient", "PpsClient"))
    # what calls return is not made by users: its constructor is nobody's business
    signature = "()" if kind_of(name) in ("sync", "async") and not client_itself else ""
    lines = [f".. autoclass:: {CLIENT}.{name}{signature}", "   :members:"]
    lines += ["   :inherited-members:"] if client_itself else []
    lines += ["   :undoc-members:"] if issubclass(value, Enum) else []
    return [*lines, ""]


def mend_signature(
    app: Sphinx,
    what: str,
    name: str,
    value: object,
    options: object,
    signature: str | None,
    result: str | None,
) -> tuple[str | None, str | None]:
    """Mend how autodoc writes a union with a type alias in it, and a default that is made anew each time."""
    return _mended(signature), _mended(result)


def _mended(text: str | None) -> str | None:
    return text and re.sub(r"TypeAliasForwardRef\('([\w.]+)'\)", r"\1", text).replace(
        "<factory>", "..."
    )


def link_to_public_name(
    app: Sphinx, environment: BuildEnvironment, reference: pending_xref, content: TextElement
) -> Element | None:
    """Find under its public name what is defined in a private module, or is not a class but used as one."""
    target: str = reference.get("reftarget", "")
    name = target.rpartition(".")[2]
    if not target.startswith(f"{CLIENT}.") or name not in client.__all__:
        return None
    domain = environment.domains.python_domain
    source: str = reference["refdoc"]
    return domain.resolve_xref(
        environment, source, app.builder, "obj", f"{CLIENT}.{name}", reference, content
    )


def check_all_are_shown(app: Sphinx, environment: BuildEnvironment) -> None:
    """Warn of public names that no page shows, as when a page has lost its directive."""
    shown = environment.domains.python_domain.objects
    for name in client.__all__:
        if f"{CLIENT}.{name}" not in shown:
            _logger.warning("no page shows %s.%s", CLIENT, name)


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the directive and the links."""
    app.add_directive("public-names", PublicNames)
    app.connect("autodoc-process-signature", mend_signature)
    app.connect("env-check-consistency", check_all_are_shown)
    app.connect("missing-reference", link_to_public_name)
    return {"parallel_read_safe": True}
