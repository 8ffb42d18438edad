"""A function as a task, to be struck as operators are."""

from __future__ import annotations

from typing import Any

from airflow_provider_pachyderm.decorators._task import _PachydermTask
from airflow_provider_pachyderm.decorators.pachyderm import CommitToWrite


def write(out: CommitToWrite, path: str, content: str) -> None:
    out.client.put_file_bytes(out, path, content.encode())


class WritingFunction(_PachydermTask):
    """``@task.pachyderm`` on a function that writes a file, with the arguments of ``PachydermPutFileOperator``."""

    def __init__(self, *, repo: str, path: str, content: str, **arguments: Any) -> None:
        super().__init__(
            python_callable=write,
            op_kwargs={"path": path, "content": content},
            writes={"out": f"{repo}@master"},
            **arguments,
        )
