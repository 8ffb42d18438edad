"""Writing projects, repos, branches, commits, files, pipelines and jobs as the messages of 2.x that name them.

A repo has a type and, from 2.5 on, a project. A commit is found by branch and id before 2.6, by repo and id since;
``branch`` is always sent, as servers crash without.
"""

from __future__ import annotations

from dataclasses import dataclass

from airflow_provider_pachyderm._wire.v2 import pfs_pb2, pps_pb2
from airflow_provider_pachyderm.client._capabilities import Capabilities, Feature
from airflow_provider_pachyderm.client._models import Branch, Commit, Repo
from airflow_provider_pachyderm.client._pps_models import Datum, Job, Pipeline
from airflow_provider_pachyderm.client._refs import DEFAULT_PROJECT, is_expression


@dataclass(frozen=True, slots=True)
class NamesV2:
    """The messages of one server version; what it has no name for raises :class:`Unsupported`.

    :param datum: which of what datums have put at one path a file is; empty for all of it.
    """

    capabilities: Capabilities
    datum: str = ""

    def project(self, name: str | None) -> pfs_pb2.Project | None:
        """Name a project; None where servers have none."""
        if Feature.PROJECTS in self.capabilities:
            return pfs_pb2.Project(name=name or DEFAULT_PROJECT)
        if name not in (None, DEFAULT_PROJECT):
            self.capabilities.require(Feature.PROJECTS)
        return None

    def repo(self, repo: Repo) -> pfs_pb2.Repo:
        """Name a repo."""
        return pfs_pb2.Repo(name=repo.name, type=repo.type, project=self.project(repo.project))

    def branch(self, branch: Branch) -> pfs_pb2.Branch:
        """Name a branch."""
        return pfs_pb2.Branch(repo=self.repo(branch.repo), name=branch.name)

    def commit(self, commit: Commit) -> pfs_pb2.Commit:
        """Name a commit."""
        repo = self.repo(commit.repo)
        branch, id = commit.branch, commit.id
        name = id or branch or ""
        if is_expression(name):
            # understood as an id only, and only without a branch
            branch, id = None, name
        return pfs_pb2.Commit(
            branch=pfs_pb2.Branch(repo=repo, name=branch),
            id=id,
            repo=repo if Feature.COMMIT_REPO in self.capabilities else None,
        )

    def given(self, commit: Commit | None) -> pfs_pb2.Commit | None:
        """Name a commit, if there is one."""
        return None if commit is None else self.commit(commit)

    def file(self, commit: Commit, path: str) -> pfs_pb2.File:
        """Name a file."""
        return pfs_pb2.File(commit=self.commit(commit), path=path, datum=self.datum)

    def projects(self, project: str | None) -> list[pfs_pb2.Project]:
        """Name the project that is meant; nothing for all of them."""
        named = None if project is None else self.project(project)
        return [] if named is None else [named]

    def pipeline(self, pipeline: Pipeline) -> pps_pb2.Pipeline:
        """Name a pipeline."""
        return pps_pb2.Pipeline(name=pipeline.name, project=self.project(pipeline.project))

    def given_pipeline(self, pipeline: Pipeline | None) -> pps_pb2.Pipeline | None:
        """Name a pipeline, if there is one."""
        return None if pipeline is None else self.pipeline(pipeline)

    def job(self, job: Job) -> pps_pb2.Job:
        """Name a job."""
        return pps_pb2.Job(pipeline=self.pipeline(job.pipeline), id=job.id)

    def datum_of(self, datum: Datum) -> pps_pb2.Datum:
        """Name a datum of a job."""
        return pps_pb2.Datum(job=self.job(datum.job), id=datum.id)
