"""The dev server answers as the real servers did whose pipelines were recorded, with workers that did their jobs.

By default these are the recordings without a job, and a few with jobs; a thorough run has all.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.fidelity import measure_pipeline
from tests.support.recordings import PIPELINES, scenarios, versions

WITHOUT_JOBS = {"pps_empty_server", "pps_input_datums", "pps_invalid", "pps_names", "pps_secrets"}
QUICK = {("1.13.4", "pps_incremental"), ("2.11.6", "pps_chain"), ("2.11.6", "pps_transactions")}


def recorded() -> list[Any]:
    found = []
    for version in versions(PIPELINES):
        for one in scenarios(version, PIPELINES):
            name = one["scenario"]
            marks = () if name in WITHOUT_JOBS or (version, name) in QUICK else (pytest.mark.thorough,)
            found.append(pytest.param(version, one, id=f"{version}-{name}", marks=marks))
    return found


@pytest.mark.timeout(300)
@pytest.mark.parametrize(("version", "scenario"), recorded())
def test_pipelines_as_recorded(version: str, scenario: dict[str, Any]) -> None:
    result = measure_pipeline(version, scenario, worker=scenario["scenario"] not in WITHOUT_JOBS)
    assert result.steps == len(scenario["steps"])
    assert not [str(outcome) for outcome in result.different]
