"""The part of jq that filters of lists are written in: paths, comparisons, ``select``, and, or, not, and pipes."""

from __future__ import annotations

import json
import operator
import re
from collections.abc import Callable
from typing import Any

from airflow_provider_pachyderm.devserver.engine.errors import EngineError, refused

Json = Any
_Step = Callable[[Json], list[Json]]

_TOKEN = re.compile(
    r'\s*(?:(?P<string>"(?:[^"\\]|\\.)*")|(?P<number>-?\d+(?:\.\d+)?)|(?P<field>\.[A-Za-z_][A-Za-z0-9_]*)|'
    r"(?P<word>[A-Za-z_][A-Za-z0-9_]*)|(?P<mark>==|!=|<=|>=|<|>|\||\(|\)|\[|\]|\.|,))"
)
_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_CONSTANTS = {"true": True, "false": False, "null": None}


def jq_filter(text: str) -> Callable[[Json], bool]:
    """Whether an item stays: what a filter gives for it is neither false nor null.

    :param text: the filter; an empty one keeps everything.
    :raises EngineError: if it cannot be read, or this server does not know what is in it.
    """
    if not text:
        return lambda item: True
    step = _Parser(_tokens(text)).whole()
    return lambda item: any(value is not None and value is not False for value in step(item))


def _unexpected(token: str) -> EngineError:
    shown = f'"{token}"' if token else "<EOF>"
    return refused(f"error creating message filter function: error parsing jq filter: unexpected token {shown}")


def _tokens(text: str) -> list[str]:
    found, position = [], 0
    while text[position:].strip():
        match = _TOKEN.match(text, position)
        if match is None:
            raise EngineError("UNIMPLEMENTED", f"this dev server does not know all of jq: {text[position:].strip()}")
        found.append(match[0].strip())
        position = match.end()
    return found


class _Parser:
    def __init__(self, tokens: list[str]) -> None:
        self._rest = tokens

    def whole(self) -> _Step:
        step = self._pipe()
        if self._rest:
            raise _unexpected(self._rest[0])
        return step

    def _peek(self) -> str:
        return self._rest[0] if self._rest else ""

    def _take(self, token: str = "") -> str:
        if not self._rest or (token and self._rest[0] != token):
            raise _unexpected(self._peek())
        return self._rest.pop(0)

    def _pipe(self) -> _Step:
        first = self._or()
        if self._peek() != "|":
            return first
        self._take()
        then = self._pipe()
        return lambda item: [result for value in first(item) for result in then(value)]

    def _or(self) -> _Step:
        left = self._and()
        while self._peek() == "or":
            self._take()
            left = _logical(left, self._and(), any)
        return left

    def _and(self) -> _Step:
        left = self._comparison()
        while self._peek() == "and":
            self._take()
            left = _logical(left, self._comparison(), all)
        return left

    def _comparison(self) -> _Step:
        left = self._term()
        if self._peek() not in _COMPARISONS:
            return left
        compare, right = _COMPARISONS[self._take()], self._term()
        return lambda item: [_compared(compare, a, b) for b in right(item) for a in left(item)]

    def _term(self) -> _Step:
        token = self._take()
        if token == "(":
            step = self._pipe()
            self._take(")")
        elif token.startswith('"') or token[0].isdigit() or token[0] == "-":
            constant = json.loads(token)
            step = lambda item: [constant]  # noqa: E731
        elif token in _CONSTANTS:
            value = _CONSTANTS[token]
            step = lambda item: [value]  # noqa: E731
        elif token.startswith("."):
            step = self._path(token)
        else:
            step = self._call(token)
        return step

    def _path(self, token: str) -> _Step:
        names = [token[1:]] if len(token) > 1 else []
        while self._peek().startswith(".") and len(self._peek()) > 1:
            names.append(self._take()[1:])

        def step(item: Json) -> list[Json]:
            for name in names:
                item = item.get(name) if isinstance(item, dict) else None
            return [item]

        return step

    def _call(self, name: str) -> _Step:
        if name == "not":
            return lambda item: [item is None or item is False]
        if name not in ("select", "contains", "startswith", "endswith", "test"):
            if not name[0].isalpha():
                raise _unexpected(name)
            raise EngineError("UNIMPLEMENTED", f"this dev server does not know all of jq: {name}")
        self._take("(")
        inner = self._pipe()
        self._take(")")
        if name == "select":
            return lambda item: [item for value in inner(item) if value is not None and value is not False]
        return lambda item: [_text_test(name, item, value) for value in inner(item)]


def _logical(left: _Step, right: _Step, joined: Callable[[list[bool]], bool]) -> _Step:
    def step(item: Json) -> list[Json]:
        sides = [any(value is not None and value is not False for value in side(item)) for side in (left, right)]
        return [joined(sides)]

    return step


def _compared(compare: Callable[[Any, Any], bool], left: Json, right: Json) -> bool:
    try:
        return compare(left, right)
    except TypeError:
        return False


def _text_test(name: str, item: Json, value: Json) -> bool:
    if not isinstance(item, str) or not isinstance(value, str):
        return False
    if name == "test":
        return re.search(value, item) is not None
    return {"contains": value in item, "startswith": item.startswith(value), "endswith": item.endswith(value)}[name]
