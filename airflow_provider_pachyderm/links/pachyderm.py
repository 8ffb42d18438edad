"""Links from a task to the Pachyderm console: to the repo, branch, commit, file or job of the task.

They appear when the connection has a console URL. The addresses are the routes of the console of Pachyderm 2.9 and
later (``projectPaths.ts`` in its source).
"""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import quote, urlencode

from airflow_provider_pachyderm._compat import LINKS_ARE_ASKED_OF_WORKERS, BaseOperatorLink, XCom
from airflow_provider_pachyderm._urls import public_url
from airflow_provider_pachyderm.client._refs import DEFAULT_PROJECT

if TYPE_CHECKING:
    from airflow_provider_pachyderm._compat import BaseOperator, Context, TaskInstanceKey
    from airflow_provider_pachyderm.client import Commit, Job

# What this process has stored, by the task and the link.
_stored: dict[tuple[str, str, str, int, str], str] = {}


class ConsoleLink(BaseOperatorLink):
    """Base of the links. A worker stores the address in an XCom when the task runs, and Airflow's UI reads it there."""

    label: ClassVar[str]

    @property
    def name(self) -> str:
        """The text of the button."""
        return self.label

    @property
    def xcom_key(self) -> str:
        """Name of the XCom, which Airflow 3 reads in the UI, and :meth:`get_link` on 2.11."""
        return f"_link_{type(self).__name__}"

    def get_link(self, operator: BaseOperator, *, ti_key: TaskInstanceKey) -> str:
        """Return the address that the task stored, or an empty one."""
        if LINKS_ARE_ASKED_OF_WORKERS:
            # After the task, on the worker that ran it: to look for an XCom that is not there logs an ERROR.
            return _stored.get((*_identity(ti_key), self.xcom_key), "")
        return XCom.get_value(key=self.xcom_key, ti_key=ti_key) or ""

    @abstractmethod
    def route(self, commit: Commit, path: str | None) -> str | None:
        """Return the route to the subject of a task, if it is specific enough for this link.

        :param commit: repo, and branch and id as far as they are known
        :param path: file or directory, absolute
        """


class PachydermRepoLink(ConsoleLink):
    """Link to a repo."""

    label = "Pachyderm repo"

    def route(self, commit: Commit, path: str | None) -> str | None:
        """Return the route to the repo in the graph of its project."""
        return f"/lineage/{_repo(commit)}"


class PachydermBranchLink(ConsoleLink):
    """Link to the head of a branch."""

    label = "Pachyderm branch"

    def route(self, commit: Commit, path: str | None) -> str | None:
        """Return the route to the current files of the branch."""
        return f"/project/{_repo(commit)}/latest?{urlencode({'branchId': commit.branch})}" if commit.branch else None


class PachydermCommitLink(ConsoleLink):
    """Link to a commit."""

    label = "Pachyderm commit"

    def route(self, commit: Commit, path: str | None) -> str | None:
        """Return the route to the files of the commit."""
        return f"/project/{_repo(commit)}/commit/{quote(commit.id, safe='')}/" if commit.id else None


class PachydermFileLink(ConsoleLink):
    """Link to a file or directory in a commit."""

    label = "Pachyderm file"

    def route(self, commit: Commit, path: str | None) -> str | None:
        """Return the route to the file, whose path is one segment of it.

        The console recognizes a directory by the slash at its end; without one it shows the root of the commit.
        """
        folder = PachydermCommitLink().route(commit, None)
        return f"{folder}{quote(path.lstrip('/'), safe='')}" if folder and path and path.strip("/") else None


class PachydermJobLink(ConsoleLink):
    """Link to a job of a pipeline: its datums, and their logs."""

    label = "Pachyderm job"

    def route(self, commit: Commit, path: str | None) -> str | None:
        """Return none: no commit says of which pipeline's job the task is."""
        return None

    def route_of_job(self, job: Job) -> str:
        """Return the route to the datums and logs of the job."""
        project, name = quote(job.pipeline.project or DEFAULT_PROJECT, safe=""), quote(job.pipeline.name, safe="")
        return f"/lineage/{project}/pipelines/{name}/jobs/{quote(job.id, safe='')}/logs"


def store_job_link(context: Context, console_url: str | None, job: Job) -> None:
    """Store the target of the link to a job of the running task, unless there is no console.

    :param console_url: as of :func:`store_links`
    :param job: the job of the task
    """
    if not console_url:
        return
    task: Any = context["task"]
    for link in task.operator_extra_links:
        if isinstance(link, PachydermJobLink):
            _store(context, link, console_url, link.route_of_job(job))


def store_links(context: Context, console_url: str | None, commit: Commit, path: str | None = None) -> None:
    """Store the targets of the links of the running task, unless there is no console or it does not show them.

    :param console_url: address of the console; its user, password and query are left out of the links
    :param commit: commit of the task, with branch and ID as far as they are known
    :param path: file or directory of the task
    """
    # the console has no pages of the spec and meta repos of pipelines
    if not console_url or commit.repo.type != "user":
        return
    task: Any = context["task"]
    for link in task.operator_extra_links:
        if isinstance(link, ConsoleLink) and (route := link.route(commit, path)):
            _store(context, link, console_url, route)


def _store(context: Context, link: ConsoleLink, console_url: str, route: str) -> None:
    address = public_url(console_url).rstrip("/") + route
    context["ti"].xcom_push(key=link.xcom_key, value=address)
    _stored[(*_identity(context["ti"]), link.xcom_key)] = address


def _identity(ti: Any) -> tuple[str, str, str, int]:
    return ti.dag_id, ti.run_id, ti.task_id, ti.map_index


def _repo(commit: Commit) -> str:
    return f"{quote(commit.repo.project or DEFAULT_PROJECT, safe='')}/repos/{quote(commit.repo.name, safe='')}"
