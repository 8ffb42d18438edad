"""The pipelines of Pachyderm as a task group: a Pachyderm DAG inside an Airflow DAG.

.. code-block:: python

    pipelines = PachydermPipelinesTaskGroup(specs=Path(__file__).parent / "pipelines", commit=put.output)
    pipelines >> PachydermGetFilesOperator(
        task_id="get", commit=pipelines.job_of("montage").output, destination="/data/montage"
    )
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from airflow_provider_pachyderm._compat import DEFERRABLE, TaskGroup
from airflow_provider_pachyderm.client import Pipeline, read_pipeline_specs
from airflow_provider_pachyderm.client._pipeline_specs.order import whole
from airflow_provider_pachyderm.client._pps_refs import parse_pipeline
from airflow_provider_pachyderm.client._refs import DEFAULT_PROJECT
from airflow_provider_pachyderm.hooks.pachyderm import PachydermHook
from airflow_provider_pachyderm.task_groups._job import PachydermPipelineJobSensor

if TYPE_CHECKING:
    from airflow_provider_pachyderm.client import PipelineLike, PipelineSpec, SpecSource

__all__ = ["PachydermPipelineJobSensor", "PachydermPipelinesTaskGroup"]


class PachydermPipelinesTaskGroup(TaskGroup):
    """A task for each pipeline of the specs, which waits for the job by which the pipeline handles a commit.

    The tasks are in the order of the pipelines' provenance: each is behind those of the pipelines whose output it
    reads, in other projects, too. A task is named as its pipeline, or ``project.pipeline`` if the spec names another
    project than the group's. Spouts, which have no jobs, and services, whose jobs do not end, have no task.

    The specs are read when the DAG is parsed, and nothing is asked of a server then: the group neither creates the
    pipelines nor finds out which ones there are. ``PachydermCreatePipelineOperator`` deploys the same specs. Each task
    is a :class:`PachydermPipelineJobSensor`; arguments of Airflow's for all of them, such as ``retries``, are given in
    ``default_args``.

    :param group_id: name of the group
    :param specs: what ``PachydermCreatePipelineOperator`` takes: dicts, texts, paths of files or directories, or a
        list of these. Paths are those of the machine that parses the DAG
    :param commit: the commit, with its ID, that the pipelines handle, as the operators that write return it; a
        template or the output of a task. Only pipelines that read something else than each other's output take it
    :param skip_unchanged: as of the tasks
    :param rerun_failed: likewise
    :param stop_on_kill: likewise
    :param deferrable: likewise
    :param project: project of specs that name none, instead of the connection's
    :param pachyderm_conn_id: the connection to use
    :param group_arguments: other arguments of Airflow's task groups, such as ``default_args`` or ``tooltip``
    """

    def __init__(
        self,
        group_id: str = "pipelines",
        *,
        specs: SpecSource,
        commit: Any,
        skip_unchanged: bool = True,
        rerun_failed: bool = True,
        stop_on_kill: bool = False,
        deferrable: bool = DEFERRABLE,
        project: str | None = None,
        pachyderm_conn_id: str = PachydermHook.default_conn_name,
        **group_arguments: Any,
    ) -> None:
        super().__init__(group_id, **group_arguments)
        arguments: dict[str, Any] = {
            "skip_unchanged": skip_unchanged,
            "rerun_failed": rerun_failed,
            "stop_on_kill": stop_on_kill,
            "deferrable": deferrable,
            "project": project,
            "pachyderm_conn_id": pachyderm_conn_id,
            "dag": self.dag,
            "task_group": self,
        }
        self._project = project
        self._jobs: dict[Pipeline, PachydermPipelineJobSensor] = {}
        for spec in read_pipeline_specs(specs):  # each behind those whose output it reads
            if "spout" in spec.spec or "service" in spec.spec:
                continue
            self._jobs[self._key(spec.pipeline)] = self._task(spec, commit, arguments)

    def job_of(self, pipeline: PipelineLike) -> PachydermPipelineJobSensor:
        """Return the task of a pipeline; its ``output`` is the commit that the job made.

        :param pipeline: ``name``, or ``project/name``
        :raises KeyError: the group has no such task
        """
        return self._jobs[self._key(parse_pipeline(pipeline))]

    def _task(self, spec: PipelineSpec, commit: Any, arguments: dict[str, Any]) -> PachydermPipelineJobSensor:
        read = [self._key(Pipeline(branch.repo.name, branch.repo.project)) for branch in spec.inputs]
        upstream = [self._jobs[each] for each in dict.fromkeys(read) if each in self._jobs]
        takes_commit = not read or any(each not in self._jobs for each in read)
        pipeline = spec.pipeline
        apart = pipeline.project is not None and pipeline.project != (self._project or DEFAULT_PROJECT)
        task = PachydermPipelineJobSensor(
            task_id=f"{pipeline.project}.{pipeline.name}" if apart else pipeline.name,
            pipeline=str(pipeline),
            commit=commit if takes_commit else None,
            upstream_commits=[each.output for each in upstream],
            trigger_rule="none_failed" if upstream else "all_success",
            doc_md=spec.spec.get("description") or None,
            **arguments,
        )
        upstream_tasks: Sequence[Any] = upstream
        task.set_upstream(upstream_tasks)
        return task

    def _key(self, pipeline: Pipeline) -> Pipeline:
        return whole(Pipeline(pipeline.name, pipeline.project or self._project))
