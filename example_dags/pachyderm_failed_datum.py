"""When a datum of a pipeline fails: set its files aside, and let the others through.

Shows what to do about files that a pipeline cannot process, where the rest must not wait for a person. The task that
waits for the job fails, and its log says which files they are and what the program printed. Another one then moves
these files to a repo for rejects, and takes them out of the input. The job of that commit has only datums that succeed,
most of which are done already.

Where a failure may pass by itself, give the pipeline `datum_tries`, or the tasks of `PachydermPipelinesTaskGroup`
retries. Where the program is wrong, mend it, deploy it, and clear the task. Servers before 2.0 do not say which datums
failed.
"""

from __future__ import annotations

from datetime import datetime

# Only for Airflow 3: `from airflow.sdk import DAG, task`.
from airflow.providers.common.compat.sdk import DAG, task

from airflow_provider_pachyderm.client import DatumState
from airflow_provider_pachyderm.hooks.pachyderm import PachydermHook
from airflow_provider_pachyderm.operators.pachyderm import (
    PachydermCreatePipelineOperator,
    PachydermCreateRepoOperator,
    PachydermPutFileOperator,
)
from airflow_provider_pachyderm.sensors.pachyderm import PachydermJobSensor

CHECK = "for file in /pfs/rows/*; do grep , $file > /pfs/out/$(basename $file) || exit 1; done"
SPEC = {
    "pipeline": {"name": "check_rows"},
    "transform": {"image": "alpine:3", "cmd": ["sh", "-c", CHECK]},
    "input": {"pfs": {"repo": "rows", "glob": "/*"}},
    "datum_tries": 1,
    "job_timeout": "1h",
}

with DAG(
    dag_id="pachyderm_failed_datum",
    schedule=None,
    start_date=datetime(2024, 1, 1),
    catchup=False,
    max_active_runs=1,
    params={"source": "/data/rows"},
    tags=["pachyderm"],
):
    repos = PachydermCreateRepoOperator.partial(task_id="repos").expand(repo=["rows", "rejected_rows"])
    deploy = PachydermCreatePipelineOperator(task_id="deploy", specs=SPEC)
    put = PachydermPutFileOperator(task_id="put", repo="rows", path="/", source="{{ params.source }}")
    job = PachydermJobSensor(task_id="job", pipeline="check_rows", commit=put.output, deferrable=True)

    @task(trigger_rule="one_failed")
    def set_aside(commit: str) -> str:
        """Move the files of failed datums to another repo, and return the commit without them."""
        with PachydermHook().client() as client:
            failed = client.pps.find_job("check_rows", commit)
            datums = client.pps.list_datum(failed, states=DatumState.FAILED)
            paths = sorted({file.path for datum in datums for file in datum.files})
            with client.commit("rejected_rows", "master", description=f"Rejected of {commit}") as rejected:
                for path in paths:
                    client.copy_file(commit, path, rejected, path)
            with client.commit("rows", "master", description=f"Without {len(paths)} files") as rest:
                for path in paths:
                    client.delete_file(rest, path)
            return str(client.inspect_commit(rest).commit)

    aside = set_aside(put.output)
    job_of_rest = PachydermJobSensor(task_id="job_of_rest", pipeline="check_rows", commit=aside, deferrable=True)

    repos >> deploy >> put
    job >> aside
