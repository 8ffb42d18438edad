"""What may be done to the files of a commit in one go: plain values, in the order in which they are to happen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

from airflow_provider_pachyderm.client._local.filters import Filter
from airflow_provider_pachyderm.client._local.names import BadNames
from airflow_provider_pachyderm.client._local.progress import FileTransfer
from airflow_provider_pachyderm.client._models import Commit, FileInfo
from airflow_provider_pachyderm.client._paths import is_below, with_parents


@dataclass(frozen=True, slots=True)
class Put:
    """Write a file.

    :param source: what it holds, as the client takes it; a path is one of a local file.
    :param transfer: counts its bytes, if somebody wants to know.
    """

    path: str
    source: Any
    append: bool = False
    transfer: FileTransfer | None = None


@dataclass(frozen=True, slots=True)
class PutFiles:
    """Write all files below a local directory."""

    directory: Path
    path: str
    append: bool = False
    wanted: Filter | None = None
    follow_links: bool = False
    bad_names: BadNames = "refuse"


@dataclass(frozen=True, slots=True)
class PutUrl:
    """Make the server fetch a file, or with ``recursive`` all objects whose names begin so."""

    path: str
    url: str = field(repr=False)  # it may be signed
    recursive: bool = False
    append: bool = False
    concurrency: int = 0


@dataclass(frozen=True, slots=True)
class Delete:
    """Delete a file, or a directory with all below it."""

    path: str


@dataclass(frozen=True, slots=True)
class Copy:
    """Copy a file or directory from any commit.

    :param known: what the server said of it, with the id of its commit.
    """

    source: Commit
    source_path: str
    path: str
    append: bool = False
    known: FileInfo | None = None


@dataclass(slots=True)
class Written:
    """What a client knows of an open commit that it writes to.

    :param directories: those that it has made.
    :param pieces: those of them into which content was split.
    :param base: the commit before, once it was asked for.
    """

    directories: set[str] = field(default_factory=set)
    pieces: set[str] = field(default_factory=set)
    base: Commit | None = None
    has_base: bool = False
    _trees: set[str] = field(default_factory=set)
    _deleted: set[str] = field(default_factory=set)

    def add(self, path: str) -> None:
        """Note a file."""
        self.directories.update(each for each in with_parents(path) if each != path)

    def add_tree(self, path: str) -> None:
        """Note a directory in which there may be any others."""
        self.directories.update(with_parents(path))
        self._trees.add(path)

    def delete(self, path: str) -> None:
        """Note that a file or directory was deleted."""
        for noted in (self.directories, self.pieces, self._trees):
            noted -= {each for each in noted if _is_at(each, path)}
        self._deleted.add(path)

    def has_deleted(self, path: str) -> bool:
        """Say whether what was in a place before is gone."""
        return not self._deleted.isdisjoint(with_parents(path))

    def is_unsure(self, root: str, paths: Sequence[str] | None) -> bool:
        """Say whether there may be directories that are not noted."""
        places = [root] if paths is None else paths
        within = any(_is_at(tree, root) for tree in self._trees)
        return within or any(not self._trees.isdisjoint(with_parents(place)) for place in places)


def _is_at(path: str, root: str) -> bool:
    return path == root or is_below(path, root)


Change: TypeAlias = "Put | PutUrl | Delete | Copy"
