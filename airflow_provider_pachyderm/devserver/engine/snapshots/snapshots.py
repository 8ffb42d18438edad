"""From commits to files: the snapshot below plus changes, applied when read and stored when finished."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from airflow_provider_pachyderm.devserver.engine.commits.rules import FINISH_IN_BACKGROUND, OPEN_BASE_READABLE
from airflow_provider_pachyderm.devserver.engine.core import Core
from airflow_provider_pachyderm.devserver.engine.errors import refused
from airflow_provider_pachyderm.devserver.engine.files.rules import DELETE_NEEDS_SLASH, KEEPS_CHANGES
from airflow_provider_pachyderm.devserver.engine.model import Change, Delete, File, Put
from airflow_provider_pachyderm.devserver.engine.snapshots.encoding import DELETE, dump_change, load_change
from airflow_provider_pachyderm.devserver.engine.snapshots.entries import Entries
from airflow_provider_pachyderm.devserver.engine.snapshots.hash_trees import HashTree
from airflow_provider_pachyderm.devserver.engine.snapshots.layers import EMPTY, Layers
from airflow_provider_pachyderm.devserver.engine.snapshots.open_tree import OpenTree
from airflow_provider_pachyderm.devserver.engine.snapshots.put_records import Records
from airflow_provider_pachyderm.devserver.engine.snapshots.rules import KEPT_CHANGES
from airflow_provider_pachyderm.devserver.engine.snapshots.trees import Index, Key, Tree
from airflow_provider_pachyderm.devserver.engine.store.lookups import Lookups
from airflow_provider_pachyderm.devserver.engine.store.rows import ChangeRow, CommitRow

_KEPT = 8  # open trees and indexes in memory
_K = TypeVar("_K")
_V = TypeVar("_V")


@dataclass
class _OpenCommit:
    """An open commit's tree, up to a change."""

    tree: Tree | OpenTree
    base: str
    first: int | None
    change: int = 0

    def key(self, row: CommitRow) -> tuple[str, int]:
        """What the index of the commit is kept under."""
        return f"open {row.num} {self.base}", self.change


class Snapshots:
    """Files of commits, open or finished."""

    def __init__(self, core: Core, lookups: Lookups, layers: Layers) -> None:
        self._core = core
        self._store = core.store
        self._lookups = lookups
        self._layers = layers
        self._open: OrderedDict[int, _OpenCommit] = OrderedDict()
        self._indexes: OrderedDict[tuple[str, int], Index | Entries] = OrderedDict()

    def forget(self) -> None:
        """Keep nothing in memory."""
        self._open.clear()
        self._indexes.clear()

    def index(self, row: CommitRow) -> Index | Entries:
        """The files of a commit in order, as its world has it."""
        layer = row.layer
        if layer is not None:
            return self._indexed((layer, 0), lambda: self._layers.load(layer))
        opened = self._opened(row)
        return self._indexed(opened.key(row), lambda: dict(opened.tree.files))

    def index_seen_from(self, row: CommitRow, path: str) -> Index | Entries:
        """The files of a commit as a reader of a path finds them, who in 1.x does not look at all of an open one."""
        if row.layer is None and isinstance(tree := self._opened(row).tree, OpenTree):
            seen = tree.seen_from(path)
            if seen is not None:
                return Index(seen)
        return self.index(row)

    def index_of(self, name: str, changes: Callable[[], Iterable[Change]]) -> Index | Entries:
        """The files that changes make of nothing, in order.

        :param name: what they are kept under, as these changes stay as they are.
        """
        return self._indexed((name, 0), lambda: self.build(changes()).files)

    def build(self, changes: Iterable[Change]) -> Tree:
        """What changes make of nothing."""
        tree = Tree({})
        for change in changes:
            tree.apply(change)
        return tree

    def delta(self, row: CommitRow) -> list[Change]:
        """What a commit changed, open or not."""
        opened = self._opened(row)
        assert isinstance(opened.tree, Tree)  # asked for in 2.x only
        return difference(opened.tree, self._layers.load(opened.base))

    def layered(self, row: CommitRow) -> list[list[Change]]:
        """The changes that make the files of a commit: those of an open one follow those of what it grows from."""
        if row.layer is not None:
            return [self._snapshot(row.num, row.layer)]
        return [self._snapshot(row.parent, self.base(row)), self.delta(row)]

    def _snapshot(self, num: int | None, layer: str) -> list[Change]:
        puts = [Put(path, file.pieces, datum) for (path, datum), file in sorted(self._layers.load(layer).items())]
        return [*(Delete(*key) for key in sorted(self._deleted(num))), *puts]

    def _deleted(self, num: int | None) -> set[Key]:
        """What was deleted in a commit or before it: 2.x does not forget it when it snapshots what is left."""
        sql = (
            "WITH RECURSIVE line (num) AS (SELECT ? UNION SELECT c.parent FROM commits c JOIN line USING (num)) "
            "SELECT commit_num AS num, kind, change FROM line JOIN changes ON commit_num = line.num "
            f"JOIN commits c ON c.num = commit_num WHERE c.error = '' AND kind = '{DELETE}' ORDER BY changes.num"
        )
        deletes = [(row.num, load_change(row)) for row in self._store.all(ChangeRow, sql, num)]
        # which files a directory had, its commit alone knows
        whole = {num for num, change in deletes if change.path.endswith("/")}
        changes = [change for _, change in deletes]
        changes += (change for num in whole for change in self.delta(self._lookups.commit(num)))
        return {
            (change.path, change.datum)
            for change in changes
            if isinstance(change, Delete) and not change.path.endswith("/")
        }

    def _indexed(self, key: tuple[str, int], files: Callable[[], dict[Key, File]]) -> Index | Entries:
        if key not in self._indexes:
            self._indexes[key] = (Entries if self._core.profile[DELETE_NEEDS_SLASH] else Index)(files())
        return _recent(self._indexes, key)

    def change(self, row: CommitRow, changes: Iterable[Change]) -> None:
        """Write changes to a commit."""
        rows = [(row.num, *dump_change(change)) for change in changes]
        self._store.many("INSERT INTO changes (commit_num, kind, change) VALUES (?, ?, ?)", rows)

    def change_at_once(self, row: CommitRow, changes: Sequence[Change]) -> CommitRow:
        """Write all there is to be in a new commit, which is finished then: 1.x does not join such changes.

        :returns: the row as it is now.
        """
        self.change(row, changes)
        if self._core.profile[DELETE_NEEDS_SLASH]:
            return row
        base = self.base(row)
        # so that it stays the base, also when the commit is finished
        self._store.run("UPDATE commits SET base_layer = ? WHERE num = ?", base, row.num)
        tree = self._tree(base)
        if isinstance(tree, OpenTree):
            tree.apply_at_once(changes)
            numbers = [num for num, _ in self._changes(row, 0)]
            self._open[row.num] = _OpenCommit(tree, base, min(numbers, default=None), max(numbers, default=0))
        return self._lookups.commit(row.num)

    def _opened(self, row: CommitRow, finishing: bool = False) -> _OpenCommit:
        base = self.base(row, finishing)
        known = self._open.pop(row.num, None)
        # ClearCommit forgets changes, after which the first one is another
        first = self._store.value(int, "SELECT min(num) FROM changes WHERE commit_num = ?", row.num)
        if known is None or (known.base, known.first) != (base, first):
            known = _OpenCommit(self._tree(base), base, first)
        for num, change in self._changes(row, known.change):
            known.tree.apply(change)
            known.change = num
        self._open[row.num] = known
        return _recent(self._open, row.num)

    def _changes(self, row: CommitRow, after: int) -> list[tuple[int, Change]]:
        sql = "SELECT num, kind, change FROM changes WHERE commit_num = ? AND num > ? ORDER BY num"
        return [(one.num, load_change(one)) for one in self._store.all(ChangeRow, sql, row.num, after)]

    def _tree(self, base: str) -> Tree | OpenTree:
        profile = self._core.profile
        if profile.world == "v2":
            return Tree(dict(self._layers.load(base)))
        return OpenTree(self._layers.load(base), Records(profile[KEPT_CHANGES]), lambda files: HashTree(files, profile))

    def base(self, row: CommitRow, finishing: bool = False) -> str:
        """The snapshot that an open commit grows from: its nearest good ancestor's.

        :param finishing: in 1.x a commit that was finished as empty hands down nothing while its child is open, and
            what it grew from when that is finished.
        """
        if row.base_layer is not None:
            return row.base_layer
        parent = self._lookups.commit_by_num(row.parent)
        return EMPTY if parent is None else self.inherited(parent, row, finishing)

    def inherited(self, parent: CommitRow, child: CommitRow, finishing: bool = False) -> str:
        """The snapshot that children of a commit grow from; a failed one hands down its own base."""
        if parent.finished is None and self._core.profile[FINISH_IN_BACKGROUND]:
            if self._core.profile[OPEN_BASE_READABLE]:
                return self._draft(parent)
            name, of = (self._core.words.commit(self._lookups.commit_key(one)) for one in (parent, child))
            raise refused(f"base commit {name} for commit {of} unfinished")
        skipped = parent.error and (finishing or self._core.profile[DELETE_NEEDS_SLASH])
        if parent.layer is None or skipped:
            return self.base(parent, finishing)
        return parent.layer

    def _draft(self, row: CommitRow) -> str:
        """A snapshot of a commit as it is now; it goes when the server starts the next time."""
        opened = self._opened(row)
        return self._layers.save(opened.base, opened.tree.files, opened.tree.touched)

    def added_size(self, row: CommitRow) -> int:
        """Bytes of the files that an open commit adds or changes, however little (1.x)."""
        opened = self._opened(row, finishing=True)
        before, now = self._layers.load(opened.base), opened.tree.files
        changed = (key for key in opened.tree.touched if key in now and _is_file(key))
        return sum(now[key].size for key in changed if key not in before or before[key].pieces != now[key].pieces)

    def store(self, row: CommitRow) -> int:
        """Store the snapshot of a commit that is being finished; the bytes of all its files."""
        opened = self._opened(row, finishing=True)
        layer = self._layers.save(opened.base, opened.tree.files, opened.tree.touched)
        self._store.run("UPDATE commits SET layer = ? WHERE num = ?", layer, row.num)
        if not self._core.profile[KEEPS_CHANGES]:
            self._store.run("DELETE FROM changes WHERE commit_num = ?", row.num)
        self._open.pop(row.num, None)
        # what was made of the open commit serves the finished one
        self._layers.keep(layer, opened.tree.files)
        index = self._indexes.pop(opened.key(row), None)
        if index is not None:
            self._indexes[layer, 0] = index
        return opened.tree.size


def _is_file(key: Key) -> bool:
    return not key[0].endswith("/")


def difference(tree: Tree, base: Mapping[Key, File]) -> list[Change]:
    """The changes that make a tree of what it was made of: files are deleted first, then put.

    :param base: what the tree was made of.
    """
    # to delete the path of the root would be to delete everything
    changes: list[Change] = [Delete(*key) for key in sorted(tree.deleted) if key[0] != "/"]
    for key in sorted(tree.touched & tree.files.keys()):
        kept = 0 if key in tree.deleted or key not in base else len(base[key].pieces)
        changes.append(Put(key[0], tree.files[key].pieces[kept:], key[1]))
    return changes


def _recent(cache: OrderedDict[_K, _V], key: _K) -> _V:
    """An entry, made the youngest; the oldest go."""
    cache.move_to_end(key)
    while len(cache) > _KEPT:
        cache.popitem(last=False)
    return cache[key]
