"""Operators that create, stop, start and delete pipelines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar, Literal, TypedDict

from airflow_provider_pachyderm._compat import AirflowArguments, Unpack
from airflow_provider_pachyderm.client import Action, Commit, PipelineNotFound, Repo
from airflow_provider_pachyderm.client._pps_refs import parse_pipeline
from airflow_provider_pachyderm.hooks.pachyderm import PachydermHook
from airflow_provider_pachyderm.links.pachyderm import PachydermRepoLink
from airflow_provider_pachyderm.operators._base import IF_MISSING, PachydermOperator
from airflow_provider_pachyderm.tasks.arguments import check_choice
from airflow_provider_pachyderm.tasks.texts import count_text

if TYPE_CHECKING:
    from airflow_provider_pachyderm._compat import Context
    from airflow_provider_pachyderm.client import Pipeline, PipelineChange, SpecSource

_DONE = {Action.CREATE: "created", Action.UPDATE: "updated", Action.NONE: "unchanged"}
_PLANNED = {Action.CREATE: "to be created", Action.UPDATE: "to be updated", Action.NONE: "unchanged"}


class PipelineChangeDetails(TypedDict):
    """What a task returns of a pipeline that it deployed."""

    pipeline: str
    action: str
    differences: list[str]


class PachydermCreatePipelineOperator(PachydermOperator):
    """Create the pipelines of specs, and update those that differ from what is deployed.

    Specs that are deployed already make no new version, so a retry of a task that deployed them finds nothing to do.
    From Pachyderm 1.12 on all others are created and updated in one transaction: all or none.

    Returns a list with ``pipeline``, ``action`` (``create``, ``update`` or ``none``) and ``differences`` (the fields
    of the spec that differ, such as ``transform.cmd``) of each, inputs before what reads them.

    Pachyderm calls: InspectPipeline, CreatePipeline (CreatePipelineV2 from 2.8 on); StartTransaction and
    FinishTransaction for several.

    :param specs: what pachctl reads: a spec as a dict, a text of JSON or YAML with one or several, the path of a file
        or of a directory on the worker, or a list of these. Dicts and texts are templates, files are not
    :param reprocess: make a new version of all of them, which processes all datums again; so does a retry then
    :param dry_run: say what would be done, and do nothing
    :param project: project of specs that name none, instead of the connection's
    :param pachyderm_conn_id: the connection to use
    """

    template_fields: Sequence[str] = ("specs", "project", "pachyderm_conn_id")
    template_fields_renderers: ClassVar[dict[str, str]] = {"specs": "json"}
    operator_extra_links = (PachydermRepoLink(),)

    def __init__(
        self,
        *,
        specs: SpecSource,
        reprocess: bool = False,
        dry_run: bool = False,
        project: str | None = None,
        pachyderm_conn_id: str = PachydermHook.default_conn_name,
        **kwargs: Unpack[AirflowArguments],
    ) -> None:
        super().__init__(
            project=project,
            pachyderm_conn_id=pachyderm_conn_id,
            **kwargs,
        )
        self.specs = specs
        self.reprocess = reprocess
        # Airflow's operators have a method dry_run
        self.plan_only = dry_run

    def execute(self, context: Context) -> list[PipelineChangeDetails]:
        """Deploy the specs."""
        with self._client() as client:
            changes = client.pps.deploy_pipelines(self.specs, reprocess=self.reprocess, dry_run=self.plan_only)
        words = _PLANNED if self.plan_only else _DONE
        done = "Would deploy" if self.plan_only else "Deployed"
        summary = "; ".join(_change_text(change, words[change.action]) for change in changes)
        self._log_result(f"{done} {count_text(len(changes), 'pipeline')}: {summary}")
        self._link(context, output_of(changes[-1].pipeline))
        return [
            {
                "pipeline": str(change.pipeline),
                "action": change.action.value,
                "differences": [difference.field for difference in change.differences],
            }
            for change in changes
        ]

    def _is_text(self, name: str, template: object, rendered: object) -> bool:
        """Leave specs that a template made values of as they are: they are as good as texts."""
        return (name == "specs" and isinstance(rendered, (Mapping, list))) or super()._is_text(name, template, rendered)


class PachydermDeletePipelineOperator(PachydermOperator):
    """Delete a pipeline, with its jobs and its output repo. Returns its name.

    Pachyderm calls: InspectPipeline, DeletePipeline.

    :param pipeline: name of the pipeline
    :param force: delete it even if others read its output
    :param keep_repo: leave its output repo (1.10 and later); on 2.x, no pipeline of that name can be created until the
        repo is deleted
    :param if_missing: ``skip`` or ``fail``. A retry of a task that deleted the pipeline finds it missing
    :param project: project of a pipeline that is named without one, instead of the connection's
    :param pachyderm_conn_id: the connection to use
    """

    template_fields: Sequence[str] = ("pipeline", "project", "pachyderm_conn_id")

    def __init__(
        self,
        *,
        pipeline: str,
        force: bool = False,
        keep_repo: bool = False,
        if_missing: Literal["skip", "fail"] = "skip",
        project: str | None = None,
        pachyderm_conn_id: str = PachydermHook.default_conn_name,
        **kwargs: Unpack[AirflowArguments],
    ) -> None:
        super().__init__(
            project=project,
            pachyderm_conn_id=pachyderm_conn_id,
            **kwargs,
        )
        check_choice("if_missing", if_missing, IF_MISSING)
        self.pipeline = pipeline
        self.force = force
        self.keep_repo = keep_repo
        self.if_missing = if_missing

    def execute(self, context: Context) -> str:
        """Delete the pipeline."""
        with self._client() as client:
            name = parse_pipeline(self.pipeline, client.config.project)
            try:
                client.pps.delete_pipeline(name, force=self.force, keep_repo=self.keep_repo, must_exist=True)
            except PipelineNotFound as error:
                self._missing(error, self.if_missing)
            else:
                self._log_result(f"Deleted pipeline {name}")
        return str(name)


class PachydermStartPipelineOperator(PachydermOperator):
    """Start a pipeline that was stopped: it makes one job, for the newest commits of its inputs. Returns its name.

    One that is not stopped is left as it is, so a retry of a task that started it does nothing.

    Pachyderm calls: InspectPipeline, StartPipeline.

    :param pipeline: name of the pipeline
    :param project: project of a pipeline that is named without one, instead of the connection's
    :param pachyderm_conn_id: the connection to use
    """

    template_fields: Sequence[str] = ("pipeline", "project", "pachyderm_conn_id")
    operator_extra_links = (PachydermRepoLink(),)

    def __init__(
        self,
        *,
        pipeline: str,
        project: str | None = None,
        pachyderm_conn_id: str = PachydermHook.default_conn_name,
        **kwargs: Unpack[AirflowArguments],
    ) -> None:
        super().__init__(
            project=project,
            pachyderm_conn_id=pachyderm_conn_id,
            **kwargs,
        )
        self.pipeline = pipeline

    def execute(self, context: Context) -> str:
        """Start the pipeline."""
        with self._client() as client:
            name = parse_pipeline(self.pipeline, client.config.project)
            stopped = client.pps.inspect_pipeline(name).stopped
            if stopped:
                client.pps.start_pipeline(name)
        self._log_result(f"Started pipeline {name}" if stopped else f"Pipeline {name} is not stopped")
        self._link(context, output_of(name))
        return str(name)


class PachydermStopPipelineOperator(PachydermOperator):
    """Stop a pipeline: until it is started, commits of its inputs make no jobs. Returns its name.

    2.x servers kill the jobs that it has; on 1.x these go on when it is started. One that is stopped is left as it is.

    Pachyderm calls: InspectPipeline, StopPipeline.

    :param pipeline: name of the pipeline
    :param project: project of a pipeline that is named without one, instead of the connection's
    :param pachyderm_conn_id: the connection to use
    """

    template_fields: Sequence[str] = ("pipeline", "project", "pachyderm_conn_id")
    operator_extra_links = (PachydermRepoLink(),)

    def __init__(
        self,
        *,
        pipeline: str,
        project: str | None = None,
        pachyderm_conn_id: str = PachydermHook.default_conn_name,
        **kwargs: Unpack[AirflowArguments],
    ) -> None:
        super().__init__(
            project=project,
            pachyderm_conn_id=pachyderm_conn_id,
            **kwargs,
        )
        self.pipeline = pipeline

    def execute(self, context: Context) -> str:
        """Stop the pipeline."""
        with self._client() as client:
            name = parse_pipeline(self.pipeline, client.config.project)
            stopped = client.pps.inspect_pipeline(name).stopped
            if not stopped:
                client.pps.stop_pipeline(name)
        self._log_result(f"Pipeline {name} was stopped already" if stopped else f"Stopped pipeline {name}")
        self._link(context, output_of(name))
        return str(name)


def output_of(pipeline: Pipeline) -> Commit:
    """Name the output repo of a pipeline."""
    return Commit(Repo(pipeline.name, pipeline.project))


def _change_text(change: PipelineChange, done: str) -> str:
    fields = ", ".join(difference.field for difference in change.differences)
    return f"{change.pipeline} {done}" + (f" ({fields})" if fields else "")
