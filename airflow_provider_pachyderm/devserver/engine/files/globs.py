r"""Glob patterns as the servers read them.

A pattern is cleaned like a path and must match a whole absolute path. Only the pattern of the root matches the root.

===============  ==========================================================
``*``            any characters except ``/``
``**``           any characters
``?``            one character except ``/``
``[ab] [a-c]``   one of these; ``[!a]`` and ``[^a]`` one that is not
``{a,b}``        one of these alternatives; the closing brace may be missing
``@(a|b)``       one of these, also without the mark; and ``?( )``, ``*( )``, ``+( )``, ``!( )``
``[[:alpha:]]``  one of a kind
``\``            takes the special meaning from the next character
===============  ==========================================================

A pattern without any special character names a path; a backslash in it is an ordinary character then.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import takewhile

from airflow_provider_pachyderm.devserver.engine.errors import EngineError, crash
from airflow_provider_pachyderm.devserver.engine.files.glob_rules import (
    AROUND_STARS_OVERLAPS,
    BRACE_CRASHES,
    CAPTURES,
    NEGATIONS,
    RANGE_CRASHES,
    SHELL_PATTERNS,
    SPECIAL_CHARACTERS,
)
from airflow_provider_pachyderm.devserver.engine.files.paths import clean
from airflow_provider_pachyderm.devserver.releases.profile import Profile


class BadGlob(EngineError):
    """A malformed pattern; its text is what the server says."""

    def __init__(self, text: str) -> None:
        super().__init__("UNKNOWN", text)


def is_glob(pattern: str, profile: Profile) -> bool:
    """Whether a pattern is more than the name of a path."""
    special = profile[SPECIAL_CHARACTERS]
    return any(character in special for character in pattern)


def names_one(pattern: str, profile: Profile) -> bool:
    """Whether a pattern is the name of a path, as :func:`matcher` takes it."""
    return clean(pattern) == "/" or not is_glob(pattern, profile)


def literal_start(pattern: str, profile: Profile) -> str:
    """Give what all paths begin with that a pattern matches, but for the root."""
    marks = profile[SPECIAL_CHARACTERS] + "\\"
    return "".join(takewhile(lambda character: character not in marks, clean(pattern)))


def matcher(pattern: str, profile: Profile) -> Callable[[str], bool]:
    """Compile a pattern.

    :param pattern: as the caller gave it.
    :returns: a predicate over absolute paths without a trailing slash (the root is ``"/"``).
    :raises BadGlob: with the server's words.
    """
    cleaned = clean(pattern)
    if names_one(pattern, profile):
        return cleaned.__eq__
    if profile[BRACE_CRASHES] and re.fullmatch(r"/[^*{]+\{", cleaned):
        raise crash("nothing in a brace that is not closed")
    before, super_star, after = cleaned.partition("**")
    if profile[AROUND_STARS_OVERLAPS] and super_star and not is_glob(before + after, profile):
        return lambda path: path != "/" and path.startswith(before) and path.endswith(after)
    found = _compile(cleaned, profile)
    return lambda path: path != "/" and found.fullmatch(path) is not None


def replacer(pattern: str, profile: Profile) -> Callable[[str, str], str]:
    """Make texts of what a pattern captures.

    :param pattern: as the caller gave it.
    :returns: what becomes of a path and a template, in which ``$1`` or ``${1}`` is what the first parentheses of the
        pattern match in the path, ``$0`` the whole path, ``$$`` a dollar sign; what is not captured is empty.
    :raises BadGlob: with the server's words.
    """
    cleaned = clean(pattern)
    found = re.compile(re.escape(cleaned)) if names_one(pattern, profile) else _compile(cleaned, profile)

    def replace(path: str, template: str) -> str:
        match = found.fullmatch(path)
        groups = (match[0], *match.groups("")) if match is not None else ()

        def value(reference: re.Match[str]) -> str:
            if reference[0] == "$$":
                return "$"
            number = reference[1] or reference[2]
            return groups[int(number)] if number.isdecimal() and int(number) < len(groups) else ""

        return _REFERENCE.sub(value, template)

    return replace


_REFERENCE = re.compile(r"\$(?:\$|\{(\w+)\}|(\w+))")


def _compile(pattern: str, profile: Profile) -> re.Pattern[str]:
    try:
        source = _Translator(pattern, profile).regex()
    except BadGlob:
        if not profile[SHELL_PATTERNS]:
            raise
        raise BadGlob(f'glob "{pattern}" is malformed') from None
    try:
        return re.compile(source, re.DOTALL)
    except re.error as error:
        if profile[RANGE_CRASHES]:
            raise crash("range in reverse order") from None
        reason = "[x-y] range in reverse order" if "range" in str(error) else "unterminated [] set"
        raise BadGlob(f"error parsing regexp: {reason} in `\\A{source}\\z`") from None


_NAMED = {
    ":alnum:": "0-9A-Za-z",
    ":alpha:": "A-Za-z",
    ":ascii:": "\x00-\x7f",
    ":blank:": "\t ",
    ":cntrl:": "\x00-\x1f\x7f",
    ":digit:": "0-9",
    ":graph:": "!-~",
    ":lower:": "a-z",
    ":print:": " -~",
    ":punct:": "!-/:-@[-`{-~",
    ":space:": "\t\n\v\f\r ",
    ":upper:": "A-Z",
    ":word:": "0-9A-Za-z_",
    ":xdigit:": "0-9A-Fa-f",
}
"""Classes by their names; the brackets around a name are members of the class, too."""


def _escaped(members: str) -> str:
    """The members of a class, in which only a dash is special."""
    for name, meant in _NAMED.items():
        members = members.replace(name, meant)
    return re.sub(r"[\[\]\\^&~|]", r"\\\g<0>", members)


# Stand in the expression until it is complete: "text or * ends here" and "what is excluded ends here".
_SOLID, _EXCLUDED = "\ufffe", "\uffff"


class _Translator:
    """Rewrites a pattern as a regular expression, left to right."""

    def __init__(self, pattern: str, profile: Profile) -> None:
        self._pattern = pattern
        self._captures = profile[CAPTURES]
        self._negations = profile[NEGATIONS]
        self._shell = profile[SHELL_PATTERNS]
        self._at = 0

    def regex(self) -> str:
        """The expression of the whole pattern."""
        source = self._sequence("")
        _, excluded, rest = source.partition(_EXCLUDED)
        # "!(a)" excludes only "a" itself if nothing follows, else all that starts with it
        end = "\\Z" if excluded and _SOLID not in rest else ""
        return source.replace(_EXCLUDED, end).replace(_SOLID, "")

    def _sequence(self, ends: str) -> str:
        """Translate up to one of these characters, which stays unread."""
        parts = []
        while self._at < len(self._pattern) and self._pattern[self._at] not in ends:
            parts.append(self._item())
        return "".join(parts)

    def _take(self) -> str:
        if self._at >= len(self._pattern):
            raise BadGlob("unexpected end of input")
        self._at += 1
        return self._pattern[self._at - 1]

    def _follows(self, text: str) -> bool:
        return self._pattern.startswith(text, self._at)

    def _item(self) -> str:
        character = self._take()
        if self._captures and character in "@!?*+" and self._follows("("):
            self._at += 1
            return self._capture(character)
        if self._captures and character == "(":
            return self._capture("@")
        if character == "*":
            return self._star() + _SOLID
        if character == "?":
            return "[^/]"
        if character == "[":
            return self._class()
        if character == "{" and not self._shell:
            return f"(?:{self._alternatives(',', '}')})"
        if character == "\\":
            character = self._take() if self._shell or self._at < len(self._pattern) else ""
        return re.escape(character) + _SOLID

    def _star(self) -> str:
        if self._follows("*"):
            self._at += 1
            return "[^/]*" if self._shell else ".*"
        return "[^/]*"

    def _alternatives(self, separator: str, end: str) -> str:
        found = [self._sequence(separator + end)]
        while self._at < len(self._pattern) and self._take() == separator:
            found.append(self._sequence(separator + end))
        return "|".join(found)

    def _capture(self, quantifier: str) -> str:
        inner = self._alternatives("|", ")")
        if quantifier == "!":
            return f"((?!(?:{inner}){_EXCLUDED})[^/]*)"
        return f"({inner})" if quantifier == "@" else f"((?:{inner}){quantifier})"

    def _class(self) -> str:
        if self._captures:
            return self._list()
        negated = any(self._follows(mark) for mark in self._negations)
        self._at += negated
        members = "".join(self._members())
        if not members:
            return "." if negated else "(?!)"
        return f"[{'^' if negated else ''}{members}]"

    def _list(self) -> str:
        """A class of 1.9.4 and later: the first mark of negation counts wherever it stands, brackets may be nested."""
        members, negation, nested = "", "", False
        while True:
            character = self._take()
            if character == "\\":
                members += self._take()
            elif not negation and character in self._negations:
                negation = "^"
            elif character == "]" and not nested:
                return f"[{negation}{_escaped(members)}]"
            else:
                nested = character == "[" or (nested and character != "]")
                members += character

    def _members(self) -> list[str]:
        """Characters and ranges up to the closing bracket."""
        members: list[str] = []
        start = self._at
        while (character := self._take()) != "]" or self._at == start + 1:
            if character == "\\":
                character = self._take()
            member = re.escape(character)
            if self._follows("-") and not self._follows("-]"):
                self._at += 1
                last = self._take()
                if self._shell and last < character:
                    continue  # nothing is in between
                member += "-" + re.escape(last)
            members.append(member)
        return members
