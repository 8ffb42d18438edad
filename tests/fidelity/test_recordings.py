"""The dev server answers as the real servers did that were recorded.

A version takes a minute, most of it to see that nothing comes: the newest is replayed by default, and
two more in a thorough run. ``FIDELITY_VERSIONS="2.3.9 1.8.8"`` names others, ``all`` takes every one as ``make
fidelity`` does.
"""

from __future__ import annotations

import os
from typing import Any

import pytest

from tests.support.fidelity import departures, measure
from tests.support.recordings import PIPELINES, scenarios, versions

DEFAULT = [*(pytest.param(version, marks=pytest.mark.thorough) for version in ("1.4.8", "1.13.4")), "2.11.6"]


def chosen() -> list[Any]:
    wanted = os.environ.get("FIDELITY_VERSIONS", "").split()
    return versions() if wanted == ["all"] else wanted or DEFAULT


@pytest.mark.long
@pytest.mark.timeout(600)
@pytest.mark.parametrize("version", chosen())
def test_as_recorded(version: str) -> None:
    result = measure(version)
    assert result.steps == sum(len(scenario["steps"]) for scenario in scenarios(version))
    assert not [str(outcome) for outcome in result.different]


@pytest.mark.xdist_group("recordings")
@pytest.mark.parametrize("version", versions())
def test_departures_are_of_recorded_steps_and_have_a_reason(version: str) -> None:
    recorded = [*scenarios(version), *scenarios(version, PIPELINES)]
    steps = {f"{one['scenario']}/{index}" for one in recorded for index in range(len(one["steps"]))}
    assert all(key in steps and reason for key, reason in departures(version).items())
