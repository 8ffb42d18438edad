"""One order for all listings: by path, segment by segment, so that a directory comes right before what is in it.

1.x servers list in this order. 2.x servers go by the bytes of the path with a slash behind directories: there
``/a.txt`` comes before ``/a/`` and ``/a/1``, as ``.`` is before ``/``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from heapq import heappop, heappush
from typing import Generic, TypeVar

T = TypeVar("T")

# what is before the slash in ASCII, elsewhere than at the start of a segment
_BEFORE_SLASH = re.compile(r"(?<=[^/])[ -.]")


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
