"""Metadata in SQLite: one connection, WAL, explicit transactions."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, TypeVar

from airflow_provider_pachyderm.devserver.engine.errors import DataFolderError
from airflow_provider_pachyderm.devserver.engine.store import pipeline_tables
from airflow_provider_pachyderm.devserver.engine.store.rows import MetaRow

RowT = TypeVar("RowT", bound=NamedTuple)
ValueT = TypeVar("ValueT", int, str, bytes)
SqlValue = int | float | str | bytes | None
"""What can be put into a query."""

DATABASE, BLOBS = "pfs.sqlite", "blobs"
"""What a data folder holds."""

# Raise when tables change: folders of other stamps are refused, not migrated.
SCHEMA_STAMP = "15"

_SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE projects (
    num INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE,
    description TEXT NOT NULL, created INTEGER NOT NULL);
CREATE TABLE repos (
    num INTEGER PRIMARY KEY AUTOINCREMENT, path TEXT NOT NULL UNIQUE,
    project TEXT NOT NULL, name TEXT NOT NULL, type TEXT NOT NULL,
    description TEXT NOT NULL, created INTEGER NOT NULL,
    -- up to 1.6, names as JSON
    provenance TEXT NOT NULL DEFAULT '[]',
    -- 1.x: as it was last counted
    size INTEGER NOT NULL DEFAULT 0);
CREATE TABLE branches (
    num INTEGER PRIMARY KEY AUTOINCREMENT, repo INTEGER NOT NULL REFERENCES repos(num) ON DELETE CASCADE,
    name TEXT NOT NULL, path TEXT NOT NULL UNIQUE,
    head INTEGER REFERENCES commits(num) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,
    created INTEGER NOT NULL, updated INTEGER NOT NULL,
    -- the trigger as JSON, or empty
    moves_on TEXT NOT NULL DEFAULT '',
    -- 1.7 to 1.13: all branches above and below, as JSON
    upstream TEXT NOT NULL DEFAULT '[]', downstream TEXT NOT NULL DEFAULT '[]', UNIQUE (repo, name));
CREATE INDEX branch_heads ON branches(head);
-- by name: 1.x keeps naming inputs that were deleted
CREATE TABLE branch_provenance (
    branch INTEGER NOT NULL REFERENCES branches(num) ON DELETE CASCADE, position INTEGER NOT NULL,
    repo TEXT NOT NULL, name TEXT NOT NULL, PRIMARY KEY (branch, position));
CREATE INDEX branch_subvenance ON branch_provenance(repo, name);
CREATE TABLE commits (
    num INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL,
    repo INTEGER NOT NULL REFERENCES repos(num) ON DELETE CASCADE,
    branch INTEGER REFERENCES branches(num) ON DELETE SET NULL, branch_name TEXT NOT NULL,
    parent INTEGER REFERENCES commits(num) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,
    origin TEXT NOT NULL, description TEXT NOT NULL, started INTEGER NOT NULL, finishing INTEGER,
    finished INTEGER, error TEXT NOT NULL DEFAULT '', size INTEGER NOT NULL DEFAULT 0,
    validated INTEGER NOT NULL DEFAULT 0, layer TEXT, base_layer TEXT,
    created INTEGER NOT NULL, updated INTEGER NOT NULL,
    -- 1.7 to 1.13: ranges of commits below as JSON, and how many were counted
    downstream TEXT NOT NULL DEFAULT '[]', downstream_total INTEGER NOT NULL DEFAULT 0,
    downstream_finished INTEGER NOT NULL DEFAULT 0, downstream_failed INTEGER NOT NULL DEFAULT 0,
    UNIQUE (repo, branch_name, id));
CREATE INDEX commit_keys ON commits(repo, id);
CREATE INDEX commit_ids ON commits(id);
CREATE INDEX commit_parents ON commits(parent);
CREATE INDEX commit_repos ON commits(repo, num);
CREATE INDEX commits_finishing ON commits(num) WHERE finishing IS NOT NULL AND finished IS NULL;
CREATE INDEX commit_branches ON commits(branch);
CREATE INDEX open_commits ON commits(repo) WHERE finished IS NULL;
-- input is the commit itself while it exists; the names are what 1.x goes on showing
CREATE TABLE commit_provenance (
    num INTEGER PRIMARY KEY AUTOINCREMENT, downstream INTEGER NOT NULL REFERENCES commits(num) ON DELETE CASCADE,
    input INTEGER REFERENCES commits(num) ON DELETE SET NULL,
    repo TEXT NOT NULL, branch_name TEXT NOT NULL, id TEXT NOT NULL);
CREATE INDEX commit_provenance_downstream ON commit_provenance(downstream);
CREATE INDEX commit_provenance_input ON commit_provenance(input);
CREATE TABLE changes (
    num INTEGER PRIMARY KEY AUTOINCREMENT, commit_num INTEGER NOT NULL REFERENCES commits(num) ON DELETE CASCADE,
    kind TEXT NOT NULL, change TEXT NOT NULL);
CREATE INDEX change_commits ON changes(commit_num, num);
CREATE INDEX change_deletes ON changes(commit_num) WHERE kind = 'delete';
-- a snapshot is a layer on top of others; deleted files have no content
CREATE TABLE layers (id TEXT PRIMARY KEY, below TEXT, depth INTEGER NOT NULL);
CREATE TABLE layer_files (
    layer TEXT NOT NULL REFERENCES layers(id) ON DELETE CASCADE, path TEXT NOT NULL, datum TEXT NOT NULL,
    content TEXT, PRIMARY KEY (layer, path, datum)) WITHOUT ROWID;
-- without an end it lasts for ever
CREATE TABLE file_sets (id TEXT PRIMARY KEY, ends INTEGER);
CREATE TABLE file_set_changes (
    num INTEGER PRIMARY KEY AUTOINCREMENT, file_set TEXT NOT NULL REFERENCES file_sets(id) ON DELETE CASCADE,
    kind TEXT NOT NULL, change TEXT NOT NULL);
CREATE INDEX file_set_change_sets ON file_set_changes(file_set, num);
CREATE TABLE file_set_parts (
    whole TEXT NOT NULL REFERENCES file_sets(id) ON DELETE CASCADE, position INTEGER NOT NULL,
    part TEXT NOT NULL REFERENCES file_sets(id), PRIMARY KEY (whole, position)) WITHOUT ROWID;
CREATE INDEX file_set_wholes ON file_set_parts(part);
CREATE TABLE transactions (
    num INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, started INTEGER NOT NULL);
CREATE TABLE transaction_requests (
    num INTEGER PRIMARY KEY AUTOINCREMENT,
    txn INTEGER NOT NULL REFERENCES transactions(num) ON DELETE CASCADE,
    request BLOB NOT NULL, response BLOB NOT NULL);
CREATE TABLE bindings (
    resource TEXT NOT NULL, principal TEXT NOT NULL, role TEXT NOT NULL,
    PRIMARY KEY (resource, principal, role)) WITHOUT ROWID;
CREATE TABLE members (team TEXT NOT NULL, principal TEXT NOT NULL, PRIMARY KEY (team, principal)) WITHOUT ROWID;
CREATE TRIGGER repo_gone AFTER DELETE ON repos WHEN old.type = 'user' BEGIN
    DELETE FROM bindings WHERE resource = 'REPO:' || old.project || '/' || old.name;
END;
CREATE TRIGGER project_gone AFTER DELETE ON projects BEGIN
    DELETE FROM bindings WHERE resource = 'PROJECT:' || old.name;
END;
"""


class Store:
    """A thin handle on the database; the SQL stands with the rules that need it."""

    def __init__(self, path: Path | None, world: str = "", durable: bool = False) -> None:
        """Open or create.

        :param path: the database file; None keeps everything in memory.
        :param world: ``v1`` or ``v2``; a file of the other world is refused. Without it, any is taken.
        :param durable: a commit is on the disk itself, not only in the system's memory.
        """
        if path and not (path.exists() and path.stat().st_size) and any(path.parent.glob(f"{BLOBS}/[0-9a-f][0-9a-f]")):
            raise DataFolderError(f"{path} is missing or empty, but there is content beside it: use another folder")
        self._checked: set[tuple[type, str]] = set()
        self._db = sqlite3.connect(":memory:" if path is None else path, isolation_level=None, timeout=0.2)
        try:
            self._prepare(world, str(path), durable)
        except sqlite3.DatabaseError as error:
            self._db.close()
            hint = "; is another dev server running on it?" if "locked" in str(error) else ""
            raise DataFolderError(f"{path} cannot be used: {error}{hint}") from error
        except BaseException:
            self._db.close()
            raise

    def _prepare(self, world: str, where: str, durable: bool) -> None:
        # held until the end: two servers on one folder would not see each other's changes
        self._db.execute("PRAGMA locking_mode = EXCLUSIVE")
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
        self._db.execute("PRAGMA foreign_keys = ON")
        if (found := self.value(str, "PRAGMA quick_check(1)")) != "ok":
            raise DataFolderError(f"{where} is damaged ({found}): put a copy in its place or use another folder")
        if not self.exists("SELECT 1 FROM sqlite_master WHERE name = 'meta'"):
            self._create(world)
        stored = {row.key: row.value for row in self.all(MetaRow, "SELECT key, value FROM meta")}
        if stored.get("schema") != SCHEMA_STAMP:
            raise DataFolderError(
                f"{where} was written by another release of this dev server (schema {stored.get('schema')!r}, "
                f"this one needs {SCHEMA_STAMP!r}); use an empty folder"
            )
        if world and stored.get("world") != world:
            raise DataFolderError(
                f"{where} belongs to a {_spoken(stored.get('world', ''))} server and cannot be opened by a "
                f"{_spoken(world)} one; use another folder"
            )

    def _create(self, world: str) -> None:
        self._db.executescript(f"BEGIN;{_SCHEMA}{pipeline_tables.SCHEMA}COMMIT;")
        self.run("INSERT INTO meta VALUES ('schema', ?), ('world', ?)", SCHEMA_STAMP, world)

    def all(self, kind: type[RowT], sql: str, *args: SqlValue) -> list[RowT]:
        """All rows of a query.

        :param kind: the class of :mod:`.rows` whose fields are the columns, in their order.
        """
        return list(self._rows(kind, sql, args))

    def one(self, kind: type[RowT], sql: str, *args: SqlValue) -> RowT | None:
        """The first row, or None."""
        return next(self._rows(kind, sql, args), None)

    def _rows(self, kind: type[RowT], sql: str, args: Sequence[SqlValue]) -> Iterator[RowT]:
        """The row factory."""
        cursor = self._db.execute(sql, args)
        if (kind, sql) not in self._checked:
            self._check_columns(kind, cursor)
            self._checked.add((kind, sql))
        return map(kind._make, cursor)

    def _check_columns(self, kind: type[NamedTuple], cursor: sqlite3.Cursor) -> None:
        names = tuple(column[0] for column in cursor.description)
        if names != kind._fields:
            raise TypeError(f"a {kind.__name__} cannot be made of {', '.join(names)}")

    def values(self, kind: type[ValueT], sql: str, *args: SqlValue) -> list[ValueT]:
        """The values of a query for one column, none of which is NULL."""
        return [kind(value) for (value,) in self._db.execute(sql, args)]

    def value(self, kind: type[ValueT], sql: str, *args: SqlValue) -> ValueT | None:
        """The first value of a query for one column; None if there is none, or it is NULL."""
        row = self._db.execute(sql, args).fetchone()
        return None if row is None or row[0] is None else kind(row[0])

    def exists(self, sql: str, *args: SqlValue) -> bool:
        """Whether a query finds anything."""
        return self._db.execute(sql, args).fetchone() is not None

    def run(self, sql: str, *args: SqlValue) -> int:
        """Execute; the id of the row just inserted."""
        return self._db.execute(sql, args).lastrowid or 0

    def many(self, sql: str, rows: Iterable[Sequence[SqlValue]]) -> None:
        """Execute once a row."""
        self._db.executemany(sql, rows)

    @property
    def in_transaction(self) -> bool:
        """Whether changes wait for COMMIT or ROLLBACK."""
        return self._db.in_transaction

    def close(self) -> None:
        """Close; nothing more can be asked."""
        self._db.close()


def _spoken(world: str) -> str:
    return {"v1": "Pachyderm 1.x", "v2": "Pachyderm 2.x"}.get(world, repr(world))
