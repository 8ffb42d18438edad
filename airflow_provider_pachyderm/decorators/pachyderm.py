"""Decorators that make a task of a function, with the commits that it reads and writes as its arguments.

.. code-block:: python

    @task.pachyderm(reads={"images": "images@master"}, writes={"sizes": "sizes@master"})
    def measure(images: CommitToRead, sizes: CommitToWrite) -> None:
        frame = pandas.read_parquet(images.url("/index.parquet"))
        frame[["width", "height"]].to_parquet(sizes.url("/sizes.parquet"))
"""

from __future__ import annotations

from airflow_provider_pachyderm.decorators._task import pachyderm_task
from airflow_provider_pachyderm.decorators._worker import pachyderm_worker_task
from airflow_provider_pachyderm.tasks.blocks import CommitToRead, CommitToWrite

__all__ = ["CommitToRead", "CommitToWrite", "pachyderm_task", "pachyderm_worker_task"]
