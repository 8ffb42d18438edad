"""What all servers have in common about pipelines."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from google.protobuf.json_format import ParseDict, ParseError
from google.protobuf.message import Message

from airflow_provider_pachyderm.client._capabilities import Capabilities, Feature
from airflow_provider_pachyderm.client._dialects.calls import Listing, Plan
from airflow_provider_pachyderm.client._errors import InvalidSpec, PipelineNotFound, Unavailable
from airflow_provider_pachyderm.client._models import Commit
from airflow_provider_pachyderm.client._pipeline_specs import compare
from airflow_provider_pachyderm.client._pps_models import Pipeline, PipelineInfo, RenderedTemplate

M = TypeVar("M", bound=Message)
Spec = Mapping[str, Any]

_RERUNS = 3
"""How often a pipeline is to be run again where the calls for it are lost."""


class Pipelines(ABC):
    """The calls for pipelines."""

    def __init__(self, capabilities: Capabilities) -> None:
        self.capabilities = capabilities

    @abstractmethod
    def create(self, pipeline: Pipeline, spec: Spec, *, update: bool, reprocess: bool) -> Plan[None]:
        """Create or update a pipeline."""

    @abstractmethod
    def inspect(self, pipeline: Pipeline) -> Plan[PipelineInfo]:
        """Describe a pipeline, with its details."""

    @abstractmethod
    def list(
        self, pipeline: Pipeline | None, project: str | None, *, history: int, jq_filter: str
    ) -> Listing[PipelineInfo]:
        """List pipelines."""

    @abstractmethod
    def remove(self, pipeline: Pipeline, *, force: bool, keep_repo: bool) -> Plan[None]:
        """Delete a pipeline; one that does not exist is none."""

    @abstractmethod
    def start(self, pipeline: Pipeline) -> Plan[None]:
        """Start a pipeline that was stopped."""

    @abstractmethod
    def stop(self, pipeline: Pipeline) -> Plan[None]:
        """Stop a pipeline; one that does not exist is none."""

    @abstractmethod
    def run_cron(self, pipeline: Pipeline) -> Plan[None]:
        """Make a tick on each cron input."""

    def run(self, pipeline: Pipeline, provenance: Iterable[Commit], job_id: str) -> Plan[None]:
        """Make a job of other commits than the heads (1.x)."""
        raise self.capabilities.unsupported(Feature.RUN_PIPELINE)

    def rerun(self, pipeline: Pipeline, *, reprocess: bool) -> Plan[None]:
        """Update a pipeline with the spec it has; what is random in it is made anew by the server.

        The spec does not tell whether a lost call was done, but the version does.
        """
        info = yield from self.inspect(pipeline)
        spec = {name: value for name, value in info.spec.items() if name != "salt"}
        for _ in range(_RERUNS):
            yield from self.create(info.pipeline, spec, update=True, reprocess=reprocess)
            if (yield from self.inspect(info.pipeline)).version != info.version:
                return
        raise Unavailable(f"{info.pipeline} was not run again: calls for it were lost", reference=str(info.pipeline))

    def of_commit_set(self, id: str) -> Listing[PipelineInfo]:
        """List pipelines as they were when a commit set was made (2.4 and later)."""
        raise self.capabilities.unsupported(Feature.PIPELINES_THEN)

    def render(self, template: str, arguments: Mapping[str, str]) -> Plan[RenderedTemplate]:
        """Make specs of a jsonnet template (2.1 and later)."""
        raise self.capabilities.unsupported(Feature.TEMPLATES)

    @abstractmethod
    def remove_all(self) -> Plan[None]:
        """Delete all pipelines with their jobs, and all secrets."""

    def effective(self, pipeline: Pipeline, spec: Spec) -> Plan[dict[str, Any]]:
        """Say what a spec becomes on the server, with its defaults, without creating anything."""
        yield from ()  # only servers that fill them in on being asked are asked
        return compare.with_defaults(spec, self.capabilities)

    def deployed(self, pipeline: Pipeline) -> Plan[PipelineInfo | None]:
        """Describe a pipeline, if it exists."""
        try:
            info: PipelineInfo = yield from self.inspect(pipeline)
        except PipelineNotFound:
            return None
        return info

    def must_exist(self, pipeline: Pipeline) -> Plan[None]:
        """Refuse a pipeline that does not exist, where servers take it for a deed that is done.

        :raises PipelineNotFound: if it does not exist.
        """
        yield from self.inspect(pipeline)


def request_of(kind: type[M], pipeline: Message, spec: Spec, *, update: bool, reprocess: bool) -> M:
    """Write a spec as the message that servers take.

    :raises InvalidSpec: if a value in it does not fit.
    """
    parts = {name: value for name, value in spec.items() if name != "pipeline"}
    try:
        request = ParseDict(_without_null(parts), kind())
    except ParseError as error:
        raise InvalidSpec(f"the pipeline spec does not fit into a message: {error}") from error
    request.pipeline.CopyFrom(pipeline)  # type: ignore[attr-defined]
    request.update, request.reprocess = update, reprocess  # type: ignore[attr-defined]
    return request


def _without_null(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _without_null(inner) for name, inner in value.items() if inner is not None}
    return [_without_null(item) for item in value] if isinstance(value, list) else value


def about_all(pipeline: Pipeline | None) -> Pipeline | str:
    """Say what a list is about."""
    return pipeline or "all pipelines"
