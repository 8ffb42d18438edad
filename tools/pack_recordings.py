"""Pack recordings of real servers for ``tests/golden``: ``python tools/pack_recordings.py FOLDER``.

FOLDER has ``VERSION/SCENARIO.json``. All versions of a world go into one file, those of one scenario side by side, so
that what is equal in neighbours is stored once. A line is a scenario of a version; the first line names the versions.
"""

from __future__ import annotations

import argparse
import json
import lzma
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.support.recordings import FOLDER, versions  # noqa: E402  (found through the path above)

# the window has to reach over all versions of a scenario
_FILTERS = [{"id": lzma.FILTER_LZMA2, "preset": 9, "dict_size": 1 << 26}]


def main(arguments: Sequence[str] | None = None) -> int:
    """Write a file for each world."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--without", action="append", default=[], metavar="PREFIX", help="leave out scenarios")
    parser.add_argument("--only", default="", metavar="PREFIX", help="leave out all others")
    parser.add_argument("--into", type=Path, default=FOLDER, help="where the files go")
    options = parser.parse_args(arguments)
    options.into.mkdir(exist_ok=True)
    for world in ("1", "2"):
        every = [name for name in versions(options.folder) if name.startswith(f"{world}.")]
        names = [name for name in every if any((options.folder / name).glob(f"{options.only}*.json"))]
        lines = [names, *_scenarios(options.folder, names, options.only, tuple(options.without))]
        text = "".join(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n" for line in lines)
        packed = lzma.compress(text.encode(), format=lzma.FORMAT_XZ, filters=_FILTERS)
        (options.into / f"{world}.x.jsonl.xz").write_bytes(packed)
        print(f"{world}.x: {len(names)} versions, {len(lines) - 1} scenarios, {len(packed):,} bytes")
    return 0


def _scenarios(folder: Path, names: Sequence[str], only: str, without: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    """Give the scenarios of some versions, those of one name side by side."""
    found = ((number, path) for number, name in enumerate(names) for path in (folder / name).glob(f"{only}*.json"))
    files = [(path.stem, number, path) for number, path in found]
    for scenario, _, path in sorted(files):
        if not scenario.startswith(without):
            yield json.loads(path.read_text())


if __name__ == "__main__":
    sys.exit(main())
