"""A sensor that has to defer: nothing is in the repo when it starts."""

from __future__ import annotations

from datetime import datetime

from airflow.providers.common.compat.sdk import DAG

from airflow_provider_pachyderm.operators.pachyderm import PachydermGetFilesOperator
from airflow_provider_pachyderm.sensors.pachyderm import PachydermCommitSensor

with DAG(
    "wait_for_commit",
    schedule=None,
    start_date=datetime(2024, 1, 1),
    params={"repo": "", "destination": ""},
):
    wait = PachydermCommitSensor(task_id="wait", repo="{{ params.repo }}", deferrable=True, timeout=120)
    get = PachydermGetFilesOperator(task_id="get", commit=wait.output, destination="{{ params.destination }}")
