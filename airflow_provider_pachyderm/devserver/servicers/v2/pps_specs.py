"""Between the specs of users, as messages or JSON, and those of the engine."""

from __future__ import annotations

import json
import re
from typing import Any

from google.protobuf import json_format
from google.protobuf.message import Message

from airflow_provider_pachyderm._wire.v2 import pps_pb2 as pb
from airflow_provider_pachyderm.devserver.engine import Engine
from airflow_provider_pachyderm.devserver.engine.errors import EngineError, during
from airflow_provider_pachyderm.devserver.engine.pipelines.checks import effective_refusal
from airflow_provider_pachyderm.devserver.engine.pipelines.model import Spec

_INVALID = "INVALID_ARGUMENT"
_REQUEST = pb.CreatePipelineRequest


def spec_of(request: Message) -> Spec:
    """A message as the engine has it."""
    spec: Spec = json_format.MessageToDict(request, preserving_proto_field_name=True)
    return spec


def json_of(message: Message) -> str:
    """A message as Go's protojson writes it, but for blanks."""
    return json.dumps(_go_numbers(json_format.MessageToDict(message)), separators=(",", ":"), ensure_ascii=False)


def _go_numbers(value: Any) -> Any:
    """Go writes a whole number without a point, be it a float."""
    if isinstance(value, dict):
        return {key: _go_numbers(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_go_numbers(one) for one in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


class Effective:
    """A spec that was completed with the defaults of the cluster and of its project (2.8 and later).

    :param request: as a message; it has its project.
    :param user_json: what the user gave.
    :param json: all of it, sorted by name.
    """

    def __init__(self, request: pb.CreatePipelineRequest, user_json: str, effective_json: str) -> None:
        self.request = request
        self.user_json = user_json
        self.json = effective_json


class Specs:
    """Completes specs."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def of_request(self, request: pb.CreatePipelineRequest) -> Effective:
        """The spec of a CreatePipelineRequest."""
        user_json = json_of(request)
        with during("could not make effective spec"):
            return self._effective(json.loads(user_json), user_json)

    def of_json(self, text: str) -> Effective:
        """The spec of a CreatePipelineRequest in JSON."""
        with during("could not make effective spec"):
            user = parsed(text, _REQUEST, f"could not parse {text} as Create Pipeline Request message")
            return self._effective(user, text)

    def _effective(self, user: dict[str, Any], user_json: str) -> Effective:
        project = user.get("pipeline", {}).get("project", {}).get("name") or "default"
        self._check_project(project)
        cluster = defaults_in(self._engine.defaults.cluster())
        of_project = defaults_in(self._engine.defaults.project(project).json)
        whole = self._engine.defaults.effective(user, cluster, of_project)
        text = json.dumps(whole, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        request = json_format.ParseDict(whole, pb.CreatePipelineRequest())
        try:
            self._engine.checks.statically(spec_of(request))
        except EngineError as error:
            raise effective_refusal(text, error) from None
        if request.HasField("pipeline") and not request.pipeline.project.name:
            request.pipeline.project.name = project
        return Effective(request, user_json, text)

    def _check_project(self, project: str) -> None:
        known = {info.name for info in self._engine.projects.list()}
        if project not in known:
            doing = f"could not get defaults for project {project}"
            text = f'error getting project "{project}": get project by name: project "{project}" not found'
            raise EngineError(_INVALID, f"{doing}: {doing}: {text}")


def defaults_in(text: str) -> dict[str, Any]:
    """What defaults, as they were set, give to specs; names as in :func:`json_of`."""
    parsed_text = json.loads(text)
    given = parsed_text.get("createPipelineRequest") or parsed_text.get("create_pipeline_request") or {}
    found = _camel(given, _REQUEST.DESCRIPTOR)
    assert isinstance(found, dict)
    return found


def parsed(text: str, kind: type[Message], refusal: str) -> dict[str, Any]:
    """JSON of a message, with the names that protobuf's JSON prefers.

    :param refusal: what a refusal begins with.
    :raises EngineError: nearly in the words of Go's protojson, if it is none.
    """
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        raise EngineError(_INVALID, f"{refusal}: proto: {_syntax(text, error)}") from None
    if not isinstance(value, dict):
        token = text.strip()[:1] if isinstance(value, list | str) else text.strip()
        raise EngineError(_INVALID, f"{refusal}: proto: syntax error (line 1:1): unexpected token {token}")
    try:
        json_format.ParseDict(value, kind())
    except json_format.ParseError as error:
        raise EngineError(_INVALID, f"{refusal}: proto: {_fault(text, str(error))}") from None
    found = _camel(value, kind.DESCRIPTOR)
    assert isinstance(found, dict)
    return found


def _syntax(text: str, error: json.JSONDecodeError) -> str:
    rest = text[error.pos :].strip()
    if not rest and text.strip():
        return "unexpected EOF"
    token = rest.split()[0] if rest else ""
    words = "invalid value" if token else "unexpected token"
    return f"syntax error (line {error.lineno}:{error.colno}): {words} {token}"


def _fault(text: str, error: str) -> str:
    """What is wrong with values, from what protobuf for Python says of it."""
    unknown = re.search(r'has no field named "([^"]*)"', error)
    if unknown:
        return f'({_position(text, json.dumps(unknown[1]))}): unknown field "{unknown[1]}"'
    return error.replace("\n", " ")


def _position(text: str, token: str) -> str:
    before = text[: max(text.find(token), 0)]
    line = before.count("\n") + 1
    return f"line {line}:{len(before) - before.rfind(chr(10))}"


def _camel(value: Any, kind: Any) -> Any:
    """JSON of a message with camel-case names, whichever it was given."""
    if isinstance(value, list):
        return [_camel(one, kind) for one in value]
    if kind is None or not isinstance(value, dict):
        return value
    fields = {name: field for field in kind.fields for name in (field.name, field.json_name)}
    found = {}
    for name, one in value.items():
        field = fields.get(name)
        inner = None if field is None or field.message_type is None else field.message_type
        is_plain = inner is None or inner.GetOptions().map_entry or inner.full_name.startswith("google.protobuf.")
        found[name if field is None else field.json_name] = one if is_plain else _camel(one, inner)
    return found
