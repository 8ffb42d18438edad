"""All rules there are, and how each of their changes is known."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from types import ModuleType
from typing import Any

from airflow_provider_pachyderm import devserver
from airflow_provider_pachyderm.devserver.releases.played import RECORDED
from airflow_provider_pachyderm.devserver.releases.rule import Rule, numbers

RECORDINGS, SOURCE, INFERRED = "recorded", "source", "inferred"


@dataclass(frozen=True)
class Known:
    """A rule, and where it is declared.

    :param area: the folder of its module below ``devserver``, e.g. ``"engine.commits"``; empty for that itself.
    """

    name: str
    area: str
    rule: Rule[Any]

    def changes(self) -> dict[str, str]:
        """The releases at which the value changes, and how each change is known."""
        return {after: _evidence(self.rule, before, after) for before, after in pairwise(self.rule.since)}


@cache
def known_rules() -> tuple[Known, ...]:
    """Every rule that is declared in a module called ``rules`` or ``…_rules``; not those of calls and fields."""
    found: dict[Rule[Any], Known] = {}
    for module in _modules():
        area = module.__name__.removeprefix(f"{devserver.__name__}.").rpartition(".")[0]
        for name, value in vars(module).items():
            if isinstance(value, Rule):
                found.setdefault(value, Known(name, area, value))
    return tuple(found.values())


def _modules() -> Iterator[ModuleType]:
    for info in pkgutil.walk_packages(devserver.__path__, f"{devserver.__name__}."):
        if info.name.endswith(("_rules", ".rules")):
            yield importlib.import_module(info.name)


def _evidence(rule: Rule[Any], before: str, after: str) -> str:
    """How it is known that the value of ``after`` holds from there on, and that of ``before`` up to there."""
    if _is_recorded(rule, before, after):
        return RECORDINGS
    return SOURCE if rule.source_of(after) else INFERRED


def _is_recorded(rule: Rule[Any], before: str, after: str) -> bool:
    """Whether the recorded versions next to a change, on both sides, show the values."""
    older = [version for version in RECORDED if numbers(version) < numbers(after)]
    newer = [version for version in RECORDED if numbers(version) >= numbers(after)]
    if not older or not newer or numbers(older[-1]) < numbers(before):
        return False
    recorded = rule.recorded.split()
    return older[-1] in recorded and newer[0] in recorded and rule.at(newer[0]) == rule.since[after]
