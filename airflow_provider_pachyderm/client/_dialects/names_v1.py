"""Writing repos, branches, commits, files, pipelines and jobs as the messages of 1.x that name them.

A commit is a repo and one string, an id or the name of a branch.
"""

from __future__ import annotations

from dataclasses import dataclass

from airflow_provider_pachyderm._wire.v1 import pfs_pb2, pps_pb2
from airflow_provider_pachyderm.client._capabilities import Capabilities, Feature
from airflow_provider_pachyderm.client._models import Branch, Commit, Repo
from airflow_provider_pachyderm.client._patterns import exactly
from airflow_provider_pachyderm.client._pps_models import Datum, Job, Pipeline
from airflow_provider_pachyderm.client._refs import DEFAULT_PROJECT, is_expression


@dataclass(frozen=True, slots=True)
class NamesV1:
    """The messages of one server version; what it has no name for raises :class:`Unsupported`."""

    capabilities: Capabilities

    def check_project(self, project: str | None) -> None:
        """Refuse any project but the one that stands for there being none."""
        if project not in (None, DEFAULT_PROJECT):
            self.capabilities.require(Feature.PROJECTS)

    def check_type(self, type: str | None) -> None:
        """Refuse any type of repo but that of users."""
        if type not in (None, "user"):
            self.capabilities.require(Feature.REPO_TYPES)

    def repo(self, repo: Repo) -> pfs_pb2.Repo:
        """Name a repo."""
        self.check_project(repo.project)
        self.check_type(repo.type)
        return pfs_pb2.Repo(name=repo.name)

    def branch(self, branch: Branch) -> pfs_pb2.Branch:
        """Name a branch."""
        return pfs_pb2.Branch(repo=self.repo(branch.repo), name=branch.name)

    def commit(self, commit: Commit) -> pfs_pb2.Commit:
        """Name a commit."""
        ref = commit.id or commit.branch or ""
        if is_expression(ref):
            self.capabilities.require(Feature.ANCESTRY_FROM_ROOT if "." in ref else Feature.ANCESTRY)
        return pfs_pb2.Commit(repo=self.repo(commit.repo), id=ref)

    def given(self, commit: Commit | None) -> pfs_pb2.Commit | None:
        """Name a commit, if there is one."""
        return None if commit is None else self.commit(commit)

    def file(self, commit: Commit, path: str) -> pfs_pb2.File:
        """Name a file."""
        return pfs_pb2.File(commit=self.commit(commit), path=path)

    def exact_file(self, commit: Commit, path: str) -> pfs_pb2.File:
        """Name a file where servers take a path for a pattern: by one that matches nothing else."""
        if Feature.LITERAL_PATHS in self.capabilities:
            return self.file(commit, path)
        pattern = exactly(path, "*?[]{}!()@+^" if Feature.GLOB_GROUPS in self.capabilities else "*?[]{}!")
        if pattern != path and not path.isascii():
            self.capabilities.require(Feature.MIXED_NAMES)
        return self.file(commit, pattern)

    def pipeline(self, pipeline: Pipeline) -> pps_pb2.Pipeline:
        """Name a pipeline."""
        self.capabilities.require(Feature.PIPELINES)
        self.check_project(pipeline.project)
        return pps_pb2.Pipeline(name=pipeline.name)

    def given_pipeline(self, pipeline: Pipeline | None) -> pps_pb2.Pipeline | None:
        """Name a pipeline, if there is one."""
        self.capabilities.require(Feature.PIPELINES)
        return None if pipeline is None else self.pipeline(pipeline)

    def job(self, job: Job) -> pps_pb2.Job:
        """Name a job, by its ID only."""
        self.pipeline(job.pipeline)
        return pps_pb2.Job(id=job.id)

    def datum_of(self, datum: Datum) -> pps_pb2.Datum:
        """Name a datum of a job."""
        return pps_pb2.Datum(id=datum.id, job=self.job(datum.job))
