"""Strike ingestions with faults at every boundary of their calls, and count what is left of the promise.

Run by ``make faults``: for each version and flow, each call of it is struck before and after by a killed worker, a
killed server, a cut connection, and a lost answer; then pairs of these, chosen at random. A task is tried four times,
as Airflow does. Exit status 1 if something was lost, done twice, left open, or failed without a word of why.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.support.striking import KINDS, Strike  # noqa: E402  (found through the path above)
from tests.support.struck_tasks import OUTCOMES, Case, Stage, stage  # noqa: E402

VERSIONS = ("1.4.8", "1.6.10", "1.7.14", "1.13.4", "2.3.9", "2.11.6")
FLOWS = ("put", "function", "mapped")
ROW = "{:<10}{:<9}{:>7}" + "{:>14}" * len(OUTCOMES)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; 1 if a promise was broken."""
    options = _parser().parse_args(arguments)
    print(ROW.format("version", "flow", "cases", *OUTCOMES), flush=True)
    total: list[Case] = []
    with ThreadPoolExecutor(options.jobs) as pool:
        for cases in pool.map(lambda version: list(_played(version, options.pairs)), options.versions):
            total += cases
            for flow in FLOWS:
                _print_row(cases[0].version, flow, [case for case in cases if case.flow == flow])
    _print_row("total", "", total)
    for case in total:
        if case.is_bad:
            print(f"{case.outcome}: {case.version} {case.flow}: {', '.join(map(str, case.strikes))}: {case.detail}")
    return int(any(case.is_bad for case in total))


def _played(version: str, pairs: int) -> Iterator[Case]:
    dice = random.Random(version)
    with tempfile.TemporaryDirectory() as folder, stage(version, Path(folder)) as on:
        for flow in FLOWS:
            count = len(on.calls(flow))
            for strikes in chain(_single(count), _pairs(count, pairs, dice)):
                yield _watched(on, flow, strikes)


def _single(count: int) -> Iterator[tuple[Strike, ...]]:
    for call in range(count):
        for kind, after in KINDS:
            yield (Strike(call, kind, after),)


def _pairs(count: int, pairs: int, dice: random.Random) -> Iterator[tuple[Strike, ...]]:
    for _ in range(pairs):
        calls = sorted(dice.sample(range(2 * count), 2))  # the second one may strike the next try
        yield tuple(Strike(call, *dice.choice(KINDS)) for call in calls)


def _watched(on: Stage, flow: str, strikes: tuple[Strike, ...]) -> Case:
    case = on.play(flow, strikes)
    if case.is_bad:
        print(f"    {case.version} {flow} {', '.join(map(str, strikes))}: {case.outcome}", file=sys.stderr, flush=True)
    return case


def _print_row(version: str, flow: str, cases: Sequence[Case]) -> None:
    counts = Counter(case.outcome for case in cases)
    print(ROW.format(version, flow, len(cases), *(counts[outcome] for outcome in OUTCOMES)), flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("versions", nargs="*", default=VERSIONS, metavar="VERSION", help=f"default: {VERSIONS}")
    parser.add_argument("--pairs", type=int, default=40, help="of faults, a version and flow (default: %(default)s)")
    parser.add_argument("--jobs", type=int, default=2, help="versions at a time (default: %(default)s)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
