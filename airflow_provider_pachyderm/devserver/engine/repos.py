"""Projects and repos."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from airflow_provider_pachyderm.devserver.engine.branches import Branches
from airflow_provider_pachyderm.devserver.engine.core import Core
from airflow_provider_pachyderm.devserver.engine.errors import EngineError, during
from airflow_provider_pachyderm.devserver.engine.model import DEFAULT_PROJECT, ProjectInfo, RepoInfo, RepoKey
from airflow_provider_pachyderm.devserver.engine.names import check_name
from airflow_provider_pachyderm.devserver.engine.rows import Rows
from airflow_provider_pachyderm.devserver.engine.texts import refused

_LONGEST_PROJECT = 51


class Projects:
    """Projects (2.5 and later); there is always one called ``default``."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._store = core.store
        if self._find(DEFAULT_PROJECT) is None:
            self._insert(DEFAULT_PROJECT, "")

    def create(self, name: str, description: str = "", update: bool = False) -> None:
        """CreateProject."""
        _check_project_name(name)
        with self._core.unit():
            if self._find(name) is None:
                self._insert(name, description)
            elif update:
                self._store.run("UPDATE projects SET description = ? WHERE name = ?", description, name)
            else:
                text = f'project "{name}" already exists\nproject {name} already exists'
                raise EngineError("ALREADY_EXISTS", text)

    def inspect(self, name: str) -> ProjectInfo:
        """InspectProject."""
        with during(f'error getting project "{name}"'):
            return self.get(name)

    def get(self, name: str) -> ProjectInfo:
        """A project that is needed for something else."""
        row = self._find(name)
        if row is None:
            raise EngineError("NOT_FOUND", f'project "{name}" not found').within("get project by name")
        return ProjectInfo(row["name"], row["description"], row["created"])

    def list(self) -> list[ProjectInfo]:
        """ListProject, oldest first."""
        rows = self._store.all("SELECT * FROM projects ORDER BY num")
        return [ProjectInfo(row["name"], row["description"], row["created"]) for row in rows]

    def delete(self, name: str, force: bool = False) -> None:
        """DeleteProject; ``force`` does not help a project that holds repos, it fails in other words."""
        with self._core.unit():
            if self._find(name) is None:
                text = f'delete project "{name}": project "{name}" not found'
                raise EngineError("NOT_FOUND", text)
            held = self._store.one("SELECT name FROM repos WHERE project = ? ORDER BY num", name)
            if held is not None:
                raise _still_held(name, held["name"], force)
            self._store.run("DELETE FROM projects WHERE name = ?", name)

    def delete_all(self) -> None:
        """Leave only an empty default project."""
        self._store.run("DELETE FROM projects")
        self._insert(DEFAULT_PROJECT, "")

    def _find(self, name: str) -> Any:
        return self._store.one("SELECT * FROM projects WHERE name = ?", name)

    def _insert(self, name: str, description: str) -> None:
        sql = "INSERT INTO projects (name, description, created) VALUES (?, ?, ?)"
        self._store.run(sql, name, description, self._core.now())


def _still_held(project: str, repo: str, force: bool) -> EngineError:
    if force:
        constraint = 'violates foreign key constraint "repos_project_id_fkey" on table "repos"'
        text = f'delete project "{project}": ERROR: update or delete on table "projects" {constraint}'
        return refused(f"{text} (SQLSTATE 23503)")
    text = f"cannot delete project {project}: repo {project}/{repo} still exists"
    return EngineError("FAILED_PRECONDITION", text)


def _check_project_name(name: str) -> None:
    with during("invalid project name"):
        check_name(name)
    if not name[0].isalnum():
        raise refused("invalid project name: project names must start with an alphanumeric character")
    if len(name) > _LONGEST_PROJECT:
        over = len(name) - _LONGEST_PROJECT
        text = f'project name "{name}" is {over} characters longer than the {_LONGEST_PROJECT} max'
        raise refused(f"invalid project name: {text}")


class Repos:
    """Repos."""

    def __init__(self, core: Core, rows: Rows, projects: Projects, branches: Branches) -> None:
        self._core = core
        self._store = core.store
        self._rows = rows
        self._projects = projects
        self._branches = branches

    def create(self, repo: RepoKey, description: str = "", update: bool = False) -> None:
        """CreateRepo; with ``update`` an existing repo gets the description."""
        check_name(repo.name)
        with self._core.unit() as unit:
            self._check_project(repo)
            unit.touch(repo)
            if self._rows.find_repo(repo) is None:
                self._insert(repo, description)
            elif update:
                self._store.run("UPDATE repos SET description = ? WHERE path = ?", description, repo.path)
            else:
                raise self._core.texts.repo_exists(repo)

    def _check_project(self, repo: RepoKey) -> None:
        with during(f'cannot find project "{repo.project}"'):
            self._projects.get(repo.project)

    def _insert(self, repo: RepoKey, description: str) -> None:
        user_repo = RepoKey(repo.name, repo.project)
        if repo != user_repo and self._rows.find_repo(user_repo) is None:
            raise self._core.texts.no_user_repo(user_repo)
        self._store.run(
            "INSERT INTO repos (path, project, name, type, description, created) VALUES (?, ?, ?, ?, ?, ?)",
            repo.path, repo.project, repo.name, repo.type, description, self._core.now(),
        )  # fmt: skip

    def inspect(self, repo: RepoKey) -> RepoInfo:
        """InspectRepo."""
        return self._info(self._rows.repo(repo))

    def list(self, type: str = "", projects: Collection[str] = ()) -> list[RepoInfo]:
        """ListRepo, in the order of the version.

        :param type: empty means user repos.
        :param projects: only these; none means all.
        """
        order = "name, project" if self._core.profile.repos_by_name else "num DESC"
        rows = self._store.all(f"SELECT * FROM repos WHERE type = ? ORDER BY {order}", type or "user")
        return [self._info(row) for row in rows if not projects or row["project"] in projects]

    def delete(self, repo: RepoKey, force: bool = False) -> bool:
        """DeleteRepo.

        :param force: also if branches of other repos have it in their provenance.
        :returns: whether there was such a repo.
        """
        with self._core.unit() as unit:
            row = self._rows.find_repo(repo)
            if row is None:
                return False
            unit.touch(repo)
            with self._core.during("delete repo"):
                self._branches.delete_all_of(row["num"], force)
            self._store.run("DELETE FROM repos WHERE num = ?", row["num"])
            return True

    def delete_all(self) -> None:
        """DeleteAll: every repo, and every project but the default one."""
        with self._core.unit() as unit:
            for row in self._store.all("SELECT * FROM repos"):
                unit.touch(self._rows.repo_key(row))
            self._store.run("DELETE FROM repos")
            self._store.run("DELETE FROM layers")
            self._projects.delete_all()

    def _info(self, row: Any) -> RepoInfo:
        num = row["num"]
        branches = self._store.all("SELECT name FROM branches WHERE repo = ? ORDER BY num DESC", num)
        head = self._store.one(
            "SELECT c.size FROM branches b JOIN commits c ON c.num = b.head WHERE b.repo = ? AND b.name = 'master'", num
        )
        size = head["size"] if head else 0
        names = tuple(branch["name"] for branch in branches)
        return RepoInfo(self._rows.repo_key(row), row["description"], row["created"], size, names)
