"""What stands in pages as it is, fits their width: code is not wrapped, and a reader should not have to scroll."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.pages import DOCS, ROOT

# what a page of 1400 px has room for beside both columns, see docs/_static/style.css
COLUMNS = 100
PAGES = [ROOT / "README.md", *sorted(page for page in DOCS.rglob("*.md") if "tasks" not in page.parts)]
_BLOCK = re.compile(r"^```.*?^```$", re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_code_fits_the_page(page: Path) -> None:
    lines = [line for block in _BLOCK.findall(page.read_text()) for line in block.splitlines()]
    assert [line for line in lines if len(line) > COLUMNS] == []
