"""The retry policy, and the table of what may be repeated."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from airflow_provider_pachyderm import client as package
from airflow_provider_pachyderm.client import InvalidConfig, RetryPolicy
from airflow_provider_pachyderm.client._retries import RULES, Repeat, rule_for

DIALECTS = Path(package.__file__).parent / "_dialects"


def methods_called() -> Iterator[str]:
    """Find what dialects name as ``Pfs.X`` or ``….methods.X``."""
    for file in DIALECTS.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Attribute) and ast.unparse(node.value).endswith(
                ("Pfs", "Pps", "methods", "Auth", "Version", "Transaction")
            ):
                yield node.attr


def test_the_table_has_every_call_of_the_client() -> None:
    named = {name.partition(".")[2] for name in RULES}
    containers = {"Pfs", "Pps", "Auth", "Version", "Transaction"}
    called = {name for name in methods_called() if name[0].isupper()} - containers
    assert called - named == set()
    # ListCommitStream and the like are named otherwise in one world, PutFile in the other
    assert named - called == set()


@pytest.mark.parametrize(
    ("path", "repeat"),
    [
        ("/pfs.API/InspectRepo", Repeat.SAFE),
        ("/pfs_v2.API/InspectRepo", Repeat.SAFE),
        ("/pfs.API/StartCommit", Repeat.MADE_SAFE),
        ("/pfs_v2.API/FinishCommit", Repeat.MADE_SAFE),
        ("/pfs_v2.API/DeleteAll", Repeat.ONCE),
        ("/versionpb_v2.API/GetVersion", Repeat.SAFE),
        ("/versionpb.API/GetVersion", Repeat.SAFE),
        ("/transaction_v2.API/StartTransaction", Repeat.ONCE),
        ("/nobody.API/Knows", Repeat.ONCE),
    ],
)
def test_both_worlds_have_the_same_rules(path: str, repeat: Repeat) -> None:
    assert rule_for(path).repeat is repeat


def test_in_a_transaction_nothing_is_sent_twice() -> None:
    assert rule_for("/pfs_v2.API/FinishCommit", in_transaction=True).repeat is Repeat.ONCE
    assert rule_for("/pfs_v2.API/CreateBranch", in_transaction=True).repeat is Repeat.ONCE


def test_pauses_grow_to_a_limit_and_are_random() -> None:
    policy = RetryPolicy(first_pause=0.1, longest_pause=0.5)
    runs = [[next(pauses) for _ in range(6)] for pauses in (policy.pauses() for _ in range(200))]
    longest = [max(run[n] for run in runs) for n in range(6)]
    bounds = [0.1, 0.2, 0.4, 0.5, 0.5, 0.5]
    assert all(half < most <= bound for half, most, bound in zip((b / 2 for b in bounds), longest, bounds, strict=True))
    assert min(run[5] for run in runs) < 0.1


@pytest.mark.parametrize("name", ["deadline", "first_pause", "longest_pause"])
@pytest.mark.parametrize("value", [-1, float("nan"), float("inf"), "60", None, True])
def test_a_policy_is_made_of_seconds(name: str, value: Any) -> None:
    with pytest.raises(InvalidConfig, match=f"{name} of a RetryPolicy must be"):
        RetryPolicy(**{name: value})


def test_an_address_that_may_be_wrong_is_tried_for_less() -> None:
    assert RetryPolicy().allowance(10, reached=False) == 10
    assert RetryPolicy().allowance(10, reached=True) == 60
    assert RetryPolicy(from_start=True).allowance(10, reached=False) == 60
    assert RetryPolicy(deadline=5).allowance(10, reached=False) == 5
