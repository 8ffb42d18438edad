"""The Python and the commands in Markdown pages, run as they are written."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from airflow_provider_pachyderm.testing.server import DevServer

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
_BLOCK = re.compile(r"^```python\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def examples(page: Path, chapter: str = "") -> list[str]:
    """Give the blocks of a page, or of a chapter of it."""
    found = _BLOCK.findall(_text(page, chapter))
    assert found, f"no Python in {page.name} {chapter}"
    return found


def commands(page: Path, chapter: str) -> list[str]:
    """Give what a chapter says to type, a line each."""
    found = re.findall(r"^\$ (.+)$", _text(page, chapter), re.MULTILINE)
    assert found, f"no commands in {page.name} {chapter}"
    return found


def _text(page: Path, chapter: str) -> str:
    text = page.read_text()
    return text.partition(f"\n## {chapter}\n")[2].partition("\n## ")[0] if chapter else text


def address_of(server: DevServer) -> Callable[[str], str]:
    """Give what writes a server's address in place of the one that examples use."""
    return lambda text: (
        text.replace("localhost:30650", server.address)
        .replace('"localhost"', f'"{server.host}"')
        .replace("30650", str(server.port))
    )


def run(example: str, names: dict[str, Any], page: Path, change: Callable[[str], str] = str) -> None:
    """Run a block; a traceback says where in the page it failed.

    :param names: what the blocks before it have defined.
    :param change: what has to be written differently in a test, such as an address.
    """
    line = page.read_text().partition(example)[0].count("\n")
    exec(compile("\n" * line + change(example), str(page), "exec"), names)
