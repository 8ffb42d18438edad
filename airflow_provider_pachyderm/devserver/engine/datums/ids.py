"""How datums are told apart, and what says that one has not changed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from airflow_provider_pachyderm.devserver.engine.datums.enumeration import DatumFile

_LENGTH = 8
_TAG = 4


def datum_id(files: Iterable[DatumFile]) -> str:
    """The id of a datum of 2.x: the same in every job, pipeline and project, whatever the files contain."""
    found = hashlib.blake2b(digest_size=32)
    for file in files:
        for text in (file.leaf.name, file.leaf.repo.name, file.leaf.branch, file.path):
            found.update(text.encode())
            found.update(len(text.encode()).to_bytes(_LENGTH, "big"))
    return found.hexdigest()


def datum_hash(id: str, files: Iterable[DatumFile], salt: str) -> str:
    """What changes when a datum of 2.x has to be processed anew.

    :param salt: of the pipeline; another one for everything to be processed anew.
    """
    found = hashlib.blake2b(id.encode(), digest_size=32)
    for file in files:
        found.update(file.info.hash)
    found.update(salt.encode())
    return found.hexdigest()


def datum_id_v1(files: Iterable[DatumFile]) -> str:
    """The id of a datum in logs and statistics of 1.x, where inputs with equal paths and contents share it."""
    found = hashlib.sha256()
    for file in files:
        found.update(file.info.path.encode())
        found.update(file.info.hash)
    return found.hexdigest()


def datum_hash_v1(files: Sequence[DatumFile], pipeline: str, salt: str) -> str:
    """What results of 1.x are kept under, and found again by: 68 hex digits, the first four of the salt alone."""
    found = hashlib.sha256()
    for file in files:
        found.update(file.leaf.name.encode())
        found.update(file.info.path.encode())
        found.update(file.info.hash)
    found.update(pipeline.encode())
    found.update(salt.encode())
    return hashlib.sha256(salt.encode()).hexdigest()[:_TAG] + found.hexdigest()
