"""Every sensor in every mode. The commit sensors must all return the oldest commit after the run was made."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from airflow.providers.common.compat.sdk import DAG

from airflow_provider_pachyderm.sensors.pachyderm import (
    PachydermCommitSensor,
    PachydermCommitSetSensor,
    PachydermFileSensor,
)

# A task that is rescheduled sooner than the scheduler has seen it end is taken for failed, by Airflow 3.3.2 too.
MODES: dict[str, dict[str, Any]] = {
    "poke": {"mode": "poke", "poke_interval": 3},
    "reschedule": {"mode": "reschedule", "poke_interval": 20},
    "deferrable": {"deferrable": True},
}
REPO = "{{ params.repo }}"

with DAG(
    "wait_in_every_mode",
    schedule=None,
    start_date=datetime(2024, 1, 1),
    params={"repo": "", "commit": ""},
    default_args={"timeout": 300, "retries": 1, "retry_delay": timedelta(seconds=1)},
):
    for name, mode in MODES.items():
        PachydermCommitSensor(task_id=f"commit_{name}", repo=REPO, **mode)
        PachydermFileSensor(task_id=f"file_{name}", repo=REPO, path="/done", **mode)
        PachydermCommitSetSensor(task_id=f"set_{name}", commit="{{ params.commit }}", **mode)
