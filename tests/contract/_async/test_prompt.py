"""What the client and what it gives look like at a prompt."""

from __future__ import annotations

import re
from typing import Any

from airflow_provider_pachyderm.client import AsyncPfsClient, ClientConfig, Commit, FileInfo, FileType
from tests.contract.conftest import Server
from tests.support._async.streams import collect, step

NAME = AsyncPfsClient.__name__.removesuffix("PfsClient")


async def test_the_client_says_where_it_is(server: Server, repo: str) -> None:
    config = ClientConfig(host=server.host, port=server.port)
    address, tls = config.target, config.tls
    client = AsyncPfsClient(config.host, str(config.target_port), tls=tls, auth_token="secret-token")
    assert repr(client) == f"<{NAME}PfsClient {address}>"
    version = await client.version()
    assert repr(client) == f"<{NAME}PfsClient {address}, Pachyderm {version}>"
    await client.close()
    assert repr(client) == f"<{NAME}PfsClient {address}, Pachyderm {version}, closed>"
    within = AsyncPfsClient(config.host, config.port, tls=tls, project="plans", version="2.11.6")
    assert repr(within) == f"<{NAME}PfsClient {address}, Pachyderm 2.11.6, project plans>"
    await within.close()


async def test_a_list_says_what_it_is_of(client: AsyncPfsClient, repo: str) -> None:
    commit = await client.put_file_bytes(f"{repo}@master:/a", b"A")
    items = await client.list_file(commit)
    # a list that a server gives in several calls is of none of them
    assert re.fullmatch(rf"<{NAME}Items( of ListFile(Stream)? {commit}:/)?: 0 read, there may be more>", repr(items))
    await step(items)
    assert "1 read" in repr(items)
    assert await collect(items) == []
    assert repr(items).endswith("1 read, no more will come>")
    async with await client.list_file(commit) as closed:
        pass
    assert repr(closed).endswith("0 read, closed>")


async def test_all_of_a_list(client: AsyncPfsClient, repo: str) -> None:
    commit = await client.put_file_bytes(f"{repo}@master:/a", b"A")
    items: Any = await client.list_file(commit)
    found: list[FileInfo] = await items.to_list()
    assert [(info.path, info.type) for info in found] == [("/a", FileType.FILE)]
    assert "<td>/a</td><td>file</td><td>1</td>" in found._repr_html_()  # type: ignore[attr-defined]
    assert repr(items).endswith("1 read, closed>")


async def test_lists_are_lists_and_tables(client: AsyncPfsClient, repo: str) -> None:
    listed: Any = await client.list_repo()
    assert isinstance(listed, list)
    own = type(listed)(info for info in listed if info.repo.name == repo)
    assert f"{repo}</td>" in own._repr_html_()
    await client.put_file_bytes(f"{repo}@master:/a", b"A")
    await client.create_branch(repo, "other", f"{repo}@master")
    branches: Any = await client.list_branch(repo, reverse=True)
    assert "@other</td>" in branches._repr_html_()


async def test_readers_say_how_far_they_are(client: AsyncPfsClient, repo: str) -> None:
    commit: Commit = await client.put_file_bytes(f"{repo}@master:/a", b"12345")
    async with await client.get_file(commit, "/a") as reader:
        assert repr(reader) == f"<{NAME}FileReader of {commit}:/a: 0 bytes read, open>"
        await reader.read(2)
        assert repr(reader).endswith(": 2 bytes read, open>")
        await reader.read()
        assert repr(reader).endswith(": 5 bytes read, at its end>")
    assert repr(reader).endswith(": 5 bytes read, closed>")
    async with await client.get_file_tar(commit) as archive:
        assert repr(archive).startswith(f"<{NAME}FileReader of ")
    async with await client.open_file(commit, "/a") as file:
        await file.read(2)
        assert repr(file).startswith(f"<{NAME}OpenedFile /a: ")
    assert repr(file) == f"<{NAME}OpenedFile /a: closed>"


async def test_changes_say_what_they_are_for(client: AsyncPfsClient, repo: str) -> None:
    async with client.modify(f"{repo}@master") as changes:
        changes.put("/a", b"A")
        assert repr(changes) == f"<{NAME}Modification: 1 change>"
        changes.put("/b", b"B")
    assert repr(changes) == f"<{NAME}Modification: 2 changes made in {changes.commit}>"
