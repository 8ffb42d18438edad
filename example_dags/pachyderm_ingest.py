"""Put a directory and a file from the web into Pachyderm, wait for the commit, and get the files back.

Trigger it with a configuration such as::

    {"repo": "images", "source": "/data/images", "url": "https://example.com/logo.png",
     "destination": "/tmp/images"}

With an empty ``url`` that step is skipped. The connection is ``pachyderm_default``.
"""

from __future__ import annotations

from datetime import datetime, timedelta

# Only for Airflow 3: `from airflow.sdk import DAG, task`.
from airflow.providers.common.compat.sdk import DAG, task

from airflow_provider_pachyderm.operators.pachyderm import (
    PachydermCreateRepoOperator,
    PachydermGetFilesOperator,
    PachydermPutFileOperator,
    PachydermPutFileUrlOperator,
)
from airflow_provider_pachyderm.sensors.pachyderm import PachydermCommitSensor

REPO = "{{ params.repo }}"

with DAG(
    dag_id="pachyderm_ingest",
    schedule=None,
    start_date=datetime(2024, 1, 1),
    catchup=False,
    params={"repo": "ingest", "source": "/data", "url": "", "destination": "/tmp/pachyderm-ingest"},
    default_args={"repo": REPO, "retries": 2},
    tags=["pachyderm"],
):
    create_repo = PachydermCreateRepoOperator(task_id="create_repo", description="Filled by Airflow")

    # All files of the directory are one commit. A retry replaces what it put, and makes no second commit.
    put_directory = PachydermPutFileOperator(
        task_id="put_directory",
        path="/",
        source="{{ params.source }}",
        description="Files of {{ params.source }}",
    )

    @task.short_circuit(ignore_downstream_trigger_rules=False)
    def has_url(params: dict[str, str]) -> bool:
        """Skip the next task when there is nothing to fetch."""
        return bool(params["url"])

    # The Pachyderm server fetches it; the bytes do not pass through Airflow.
    put_url = PachydermPutFileUrlOperator(
        task_id="put_url",
        path="/web/{{ params.url.split('/')[-1] }}",
        url="{{ params.url }}",
        description="Fetched from {{ params.url }}",
    )

    # Usually the first task of another DAG. Any commit that finished since this run was due is seen, even before now.
    wait_for_commit = PachydermCommitSensor(
        task_id="wait_for_commit",
        deferrable=True,
        timeout=timedelta(hours=1).total_seconds(),
        trigger_rule="none_failed",
    )

    # The head of the branch, so that it has the file from the URL too; `commit=wait_for_commit.output` would get just
    # the commit that the sensor saw.
    get_files = PachydermGetFilesOperator(task_id="get_files", destination="{{ params.destination }}")

    create_repo >> put_directory >> has_url() >> put_url >> wait_for_commit >> get_files
