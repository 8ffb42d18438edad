"""Writing one file: it is streamed, and appears when its commit is finished, or not at all."""

from __future__ import annotations

import io
import logging
import queue
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any, BinaryIO

from airflow_provider_pachyderm.fs._unwinding import Unwinding

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

    from airflow_provider_pachyderm.client import PfsClient
    from airflow_provider_pachyderm.fs._commits import SharedCommit

log = logging.getLogger(__name__)

CHUNK_SIZE = 2 * 1024 * 1024
# Chunks that wait for the network; a faster writer is blocked.
_QUEUED = 2
# Seconds for an upload to abort. A task that is killed has 5 s in which to drop its commit.
_ABORT_TIMEOUT = 1.0


class _Discarded(Exception):
    """Aborts an upload."""


class _Upload(io.RawIOBase):
    """Hands what is written to a thread, in which the client pulls what it sends."""

    def __init__(self, client: PfsClient, shared: SharedCommit, path: str, *, append: bool) -> None:
        super().__init__()
        self.described = f"File {path!r} of commit {shared.commit}"
        self._shared = shared
        self._position = 0
        self._chunks: queue.Queue[bytes | None] = queue.Queue(_QUEUED)
        self._ended = False
        self._discarded = False
        self._failure: Exception | None = None
        self._thread = threading.Thread(target=self._send, args=(client, path, append), daemon=True)
        self._thread.start()

    def writable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def write(self, data: ReadableBuffer, /) -> int:
        if self._failure is not None:
            raise self._failure
        chunk = bytes(memoryview(data).cast("B")[:CHUNK_SIZE])
        self._chunks.put(chunk)
        self._position += len(chunk)
        return len(chunk)

    def close(self) -> None:
        if self.closed:
            return
        super().close()
        try:
            self._chunks.put(None)
            self._thread.join()
        except BaseException:
            self._abort()
            raise
        self._shared.leave(failed=self._failure is not None)
        if self._failure is not None:
            raise self._failure

    def discard(self) -> None:
        """Abort the upload; the commit is then dropped."""
        if not self.closed:
            super().close()
            self._abort()

    def _abort(self) -> None:
        self._discarded = True
        with suppress(queue.Full):  # else the thread does not wait for more
            self._chunks.put_nowait(None)
        self._thread.join(_ABORT_TIMEOUT)
        self._shared.leave(failed=True)

    def _send(self, client: PfsClient, path: str, append: bool) -> None:
        try:
            client.put_file_bytes(self._shared.commit, path, self._queued(), append=append)
        except Exception as error:
            self._failure = error
            while not (self._ended or self._discarded):  # whoever writes must not wait for ever
                self._ended = self._chunks.get() is None

    def _queued(self) -> Iterator[bytes]:
        while (chunk := self._chunks.get()) is not None:
            if self._discarded:
                raise _Discarded
            yield chunk
        self._ended = True
        if self._discarded:
            raise _Discarded


class DroppedUnlessClosed:
    """A file that is dropped unless it is closed while no error is being raised.

    It is dropped if a ``with`` around it raises, if it is closed because of an error, by whomever, and if nobody closes
    it: the garbage collector cannot know whether all was written.
    """

    _unwinding: Unwinding
    # Nothing is left to decide: it is closed, dropped, or could not be opened.
    _settled = True

    def _opened(self) -> None:
        """Note that it is open; from now on it is dropped unless it is closed."""
        self._unwinding = Unwinding()
        self._settled = False

    def discard(self) -> None:
        """Drop what was written."""
        self._settled = True
        self._drop()

    def close(self) -> None:
        """Keep it, unless it is closed because of an error that is being raised."""
        settled, self._settled = self._settled, True
        if not settled and self._unwinding:
            log.warning("%s was not written because an error occurred before it was closed", self._described())
            self._drop()
        super().close()  # type: ignore[misc]

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        if kind is not None:
            self.discard()
        self.close()

    def __del__(self) -> None:
        self._dealloc_warn(self)

    def _dealloc_warn(self, source: object) -> None:
        # Python's own wrappers, such as of text, call it when they are collected, just before they close what is below.
        if not self._settled:
            advice = (
                f"{self._described()} was never closed, so it was not written: use it in a 'with' block, or close() it"
            )
            self.discard()
            log.warning("%s", advice)
            warnings.warn(advice, ResourceWarning, source=source, stacklevel=2)

    def _drop(self) -> None:
        """Abort the upload; the commit is then dropped."""
        raise NotImplementedError

    def _described(self) -> str:
        """Name the file."""
        raise NotImplementedError


class PachydermWriter(DroppedUnlessClosed, io.BufferedWriter):
    """A file of an open commit, opened for writing.

    :param client: the client to use
    :param shared: the commit, which this writer leaves in the end
    :param path: path in Pachyderm
    :param append: to what is in the file
    """

    raw: _Upload

    def __init__(self, client: PfsClient, shared: SharedCommit, path: str, *, append: bool = False) -> None:
        super().__init__(_Upload(client, shared, path, append=append), CHUNK_SIZE)
        self._opened()

    def _described(self) -> str:
        return self.raw.described

    def _drop(self) -> None:
        self.raw.discard()


class PachydermPacker(DroppedUnlessClosed, io.BufferedIOBase):
    """A file that is compressed while it is written.

    :param file: where it goes
    :param compress: makes a compressing file of it
    """

    def __init__(self, file: PachydermWriter, compress: Callable[..., BinaryIO]) -> None:
        super().__init__()
        self._file = file
        self._packer = compress(file, mode="w")
        self._opened()

    def _described(self) -> str:
        return self._file.raw.described

    def writable(self) -> bool:
        """Say yes."""
        return True

    def write(self, data: ReadableBuffer, /) -> int:
        """Compress some bytes."""
        self._packer.write(data)
        return memoryview(data).nbytes

    def close(self) -> None:
        """Compress the rest, and keep it."""
        if not self.closed:
            super().close()
            with self._file:
                self._packer.close()

    def _drop(self) -> None:
        self._file.discard()
        with suppress(ValueError):  # it cannot write its last bytes
            self._packer.close()
        super().close()


class PachydermTextWriter(DroppedUnlessClosed, io.TextIOWrapper):
    """A file of text."""

    buffer: PachydermWriter | PachydermPacker | None  # type: ignore[assignment]

    def __init__(self, buffer: PachydermWriter | PachydermPacker, **kwargs: Any) -> None:
        super().__init__(buffer, **kwargs)  # type: ignore[arg-type]
        self._opened()

    def _described(self) -> str:
        return self.buffer._described() if self.buffer is not None else "A file of text"

    def _drop(self) -> None:
        if self.buffer is not None:  # it has none if it could not be made
            self.buffer.discard()
