"""Write ``docs/capabilities.md``: which servers can do what, as ``client/_capabilities.py`` has it.

``make fix`` writes it, ``make check`` runs this with ``--check``, which writes nothing.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from airflow_provider_pachyderm.client._capabilities import Feature, World, readable
from tools.generated_file import write_or_check

PAGE = Path(__file__).resolve().parent.parent / "docs" / "capabilities.md"
HEAD = """\
<!-- Made by tools/capability_table.py from client/_capabilities.py: change it there, then `make fix`. -->

# Which servers can do what

The client works with Pachyderm {worlds}. It asks a server for its version once and goes by
this table. What a server cannot do, the client does another way with the same result, or it raises
`Unsupported` with the text of this table before anything is sent.
"""
COLUMNS = "| what | which servers | the others |\n|---|---|---|\n"
_LINE = re.compile(r"\n\n    # (?P<title>.+)|^    (?P<feature>[A-Z_]+) = \(", re.MULTILINE)
_CODE = re.compile(r"\w*[*{\[(!@=]\S*[^\s,.;:]|\w*\*+|\w+_\w+|[A-Za-z]\w*\.[a-z]\w*")


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the page, or say whether it is what would be written."""
    return write_or_check(PAGE, render(), __doc__, arguments)


def render() -> str:
    """Make the page."""
    worlds = ", ".join(readable(world.value) for world in World)
    return "".join([HEAD.format(worlds=worlds), *(_section(title, rows) for title, rows in grouped())])


def grouped() -> Iterator[tuple[str, list[Feature]]]:
    """Give the features in their order, under the comments that head them in the source."""
    title, rows = "", list[Feature]()
    for match in _LINE.finditer(inspect.getsource(Feature)):
        if match["title"]:
            if rows:
                yield title, rows
            title, rows = match["title"], []
        else:
            rows.append(Feature[match["feature"]])
    yield title, rows


def _section(title: str, rows: list[Feature]) -> str:
    return f"\n## {title.capitalize()}\n\n{COLUMNS}{''.join(map(_row, rows))}"


def _row(feature: Feature) -> str:
    cells = (feature.what, readable(feature.versions), feature.why)
    return f"| {' | '.join(_escaped(cell) for cell in cells)} |\n"


def _escaped(text: str) -> str:
    """Make code of calls and patterns, which Markdown would take for its own."""
    return " ".join(_CODE.sub(r"`\g<0>`", word) for word in text.split(" ")).replace("|", r"\|")


if __name__ == "__main__":
    sys.exit(main())
