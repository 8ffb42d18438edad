"""The input of a pipeline's specification as a tree."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from airflow_provider_pachyderm.devserver.engine.datums.inputs import (
    CronInput,
    Cross,
    Group,
    Input,
    Join,
    PfsInput,
    Union,
)
from airflow_provider_pachyderm.devserver.engine.model import DEFAULT_PROJECT, RepoKey, Trigger

_COMBINED: dict[str, Callable[[tuple[Input, ...]], Input]] = {
    "cross": Cross,
    "union": Union,
    "join": Join,
    "group": Group,
}
_SECOND = 1_000_000_000


def input_tree(spec: Mapping[str, Any], project: str = DEFAULT_PROJECT) -> Input:
    """The tree of an input.

    :param spec: protobuf JSON of an Input with the names of the contract, defaults filled in or not.
    :param project: of inputs that name none.
    :raises ValueError: if it is an input of no kind that has datums.
    """
    for kind, combined in _COMBINED.items():
        if kind in spec:
            return combined(tuple(input_tree(part, project) for part in spec[kind]))
    if "cron" in spec:
        return _cron(spec["cron"], project)
    if "pfs" in spec or "atom" in spec:
        return _pfs(spec.get("pfs") or spec["atom"], project)
    raise ValueError("unrecognized input type: ")


def _pfs(spec: Mapping[str, Any], project: str) -> PfsInput:
    trigger = spec.get("trigger")
    return PfsInput(
        spec.get("name") or spec["repo"],
        RepoKey(spec["repo"], spec.get("project") or project, spec.get("repo_type") or "user"),
        spec.get("branch") or "master",
        spec.get("glob", ""),
        spec.get("commit", ""),
        spec.get("join_on", ""),
        spec.get("outer_join", False),
        spec.get("group_by", ""),
        spec.get("lazy", False),
        spec.get("empty_files", False),
        spec.get("s3", False),
        _trigger(trigger) if trigger is not None else None,
    )


def _cron(spec: Mapping[str, Any], project: str) -> CronInput:
    start = spec.get("start")
    return CronInput(
        spec["name"],
        RepoKey(spec.get("repo", ""), spec.get("project") or project),
        commit=spec.get("commit", ""),
        spec=spec.get("spec", ""),
        start=_nanoseconds(start) if start else 0,
        overwrite=spec.get("overwrite", False),
    )


def _trigger(spec: Mapping[str, Any]) -> Trigger:
    return Trigger(
        spec.get("branch", ""),
        spec.get("all", False),
        spec.get("rate_limit_spec", ""),
        spec.get("cron_spec", ""),
        spec.get("size", ""),
        int(spec.get("commits", 0)),
    )


def _nanoseconds(text: str) -> int:
    whole, _, fraction = text.removesuffix("Z").partition(".")
    seconds = int(datetime.fromisoformat(f"{whole}+00:00").timestamp())
    return seconds * _SECOND + int(fraction.ljust(9, "0") or 0)
