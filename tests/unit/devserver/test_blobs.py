from __future__ import annotations

import asyncio
import hashlib
import tracemalloc
from pathlib import Path

import pytest

from airflow_provider_pachyderm.devserver.engine.blobs import Blob, BlobStore, DirectoryBlobs, MemoryBlobs

SMALL = b"hello"
LARGE = bytes(range(256)) * 4096  # 1 MiB: more than a writer holds back


@pytest.fixture(params=["directory", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> BlobStore:
    return DirectoryBlobs(tmp_path / "blobs") if request.param == "directory" else MemoryBlobs()


async def put(store: BlobStore, *pieces: bytes) -> Blob:
    writer = store.open_writer()
    for piece in pieces:
        await writer.write(piece)
    return await writer.commit()


async def read(store: BlobStore, hash: str, *args: int) -> bytes:
    return b"".join([piece async for piece in store.read(hash, *args)])


@pytest.mark.parametrize("content", [b"", SMALL, LARGE])
async def test_content_comes_back_under_its_hash(store: BlobStore, content: bytes) -> None:
    blob = await put(store, content)
    assert blob == Blob(hashlib.sha256(content).hexdigest(), len(content))
    assert await read(store, blob.hash) == content


async def test_pieces_of_any_size_make_one_blob(store: BlobStore) -> None:
    whole = await put(store, LARGE)
    assert await put(store, LARGE[:1], b"", LARGE[1:300_000], LARGE[300_000:]) == whole


@pytest.mark.parametrize(
    ("offset", "size", "expected"),
    [(0, None, b"hello"), (1, 3, b"ell"), (3, 99, b"lo"), (5, None, b""), (9, 1, b""), (2, 0, b"")],
)
async def test_ranges(store: BlobStore, offset: int, size: int | None, expected: bytes) -> None:
    blob = await put(store, SMALL)
    assert b"".join([p async for p in store.read(blob.hash, offset, size)]) == expected


async def test_chunks_have_the_asked_size(store: BlobStore) -> None:
    blob = await put(store, LARGE)
    sizes = [len(piece) async for piece in store.read(blob.hash, 10, 1000, chunk=300)]
    assert sizes == [300, 300, 300, 100]


async def test_aborted_content_is_not_there(store: BlobStore) -> None:
    for content in (SMALL, LARGE):
        writer = store.open_writer()
        await writer.write(content)
        await writer.abort()
        with pytest.raises(FileNotFoundError):
            await read(store, hashlib.sha256(content).hexdigest())


def files(path: Path) -> list[Path]:
    return [p for p in path.rglob("*") if p.is_file()]


async def test_same_content_is_one_file(tmp_path: Path) -> None:
    store = DirectoryBlobs(tmp_path)
    for content in (SMALL, LARGE, SMALL, LARGE):
        await put(store, content)
    assert len(files(tmp_path)) == 2


async def test_abort_and_reopening_leave_no_temporary_files(tmp_path: Path) -> None:
    store = DirectoryBlobs(tmp_path)
    kept = await put(store, LARGE)
    aborted, unfinished = store.open_writer(), store.open_writer()
    await aborted.write(LARGE)
    await aborted.abort()
    assert len(files(tmp_path)) == 1
    await unfinished.write(LARGE)
    assert len(files(tmp_path)) == 2
    store = DirectoryBlobs(tmp_path)
    assert len(files(tmp_path)) == 1
    assert await read(store, kept.hash) == LARGE
    await unfinished.abort()


async def test_writers_at_the_same_time_do_not_mix(store: BlobStore) -> None:
    contents = [bytes([i]) * 600_000 for i in range(8)]
    blobs = await asyncio.gather(*(put(store, c[:250_000], c[250_000:]) for c in contents))
    assert [await read(store, blob.hash) for blob in blobs] == contents


async def test_a_large_stream_needs_little_memory(tmp_path: Path) -> None:
    store = DirectoryBlobs(tmp_path)
    piece = bytes(1024 * 1024)
    tracemalloc.start()
    try:
        writer = store.open_writer()
        for _ in range(64):
            await writer.write(piece)
        blob = await writer.commit()
        total = 0
        async for part in store.read(blob.hash):
            total += len(part)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert total == 64 * len(piece)
    assert peak < 12 * len(piece)
