"""Where specs are read from: values, texts, files and directories."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeAlias

from airflow_provider_pachyderm.client._capabilities import Capabilities
from airflow_provider_pachyderm.client._errors import InvalidSpec
from airflow_provider_pachyderm.client._models import Version
from airflow_provider_pachyderm.client._pipeline_specs.order import by_inputs
from airflow_provider_pachyderm.client._pipeline_specs.spec import PipelineSpec, make_spec
from airflow_provider_pachyderm.client._pipeline_specs.texts import documents

SpecSource: TypeAlias = "PipelineSpec | Mapping[str, Any] | str | Path | Iterable[SpecSource]"

_SUFFIXES = (".json", ".yaml", ".yml")


def read_pipeline_specs(source: SpecSource, version: Version | str | None = None) -> list[PipelineSpec]:
    """Read pipeline specs as pachctl does, check them, and sort them by their inputs.

    Whatever pachctl takes is read: JSON with one spec or several behind each other, YAML with one document or several,
    a list of specs, field names as ``datum_tries`` or ``datumTries``, durations as ``90s`` or ``1h30m``. Checked is
    what every server refuses: names, inputs, fields that there are not, values that do not fit.

    :param source: a spec as a dict; a text, which is known by a line break or a brace in it; the path of a file or of
        a directory, all ``.json``, ``.yaml`` and ``.yml`` files of which are read, in subdirectories too; or a list of
        any of these.
    :param version: of the server they are for, such as ``"2.11.6"``: fields that it does not know are then refused,
        with what to write instead. None for any server.
    :return: the specs, each behind those that make its inputs, else in the order in which they were read.
    :raises InvalidSpec: if a spec cannot be read, is wrong, or two are of the same pipeline, or read each other.
    """
    capabilities = None
    if version is not None:
        capabilities = Capabilities(version if isinstance(version, Version) else Version.parse(version))
    return read_specs(source, capabilities)


def read_specs(source: SpecSource, capabilities: Capabilities | None) -> list[PipelineSpec]:
    """Read, check and sort specs for a server."""
    return by_inputs([make_spec(spec, name, capabilities) for spec, name in _read(source, "")])


def _read(source: SpecSource, name: str) -> Iterator[tuple[Any, str]]:
    if isinstance(source, PipelineSpec):
        yield source.spec, source.source
    elif isinstance(source, Mapping):
        yield source, name
    elif isinstance(source, Path) or (isinstance(source, str) and not _is_text(source)):
        for path in _files(Path(source)):
            yield from _parsed(_content(path), str(path))
    elif isinstance(source, str):
        yield from _parsed(source, name or "the text")
    elif isinstance(source, Iterable):
        for index, each in enumerate(source, 1):
            yield from _read(each, f"spec {index}")
    else:
        raise InvalidSpec(f"a pipeline spec must be a dict, a text, a path or a list of these, not {_kind(source)}")


def _kind(value: object) -> str:
    return type(value).__name__


def _is_text(source: str) -> bool:
    return "\n" in source or "{" in source


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    found = sorted(file for file in path.rglob("*") if file.suffix.lower() in _SUFFIXES and file.is_file())
    if not found:
        raise InvalidSpec(f"directory {path} has no {', '.join(_SUFFIXES)} file")
    return found


def _content(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidSpec(f"{path} cannot be read: {error}") from error


def _parsed(text: str, name: str) -> Iterator[tuple[Any, str]]:
    specs = documents(text, name)
    if not specs:
        raise InvalidSpec(f"{name} has no pipeline spec")
    for index, spec in enumerate(specs, 1):
        yield spec, name if len(specs) == 1 else f"{name}, spec {index}"
