"""Run the cron of a pipeline from Airflow each night, wait for its job, and fetch the result.

Shows how Airflow's schedule takes the place of Pachyderm's: the spec says `@yearly`, so that the pipeline hardly ever
starts by itself, and each run of the DAG makes a tick. Calendars, catching up, alerts, and what comes before and after
are left to Airflow. The DAG waits, in the triggerer, for the job of that very tick.
"""

from __future__ import annotations

from datetime import datetime

# Only for Airflow 3: `from airflow.sdk import DAG`.
from airflow.providers.common.compat.sdk import DAG

from airflow_provider_pachyderm.operators.pachyderm import (
    PachydermCreatePipelineOperator,
    PachydermGetFilesOperator,
    PachydermRunCronOperator,
)
from airflow_provider_pachyderm.sensors.pachyderm import PachydermJobSensor

REPORT = {
    "pipeline": {"name": "nightly_report"},
    "transform": {"image": "alpine:3", "cmd": ["sh", "-c", "ls /pfs/tick | tail -n 1 > /pfs/out/report"]},
    "input": {"cron": {"name": "tick", "spec": "@yearly", "overwrite": True}},
    "job_timeout": "1h",
}

with DAG(
    dag_id="pachyderm_nightly",
    schedule="0 2 * * *",
    start_date=datetime(2024, 1, 1),
    catchup=False,
    max_active_runs=1,
    params={"destination": "/data/report"},
    tags=["pachyderm"],
):
    deploy = PachydermCreatePipelineOperator(task_id="deploy", specs=REPORT, retries=2)
    tick = PachydermRunCronOperator(task_id="tick", pipeline="nightly_report")
    job = PachydermJobSensor(
        task_id="job",
        pipeline="nightly_report",
        commit="{{ ti.xcom_pull(task_ids='tick')[0] }}",
        deferrable=True,
        timeout=3600,
    )
    get = PachydermGetFilesOperator(task_id="get", commit=job.output, destination="{{ params.destination }}", retries=2)

    deploy >> tick >> job
