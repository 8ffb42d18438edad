"""The inputs of a spec, as JSON: functions that find the repos and names in them, and sort or complete them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import Any

from airflow_provider_pachyderm.devserver.engine.model import RepoKey

Input = dict[str, Any]

COMBINED = ("cross", "join", "group", "union")
"""Kinds of inputs that combine other inputs."""


def leaves(input: Input) -> Iterator[tuple[str, Input]]:
    """The inputs that have files, with their kinds (``pfs``, ``cron``, ``git``), in the order of the tree."""
    for kind in COMBINED:
        for part in input.get(kind, ()):
            yield from leaves(part)
    for kind in ("pfs", "cron", "git"):
        if kind in input:
            yield kind, input[kind]


def repo_of(leaf: Input) -> RepoKey:
    """The repo of an input that has files, once its defaults are filled in."""
    return RepoKey(leaf["repo"], leaf.get("project") or "default", leaf.get("repo_type") or "user")


def names_of_repos(input: Input, repos: Collection[RepoKey]) -> list[str]:
    """The names of the inputs that read these repos, in the order of the tree."""
    found = (leaf["name"] for kind, leaf in leaves(input) if kind != "git" and repo_of(leaf) in repos)
    return list(dict.fromkeys(found))


def sort_by_name(input: Input) -> None:
    """Put combined inputs in the order of their names."""
    for kind in COMBINED:
        for part in input.get(kind, ()):
            sort_by_name(part)
        if kind in input:
            input[kind].sort(key=_name)


def _name(input: Input) -> str:
    """The name that an input is sorted by; a combined input is sorted by the name of its first part."""
    for kind in ("pfs", "cron", "git"):
        if kind in input:
            return str(input[kind].get("name", ""))
    for kind in COMBINED:
        if input.get(kind):
            return _name(input[kind][0])
    return ""


def with_commits(input: Input, commit_of: Callable[[str, Input], str]) -> Input:
    """A copy of an input in which each leaf names the commit that is read.

    :param commit_of: gives the id of the commit, from the kind of a leaf and its JSON.
    """
    return {
        key: {**value, "commit": commit_of(key, value)}
        if isinstance(value, dict)
        else [with_commits(part, commit_of) for part in value]
        for key, value in input.items()
    }
