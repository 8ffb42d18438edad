"""Cutting what a user gives into the chunks of an upload."""

from __future__ import annotations

import os
from collections.abc import AsyncIterable, Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, Protocol, TypeAlias, TypeGuard

from airflow_provider_pachyderm.client._errors import InvalidRequest

# Where throughput peaks, and what Pachyderm's own client sends; bigger messages only cost memory.
CHUNK_SIZE = 2 * 1024 * 1024


class BinaryFile(Protocol):
    """A file opened in binary mode, or anything else with its ``read``."""

    def read(self, size: int, /) -> bytes:
        """Give at most ``size`` bytes; none at the end."""


Buffer: TypeAlias = "bytes | bytearray | memoryview"
Source: TypeAlias = "Buffer | BinaryFile | Iterable[Buffer]"
AsyncSource: TypeAlias = "Source | AsyncIterable[Buffer]"


def is_buffer(source: object) -> TypeGuard[Buffer]:
    """Whether it is bytes itself."""
    try:
        memoryview(source)  # type: ignore[arg-type]
    except TypeError:
        return False
    return True


def is_file(source: object) -> TypeGuard[BinaryFile]:
    """Whether it is to be read; to iterate over it would give lines."""
    return hasattr(source, "read")


def check_source(source: object) -> None:
    """Refuse what cannot be the content of a file, before anything is sent.

    :raises InvalidRequest: for a str, a path, a file in text mode and what is not iterable.
    """
    if is_file(source) and hasattr(source, "encoding"):
        raise InvalidRequest("the file is open in text mode: open it in mode 'rb'")
    if isinstance(source, str) or not (is_file(source) or is_buffer(source) or isinstance(source, Iterable)):
        raise InvalidRequest(
            f"content must be bytes, an iterable of bytes or a binary file, not {type(source).__name__}{_hint(source)}"
        )


def check_async_source(source: object) -> None:
    """Refuse what cannot be the content of a file for the async client, which takes async iterables, too."""
    if not isinstance(source, AsyncIterable):
        check_source(source)


def rewinding(source: object) -> Callable[[], object] | None:
    """Give what makes a source ready to be read again from where it is now; None if it can be read only once."""
    if isinstance(source, (Path, list, tuple)) or is_buffer(source):
        return _nothing
    seekable = getattr(source, "seekable", None)
    if not is_file(source) or not callable(seekable) or not seekable():
        return None
    file: Any = source
    return partial(file.seek, file.tell())


def _nothing() -> None:
    """Do nothing."""


def _as_view(data: Any) -> memoryview:
    """See any contiguous bytes-like object as bytes, without a copy."""
    try:
        return memoryview(data).cast("B")
    except TypeError:
        raise InvalidRequest(
            f"content must consist of bytes-like objects, not {type(data).__name__}{_hint(data)}"
        ) from None


def _hint(data: object) -> str:
    return ": encode it, or use put_file() for a local path" if isinstance(data, (str, os.PathLike)) else ""


class Rechunker:
    """Turns pieces of any size into chunks of ``CHUNK_SIZE`` and a rest, copying only the pieces that are smaller."""

    def __init__(self) -> None:
        self._held = bytearray()

    def feed(self, piece: Buffer) -> Iterator[Buffer]:
        """Give the chunks that are complete. They must be used before ``piece`` changes."""
        view = _as_view(piece)
        if self._held:
            missing = CHUNK_SIZE - len(self._held)
            self._held += view[:missing]
            view = view[missing:]
            if len(self._held) == CHUNK_SIZE:
                yield self.rest()
        while len(view) >= CHUNK_SIZE:
            yield view[:CHUNK_SIZE]
            view = view[CHUNK_SIZE:]
        self._held += view

    def rest(self) -> bytearray:
        """Give what is left, be it nothing."""
        rest, self._held = self._held, bytearray()
        return rest
