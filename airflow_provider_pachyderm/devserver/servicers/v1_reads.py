"""Reading files as 1.x does: paths are patterns, directories read as nothing, differences are lists of files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from airflow_provider_pachyderm.devserver.engine import globs
from airflow_provider_pachyderm.devserver.engine.files import View
from airflow_provider_pachyderm.devserver.engine.model import FileInfo
from airflow_provider_pachyderm.devserver.engine.paths import clean
from airflow_provider_pachyderm.devserver.engine.texts import refused


def matching(view: View, pattern: str, dialect: globs.GlobDialect) -> list[FileInfo]:
    """What a path or pattern means; a path that is not there is refused, a pattern may match nothing."""
    if globs.is_glob(pattern, dialect):
        return list(view.glob(pattern))
    return _existing(view, pattern)


def to_read(view: View, pattern: str, dialect: globs.GlobDialect) -> list[FileInfo]:
    """Files that GetFile joins; nothing found is refused."""
    found = matching(view, pattern, dialect)
    if not found and globs.is_glob(pattern, dialect):
        raise view.missing(pattern)
    return found


def listed(view: View, pattern: str, dialect: globs.GlobDialect) -> Iterator[FileInfo]:
    """ListFile: the files found, and what is directly in the directories found."""
    for info in matching(view, pattern, dialect):
        if info.is_dir:
            yield from view.entries(info.path)
        else:
            yield info


def differing(
    new: View, new_path: str, old: View | None, old_path: str, shallow: bool
) -> tuple[list[tuple[str, FileInfo]], list[tuple[str, FileInfo]]]:
    """DiffFile: what only one side has, or both have with different content.

    :param shallow: only the entries directly in the directories, else only files but at any depth.
    :returns: new and old files with the paths to show, which begin as the paths asked for.
    """
    ours = _by_name(new, new_path, shallow)
    theirs = _by_name(old, old_path, shallow) if old is not None else {}
    return _only(ours, theirs, new_path), _only(theirs, ours, old_path)


def _only(some: dict[str, FileInfo], others: dict[str, FileInfo], base: str) -> list[tuple[str, FileInfo]]:
    return [
        (_joined(base, name), info)
        for name, info in some.items()
        if name not in others or _content(others[name]) != _content(info)
    ]


def _content(info: FileInfo) -> tuple[bool, int, bytes]:
    return info.is_dir, info.size, info.hash


def _joined(base: str, name: str) -> str:
    if not name:
        return base
    return f"{base.rstrip('/')}/{name}" if base else name


def _by_name(view: View, path: str, shallow: bool) -> dict[str, FileInfo]:
    """Entries by their names below a path; the path itself is "" if it is a file."""
    start = clean(path).rstrip("/")
    infos: Iterable[FileInfo] = view.entries(path) if shallow else (i for i in view.walk(path) if not i.is_dir)
    return {info.path[len(start) :].lstrip("/"): info for info in infos}


def _existing(view: View, path: str) -> list[FileInfo]:
    found = view.find(path)
    if not found and clean(path) != "/":
        raise refused(f'file "{clean(path)}" not found')
    return found
