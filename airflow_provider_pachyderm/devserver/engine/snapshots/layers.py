"""Snapshots of finished commits: layers in the database, each with what changed on top of the one below."""

from __future__ import annotations

from collections import OrderedDict

from airflow_provider_pachyderm.devserver.engine.core import Core
from airflow_provider_pachyderm.devserver.engine.model import File
from airflow_provider_pachyderm.devserver.engine.snapshots.encoding import dump_file, load_file
from airflow_provider_pachyderm.devserver.engine.snapshots.trees import Key
from airflow_provider_pachyderm.devserver.engine.store.rows import LayerFileRow

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

    def forget(self) -> None:
        """Keep nothing in memory."""
        self._cache.clear()

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
            sql = "SELECT path, datum, content FROM layer_files WHERE layer = ?"
            for row in self._store.all(LayerFileRow, sql, id):
                key = (row.path, row.datum)
                if row.content is None:
                    files.pop(key, None)
                else:
                    files[key] = load_file(row.content)
        return files

    def _chain(self, layer: str) -> list[str]:
        """A layer and those below it, topmost first."""
        found = []
        while layer != EMPTY:
            found.append(layer)
            layer = self._store.value(str, "SELECT below FROM layers WHERE id = ?", layer) or EMPTY
        return found

    def save(self, below: str, files: dict[Key, File], touched: set[Key]) -> str:
        """Store a snapshot.

        :param below: the layer it grew from.
        :param files: all of it.
        :param touched: where it differs from that.
        """
        if not touched:
            return below
        below_depth = self._store.value(int, "SELECT depth FROM layers WHERE id = ?", below)
        depth = 0 if below_depth is None else below_depth + 1
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
