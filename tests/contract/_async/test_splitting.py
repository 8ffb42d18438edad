"""Putting with a delimiter: 1.x servers make many files of one, 2.x servers cannot."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path
from typing import Any

import pytest

from airflow_provider_pachyderm.client import (
    AsyncPfsClient,
    Delimiter,
    FileNotFound,
    InvalidRequest,
    StreamBroken,
    Unsupported,
)
from airflow_provider_pachyderm.client._capabilities import Feature
from tests.contract.conftest import Supports
from tests.support._async.streams import collect

CSV = b"name,size\na,1\nb,2\n"
BEFORE, BEHIND = b"CREATE TABLE t (a int);\nCOPY t (a) FROM stdin;\n", b"\\.\n\n-- done\n"


@pytest.fixture
def splits(supports: Supports) -> None:
    supports(Feature.SPLIT)


@pytest.mark.usefixtures("splits")
@pytest.mark.parametrize(
    ("value", "arguments", "pieces"),
    [
        (b"1\n2\n3\n", (Delimiter.LINE,), [b"1\n", b"2\n", b"3\n"]),
        (b"1\n2\n3\n", (Delimiter.LINE, 2), [b"1\n2\n", b"3\n"]),
        (b"1\n2\n3\n", (Delimiter.LINE, 0, 4), [b"1\n2\n", b"3\n"]),
        ([b"1\n", b"2", b"\n"], (Delimiter.LINE,), [b"1\n", b"2\n"]),
        (b'{"a": 1} {"b": 2}', (Delimiter.JSON,), [b'{"a": 1}', b'{"b": 2}']),
    ],
    ids=["lines", "datums", "bytes", "iterable", "json"],
)
async def test_pieces(client: AsyncPfsClient, repo: str, value: Any, arguments: Any, pieces: list[bytes]) -> None:
    async with client.commit(repo, "master") as commit:
        await client.put_file_bytes(commit, "/d", value, *arguments)
    assert await client.get_files(commit, "/d") == {f"/d/{number:016x}": piece for number, piece in enumerate(pieces)}


@pytest.mark.usefixtures("splits")
async def test_pieces_are_numbered_behind_those_that_are_there(client: AsyncPfsClient, repo: str) -> None:
    for value in (b"1\n2\n", b"3\n"):
        async with client.commit(repo, "master") as commit:
            await client.put_file_bytes(commit, "/d", value, delimiter=Delimiter.LINE)
    assert list((await client.get_files(commit, "/d")).values()) == [b"1\n", b"2\n", b"3\n"]


async def test_csv(client: AsyncPfsClient, repo: str, supports: Supports) -> None:
    supports(Feature.SPLIT_CSV)
    async with client.commit(repo, "master") as commit:
        await client.put_file_bytes(commit, "/d", CSV, Delimiter.CSV)
    assert b"".join((await client.get_files(commit, "/d")).values()) == CSV


async def test_rows_of_a_dump_stand_in_what_is_around_them(
    client: AsyncPfsClient, repo: str, supports: Supports
) -> None:
    supports(Feature.SPLIT_SQL)
    async with client.commit(repo, "master") as commit:
        await client.put_file_bytes(commit, "/d", BEFORE + b"1\n2\n3\n" + BEHIND, Delimiter.SQL, 2)
    files = await client.get_files(commit, "/d")
    assert files == {
        "/d/0000000000000000": BEFORE + b"1\n2\n" + BEHIND,
        "/d/0000000000000001": BEFORE + b"3\n" + BEHIND,
    }
    for path, content in files.items():
        assert (await client.inspect_file(commit, path)).size_bytes == len(content)


async def test_a_later_dump_puts_its_own_around_all_rows(client: AsyncPfsClient, repo: str, supports: Supports) -> None:
    supports(Feature.SPLIT_SQL)
    for row, around in ((b"1\n", b""), (b"2\n", b"-- new\n")):
        async with client.commit(repo, "master") as commit:
            await client.put_file_bytes(commit, "/d", around + BEFORE + row + BEHIND, Delimiter.SQL)
    whole = [b"-- new\n" + BEFORE + row + BEHIND for row in (b"1\n", b"2\n")]
    assert list((await client.get_files(commit, "/d")).values()) == whole
    first = "/d/0000000000000000"
    async with await client.get_file(commit, first, 3, 200) as part:
        assert await part.read() == whole[0][3:]
    async with await client.open_file(commit, first) as opened:
        assert await opened.read() == whole[0]
    async with await client.get_file_tar(commit, "/d") as reader:
        archive = await reader.read()
    with tarfile.open(fileobj=io.BytesIO(archive)) as members:
        files = [members.extractfile(member) for member in members if member.isreg()]
        assert [file.read() for file in files if file is not None] == whole


@pytest.mark.versions("1.7.14", "1.8.8", "1.13.4")
async def test_a_dump_without_rows(client: AsyncPfsClient, repo: str, tmp_path: Path, supports: Supports) -> None:
    """Its directory counts what would be around them, has no files, and takes rows later."""
    supports(Feature.SPLIT_SQL)
    async with client.commit(repo, "master") as commit:
        await client.put_file_bytes(commit, "/d", BEFORE + BEHIND, Delimiter.SQL)
        await client.put_file_bytes(commit, "/a", b"A")
    assert await collect(await client.list_file(commit, "/d")) == []
    with pytest.raises(FileNotFound):
        await client.list_file(commit, "/none")
    for path in ("/", "/d"):
        files = {"/a": b"A"} if path == "/" else {}
        assert await client.get_files(commit, path) == files
        assert await client.get_files(commit, path, recursive=True) == files
        assert [file.path for file in await client.download(commit, path, tmp_path / "all")] == [*files]
    later = await client.put_file_bytes((repo, "master"), "/d", BEFORE + b"1\n" + BEHIND, Delimiter.SQL)
    assert await client.get_files(later, "/d") == {f"/d/{0:016x}": BEFORE + b"1\n" + BEHIND}
    await client.put_file_bytes((repo, "master"), "/d", BEFORE + BEHIND, Delimiter.SQL)
    assert await client.get_files((repo, "master"), "/d") == {f"/d/{0:016x}": BEFORE + b"1\n" + BEHIND}
    await client.delete_file((repo, "master"), "/d")
    assert [info.path for info in await collect(await client.walk_file((repo, "master"), "/"))] == ["/", "/a"]
    assert (await client.inspect_file((repo, "master"), "/")).size_bytes < 2**63


@pytest.mark.versions("1.8.8", "1.13.4")
async def test_a_header_without_records(client: AsyncPfsClient, repo: str, supports: Supports) -> None:
    supports(Feature.SPLIT_HEADER)
    await client.put_file_bytes((repo, "master"), "/d", b"name,size\n", Delimiter.CSV, header_records=1)
    assert await client.get_files((repo, "master"), "/d") == {}
    assert await collect(await client.list_file((repo, "master"), "/d")) == []
    with client.retrying(0), pytest.raises(StreamBroken, match=r"holds nothing but the header .* list_file\(\)"):
        await collect(await client.walk_file((repo, "master"), "/d"))
    with client.retrying(0), pytest.raises(StreamBroken, match="nothing but the header"):
        await client.copy_file((repo, "master"), "/d", (repo, "copies"), "/d")
    await client.put_file_bytes((repo, "master"), "/d", CSV, Delimiter.CSV, header_records=1)
    assert list((await client.get_files((repo, "master"), "/d")).values()) == [b"name,size\na,1\n", b"name,size\nb,2\n"]


@pytest.mark.versions("1.7.14", "1.13.4")
async def test_rows_in_an_open_commit_that_get_something_else_around_them(
    client: AsyncPfsClient, repo: str, supports: Supports
) -> None:
    """Servers of 1.7.10 to 1.7.14 state the size that they had before."""
    supports(Feature.SPLIT_SQL)
    await client.put_file_bytes((repo, "master"), "/d", BEFORE + b"1\n" + BEHIND, Delimiter.SQL)
    commit = await client.start_commit(repo, "master")
    await client.put_file_bytes(commit, "/d", b"-- new\n" + BEFORE + b"2\n" + BEHIND, Delimiter.SQL)
    whole = [b"-- new\n" + BEFORE + row + BEHIND for row in (b"1\n", b"2\n")]
    assert list((await client.get_files(commit, "/d")).values()) == whole
    async with await client.get_file_tar(commit, "/d") as reader:
        archive = await reader.read()
    with tarfile.open(fileobj=io.BytesIO(archive)) as members:
        files = [members.extractfile(member) for member in members if member.isreg()]
        assert [file.read() for file in files if file is not None] == whole
    await client.finish_commit(commit, wait=True)


async def test_rows_of_a_dump_in_its_header(client: AsyncPfsClient, repo: str, supports: Supports) -> None:
    supports(Feature.SPLIT_SQL)
    supports(Feature.SPLIT_HEADER)
    async with client.commit(repo, "master") as commit:
        await client.put_file_bytes(commit, "/d", BEFORE + b"1\n2\n3\n" + BEHIND, Delimiter.SQL, header_records=1)
    assert list((await client.get_files(commit, "/d")).values()) == [
        BEFORE + b"1\n2\n" + BEHIND,
        BEFORE + b"1\n3\n" + BEHIND,
    ]


async def test_what_is_no_dump(client: AsyncPfsClient, repo: str, supports: Supports) -> None:
    supports(Feature.SPLIT_SQL)
    async with client.commit(repo, "master") as commit:
        for content, why in ((b"1\n", "missing row inserts"), (BEFORE + b"1\n", "missing footer")):
            with pytest.raises(InvalidRequest, match=why):
                await client.put_file_bytes(commit, "/d", content, Delimiter.SQL)
    assert await client.get_files(commit, "/", recursive=True) == {}


async def test_what_the_server_cannot_is_refused_with_the_reason(client: AsyncPfsClient, repo: str) -> None:
    try:
        async with client.commit(repo, "master") as commit:
            await client.put_file_bytes(commit, "/d", b"1\n2\n", Delimiter.LINE)
    except Unsupported as refusal:
        assert (await client.version()).major == 2
        assert "2.x servers do not split files" in str(refusal)
        assert str(await client.version()) in str(refusal)
    else:
        assert (await client.version()).major == 1


async def test_options_that_make_no_sense(client: AsyncPfsClient, repo: str) -> None:
    async with client.commit(repo, "master") as commit:
        for wrong in ({"target_file_datums": 1}, {"target_file_bytes": 1}, {"delimiter": "LINE"}):
            with pytest.raises(InvalidRequest, match="delimiter"):
                await client.put_file_bytes(commit, "/d", b"1\n", **wrong)
        with pytest.raises(InvalidRequest, match="target_file_datums"):
            await client.put_file_bytes(commit, "/d", b"1\n", Delimiter.LINE, -1)
    assert await client.get_files(commit, "/", recursive=True) == {}
