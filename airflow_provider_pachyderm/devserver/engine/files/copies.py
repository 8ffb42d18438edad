"""CopyFile: the changes that make a copy, in 2.x and as the releases of 1.x do it, each with faults of its own."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator

from airflow_provider_pachyderm.devserver.engine.files.copy_rules import (
    COPY_KEEPS_HEADERS,
    COPY_TOUCHES_DIRECTORIES,
    COPY_WALKS_BY_PREFIX,
)
from airflow_provider_pachyderm.devserver.engine.files.paths import clean
from airflow_provider_pachyderm.devserver.engine.model import Change, Delete, File, FileInfo, Put, PutSplit
from airflow_provider_pachyderm.devserver.engine.snapshots.trees import Index, Node
from airflow_provider_pachyderm.devserver.releases.profile import Profile


def copy_changes(files: Iterable[FileInfo], path: str, target: str, append: bool, datum: str = "") -> list[Change]:
    """Copy a file or a directory in 2.x: what is not in the source stays.

    :param files: what is at or below the path.
    :param append: add to the files that are at the target, else replace them.
    """
    source, changes = clean(path), list[Change]()
    for info in files:
        to = _moved(info.path, source, target)
        changes += [] if append else [Delete(to, datum)]
        changes += [Put(to, file.pieces, datum) for file in info.files]
    return changes


def copy_changes_v1(index: Index, path: str, target: str, append: bool, profile: Profile) -> list[Change]:
    """Copy a file or a directory in 1.x: what is at the target goes first, unless it is appended to."""
    source = clean(path)
    nodes = list(_walk(index, source, profile[COPY_WALKS_BY_PREFIX]))
    changes: list[Change] = [] if append else [Delete(target)]
    for node in nodes:
        changes += _copied(index, node, _moved(node.path, source, target), profile)
    if profile[COPY_TOUCHES_DIRECTORIES]:
        # in no order, but once a directory comes after its files, what is deleted there is deleted last
        changes += (_touched(_moved(node.path, source, target), node) for node in nodes if node.is_dir)
    return changes


def _walk(index: Index, source: str, by_prefix: bool) -> Iterable[Node]:
    found = index.nodes.get(source, [])
    if not by_prefix or not found or not found[0].is_dir:
        return index.walk(source)
    return (node for path, nodes in sorted(index.nodes.items()) if path.startswith(source) for node in nodes)


def _copied(index: Index, node: Node, to: str, profile: Profile) -> Iterator[Change]:
    if node.file is not None and not (profile[COPY_KEEPS_HEADERS] and node.file.shared):
        size = node.file.size if profile[COPY_KEEPS_HEADERS] else node.size
        yield Put(to, node.file.pieces, sizes=_sizes(node.file, size))
    elif node.file is None and profile[COPY_KEEPS_HEADERS] and node.shared:
        yield _header_directory(index, node, to)


def _touched(to: str, directory: Node) -> Change:
    return PutSplit(to, (), directory.shared) if directory.shared else Put(to)


def _header_directory(index: Index, node: Node, to: str) -> Change:
    """A directory with a header: its files are numbered anew, one an object."""
    files = [child.file for child in index.below(node.path) if child.file is not None]
    pieces = tuple(piece for file in files for piece in file.pieces)
    sizes = tuple(size for file in files for size in _sizes(file, file.size))
    return PutSplit(to, pieces, node.shared, sizes)


def _sizes(file: File, size: int) -> tuple[int, ...]:
    """The first object counts for the whole file."""
    return (size, *(0 for _ in file.pieces[1:]))


def _moved(path: str, source: str, target: str) -> str:
    return posixpath.normpath(posixpath.join(target, posixpath.relpath(path, source)))
