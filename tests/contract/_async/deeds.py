"""What somebody does with a repo that has the file ``/a``, for tests of who may do it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from airflow_provider_pachyderm.client import AsyncPfsClient, CommitInfo

Do = Callable[[AsyncPfsClient, str], Awaitable[Any]]


async def name_of(client: AsyncPfsClient) -> str:
    """Whom the server takes a client for."""
    return (await client.who_am_i()).username


async def commits(client: AsyncPfsClient, repo: str) -> list[CommitInfo]:
    return [info async for info in await client.list_commit(repo)]


async def paths(client: AsyncPfsClient, repo: str) -> list[str]:
    return [info.path async for info in await client.list_file((repo, "master"), "/")]


async def read(client: AsyncPfsClient, repo: str) -> dict[str, bytes]:
    return await client.get_files((repo, "master"), "/")


async def write(client: AsyncPfsClient, repo: str) -> None:
    await client.put_file_bytes((repo, "master"), "/new", b"N")


READS: list[Do] = [
    lambda client, repo: client.inspect_commit((repo, "master")),
    commits,
    lambda client, repo: client.list_branch(repo),
    lambda client, repo: client.inspect_file((repo, "master"), "/a"),
    paths,
    lambda client, repo: client.get_file((repo, "master"), "/a"),
    read,
]
WRITES: list[Do] = [
    write,
    lambda client, repo: client.start_commit(repo, "other"),
    lambda client, repo: client.create_branch(repo, "another"),
    lambda client, repo: client.delete_branch(repo, "master"),
    lambda client, repo: client.create_repo(repo, "another description", update=True),
]
