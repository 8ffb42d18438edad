"""Values of pipelines: names, states, and what is told of them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any

from airflow_provider_pachyderm.devserver.engine.model import DEFAULT_PROJECT, BranchKey, RepoKey

Spec = dict[str, Any]
"""What CreatePipeline was asked for, as protobuf's JSON has it, with the fields' own names (``datum_tries``)."""

MASTER = "master"


class PipelineState(str, Enum):
    """The state of a pipeline, by the names of the protocol."""

    STARTING = "STARTING"
    RUNNING = "RUNNING"
    RESTARTING = "RESTARTING"
    FAILURE = "FAILURE"
    PAUSED = "PAUSED"
    STANDBY = "STANDBY"
    CRASHING = "CRASHING"


class Kind(str, Enum):
    """The kind of a pipeline: a transform makes files from files, a spout from elsewhere, a service serves them."""

    TRANSFORM = "TRANSFORM"
    SPOUT = "SPOUT"
    SERVICE = "SERVICE"


@dataclass(frozen=True, order=True)
class PipelineKey:
    """A pipeline's full name."""

    name: str
    project: str = DEFAULT_PROJECT

    @property
    def repo(self) -> RepoKey:
        """The repo that its output is written to."""
        return RepoKey(self.name, self.project)

    @property
    def spec_branch(self) -> BranchKey:
        """The branch with a commit for each of its versions (2.x)."""
        return BranchKey(RepoKey(self.name, self.project, "spec"), MASTER)

    @property
    def meta_repo(self) -> RepoKey:
        """The repo with the metadata of its datums (2.x)."""
        return RepoKey(self.name, self.project, "meta")


def kind_of(spec: Spec) -> Kind:
    """The kind of pipeline that a spec describes."""
    if "service" in spec:
        return Kind.SERVICE
    return Kind.SPOUT if "spout" in spec else Kind.TRANSFORM


def parallelism_of(spec: Spec) -> int:
    """How many workers a spec asks for."""
    return int(spec.get("parallelism_spec", {}).get("constant", 0)) or 1


@dataclass(frozen=True)
class PipelineInfo:
    """A version of a pipeline; its state is that of the pipeline now.

    :param spec_commit: id of the commit of its spec.
    :param spec: with all that the server filled in.
    :param user_json: what the user gave, and ``effective_json`` what became of it with the defaults (2.8 and later).
    :param created: when the first version was made, ``updated`` when this one.
    :param workers_started: when the workers of this version were there; None: they were not.
    :param last_job: state of its newest job; empty if there was none.
    :param jobs: how many jobs it has, by state.
    """

    key: PipelineKey
    version: int
    spec_commit: str
    spec: Spec
    state: PipelineState
    reason: str
    stopped: bool
    last_job: str
    user_json: str
    effective_json: str
    created: int
    updated: int
    workers_started: int | None
    jobs: dict[str, int]

    @property
    def kind(self) -> Kind:
        """The kind of the pipeline."""
        return kind_of(self.spec)

    @property
    def output_branch(self) -> BranchKey:
        """The branch that its output is on."""
        return BranchKey(self.key.repo, self.spec["output_branch"])
