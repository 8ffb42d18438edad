"""The async client, as users write it. Never run: mypy and pyright read it, see ``make types``."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import assert_type

from airflow_provider_pachyderm.client import (
    AsyncFileReader,
    AsyncItems,
    AsyncModification,
    AsyncOpenedFile,
    AsyncPfsClient,
    Commit,
    CommitInfo,
    FileInfo,
    RepoInfo,
    Version,
)


async def pieces() -> AsyncIterator[bytes]:
    yield b"one"


async def use() -> None:
    async with AsyncPfsClient("localhost", project="p") as client:
        assert_type(client, AsyncPfsClient)
        assert_type(await client.version(), Version)
        assert_type(await client.list_repo(), list[RepoInfo])
        async with client.commit("images", "master") as commit:
            assert_type(commit, Commit)
            await client.put_file_bytes(commit, "/a", pieces())
            await client.put_file_bytes(commit, "/b", b"bytes")
        assert_type(await client.wait_commit(commit), CommitInfo)
        async with client.modify("images@master") as changes:
            assert_type(changes, AsyncModification)
            changes.put("/a", pieces())
        async with client.transaction() as transaction:
            assert_type(transaction, str)
        async with await client.get_file(commit, "/a") as reader:
            assert_type(reader, AsyncFileReader)
            assert_type(await reader.read(), bytes)
            assert_type([chunk async for chunk in reader], list[bytes])
        async with await client.open_file(commit, "/a") as file:
            assert_type(file, AsyncOpenedFile)
            assert_type(await file.read(2), bytes)
        files = await client.list_file(commit, "/")
        assert_type(files, AsyncItems[FileInfo])
        assert_type([info.path async for info in files], list[str])
        async with await client.subscribe_commit("images", "master") as following:
            async for info in following:
                assert_type(info, CommitInfo)
