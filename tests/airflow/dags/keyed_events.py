"""Tasks whose asset events say which commit they are about, and have its ID as their key."""

from __future__ import annotations

from airflow.providers.common.compat.sdk import DAG, Asset, task

from airflow_provider_pachyderm._compat import require_partition_keys
from airflow_provider_pachyderm.operators.pachyderm import (
    PachydermFinishCommitOperator,
    PachydermPutFileOperator,
    PachydermStartCommitOperator,
)

REPO = "{{ params.repo }}"
try:
    require_partition_keys("KEYED")
    KEYED = {"partition_by_commit": True}
except ValueError:
    KEYED = {}


def show(context, result):
    """Print what the events of a task will say."""
    for outlet in context["task"].outlets:
        info = context["outlet_events"][outlet].extra["commit_info"]
        for each in [info] if "id" in info else info.values():
            print(f"Said of {outlet.uri}: {each['id']}, {each['state']}.")


with DAG(dag_id="keyed_events", schedule=None, params={"repo": ""}, default_args={"post_execute": show}):
    put = PachydermPutFileOperator(
        task_id="put", repo=REPO, path="/a", content="A", outlets=[Asset("put"), Asset("put_too")], **KEYED
    )
    start = PachydermStartCommitOperator(task_id="start", repo=REPO, branch="other")
    into = PachydermPutFileOperator(
        task_id="into", commit=start.output, path="/a", content="A", outlets=[Asset("into")]
    )
    finish = PachydermFinishCommitOperator(task_id="finish", commit=start.output, outlets=[Asset("finish")], **KEYED)

    @task.pachyderm(writes={"one": f"{REPO}@one", "two": f"{REPO}@two"}, outlets=[Asset("function")], **KEYED)
    def function(one, two):
        one.client.put_file_bytes(one, "/a", b"A")

    put >> start >> into >> finish >> function()
