"""300 MB, there and back; ``LARGE_MB=2148`` makes it more than 2 GiB. The memory it takes does not depend on it."""

from __future__ import annotations

import hashlib
import os
import tracemalloc
from collections.abc import Iterator

import pytest

from airflow_provider_pachyderm.client import AsyncPfsClient

PIECE = 1_000_003
PIECES = int(os.environ.get("LARGE_MB", "300"))
MOST_MEMORY = 120 * 2**20  # 2.x servers send messages of 19 MiB


@pytest.fixture(autouse=True)
def little_memory() -> Iterator[None]:
    """Hold what Python allocates against a limit far below the size of the file."""
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < MOST_MEMORY
    finally:
        tracemalloc.stop()


def content() -> Iterator[bytes]:
    for number in range(PIECES):
        yield number.to_bytes(2, "big") * (PIECE // 2) + b"!"


async def test_round_trip(client: AsyncPfsClient, repo: str) -> None:
    sent, received = hashlib.sha256(), hashlib.sha256()
    for piece in content():
        sent.update(piece)
    async with client.commit(repo, "master") as commit:
        await client.put_file_bytes(commit, "/large", content())
    assert (await client.inspect_file(commit, "/large")).size_bytes == PIECE * PIECES
    async with await client.get_file(commit, "/large") as reader:
        async for chunk in reader:
            received.update(chunk)
    assert received.digest() == sent.digest()
    await client.delete_repo(repo)
