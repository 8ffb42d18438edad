"""An open commit of 1.x, as a tree that is made anew whenever its records do not simply follow one another."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from airflow_provider_pachyderm.devserver.engine.model import Change, File
from airflow_provider_pachyderm.devserver.engine.snapshots.hash_trees import HashTree
from airflow_provider_pachyderm.devserver.engine.snapshots.put_records import Record, Records, record_of
from airflow_provider_pachyderm.devserver.engine.snapshots.trees import Key

NewTree = Callable[[dict[Key, File]], HashTree]


class OpenTree:
    """The files that records make of what a commit grows from.

    :param base: the files that it grows from; not changed.
    :param new_tree: makes a tree of files, which it may change.
    """

    def __init__(self, base: Mapping[Key, File], records: Records, new_tree: NewTree) -> None:
        self._base = base
        self._records = records
        self._new_tree = new_tree
        self._waiting: list[Record] = []
        self._tree: HashTree | None = None

    def apply(self, change: Change) -> None:
        """Take one more change; what it does to others shows in the files."""
        record = record_of(change)
        if self._records.add(record):
            self._waiting.append(record)
        else:
            self._tree = None

    def apply_at_once(self, changes: Iterable[Change]) -> None:
        """Take changes that are not joined with one another."""
        self._records.add_apart(map(record_of, changes))
        self._tree = None

    @property
    def files(self) -> dict[Key, File]:
        """The files as they are now; refused if the records do not fit together."""
        return self._now().files

    @property
    def touched(self) -> set[Key]:
        """Where the files differ from what the commit grows from."""
        return self._now().touched

    @property
    def size(self) -> int:
        """What counts as the size of all files."""
        return self._now().size

    def seen_from(self, path: str) -> dict[Key, File] | None:
        """The files as a reader of a path sees them, if not as all do."""
        records = self._records.seen_from(path)
        return None if records is None else self._made_of(records).files

    def _now(self) -> HashTree:
        if self._tree is None:
            self._waiting.clear()
            self._tree = self._made_of(self._records.in_order())
        tree, self._tree = self._tree, None  # of no use if what waits does not fit
        for record in self._waiting:
            tree.apply(record)
        self._waiting.clear()
        self._tree = tree
        return tree

    def _made_of(self, records: Iterable[Record]) -> HashTree:
        tree = self._new_tree(dict(self._base))
        for record in records:
            tree.apply(record)
        return tree
