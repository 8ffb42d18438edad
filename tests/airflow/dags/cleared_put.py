"""Two puts on one branch, of which the test clears the first."""

from __future__ import annotations

from datetime import datetime

from airflow.providers.common.compat.sdk import DAG

from airflow_provider_pachyderm.operators.pachyderm import PachydermPutFileOperator

with DAG(
    "cleared_put",
    schedule=None,
    start_date=datetime(2024, 1, 1),
    params={"repo": ""},
    default_args={"repo": "{{ params.repo }}", "retries": 1},
):
    again = PachydermPutFileOperator(task_id="again", path="/again", content="try {{ task_instance.try_number }}")
    once = PachydermPutFileOperator(task_id="once", path="/once", content="try {{ task_instance.try_number }}")
    again >> once
