"""Telling a caller how far something is."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol

from airflow_provider_pachyderm.client._local.chunks import BinaryFile, is_buffer, is_file


class Progress(Protocol):
    """What is told how many bytes there are, and how many of them are done: ``fsspec.callbacks.Callback`` is one."""

    def set_size(self, size: int, /) -> object:
        """Take note of how many there are in all."""

    def relative_update(self, inc: int, /) -> object:
        """Take note of some more that are done."""


class Transfer:
    """Tells a caller how far a transfer is, by one thread at a time, and never backwards.

    :param progress: is told of all bytes. Where it has ``branched``, as fsspec's callbacks have, that is asked for
        another one for each file of several, which is told of the bytes of that.
    """

    def __init__(self, progress: Progress | None) -> None:
        self._progress = progress
        self._turn = threading.Lock()
        self._size: int | None = None
        self._done = 0

    @property
    def is_watched(self) -> bool:
        """Whether there is somebody to tell."""
        return self._progress is not None

    def expect(self, size: int | None) -> None:
        """Say how many bytes there are; None: only the end tells."""
        if self._progress is not None and size is not None:
            self._size = size
            self._progress.set_size(size)

    def add(self, size: int) -> None:
        """Count some bytes."""
        if self._progress is not None:
            with self._turn:
                self._done += size
                self._progress.relative_update(size)

    def end(self) -> None:
        """Note that all is done. Where that are not as many bytes as was said, it is told."""
        if self._progress is not None and self._done != self._size:
            self.expect(self._done)

    def alone(self, source: object) -> FileTransfer | None:
        """Count the bytes of what is the only file. This may block."""
        if self._progress is None:
            return None
        self.expect(size_of(source))
        return FileTransfer(self)

    def file(self, source: str, target: str, size: int | None) -> FileTransfer:
        """Count the bytes of one file of several.

        :param source: where it is.
        :param target: where it goes.
        :param size: how many bytes it has; None: only its end tells.
        """
        return FileTransfer(self, (source, target), size)

    def several(self, sources: Iterable[tuple[str, object]]) -> list[FileTransfer | None]:
        """Count the bytes of several files, each given by the path that it goes to and its source. This may block."""
        if self._progress is None:
            return [None for _ in sources]
        counted = [
            self.file(str(source) if isinstance(source, Path) else "", path, size_of(source))
            for path, source in sources
        ]
        self.expect(_total(each.size for each in counted))
        return [*counted]

    def branched(self, source: str, target: str) -> Any:
        """Give what is told of one file alone, or None."""
        branch = getattr(self._progress, "branched", None)
        return None if branch is None else branch(source, target)


class FileTransfer:
    """Counts the bytes of one file. Those that pass by once more, as a broken stream is begun anew, do not count again.

    It is a context manager, for what is begun once.

    :param names: where it is and where it goes, if it is one of several.
    """

    def __init__(self, whole: Transfer, names: tuple[str, str] | None = None, size: int | None = None) -> None:
        self.size = size
        self._whole = whole
        self._names = names
        self._child: Any = None
        self._position = 0
        self._counted = 0
        self._ended = False

    def begin(self) -> None:
        """Count from the start of the file."""
        self._position = 0
        if self._names is not None and self._child is None:
            self._child = self._whole.branched(*self._names)
            if self._child is not None and self.size is not None:
                self._child.set_size(self.size)

    def add(self, size: int) -> None:
        """Count some bytes."""
        self._position += size
        new = self._position - self._counted
        if new > 0:
            self._counted = self._position
            self._whole.add(new)
            if self._child is not None:
                self._child.relative_update(new)

    def end(self) -> None:
        """Note that the file is done."""
        if self._child is not None and not self._ended:
            if self._counted != self.size:
                self._child.set_size(self._counted)
            self._child.close()
        self._ended = True

    def __enter__(self) -> FileTransfer:
        self.begin()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.end()


class CountedFile:
    """A file of which is counted what is read.

    :param file: is read from where it is now.
    """

    def __init__(self, file: BinaryFile, transfer: Transfer) -> None:
        self._file = file
        self._transfer = transfer
        transfer.expect(size_of(file) if transfer.is_watched else None)

    def read(self, size: int, /) -> bytes:
        """Read and count."""
        data = self._file.read(size)
        self._transfer.add(len(data))
        return data


def size_of(source: object) -> int | None:
    """Tell how many bytes a source will give, without reading it; None if only its end tells."""
    if isinstance(source, Path):
        return source.stat().st_size
    if is_buffer(source):
        return memoryview(source).nbytes
    if isinstance(source, (list, tuple)):
        return _total(memoryview(piece).nbytes if is_buffer(piece) else None for piece in source)
    seekable = getattr(source, "seekable", None)
    if not is_file(source) or not callable(seekable) or not seekable():
        return None
    file: Any = source
    here: int = file.tell()
    end: int = file.seek(0, 2)
    file.seek(here)
    return max(0, end - here)


def _total(sizes: Iterable[int | None]) -> int | None:
    known = list(sizes)
    return None if None in known else sum(size or 0 for size in known)
