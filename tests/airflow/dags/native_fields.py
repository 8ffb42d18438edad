"""Fields that are text, in a DAG that renders templates as Python's own objects."""

from __future__ import annotations

from airflow.providers.common.compat.sdk import DAG

from airflow_provider_pachyderm.operators.pachyderm import (
    PachydermDeleteFileOperator,
    PachydermListFilesOperator,
    PachydermPutFileOperator,
)
from airflow_provider_pachyderm.sensors.pachyderm import PachydermCommitSensor

with DAG("native_fields", schedule=None, render_template_as_native_obj=True):
    put = PachydermPutFileOperator(
        task_id="put",
        repo="{{ dag_run.conf['repo'] }}",
        branch="{{ dag_run.conf['branch'] }}",
        path="{{ '/' ~ 7 }}",
        content='{"a": {{ 1 }}, "b": [1e5, 007]}',
        description="{{ 0 }}",
    )
    again = PachydermPutFileOperator.partial(
        task_id="again", repo=put.repo, branch=put.branch, path="/{{ 1 }}/{{ 2 }}"
    ).expand(content=["{{ 1_000 }}", "{{ [1, 2] }}", "{{ 0 }}"])
    wait = PachydermCommitSensor(task_id="wait", commit=put.output)
    listed = PachydermListFilesOperator(task_id="listed", repo=put.repo, branch=put.branch)
    delete = PachydermDeleteFileOperator(
        task_id="delete", repo=put.repo, branch=put.branch, path="{{ ti.xcom_pull('listed') }}"
    )
    put >> wait >> again >> listed >> delete
