"""Reading what the replies of ``pps.API`` have in common in both worlds."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from enum import Enum
from typing import Any, TypeVar

from google.protobuf.duration_pb2 import Duration
from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message

from airflow_provider_pachyderm.client._dialects.calls import read_time
from airflow_provider_pachyderm.client._models import Branch, Repo
from airflow_provider_pachyderm.client._pipeline_specs.fields import FIELDS, ROOT
from airflow_provider_pachyderm.client._pipeline_specs.normal import Normaliser
from airflow_provider_pachyderm.client._pipeline_specs.spec import DEFAULT_BRANCH, PipelineSpec
from airflow_provider_pachyderm.client._pps_models import (
    DatumState,
    JobState,
    Pipeline,
    PipelineState,
    PipelineType,
    ProcessStats,
    RenderedTemplate,
    SecretInfo,
)

E = TypeVar("E", bound=Enum)


class States:
    """The states of one world, by their numbers on the wire.

    :param wire: the module of its messages.
    """

    def __init__(self, wire: Any) -> None:
        self._job = _states(wire.JobState, "JOB_", JobState.UNKNOWN)
        self._pipeline = _states(wire.PipelineState, "PIPELINE_", PipelineState.UNKNOWN)
        self._datum = _states(wire.DatumState, "", DatumState.UNKNOWN)

    def job(self, number: int) -> JobState:
        """Read the state of a job."""
        return self._job.get(number, JobState.UNKNOWN)

    def pipeline(self, number: int) -> PipelineState:
        """Read the state of a pipeline."""
        return self._pipeline.get(number, PipelineState.UNKNOWN)

    def datum(self, number: int) -> DatumState:
        """Read the state of a datum."""
        return self._datum.get(number, DatumState.UNKNOWN)

    def datum_number(self, state: DatumState) -> int:
        """Write the state of a datum."""
        return next(number for number, known in self._datum.items() if known is state)


def _states(numbers: Any, prefix: str, unknown: E) -> dict[int, E]:
    known = type(unknown).__members__
    return {number: known.get(name.removeprefix(prefix), unknown) for name, number in numbers.items()}


def spec_of(parts: Message, pipeline: Message) -> dict[str, Any]:
    """Read a spec from the message that has its parts, beside others.

    :param pipeline: the message that names the pipeline.
    """
    written = {"pipeline": _as_json(pipeline), **_as_json(parts)}
    return normal({name: value for name, value in written.items() if name in FIELDS[ROOT]})


def spec_in(request: Any) -> dict[str, Any]:
    """Read the spec in a request that creates a pipeline, which is a message or JSON."""
    if hasattr(request, "create_pipeline_request_json"):
        return normal(json.loads(request.create_pipeline_request_json))
    return spec_of(request, request.pipeline)


def normal(written: Mapping[str, Any]) -> dict[str, Any]:
    """Write a spec of a server's as those of users are written."""
    return Normaliser(None).part(ROOT, written)


def _as_json(message: Message) -> dict[str, Any]:
    written: dict[str, Any] = MessageToDict(message, preserving_proto_field_name=True)
    return written


def branches_of(spec: Mapping[str, Any], pipeline: Pipeline) -> tuple[tuple[Branch, ...], Branch]:
    """Give the branches that a pipeline reads, and the one that it writes."""
    output = Branch(Repo(pipeline.name, pipeline.project), spec.get("output_branch") or DEFAULT_BRANCH)
    return PipelineSpec(spec).inputs, output


def type_of(spec: Mapping[str, Any]) -> PipelineType:
    """Say what a pipeline runs."""
    if "spout" in spec:
        return PipelineType.SPOUT
    return PipelineType.SERVICE if "service" in spec else PipelineType.TRANSFORM


def stats(message: Any) -> ProcessStats:
    """Read what processing took."""
    return ProcessStats(
        _duration(message.download_time),
        _duration(message.process_time),
        _duration(message.upload_time),
        message.download_bytes,
        message.upload_bytes,
    )


def _duration(message: Duration) -> timedelta:
    try:
        return timedelta(seconds=message.seconds, microseconds=message.nanos // 1000)
    except OverflowError:
        return timedelta.max if message.seconds > 0 else timedelta.min


def secret(info: Any) -> SecretInfo:
    """Read a secret."""
    return SecretInfo(info.secret.name, info.type, read_time(info, "creation_timestamp"))


def secrets(reply: Any) -> list[SecretInfo]:
    """Read the secrets of one reply."""
    return [secret(info) for info in reply.secret_info]


def template(reply: Any) -> RenderedTemplate:
    """Read what became of a template."""
    return RenderedTemplate(reply.json, tuple(spec_of(each, each.pipeline) for each in reply.specs))
