"""Repos."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from airflow_provider_pachyderm.devserver.engine.auth.guard import Permissions
from airflow_provider_pachyderm.devserver.engine.branches.branches import Branches
from airflow_provider_pachyderm.devserver.engine.branches.provenance import parse_repo
from airflow_provider_pachyderm.devserver.engine.branches.provenance_rules import COMMIT_NOT_WRITTEN_DOWN
from airflow_provider_pachyderm.devserver.engine.commits.graph_v1 import CommitGraph
from airflow_provider_pachyderm.devserver.engine.commits.names import check_name
from airflow_provider_pachyderm.devserver.engine.core import Core, Unit
from airflow_provider_pachyderm.devserver.engine.errors import during, refused
from airflow_provider_pachyderm.devserver.engine.model import SPECS, CommitKey, RepoInfo, RepoKey
from airflow_provider_pachyderm.devserver.engine.repos.projects import Projects
from airflow_provider_pachyderm.devserver.engine.repos.repo_provenance import RepoProvenance
from airflow_provider_pachyderm.devserver.engine.repos.rules import (
    CHECKING_DELETE,
    DELETE_MISSING_REPO_FAILS,
    DELETING_REPO,
    NO_USER_REPO,
    REPO_EXISTS,
    REPO_KEEPS_GRAPH,
    REPO_NAME_IS_CALLED,
    REPO_NOT_FOUND,
    REPO_ORDER,
    REPO_TO_DELETE_NOT_FOUND,
    UPDATE_CREATES_REPO,
)
from airflow_provider_pachyderm.devserver.engine.store.lookups import Lookups
from airflow_provider_pachyderm.devserver.engine.store.rows import InputRow, RepoRow

_OF_PIPELINE = "cannot delete a repo associated with a pipeline - delete the pipeline instead"


class Repos:
    """Repos."""

    def __init__(
        self,
        core: Core,
        lookups: Lookups,
        permissions: Permissions,
        projects: Projects,
        branches: Branches,
        provenance: RepoProvenance,
        graph: CommitGraph | None,
    ) -> None:
        self._core = core
        self._store = core.store
        self._lookups = lookups
        self._permissions = permissions
        self._projects = projects
        self._branches = branches
        self._graph = graph
        self._provenance = provenance

    def create(
        self, repo: RepoKey, description: str = "", update: bool = False, provenance: Sequence[RepoKey] = ()
    ) -> None:
        """CreateRepo; with ``update`` an existing repo gets the description, and the provenance.

        :param provenance: repos that it is made from (up to 1.6).
        """
        check_name(repo.name, self._core.profile[REPO_NAME_IS_CALLED])
        with self._core.unit() as unit:
            self._check_project(repo)
            self._permissions.guard.check_create(repo)
            unit.touch(repo)
            row = self._lookups.find_repo(repo)
            if row is None:
                if update and not self._core.profile[UPDATE_CREATES_REPO]:
                    raise self._core.refusal(REPO_NOT_FOUND, repo=repo)
                self._provenance.closure(provenance)
                self._insert(repo, description)
                self._provenance.set(repo, provenance)
                self._permissions.guard.repo_created(repo)
            elif update:
                if provenance or row.description != description:
                    self._permissions.guard.check_describe(repo)
                self._provenance.set(repo, provenance)
                self._store.run("UPDATE repos SET description = ? WHERE path = ?", description, repo.path)
            else:
                raise self._core.refusal(REPO_EXISTS, repo=repo)

    def _check_project(self, repo: RepoKey) -> None:
        with during(f'cannot find project "{repo.project}"'):
            self._projects.get(repo.project, needed=True)

    def _insert(self, repo: RepoKey, description: str) -> None:
        user_repo = RepoKey(repo.name, repo.project)
        if repo != user_repo and self._lookups.find_repo(user_repo) is None:
            raise self._core.refusal(NO_USER_REPO, repo=user_repo)
        self._store.run(
            "INSERT INTO repos (path, project, name, type, description, created) VALUES (?, ?, ?, ?, ?, ?)",
            repo.path, repo.project, repo.name, repo.type, description, self._core.now(),
        )  # fmt: skip

    def exists(self, repo: RepoKey) -> bool:
        """Whether a repo is there."""
        return self._lookups.find_repo(repo) is not None

    def inspect(self, repo: RepoKey) -> RepoInfo:
        """InspectRepo."""
        return self._info(self._lookups.repo(repo))

    def list(
        self, type: str = "", projects: Collection[str] = (), provenance: Sequence[RepoKey] = ()
    ) -> list[RepoInfo]:
        """ListRepo, in the order of the version.

        :param type: empty means all.
        :param projects: only these; none means all.
        :param provenance: only repos that are made from all of these (up to 1.6).
        """
        wanted = {self._lookups.repo(repo).key for repo in provenance}
        sql = f"SELECT * FROM repos WHERE ? IN ('', type) ORDER BY {self._core.profile[REPO_ORDER]}"
        rows = self._store.all(RepoRow, sql, type)
        infos = [self._info(row) for row in rows if row.key != SPECS and (not projects or row.project in projects)]
        return [info for info in infos if wanted <= {*info.provenance}]

    def delete(self, repo: RepoKey, force: bool = False) -> bool:
        """DeleteRepo.

        :param force: also if branches of other repos have it in their provenance.
        :returns: whether there was such a repo.
        """
        with self._core.unit() as unit:
            row = self._lookups.find_repo(repo)
            if row is None:
                if self._core.profile[DELETE_MISSING_REPO_FAILS]:
                    raise self._core.refusal(REPO_TO_DELETE_NOT_FOUND, repo=repo)
                return False
            if not self._permissions.guard.check_delete(repo):
                return False
            if self._provenance.downstream([repo]) and not force:
                raise refused("cannot delete the provenance of other repos")
            if self._core.profile.world == "v2" and self._is_of_pipeline(row):
                error = refused(_OF_PIPELINE)
                with self._core.during(DELETING_REPO), self._core.during(CHECKING_DELETE, repo=repo):
                    raise error
            self._delete_rows(unit, [row, *self._system_repos(repo)], force)
            return True

    def _is_of_pipeline(self, repo: RepoRow) -> bool:
        return self._store.exists("SELECT 1 FROM pipelines WHERE project = ? AND name = ?", repo.project, repo.name)

    def drop(self, repos: Sequence[RepoKey], force: bool = False) -> None:
        """Delete repos that belong to a pipeline, with those of other types; those that are not there are left out.

        :param force: also if branches of other repos have them in their provenance.
        """
        with self._core.unit() as unit:
            found = [row for repo in repos if (row := self._lookups.find_repo(repo)) is not None]
            rows = {row.num: row for one in found for row in (one, *self._system_repos(one.key))}
            self._shorten_all_ranges(rows.values())
            self._drop_rows(unit, list(rows.values()), force)

    def _system_repos(self, repo: RepoKey) -> Sequence[RepoRow]:
        """Repos of other types that go with a user repo."""
        sql = "SELECT * FROM repos WHERE name = ? AND project = ? AND type != 'user' AND ? = 'user'"
        return self._store.all(RepoRow, sql, repo.name, repo.project, repo.type)

    def delete_every(self, projects: Collection[str] = (), force: bool = False) -> Sequence[RepoKey]:
        """DeleteRepos: all repos, in which branches may be made from each other.

        :param projects: only repos of these; none means all.
        :returns: what was deleted.
        """
        with self._core.unit() as unit:
            rows = [row for row in self._deletable() if not projects or row.project in projects]
            self._check_no_pipelines(rows)
            self._delete_rows(unit, rows, force)
        return [row.key for row in rows]

    def _check_no_pipelines(self, rows: Sequence[RepoRow]) -> None:
        if any(map(self._is_of_pipeline, rows)) and self._core.profile.world == "v2":
            raise refused(_OF_PIPELINE).within("could not delete all repos")

    def _deletable(self) -> Sequence[RepoRow]:
        """The repos that go with all others; nobody is told that some may not."""
        rows = self._store.all(RepoRow, "SELECT * FROM repos")
        return [row for row in rows if self._permissions.guard.may_delete(row.key)]

    def _delete_rows(self, unit: Unit, rows: Sequence[RepoRow], force: bool) -> None:
        self._shorten_all_ranges(rows)
        with self._core.during(DELETING_REPO):
            self._drop_rows(unit, rows, force)

    def _shorten_all_ranges(self, rows: Iterable[RepoRow]) -> None:
        if self._graph is not None:
            for row in rows:
                self._shorten_ranges_upstream(self._graph, row, frozenset())

    def _drop_rows(self, unit: Unit, rows: Sequence[RepoRow], force: bool) -> None:
        self._branches.delete_all_of([row.num for row in rows], force)
        for row in rows:
            unit.touch(row.key)
            self._store.run("DELETE FROM repos WHERE num = ?", row.num)

    def delete_all(self) -> None:
        """DeleteAll: every repo that the caller may delete, and every project but the default one."""
        with self._core.unit() as unit:
            self._check_no_pipelines(self._deletable())
            gone: set[str] = set()
            for row in reversed(self._deletable()):
                if self._graph is not None:
                    self._shorten_ranges_upstream(self._graph, row, gone)
                    self._branches.delete_all_of([row.num], force=True)
                    gone.add(row.path)
                unit.touch(row.key)
                self._store.run("DELETE FROM repos WHERE num = ?", row.num)
            if not self.list():
                self._store.run("DELETE FROM layers")
            self._projects.delete_all()

    def _shorten_ranges_upstream(self, graph: CommitGraph, repo: RepoRow, gone: Collection[str]) -> None:
        """Take the commits of a repo of 1.x out of the ranges of those that they were made from.

        :param gone: repos that the same call has deleted; what was made from their commits makes it fail.
        """
        sql = (
            "SELECT DISTINCT p.repo, p.id, p.input FROM commit_provenance p JOIN commits c ON c.num = p.downstream "
            "WHERE c.repo = ? AND p.repo != ? ORDER BY p.num"
        )
        for link in self._store.all(InputRow, sql, repo.num, repo.path) if self._core.profile[REPO_KEEPS_GRAPH] else ():
            key = CommitKey(parse_repo(link.repo), link.id)
            row = self._lookups.commit_by_num(link.input)
            if row is not None:
                kept = [one for one in graph.ranges(row) if one[0] != repo.path]
                graph.write_ranges(row.num, kept)
            elif link.repo in gone or self._lookups.find_repo(key.repo) is not None:
                context = f"err fixing subvenance of upstream commit {key.repo.name}/{key.id}"
                raise self._core.refusal(COMMIT_NOT_WRITTEN_DOWN, commit=key).within(context)

    def _info(self, row: RepoRow) -> RepoInfo:
        sql = "SELECT name FROM branches WHERE repo = ? ORDER BY num DESC"
        branches = tuple(self._store.values(str, sql, row.num))
        size = self._size(row.num) if self._graph is None else row.size
        return RepoInfo(row.key, row.description, row.created, size, branches, self._provenance.of(row))

    def _size(self, num: int) -> int:
        sql = "SELECT c.size FROM branches b JOIN commits c ON c.num = b.head WHERE b.repo = ? AND b.name = 'master'"
        return self._store.value(int, sql, num) or 0
