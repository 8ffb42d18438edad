from __future__ import annotations

import asyncio
import gc
import hashlib
import time
import tracemalloc
from pathlib import Path

import pytest

from airflow_provider_pachyderm.devserver.engine.store.blobs import (
    LONG,
    Blob,
    BlobStore,
    DamagedBlob,
    DirectoryBlobs,
    MemoryBlobs,
)

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


async def read(store: BlobStore, blob: Blob, *args: int) -> bytes:
    return b"".join([piece async for piece in store.read(blob, *args)])


@pytest.mark.parametrize("content", [b"", SMALL, LARGE])
async def test_content_comes_back_under_its_hash(store: BlobStore, content: bytes) -> None:
    blob = await put(store, content)
    assert blob == Blob(hashlib.sha256(content).hexdigest(), len(content))
    assert await read(store, blob) == content


async def test_content_is_named_by_a_longer_hash_where_that_is_told(tmp_path: Path) -> None:
    for store in (DirectoryBlobs(tmp_path, algorithm=LONG), MemoryBlobs(LONG)):
        blob = await put(store, SMALL)
        assert blob == Blob(hashlib.sha512(SMALL).hexdigest(), len(SMALL))
        assert await read(store, blob) == SMALL
    DirectoryBlobs(tmp_path).file_of(blob.hash).write_bytes(b"jello")
    with pytest.raises(DamagedBlob, match="not those that were stored"):
        await read(DirectoryBlobs(tmp_path), blob)


async def test_pieces_of_any_size_make_one_blob(store: BlobStore) -> None:
    whole = await put(store, LARGE)
    assert await put(store, LARGE[:1], b"", LARGE[1:300_000], LARGE[300_000:]) == whole


@pytest.mark.parametrize(
    ("offset", "size", "expected"),
    [(0, None, b"hello"), (1, 3, b"ell"), (3, 99, b"lo"), (5, None, b""), (9, 1, b""), (2, 0, b"")],
)
async def test_ranges(store: BlobStore, offset: int, size: int | None, expected: bytes) -> None:
    blob = await put(store, SMALL)
    assert b"".join([p async for p in store.read(blob, offset, size)]) == expected


async def test_chunks_have_the_asked_size(store: BlobStore) -> None:
    blob = await put(store, LARGE)
    sizes = [len(piece) async for piece in store.read(blob, 10, 1000, chunk=300)]
    assert sizes == [300, 300, 300, 100]


async def test_aborted_content_is_not_there(store: BlobStore) -> None:
    for content in (SMALL, LARGE):
        writer = store.open_writer()
        await writer.write(content)
        await writer.abort()
        with pytest.raises((DamagedBlob, KeyError)):
            await read(store, Blob(hashlib.sha256(content).hexdigest(), len(content)))


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
    assert await read(store, kept) == LARGE
    await unfinished.abort()


async def test_writers_at_the_same_time_do_not_mix(store: BlobStore) -> None:
    contents = [bytes([i]) * 600_000 for i in range(8)]
    blobs = await asyncio.gather(*(put(store, c[:250_000], c[250_000:]) for c in contents))
    assert [await read(store, blob) for blob in blobs] == contents


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
        async for part in store.read(blob):
            total += len(part)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert total == 64 * len(piece)
    assert peak < 12 * len(piece)


@pytest.mark.parametrize("content", [SMALL, LARGE])
async def test_damage_is_noticed(tmp_path: Path, content: bytes) -> None:
    store = DirectoryBlobs(tmp_path)
    blob = await put(store, content)
    file = store.file_of(blob.hash)
    file.write_bytes(content[:-1])
    with pytest.raises(DamagedBlob, match=f"has {len(content) - 1} bytes of it instead of {len(content)}"):
        await read(store, blob, 2)
    file.write_bytes(content[:-1] + b"?")
    assert await read(store, blob, 0, 3) == content[:3]  # only reading all of it shows the change
    with pytest.raises(DamagedBlob, match="not those that were stored"):
        await read(store, blob)
    file.unlink()
    with pytest.raises(DamagedBlob, match="missing"):
        await read(store, blob)


@pytest.mark.parametrize("content", [SMALL, LARGE])
async def test_storing_again_mends_what_was_damaged(tmp_path: Path, content: bytes) -> None:
    store = DirectoryBlobs(tmp_path)
    blob = await put(store, content)
    store.file_of(blob.hash).write_bytes(bytes(len(content)))
    assert await put(store, content) == blob
    assert await read(store, blob) == content


async def test_a_sweep_takes_what_is_neither_used_nor_held(store: BlobStore) -> None:
    used, held = await put(store, b"used"), await put(store, b"held")
    unused = (await put(store, b"unused")).hash
    gc.collect()
    assert await store.sweep(lambda: {used.hash}) == 1
    assert (await read(store, used), await read(store, held)) == (b"used", b"held")
    with pytest.raises((DamagedBlob, KeyError)):
        await read(store, Blob(unused, 6))


async def test_a_sweep_leaves_what_is_stored_meanwhile(store: BlobStore) -> None:
    async def stored() -> None:
        for number in range(200):
            await put(store, b"%d" % number)

    def used() -> set[str]:
        return set()

    blobs = [await put(store, b"%d" % number) for number in range(100)]
    for _ in range(5):
        await asyncio.gather(stored(), store.sweep(used))
    assert [await read(store, blob) for blob in blobs] == [b"%d" % number for number in range(100)]


async def test_what_is_synced_is_readable(tmp_path: Path) -> None:
    store = DirectoryBlobs(tmp_path, durable=True)
    blob = await put(store, LARGE)
    await store.sync()
    assert await read(DirectoryBlobs(tmp_path), blob) == LARGE


async def test_nobody_is_told_before_what_others_sync_for_all_is_done(tmp_path: Path) -> None:
    done: list[str] = []

    class Slow(DirectoryBlobs):
        def _sync(self) -> None:
            super()._sync()
            time.sleep(0.2)
            done.append("synced")

    async def synced(store: DirectoryBlobs) -> None:
        await store.sync()
        done.append("told")

    store = Slow(tmp_path, durable=True)
    await put(store, SMALL)
    await asyncio.gather(synced(store), synced(store))
    assert done == ["synced", "told", "told"]
