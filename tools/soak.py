"""Run many tasks at a time while faults strike, and count what is left of the promise.

Run by ``make soak``: 1,000 tasks (``SOAK=…``), four at a time on four branches, each putting one file; one in twenty
orders a fault that strikes one of the next calls: a killed worker, a killed server, a cut of all connections, or a lost
answer. Exit status 1 unless every task made exactly one commit and none is open.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.support.soaking import Tally, soak  # noqa: E402  (found through the path above)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print what it came to, a line a version; 1 if a promise was broken."""
    options = _parser().parse_args(arguments)
    good = True
    for version in options.versions:
        with tempfile.TemporaryDirectory() as folder:
            tally = soak(
                version,
                Path(folder),
                tasks=options.tasks,
                rate=options.rate,
                seconds=options.seconds,
                workers=options.workers,
                branches=options.branches,
                seed=options.seed,
            )
        print(_line(version, tally), flush=True)
        for error in tally.errors:
            print(error, file=sys.stderr)
        good &= tally.is_good
    return int(not good)


def _line(version: str, tally: Tally) -> str:
    outcomes = ", ".join(f"{tally.outcomes[name]} {name}" for name in ("exactly once", "failed", "lost", "twice"))
    return (
        f"{version}: {tally.tasks} tasks in {tally.tries} tries, {tally.faults} faults: {outcomes}, "
        f"{tally.left_open} left open; {tally.seconds:.0f} s"
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("versions", nargs="*", default=("2.11.6", "1.13.4"), metavar="VERSION")
    parser.add_argument("--tasks", type=int, default=1000, help="default: %(default)s")
    parser.add_argument("--rate", type=float, default=0.05, help="faults a task (default: %(default)s)")
    parser.add_argument("--seconds", type=float, default=1800, help="then no task is started (default: %(default)s)")
    parser.add_argument("--workers", type=int, default=4, help="tasks at a time (default: %(default)s)")
    parser.add_argument("--branches", type=int, default=4, help="that they write to (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="of what strikes when (default: %(default)s)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
