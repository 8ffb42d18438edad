"""Operators for projects, which servers have from 2.5 on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, Literal

from airflow_provider_pachyderm._compat import AirflowArguments, Unpack
from airflow_provider_pachyderm.client import AlreadyExists, ProjectNotFound
from airflow_provider_pachyderm.hooks.pachyderm import PachydermHook
from airflow_provider_pachyderm.operators._base import IF_MISSING, PachydermOperator
from airflow_provider_pachyderm.tasks.arguments import check_choice

if TYPE_CHECKING:
    from airflow_provider_pachyderm._compat import Context


class PachydermCreateProjectOperator(PachydermOperator):
    """Create a project. Returns its name.

    Pachyderm calls: CreateProject.

    :param project: name of the project
    :param description: a description for people
    :param if_exists: ``skip`` (leave it as it is), ``update`` (replace its description) or ``fail``. A retry of a task
        that created the project finds it existing
    :param pachyderm_conn_id: the connection to use
    """

    template_fields: Sequence[str] = ("project", "description", "pachyderm_conn_id")
    template_fields_renderers: ClassVar[dict[str, str]] = {"description": "md"}

    project: str

    def __init__(
        self,
        *,
        project: str,
        description: str | None = None,
        if_exists: Literal["skip", "update", "fail"] = "skip",
        pachyderm_conn_id: str = PachydermHook.default_conn_name,
        **kwargs: Unpack[AirflowArguments],
    ) -> None:
        super().__init__(
            project=project,
            pachyderm_conn_id=pachyderm_conn_id,
            **kwargs,
        )
        check_choice("if_exists", if_exists, ("skip", "update", "fail"))
        self.description = description
        self.if_exists = if_exists

    def execute(self, context: Context) -> str:
        """Create the project."""
        with self._client() as client:
            done = "Created or updated" if self.if_exists == "update" else "Created"
            try:
                client.create_project(self.project, self.description, update=self.if_exists == "update")
            except AlreadyExists:
                if self.if_exists == "fail":
                    raise
                done = "Found existing"
        self._log_result(f"{done} project {self.project}")
        return self.project


class PachydermDeleteProjectOperator(PachydermOperator):
    """Delete a project. Returns its name.

    Pachyderm calls: InspectProject, DeleteProject; with ``force`` DeleteRepos.

    :param project: name of the project
    :param force: delete it even if it has repos, together with these
    :param if_missing: ``skip`` or ``fail``. A retry of a task that deleted the project finds it missing
    :param pachyderm_conn_id: the connection to use
    """

    template_fields: Sequence[str] = ("project", "pachyderm_conn_id")

    project: str

    def __init__(
        self,
        *,
        project: str,
        force: bool = False,
        if_missing: Literal["skip", "fail"] = "skip",
        pachyderm_conn_id: str = PachydermHook.default_conn_name,
        **kwargs: Unpack[AirflowArguments],
    ) -> None:
        super().__init__(
            project=project,
            pachyderm_conn_id=pachyderm_conn_id,
            **kwargs,
        )
        check_choice("if_missing", if_missing, IF_MISSING)
        self.force = force
        self.if_missing = if_missing

    def execute(self, context: Context) -> str:
        """Delete the project."""
        with self._client() as client:
            try:
                client.inspect_project(self.project)
            except ProjectNotFound as error:
                self._missing(error, self.if_missing)
                return self.project
            client.delete_project(self.project, self.force)
        self._log_result(f"Deleted project {self.project}")
        return self.project
