"""Every operator for pipelines, with specs that are templates."""

from __future__ import annotations

from airflow.providers.common.compat.sdk import DAG

from airflow_provider_pachyderm.operators.pachyderm import (
    PachydermCreatePipelineOperator,
    PachydermDeletePipelineOperator,
    PachydermRerunPipelineOperator,
    PachydermRestartDatumOperator,
    PachydermRunCronOperator,
    PachydermStartPipelineOperator,
    PachydermStopPipelineOperator,
)

NAME = "{{ dag_run.conf['repo'] }}-p"
TEXT = """\
pipeline:
  name: {{ dag_run.conf['repo'] }}-text
transform:
  cmd: [cp, -r, /pfs/in, /pfs/out/]
input:
  pfs:
    name: in
    repo: {{ dag_run.conf['repo'] }}-p
    glob: /
"""
SPEC = {
    "pipeline": {"name": NAME},
    "transform": {"cmd": ["sh", "-c", "cp -r /pfs/tick /pfs/out/"]},
    "input": {"cron": {"name": "tick", "spec": "@yearly"}},
}

with DAG("pipelines", schedule=None):
    create = PachydermCreatePipelineOperator(task_id="create", specs=[TEXT, SPEC])
    stop = PachydermStopPipelineOperator(task_id="stop", pipeline=NAME)
    start = PachydermStartPipelineOperator(task_id="start", pipeline=NAME)
    tick = PachydermRunCronOperator(task_id="tick", pipeline=NAME)
    rerun = PachydermRerunPipelineOperator(task_id="rerun", pipeline=NAME, reprocess=True)
    restart = PachydermRestartDatumOperator(
        task_id="restart", job="{{ dag_run.conf['job'] }}", data_filters=["/{{ 'nothing' }}"]
    )
    delete = PachydermDeletePipelineOperator(task_id="delete", pipeline="{{ dag_run.conf['repo'] }}-text")
    create >> stop >> start >> tick >> rerun >> restart >> delete

with DAG("pipelines_native", schedule=None, render_template_as_native_obj=True):
    first = PachydermCreatePipelineOperator(task_id="first", specs="{{ dag_run.conf['specs'] }}")
    again = PachydermCreatePipelineOperator(task_id="again", specs="{{ dag_run.conf['specs'] | tojson }}")
    first >> again
