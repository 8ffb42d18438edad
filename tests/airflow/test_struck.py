"""A short form of ``make faults``: the worst of what can strike a task, in both worlds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.soaking import soak
from tests.support.striking import Strike
from tests.support.struck_tasks import Stage, stage

FAULTS = [
    ("StartCommit", "lose answer", True),
    ("StartCommit", "kill worker", True),
    ("FinishCommit", "lose answer", True),
    ("FinishCommit", "kill worker", True),
    ("FinishCommit", "kill server", True),
    ("InspectCommit", "cut", False),
]


@pytest.fixture(scope="module", params=[pytest.param("1.13.4", marks=pytest.mark.thorough), "2.11.6"])
def on(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with stage(request.param, tmp_path_factory.mktemp("struck")) as on:
        yield on


@pytest.fixture(scope="module")
def calls(on: Stage) -> list[str]:
    return list(on.calls("put"))


@pytest.fixture(scope="module")
def calls_of_chain(on: Stage) -> list[str]:
    return list(on.calls("chain"))


@pytest.mark.parametrize(("call", "kind", "after"), FAULTS)
def test_a_task_that_is_struck_makes_one_commit(on: Stage, calls: list[str], call: str, kind: str, after: bool) -> None:
    case = on.play("put", [Strike(calls.index(call), kind, after)])
    assert (case.outcome, case.struck) == ("exactly once", True), case


@pytest.mark.parametrize(("call", "kind", "after"), FAULTS)
def test_a_function_that_is_struck_makes_one_commit(on: Stage, call: str, kind: str, after: bool) -> None:
    number = list(on.calls("function")).index(call)
    case = on.play("function", [Strike(number, kind, after)])
    assert (case.outcome, case.struck) == ("exactly once", True), case


@pytest.mark.parametrize(("call", "after"), [("ModifyFile", True), ("FinishCommit", False), ("FinishCommit", True)])
def test_a_chain_of_workers_that_is_struck_fills_each_commit_once(
    on: Stage, calls_of_chain: list[str], call: str, after: bool
) -> None:
    made = [{"ModifyFile": "CopyFile"}.get(call, call) if on.version == "1.13.4" else call]
    numbers = [number for number, name in enumerate(calls_of_chain) if name in made]
    case = on.play("chain", [Strike(number, "kill worker", after) for number in (numbers[0], numbers[0] + 25)])
    assert case.outcome == "exactly once", case


def test_a_task_that_is_struck_twice_makes_one_commit(on: Stage, calls: list[str]) -> None:
    start, finish = calls.index("StartCommit"), calls.index("FinishCommit")
    case = on.play("put", [Strike(start, "kill worker", True), Strike(finish + 4, "kill server", False)])
    assert case.outcome == "exactly once", case


def test_tasks_that_share_a_commit_make_one(on: Stage) -> None:
    case = on.play("mapped", [Strike(4, "kill worker", True), Strike(9, "lose answer", True)])
    assert (case.outcome, case.struck) == ("exactly once", True), case


@pytest.mark.thorough
def test_many_tasks_while_faults_strike(tmp_path: Path) -> None:
    """A short form of ``make soak``."""
    tally = soak("2.11.6", tmp_path, tasks=20, rate=0.3, workers=2, branches=2)
    assert tally.is_good, tally
    assert tally.faults > 0
