"""PutFile of 1.x: a stream of messages becomes changes of one commit."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from itertools import groupby

from google.protobuf.unknown_fields import UnknownFieldSet

from airflow_provider_pachyderm._wire.v1 import pfs_pb2 as pb
from airflow_provider_pachyderm.devserver.engine import Engine
from airflow_provider_pachyderm.devserver.engine.errors import EngineError, crash, refused
from airflow_provider_pachyderm.devserver.engine.files.paths import is_lost
from airflow_provider_pachyderm.devserver.engine.files.split_records import CUT, BadContent
from airflow_provider_pachyderm.devserver.engine.files.splits import Delimiter, Splitter
from airflow_provider_pachyderm.devserver.engine.model import Change, CommitRef, Delete, HeaderFooter, Put, PutSplit
from airflow_provider_pachyderm.devserver.engine.store.blobs import Blob, BlobWriter
from airflow_provider_pachyderm.devserver.servicers.needs import check
from airflow_provider_pachyderm.devserver.servicers.requests import MissingMessage, required
from airflow_provider_pachyderm.devserver.servicers.v1.messages import commit_ref
from airflow_provider_pachyderm.devserver.servicers.v1.needs import PUT_FILE_NEEDS
from airflow_provider_pachyderm.devserver.servicers.v1.put_rules import (
    BAD_URL_IS_NAMED,
    CUT_JSON_STATUS,
    DELIMITERS,
    DUMP_ROWS_CRLF,
    EMPTY_STREAM_STATUS,
    HEADER_FOOTER_FIELDS,
    MANY_FILES,
    OVERWRITE_FLAG,
    PUTS_SIDE_BY_SIDE,
    SAME_COMMIT,
    SPLIT_LIMITS_CHECKED,
    STREAM_SCRAMBLES,
    URL_STATUS_CHECKED,
)

_FLAG = pb.PutFileRequest.OVERWRITE_INDEX_FIELD_NUMBER
"""The number of 1.5.3's ``bool overwrite``."""
_KEEP_ORDER = 2

_SPLIT_DISABLED = (
    "cannot set split options--targetFileBytes, targetFileDatums, or headerRecords--"
    "with delimiter == NONE, split disabled"
)


class _Whole:
    """Content that becomes one object of a file."""

    def __init__(self, engine: Engine, path: str, overwrite: int | None) -> None:
        self._path = path
        self._overwrite = overwrite
        self._writer: BlobWriter = engine.blobs.open_writer()

    async def write(self, data: bytes) -> None:
        await self._writer.write(data)

    async def close(self) -> Change:
        # also an empty one: it counts where objects are counted
        return Put(self._path, (await self._writer.commit(),), overwrite=self._overwrite)

    async def abort(self) -> None:
        await self._writer.abort()


class _Split:
    """Content that becomes many files."""

    def __init__(self, engine: Engine, path: str, splitter: Splitter) -> None:
        self._engine = engine
        self._path = path
        self._splitter = splitter
        self._pieces: list[Blob] = []

    async def write(self, data: bytes) -> None:
        for piece in self._checked(self._splitter.feed, data):
            self._pieces.append(await self._store(piece))

    async def close(self) -> Change:
        for piece in self._checked(self._splitter.close):
            self._pieces.append(await self._store(piece))
        around = (self._splitter.header, self._splitter.footer)
        shared = HeaderFooter(*[await self._store(content) if content else None for content in around])
        return PutSplit(self._path, tuple(self._pieces), shared)

    def _checked(self, split: Callable[..., list[bytes]], *data: bytes) -> list[bytes]:
        try:
            return split(*data)
        except BadContent as error:
            code = self._engine.profile[CUT_JSON_STATUS] if error.text == CUT else error.code
            raise EngineError(code, error.text) from None

    async def abort(self) -> None:
        """What is stored stays as blobs that nothing refers to."""

    async def _store(self, content: bytes) -> Blob:
        writer = self._engine.blobs.open_writer()
        await writer.write(content)
        # small blobs are written without a pause, but others want to be served too
        await asyncio.sleep(0)
        return await writer.commit()


class PutFileStream:
    """Reads one stream of PutFile.

    ``target`` and ``changes`` hold what the stream asks for when :meth:`read` has returned.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._profile = engine.profile
        self._first: pb.Commit | None = None
        self._current: _Whole | _Split | None = None
        self._lost = False
        self.changes: list[Change] = []

    @property
    def target(self) -> CommitRef | None:
        """The commit that the files of the stream name; None if there are none."""
        return None if self._first is None else commit_ref(self._first)

    async def read(self, requests: AsyncIterator[pb.PutFileRequest]) -> None:
        """Take the whole stream; its content is stored, the commit is not changed yet."""
        try:
            async for request in requests:
                self._check_fields(request)
                if request.HasField("file") and (self._profile[MANY_FILES] or self._first is None):
                    await self._finish_current()
                    await self._begin(request)
                elif self._current is None:
                    raise MissingMessage("must send a request with a file first")
                if self._current and request.value and not request.url:
                    await self._current.write(request.value)
            await self._finish_current()
            await self._engine.blobs.sync()
        except BaseException:
            if self._current:
                await self._current.abort()
            raise
        code = self._profile[EMPTY_STREAM_STATUS]
        if self._first is None and code:
            raise EngineError(code, "EOF")
        if self._profile[STREAM_SCRAMBLES]:
            self.changes = _scrambled(self.changes)
        if self._profile[PUTS_SIDE_BY_SIDE]:
            self.changes = _last_first(self.changes)

    def _check_fields(self, request: pb.PutFileRequest) -> None:
        """Refuse fields whose numbers have another meaning in this version."""
        if self._profile[HEADER_FOOTER_FIELDS] and request.header_records:
            raise _wrong_type(0, "Header")
        if self._profile[HEADER_FOOTER_FIELDS] and request.delete:
            raise _wrong_type(0, "Footer")
        if self._profile[OVERWRITE_FLAG] and request.HasField("overwrite_index"):
            raise _wrong_type(2, "Overwrite")

    async def _begin(self, request: pb.PutFileRequest) -> None:
        self._check_commit(request)
        path = self._engine.files.clean_path(request.file.path)
        if request.delete:
            self.changes.append(Delete(path))
            return
        self._lost = is_lost(request.file.path, self._profile)
        if request.url:
            await self._fetch(request, path)
        else:
            self._current = self._sink(request, path)

    async def _fetch(self, request: pb.PutFileRequest, path: str) -> None:
        from airflow_provider_pachyderm.devserver import (
            urls,  # httpx is a third of the time that a server takes to start
        )

        found = urls.files(
            request.url,
            request.recursive,
            self._profile,
            self._engine.url_limits,
            explains=self._profile[BAD_URL_IS_NAMED],
            statuses=self._profile[URL_STATUS_CHECKED],
        )
        async with aclosing(found):
            async for rest, content in found:
                await self._finish_current()
                self._current = self._sink(request, self._engine.files.clean_path(f"{path}/{rest}"))
                async with aclosing(content):
                    async for data in content:
                        await self._current.write(data)

    def _check_commit(self, request: pb.PutFileRequest) -> None:
        commit = request.file.commit
        required(request.file, "commit", "file commit cannot be nil")
        if self._first is None:
            self._first = commit
            check(self._engine, PUT_FILE_NEEDS, "file", request)
            self._engine.files.check_target(commit_ref(commit))
        elif commit != self._first and self._profile[SAME_COMMIT]:
            raise refused(self._profile[SAME_COMMIT].format(one=self._first.id, other=commit.id))

    def _sink(self, request: pb.PutFileRequest, path: str) -> _Whole | _Split:
        if request.delimiter == pb.DELIMITER_NONE:
            limited = request.target_file_bytes or request.target_file_datums or request.header_records
            if limited and self._profile[SPLIT_LIMITS_CHECKED]:
                raise refused(_SPLIT_DISABLED)
            return _Whole(self._engine, path, self._overwrite(request))
        if request.delimiter not in self._profile[DELIMITERS]:
            raise refused(f"unrecognized delimiter {request.delimiter}")
        limits = (request.target_file_datums, request.target_file_bytes, request.header_records)
        return _Split(
            self._engine, path, Splitter(Delimiter(request.delimiter), *limits, self._profile[DUMP_ROWS_CRLF])
        )

    def _overwrite(self, request: pb.PutFileRequest) -> int | None:
        """The object from which on a file is replaced."""
        if self._profile[OVERWRITE_FLAG]:
            unknown = UnknownFieldSet(request)
            numbers = [unknown[index].field_number for index in range(len(unknown))]
            return 0 if _FLAG in numbers else None
        return _overwrite_index(request)

    async def _finish_current(self) -> None:
        if self._current is not None:
            current, self._current = self._current, None
            change = await current.close()
            if not self._lost:
                self.changes.append(change)


def _wrong_type(wire_type: int, field: str) -> EngineError:
    text = f"proto: wrong wireType = {wire_type} for field {field}"
    return EngineError("INTERNAL", f"grpc: failed to unmarshal the received message {text}")


def _scrambled(changes: list[Change]) -> list[Change]:
    """The order in which several puts of one file are stored: three or more are stored in another order."""
    result: list[Change] = []
    for _, group in groupby(changes, lambda change: (type(change), change.path)):
        run = list(group)
        if len(run) > _KEEP_ORDER and isinstance(run[0], Put):
            run[0], run[1] = run[1], run[0]
        result += run
    return result


def _last_first(changes: list[Change]) -> list[Change]:
    """What becomes at worst of several puts of one file of which one overwrites: the first one ends last, and wins."""
    places: dict[str, list[int]] = {}
    for place, change in enumerate(changes):
        if isinstance(change, Put):
            places.setdefault(change.path, []).append(place)
    result = [*changes]
    for of_path in places.values():
        puts = [change for place in of_path if isinstance(change := changes[place], Put)]
        if any(put.overwrite is not None for put in puts):
            for place, put in zip(of_path, reversed(puts), strict=True):
                result[place] = put
    return result


def _overwrite_index(request: pb.PutFileRequest) -> int | None:
    if not request.HasField("overwrite_index"):
        return None
    index = request.overwrite_index.index
    if index < 0:
        # a real server takes it and dies of it when the file is read
        raise crash(f"slice bounds out of range [:{index}]")
    return index
