"""Patterns of paths: those that kill servers are refused, and any path can be written as one.

Up to 1.8 servers read patterns with a library that breaks down at an unclosed brace, and from 1.9 to 1.11 with one that
does at a choice in square brackets that holds nothing, or a range in reverse order: either takes pachd down with it.
"""

from __future__ import annotations

import re

from airflow_provider_pachyderm.client._errors import InvalidRequest

_NAMED = re.compile(r"\[:\w{1,20}:\]")
MARKS = "*?[]{}()!@+^\\"
_MARK = re.compile(f"[{re.escape(MARKS)}]")


def check(pattern: str) -> str:
    """Return a pattern.

    :raises InvalidRequest: for non-strings, and for what kills some servers: an unclosed brace as in ``/a{b``, an
        empty choice such as ``[]``, a reversed range such as ``[b-a]``.
    """
    if not isinstance(pattern, str):
        raise InvalidRequest(f"a pattern must be a str, not {type(pattern).__name__}")
    at = open_braces = 0
    while at < len(pattern):
        character = pattern[at]
        if character == "[":
            at = _after_choice(pattern, at + 1)
            continue
        if character == "{":
            open_braces += 1
        elif character == "}" and open_braces:
            open_braces -= 1
        at += 2 if character == "\\" else 1
    if open_braces:
        raise InvalidRequest(f"pattern {pattern!r}: a brace is not closed")
    return pattern


def _after_choice(pattern: str, at: int) -> int:
    """Check what is in square brackets; where it ends."""
    at += pattern[at : at + 1] in ("!", "^")
    if pattern.startswith("]", at):
        raise InvalidRequest(f"pattern {pattern!r}: the square brackets are empty")
    while at < len(pattern) and pattern[at] != "]":
        if named := _NAMED.match(pattern, at):
            at = named.end()
            continue
        first, at = _member(pattern, at)
        if pattern.startswith("-", at) and not pattern.startswith("-]", at):
            last, at = _member(pattern, at + 1)
            if last < first:
                raise InvalidRequest(f"pattern {pattern!r}: the range {first}-{last} is reversed")
    return at + 1


def _member(pattern: str, at: int) -> tuple[str, int]:
    at += pattern.startswith("\\", at)
    return pattern[at : at + 1], at + 1


def exactly(path: str, marks: str = MARKS) -> str:
    """Write the pattern that matches only ``path``.

    Servers look only at what begins like the pattern up to its first special character, which must therefore not have
    a backslash before it: it goes into square brackets.

    :param marks: characters that make a pattern of a path; without one of them it is none.
    """
    if not any(mark in path for mark in marks):
        return path
    first = _MARK.search(path)
    assert first is not None
    rest = _MARK.sub(r"\\\g<0>", path[first.end() :])
    return f"{path[: first.start()]}[\\{first[0]}]{rest}"
