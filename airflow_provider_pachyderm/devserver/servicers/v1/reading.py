"""Reading files as 1.x does: paths may be patterns, directories read as nothing, differences are lists of files."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from airflow_provider_pachyderm.devserver.engine.errors import refused
from airflow_provider_pachyderm.devserver.engine.files import globs
from airflow_provider_pachyderm.devserver.engine.files.glob_rules import NAMES_HAVE_TO_EXIST
from airflow_provider_pachyderm.devserver.engine.files.paths import clean
from airflow_provider_pachyderm.devserver.engine.files.views import TreeView
from airflow_provider_pachyderm.devserver.engine.model import FileInfo
from airflow_provider_pachyderm.devserver.engine.snapshots.trees import Node
from airflow_provider_pachyderm.devserver.releases.profile import Profile
from airflow_provider_pachyderm.devserver.servicers.v1.read_rules import (
    DIRECTORY_REFUSED,
    LISTED_NOT_FOUND,
    LISTED_PATHS,
    LISTS_FILES,
    PATHS_ARE_PATTERNS,
    PATTERN_NOT_FOUND,
    RANGES_BREAK,
    READ_NOT_FOUND_AS_LISTED,
    ROOT_IN_LISTS,
    SORTS_PATHS,
    TELLS_CHILDREN,
)

_LARGE = 64 * 1024 * 1024
_OBJECT = 8 * 1024 * 1024

Told = tuple[str, FileInfo]
"""A file or directory, and the path to show."""


class Reading:
    """What requests for files mean in a version.

    :param profile: the version.
    """

    def __init__(self, profile: Profile) -> None:
        self._profile = profile

    @property
    def globs(self) -> bool:
        """Whether paths are patterns."""
        return self._profile[PATHS_ARE_PATTERNS]

    def to_read(self, view: TreeView, path: str) -> list[FileInfo]:
        """Files that GetFile joins; nothing found is refused."""
        if self._is_pattern(path):
            found = list(view.glob(path))
            if not found:
                text = self._profile[PATTERN_NOT_FOUND]
                raise refused(text.format(path=path)) if text else view.missing(path)
            return sorted(found, key=lambda info: info.path) if self._profile[SORTS_PATHS] else found
        found = view.find(path)
        if not found and clean(path) != "/":
            raise self.missing(path) if self._profile[READ_NOT_FOUND_AS_LISTED] else view.missing(path)
        if self._profile[DIRECTORY_REFUSED] and (not found or found[0].is_dir):
            raise refused(self._profile[DIRECTORY_REFUSED].format(path=path))
        return found

    def range(self, found: list[FileInfo], offset: int, size: int | None) -> tuple[int, int | None]:
        """The range that is sent for one that is asked for; a size of None means the rest."""
        if self._profile[RANGES_BREAK] and sum(info.size for info in found) >= _LARGE:
            return offset - offset % _OBJECT, None
        return offset, size

    def listed(self, view: TreeView, path: str) -> Iterator[Told]:
        """ListFile: the files found, and what is directly in the directories found."""
        for info in self._found(view, path):
            if info.is_dir:
                for entry in view.entries(info.path):
                    yield self._path_below(path, info, entry), entry
            elif self._profile[LISTS_FILES]:
                yield info.path, info
            else:
                raise refused(f'the file at "{clean(path)}" is not a directory')

    def _found(self, view: TreeView, path: str) -> list[FileInfo]:
        return list(view.glob(path)) if self._is_pattern(path) else self.existing(view, path)

    def _path_below(self, asked: str, directory: FileInfo, entry: FileInfo) -> str:
        name = entry.path.rpartition("/")[2]
        if self._profile[LISTED_PATHS] == "asked":
            return _joined(asked, name)
        # by its name also if it has lost its own directory, which a real server takes this one for
        return (
            name if self._profile[LISTED_PATHS] == "bare" and directory.path == "/" else _joined(directory.path, name)
        )

    def matching(self, view: TreeView, pattern: str) -> Iterator[Told]:
        """GlobFile."""
        if self._profile[NAMES_HAVE_TO_EXIST] and not globs.is_glob(pattern, self._profile):
            self.existing(view, pattern)
        for info in view.glob(pattern):
            yield (self._profile[ROOT_IN_LISTS] if info.path == "/" else info.path), info

    def children(self, view: TreeView, info: FileInfo, full: bool = True) -> list[str]:
        """Names of what is in a directory, where that is told."""
        if not full or not info.is_dir or not self._profile[TELLS_CHILDREN]:
            return []
        return [entry.path.rpartition("/")[2] for entry in view.entries(info.path)]

    def existing(self, view: TreeView, path: str) -> list[FileInfo]:
        """What is at a path; refused if it is nothing."""
        found = view.find(path)
        if not found and clean(path) != "/":
            raise self.missing(path)
        return found

    def missing(self, path: str) -> Exception:
        """The refusal of ListFile and its like for a path that is not there."""
        return refused(self._profile[LISTED_NOT_FOUND].format(path=clean(path)))

    def _is_pattern(self, path: str) -> bool:
        return self._profile[PATHS_ARE_PATTERNS] and globs.is_glob(path, self._profile)


class Differences:
    """DiffFile: what only one side has, or both have with different content.

    :param old: None compares with nothing.
    :param shallow: only the entries directly in the directories, else only files but at any depth.
    :param by_new_names: what is in a directory of the older commit is looked up where the newer one has its directory.
    """

    def __init__(self, new: TreeView, old: TreeView | None, shallow: bool, by_new_names: bool) -> None:
        self._new, self._old = new, old
        self._depth = 1 if shallow else -1
        self._by_new_names = by_new_names
        self.new: list[Told] = []
        self.old: list[Told] = []

    def compare(self, new_path: str, old_path: str) -> None:
        """Collect what differs below two paths; what is shown begins as they do."""
        self._compare(new_path, old_path, self._depth)

    def _compare(self, new_path: str, old_path: str, depth: int) -> None:
        ours, theirs = _node(self._new, new_path), _node(self._old, old_path)
        if ours is not None and theirs is not None and ours.hash == theirs.hash:
            return
        if ours is not None and (depth == 0 or not ours.is_dir):
            self.new.append((new_path, self._new.info(ours)))
        if theirs is not None and self._old is not None and (depth == 0 or not theirs.is_dir):
            self.old.append((old_path, self._old.info(theirs)))
        names = _names(self._new, new_path) if ours is not None else set()
        if theirs is not None and theirs.is_dir:
            names |= _names(self._old, new_path if self._by_new_names else old_path)
        for name in sorted(names) if depth else ():
            self._compare(_joined(new_path, name), _joined(old_path, name), depth - 1)


def _node(view: TreeView | None, path: str) -> Node | None:
    found = view.index.nodes.get(clean(path), ()) if view is not None else ()
    return found[0] if found else None


def _names(view: TreeView | None, path: str) -> set[str]:
    """Names of what is directly in a directory."""
    found = view.index.children.get(clean(path), ()) if view is not None else ()
    return {posixpath.basename(child) for child in found}


def _joined(base: str, name: str) -> str:
    # Go knows no second slash at the beginning
    return re.sub("^//", "/", posixpath.normpath(posixpath.join(base, name))) if base else name
