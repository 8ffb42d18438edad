"""What fsspec gets to know of a path."""

from __future__ import annotations

from typing import TypedDict


class _Place(TypedDict):
    """What is known of every path.

    ``size`` is in bytes, that of a directory is 0; ``type`` is ``"file"`` or ``"directory"``.
    """

    name: str
    size: int
    type: str


class Info(_Place, total=False):
    """What is known of a path; of a file also the server's hash, in hex, and when it was committed, in s since 1970."""

    hash: str
    mtime: float
