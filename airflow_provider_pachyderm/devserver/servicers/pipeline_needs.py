"""What calls about pipelines need of their callers: something of the output's repo, and to read what is put in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from google.protobuf.message import Message

from airflow_provider_pachyderm.devserver.engine import Engine
from airflow_provider_pachyderm.devserver.engine.model import DEFAULT_PROJECT, RepoKey
from airflow_provider_pachyderm.devserver.engine.pipelines.inputs import COMBINED, leaves, repo_of
from airflow_provider_pachyderm.devserver.engine.pipelines.model import PipelineKey
from airflow_provider_pachyderm.devserver.servicers.needs import Need, messages_in


@dataclass(frozen=True)
class PipelineNeed(Need):
    """What a call about a pipeline that is there needs of the repo of its output.

    :param of: where the request names the pipeline, or a job of it.
    :param reads: what it needs of the repos of all inputs; empty: nothing.
    :param only: the field that has to be set for it to need anything; empty: it always does.
    """

    reads: str = ""
    only: str = ""

    def check(self, engine: Engine, request: Message) -> None:
        """See :class:`.Need`; a pipeline that is not there is refused by itself."""
        if self.only and not getattr(request, self.only):
            return
        for message in messages_in(request, self.of.split(".")):
            key = _pipeline_of(engine, message)
            if key is None or engine.pipelines.find(key) is None:
                continue
            spec = engine.pipelines.inspect(key).spec
            if self.reads:
                _check_all(
                    engine, (repo_of(leaf) for kind, leaf in leaves(spec.get("input", {})) if kind == "pfs"), self
                )
            if engine.repos.exists(key.repo):
                engine.guard.check(key.repo, *self.needs)


@dataclass(frozen=True)
class CreationNeed(PipelineNeed):
    """What a specification needs: to read what it names, and to write where an update does.

    :param of: where the request has the specification; empty: it is that.
    """

    def check(self, engine: Engine, request: Message) -> None:
        """See :class:`.Need`."""
        spec: Any = getattr(request, self.of) if self.of else request
        key = _key(spec.pipeline)
        _check_all(engine, _repos_of(spec.input, key.project), self)
        first = engine.profile.world == "v1"
        taken = engine.repos.exists(key.repo) if first else spec.update and engine.pipelines.find(key) is not None
        if taken:
            engine.guard.check(key.repo, *self.needs)


@dataclass(frozen=True)
class NothingNamedNeed(Need):
    """What a call needs of the cluster if it names none of some messages.

    :param of: fields, with blanks between them.
    """

    def check(self, engine: Engine, request: Message) -> None:
        """See :class:`.Need`."""
        if not any(request.HasField(field) for field in self.of.split()):
            engine.guard.check_cluster(*self.needs)


def _check_all(engine: Engine, repos: Iterator[RepoKey], need: PipelineNeed) -> None:
    for repo in dict.fromkeys(repos):
        if engine.repos.exists(repo):
            engine.guard.check(repo, need.reads)


def _repos_of(tree: Any, project: str) -> Iterator[RepoKey]:
    """The repos of the inputs of a message."""
    for kind in COMBINED:
        for part in getattr(tree, kind, ()):
            yield from _repos_of(part, project)
    if tree.HasField("pfs"):
        leaf = tree.pfs
        yield RepoKey(leaf.repo, getattr(leaf, "project", "") or project, getattr(leaf, "repo_type", "") or "user")


def _pipeline_of(engine: Engine, message: Any) -> PipelineKey | None:
    """The pipeline that a message names; a job of 1.x has an id alone."""
    if message.DESCRIPTOR.name == "Pipeline":
        return _key(message)
    if "pipeline" in message.DESCRIPTOR.fields_by_name:
        return _key(message.pipeline)
    return engine.jobs.pipeline_of(message.id)


def _key(message: Any) -> PipelineKey:
    project = getattr(message, "project", None)
    return PipelineKey(message.name, (project and project.name) or DEFAULT_PROJECT)
