"""Paths in PFS: absolute, ``/`` between segments, no slash at the end; the root is ``/``.

All listings have one order: by path, segment by segment, so that a directory comes right before what is in it. 1.x
servers list in this order. 2.x servers go by the bytes of the path with a slash behind directories: there ``/a.txt``
comes before ``/a/`` and ``/a/1``, as ``.`` is before ``/``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from heapq import heappop, heappush
from itertools import takewhile
from posixpath import dirname
from typing import Generic, TypeVar

from airflow_provider_pachyderm.client._errors import InvalidRequest

T = TypeVar("T")

# What every server from 1.7.2 on refuses in the path of a put; the same characters make a pattern elsewhere.
GLOB_CHARACTERS = frozenset("*?[]{}()!@+^")
_MARKS = GLOB_CHARACTERS | {"\\"}
# what is before the slash in ASCII, elsewhere than at the start of a segment
_BEFORE_SLASH = re.compile(r"(?<=[^/])[ -.]")


def normalise(path: str) -> str:
    """Bring a path into the form above, the way servers write it or users do.

    :raises InvalidRequest: for ``.`` and ``..`` segments, which servers treat differently, and for non-strings.
    """
    if not isinstance(path, str):
        raise InvalidRequest(f"a path must be a str, not {type(path).__name__}")
    segments = [segment for segment in path.split("/") if segment]
    for segment in segments:
        if segment in (".", ".."):
            raise InvalidRequest(f"path {path!r} has a segment {segment!r}: write the whole path from the root")
    return "/" + "/".join(segments)


def for_writing(path: str) -> str:
    """Normalise the path of a file to write.

    :raises InvalidRequest: also for the root and for what servers refuse in names.
    """
    clean = literal(path)
    if clean == "/":
        raise InvalidRequest(f"path {path!r} does not name a file")
    if reason := unstorable(clean):
        raise InvalidRequest(f"path {path!r}: {reason}")
    return clean


def unstorable(path: str) -> str:
    """Say why no file can be stored under a normalised path; empty if one can."""
    for character in path:
        if character in GLOB_CHARACTERS:
            return f"{character!r} is a pattern character, which no file name can have"
        if not " " <= character <= "~":
            return f"{character!r} is not printable ASCII, the only characters that PFS stores"
    return ""


def literal(path: str) -> str:
    """Normalise a path to write to: of a file, or of a directory to write files into.

    :raises InvalidRequest: also for characters that servers would read as a pattern.
    """
    clean = normalise(path)
    for character in clean:
        if character in GLOB_CHARACTERS:
            raise InvalidRequest(f"path {path!r}: {character!r} is a pattern character, which no file name can have")
    return clean


def exact(path: str) -> str:
    """Normalise the path of a file or directory that is there, by whatever name: pipelines write more than puts may.

    :raises InvalidRequest: also for what cannot be sent.
    """
    clean = normalise(path)
    if not clean.isascii():
        _check_text(path)
    return clean


def not_empty(path: str) -> str:
    """Give a path that takes away what is in its place.

    :raises InvalidRequest: if it is empty, as one that was not filled in is; of all that there is, it is ``/``.
    """
    if path == "":
        raise InvalidRequest("the path is empty: write '/' for all that is in the commit")
    return path


def _check_text(path: str) -> None:
    try:
        path.encode()
    except UnicodeEncodeError as error:
        raise InvalidRequest(f"path {path!r} cannot be encoded as UTF-8: {error.reason}") from error


def exacts(paths: str | Iterable[str]) -> list[str]:
    """Normalise one path or several of what is there.

    :raises InvalidRequest: also for what is neither a str nor an iterable of them.
    """
    if isinstance(paths, str):
        return [exact(paths)]
    if not isinstance(paths, Iterable):
        raise InvalidRequest(f"paths must be a str or an iterable of str, not {type(paths).__name__}")
    return [exact(path) for path in paths]


def literal_root(pattern: str) -> str:
    """Give the directory in which all matches of a pattern are, as far as its text says."""
    literal = "".join(takewhile(lambda character: character not in _MARKS, pattern))
    segments = [segment for segment in literal.split("/")[:-1] if segment]
    return "/" + "/".join(segments)


def below(path: str, root: str) -> str:
    """Name ``path`` relative to the directory ``root``; both normalised. The directory itself gives ``""``."""
    prefix = root if root.endswith("/") else root + "/"
    return path[len(prefix) :] if path.startswith(prefix) else ""


def is_below(path: str, root: str) -> bool:
    """Whether ``path`` is in the directory ``root`` at any depth; both normalised. The directory itself is not."""
    return below(path, root) != ""


def with_parents(path: str) -> Iterator[str]:
    """Give a normalised path and the directories that it is in, up to the root."""
    while path != "/":
        yield path
        path = dirname(path)
    yield path


def join(directory: str, name: str) -> str:
    """Put ``name`` below a normalised directory."""
    return f"{directory.rstrip('/')}/{name}"


def sort_key(path: str) -> str:
    """Give what normalised paths are compared by."""
    return path.replace("/", "\0")


class PathOrder(Generic[T]):
    """Brings what a 2.x server lists into order while it comes.

    What has to be held back: after ``/part-1``, the directory ``/part`` may still come and would be before it. So names
    that share what is in front of a ``-``, a ``.`` or another character before the slash are held until that prefix is
    over; others are passed on at once.

    :param path: gives the path of an item.
    :param root: the directory that everything is in; it may hold nothing back by its own name.
    """

    def __init__(self, path: Callable[[T], str], root: str = "/") -> None:
        self._path = path
        self._root = root.rstrip("/")
        self._held: list[tuple[str, int, T]] = []
        self._count = 0

    def feed(self, items: Iterable[T]) -> Iterator[T]:
        """Take items as they come; give those that nothing can come before any more."""
        for item in items:
            path = self._path(item)
            self._count += 1
            heappush(self._held, (sort_key(path), self._count, item))
            yield from self._until(self._earliest_after(path))

    def rest(self) -> Iterator[T]:
        """Give what is left at the end."""
        while self._held:
            yield heappop(self._held)[2]

    def _until(self, key: str) -> Iterator[T]:
        while self._held and self._held[0][0] <= key:
            yield heappop(self._held)[2]

    def _earliest_after(self, path: str) -> str:
        """Give the first key that may still come after ``path`` in the server's order."""
        open_prefix = _BEFORE_SLASH.search(path, len(self._root) + 1)
        return sort_key(path[: open_prefix.start()] if open_prefix else path)
