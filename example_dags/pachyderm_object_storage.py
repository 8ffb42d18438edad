"""Copy a directory of an object store into Pachyderm, and the files of that commit to another one.

Shows URLs that ObjectStoragePath understands as source and destination. Bytes are streamed: a worker needs neither the
memory nor the disk for them. Any scheme will do whose provider is installed; the name before ``@`` is a connection.

Trigger it with a configuration such as
``{"repo": "raw", "source": "s3://aws_default@in/2026", "destination": "s3://aws_default@out/2026"}``.
"""

from __future__ import annotations

from datetime import datetime

# Only for Airflow 3: `from airflow.sdk import DAG`.
from airflow.providers.common.compat.sdk import DAG

from airflow_provider_pachyderm.operators.pachyderm import (
    PachydermCreateRepoOperator,
    PachydermGetFilesOperator,
    PachydermPutFileOperator,
)

with DAG(
    dag_id="pachyderm_object_storage",
    schedule=None,
    start_date=datetime(2024, 1, 1),
    catchup=False,
    params={"repo": "raw", "source": "s3://aws_default@in/raw", "destination": "s3://aws_default@out/raw"},
    default_args={"retries": 2},
    tags=["pachyderm"],
):
    create_repo = PachydermCreateRepoOperator(task_id="create_repo", repo="{{ params.repo }}")
    put = PachydermPutFileOperator(task_id="put", repo="{{ params.repo }}", path="/raw", source="{{ params.source }}")
    get = PachydermGetFilesOperator(
        task_id="get", commit=put.output, path="/raw", destination="{{ params.destination }}"
    )

    create_repo >> put >> get
