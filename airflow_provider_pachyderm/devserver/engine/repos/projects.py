"""Projects."""

from __future__ import annotations

from collections.abc import Sequence

from airflow_provider_pachyderm.devserver.engine.auth.guard import Permissions
from airflow_provider_pachyderm.devserver.engine.commits.names import check_name
from airflow_provider_pachyderm.devserver.engine.core import Core
from airflow_provider_pachyderm.devserver.engine.errors import EngineError, during, refused
from airflow_provider_pachyderm.devserver.engine.model import DEFAULT_PROJECT, ProjectInfo
from airflow_provider_pachyderm.devserver.engine.repos.project_rules import (
    DEFAULT_PROJECT_UNDATED,
    FORCE_DELETES_PROJECT,
    INSPECTING_PROJECT,
    NEWEST_PROJECT_FIRST,
    PROJECT_EXISTS,
    PROJECT_HOLDS_REPOS,
    PROJECT_NOT_FOUND,
    PROJECT_OF_REPO_NOT_FOUND,
    PROJECT_TO_DELETE_NOT_FOUND,
    PROJECT_UPDATE_CREATES,
    UPDATING_PROJECT,
)
from airflow_provider_pachyderm.devserver.engine.store.rows import ProjectRow, RepoRow

_LONGEST_PROJECT = 51


class Projects:
    """Projects (2.5 and later); there is always one called ``default``."""

    def __init__(self, core: Core, permissions: Permissions) -> None:
        self._core = core
        self._store = core.store
        self._permissions = permissions

    def make_default(self) -> None:
        """Make the default project, if it is not there yet."""
        if self._find(DEFAULT_PROJECT) is None:
            self._insert(DEFAULT_PROJECT, "", dated=not self._core.profile[DEFAULT_PROJECT_UNDATED])

    def create(self, name: str, description: str = "", update: bool = False) -> None:
        """CreateProject."""
        _check_project_name(name)
        with self._core.unit():
            if update and not self._core.profile[PROJECT_UPDATE_CREATES]:
                with self._core.during(UPDATING_PROJECT, project=name):
                    self.get(name)
            if self._find(name) is None:
                self._insert(name, description)
                self._permissions.guard.project_created(name)
            elif update:
                self._store.run("UPDATE projects SET description = ? WHERE name = ?", description, name)
            else:
                raise self._core.refusal(PROJECT_EXISTS, project=name)

    def inspect(self, name: str) -> ProjectInfo:
        """InspectProject."""
        with self._core.during(INSPECTING_PROJECT, project=name):
            return self.get(name)

    def get(self, name: str, needed: bool = False) -> ProjectInfo:
        """A project.

        :param needed: for a repo.
        """
        row = self._find(name)
        if row is None:
            text = PROJECT_OF_REPO_NOT_FOUND if needed else PROJECT_NOT_FOUND
            raise self._core.refusal(text, project=name, quoted=f'"{name}" ' if name else "")
        return _info(row)

    def list(self) -> list[ProjectInfo]:
        """ListProject, in the order of the version."""
        order = "num DESC" if self._core.profile[NEWEST_PROJECT_FIRST] else "num"
        rows = self._store.all(ProjectRow, f"SELECT * FROM projects ORDER BY {order}")
        return [_info(row) for row in rows]

    def delete(self, name: str, force: bool = False) -> None:
        """DeleteProject.

        :param force: also if it holds repos; few versions then succeed.
        """
        with self._core.unit() as unit:
            self._permissions.guard.check_delete_project(name)
            if self._find(name) is None:
                raise self._core.refusal(PROJECT_TO_DELETE_NOT_FOUND, project=name)
            held = self._store.all(RepoRow, "SELECT * FROM repos WHERE project = ? ORDER BY num", name)
            if held and not (force and self._core.profile[FORCE_DELETES_PROJECT] == "deletes them"):
                raise self._still_held(name, held, force)
            for row in held:
                unit.touch(row.key)
            self._store.run("DELETE FROM repos WHERE project = ?", name)
            self._store.run("DELETE FROM projects WHERE name = ?", name)

    def _still_held(self, project: str, repos: Sequence[RepoRow], force: bool) -> EngineError:
        if force and self._core.profile[FORCE_DELETES_PROJECT] == "fails in other words":
            constraint = 'violates foreign key constraint "repos_project_id_fkey" on table "repos"'
            text = f'delete project "{project}": ERROR: update or delete on table "projects" {constraint}'
            return refused(f"{text} (SQLSTATE 23503)")
        repo = f"{project}/{repos[0].name}"
        return self._core.refusal(PROJECT_HOLDS_REPOS, project=project, repo=repo, count=len(repos))

    def delete_all(self) -> None:
        """Leave only an empty default project."""
        for project in self.list():
            self._permissions.guard.check_delete_project(project.name)
        self._store.run("DELETE FROM projects")
        self._insert(DEFAULT_PROJECT, "")
        self._permissions.guard.project_created(DEFAULT_PROJECT)

    def _find(self, name: str) -> ProjectRow | None:
        return self._store.one(ProjectRow, "SELECT * FROM projects WHERE name = ?", name)

    def _insert(self, name: str, description: str, dated: bool = True) -> None:
        sql = "INSERT INTO projects (name, description, created) VALUES (?, ?, ?)"
        self._store.run(sql, name, description, self._core.now() if dated else 0)


def _info(row: ProjectRow) -> ProjectInfo:
    return ProjectInfo(row.name, row.description, row.created)


def _check_project_name(name: str) -> None:
    with during("invalid project name"):
        check_name(name)
    if not name[0].isalnum():
        raise refused("invalid project name: project names must start with an alphanumeric character")
    if len(name) > _LONGEST_PROJECT:
        over = len(name) - _LONGEST_PROJECT
        text = f'project name "{name}" is {over} characters longer than the {_LONGEST_PROJECT} max'
        raise refused(f"invalid project name: {text}")
