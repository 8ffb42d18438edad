"""Fetch the files of each new commit of ``images@master``, as soon as it is finished (Airflow 3).

The triggerer watches the branch; this DAG needs no schedule and no sensor. On Airflow 3.3 and later, commits made while
Airflow is down start it when Airflow is back. The connection is ``pachyderm_default``.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from airflow.sdk import DAG, Asset, AssetWatcher, task

from airflow_provider_pachyderm.operators.pachyderm import PachydermGetFilesOperator
from airflow_provider_pachyderm.triggers.pachyderm import PachydermCommitEventTrigger

images = Asset(
    name="images",
    uri="pachyderm://localhost/default/images/master",
    watchers=[AssetWatcher(name="images", trigger=PachydermCommitEventTrigger(repo="images"))],
)

with DAG(
    dag_id="pachyderm_events",
    schedule=[images],
    start_date=datetime(2024, 1, 1),
    catchup=False,
    params={"destination": "/tmp/pachyderm-events"},
    tags=["pachyderm"],
) as dag:

    @task
    def commits(triggering_asset_events: Any) -> list[str]:
        """Name the commits that started this run: one, or several that came at the same time."""
        payloads = [event.extra["payload"] for event in triggering_asset_events[images]]
        for payload in payloads:
            print(f"{payload['commit']}: {payload['size_bytes']} bytes, finished {payload['finished']}")
        # A commit may come again if the triggerer was killed.
        return list(dict.fromkeys(payload["commit"] for payload in payloads))

    PachydermGetFilesOperator.partial(
        task_id="get_files",
        destination="{{ params.destination }}/{{ run_id }}/{{ ti.map_index }}",
    ).expand(commit=commits())
