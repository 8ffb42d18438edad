"""Replay recordings of real servers against the dev server and count the answers that differ.

Run by ``make fidelity``: one line a version, first for pipelines, whose jobs the dev server does itself, then for the
rest, whose total is the last line. Exit status 1 if an answer differs that is not listed in
``tests/golden/departures.json``.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.support.fidelity import Result, measure, measure_pipeline  # noqa: E402  (found through the path above)
from tests.support.recordings import FOLDER, PIPELINES, is_of_pipelines, scenarios, versions  # noqa: E402

ROW = "{:<12}{:>7}{:>9}{:>12}{:>11}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the tables; 1 if something differs that should not."""
    options = _parser().parse_args(arguments)
    known = versions(options.set)
    if unknown := [version for version in options.versions if version not in known]:
        print(f"no recordings of {', '.join(unknown)} in {options.set}; there are {', '.join(known)}", file=sys.stderr)
        return 2
    chosen = options.versions or known
    found: list[Result] = []
    if pipelines := _of_pipelines(chosen, PIPELINES if options.set == FOLDER else options.set):
        found += _table("pipelines", _jobs_done(pipelines, options.jobs), options.verbose)
    found += _table("version", _measured(chosen, options.set, options.jobs), options.verbose)
    return int(any(result.different for result in found))


def _table(title: str, measured: Iterable[list[Result]], verbose: bool) -> list[Result]:
    """Print a line a version and the total."""
    print(ROW.format(title, "steps", "matched", "deliberate", "different"), flush=True)
    found: list[Result] = []
    for results in measured:
        found += results
        print(_row(results[0].version, results), flush=True)
        for outcome in (one for result in results for one in result.different if verbose):
            print(f"    {outcome}")
    print(_row("total", found), flush=True)
    return found


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("versions", nargs="*", metavar="VERSION", help="recorded versions (default: all)")
    parser.add_argument("--set", type=Path, default=FOLDER, metavar="DIR", help="another folder of recordings")
    # most of the time goes by in waiting whether something comes
    parser.add_argument("--jobs", type=int, default=8, metavar="N", help="servers at a time (default: %(default)s)")
    parser.add_argument("-v", "--verbose", action="store_true", help="print the differences")
    return parser


def _of_pipelines(names: Iterable[str], folder: Path) -> dict[str, list[dict[str, Any]]]:
    found = {name: [one for one in scenarios(name, folder) if is_of_pipelines(one)] for name in names}
    return {name: recorded for name, recorded in found.items() if recorded}


def _jobs_done(recorded: Mapping[str, list[dict[str, Any]]], jobs: int) -> Iterator[list[Result]]:
    # commands run on this machine, so fewer at a time
    with ThreadPoolExecutor(max(1, jobs // 4)) as pool:
        for version, wanted in recorded.items():
            yield list(pool.map(partial(measure_pipeline, version), wanted))


def _measured(names: Iterable[str], folder: Path, jobs: int) -> Iterator[list[Result]]:
    with ThreadPoolExecutor(jobs) as pool:
        for result in pool.map(lambda version: measure(version, folder), names):
            yield [result]


def _row(name: str, results: Sequence[Result]) -> str:
    columns = [(one.steps, one.matched, len(one.departed), len(one.different)) for one in results]
    return ROW.format(name, *map(sum, zip(*columns, strict=True)))


if __name__ == "__main__":
    sys.exit(main())
