"""A page for each operator, sensor and trigger: its reference, and the example that the guide gives of it; and lists.

They are written to ``reference/tasks`` before the pages are read, and are no part of the repository. The examples are
those of ``airflow/*.md``, which tests run; an operator or sensor of which the guide shows none is a warning.
"""

from __future__ import annotations

import importlib
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from sphinx.util import logging

if TYPE_CHECKING:
    from sphinx.application import Sphinx

_logger = logging.getLogger(__name__)
# what the classes of a module are called, and which of their methods only Airflow calls
KINDS = {
    "operators": ("Operator", "execute"),
    "sensors": ("Sensor", "execute, poke, execute_complete"),
    "triggers": ("Trigger", "run, serialize"),
}
_BLOCK = re.compile(r"^```python\n.*?^```$", re.DOTALL | re.MULTILINE)
_HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)
_INDEX = """\
# {title}

{rows}

```{{toctree}}
:hidden:

{entries}
```
"""
_PAGE = """\
# {name}

```{{eval-rst}}
.. autoclass:: airflow_provider_pachyderm.{kind}.pachyderm.{name}
   :members:
   :exclude-members: {untold}
```
"""
_EXAMPLE = """
## Example

From [{chapter}](../../../airflow/{page}):

{example}
"""


def write_pages(app: Sphinx) -> None:
    """Write the pages of all classes; those of classes that are gone go."""
    folder = Path(app.srcdir, "reference", "tasks")
    shutil.rmtree(folder, ignore_errors=True)
    for kind, (suffix, untold) in KINDS.items():
        (folder / kind).mkdir(parents=True)
        names = list(_names(kind, suffix))
        (folder / f"{kind}.md").write_text(_index(kind, names))
        for name in names:
            place = _example(Path(app.srcdir, "airflow"), name)
            text = _PAGE.format(name=name, kind=kind, untold=untold)
            if place is not None:
                page, chapter, example = place
                text += _EXAMPLE.format(page=page, chapter=chapter, example=example)
            elif kind != "triggers":  # most of these are only used by the sensor of their name
                _logger.warning("no page of the guide has an example of %s", name)
            (folder / kind / f"{name}.md").write_text(text)


def _index(kind: str, names: list[str]) -> str:
    """List classes with the first line of what is said of them; beside the page, their names are short."""
    module = importlib.import_module(f"airflow_provider_pachyderm.{kind}.pachyderm")
    rows = [
        f"[{name}]({kind}/{name}.md)\n: {_first_line(getattr(module, name))}\n" for name in names
    ]
    entries = [f"{name.removeprefix('Pachyderm')} <{kind}/{name}>" for name in names]
    return _INDEX.format(title=kind.capitalize(), rows="\n".join(rows), entries="\n".join(entries))


def _first_line(cls: type) -> str:
    return (cls.__doc__ or "").partition("\n")[0].replace("``", "`")


def _names(kind: str, suffix: str) -> Iterator[str]:
    module = importlib.import_module(f"airflow_provider_pachyderm.{kind}.pachyderm")
    public = getattr(module, "__all__", None) or vars(module)
    return (name for name in public if re.fullmatch(rf"Pachyderm\w+{suffix}", name))


def _example(guide: Path, name: str) -> tuple[str, str, str] | None:
    """Find the first example of a class: the page, its heading above the example, and the example as it stands."""
    for page in sorted(guide.glob("*.md"), key=lambda page: (not _is_about(page, name), page.name)):
        text = page.read_text()
        for block in _BLOCK.finditer(text):
            if re.search(rf"\b{name}(\.partial)?\(", block[0]):
                return page.name, _HEADING.findall(text[: block.start()])[-1], block[0]
    return None


def _is_about(page: Path, name: str) -> bool:
    """Say whether a page is about what a class does, as its name has it."""
    about = {
        "writing": "Put|Copy|DeleteFile",
        "reading": "Get|List|Glob|Diff",
        "repos": "Repo|Branch|Project",
    }
    words = about.get(page.stem.partition("-")[0])
    return bool(words and re.search(words, name))


def setup(app: Sphinx) -> dict[str, bool]:
    """Have the pages written when a build begins."""
    app.connect("builder-inited", write_pages)
    return {"parallel_read_safe": True}
