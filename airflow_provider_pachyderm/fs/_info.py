"""What fsspec is told about a place."""

from __future__ import annotations

from typing import TypedDict


class _Place(TypedDict):
    """What is known of every place.

    ``size`` is in bytes, that of a directory is 0; ``type`` is ``"file"`` or ``"directory"``.
    """

    name: str
    size: int
    type: str


class Info(_Place, total=False):
    """A place; of a file also the server's hash, in hex, and seconds since 1970 of the commit it was written in."""

    hash: str
    mtime: float
