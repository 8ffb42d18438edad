"""Many tasks write one commit: start it, put into it from mapped tasks, finish it; drop it if any of them failed.

Shows how readers of the branch see all of it or nothing. The number of folders is known when the DAG runs, not before.
Other writers of the branch wait meanwhile, so the last task cleans up after failures.

Trigger it with a configuration such as ``{"repo": "images", "folders": ["/data/cats", "/data/dogs"]}``.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import PurePath

# Only for Airflow 3: `from airflow.sdk import DAG, task`.
from airflow.providers.common.compat.sdk import DAG, task

from airflow_provider_pachyderm.operators.pachyderm import (
    PachydermCreateRepoOperator,
    PachydermDropCommitOperator,
    PachydermFinishCommitOperator,
    PachydermPutFileOperator,
    PachydermStartCommitOperator,
)

with DAG(
    dag_id="pachyderm_one_commit",
    schedule=None,
    start_date=datetime(2024, 1, 1),
    catchup=False,
    params={"repo": "images", "folders": ["/data"]},
    default_args={"retries": 2},
    tags=["pachyderm"],
):
    create_repo = PachydermCreateRepoOperator(task_id="create_repo", repo="{{ params.repo }}")
    start = PachydermStartCommitOperator(task_id="start", repo="{{ params.repo }}", description="{{ run_id }}")

    @task
    def folders(params: dict[str, list[str]]) -> list[dict[str, str]]:
        """Return the arguments of one mapped task for each folder."""
        return [{"source": folder, "path": f"/{PurePath(folder).name}"} for folder in params["folders"]]

    # The output of `start` names the commit, so these write into it at the same time, and leave it open.
    put = PachydermPutFileOperator.partial(task_id="put", commit=start.output).expand_kwargs(folders())
    finish = PachydermFinishCommitOperator(task_id="finish", commit=start.output)
    drop = PachydermDropCommitOperator(task_id="drop", commit=start.output, trigger_rule="one_failed")

    create_repo >> start
    put >> [finish, drop]
