"""What nothing refers to any more leaves the disk; and which content there has to be."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Iterator
from pathlib import Path

from airflow_provider_pachyderm.devserver.engine.core import Core
from airflow_provider_pachyderm.devserver.engine.model import HeaderFooter
from airflow_provider_pachyderm.devserver.engine.snapshots.encoding import load_change, load_file
from airflow_provider_pachyderm.devserver.engine.snapshots.layers import Layers
from airflow_provider_pachyderm.devserver.engine.store.blobs import Blob, BlobStore, DamagedBlob, DirectoryBlobs
from airflow_provider_pachyderm.devserver.engine.store.reserve import Reserve, disk_is_full
from airflow_provider_pachyderm.devserver.engine.store.rows import ChangeRow, LayerFileRow
from airflow_provider_pachyderm.devserver.engine.store.sqlite import BLOBS, DATABASE, Store

_log = logging.getLogger(__name__)

REMOVED = "removed"
"""Key that is woken when something was removed whose content may go."""

_PAUSE = 1.0  # seconds; what removes much makes many calls
_HASH = re.compile(r'"((?:[0-9a-f]{64}){1,2})"')
_CHANGES = ("changes", "file_set_changes", "datum_result_changes")


class Collector:
    """Removes snapshots and content that no commit and no file set needs."""

    def __init__(self, core: Core, layers: Layers, blobs: BlobStore, reserve: Reserve) -> None:
        self._core = core
        self._store = core.store
        self._layers = layers
        self._blobs = blobs
        self._reserve = reserve

    async def run(self) -> None:
        """Collect at the start and whenever something was removed, for ever."""
        while True:
            await asyncio.sleep(_PAUSE)
            try:
                await self.collect()
            except Exception as error:
                if disk_is_full(error):
                    # to forget what is not needed takes some space, too
                    self._reserve.release()
                    continue
                _log.exception("cannot collect what nothing needs")
            self._reserve.renew()
            await self._core.notifier.wait([REMOVED])

    async def collect(self) -> int:
        """Collect now; how many blobs went."""
        self._core.forget()
        self._layers.collect()
        return await self._blobs.sweep(self.used)

    def used(self) -> set[str]:
        """Hashes of all content that something refers to."""
        queries = [f"SELECT change FROM {table}" for table in _CHANGES]
        queries.append("SELECT content FROM layer_files WHERE content IS NOT NULL")
        texts = (text for query in queries for text in self._store.values(str, query))
        return {hash for text in texts for hash in _HASH.findall(text)}


async def check(folder: Path) -> tuple[int, list[tuple[str, str]]]:
    """Read all content that there has to be in a data folder.

    :return: how many blobs were read, and for each that is damaged the path of a file that it is in, and what is wrong.
    :raises DataFolderError: if the folder cannot be used.
    """
    store, blobs = Store(folder / DATABASE), DirectoryBlobs(folder / BLOBS)
    try:
        paths = {blob: path for path, blob in _references(store)}
    finally:
        store.close()
    problems = [(path, await _problem(blobs, blob)) for blob, path in paths.items()]
    return len(paths), sorted((path, problem) for path, problem in problems if problem)


async def _problem(blobs: BlobStore, blob: Blob) -> str:
    try:
        async for _ in blobs.read(blob):
            pass
    except DamagedBlob as error:
        return str(error)
    return ""


def _references(store: Store) -> Iterator[tuple[str, Blob]]:
    for row in store.all(LayerFileRow, "SELECT path, datum, content FROM layer_files"):
        if row.content is not None:
            file = load_file(row.content)
            yield from ((row.path, blob) for blob in _all(file.pieces, file.shared))
    for table in _CHANGES:
        for change in map(load_change, store.all(ChangeRow, f"SELECT num, kind, change FROM {table}")):
            blobs = _all(getattr(change, "pieces", ()), getattr(change, "shared", HeaderFooter()))
            yield from ((change.path, blob) for blob in blobs)


def _all(pieces: tuple[Blob, ...], shared: HeaderFooter) -> Iterator[Blob]:
    yield from filter(None, (*pieces, shared.header, shared.footer))
