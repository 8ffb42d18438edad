"""The files of a commit: a mutable tree to which changes are applied, an index of it for reading."""

from __future__ import annotations

import hashlib
import posixpath
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from airflow_provider_pachyderm.devserver.engine.model import NO_HEADER_FOOTER, Change, Delete, File, HeaderFooter, Put
from airflow_provider_pachyderm.devserver.engine.store.blobs import Blob

Key = tuple[str, str]
"""Path and datum."""


def ancestors(path: str) -> Iterator[str]:
    """Directories above a path, nearest first, without the root."""
    while (path := path.rpartition("/")[0]) != "":
        yield path


class Tree:
    """Files of 2.x by path and datum, changed one change at a time; it notes what was touched, and what was deleted.

    Path collisions are left for the finisher.

    :param files: what to start from; not copied.
    """

    def __init__(self, files: dict[Key, File]) -> None:
        self.files = files
        self.touched: set[Key] = set()
        self.deleted: set[Key] = set()
        self._directories: Counter[str] | None = None

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(file.size for file in self.files.values())

    def apply(self, change: Change) -> None:
        """Apply one change; there are no splits in 2.x."""
        if isinstance(change, Put):
            self._put(change)
        elif isinstance(change, Delete):
            self._delete(change)

    def _put(self, change: Put) -> None:
        key = (change.path, change.datum)
        old = self.files.get(key)
        if old is None:
            self._count(change.path, 1)
        contents: list[tuple[Blob, ...]] = []
        if old is not None and change.overwrite is None:
            contents += [old.pieces, *old.beside]
        contents += [()] * (change.beside + 1 - len(contents))
        contents[change.beside] += change.pieces
        self.files[key] = File(contents[0], beside=tuple(contents[1:]))
        self.touched.add(key)

    def _delete(self, change: Delete) -> None:
        path = change.path.rstrip("/")
        if not change.path.endswith("/"):
            self._pop((path, change.datum))
        elif not path or path in self._counted():
            for key in [key for key in self.files if key[0].startswith(path + "/") and key[1] == change.datum]:
                self._pop(key)

    def _pop(self, key: Key) -> None:
        self.deleted.add(key)
        if self.files.pop(key, None) is not None:
            self._count(key[0], -1)
            self.touched.add(key)

    def _counted(self) -> Counter[str]:
        """How many files are below each directory; counted when first needed."""
        if self._directories is None:
            self._directories = Counter(above for path, _ in self.files for above in ancestors(path))
        return self._directories

    def _count(self, path: str, step: int) -> None:
        if self._directories is not None:
            for above in ancestors(path):
                self._directories[above] += step
                if not self._directories[above]:
                    del self._directories[above]


@dataclass(frozen=True)
class Node:
    """A file (one a datum) or directory.

    :param path: without trailing slash; the root is ``/``.
    :param shared: what files of a directory share (1.x).
    """

    path: str
    is_dir: bool
    size: int
    hash: bytes
    datum: str = ""
    file: File | None = None
    shared: HeaderFooter = NO_HEADER_FOOTER

    @property
    def name(self) -> str:
        """The path as 2.x sorts it, that of a directory with a slash behind it."""
        return f"{self.path}/" if self.is_dir and self.path != "/" else self.path


class Index:
    """A tree of 1.x in order: directories are entries of their own, and sort before all that is below them."""

    def __init__(self, files: dict[Key, File]) -> None:
        self.files = files
        self.nodes: dict[str, list[Node]] = {}
        self.children: dict[str, list[str]] = {}
        self._build()

    def _build(self) -> None:
        for path, group in groupby(sorted(self.files), key=lambda key: key[0]):
            if not path.endswith("/"):
                self.nodes[path] = [_file_node(key, self.files[key]) for key in group]
        below = self._below()
        for directory in sorted(below, key=lambda path: path.count("/") if path != "/" else 0, reverse=True):
            self._close(directory, below)

    def _below(self) -> dict[str, set[str]]:
        """What is in the directories; what has lost its own is in the nearest one above."""
        below: dict[str, set[str]] = {path_of(key): set() for key in self.files if key[0].endswith("/")}
        below.setdefault("/", set())
        for path in {*self.nodes, *below} - {"/"}:
            below[next(above for above in (*ancestors(path), "/") if above in below)].add(path)
        return below

    def _close(self, directory: str, below: dict[str, set[str]]) -> None:
        """Know a directory once all below it is known."""
        found = below[directory]
        self.children[directory] = sorted(found, key=by_segment)
        inner = [node for path in self.children[directory] for node in self.nodes[path]]
        # names count: a directory of the same contents under other names differs
        digest = hashlib.blake2b(b"".join(map(_named, inner)), digest_size=32).digest()
        entry = self.files.get((directory.rstrip("/") + "/", ""), File())
        counted = (node.size - _shared_size(node) for node in inner if posixpath.dirname(node.path) == directory)
        node = Node(directory, True, sum(counted) + entry.drift, digest, shared=entry.shared)
        self.nodes.setdefault(directory, []).append(node)

    def at(self, path: str) -> Sequence[Node]:
        """What is at a path."""
        return self.nodes.get(path, ())

    def starting(self, start: str) -> Iterator[Node]:
        """Everything below the root whose path begins with some text, in order."""
        for child in self.children.get(start.rpartition("/")[0] or "/", ()):
            if child.startswith(start):
                yield from self.walk(child)

    def walk(self, path: str) -> Iterator[Node]:
        """A node and all below it, in order."""
        for node in self.at(path):
            yield node
            if node.is_dir:
                for child in self.children[path]:
                    yield from self.walk(child)

    def below(self, path: str) -> Iterator[Node]:
        """What is directly in a directory."""
        for child in self.children.get(path, ()):
            yield from self.nodes[child]


def _named(node: Node) -> bytes:
    return b"%s\0%s" % (posixpath.basename(node.path).encode(errors="surrogateescape"), node.hash)


def _shared_size(node: Node) -> int:
    """Bytes that a file tells, but that its directory counts only once."""
    return 0 if node.file is None else node.file.shared.size


def _file_node(key: Key, file: File) -> Node:
    digest = hashlib.sha256("".join(object.hash for object in file.objects).encode()).digest()
    return Node(key[0], False, file.size + file.shared.size, digest, key[1], file)


def by_segment(path: str) -> str:
    """Sorts directories before all that is below them."""
    return path.replace("/", "\0")


def path_of(key: Key) -> str:
    """The path of an entry; those of directories end in a slash."""
    return key[0].rstrip("/") or "/"
