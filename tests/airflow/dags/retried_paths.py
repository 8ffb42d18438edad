"""A task that writes through a path, and whose first try is a process that is killed half way."""

from __future__ import annotations

import os
import signal
from datetime import datetime
from typing import Any

from airflow.providers.common.compat.sdk import DAG, ObjectStoragePath, task

with DAG("retried_paths", schedule=None, start_date=datetime(2024, 1, 1), params={"repo": ""}):

    @task(retries=1)
    def write(params: dict[str, str], task_instance: Any = None) -> None:
        if task_instance.try_number == 1:
            process = os.fork()
            if process:
                assert os.WTERMSIG(os.waitpid(process, 0)[1]) == signal.SIGKILL
                raise RuntimeError("This try was killed")
        repo = params["repo"]
        # Airflow keeps filesystems by connection, and this process sees several servers.
        os.environ[f"AIRFLOW_CONN_{repo.upper()}"] = os.environ["AIRFLOW_CONN_PACHYDERM_DEFAULT"]
        path = ObjectStoragePath(f"pfs://{repo}@{repo}/master/a")
        with path.open("wb") as file:
            for _ in range(3):
                file.write(b"x" * 3_000_000)
                if task_instance.try_number == 1:
                    os.kill(os.getpid(), signal.SIGKILL)

    write()
