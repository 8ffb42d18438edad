"""Jsonnet templates, which RenderTemplate makes specifications from; needs the extra ``devserver-jsonnet``."""

from __future__ import annotations

import json
from collections.abc import Mapping

from google.protobuf import json_format

from airflow_provider_pachyderm._wire.v2 import pps_pb2 as pb
from airflow_provider_pachyderm.devserver.engine.errors import EngineError, refused
from airflow_provider_pachyderm.devserver.servicers.v2.pps_specs import parsed

_MISSING = (
    "this dev server renders Jsonnet with a package that is not installed: "
    "pip install 'airflow-provider-pachyderm[devserver-jsonnet]'"
)


def rendered(template: str, args: Mapping[str, str]) -> pb.RenderTemplateResponse:
    """What a template says, as JSON and as specifications.

    Nothing is imported: real servers fetch ``http(s)://`` and have no files either.

    :param args: arguments of the template's function, all of them texts.
    :raises EngineError: UNIMPLEMENTED without the package; if the template, or what it says, is none.
    """
    try:
        import _gojsonnet  # type: ignore[import-not-found,unused-ignore]
    except ImportError:
        raise EngineError("UNIMPLEMENTED", _MISSING) from None
    try:
        text = _gojsonnet.evaluate_snippet("main", template, tla_vars=dict(args), import_callback=_import)
    except RuntimeError as error:
        raise refused(f"template err: {error}") from None
    value = json.loads(text)
    if not isinstance(value, dict | list):
        raise refused(f"not a json object or list: {text}")
    return pb.RenderTemplateResponse(json=text, specs=map(_spec, value if isinstance(value, list) else [value]))


def _import(folder: str, path: str) -> tuple[str, bytes]:
    raise RuntimeError("this dev server imports nothing into templates")


def _spec(value: object) -> pb.CreatePipelineRequest:
    text = json.dumps(value, indent=3)
    try:
        return json_format.ParseDict(parsed(text, pb.CreatePipelineRequest, ""), pb.CreatePipelineRequest())
    except EngineError as error:
        raise refused(error.text.removeprefix(": ")) from None
