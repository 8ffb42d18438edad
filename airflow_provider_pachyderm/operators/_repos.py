"""Operators for repos."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, Literal

from airflow_provider_pachyderm._compat import AirflowArguments, Unpack
from airflow_provider_pachyderm.client import AlreadyExists, Commit, RepoNotFound
from airflow_provider_pachyderm.hooks.pachyderm import PachydermHook
from airflow_provider_pachyderm.links.pachyderm import PachydermRepoLink
from airflow_provider_pachyderm.operators._base import IF_MISSING, PachydermOperator
from airflow_provider_pachyderm.tasks.arguments import check_choice

if TYPE_CHECKING:
    from airflow_provider_pachyderm._compat import Context


class PachydermCreateRepoOperator(PachydermOperator):
    """Create a repo. Returns its name, with the project where the server has projects.

    Pachyderm calls: CreateRepo, InspectRepo.

    :param repo: name of the repo
    :param description: a description for people
    :param if_exists: ``skip`` (leave it as it is), ``update`` (replace its description) or ``fail``. A retry of a task
        that created the repo finds it existing
    :param project: project of a repo that is named without one, instead of the connection's
    :param pachyderm_conn_id: the connection to use
    """

    template_fields: Sequence[str] = ("repo", "description", "project", "pachyderm_conn_id")
    template_fields_renderers: ClassVar[dict[str, str]] = {"description": "md"}
    operator_extra_links = (PachydermRepoLink(),)

    def __init__(
        self,
        *,
        repo: str,
        description: str | None = None,
        if_exists: Literal["skip", "update", "fail"] = "skip",
        project: str | None = None,
        pachyderm_conn_id: str = PachydermHook.default_conn_name,
        **kwargs: Unpack[AirflowArguments],
    ) -> None:
        super().__init__(
            project=project,
            pachyderm_conn_id=pachyderm_conn_id,
            **kwargs,
        )
        check_choice("if_exists", if_exists, ("skip", "update", "fail"))
        self.repo = repo
        self.description = description
        self.if_exists = if_exists

    def execute(self, context: Context) -> str:
        """Create the repo."""
        with self._client() as client:
            done = "Created or updated" if self.if_exists == "update" else "Created"
            try:
                client.create_repo(self.repo, self.description, update=self.if_exists == "update")
            except AlreadyExists:
                if self.if_exists == "fail":
                    raise
                done = "Found existing"
            repo = client.inspect_repo(self.repo).repo
        self._log_result(f"{done} repo {repo}")
        self._link(context, Commit(repo))
        return str(repo)


class PachydermDeleteRepoOperator(PachydermOperator):
    """Delete a repo, with its branches, commits and files. Returns its name.

    Pachyderm calls: InspectRepo, DeleteRepo.

    :param repo: name of the repo
    :param force: delete it even if branches of other repos have it in their provenance
    :param if_missing: ``skip`` or ``fail``. A retry of a task that deleted the repo finds it missing
    :param project: project of a repo that is named without one, instead of the connection's
    :param pachyderm_conn_id: the connection to use
    """

    template_fields: Sequence[str] = ("repo", "project", "pachyderm_conn_id")

    def __init__(
        self,
        *,
        repo: str,
        force: bool = False,
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
        self.repo = repo
        self.force = force
        self.if_missing = if_missing

    def execute(self, context: Context) -> str:
        """Delete the repo."""
        with self._client() as client:
            try:
                # Servers delete a repo that is missing without a word.
                name = str(client.inspect_repo(self.repo).repo)
            except RepoNotFound as error:
                self._missing(error, self.if_missing)
                return self.repo
            client.delete_repo(name, self.force)
        self._log_result(f"Deleted repo {name}")
        return name
