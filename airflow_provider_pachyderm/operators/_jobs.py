"""Operators that make jobs of pipelines, and restart datums of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Literal, TypeVar

from airflow_provider_pachyderm._compat import AirflowArguments, Unpack
from airflow_provider_pachyderm.client import (
    BranchNotFound,
    Commit,
    DatumNotFound,
    DeadlineExceeded,
    Repo,
    Unavailable,
)
from airflow_provider_pachyderm.client._pipeline_specs.inputs import leaves
from airflow_provider_pachyderm.client._pps_refs import parse_job, parse_pipeline
from airflow_provider_pachyderm.hooks.pachyderm import PachydermHook
from airflow_provider_pachyderm.links.pachyderm import PachydermCommitLink, PachydermRepoLink
from airflow_provider_pachyderm.operators._base import IF_MISSING, PachydermOperator
from airflow_provider_pachyderm.operators._pipelines import output_of
from airflow_provider_pachyderm.tasks.arguments import check_choice

if TYPE_CHECKING:
    from airflow_provider_pachyderm._compat import Context
    from airflow_provider_pachyderm.client import PfsClient, PipelineInfo

_T = TypeVar("_T")
_TICKS = "master"


class PachydermRunCronOperator(PachydermOperator):
    """Make a tick now on each cron input of a pipeline, and so a job.

    Returns the commits of the ticks, each as ``project/repo@master=id``; by one of them its job is found.

    If the answer of the server is lost, the task looks at the cron inputs for a tick that was not there before, and
    does not tick twice. It cannot tell a tick of an earlier try from another one: if its worker died, a retry ticks
    once more. Give it ``retries=0`` if a second job does harm.

    Pachyderm calls: InspectPipeline, InspectBranch, RunCron (1.9.10 and later).

    :param pipeline: name of the pipeline
    :param project: project of a pipeline that is named without one, instead of the connection's
    :param pachyderm_conn_id: the connection to use
    """

    template_fields: Sequence[str] = ("pipeline", "project", "pachyderm_conn_id")
    operator_extra_links = (PachydermRepoLink(), PachydermCommitLink())

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

    def execute(self, context: Context) -> list[str]:
        """Make the ticks."""
        with self._client() as client:
            name = parse_pipeline(self.pipeline, client.config.project)
            info = client.pps.inspect_pipeline(name)
            ticks = _done_once(lambda: _ticks(client, info), lambda: client.pps.run_cron(name))
        made = [str(tick) for tick in ticks if tick.id]
        self._log_result(f"Ran cron of pipeline {name}: {', '.join(made)}")
        for tick in ticks[:1]:
            self._link(context, tick)
        return made


class PachydermRerunPipelineOperator(PachydermOperator):
    """Make a new version of a pipeline with the same spec, and so a job. Returns its name.

    If the answer of the server is lost, the task looks at the version. A retry of a task whose worker died makes
    another version.

    Pachyderm calls: InspectPipeline, RerunPipeline (CreatePipeline before 2.8).

    :param pipeline: name of the pipeline
    :param reprocess: process all datums again, also those that succeeded
    :param project: project of a pipeline that is named without one, instead of the connection's
    :param pachyderm_conn_id: the connection to use
    """

    template_fields: Sequence[str] = ("pipeline", "project", "pachyderm_conn_id")
    operator_extra_links = (PachydermRepoLink(),)

    def __init__(
        self,
        *,
        pipeline: str,
        reprocess: bool = False,
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
        self.reprocess = reprocess

    def execute(self, context: Context) -> str:
        """Make the new version."""
        with self._client() as client:
            name = parse_pipeline(self.pipeline, client.config.project)
            version = _done_once(
                lambda: client.pps.inspect_pipeline(name).version,
                lambda: client.pps.rerun_pipeline(name, reprocess=self.reprocess),
            )
        self._log_result(f"Made version {version} of pipeline {name}")
        self._link(context, output_of(name))
        return str(name)


class PachydermRestartDatumOperator(PachydermOperator):
    """Kill the program that processes a datum of a job, and process the datum again. Returns the job.

    Pachyderm calls: RestartDatum.

    :param job: the job, as ``pipeline@id``
    :param data_filters: paths or hashes of input files of the datum; without any, whatever is being processed
    :param if_missing: ``skip`` or ``fail``, if no such datum is being processed. A retry of a task that restarted it
        may find that it is done
    :param project: project of a pipeline that is named without one, instead of the connection's
    :param pachyderm_conn_id: the connection to use
    """

    template_fields: Sequence[str] = ("job", "data_filters", "project", "pachyderm_conn_id")

    def __init__(
        self,
        *,
        job: str,
        data_filters: Sequence[str] = (),
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
        self.job = job
        self.data_filters = data_filters
        self.if_missing = if_missing

    def execute(self, context: Context) -> str:
        """Restart the datum."""
        filters = [self.data_filters] if isinstance(self.data_filters, str) else list(self.data_filters)
        with self._client() as client:
            job = parse_job(self.job, client.config.project)
            try:
                client.pps.restart_datum(job, filters)
            except DatumNotFound as error:
                self._missing(error, self.if_missing)
            else:
                which = f" with {', '.join(map(repr, filters))}" if filters else ""
                self._log_result(f"Restarted datum{which} of job {job}")
        return str(job)


def _done_once(look: Callable[[], _T], act: Callable[[], object]) -> _T:
    """Do what a server does once more each time it is told; if its answer is lost, see whether it has done it.

    :param look: says what tells: it is something else afterwards
    :return: what tells afterwards
    """
    before = look()
    try:
        act()
    except (Unavailable, DeadlineExceeded):
        if (after := look()) == before:
            raise
        return after
    return look()


def _ticks(client: PfsClient, info: PipelineInfo) -> list[Commit]:
    """Return the newest tick of each cron input of a pipeline, without an ID where there is none yet."""
    crons = [cron for kind, cron in leaves(dict(info.spec)) if kind == "cron"]
    name, project = info.pipeline.name, info.pipeline.project
    # not every server says the repo of the ticks, which has this name unless the spec gives one
    repos = [Repo(cron.get("repo") or f"{name}_{cron['name']}", cron.get("project") or project) for cron in crons]
    return [_head(client, repo) for repo in repos]


def _head(client: PfsClient, repo: Repo) -> Commit:
    try:
        head = client.inspect_branch(repo, _TICKS).head
    except BranchNotFound:  # 1.x, before the first tick
        head = None
    return Commit(repo, _TICKS, head.id if head else None)
