"""Find the recorded versions that show the value of a rule of the dev server, for its ``recorded=``.

A version shows a value if its recordings are answered differently with the value of the release before or after it.
Texts of refusals are compared word by word here, but for ids. Give names of rules, as ``HEAD_ALWAYS``; all of them take
an hour.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any
from unittest import mock

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from airflow_provider_pachyderm.devserver.app import serve  # noqa: E402  (found through the path above)
from airflow_provider_pachyderm.devserver.logs import log_to_stderr  # noqa: E402
from airflow_provider_pachyderm.devserver.releases.played import RECORDED  # noqa: E402
from airflow_provider_pachyderm.devserver.releases.profile import Profile  # noqa: E402
from airflow_provider_pachyderm.devserver.releases.registry import known_rules  # noqa: E402
from airflow_provider_pachyderm.devserver.releases.rule import Rule, numbers  # noqa: E402
from tests.support import replay  # noqa: E402
from tests.support.recordings import scenarios  # noqa: E402

_IDS = re.compile(r"[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|id=\d+")
_PATIENCE = 4.0
"""Seconds to wait for an answer that may never come with another value."""


class _Changed(Profile):
    """A release with another value of one rule.

    :param rule: None changes nothing.
    """

    def __init__(self, version: str, rule: Rule[Any] | None, value: Any) -> None:
        super().__init__(version)
        self._rule, self._value = rule, value

    def __getitem__(self, rule: Rule[Any]) -> Any:
        if rule is not self._rule:
            return super().__getitem__(rule)
        return self._value


def main(arguments: Sequence[str] | None = None) -> int:
    """Print a line a rule; exit status 1 if one is not known."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rules", nargs="*", metavar="RULE", help="names of rules (default: all)")
    wanted = parser.parse_args(arguments).rules
    log_to_stderr(False)
    found = [known for known in known_rules() if not wanted or known.name in wanted]
    for known in found:
        shown = [version for version, other in _questions(known.rule) if _shows(version, known.rule, other)]
        print(f'{known.area}.{known.name}: recorded="{" ".join(shown)}"', flush=True)
    return int({known.name for known in found} < set(wanted))


def _questions(rule: Rule[Any]) -> Iterator[tuple[str, Any]]:
    """The recorded versions next to each change, and the value on the other side of it."""
    asked: dict[str, list[Any]] = {}
    for before, after in pairwise(rule.since):
        at = next(place for place, version in enumerate(RECORDED) if numbers(version) >= numbers(after))
        for version, own, other in ((RECORDED[at - 1], before, after), (RECORDED[at], after, before)):
            is_in_range = numbers(version) >= numbers(next(iter(rule.since)))
            if is_in_range and rule.at(version) == rule.since[own]:
                asked.setdefault(version, []).append(rule.since[other])
    for version, others in asked.items():
        # what two changes meet at is shown if it is told from both others
        yield version, others


def _shows(version: str, rule: Rule[Any], others: list[Any]) -> bool:
    return all(_differs(version, rule, other) for other in others)


def _differs(version: str, rule: Rule[Any], other: Any) -> bool:
    """Whether any recorded scenario goes otherwise with another value."""
    for scenario in scenarios(version):
        profile = _Changed(version, rule, other)
        if _different_steps(profile, scenario) - _always_different(version, scenario["scenario"]):
            return True
    return False


@cache
def _always_different(version: str, name: str) -> frozenset[str]:
    """Steps whose texts change from run to run."""
    scenario = next(one for one in scenarios(version) if one["scenario"] == name)
    return _different_steps(_Changed(version, None, None), scenario)


def _different_steps(profile: Profile, scenario: dict[str, Any]) -> frozenset[str]:
    exact = mock.patch.multiple(replay, error_class=lambda text: _IDS.sub("", text), TIMEOUT=_PATIENCE)
    with exact, _serving(profile) as address:
        return frozenset(outcome.key for outcome in replay.replay(address, [scenario]) if outcome.differences)


@contextmanager
def _serving(profile: Profile) -> Iterator[str]:
    """A server in a thread; its address."""
    ready = threading.Event()
    told: list[Any] = []

    async def run() -> None:
        stop = asyncio.Event()
        async with serve(profile, grace=0) as running:
            told.extend([running.address, asyncio.get_running_loop(), stop])
            ready.set()
            await stop.wait()

    thread = threading.Thread(target=asyncio.run, args=(run(),))
    thread.start()
    ready.wait()
    address, loop, stop = told
    try:
        yield address
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()


if __name__ == "__main__":
    sys.exit(main())
