"""The files of a commit: a mutable tree while changes are folded, an index of it for reading."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from airflow_provider_pachyderm.devserver.engine.errors import EngineError
from airflow_provider_pachyderm.devserver.engine.model import Change, Delete, File, Put, PutSplit
from airflow_provider_pachyderm.devserver.engine.splits import file_name, number_of
from airflow_provider_pachyderm.devserver.engine.texts import TextsV1, refused

Key = tuple[str, str]
"""Path and datum."""


def ancestors(path: str) -> Iterator[str]:
    """Directories above a path, nearest first, without the root."""
    while (path := path.rpartition("/")[0]) != "":
        yield path


class Tree:
    """Files by path and datum, changed one change at a time; it notes what was touched, and what of that was deleted.

    :param files: what to start from; not copied.
    :param texts: refuse path collisions where they happen, in these words (1.x); None: leave them for
        :meth:`Index.collision`.
    :param whole_delete: deleting a path deletes whatever is there, else only a file, or a tree if it ends in a slash.
    :param root_deletable: everything can be deleted at once.
    :param keep_directories: a directory outlives the last file in it, as a key that ends in a slash.
    """

    def __init__(
        self,
        files: dict[Key, File],
        texts: TextsV1 | None,
        whole_delete: bool,
        keep_directories: bool,
        root_deletable: bool = True,
    ) -> None:
        self.files = files
        self.touched: set[Key] = set()
        self.deleted: set[Key] = set()
        self._texts = texts
        self._whole_delete = whole_delete
        self._keep_directories = keep_directories
        self._root_deletable = root_deletable
        self._directories: Counter[str] | None = None

    def apply(self, change: Change) -> None:
        """Apply one change."""
        if isinstance(change, Put):
            self._put(change)
        elif isinstance(change, PutSplit):
            self._split(change)
        else:
            self._delete(change)

    def _put(self, change: Put) -> None:
        old = self.files.get((change.path, change.datum), File())
        kept = old.pieces if change.overwrite is None else old.pieces[: change.overwrite]
        self._set((change.path, change.datum), replace(old, pieces=kept + change.pieces))

    def _split(self, change: PutSplit) -> None:
        if change.shared:
            self._share(change)
            if not change.pieces:
                self._set((change.path + "/", ""), File())
        number = self._next_number(change.path)
        for offset, piece in enumerate(change.pieces):
            self._set((file_name(change.path, number + offset), ""), File((piece,), change.shared))

    def _share(self, change: PutSplit) -> None:
        """A directory has one thing that its files share."""
        for (path, datum), file in list(self.files.items()):
            if file.shared and path.rpartition("/")[0] == change.path:
                self._set((path, datum), replace(file, shared=change.shared))

    def _next_number(self, path: str) -> int:
        names = (key[0][len(path) + 1 :] for key in self.files if key[0].startswith(path + "/"))
        numbers = (number_of(name) for name in names)
        return max((number for number in numbers if number is not None), default=-1) + 1

    def _set(self, key: Key, file: File) -> None:
        if key not in self.files:
            if self._texts is not None:
                self._check(key[0], self._texts)
            self._count(key[0], 1)
        self.files[key] = file
        self.touched.add(key)

    def _check(self, path: str, texts: TextsV1) -> None:
        if path == "/":
            raise texts.file_over_directory("")
        if path in self._counted():
            raise texts.file_over_directory(path)
        for above in ancestors(path):
            if (above, "") in self.files:
                raise texts.file_below_file(path, above)

    def _delete(self, change: Delete) -> None:
        if change.path == "/" and not self._root_deletable:
            raise refused('delete discovered orphaned file ""')
        before = len(self.files)
        self._remove(change)
        directory = change.path.rstrip("/").rpartition("/")[0]
        if self._keep_directories and directory and len(self.files) < before and directory not in self._counted():
            self._set((directory + "/", ""), File())

    def _remove(self, change: Delete) -> None:
        path = change.path.rstrip("/")
        if self._whole_delete or not change.path.endswith("/"):
            self._pop((path, change.datum))
        if (self._whole_delete or change.path.endswith("/")) and (not path or path in self._counted()):
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
    """

    path: str
    is_dir: bool
    size: int
    hash: bytes
    datum: str = ""
    file: File | None = None


class Index:
    """A tree in order: every file, and the directories that follow from them.

    :param slashes: directories sort as if their names ended in a slash (2.x), else before all that is below them.
    """

    def __init__(self, files: dict[Key, File], slashes: bool) -> None:
        self._order: Callable[[str, bool], str] = _with_slash if slashes else _by_segment
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
        below: dict[str, set[str]] = {"/": set()}
        for path, group in groupby(sorted(self.files), key=lambda key: key[0]):
            if path.endswith("/"):
                self._keep(path.rstrip("/"), below)
            else:
                self.nodes[path] = [_file_node(key, self.files[key]) for key in group]
                self._link(path, below)
        for directory in sorted(below, key=lambda path: path.count("/") if path != "/" else 0, reverse=True):
            self._close(directory, below)

    def _link(self, path: str, below: dict[str, set[str]]) -> None:
        child = path
        for above in (*ancestors(path), "/"):
            known = above in below
            below.setdefault(above, set()).add(child)
            if known and above != "/":
                return
            child = above

    def _keep(self, directory: str, below: dict[str, set[str]]) -> None:
        """A directory that is there whatever is in it."""
        if directory:
            self._link(directory, below)
            below.setdefault(directory, set())

    def _close(self, directory: str, below: dict[str, set[str]]) -> None:
        """Know a directory once all below it is known."""
        found = below[directory]
        self.children[directory] = sorted(found, key=lambda path: self._order(path, path in below))
        inner = [node for path in self.children[directory] for node in self.nodes[path]]
        digest = hashlib.blake2b(b"".join(node.hash for node in inner), digest_size=32).digest()
        # 2.x takes content put at the root, but shows only its datum
        datum = next((datum for path, datum in self.files if path == "/"), "") if directory == "/" else ""
        node = Node(directory, True, _total(inner), digest, datum)
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


def _total(nodes: Iterable[Node]) -> int:
    """The size of a directory; what its files share counts once."""
    nodes = list(nodes)
    shared = {node.file.shared for node in nodes if node.file is not None}
    own = (node.file.size if node.file is not None else node.size for node in nodes)
    return sum(own) + sum(one.size for one in shared)


def total_size(files: dict[Key, File]) -> int:
    """Bytes of all files of a commit; what is shared in a directory counts once."""
    shared = {(path.rpartition("/")[0], file.shared) for (path, _), file in files.items() if file.shared}
    return sum(file.size for file in files.values()) + sum(one.size for _, one in shared)


def _file_node(key: Key, file: File) -> Node:
    digest = hashlib.blake2b("".join(piece.hash for piece in file.pieces).encode(), digest_size=32).digest()
    return Node(key[0], False, file.size + file.shared.size, digest, key[1], file)


def _with_slash(path: str, is_dir: bool) -> str:
    return path + "/" if is_dir else path


def _by_segment(path: str, is_dir: bool) -> str:
    return path.replace("/", "\0")
