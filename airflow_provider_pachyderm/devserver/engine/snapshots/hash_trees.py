"""The files of a commit of 1.x, to which records are applied one at a time.

Directories are entries of their own, under their path with a slash behind it: they outlive their last file, carry what
their files share, and tell sizes that were added up, right or wrong, when files came and went.
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import replace

from airflow_provider_pachyderm.devserver.engine.errors import crash, refused
from airflow_provider_pachyderm.devserver.engine.files import globs
from airflow_provider_pachyderm.devserver.engine.files.splits import file_name
from airflow_provider_pachyderm.devserver.engine.model import File, HeaderFooter
from airflow_provider_pachyderm.devserver.engine.snapshots.put_records import Piece, Record
from airflow_provider_pachyderm.devserver.engine.snapshots.rules import (
    ABOVE_IS_CHECKED_FIRST,
    DELETE_PATTERNS,
    DELETE_SPARES,
    FILE_BELOW_FILE,
    FILE_OVER_DIRECTORY,
    HEADERS,
)
from airflow_provider_pachyderm.devserver.engine.snapshots.trees import Key, ancestors, by_segment, path_of
from airflow_provider_pachyderm.devserver.engine.words import Words
from airflow_provider_pachyderm.devserver.releases.profile import Profile

_ROOT = "/"


class HashTree:
    """Files by path (under keys without a datum); it notes what was touched.

    :param files: what to start from; not copied.
    """

    def __init__(self, files: dict[Key, File], profile: Profile) -> None:
        self.files = files
        self.touched: set[Key] = set()
        self._profile = profile
        self._words = Words(profile)
        # what is there without its directory, for which no later directory accounts
        self._loose = {path for path in map(path_of, files) if path != _ROOT and not self._is_dir(_parent(path))}

    def apply(self, record: Record) -> None:
        """Apply one record."""
        if record.deleted:
            self._delete(record.path)
        if record.split:
            self._split(record)
        else:
            self._put_all(record.path, record.pieces)

    # ---- what is there ------------------------------------------------------------------

    def _is_dir(self, path: str) -> bool:
        return path == _ROOT or _dir(path) in self.files

    def _below(self, path: str) -> list[Key]:
        """Keys of all that is below a directory, in order."""
        start = path.rstrip("/") + "/"
        found = [key for key in self.files if key[0].startswith(start) and len(key[0]) > len(start)]
        return sorted(found, key=lambda key: by_segment(path_of(key)))

    def _names(self, path: str) -> list[str]:
        """Names of what is directly in a directory, in order."""
        return sorted(path_of(key).rpartition("/")[2] for key in self._below(path) if _parent(path_of(key)) == path)

    @property
    def size(self) -> int:
        """What counts as the size of all files."""
        return self._size_of(_ROOT) if self._loose else sum(file.size for file in self.files.values())

    def _size_of(self, path: str) -> int:
        """What counts as the size of a file, or of a directory."""
        file = self.files.get((path, ""))
        if file is not None and path != _ROOT:
            return file.size
        own = self.files.get(_dir(path), File()).size
        inner = {path_of(key) for key in self._below(path) if _parent(path_of(key)) == path}
        return own + sum(self._size_of(one) for one in inner)

    # ---- putting ------------------------------------------------------------------------

    def _put_all(self, path: str, pieces: tuple[Piece, ...]) -> None:
        known: dict[str, int] = {}
        for piece in pieces:
            known[piece.blob.hash] = piece.size
            self._put(path, piece, known, HeaderFooter())

    def _put(self, path: str, piece: Piece, known: dict[str, int], shared: HeaderFooter) -> None:
        """Append an object.

        :param known: sizes of the objects of this record by their hashes: the server knows no others by themselves.
        :param shared: what a new file has from its directory.
        """
        if piece.overwrite is not None and self._is_dir(path):
            raise crash(f"objects of the directory {path} are overwritten")
        self._check_place(path)
        old = self.files.get((path, "")) or self._new_file(path, shared)
        kept, grown = old.pieces, piece.size
        if piece.overwrite is not None:
            dropped = old.pieces[piece.overwrite :]
            grown -= sum(known.get(blob.hash, 0) for blob in dropped)
            kept = old.pieces[: piece.overwrite]
        pieces = (*kept, piece.blob)
        drift = old.size + grown - sum(blob.size for blob in pieces)
        self._set((path, ""), replace(old, pieces=pieces, drift=drift))
        self._make_above(path)

    def _new_file(self, path: str, shared: HeaderFooter) -> File:
        if self._profile[HEADERS] != "added":
            return File(shared=shared)
        # reading adds what the directory has, be it counted or not
        read = self.files.get(_dir(_parent(path)), File()).shared
        return File(shared=read, drift=shared.size - read.size)

    def _check_place(self, path: str) -> None:
        checks = [self._check_free, self._check_above]
        for check in reversed(checks) if self._profile[ABOVE_IS_CHECKED_FIRST] else checks:
            check(path)

    def _check_free(self, path: str) -> None:
        if self._is_dir(path):
            raise self._words.refusal(FILE_OVER_DIRECTORY, path=path.rstrip("/"))

    def _check_above(self, path: str) -> None:
        for above in ancestors(path):
            if (above, "") in self.files:
                raise self._words.refusal(FILE_BELOW_FILE, path=path, above=above)

    def _set(self, key: Key, file: File) -> None:
        self.files[key] = file
        self.touched.add(key)

    def _make_above(self, path: str) -> None:
        """Make the directories above a path; what was there without them is not in their sizes."""
        below = path
        for above in ancestors(path):
            if self._is_dir(above):
                break
            loose = {one for one in self._loose if _parent(one) == above and one != below}
            self._set(_dir(above), File(drift=-sum(self._size_of(one) for one in loose)))
            self._loose -= {*loose, below}
            below = above
        self._loose.discard(below)

    # ---- splitting ----------------------------------------------------------------------

    def _split(self, record: Record) -> None:
        number = self._next_number(record)
        if self._profile[HEADERS] == "kept" and record.shared:
            self._keep_header(record.path, record.shared)
        elif self._profile[HEADERS] == "added":
            self._add_header(record.path, record.shared)
        for offset, piece in enumerate(record.pieces):
            self._put(file_name(record.path, number + offset), piece, {}, record.shared)

    def _next_number(self, record: Record) -> int:
        names = self._names(record.path)
        if not names or (not record.pieces and self._profile[HEADERS] == "added"):
            return 0
        number = _go_int(names[-1])
        if number is None:
            reason = "this likely means you're using split on a directory which contains other data that wasn't put "
            raise refused(f"error parsing filename {names[-1]} as int, {reason}with split")
        return number + 1

    def _keep_header(self, path: str, shared: HeaderFooter) -> None:
        """PutDirHeaderFooter of 1.8 and later: a new directory counts the header, its parent does not."""
        if (path, "") in self.files:
            text = f'cannot add header to non-directory file at "{path}"; a file of type file is already there'
            raise refused(text)
        if not self._is_dir(path):
            self._set(_dir(path), File(shared=shared, drift=shared.size))
            self._loose.add(path)
            self._uncount(path, shared.size)
            return
        old = self.files.get(_dir(path), File())
        if not old.shared:
            raise crash(f"a header is put into {path}, which was made without one")
        if (old.shared.header and not shared.header) or (old.shared.footer and not shared.footer):
            raise crash(f"{path} has a footer, and a header without one is put into it")
        self._share(path, shared)

    def _uncount(self, path: str, size: int) -> None:
        """The directory above does not count these bytes of a new one."""
        parent = _parent(path)
        if self._is_dir(parent):
            old = self.files.get(_dir(parent), File())
            self._set(_dir(parent), replace(old, drift=old.drift - size))
            self._loose.discard(path)

    def _add_header(self, path: str, shared: HeaderFooter) -> None:
        """PutHeaderFooter of 1.7: everything above counts the header, each time."""
        self._check_above(path)
        if (path, "") in self.files:
            raise refused(f'could not put dir at "{path}"; a file of type file is already there')
        old = self.files.get(_dir(path), File())
        kept = HeaderFooter(shared.header or old.shared.header, shared.footer or old.shared.footer)
        self._set(_dir(path), replace(old, drift=old.drift + shared.size))
        self._share(path, kept)
        self._make_above(path)

    def _share(self, path: str, shared: HeaderFooter) -> None:
        """A directory has one thing that its files share."""
        old = self.files.get(_dir(path), File())
        if old.shared == shared:
            return
        self._set(_dir(path), replace(old, shared=shared))
        for key in [key for key in self._below(path) if _parent(key[0]) == path]:
            file = self.files[key]
            if file.shared and self._profile[HEADERS] == "kept":
                self._set(key, replace(file, shared=shared))
            elif self._profile[HEADERS] == "added":
                self._set(key, replace(file, shared=shared, drift=file.drift + file.shared.size - shared.size))

    # ---- deleting -----------------------------------------------------------------------

    def _delete(self, path: str) -> None:
        if not self._profile[DELETE_PATTERNS]:
            if path == _ROOT:
                raise refused('delete discovered orphaned file ""')
            self._remove(path, spares=False)
        elif path == _ROOT or globs.is_glob(path, self._profile):
            self._delete_matching("/*" if path == _ROOT else path)
        else:
            self._remove(path, spares=False)

    def _delete_matching(self, pattern: str) -> None:
        matches = globs.matcher(pattern, self._profile)
        paths = sorted({path_of(key) for key in self.files} - {_ROOT}, key=by_segment)
        several = False
        for path in filter(matches, paths):
            if (path, "") in self.files or _dir(path) in self.files:
                self._remove(path, spares=self._profile[DELETE_SPARES] and several)
                several = True

    def _remove(self, path: str, spares: bool) -> None:
        """Remove a file, or a directory and what is below it.

        :param spares: every second of those stays: the server steps over it when it has removed the one before.
        """
        if _dir(path) in self.files:
            below = self._below(path)
            gone = below[::2] if spares else below
            for key in [*gone, _dir(path)]:
                self._pop(key)
            self._loose -= {path_of(key) for key in gone}
            self._loose |= {path_of(key) for key in below if key in self.files and not self._has_parent(key)}
        elif (path, "") in self.files:
            self._pop((path, ""))
        else:
            return
        if not self._is_dir(_parent(path)):
            raise refused(f'delete discovered orphaned file "{path}"')
        self._loose.discard(path)

    def _has_parent(self, key: Key) -> bool:
        return self._is_dir(_parent(path_of(key)))

    def _pop(self, key: Key) -> None:
        del self.files[key]
        self.touched.add(key)


def _dir(path: str) -> Key:
    """The key of a directory."""
    return path.rstrip("/") + "/", ""


def _parent(path: str) -> str:
    return posixpath.dirname(path)


def _go_int(name: str) -> int | None:
    """The number that Go reads from hexadecimal digits; None: it reads none."""
    number = int(name, 16) if re.fullmatch(r"[+-]?[0-9a-fA-F]+", name) else None
    return number if number is not None and -(2**63) <= number < 2**63 else None
