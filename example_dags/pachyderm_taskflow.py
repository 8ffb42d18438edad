"""Gather CSV files of one repo into a Parquet file of another with pandas, and read that with pyarrow.

Shows functions that get the commits they read and write as arguments: ``raw`` is the newest finished commit, which
stays the same while the function runs, and ``tables`` is one of the task's own, which is finished when the function
returns and dropped when it raises. Each passes on the reference of what it wrote. A plain ``@task`` writes through the
hook. pandas and pyarrow are packages of their own; what they read and write does not touch the worker's disk.

Trigger it with a configuration such as ``{"raw": "measurements", "tables": "tables"}``. The CSV files have the columns
``place`` and ``value``.
"""

from __future__ import annotations

from datetime import datetime

# Only for Airflow 3: `from airflow.sdk import DAG, task`.
from airflow.providers.common.compat.sdk import DAG, task

from airflow_provider_pachyderm.decorators.pachyderm import CommitToRead, CommitToWrite
from airflow_provider_pachyderm.hooks.pachyderm import PachydermHook

RAW, TABLES = "{{ params.raw }}@master", "{{ params.tables }}@master"

with DAG(
    dag_id="pachyderm_taskflow",
    schedule=None,
    start_date=datetime(2024, 1, 1),
    catchup=False,
    params={"raw": "measurements", "tables": "tables"},
    default_args={"retries": 2},
    tags=["pachyderm"],
):

    @task.pachyderm(reads={"raw": RAW}, writes={"tables": TABLES}, description="Gathered measurements")
    def gather(raw: CommitToRead, tables: CommitToWrite) -> None:
        """Make one table of all CSV files."""
        import pandas

        frames = [pandas.read_csv(raw.url(info.path)) for info in raw.client.glob_file(raw, "/**.csv")]
        pandas.concat(frames).to_parquet(tables.url("/measurements.parquet"))

    @task.pachyderm(reads={"tables": None})
    def average(tables: CommitToRead) -> dict:
        """Average the values of each place."""
        from pyarrow import parquet

        with tables.path("/measurements.parquet").open("rb") as file:
            table = parquet.read_table(file, columns=["place", "value"])
        means = table.group_by("place").aggregate([("value", "mean")])
        return dict(zip(means["place"].to_pylist(), means["value_mean"].to_pylist(), strict=True))

    @task
    def note(averages: dict, branch: str) -> str:
        """Write the averages beside the table."""
        with PachydermHook().write(branch, description="Averages") as commit:
            lines = [f"{place},{value:g}\n" for place, value in sorted(averages.items())]
            commit.client.put_file_bytes(commit, "/averages.csv", "".join(lines).encode())
        return str(commit)

    note(average(tables=gather()), TABLES)
