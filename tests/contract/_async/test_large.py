"""300 MB, there and back."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from airflow_provider_pachyderm.client import AsyncPfsClient

PIECE = 1_000_003
PIECES = 300


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
