"""A function as a task, to be struck as operators are."""

from __future__ import annotations

from typing import Any

from airflow_provider_pachyderm.decorators._task import _PachydermTask
from airflow_provider_pachyderm.decorators._worker import _PachydermWorkerTask
from airflow_provider_pachyderm.decorators.pachyderm import CommitToRead, CommitToWrite


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


def work(source: CommitToRead, output: CommitToWrite) -> None:
    """Append, so that anything that a killed try left would show."""
    for path, content in source.client.get_files(source, "/").items():
        output.client.delete_file(output, path)
        output.client.put_file_bytes(output, path, content[::-1], append=True)


class WorkingFunction(_PachydermWorkerTask):
    """``@task.pachyderm_worker`` on a function that turns the content of files around."""

    def __init__(self, *, source: str, **arguments: Any) -> None:
        super().__init__(
            python_callable=work, inputs={"source": f"{source}@master"}, wait_timeout=60.0, poll_interval=0.1,
            deferrable=False, **arguments,
        )  # fmt: skip
