"""Compute the commits of two repos from those of another, one from the other, by tasks instead of pipelines.

Shows Airflow as the worker: the branches of ``counts`` and ``totals`` have the branch before them as their provenance,
so that Pachyderm opens a commit on each whenever texts are committed, all of one commit set (2.x). Each run of the DAG
waits in the triggerer for the oldest that is to be filled, fills both, and finishes them. A function that fails for
good finishes its commit with the error.

Trigger it with a configuration such as ``{"texts": "texts", "counts": "word-counts", "totals": "word-totals"}``. With
``schedule="@continuous"`` and ``max_active_runs=1``, it does so for every commit.
"""

from __future__ import annotations

from datetime import datetime

# Only for Airflow 3: `from airflow.sdk import DAG, task`.
from airflow.providers.common.compat.sdk import DAG, task

from airflow_provider_pachyderm.decorators.pachyderm import CommitToRead, CommitToWrite

with DAG(
    dag_id="pachyderm_worker",
    schedule=None,
    start_date=datetime(2024, 1, 1),
    catchup=False,
    params={"texts": "texts", "counts": "word-counts", "totals": "word-totals"},
    default_args={"retries": 2},
    tags=["pachyderm"],
):

    @task.pachyderm_worker(repo="{{ params.counts }}", inputs={"texts": "{{ params.texts }}@master"}, deferrable=True)
    def count(texts: CommitToRead, output: CommitToWrite) -> None:
        """Count the words of each text."""
        for text in texts.path().iterdir():
            words = len(text.read_text().split())
            output.client.put_file_bytes(output, f"/{text.name}", str(words).encode())

    @task.pachyderm_worker(repo="{{ params.totals }}", inputs={"counts": "{{ params.counts }}@master"}, deferrable=True)
    def add_up(counts: CommitToRead, output: CommitToWrite) -> None:
        """Add up the words of all texts."""
        total = sum(int(path.read_text()) for path in counts.path().iterdir())
        output.client.put_file_bytes(output, "/total", str(total).encode())

    count() >> add_up()
