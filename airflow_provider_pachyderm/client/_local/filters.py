"""Which files of a directory take part in a transfer."""

from __future__ import annotations

import re
from collections.abc import Iterable

from airflow_provider_pachyderm.client._errors import InvalidRequest

_TOKEN = re.compile(r"\*\*/|\*\*|\*|\?|\[!?[^\]]+\]|.", re.DOTALL)
_NO_WORD = re.compile(r"[^\w-]")
_WILD = {"**/": r"(?:[^/]+/)*", "**": r".*", "*": r"[^/]*", "?": r"[^/]"}


class Filter:
    """Picks files by patterns of their paths relative to the directory.

    A pattern without a slash is one of names, at any depth: ``*.csv``, ``.git``. One with a slash is one of whole
    paths: ``2026/*/*.csv``, ``**/raw/*``. ``*`` and ``?`` stop at a slash, ``**`` does not. What matches a directory
    holds for all below it.

    :param include: only files that match one of these; all if there is none.
    :param exclude: but no file that matches one of these.
    """

    def __init__(self, include: str | Iterable[str] = (), exclude: str | Iterable[str] = ()) -> None:
        self._include = _compiled("include", include)
        self._exclude = _compiled("exclude", exclude)

    def wants(self, path: str) -> bool:
        """Say whether a file takes part.

        :param path: relative, with ``/`` between segments.
        """
        included = not self._include or any(pattern.fullmatch(path) for pattern in self._include)
        return included and not self.excludes(path)

    def excludes(self, path: str) -> bool:
        """Say whether a file, or a directory with all below it, is left out, whatever is to be included."""
        return any(pattern.fullmatch(path) for pattern in self._exclude)


def _compiled(name: str, patterns: str | Iterable[str]) -> list[re.Pattern[str]]:
    if not isinstance(patterns, Iterable):
        raise InvalidRequest(f"{name} must be a str or an iterable of str, not {type(patterns).__name__}")
    return [_pattern(name, each) for each in ([patterns] if isinstance(patterns, str) else patterns)]


def _pattern(name: str, pattern: object) -> re.Pattern[str]:
    if not isinstance(pattern, str) or not pattern.strip("/"):
        raise InvalidRequest(f"{name} has {pattern!r}, which is not a pattern: write one such as *.csv or raw/**")
    try:
        return re.compile(_regex(pattern))
    except re.error as error:
        raise InvalidRequest(f"{name} has {pattern!r}, which is not a pattern: {error}") from error


def _regex(pattern: str) -> str:
    anywhere = r"(?:.*/)?" if "/" not in pattern.rstrip("/") else ""
    body = "".join(map(_translated, _TOKEN.findall(pattern.strip("/"))))
    return f"{anywhere}{body}(?:/.*)?"


def _translated(token: str) -> str:
    if token in _WILD:
        return _WILD[token]
    if len(token) > 1:
        return _choice(token[1:-1])
    return re.escape(token)


def _choice(content: str) -> str:
    negated = len(content) > 1 and content[0] in "!^"
    characters = _NO_WORD.sub(r"\\\g<0>", content[negated:])
    return f"(?!/)[{'^' if negated else ''}{characters}]"
