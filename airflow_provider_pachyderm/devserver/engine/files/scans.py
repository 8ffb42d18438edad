"""Looking at the files of a commit as 2.x does: each call goes over a part of them in order and keeps some."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from airflow_provider_pachyderm.devserver.engine.core import Core
from airflow_provider_pachyderm.devserver.engine.errors import EngineError, refused
from airflow_provider_pachyderm.devserver.engine.files import globs
from airflow_provider_pachyderm.devserver.engine.files.paths import clean
from airflow_provider_pachyderm.devserver.engine.files.rules import (
    CLASH_UNREADABLE,
    NEGATIVE_REVERSE,
    PAGES_REPEAT_MARKER,
    RANGE_END,
    ROOT_COPIED,
)
from airflow_provider_pachyderm.devserver.engine.files.views import View
from airflow_provider_pachyderm.devserver.engine.model import CommitKey, FileInfo
from airflow_provider_pachyderm.devserver.engine.snapshots.entries import Entries, Span
from airflow_provider_pachyderm.devserver.engine.snapshots.trees import Node

_LONGEST_PAGE = 100_000


@dataclass(frozen=True)
class Range:
    """A range of paths.

    :param lower: the first of it.
    :param upper: the first behind it; empty: it has no end.
    """

    lower: str = ""
    upper: str = ""


@dataclass(frozen=True)
class Page:
    """Which part of a list is wanted.

    :param number: most entries; 0 or less: no limit.
    :param reverse: from the end.
    :param marker: the path behind which it begins; None: at the start.
    """

    number: int = 0
    reverse: bool = False
    marker: str | None = None

    def check(self) -> None:
        """Refuse what no list can be cut to."""
        if self.reverse and not self.number:
            raise refused("number must be > 0 when reverse is true")
        if self.number > _LONGEST_PAGE:
            raise refused(f"cannot return more than {_LONGEST_PAGE} files at a time")

    @property
    def range(self) -> Range | None:
        """The range of paths beyond the pagination marker."""
        if self.marker is None:
            return None
        return Range(upper=self.marker) if self.reverse else Range(lower=self.marker)


ALL = Page()


class ScanView(View):
    """The files of one commit of 2.x.

    :param entries: its files in order.
    """

    def __init__(
        self, core: Core, entries: Entries, commit: CommitKey, finished: int | None, named: str, datum: str = ""
    ) -> None:
        super().__init__(core, commit, finished, named)
        self._entries = entries.of_datum(datum)
        self._strict = core.profile[CLASH_UNREADABLE]
        self._end = core.profile[RANGE_END]

    def inspect(self, path: str) -> FileInfo:
        """InspectFile: of several things at a path the last one."""
        prefix = _without_root(path)
        found = None
        for node in self._tree(prefix, None):
            if node.name in (prefix, f"{prefix}/"):
                found = node
                if self._entries.clash is None:
                    break
        if found is None:
            raise self.missing(path)
        return self.info(found)

    def entries(self, path: str, page: Page = ALL) -> Iterator[FileInfo]:
        """ListFile: what is directly in a directory, or the file itself; nothing for a path that is not there."""
        page.check()
        name = clean(path)
        directory = name.rstrip("/") + "/"
        nodes = self._scan(name, page.range, beneath=directory)
        return self._page(page, (node for node in nodes if _is_listed(node, name, directory)))

    def walk(self, path: str, page: Page = ALL) -> Iterator[FileInfo]:
        """WalkFile: a path and all below it; refused if there is nothing, but for the whole commit from its start."""
        page.check()
        prefix = _without_root(path)
        nodes = self._tree(prefix, page.range)
        if prefix or page.reverse:
            nodes = _some(nodes, refused(f"commit/{self.commit.id} does not contain item: ({prefix})", "NOT_FOUND"))
        return self._page(page, nodes)

    def glob(self, pattern: str, within: Range | None = None) -> Iterator[FileInfo]:
        """GlobFile: all paths that match a pattern, in order."""
        matches = self._matcher(pattern)
        return (self.info(node) for node in self._globbed(pattern, within) if matches(node.path))

    def get(self, pattern: str, within: Range | None = None) -> Iterator[FileInfo]:
        """GetFile, GetFileTAR: what matches, directories with all below them; refused if that is nothing."""
        matches, directory = self._matcher(pattern), ""
        found = False
        for node in self._globbed(pattern, within):
            if directory and node.name.startswith(directory):
                yield self.info(node)
            elif matches(node.path):
                directory, found = node.name if node.is_dir else directory, True
                yield self.info(node)
        if not found:
            raise self.missing(pattern)

    def below(self, path: str) -> Iterator[FileInfo]:
        """All files below a path, or the file itself, in order, also where paths clash."""
        name = clean(path)
        directory = name.rstrip("/") + "/"
        if name == "/" and not self._core.profile[ROOT_COPIED]:
            return
        for node in self._entries.scan(Span(name), strict=False):
            if node.file is not None and (node.path == name or node.path.startswith(directory)):
                yield self.info(node)

    def tree(self, path: str) -> Iterator[FileInfo]:
        """What DiffFile compares: a path and all below it."""
        return map(self.info, self._tree(_without_root(path), None))

    def _matcher(self, pattern: str) -> Callable[[str], bool]:
        return globs.matcher(pattern, self._core.profile)

    def _globbed(self, pattern: str, within: Range | None) -> Iterator[Node]:
        return self._scan(globs.literal_start(pattern, self._core.profile), within)

    def _tree(self, prefix: str, within: Range | None) -> Iterator[Node]:
        below = f"{prefix}/"
        nodes = self._scan(prefix, within)
        return (node for node in nodes if node.name == prefix or node.name.startswith(below))

    def _scan(self, prefix: str, within: Range | None, beneath: str = "") -> Iterator[Node]:
        if within is None:
            return self._entries.scan(Span(prefix), strict=self._strict, beneath=beneath)
        span = Span(prefix, within.lower, within.upper, ranged=True, end=self._end)
        nodes = self._entries.scan(span, strict=self._strict, beneath=beneath)
        return (node for node in nodes if not within.upper or node.name < within.upper)

    def _page(self, page: Page, nodes: Iterable[Node]) -> Iterator[FileInfo]:
        if page.marker is not None and not self._core.profile[PAGES_REPEAT_MARKER]:
            marker = clean(page.marker)
            nodes = (node for node in nodes if node.path != marker)
        if page.reverse:
            if page.number < 0:
                raise self._core.refusal(NEGATIVE_REVERSE)
            nodes = reversed(deque(nodes, page.number))
        elif page.number > 0:
            nodes = islice(nodes, page.number)
        return map(self.info, nodes)


def _without_root(path: str) -> str:
    return clean(path).rstrip("/")


def _is_listed(node: Node, name: str, directory: str) -> bool:
    if node.name == directory or not (node.name == name or node.name.startswith(directory)):
        return False
    return "/" not in node.path[len(name) :].strip("/")


def _some(nodes: Iterator[Node], error: EngineError) -> Iterator[Node]:
    """Pass files on; refused if there is none."""
    first = next(nodes, None)
    if first is None:
        raise error
    yield first
    yield from nodes
