"""Snapshots of finished commits: layers in the database, each with what changed on top of the one below."""

from __future__ import annotations

import json
from collections import OrderedDict
from typing import Any

from airflow_provider_pachyderm.devserver.engine.core import Core
from airflow_provider_pachyderm.devserver.engine.model import Change, Delete, File, Put, PutSplit, Shared
from airflow_provider_pachyderm.devserver.engine.snapshots.trees import Key
from airflow_provider_pachyderm.devserver.engine.store.blobs import Blob

EMPTY = ""
"""The layer of commits without files."""

_DEEPEST = 16  # layers under a layer, before a full one is written
_KEPT = 8  # snapshots in memory


class Layers:
    """Stored snapshots."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._store = core.store
        self._cache: OrderedDict[str, dict[Key, File]] = OrderedDict()
        core.on_rollback.append(self._cache.clear)

    def load(self, layer: str) -> dict[Key, File]:
        """All files of a snapshot; not to be changed."""
        self.keep(layer, self._cache.get(layer) or self._read(layer))
        return self._cache[layer]

    def keep(self, layer: str, files: dict[Key, File]) -> None:
        """Have the files of a snapshot at hand; they are not changed any more."""
        self._cache[layer] = files
        self._cache.move_to_end(layer)
        while len(self._cache) > _KEPT:
            self._cache.popitem(last=False)

    def _read(self, layer: str) -> dict[Key, File]:
        files: dict[Key, File] = {}
        for id in reversed(self._chain(layer)):
            for row in self._store.all("SELECT path, datum, content FROM layer_files WHERE layer = ?", id):
                key = (row["path"], row["datum"])
                if row["content"] is None:
                    files.pop(key, None)
                else:
                    files[key] = load_file(row["content"])
        return files

    def _chain(self, layer: str) -> list[str]:
        """A layer and those below it, topmost first."""
        found = []
        while layer != EMPTY:
            found.append(layer)
            layer = self._store.one("SELECT below FROM layers WHERE id = ?", layer)["below"]
        return found

    def save(self, below: str, files: dict[Key, File], touched: set[Key]) -> str:
        """Store a snapshot.

        :param below: the layer it grew from.
        :param files: all of it.
        :param touched: where it differs from that.
        """
        if not touched:
            return below
        row = self._store.one("SELECT depth FROM layers WHERE id = ?", below)
        depth = row["depth"] + 1 if row else 0
        if depth > _DEEPEST or len(touched) > len(files):
            below, depth, touched = EMPTY, 0, set(files)
        id = self._core.new_id()
        self._store.run("INSERT INTO layers (id, below, depth) VALUES (?, ?, ?)", id, below, depth)
        rows = ((id, *key, dump_file(files[key]) if key in files else None) for key in touched)
        self._store.many("INSERT INTO layer_files (layer, path, datum, content) VALUES (?, ?, ?, ?)", rows)
        return id

    def collect(self) -> None:
        """Forget layers that no commit needs any more."""
        self._store.run(
            "DELETE FROM layers WHERE id NOT IN (WITH RECURSIVE used (id) AS (SELECT layer FROM commits "
            "WHERE layer IS NOT NULL UNION SELECT base_layer FROM commits WHERE base_layer IS NOT NULL UNION "
            "SELECT l.below FROM layers l JOIN used ON l.id = used.id) SELECT id FROM used)"
        )


def dump_file(file: File) -> str:
    """A file as text for the database."""
    return json.dumps([_pairs(file.pieces), _dump_shared(file.shared), file.drift, [*map(_pairs, file.beside)]])


def load_file(text: str) -> File:
    """The file that :func:`dump_file` wrote."""
    pieces, shared, drift, beside = json.loads(text)
    return File(_blobs(pieces), _load_shared(shared), drift, tuple(map(_blobs, beside)))


def dump_change(change: Change) -> str:
    """A change as text for the database."""
    if isinstance(change, Put):
        rest = [change.datum, change.overwrite, change.sizes, change.beside]
        return json.dumps(["put", change.path, _pairs(change.pieces), *rest])
    if isinstance(change, PutSplit):
        return json.dumps(["split", change.path, _pairs(change.pieces), _dump_shared(change.shared), change.sizes])
    return json.dumps(["delete", change.path, change.datum])


def load_change(text: str) -> Change:
    """The change that :func:`dump_change` wrote."""
    kind, path, *rest = json.loads(text)
    if kind == "put":
        return Put(path, _blobs(rest[0]), rest[1], rest[2], tuple(rest[3]), rest[4])
    if kind == "split":
        return PutSplit(path, _blobs(rest[0]), _load_shared(rest[1]), tuple(rest[2]))
    return Delete(path, rest[0])


def _dump_shared(shared: Shared) -> list[Any]:
    return [blob and [blob.hash, blob.size] for blob in (shared.header, shared.footer)]


def _load_shared(pairs: list[Any]) -> Shared:
    return Shared(*(pair and Blob(*pair) for pair in pairs))


def _pairs(pieces: tuple[Blob, ...]) -> list[Any]:
    return [[piece.hash, piece.size] for piece in pieces]


def _blobs(pairs: list[Any]) -> tuple[Blob, ...]:
    return tuple(Blob(*pair) for pair in pairs)
