"""Replay recordings of real servers against the dev server and count the answers that differ.

Run by ``make fidelity``: one line a version and the total in the last one. Exit status 1 if an answer differs that is
not listed in ``tests/golden/departures.json``.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.support.fidelity import Result, measure  # noqa: E402  (found through the path above)
from tests.support.recordings import FOLDER, versions  # noqa: E402

ROW = "{:<12}{:>7}{:>9}{:>12}{:>11}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; 1 if something differs."""
    options = _parser().parse_args(arguments)
    known = versions(options.set)
    if unknown := [version for version in options.versions if version not in known]:
        print(f"no recordings of {', '.join(unknown)} in {options.set}; there are {', '.join(known)}", file=sys.stderr)
        return 2
    print(ROW.format("version", "steps", "matched", "deliberate", "different"), flush=True)
    results = []
    for result in _measured(options.versions or known, options.set, options.jobs):
        results.append(result)
        print(_row(result.version, [result]), flush=True)
        for outcome in result.different if options.verbose else ():
            print(f"    {outcome}")
    print(_row("total", results))
    return int(any(result.different for result in results))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("versions", nargs="*", metavar="VERSION", help="recorded versions (default: all)")
    parser.add_argument("--set", type=Path, default=FOLDER, metavar="DIR", help="another folder of recordings")
    # most of the time goes by in waiting whether something comes
    parser.add_argument("--jobs", type=int, default=8, metavar="N", help="servers at a time (default: %(default)s)")
    parser.add_argument("-v", "--verbose", action="store_true", help="print the differences")
    return parser


def _measured(names: Iterable[str], folder: Path, jobs: int) -> Iterator[Result]:
    with ThreadPoolExecutor(jobs) as pool:
        yield from pool.map(lambda version: measure(version, folder), names)


def _row(name: str, results: Sequence[Result]) -> str:
    columns = [(one.steps, one.matched, len(one.departed), len(one.different)) for one in results]
    return ROW.format(name, *map(sum, zip(*columns, strict=True)))


if __name__ == "__main__":
    sys.exit(main())
