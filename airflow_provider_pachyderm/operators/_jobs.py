"""Operators that make jobs of pipelines, and restart datums of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, Literal, TypeVar

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
from airflow_provider_pachyderm.links.pachyderm import (
    PachydermCommitLink,
    PachydermJobLink,
    PachydermRepoLink,
    store_job_link,
)
from airflow_provider_pachyderm.operators._base import IF_MISSING, PachydermOperator
from airflow_provider_pachyderm.operators._pipelines import output_of
from airflow_provider_pachyderm.tasks.arguments import check_choice
from airflow_provider_pachyderm.tasks.commit_starter import OPEN_COMMIT_TIMEOUT
from airflow_provider_pachyderm.tasks.commits import TaskCommits, has_ended
from airflow_provider_pachyderm.tasks.identity import Marker

if TYPE_CHECKING:
    from airflow_provider_pachyderm._compat import Context
    from airflow_provider_pachyderm.client import PfsClient, PipelineInfo

_T = TypeVar("_T")
_TICKS = "master"


class PachydermRunCronOperator(PachydermOperator):
    """Make a tick now on each cron input of a pipeline, and so a job.

    Returns the commits of the ticks, each as ``project/repo@master=id``; by one of them its job is found.

    The tick of a pipeline with one cron input is a commit of the task's own, as the server makes it: a retry of a task
    whose worker was killed finds it, and does not tick twice.

    The ticks of several cron inputs are made by the server, all together, so that there is one job. If its answer is
    lost, the task looks for ticks that were not there before. It cannot tell ticks of an earlier try from others: if
    its worker died, a retry ticks once more. Give it ``retries=0`` if a second job does harm.

    Pachyderm calls: InspectPipeline; with one cron input StartCommit, DeleteFile (with ``overwrite``), PutFile or
    ModifyFile, FinishCommit and for retries ListCommit; with several InspectBranch and RunCron (1.9.10 and later).

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
            crons = [cron for kind, cron in leaves(dict(info.spec)) if kind == "cron"]
            if len(crons) == 1:
                ticks = [self._tick(context, client, _repo_of(info, crons[0]), overwrite=crons[0].get("overwrite"))]
            else:
                ticks = _done_once(lambda: _ticks(client, info), lambda: client.pps.run_cron(name))
        made = [str(tick) for tick in ticks if tick.id]
        self._log_result(f"Ran cron of pipeline {name}: {', '.join(made)}")
        for tick in ticks[:1]:
            self._link(context, tick)
        return made

    def _tick(self, context: Context, client: PfsClient, repo: Repo, *, overwrite: object) -> Commit:
        """Make a tick as the server does: an empty file, whose name is the time in whole seconds."""
        commits = TaskCommits(
            self.hook,
            client,
            repo=str(repo),
            branch=_TICKS,
            marker=Marker.of(context),
            timeout=OPEN_COMMIT_TIMEOUT,
            has_ended=lambda writer: has_ended(context, writer, with_its_run=False),
        )

        def put(commit: Commit) -> None:
            if overwrite:
                client.delete_file(commit, "/")
            client.put_file_bytes(commit, f"/{datetime.now(timezone.utc):%Y-%m-%dT%H:%M:%SZ}", b"")

        made = commits.write(None, put)
        return client.wait_commit(made).commit


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
    operator_extra_links = (PachydermJobLink(),)

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
            store_job_link(context, self.hook.console_url, job)
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
    return [_head(client, _repo_of(info, cron)) for cron in crons]


def _repo_of(info: PipelineInfo, cron: Mapping[str, Any]) -> Repo:
    """Name the repo of a cron input: not every server says it, which has this name unless the spec gives one."""
    name, project = info.pipeline.name, info.pipeline.project
    return Repo(cron.get("repo") or f"{name}_{cron['name']}", cron.get("project") or project)


def _head(client: PfsClient, repo: Repo) -> Commit:
    try:
        head = client.inspect_branch(repo, _TICKS).head
    except BranchNotFound:  # 1.x, before the first tick
        head = None
    return Commit(repo, _TICKS, head.id if head else None)
