"""A put whose first try is a process that is killed half way, and mapped puts on the same branch."""

from __future__ import annotations

import os
import signal
from datetime import datetime
from typing import TYPE_CHECKING, Any

from airflow.providers.common.compat.sdk import DAG

from airflow_provider_pachyderm.operators.pachyderm import PachydermPutFileOperator

if TYPE_CHECKING:
    from airflow_provider_pachyderm.client import Commit, PfsClient


class KilledOnce(PachydermPutFileOperator):
    """Its first try is killed when half is written, so that nothing can clean up."""

    killed = False

    def execute(self, context: Any) -> str:
        if context["ti"].try_number > 1:
            return super().execute(context)
        process = os.fork()
        if not process:
            self.killed = True
            try:
                super().execute(context)
            finally:
                os._exit(1)
        _, status = os.waitpid(process, 0)
        assert os.WTERMSIG(status) == signal.SIGKILL
        raise RuntimeError("This try was killed")

    def _write(self, client: PfsClient, commit: Commit) -> None:
        if self.killed:
            client.put_file_bytes(commit, "/half", b"half")
            os.kill(os.getpid(), signal.SIGKILL)
        super()._write(client, commit)


with DAG(
    "retried_puts",
    schedule=None,
    start_date=datetime(2024, 1, 1),
    params={"repo": ""},
    default_args={"repo": "{{ params.repo }}"},
):
    killed = KilledOnce(task_id="killed", path="/killed", content="whole", retries=1)
    mapped = PachydermPutFileOperator.partial(task_id="mapped", path="/{{ task_instance.map_index }}")
    killed >> mapped.expand(content=[f"content {number}" for number in range(5)])
