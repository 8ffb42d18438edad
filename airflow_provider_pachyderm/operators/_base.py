"""What every operator does alike: report what it did, and end when it is killed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import Thread
from typing import TYPE_CHECKING, Any, TypedDict

from airflow_provider_pachyderm._compat import mask_secrets
from airflow_provider_pachyderm.links.pachyderm import store_links
from airflow_provider_pachyderm.operators._results import Progress
from airflow_provider_pachyderm.tasks.lineage import report_input, report_output
from airflow_provider_pachyderm.tasks.outlets import describe_events
from airflow_provider_pachyderm.tasks.rendering import secrets_of_fields
from airflow_provider_pachyderm.tasks.texts import seconds_text
from airflow_provider_pachyderm.waiting.task import PachydermTask

if TYPE_CHECKING:
    from airflow_provider_pachyderm._compat import Context
    from airflow_provider_pachyderm.client import Commit, CommitInfo, PachydermError, PfsClient

COMMIT_INFO = "commit_info"
IF_MISSING = ("skip", "fail")

# Files and directories that a task was about; None for all of a branch.
Paths = Sequence["str | None"]
WHOLE: Paths = (None,)


class CommitDetails(TypedDict):
    """What the XCom ``commit_info`` has."""

    commit: str
    project: str | None
    repo: str
    branch: str | None
    id: str | None
    state: str
    description: str
    started: str | None
    finished: str | None
    size_bytes: int | None


class PachydermOperator(PachydermTask):
    """Base of the operators."""

    # What :meth:`on_kill` closes.
    _client_in_use: PfsClient | None = None
    # Whether asset events have the ID of the commit as their partition key.
    partition_by_commit = False
    # What is done since the client was opened.
    _progress: Progress

    def _do_render_template_fields(self, parent: Any, *args: Any, **kwargs: Any) -> None:
        """Mask the secrets of URLs as soon as they are rendered: Airflow shows the fields before it runs the task.

        Airflow calls this one for mapped tasks, too.
        """
        try:
            super()._do_render_template_fields(parent, *args, **kwargs)
        finally:
            self._mask_secrets()

    def _mask_secrets(self) -> None:
        mask_secrets(secrets_of_fields([getattr(self, name, None) for name in self.template_fields]))

    def on_kill(self) -> None:
        """Break off the running call; the task then unwinds and drops its commit.

        Airflow calls this in a signal handler, where taking a lock that the interrupted code holds would hang: so
        another thread closes the client. On Airflow 3 the task has 5 s from here.
        """
        if self._client_in_use is not None:
            Thread(target=self._client_in_use.close, daemon=True).start()

    def _report(self, context: Context, info: CommitInfo) -> str:
        """Return a commit that the task made; its details go to the XCom ``commit_info``, and to asset events."""
        details = commit_details(info)
        context["ti"].xcom_push(key=COMMIT_INFO, value=details)
        keys = [str(info.commit.id)] if self.partition_by_commit else []
        describe_events(context, self.outlets, {COMMIT_INFO: details}, keys)
        self._link(context, info.commit, self._written())
        report_output(self.hook, info.commit, self._written())
        return str(info.commit)

    def _written(self) -> Paths:
        """Say what the task wrote in its commit."""
        return WHOLE

    def _has_read(self, context: Context, commit: Commit, paths: Paths = WHOLE) -> None:
        """Note what the task read: for its links, and for lineage."""
        self._link(context, commit, paths)
        report_input(self.hook, commit, paths)

    def _link(self, context: Context, commit: Commit, paths: Paths = WHOLE) -> None:
        """Lead the links of the task to a commit, and to a file or directory if it was about one only."""
        store_links(context, self.hook.console_url, commit, paths[0] if len(paths) == 1 else None)

    def _missing(self, error: PachydermError, if_missing: str) -> None:
        if if_missing == "fail":
            raise error
        self._log_result(f"Nothing to do: {error}")

    def _log_result(self, result: str, took: str | None = None) -> None:
        """Write the line that says what the task did.

        :param result: what, from where to where, and in which commit; secrets are masked
        :param took: the end of the line, if it is not how long the client was open
        """
        self.log.info("%s", f"{result} {took or f'in {seconds_text(self._progress.seconds)}'}")

    @contextmanager
    def _client(self) -> Iterator[PfsClient]:
        self._mask_secrets()  # also of what was not rendered, such as the fields of a task that a test runs
        self._progress = Progress(self.log.info)
        with self.hook.client() as client:
            self._client_in_use = client
            try:
                yield client
            finally:
                self._client_in_use = None


def commit_details(info: CommitInfo) -> CommitDetails:
    """Return what the XCom ``commit_info`` has of a commit."""
    commit = info.commit
    return {
        "commit": str(commit),
        "project": commit.repo.project,
        "repo": commit.repo.name,
        "branch": commit.branch,
        "id": commit.id,
        "state": info.state.value,
        "description": info.description,
        "started": info.started.isoformat() if info.started else None,
        "finished": info.finished.isoformat() if info.finished else None,
        "size_bytes": info.size_bytes,
    }
