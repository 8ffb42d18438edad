"""Files and changes as text for the database."""

from __future__ import annotations

import json
from collections.abc import Iterable

from airflow_provider_pachyderm.devserver.engine.model import Change, Delete, File, HeaderFooter, Put, PutSplit
from airflow_provider_pachyderm.devserver.engine.store.blobs import Blob
from airflow_provider_pachyderm.devserver.engine.store.rows import ChangeRow

DELETE = "delete"
"""The kind of a deletion."""

_Pair = tuple[str, int]
"""Hash and size of a blob."""


def dump_file(file: File) -> str:
    """A file as text for the database."""
    return json.dumps([_pairs(file.pieces), _dump_shared(file.shared), file.drift, [*map(_pairs, file.beside)]])


def load_file(text: str) -> File:
    """The file that :func:`dump_file` wrote."""
    pieces, shared, drift, beside = json.loads(text)
    return File(_blobs(pieces), _load_shared(shared), drift, tuple(map(_blobs, beside)))


def dump_change(change: Change) -> tuple[str, str]:
    """The kind of a change, and the change as text."""
    if isinstance(change, Put):
        rest = [change.datum, change.overwrite, change.sizes, change.beside]
        return "put", json.dumps([change.path, _pairs(change.pieces), *rest])
    if isinstance(change, PutSplit):
        return "split", json.dumps([change.path, _pairs(change.pieces), _dump_shared(change.shared), change.sizes])
    return DELETE, json.dumps([change.path, change.datum])


def load_change(row: ChangeRow) -> Change:
    """The change that :func:`dump_change` wrote."""
    path, *rest = json.loads(row.change)
    if row.kind == "put":
        return Put(path, _blobs(rest[0]), rest[1], rest[2], tuple(rest[3]), rest[4])
    if row.kind == "split":
        return PutSplit(path, _blobs(rest[0]), _load_shared(rest[1]), tuple(rest[2]))
    return Delete(path, rest[0])


def _dump_shared(shared: HeaderFooter) -> list[_Pair | None]:
    return [None if blob is None else (blob.hash, blob.size) for blob in (shared.header, shared.footer)]


def _load_shared(pairs: Iterable[_Pair | None]) -> HeaderFooter:
    return HeaderFooter(*(pair and Blob(*pair) for pair in pairs))


def _pairs(pieces: Iterable[Blob]) -> list[_Pair]:
    return [(piece.hash, piece.size) for piece in pieces]


def _blobs(pairs: Iterable[_Pair]) -> tuple[Blob, ...]:
    return tuple(Blob(*pair) for pair in pairs)
