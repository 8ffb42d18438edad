"""Put a directory into Pachyderm, let pipelines process it, and fetch what they made.

Shows a Pachyderm DAG inside an Airflow DAG: each pipeline is a task, which waits in the triggerer for the job of that
very commit, and is behind the pipelines whose output it reads. If a job fails, the log of its task has the datums that
failed, their files, and what they printed; the retry runs the pipeline again.

The same specs are deployed first, which does nothing if nothing has changed. The task of a pipeline whose job changes
nothing is skipped; the last task fetches the result all the same.
"""

from __future__ import annotations

from datetime import datetime

# Only for Airflow 3: `from airflow.sdk import DAG`.
from airflow.providers.common.compat.sdk import DAG

from airflow_provider_pachyderm.operators.pachyderm import (
    PachydermCreatePipelineOperator,
    PachydermCreateRepoOperator,
    PachydermGetFilesOperator,
    PachydermPutFileOperator,
)
from airflow_provider_pachyderm.task_groups.pachyderm import PachydermPipelinesTaskGroup

COUNT = "for file in /pfs/texts/*; do wc -w < $file > /pfs/out/$(basename $file); done"
TOTAL = "cat /pfs/count_words/* | awk '{sum += $1} END {print sum}' > /pfs/out/total"
SPECS = [
    {
        "pipeline": {"name": "count_words"},
        "transform": {"image": "alpine:3", "cmd": ["sh", "-c", COUNT]},
        "input": {"pfs": {"repo": "texts", "glob": "/*"}},
        "job_timeout": "1h",
    },
    {
        "pipeline": {"name": "total_words"},
        "transform": {"image": "alpine:3", "cmd": ["sh", "-c", TOTAL]},
        "input": {"pfs": {"repo": "count_words", "glob": "/"}},
        "job_timeout": "1h",
    },
]

with DAG(
    dag_id="pachyderm_pipelines",
    schedule=None,
    start_date=datetime(2024, 1, 1),
    catchup=False,
    params={"source": "/data/texts", "destination": "/data/words"},
    default_args={"retries": 2},
    tags=["pachyderm"],
):
    create_repo = PachydermCreateRepoOperator(task_id="create_repo", repo="texts")
    deploy = PachydermCreatePipelineOperator(task_id="deploy", specs=SPECS)
    put = PachydermPutFileOperator(task_id="put", repo="texts", path="/", source="{{ params.source }}")
    pipelines = PachydermPipelinesTaskGroup(specs=SPECS, commit=put.output, deferrable=True)
    get = PachydermGetFilesOperator(
        task_id="get",
        commit=pipelines.job_of("total_words").output,
        destination="{{ params.destination }}",
        trigger_rule="none_failed",
    )

    create_repo >> deploy >> put
    pipelines >> get
