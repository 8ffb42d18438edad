"""Writing files: every kind of source, overwrite and append, directories, URLs."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from airflow_provider_pachyderm.client import AsyncPfsClient, InvalidRequest, PathConflict
from airflow_provider_pachyderm.client._capabilities import Feature
from tests.contract.conftest import Supports
from tests.support.content import numbered
from tests.support.web import Website

MIB = 2**20
# longer than one chunk, no multiple of it, and different in every place
LONG = numbered(1_300_001)


def pieces() -> Iterator[bytes]:
    yield b"one "
    yield b""
    yield bytearray(b"two ")
    yield memoryview(b"three")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (b"DATA", b"DATA"),
        (b"", b""),
        (bytearray(b"DATA"), b"DATA"),
        (memoryview(b"-DATA-")[1:5], b"DATA"),
        (LONG, LONG),
        ([b"DA", b"TA"], b"DATA"),
        ([], b""),
    ],
    ids=["bytes", "empty", "bytearray", "memoryview", "long", "list", "empty-list"],
)
async def test_values(client: AsyncPfsClient, repo: str, value: object, expected: bytes) -> None:
    async with client.commit(repo, "master") as commit:
        await client.put_file_bytes(commit, "/dir/data", value)
    assert await client.get_files(commit, "/dir/data") == {"/dir/data": expected}
    assert (await client.inspect_file(commit, "/dir/data")).size_bytes == len(expected)


async def test_iterators_and_open_files(client: AsyncPfsClient, repo: str, tmp_path: Path) -> None:
    local = tmp_path / "local"
    local.write_bytes(LONG)
    async with client.commit(repo, "master") as commit:
        await client.put_file_bytes(commit, "/generator", pieces())
        await client.put_file_bytes(commit, "/stream", io.BytesIO(LONG))
        with local.open("rb") as file:
            await client.put_file_bytes(commit, "/file", file)
        await client.put_file(commit, "/path", local)
        await client.put_file(commit, "/text-path", str(local))
    files = await client.get_files(commit, "/")
    assert files.pop("/generator") == b"one two three"
    assert files == {"/stream": LONG, "/file": LONG, "/path": LONG, "/text-path": LONG}


async def test_text_is_refused_with_the_reason(client: AsyncPfsClient, repo: str) -> None:
    async with client.commit(repo, "master") as commit:
        with pytest.raises(InvalidRequest, match="encode"):
            await client.put_file_bytes(commit, "/a", "text")
        with pytest.raises(InvalidRequest, match="encode"):
            await client.put_file_bytes(commit, "/a", ["text"])
        with pytest.raises(InvalidRequest, match="'rb'"):
            await client.put_file_bytes(commit, "/a", io.TextIOWrapper(io.BytesIO(b"text")))
    assert await client.get_files(commit, "/") == {}


async def test_error_of_the_source_comes_out_as_itself(client: AsyncPfsClient, repo: str) -> None:
    def broken() -> Iterator[bytes]:
        yield b"x" * (3 * MIB)
        raise ZeroDivisionError("mine")

    async with client.commit(repo, "master") as commit:
        with pytest.raises(ZeroDivisionError, match="mine"):
            await client.put_file_bytes(commit, "/broken", broken())
    assert "/broken" not in await client.get_files(commit, "/")


async def test_put_overwrites(client: AsyncPfsClient, repo: str) -> None:
    async with client.commit(repo, "master") as first:
        await client.put_file_bytes(first, "/a", b"a longer first version")
        await client.put_file_bytes(first, "/a", b"first")
    async with client.commit(repo, "master") as second:
        await client.put_file_bytes(second, "/a", b"second")
    assert await client.get_files(first, "/a") == {"/a": b"first"}
    assert await client.get_files(second, "/a") == {"/a": b"second"}


async def test_append(client: AsyncPfsClient, repo: str) -> None:
    async with client.commit(repo, "master") as first:
        await client.put_file_bytes(first, "/a", b"one", append=True)
        await client.put_file_bytes(first, "/a", b" two", append=True)
    async with client.commit(repo, "master") as second:
        await client.put_file_bytes(second, "/a", b" three", append=True)
    assert await client.get_files(second, "/a") == {"/a": b"one two three"}


async def test_put_on_a_branch_is_a_commit_of_its_own(client: AsyncPfsClient, repo: str) -> None:
    await client.put_file_bytes((repo, "master"), "/a", b"one")
    await client.put_file_bytes((repo, "master"), "/a", b"two")
    await client.put_file_bytes((repo, "master"), "/b", b"three")
    await client.wait_commit((repo, "master"))
    assert await client.get_files((repo, "master"), "/") == {"/a": b"two", "/b": b"three"}


async def test_paths_are_normalised(client: AsyncPfsClient, repo: str) -> None:
    async with client.commit(repo, "master") as commit:
        await client.put_file_bytes(commit, "no/slash", b"1")
        await client.put_file_bytes(commit, "/double//slash", b"2")
        await client.put_file_bytes(commit, "/with space,~%'\\", b"3")
    assert sorted(await client.get_files(commit, "/", recursive=True)) == [
        "/double/slash",
        "/no/slash",
        "/with space,~%'\\",
    ]


@pytest.mark.parametrize(
    "path", ["", "/", "/a/../b", "../b", "/./a", "..", "/ü", "/tab\t", "/null\0", "/a*b", "/a?b", "/[a]", "/{a}"]
)
async def test_bad_paths_are_refused_and_named(client: AsyncPfsClient, repo: str, path: str) -> None:
    async with client.commit(repo, "master") as commit:
        with pytest.raises(InvalidRequest) as caught:
            await client.put_file_bytes(commit, path, b"x")
        assert repr(path) in str(caught.value)
    assert await client.get_files(commit, "/", recursive=True) == {}


async def test_file_below_a_file_fails_the_commit(client: AsyncPfsClient, repo: str, supports: Supports) -> None:
    supports(Feature.DROP_COMMIT)
    with pytest.raises(PathConflict) as caught:
        async with client.commit(repo, "master") as commit:
            await client.put_file_bytes(commit, "/a", b"file")
            await client.put_file_bytes(commit, "/a/b", b"file below a file")
    assert "/a" in str(caught.value)
    async with client.commit(repo, "master") as later:
        await client.put_file_bytes(later, "/fine", b"fine")
    assert await client.get_files(later, "/", recursive=True) == {"/fine": b"fine"}


async def test_directory_goes_up_in_one_commit(client: AsyncPfsClient, repo: str, tmp_path: Path) -> None:
    wanted = {"/in/a": b"A", "/in/deep/er/b": LONG, "/in/empty": b""}
    for path, content in wanted.items():
        file = tmp_path / path.removeprefix("/in/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    for _ in range(2):  # the second time over what is there
        async with client.commit(repo, "master") as commit:
            await client.put_files(commit, tmp_path, "/in")
        assert await client.get_files(commit, "/in", recursive=True) == wanted


async def test_url_is_fetched_by_the_server(client: AsyncPfsClient, repo: str, website: Website) -> None:
    async with client.commit(repo, "master") as commit:
        await client.put_file_url(commit, "/dir/icon.png", website.add("/icon.png", LONG))
        await client.put_file_url(commit, "/again", website.add("/one", b"one"))
        await client.put_file_url(commit, "/again", website.add("/two", b"two"))
        with pytest.raises(InvalidRequest, match="404"):
            await client.put_file_url(commit, "/missing", website.url("/missing"))
    assert await client.get_files(commit, "/", recursive=True) == {"/dir/icon.png": LONG, "/again": b"two"}


@pytest.mark.versions("1.4.8", "1.8.8", "1.13.4", "2.11.6")
async def test_a_page_has_nothing_below_it_that_could_be_fetched(
    client: AsyncPfsClient, repo: str, website: Website
) -> None:
    async with client.commit(repo, "master") as commit:
        await client.put_file_url(commit, "/page", website.add("/page", b"page"), recursive=True, append=True)
    assert await client.get_files(commit, "/", recursive=True) == {"/page": b"page"}


async def test_many_files_at_once(client: AsyncPfsClient, repo: str, tmp_path: Path) -> None:
    for number in range(500):
        (tmp_path / f"{number:03}").write_bytes(str(number).encode())
    async with client.commit(repo, "master") as commit:
        await client.put_files(commit, tmp_path, "/")
    files = await client.get_files(commit, "/")
    assert files == {f"/{number:03}": str(number).encode() for number in range(500)}


async def asynchronous_pieces() -> AsyncIterator[bytes]:
    for piece in (b"async ", b"", b"pieces"):
        yield piece


async def test_iterator_of_this_kind_of_client(client: AsyncPfsClient, repo: str) -> None:
    async with client.commit(repo, "master") as commit:
        await client.put_file_bytes(commit, "/a", asynchronous_pieces())
    assert await client.get_files(commit, "/a") == {"/a": b"async pieces"}
