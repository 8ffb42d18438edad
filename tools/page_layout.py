"""Open each page that ``make docs`` built, as wide as a window and as a phone, and look for what does not fit.

``python tools/page_layout.py [FOLDER]``, with Chromium on the PATH (Debian: ``apt-get install chromium``). It prints
what is wider than its page or cut off, but for code, which may be scrolled, and ends with 1 if there is any. With
FOLDER, it saves a picture of the top of each page there, to be looked at.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tools.airflow_stack import wait_until  # noqa: E402  (found through the path above)
from tools.screenshots import Browser, chromium  # noqa: E402

PAGES = ROOT / "build" / "docs"
WIDTHS = (1400, 390)
TALLEST = 3000
_CUT = """
[...document.querySelectorAll('article *, aside *')].filter(node => {
    const style = getComputedStyle(node)
    return node.scrollWidth > node.clientWidth + 1 && node.clientWidth > 0 && style.overflowX != 'visible'
        && style.display != 'inline' && !['PRE', 'INPUT'].includes(node.tagName)
}).map(node => {
    const text = node.textContent.trim().split(/\\s+/).join(' ')
    return `${node.tagName.toLowerCase()} ${node.className}: ${text.slice(0, 60)}`
})
"""


def faults(browser: Browser, page: Path, width: int) -> Iterator[str]:
    """Open a page, and name what does not fit it."""
    browser.resize(900, width)
    browser.go(page.as_uri())
    loaded = f"document.readyState == 'complete' && location.href == '{page.as_uri()}'"
    wait_until(page.name, lambda: bool(browser.run(loaded)), 60)
    wide = browser.run("document.documentElement.scrollWidth")
    if wide > width:
        yield f"the page is {wide} px wide"
    yield from browser.run(_CUT)


def main() -> int:
    """Look at all pages."""
    pages = sorted(page for page in PAGES.rglob("*.html") if not {"_static", "_sources"} & {*page.parts})
    if not pages:
        sys.exit(f"there are no pages in {PAGES}: `make docs` builds them")
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    if folder:
        folder.mkdir(parents=True, exist_ok=True)
    found = 0
    with chromium() as browser:
        for width in WIDTHS:
            for page in pages:
                name = str(page.relative_to(PAGES))
                for fault in faults(browser, page, width):
                    found += 1
                    print(f"{name} at {width} px: {fault}")
                if folder:
                    browser.resize(min(TALLEST, browser.run("document.documentElement.scrollHeight")), width)
                    browser.save(folder / f"{name.replace('/', '_')}-{width}.png")
    print(f"{len(pages)} pages at {len(WIDTHS)} widths: {found} faults")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
