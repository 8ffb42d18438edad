"""Deploy pipelines when their specs have changed: plan, deploy, and say what is new.

Shows how pipelines come along with the DAGs of a repository. Trigger it when a change is merged, for instance by
`airflow dags trigger pachyderm_deploy` at the end of the CI job that delivers the DAGs. As specs that are deployed
already make no new version, it may run every hour as well. If a spec is wrong, the plan fails before anything is
changed.

The specs are the `.json`, `.yaml` and `.yml` files in a directory on the worker, such as one beside the DAGs.
"""

from __future__ import annotations

from datetime import datetime

# Only for Airflow 3: `from airflow.sdk import DAG, task`.
from airflow.providers.common.compat.sdk import DAG, task

from airflow_provider_pachyderm.operators.pachyderm import PachydermCreatePipelineOperator

with DAG(
    dag_id="pachyderm_deploy",
    schedule=None,
    start_date=datetime(2024, 1, 1),
    catchup=False,
    max_active_runs=1,
    params={"specs": "/opt/airflow/dags/pipelines"},
    default_args={"retries": 2},
    tags=["pachyderm"],
):
    plan = PachydermCreatePipelineOperator(task_id="plan", specs="{{ params.specs }}", dry_run=True)
    deploy = PachydermCreatePipelineOperator(task_id="deploy", specs="{{ params.specs }}")

    @task
    def changed(changes: list[dict[str, object]]) -> list[object]:
        """Return the pipelines that are new or have a new version."""
        return [change["pipeline"] for change in changes if change["action"] != "none"]

    plan >> deploy
    changed(deploy.output)
