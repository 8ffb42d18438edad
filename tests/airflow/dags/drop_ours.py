"""Writers that drop what a dead run of theirs left open: in one task, and in a commit that two tasks share."""

from __future__ import annotations

import time
from datetime import datetime
from pathlib import Path
from typing import Any

from airflow.providers.common.compat.sdk import DAG, task

from airflow_provider_pachyderm.operators.pachyderm import PachydermFinishCommitOperator, PachydermStartCommitOperator

with DAG(
    "drop_ours",
    schedule=None,
    start_date=datetime(2024, 1, 1),
    params={"repo": "", "hold": "", "name": ""},
    default_args={"retries": 0},
    max_active_runs=4,
):

    @task.pachyderm(writes={"commit": "{{ params.repo }}@master"}, open_commit="drop_ours")
    def write(commit: Any, hold: str, name: str) -> None:
        commit.client.put_file_bytes(commit, f"/{name}", name.encode())
        while Path(hold).exists():
            time.sleep(0.2)

    @task
    def between(hold: str) -> None:
        while Path(hold).exists():
            time.sleep(0.2)

    write(hold="{{ params.hold }}", name="{{ params.name }}")
    start = PachydermStartCommitOperator(
        task_id="start", repo="{{ params.repo }}", branch="shared", open_commit="drop_ours"
    )
    finish = PachydermFinishCommitOperator(task_id="finish", commit=start.output)
    start >> between(hold="{{ params.hold }}") >> finish
