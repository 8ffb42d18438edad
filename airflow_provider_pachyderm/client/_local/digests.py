"""The hash that servers state of a file, computed from its content where that can be done.

1.x hashes the SHA-512 digests of the objects that a file consists of, one a put, 2.x the BLAKE2b digests of the pieces
that it is stored in, and the hash does not say where those begin. Of a file of one object, or one piece, it is the hash
of the digest of all; on 2.x that is nearly every file of less than a megabyte. So a hash that fits proves that a file
is the same, and one that does not fit proves nothing. Only InspectFile of 1.x tells the objects: if there is one,
content of another hash is not that of the file.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from airflow_provider_pachyderm.client._capabilities import World
from airflow_provider_pachyderm.client._local.chunks import Buffer

_READ = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Objects:
    """What InspectFile of 1.x states of a file.

    :param hash: of the names of all its objects.
    :param names: of its objects: the SHA-512 of their content in hex; empty if it has other parts.
    """

    hash: bytes
    names: Sequence[str]

    @property
    def one(self) -> bool:
        """Whether it is one object, so that no content of another hash is that of the file."""
        return len(self.names) == 1 and _of_object(self.names[0]) == self.hash


class ContentDigest:
    """Follows the content of a file of 1.x, all of it from its first byte on."""

    def __init__(self) -> None:
        self._sha512 = hashlib.sha512()

    def feed(self, data: Buffer) -> None:
        """Take what comes next."""
        self._sha512.update(data)

    def fits(self, stated: bytes) -> bool:
        """Say whether this is the content of a file of this hash; if not, it may still be."""
        return _of_object(self._sha512.hexdigest()) == stated


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
        return _of_object(_digest(local, hashlib.sha512()).hexdigest())
    inner = _digest(local, hashlib.blake2b(digest_size=32)).digest() if size else b""
    return hashlib.blake2b(inner, digest_size=32).digest()


def _digest(local: Path, digest: Any) -> Any:
    with local.open("rb", buffering=0) as file:
        while data := file.read(_READ):
            digest.update(data)
    return digest


def _of_object(name: str) -> bytes:
    return hashlib.sha256(name.encode()).digest()
