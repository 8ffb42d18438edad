"""The content of an upload, as chunks."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterable, Iterable
from contextlib import aclosing
from pathlib import Path
from typing import cast

from airflow_provider_pachyderm.client._dialects.uploads import Content, Upload
from airflow_provider_pachyderm.client._errors import InvalidRequest
from airflow_provider_pachyderm.client._local.chunks import (
    CHUNK_SIZE,
    AsyncSource,
    BinaryFile,
    Buffer,
    Rechunker,
    is_buffer,
    is_file,
)
from airflow_provider_pachyderm.client._local.disk import open_file
from airflow_provider_pachyderm.client._local.progress import FileTransfer, Transfer
from airflow_provider_pachyderm.client._transport.aio import blocking, iterate


async def encode(upload: Upload, contents: Iterable[Content]) -> AsyncGenerator[bytes, None]:
    """Give the messages of an upload. A file is opened when its turn comes and closed before the next."""
    for frame in upload.opening():
        yield frame
    async for content in iterate(contents):
        for frame in content.frames:
            yield frame
        if content.source is None:
            continue
        transfer = content.transfer or FileTransfer(Transfer(None))
        first = True
        with transfer:
            async with aclosing(_chunks(content.source)) as chunks:
                async for chunk in chunks:
                    for frame in upload.data(content.path, chunk, first=first):
                        yield frame
                    transfer.add(len(chunk))  # which has left, as more is asked for
                    first = False


async def _chunks(source: AsyncSource | Path) -> AsyncGenerator[Buffer, None]:
    """Cut a source into chunks, at least one: an empty file is made by an empty chunk."""
    rechunker = Rechunker()
    empty = True
    async with aclosing(_pieces(source)) as pieces:
        async for piece in pieces:
            for chunk in rechunker.feed(piece):
                yield chunk
                empty = False
    rest = rechunker.rest()
    if rest or empty:
        yield rest


async def _pieces(source: AsyncSource | Path) -> AsyncGenerator[Buffer, None]:
    if is_buffer(source):
        yield source
    elif isinstance(source, Path):
        with await blocking(open_file, source) as file:
            async with aclosing(_reads(file)) as pieces:
                async for piece in pieces:
                    yield piece
    elif is_file(source):
        async with aclosing(_reads(source)) as pieces:
            async for piece in pieces:
                yield piece
    else:
        async for piece in iterate(cast("AsyncIterable[Buffer]", source)):
            yield piece


async def _reads(file: BinaryFile) -> AsyncGenerator[Buffer, None]:
    while (data := await blocking(file.read, CHUNK_SIZE)) is not None:
        if not data:
            return
        yield data
    raise InvalidRequest("the file is in non-blocking mode and has nothing to read now, which is not its end")
