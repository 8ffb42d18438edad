"""DAGs that are no examples, as Airflow runs them."""

from __future__ import annotations

from pathlib import Path

import pytest

from airflow_provider_pachyderm.client import PfsClient
from tests.support.airflow_runs import AirflowRuns

pytestmark = pytest.mark.airflow
DAGS = Path(__file__).with_name("dags")


def test_sensor_defers_and_wakes(
    airflow_runs: AirflowRuns, client: PfsClient, connection: str, repo: str, tmp_path: Path
) -> None:
    conf = {"repo": repo, "destination": str(tmp_path)}
    airflow_runs.begin(DAGS / "wait_for_commit.py", "wait_for_commit", conf, connection)
    airflow_runs.wait_for_log("running trigger in line")
    with client.commit(repo, "master") as commit:
        client.put_file_bytes(commit, "/a", b"A")
    run = airflow_runs.end()
    assert run, run
    assert (tmp_path / "a").read_bytes() == b"A"


def test_deprecated_calls_of_ours_fail_a_run(airflow_runs: AirflowRuns, connection: str) -> None:
    """So no other run makes any."""
    conf = {"module": "airflow_provider_pachyderm.hooks.pachyderm"}
    run = airflow_runs.run(DAGS / "deprecated_call.py", "deprecated_call", conf, connection)
    assert run.tasks == {"warn": ["failed"]}
    assert airflow_runs.run(DAGS / "deprecated_call.py", "deprecated_call", {"module": "airflow.somewhere"}, connection)
