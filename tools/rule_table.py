"""Write ``docs/versions.md``: what differs between releases in the dev server, and how that is known.

``make fix`` writes it, ``make check`` runs this with ``--check``, which writes nothing.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from airflow_provider_pachyderm.devserver.releases.registry import (
    INFERRED,
    RECORDINGS,
    SOURCE,
    Known,
    known_rules,
)
from airflow_provider_pachyderm.devserver.releases.text import Said
from tools.generated_file import write_or_check

PAGE = Path(__file__).resolve().parent.parent / "docs" / "versions.md"
HEAD = """\
<!-- Made by tools/rule_table.py from the rules in devserver/: change them there, then `make fix`. -->

# What differs between releases

The [dev server](dev-server.md) plays each release of Pachyderm by {rules} rules, which change {changes} times from the
first release to the last. Each change says how it is known:

* *recorded* ({recorded}): real servers of the recorded versions next to it, on both sides, show the values; with the
  other one the replay of what they answered differs.
* a file and function of Pachyderm's source ({source}): that release changed them, and the value comes from there.
* *inferred* ({inferred}): neither; it follows from the releases around it.

Where the recorded versions have other releases between them, the source said which of these was the first.
Which calls and which fields of messages a release has is not listed here: that is as in its `.proto` files.
"""
COLUMNS = "| what | values | how it is known |\n|---|---|---|\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the page, or say whether it is what would be written."""
    return write_or_check(PAGE, render(), __doc__, arguments)


def render() -> str:
    """Make the page."""
    rules = known_rules()
    kinds = Counter(kind for known in rules for kind in known.changes().values())
    counts = {"recorded": kinds[RECORDINGS], "source": kinds[SOURCE], "inferred": kinds[INFERRED]}
    head = HEAD.format(rules=len(rules), changes=kinds.total(), **counts)
    areas = sorted({known.area for known in rules})
    return head + "".join(_section(area, [known for known in rules if known.area == area]) for area in areas)


def _section(area: str, rules: list[Known]) -> str:
    folder = f"devserver/{area.replace('.', '/')}".rstrip("/")
    return f"\n## `{folder}`\n\n{COLUMNS}{''.join(map(_row, rules))}"


def _row(known: Known) -> str:
    values = "<br>".join(f"{release}: {_value(value)}" for release, value in known.rule.since.items())
    cells = (known.rule.about.replace("*", r"\*").replace("<", "&lt;"), values, _evidence(known))
    escaped = [cell.replace("|", "\\|") for cell in cells]
    return f"| {' | '.join(escaped)} |\n"


def _evidence(known: Known) -> str:
    return "<br>".join(
        f"{release}: {f'`{known.rule.source_of(release)}`' if kind == SOURCE else kind}"
        for release, kind in known.changes().items()
    )


def _value(value: Any) -> str:
    """A value for people."""
    if isinstance(value, Said):
        return f"{_code(value.text)} {'' if value.code == 'UNKNOWN' else value.code}".strip()
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, frozenset):
        return _code(", ".join(map(str, sorted(value))))
    return _code(str(value))


def _code(text: str) -> str:
    """Code, whatever is in it."""
    shown = text.replace("\n", "\\n")
    if not shown:
        return "–"
    return f"`` {shown} ``" if "`" in shown else f"`{shown}`"


if __name__ == "__main__":
    sys.exit(main())
