"""PutFile of 1.x: a stream of messages becomes changes of one commit."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from airflow_provider_pachyderm._wire.v1 import pfs_pb2 as pb
from airflow_provider_pachyderm.devserver import urls
from airflow_provider_pachyderm.devserver.engine import Engine
from airflow_provider_pachyderm.devserver.engine.blobs import Blob, BlobWriter
from airflow_provider_pachyderm.devserver.engine.errors import EngineError
from airflow_provider_pachyderm.devserver.engine.model import Change, CommitRef, Delete, Put, PutSplit
from airflow_provider_pachyderm.devserver.engine.splits import Delimiter, Splitter
from airflow_provider_pachyderm.devserver.engine.texts import refused
from airflow_provider_pachyderm.devserver.servicers.v1_messages import commit_ref

_SPLIT_DISABLED = (
    "cannot set split options--targetFileBytes, targetFileDatums, or headerRecords--"
    "with delimiter == NONE, split disabled"
)


class _Whole:
    """Content that becomes one object of a file."""

    def __init__(self, engine: Engine, path: str, overwrite: int | None) -> None:
        self._path = path
        self._overwrite = overwrite
        self._engine = engine
        self._writer: BlobWriter | None = None

    async def write(self, data: bytes) -> None:
        if data:
            self._writer = self._writer or self._engine.blobs.open_writer()
            await self._writer.write(data)

    async def close(self) -> Change:
        pieces = (await self._writer.commit(),) if self._writer else ()
        return Put(self._path, pieces, overwrite=self._overwrite)

    async def abort(self) -> None:
        if self._writer:
            await self._writer.abort()


class _Split:
    """Content that becomes many files."""

    def __init__(self, engine: Engine, path: str, splitter: Splitter) -> None:
        self._engine = engine
        self._path = path
        self._splitter = splitter
        self._pieces: list[Blob] = []

    async def write(self, data: bytes) -> None:
        for piece in self._splitter.feed(data):
            self._pieces.append(await self._store(piece))

    async def close(self) -> Change:
        for piece in self._splitter.close():
            self._pieces.append(await self._store(piece))
        header = await self._store(self._splitter.header) if self._splitter.header else None
        return PutSplit(self._path, tuple(self._pieces), header)

    async def abort(self) -> None:
        """What is stored stays as blobs that nothing refers to."""

    async def _store(self, content: bytes) -> Blob:
        writer = self._engine.blobs.open_writer()
        await writer.write(content)
        # small blobs are written without a pause, but others want to be served too
        await asyncio.sleep(0)
        return await writer.commit()


class Puts:
    """Reads one stream of PutFile.

    ``target`` and ``changes`` hold what the stream asks for when :meth:`read` has returned.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._first: pb.Commit | None = None
        self._current: _Whole | _Split | None = None
        self.changes: list[Change] = []

    @property
    def target(self) -> CommitRef:
        """The commit that all files of the stream name."""
        if self._first is None:
            raise refused("must send a request with a file first")
        return commit_ref(self._first)

    async def read(self, requests: AsyncIterator[pb.PutFileRequest]) -> None:
        """Take the whole stream; its content is stored, the commit is not changed yet."""
        try:
            async for request in requests:
                if request.HasField("file"):
                    await self._finish_current()
                    await self._begin(request)
                elif self._current is None:
                    raise refused("must send a request with a file first")
                if self._current and request.value and not request.url:
                    await self._current.write(request.value)
            await self._finish_current()
        except BaseException:
            if self._current:
                await self._current.abort()
            raise

    async def _begin(self, request: pb.PutFileRequest) -> None:
        self._check_commit(request)
        path = self._engine.files.clean_path(request.file.path)
        if request.delete:
            self.changes.append(Delete(path))
            return
        self._current = self._sink(request, path)
        if request.url:
            async for data in urls.fetch(request.url, explains=True):
                await self._current.write(data)

    def _check_commit(self, request: pb.PutFileRequest) -> None:
        commit = request.file.commit
        if not request.file.HasField("commit"):
            raise refused("file commit cannot be nil")
        if self._first is None:
            self._first = commit
            self._engine.files.check_target(commit_ref(commit))
        elif commit != self._first:
            raise refused(
                "all requests in a put files call must have the same commit ID; "
                f"expected '{self._first.id}', got '{commit.id}'"
            )

    def _sink(self, request: pb.PutFileRequest, path: str) -> _Whole | _Split:
        if request.delimiter == pb.DELIMITER_NONE:
            if request.target_file_bytes or request.target_file_datums or request.header_records:
                raise refused(_SPLIT_DISABLED)
            return _Whole(self._engine, path, _overwrite_index(request))
        if request.delimiter == pb.DELIMITER_SQL:
            raise EngineError("UNIMPLEMENTED", "this dev server does not split SQL dumps yet")
        if request.delimiter not in {delimiter.value for delimiter in Delimiter}:
            raise refused(f"unrecognized delimiter {request.delimiter}")
        limits = (request.target_file_datums, request.target_file_bytes, request.header_records)
        return _Split(self._engine, path, Splitter(Delimiter(request.delimiter), *limits))

    async def _finish_current(self) -> None:
        if self._current is not None:
            current, self._current = self._current, None
            self.changes.append(await current.close())


def _overwrite_index(request: pb.PutFileRequest) -> int | None:
    if not request.HasField("overwrite_index"):
        return None
    index = request.overwrite_index.index
    if index < 0:
        # a real server takes it and dies of it when the file is read
        raise EngineError("UNAVAILABLE", f"a real server crashes here: slice bounds out of range [:{index}]")
    return index
