"""Find files by pattern and process each in a task of its own.

Shows mapping over the files of one commit: the glob operator returns the paths, which fit ``.expand()``, and its XCom
``commit`` names the commit it searched. All mapped tasks read from that one, whatever is committed meanwhile.

Trigger it with a configuration such as ``{"repo": "texts", "pattern": "/**.txt"}``.
"""

from __future__ import annotations

from datetime import datetime

# Only for Airflow 3: `from airflow.sdk import DAG, task`.
from airflow.providers.common.compat.sdk import DAG, task

from airflow_provider_pachyderm.hooks.pachyderm import PachydermHook
from airflow_provider_pachyderm.operators.pachyderm import PachydermGlobFilesOperator

with DAG(
    dag_id="pachyderm_map_files",
    schedule=None,
    start_date=datetime(2024, 1, 1),
    catchup=False,
    params={"repo": "texts", "pattern": "/**.txt"},
    tags=["pachyderm"],
):
    find = PachydermGlobFilesOperator(task_id="find", repo="{{ params.repo }}", pattern="{{ params.pattern }}")

    @task
    def words(path: str, commit: str) -> int:
        """Count the words of one file."""
        with PachydermHook().client() as client:
            return len(client.get_files(commit, path)[path].split())

    @task
    def total(counts: list[int]) -> int:
        """Add up what the mapped tasks returned."""
        return sum(counts)

    total(words.partial(commit=find.output["commit"]).expand(path=find.output))
