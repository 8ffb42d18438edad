"""Process each new commit: wait for it without a worker, read it, and write what was made of it to another repo.

Shows a deferrable sensor, and the hook's client in a Python task. The sensor takes the oldest commit that finished
after this run was due; the tasks after it read that very commit, also when newer ones have arrived meanwhile. On
Airflow 3, ``pachyderm_events.py`` starts a run per commit instead.

Both repos must exist; files are text.
"""

from __future__ import annotations

from datetime import datetime, timedelta

# Only for Airflow 3: `from airflow.sdk import DAG, task`.
from airflow.providers.common.compat.sdk import DAG, task

from airflow_provider_pachyderm.hooks.pachyderm import PachydermHook
from airflow_provider_pachyderm.operators.pachyderm import PachydermPutFileOperator
from airflow_provider_pachyderm.sensors.pachyderm import PachydermCommitSensor

with DAG(
    dag_id="pachyderm_on_commit",
    schedule="@hourly",
    start_date=datetime(2024, 1, 1),
    catchup=False,
    params={"repo": "texts", "results": "counts"},
    tags=["pachyderm"],
):
    commit = PachydermCommitSensor(
        task_id="commit",
        repo="{{ params.repo }}",
        deferrable=True,
        timeout=timedelta(hours=1).total_seconds(),
    )

    @task
    def count(commit: str) -> str:
        """Count the words of every file of the commit, and return a table."""
        with PachydermHook().client() as client:
            files = client.get_files(commit, "/", recursive=True)
        return "".join(f"{path},{len(content.split())}\n" for path, content in sorted(files.items()))

    PachydermPutFileOperator(
        task_id="put_counts",
        repo="{{ params.results }}",
        path="/words.csv",
        content=count(commit.output),
        description="Words in {{ ti.xcom_pull('commit') }}",
    )
