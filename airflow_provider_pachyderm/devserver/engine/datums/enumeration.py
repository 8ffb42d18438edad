"""Which datums an input has, and in which order: pure, over files that others list."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, product

from airflow_provider_pachyderm.devserver.engine.datums import ids
from airflow_provider_pachyderm.devserver.engine.datums.inputs import Cross, Group, Input, Join, PfsInput, Union
from airflow_provider_pachyderm.devserver.engine.datums.rules import DATUM_ORDER
from airflow_provider_pachyderm.devserver.engine.files.globs import replacer
from airflow_provider_pachyderm.devserver.engine.model import FileInfo
from airflow_provider_pachyderm.devserver.releases.profile import Profile

ListFiles = Callable[[PfsInput], Iterable[FileInfo]]
"""What the pattern of an input matches in its commit, in order."""


@dataclass(frozen=True)
class DatumFile:
    """A file or directory that a datum has.

    :param leaf: the input that it is of.
    :param join_on: what it was joined by.
    :param group_by: what it was grouped by.
    """

    leaf: PfsInput
    info: FileInfo
    join_on: str = ""
    group_by: str = ""

    @property
    def path(self) -> str:
        """The path as 2.x writes it, that of a directory with a slash behind it."""
        return f"{self.info.path.rstrip('/')}/" if self.info.is_dir else self.info.path


@dataclass(frozen=True)
class Datum:
    """What the command is run for once."""

    files: tuple[DatumFile, ...]

    @cached_property
    def id(self) -> str:
        """The id of a datum of 2.x."""
        return ids.datum_id(self.files)

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(file.info.size for file in self.files)


def datums(tree: Input, list_files: ListFiles, profile: Profile) -> list[Datum]:
    """All datums of an input, as a release has them.

    :param list_files: gives what the pattern of an input that has files matches.
    :raises BadGlob: for a malformed pattern.
    """
    return _Enumeration(list_files, profile).of(tree)


class _Enumeration:
    def __init__(self, list_files: ListFiles, profile: Profile) -> None:
        self._list_files = list_files
        self._profile = profile
        self._order = profile[DATUM_ORDER]

    def of(self, tree: Input) -> list[Datum]:
        """The datums of a part of the tree."""
        if isinstance(tree, PfsInput):
            return self._leaf(tree)
        parts = [self.of(part) for part in tree.inputs]
        if isinstance(tree, Union):
            return self._sorted(datum for part in parts for datum in part)
        if isinstance(tree, Cross):
            return self._sorted(self._crossed([[datum.files for datum in part] for part in parts]))
        files = [[file for datum in part for file in datum.files] for part in parts]
        if isinstance(tree, Join):
            return self._joined(files)
        assert isinstance(tree, Group)
        return self._grouped(files)

    def _leaf(self, leaf: PfsInput) -> list[Datum]:
        replace = replacer(leaf.glob, self._profile) if leaf.join_on or leaf.group_by else _nothing
        found = [
            DatumFile(leaf, info, replace(info.path, leaf.join_on), replace(info.path, leaf.group_by))
            for info in self._list_files(leaf)
        ]
        if self._order == "size":
            found.sort(key=lambda file: (-file.info.size, file.info.path))
        elif self._order == "hash":
            found.sort(key=lambda file: file.info.hash)
        return self._sorted(Datum((file,)) for file in found)

    def _sorted(self, found: Iterable[Datum]) -> list[Datum]:
        """One of each, in the order of ids where that is the order."""
        if self._order != "id":
            return list(found)
        by_id = {datum.id: datum for datum in found}
        return [by_id[id] for id in sorted(by_id)]

    def _crossed(self, parts: Sequence[Sequence[tuple[DatumFile, ...]]]) -> list[Datum]:
        if self._profile.world == "v2":
            return [Datum(tuple(chain(*chosen))) for chosen in product(*parts)]
        # the first one changes first
        return [Datum(tuple(chain(*chosen[::-1]))) for chosen in product(*parts[::-1])]

    def _joined(self, parts: Sequence[Sequence[DatumFile]]) -> list[Datum]:
        by_key = _by_key(parts, lambda file: file.join_on)
        found: list[Datum] = []
        for key in self._keys(by_key):
            matched = by_key[key]
            if not all(matched):
                matched = [files for files in matched if files and files[0].leaf.outer_join]
            if matched:
                found += self._crossed([[(file,) for file in files] for files in matched])
        return self._sorted(found)

    def _grouped(self, parts: Sequence[Sequence[DatumFile]]) -> list[Datum]:
        by_key = _by_key(parts, lambda file: file.group_by)
        keys = self._keys(by_key) if self._profile.world == "v2" else sorted(by_key)
        return self._sorted(Datum(tuple(file for files in by_key[key] for file in files)) for key in keys)

    def _keys(self, found: Iterable[str]) -> list[str]:
        """Keys in the order in which 1.x meets them, and 2.x sorts them."""
        if self._profile.world == "v1":
            return list(found)
        return sorted(found, key=lambda key: hashlib.blake2b(key.encode(), digest_size=32).digest())


def _nothing(path: str, template: str) -> str:
    return ""


_ByKey = dict[str, list[list[DatumFile]]]
"""Files by their keys, those of each part apart."""


def _by_key(parts: Sequence[Sequence[DatumFile]], key_of: Callable[[DatumFile], str]) -> _ByKey:
    found: _ByKey = {}
    for number, files in enumerate(parts):
        for file in files:
            found.setdefault(key_of(file), [[] for _ in parts])[number].append(file)
    return found
