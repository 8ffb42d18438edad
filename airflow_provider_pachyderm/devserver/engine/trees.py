"""The files of a commit: a mutable tree while changes are folded, an index of it for reading."""

from __future__ import annotations

import hashlib
import posixpath
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from airflow_provider_pachyderm.devserver.engine.errors import EngineError
from airflow_provider_pachyderm.devserver.engine.model import NOTHING_SHARED, Change, Delete, File, Put, Shared
from airflow_provider_pachyderm.devserver.engine.texts import refused

Key = tuple[str, str]
"""Path and datum."""


def ancestors(path: str) -> Iterator[str]:
    """Directories above a path, nearest first, without the root."""
    while (path := path.rpartition("/")[0]) != "":
        yield path


class Tree:
    """Files of 2.x by path and datum, changed one change at a time; it notes what was touched, and what was deleted.

    Path collisions are left for :meth:`Index.collision`.

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
        kept = () if old is None or change.overwrite is not None else old.pieces
        self.files[key] = File(kept + change.pieces)
        self.touched.add(key)

    def _delete(self, change: Delete) -> None:
        path = change.path.rstrip("/")
        if not change.path.endswith("/"):
            self._pop((path, change.datum))
        elif not path or path in self._counted():
            for key in [key for key in self.files if key[0].startswith(path + "/")]:
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
    shared: Shared = NOTHING_SHARED


class Index:
    """A tree in order.

    :param slashes: 2.x: directories follow from the files, and sort as if their names ended in a slash. Else 1.x: they
        are entries of their own, and sort before all that is below them.
    """

    def __init__(self, files: dict[Key, File], slashes: bool) -> None:
        self._order: Callable[[str, bool], str] = _with_slash if slashes else by_segment
        self._slashes = slashes
        self.files = files
        self.nodes: dict[str, list[Node]] = {}
        self.children: dict[str, list[str]] = {}
        self._by_datum: dict[str, Index] = {}
        self._build()

    def of_datum(self, datum: str) -> Index:
        """The same, with nothing but the files of a datum and their directories; empty means all."""
        if not datum:
            return self
        if datum not in self._by_datum:
            files = {key: file for key, file in self.files.items() if key[1] == datum}
            self._by_datum[datum] = Index(files, self._slashes)
        return self._by_datum[datum]

    def _build(self) -> None:
        for path, group in groupby(sorted(self.files), key=lambda key: key[0]):
            if not path.endswith("/"):
                self.nodes[path] = [_file_node(key, self.files[key]) for key in group]
        below = self._below_implied() if self._slashes else self._below_entries()
        for directory in sorted(below, key=lambda path: path.count("/") if path != "/" else 0, reverse=True):
            self._close(directory, below)

    def _below_implied(self) -> dict[str, set[str]]:
        """What is in the directories of 2.x, which follow from the files."""
        below: dict[str, set[str]] = {"/": set()}
        for path in self.nodes:
            self._link(path, below)
        return below

    def _link(self, path: str, below: dict[str, set[str]]) -> None:
        child = path
        for above in (*ancestors(path), "/"):
            known = above in below
            below.setdefault(above, set()).add(child)
            if known and above != "/":
                return
            child = above

    def _below_entries(self) -> dict[str, set[str]]:
        """What is in the directories of 1.x; what has lost its own is in the nearest one above."""
        below: dict[str, set[str]] = {path_of(key): set() for key in self.files if key[0].endswith("/")}
        below.setdefault("/", set())
        for path in {*self.nodes, *below} - {"/"}:
            below[next(above for above in (*ancestors(path), "/") if above in below)].add(path)
        return below

    def _close(self, directory: str, below: dict[str, set[str]]) -> None:
        """Know a directory once all below it is known."""
        found = below[directory]
        self.children[directory] = sorted(found, key=lambda path: self._order(path, path in below))
        inner = [node for path in self.children[directory] for node in self.nodes[path]]
        # names count: a directory of the same contents under other names differs
        digest = hashlib.blake2b(b"".join(map(_named, inner)), digest_size=32).digest()
        # 2.x takes content put at the root, but shows only its datum
        datum = next((datum for path, datum in self.files if path == "/"), "") if directory == "/" else ""
        entry = File() if self._slashes else self.files.get((directory.rstrip("/") + "/", ""), File())
        counted = (node.size - _shared_size(node) for node in inner if posixpath.dirname(node.path) == directory)
        node = Node(directory, True, sum(counted) + entry.drift, digest, datum, shared=entry.shared)
        self.nodes.setdefault(directory, []).append(node)

    def at(self, path: str) -> Sequence[Node]:
        """What is at a path; 2.x has no root where there are no files."""
        if self._slashes and path == "/" and not self.children[path]:
            return ()
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

    def collision(self) -> EngineError | None:
        """The first path that two things want to be, in the words of 2.x."""
        for path in sorted(self.nodes):
            found = self.clash(path)
            if found is not None:
                return found
        return None

    def clash(self, path: str) -> EngineError | None:
        """What is wrong with a path, if anything is."""
        nodes = self.nodes[path]
        if len(nodes) == 1:
            return None
        if nodes[-1].is_dir:
            first = next(node.path for node in self._files_below(path))
            return refused(f"file / directory path collision ({first})")
        one, other = nodes[:2]
        sources = f"({path} from {one.datum} and {path} from {other.datum})"
        return refused(f"duplicate path output by different datums {sources}")

    def _files_below(self, path: str) -> Iterator[Node]:
        return (node for child in self.children[path] for node in self.walk(child) if not node.is_dir)


def _named(node: Node) -> bytes:
    return b"%s\0%s" % (posixpath.basename(node.path).encode(errors="surrogateescape"), node.hash)


def _shared_size(node: Node) -> int:
    """Bytes that a file tells, but that its directory counts only once."""
    return 0 if node.file is None else node.file.shared.size


def _file_node(key: Key, file: File) -> Node:
    digest = hashlib.blake2b("".join(piece.hash for piece in file.pieces).encode(), digest_size=32).digest()
    return Node(key[0], False, file.size + file.shared.size, digest, key[1], file)


def _with_slash(path: str, is_dir: bool) -> str:
    return path + "/" if is_dir else path


def by_segment(path: str, is_dir: bool = False) -> str:
    """Sorts directories before all that is below them."""
    return path.replace("/", "\0")


def path_of(key: Key) -> str:
    """The path of an entry; those of directories end in a slash."""
    return key[0].rstrip("/") or "/"
