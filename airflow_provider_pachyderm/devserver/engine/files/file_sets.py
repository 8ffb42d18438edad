"""File sets (2.x): changes of files that belong to no commit, and are kept until they expire."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import cast

from airflow_provider_pachyderm.devserver.engine.commits.commits import Commits
from airflow_provider_pachyderm.devserver.engine.commits.names import is_commit_id
from airflow_provider_pachyderm.devserver.engine.commits.rules import REPLIES_NAME_BRANCH
from airflow_provider_pachyderm.devserver.engine.core import Core
from airflow_provider_pachyderm.devserver.engine.errors import EngineError, refused
from airflow_provider_pachyderm.devserver.engine.files.rules import (
    ADDING_FILE_SET,
    DIFF_SETS_BY_ID,
    FILE_SETS_HAVE_HANDLES,
    GETTING_FILE_SET,
)
from airflow_provider_pachyderm.devserver.engine.files.stored_file_sets import StoredFileSets
from airflow_provider_pachyderm.devserver.engine.model import Change, CommitKey, CommitRef, Put
from airflow_provider_pachyderm.devserver.engine.snapshots.encoding import dump_change
from airflow_provider_pachyderm.devserver.engine.snapshots.entries import Entries
from airflow_provider_pachyderm.devserver.engine.snapshots.snapshots import Snapshots, difference

FILE_SETS = "__filesets__"
"""Name of the repo whose commits are the file sets."""

_SECOND = 10**9
_LASTS = 10 * 60
_LONGEST = 30 * 60
_FILES = 1_000_000
_BYTES = 10**9


class FileSets:
    """The calls for file sets.

    A file set is told by a token; releases that show a hash of the content behind it take what is before the dot.
    """

    def __init__(self, core: Core, commits: Commits, snapshots: Snapshots) -> None:
        self._core = core
        self._commits = commits
        self._snapshots = snapshots
        self._stored = StoredFileSets(core)
        self._files, self._bytes = _FILES, _BYTES

    def is_file_set(self, ref: CommitRef) -> bool:
        """Whether a commit that is asked for is a file set."""
        return ref.repo.name == FILE_SETS and self._core.profile.world == "v2"

    def key(self, ref: CommitRef) -> CommitKey:
        """The commit key it is shown as: with a branch if it was asked for with one and the release shows branches."""
        branchless = ref.branchless or not self._core.profile[REPLIES_NAME_BRANCH]
        return CommitKey(ref.repo, ref.id, "" if branchless else ref.branch, branchless)

    # ---- making -------------------------------------------------------------------------

    def create(self, changes: Iterable[Change]) -> str:
        """CreateFileSet: to delete a directory reaches only what was put in the set."""
        with self._core.unit():
            return self._one_layer(changes)

    def _one_layer(self, changes: Iterable[Change]) -> str:
        return self._id_of(self._stored.add(difference(self._snapshots.build(changes), {}), _LASTS))

    def of_commit(self, ref: CommitRef, only_changes: bool = False) -> str:
        """GetFileSet: the files of a commit.

        :param only_changes: what it changed, instead of all.
        """
        if self.is_file_set(ref):
            raise EngineError("UNIMPLEMENTED", "GetFileSet of a file set: this dev server does not do it yet")
        with self._core.unit(), self._core.during(GETTING_FILE_SET):
            row = self._commits.resolve(ref)
            # what refuses the whole refuses a part, too
            layers = self._snapshots.layered(row)
            if only_changes:
                layers = [self._snapshots.delta(row)] if self._names_changes(ref) else []
            return self._id_of(self._stored.join([self._stored.add(layer, _LASTS) for layer in layers], _LASTS))

    def _names_changes(self, ref: CommitRef) -> bool:
        return is_commit_id(ref.id) or not self._core.profile[DIFF_SETS_BY_ID]

    def compose(self, ids: Sequence[str], seconds: int, compact: bool = False) -> str:
        """ComposeFileSet: the changes of one after those of another.

        :param seconds: how long it is kept; 0: for ever. One that is compact is kept as long as any new one.
        :param compact: as one layer.
        """
        tokens = [self._token(id) for id in ids]
        with self._core.unit():
            if compact:
                return self._one_layer([change for token in tokens for change in self._changes(token)])
            if not all(map(self._stored.holds, tokens)):
                raise refused("the operation would create a dangling reference")
            return self._id_of(self._stored.join(tokens, seconds))

    # ---- using --------------------------------------------------------------------------

    def add(self, ref: CommitRef, id: str) -> None:
        """AddFileSet: make its changes in an open commit."""
        token = self._token(id)
        with self._core.unit():
            row = self._commits.resolve(ref)
            self._commits.check_open(row)
            with self._core.during(ADDING_FILE_SET):
                changes = self._changes(token)
            self._snapshots.change(row, changes)

    def renew(self, id: str, seconds: int) -> None:
        """RenewFileSet: keep it so long from now on."""
        token = self._token(id)
        if seconds < 1:
            raise refused(f"ttl ({seconds * _SECOND}) must be at least one second")
        if seconds > _LONGEST:
            raise refused(f"ttl ({seconds * _SECOND}) exceeds max ttl ({_LONGEST * _SECOND})")
        with self._core.unit():
            if not self._stored.holds(token):
                raise EngineError("NOT_FOUND", f"tracker does not contain item: (fileset/{token})")
            self._stored.renew(token, seconds)

    def shards(self, id: str, files: int = 0, size: int = 0) -> list[tuple[str, str]]:
        """ShardFileSet: ranges of paths with about so many files or bytes of its first layer, whichever come first.

        :param files: from 2.9 on, what is given holds for the calls after this one, too; 0 leaves it as it is.
        :param size: likewise.
        """
        layers = self._layers(self._token(id))
        self._files = files if files > 0 else self._files
        self._bytes = size if size > 0 else self._bytes
        return self._cut(change for change in (layers[0] if layers else []) if isinstance(change, Put))

    def _cut(self, puts: Iterable[Put]) -> list[tuple[str, str]]:
        bounds, files, size = [""], 0, 0
        for put in puts:
            if files >= self._files or size >= self._bytes:
                bounds.append(put.path)
                files = size = 0
            files += 1
            size += sum(piece.size for piece in put.pieces)
        return list(zip(bounds, [*bounds[1:], ""], strict=True))

    def entries(self, id: str) -> Entries:
        """Its files in order."""
        token = self._token(id)
        self._check(token)
        return cast(Entries, self._snapshots.index_of(f"file set {token}", lambda: self._changes(token)))

    # ---- finding ------------------------------------------------------------------------

    def _changes(self, token: str) -> list[Change]:
        return [change for layer in self._layers(token) for change in layer]

    def _layers(self, token: str) -> list[list[Change]]:
        self._check(token)
        return self._stored.layers(token)

    def _check(self, token: str) -> None:
        if not self._stored.holds(token):
            raise refused("path does not exist")

    def _token(self, id: str) -> str:
        """Read an id, with or without dashes."""
        handles = self._core.profile[FILE_SETS_HAVE_HANDLES]
        name = "Token" if handles else "ID"
        token = (id.partition(".")[0] if handles else id).replace("-", "").encode()
        if len(token) != 32:
            how = "short" if len(token) < 32 else "long"
            raise refused(f"parsing fileset.{name}: too {how} to be {name} len={len(token)}")
        for byte in token:
            if byte not in b"0123456789abcdefABCDEF":
                raise refused(f"encoding/hex: invalid byte: U+{byte:04X} '{chr(byte)}'")
        return token.decode().lower()

    def _id_of(self, token: str) -> str:
        """The id that a file set is known by."""
        if not self._core.profile[FILE_SETS_HAVE_HANDLES]:
            return token
        content = "\n".join(" ".join(dump_change(change)) for change in self._changes(token))
        return f"{token}.{hashlib.blake2b(content.encode(), digest_size=32).hexdigest()}"
