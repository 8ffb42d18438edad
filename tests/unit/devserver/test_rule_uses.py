"""Where rules are asked for: each somewhere, and texts with what their fields stand for."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Formatter

import pytest

from airflow_provider_pachyderm import devserver
from airflow_provider_pachyderm.devserver.releases.registry import Known, known_rules
from airflow_provider_pachyderm.devserver.releases.text import Said

CALLS = {"refusal", "during", "context"}
RULES = {known.name: known for known in known_rules()}
TEXTS = [known for known in known_rules() if isinstance(next(iter(known.rule.since.values())), Said)]


@dataclass(frozen=True)
class Use:
    """A call that tells the words of a rule.

    :param rules: the rules that it may be about.
    :param given: the names of what it gives for their fields.
    """

    rules: frozenset[str]
    given: frozenset[str]


@cache
def trees() -> tuple[ast.AST, ...]:
    return tuple(ast.parse(path.read_text()) for path in Path(devserver.__file__).parent.rglob("*.py"))


def rules_in(node: ast.AST) -> frozenset[str]:
    """The rules that are asked for somewhere in it, which does not count their declarations."""
    names = (one.id for one in ast.walk(node) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Load))
    return frozenset(RULES.keys() & set(names))


@cache
def uses() -> tuple[Use, ...]:
    nodes = (node for tree in trees() for node in ast.walk(tree))
    functions = [node for node in nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    return tuple(use for function in functions if (rules := rules_in(function)) for use in uses_in(function, rules))


def uses_in(function: ast.AST, rules: frozenset[str]) -> Iterator[Use]:
    """Calls in a function; one that gives a variable may be about any rule of the function."""
    for call in ast.walk(function):
        if (
            isinstance(call, ast.Call)
            and isinstance(call.func, ast.Attribute)
            and call.func.attr in CALLS
            and call.args
        ):
            given = frozenset(keyword.arg or "" for keyword in call.keywords)
            yield Use(rules_in(call.args[0]) or rules, given)


def fields(known: Known) -> set[str]:
    found = (name for said in known.rule.since.values() for _, name, _, _ in Formatter().parse(said.text) if name)
    return {name.partition(".")[0] for name in found}


def test_every_rule_is_asked_for_somewhere() -> None:
    assert set(RULES) == set().union(*map(rules_in, trees()))


@pytest.mark.parametrize("known", TEXTS, ids=lambda known: known.name)
def test_texts_get_what_their_fields_stand_for(known: Known) -> None:
    found = [use for use in uses() if known.name in use.rules]
    assert found
    assert all(fields(known) <= use.given for use in found)
