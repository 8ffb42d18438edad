"""Comparing a spec with what is deployed: with the defaults that a server fills in, and without what it makes up."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

from airflow_provider_pachyderm.client._capabilities import Capabilities, World
from airflow_provider_pachyderm.client._pipeline_specs import inputs
from airflow_provider_pachyderm.client._pipeline_specs.spec import DEFAULT_BRANCH
from airflow_provider_pachyderm.client._pps_models import Pipeline
from airflow_provider_pachyderm.client._refs import DEFAULT_PROJECT

_IMAGES: Final = {World.V1: "ubuntu:16.04", World.V2: "ubuntu:20.04"}
_TRIGGER_BRANCH = re.compile(r".+-trigger-\d+")
"""As servers name the branch of an input with a trigger, unless the spec does."""
_ABSENT: Final[tuple[Any, ...]] = (None, "", 0, False, [], {}, "0s")
"""What a field that is not set reads as, and is not sent."""


class Action(Enum):
    """What deploying a spec does: create the pipeline, update it, or nothing, as it is deployed already."""

    CREATE = "create"
    UPDATE = "update"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class SpecDifference:
    """A difference between a spec and what is deployed.

    :param field: its place in the spec, such as ``transform.cmd``.
    :param deployed: the value that is deployed; None if there is none.
    :param wanted: the value of the spec, or the server's default; None if there is none.
    """

    field: str
    deployed: Any
    wanted: Any

    def __str__(self) -> str:
        return f"{self.field}: {self.deployed!r} -> {self.wanted!r}"


@dataclass(frozen=True, slots=True)
class PipelineChange:
    """What deploying a spec does, or did, to its pipeline.

    :param differences: from what is deployed, for an update; without what only a server fills in.
    """

    pipeline: Pipeline
    action: Action
    differences: tuple[SpecDifference, ...] = ()

    def __str__(self) -> str:
        changed = ", ".join(map(str, self.differences))
        return f"{self.action.value} {self.pipeline}" + (f" ({changed})" if changed else "")


def with_defaults(spec: Mapping[str, Any], capabilities: Capabilities) -> dict[str, Any]:
    """Fill in what a server fills in, that does not do it on being asked."""
    filled = {"datum_tries": 3, "output_branch": DEFAULT_BRANCH, **_given(spec)}
    if capabilities.within("1.13.0+"):
        filled.setdefault("reprocess_spec", "until_success")
    if capabilities.world is World.V1:
        filled.setdefault("cache_size", "64M")
        filled["max_queue_size"] = max(1, filled.get("max_queue_size", 1))
    transform = {"image": _IMAGES[capabilities.world], **_given(spec.get("transform") or {})}
    return {**filled, "transform": transform}


def _given(part: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in part.items() if value not in _ABSENT}


def differences(
    deployed: Mapping[str, Any], wanted: Mapping[str, Any], pipeline: Pipeline, *, given: Mapping[str, Any]
) -> tuple[SpecDifference, ...]:
    """Say in what a spec differs from what is deployed, both with the server's defaults.

    What a server makes up where the spec says nothing is no difference: the salt, the start of a cron, names.

    :param given: the spec as its user wrote it.
    """
    project = pipeline.project or DEFAULT_PROJECT
    return tuple(_differ(_comparable(deployed, project, given), _comparable(wanted, project, given), ""))


def _comparable(spec: Mapping[str, Any], project: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Write a spec so that equal ones are equal.

    :param given: the spec of the user: what it does not say is made up.
    """
    left_out = {"pipeline"} if "salt" in _given(given) else {"pipeline", "salt"}
    plain = {name: value for name, value in spec.items() if name not in left_out}
    if isinstance(plain.get("input"), Mapping):
        starts = any(leaf.get("start") for _, leaf in inputs.leaves(dict(given)))
        plain["input"] = _input(plain["input"], project, keep_start=starts)
    for place in (plain, plain.get("spout") or {}):
        if isinstance(place.get("service"), Mapping):
            place["service"] = {"type": "NodePort", **_given(place["service"])}
    cleaned = _clean(plain)
    return cleaned if isinstance(cleaned, dict) else {}


def _input(node: Mapping[str, Any], project: str, *, keep_start: bool) -> dict[str, Any]:
    """Write an input with its defaults; those of a combination sorted by name, as servers keep them."""
    for kind in inputs.COMBINED:
        if node.get(kind):
            children = [_input(child, project, keep_start=keep_start) for child in node[kind]]
            return {kind: sorted(children, key=_name)}
    kind = next((kind for kind in inputs.KINDS if node.get(kind)), "")
    leaf = _given(node.get(kind) or {})
    if kind == "cron":
        leaf.pop("repo", None)
        leaf.pop("commit", None)
        if not keep_start:
            leaf.pop("start", None)
    elif kind == "pfs":
        leaf = {"name": leaf.get("repo"), "repo_type": "user", **leaf}
        if leaf.get("trigger"):
            leaf["trigger"] = {"branch": DEFAULT_BRANCH, **_given(leaf["trigger"])}
            if _TRIGGER_BRANCH.fullmatch(leaf.get("branch", "")):
                leaf.pop("branch")
        else:
            leaf.setdefault("branch", DEFAULT_BRANCH)
        leaf["glob"] = leaf.get("glob", "").rstrip("/") or "/"
    leaf.setdefault("project", project)
    return {kind: leaf}


def _name(node: Mapping[str, Any]) -> str:
    kind, inner = next(iter(node.items()))
    return "" if kind in inputs.COMBINED else inputs.name_of(kind, inner)


def _clean(value: Any) -> Any:
    """Leave out what reads as not set."""
    if isinstance(value, Mapping):
        cleaned = {name: _clean(inner) for name, inner in value.items()}
        # a spout says something without saying more
        return {name: inner for name, inner in cleaned.items() if inner not in _ABSENT or name == "spout"}
    return [_clean(item) for item in value] if isinstance(value, (list, tuple)) else value


def _differ(deployed: Any, wanted: Any, path: str) -> Iterator[SpecDifference]:
    if isinstance(deployed, Mapping) and isinstance(wanted, Mapping):
        for name in [*deployed, *(name for name in wanted if name not in deployed)]:
            yield from _differ(deployed.get(name), wanted.get(name), f"{path}.{name}" if path else name)
    elif deployed != wanted:
        yield SpecDifference(path, deployed, wanted)
