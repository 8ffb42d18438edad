"""The hash that servers state of a file, computed from its content where that can be done.

1.x hashes the SHA-512 digests of the puts that a file consists of, 2.x the BLAKE2b digests of the pieces that it is
stored in, and neither says where those begin. Of a file of one put, or one piece, it is the hash of the digest of all;
on 2.x that is nearly every file of less than a megabyte. So a hash that fits proves that a file is the same, and one
that does not fit proves nothing.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from airflow_provider_pachyderm.client._capabilities import World

_READ = 1024 * 1024


def is_same(local: Path, size: int, stated: bytes, world: World) -> bool | None:
    """Say whether a local file has the content that a server tells of; None if its hash does not tell.

    :param size: of the file on the server, in bytes.
    :param stated: its hash.
    :raises OSError: if the local file cannot be read.
    """
    if local.stat().st_size != size:
        return False
    return True if stated and _hash(local, size, world) == stated else None


def _hash(local: Path, size: int, world: World) -> bytes:
    if world is World.V1:
        return hashlib.sha256(_digest(local, hashlib.sha512()).hexdigest().encode()).digest()
    inner = _digest(local, hashlib.blake2b(digest_size=32)).digest() if size else b""
    return hashlib.blake2b(inner, digest_size=32).digest()


def _digest(local: Path, digest: Any) -> Any:
    with local.open("rb", buffering=0) as file:
        while data := file.read(_READ):
            digest.update(data)
    return digest
