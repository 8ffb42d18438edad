"""Files by names that no put takes, but pipelines write: what is listed can be read, and is not taken for a pattern."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from airflow_provider_pachyderm.client import (
    AsyncPfsClient,
    Commit,
    FileNotFound,
    FileType,
    InvalidRequest,
    Unsupported,
    _paths,
)
from airflow_provider_pachyderm.client._capabilities import Feature
from airflow_provider_pachyderm.testing.server import DevServer
from tests.contract.conftest import Supports
from tests.support._async.streams import collect
from tests.support.faulty import strike

NAMES = (
    *(f"/{start}{character}end" for character in "*?[]{}()!@+^" for start in ("", "mid")),
    *("/a[1]", "/[ab]", "/{a,b}", "/@(a|b)", "/!(a)", "/d[x]/f{y}", "/d[x]/[^a-b]", "/a [1] (copy).csv"),
    *("/a\\b", "/a\\[b", "/a{\\", "/tab\there", "/line\nend", "/ünï/é", "/日本", "/\x7f", "/ü(1)"),
)
# what patterns of these names would find, were they taken for such
DECOYS = ("/a1", "/a", "/b", "/end", "/xend", "/midend", "/midxend", "/dx/fy", "/ab")
Fill = Callable[..., Awaitable[Commit]]


@pytest.fixture
async def fill(server: DevServer, client: AsyncPfsClient, repo: str, monkeypatch: pytest.MonkeyPatch) -> Fill:
    """Make a commit with files of any names, each with its name as content, as a pipeline writes them."""

    async def fill(*names: str) -> Commit:
        async with AsyncPfsClient(server.host, server.port) as writer:
            with monkeypatch.context() as patch:
                patch.setattr(_paths, "for_writing", _paths.exact)
                async with client.commit(repo, "master") as commit:
                    strike(writer, "any-name")
                    for name in names:
                        await writer.put_file_bytes(commit, name, name.encode(), append=True)
        return (await client.wait_commit(commit)).commit

    return fill


async def test_every_name_that_is_listed_can_be_read(client: AsyncPfsClient, fill: Fill, tmp_path: Path) -> None:
    commit = await fill(*NAMES, *DECOYS)
    listed = [info.path async for info in await client.list_file(commit, recursive=True)]
    assert sorted(listed) == sorted((*NAMES, *DECOYS))
    for path in listed:
        assert (await client.inspect_file(commit, path)).path == path
        assert await client.path_exists(commit, path)
        async with await client.get_file(commit, path) as reader:
            assert await reader.read() == path.encode()
        async with await client.open_file(commit, path) as file:
            await file.seek(1)
            assert await file.read() == path.encode()[1:]
    assert await client.get_files(commit, listed) == {path: path.encode() for path in listed}
    await client.download(commit, NAMES, tmp_path)
    assert {"/" + str(file.relative_to(tmp_path)) for file in tmp_path.rglob("*") if file.is_file()} == set(NAMES)


async def test_directories_with_such_names(client: AsyncPfsClient, fill: Fill) -> None:
    commit = await fill("/d[x]/f{y}", "/d[x]/e*/1", "/dx/no", "/d/no")
    found = [(info.path, info.type) async for info in await client.list_file(commit, "/d[x]")]
    assert found == [("/d[x]/e*", FileType.DIR), ("/d[x]/f{y}", FileType.FILE)]
    walked = [info.path async for info in await client.walk_file(commit, "/d[x]")]
    assert walked == ["/d[x]", "/d[x]/e*", "/d[x]/e*/1", "/d[x]/f{y}"]
    assert sorted(await client.get_files(commit, "/d[x]", recursive=True)) == ["/d[x]/e*/1", "/d[x]/f{y}"]
    for path, names in {"/d[x]": ["/d[x]/e*/1", "/d[x]/f{y}"], "/d[x]/f{y}": ["/d[x]/f{y}"]}.items():
        async with await client.get_file_tar(commit, path) as reader:
            archive = io.BytesIO(await reader.read())
        with tarfile.open(fileobj=archive) as tar:
            assert ["/" + member.name.lstrip("/") for member in tar if member.isreg()] == names


@pytest.mark.parametrize("path", ["/*", "/[ab]", "/{a,b}", "/d/**", "/?"])
async def test_a_name_that_is_not_there_finds_nothing_else(client: AsyncPfsClient, fill: Fill, path: str) -> None:
    commit = await fill("/a", "/b", "/d/1")
    assert not await client.path_exists(commit, path)
    for read in (client.get_file, client.inspect_file, client.open_file, client.get_files, client.list_file):
        with pytest.raises(FileNotFound):
            await read(commit, path)


async def test_they_are_deleted_by_their_exact_names(
    client: AsyncPfsClient, fill: Fill, supports: Supports, repo: str
) -> None:
    supports(Feature.DELETE_ANY_NAME)
    await fill(*NAMES, *DECOYS)
    async with client.commit(repo, "master") as commit:
        for path in NAMES[1:]:
            await client.delete_file(commit, path)
    left = [info.path async for info in await client.list_file((repo, "master"), recursive=True)]
    assert sorted(left) == sorted((NAMES[0], *DECOYS))


async def test_servers_that_cannot_delete_them_are_not_asked(
    client: AsyncPfsClient, fill: Fill, lacks: Supports, repo: str
) -> None:
    lacks(Feature.DELETE_ANY_NAME)
    await fill("/d/a[1]", "/d/a1")
    for path in ("/d/a[1]", "/ü"):
        with pytest.raises(Unsupported, match="deleting a file whose name"):
            await client.delete_file((repo, "master"), path)
        modify = client.modify((repo, "master"))
        with pytest.raises(Unsupported, match="deleting a file whose name"):
            async with modify as changes:
                changes.delete(path)
    await client.delete_file((repo, "master"), "/d")
    assert await collect(await client.list_file((repo, "master"), recursive=True)) == []


async def test_they_are_copied_to_names_that_can_be_stored(
    client: AsyncPfsClient, fill: Fill, supports: Supports, repo: str
) -> None:
    supports(Feature.COPY_FILE)
    source = await fill("/a[1]", "/a1")
    async with client.commit(repo, "master") as commit:
        await client.copy_file(source, "/a[1]", commit, "/plain")
    assert (await client.get_files((repo, "master"), "/plain")) == {"/plain": b"/a[1]"}


async def test_a_name_that_some_servers_cannot_find(client: AsyncPfsClient, fill: Fill, lacks: Supports) -> None:
    lacks(Feature.MIXED_NAMES)
    commit = await fill("/ü[1]")
    with pytest.raises(Unsupported, match="non-ASCII"):
        await client.get_file(commit, "/ü[1]")
    assert (await client.inspect_file(commit, "/ü[1]")).size_bytes == len("/ü[1]".encode())


async def test_what_is_no_text_is_refused(client: AsyncPfsClient, fill: Fill) -> None:
    commit = await fill("/a")
    for read in (client.get_file, client.inspect_file, client.list_file, client.download):
        with pytest.raises(InvalidRequest, match="UTF-8"):
            await read(commit, "/\ud800", *(["/tmp"] if read == client.download else []))


DEADLY = (
    *("/a{", "a{", "/?{", "/{", "/{a,b", "/a{b{c}", "/{a\\}", "/a{[}]"),
    *("/[b-a]", "/[!b-a]", "/[xb-a]", "/[\\]b-a]", "/[[:alpha:]b-a]", "/a[b-\\a]"),
    *("/[]", "/[!]a", "/[^]"),
)


@pytest.mark.parametrize("pattern", DEADLY)
async def test_d13_and_d67_patterns_that_kill_servers_are_not_sent(
    client: AsyncPfsClient, repo: str, pattern: str
) -> None:
    with pytest.raises(InvalidRequest, match=r"brace|reversed|brackets are empty"):
        await client.glob_file((repo, "no-such-branch"), pattern)
