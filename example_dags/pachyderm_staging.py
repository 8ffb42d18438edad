r"""Write to a staging branch, check what is there, and only then move ``master`` to it.

Shows how readers of ``master`` never see data that failed the check. Moving the branch copies nothing. The check reads
the commit that was put, not the branch, so that it approves what is published and nothing else.

Trigger it with a configuration such as ``{"repo": "prices", "content": "apple,1\n"}``.
"""

from __future__ import annotations

from datetime import datetime

# Only for Airflow 3: `from airflow.sdk import DAG, task`.
from airflow.providers.common.compat.sdk import DAG, task

from airflow_provider_pachyderm.hooks.pachyderm import PachydermHook
from airflow_provider_pachyderm.operators.pachyderm import (
    PachydermCreateBranchOperator,
    PachydermCreateRepoOperator,
    PachydermPutFileOperator,
)

with DAG(
    dag_id="pachyderm_staging",
    schedule=None,
    start_date=datetime(2024, 1, 1),
    catchup=False,
    params={"repo": "prices", "content": "apple,1\n"},
    default_args={"repo": "{{ params.repo }}"},
    tags=["pachyderm"],
):
    create_repo = PachydermCreateRepoOperator(task_id="create_repo")
    put = PachydermPutFileOperator(task_id="put", branch="staging", path="/prices.csv", content="{{ params.content }}")

    @task
    def check(commit: str) -> str:
        """Return the commit if every price is a number."""
        with PachydermHook().client() as client:
            prices = client.get_files(commit, "/prices.csv")["/prices.csv"]
        for line in prices.decode().splitlines():
            float(line.rpartition(",")[2])
        return commit

    publish = PachydermCreateBranchOperator(task_id="publish", branch="master", head=check(put.output))

    create_repo >> put
