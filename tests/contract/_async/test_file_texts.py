"""``repo@branch:/path`` as one argument, in every function that takes a commit and a path."""

from __future__ import annotations

import inspect
import io
import tarfile
from pathlib import Path
from typing import Any

import pytest

from airflow_provider_pachyderm.client import (
    AsyncFileReader,
    AsyncItems,
    AsyncModification,
    AsyncOpenedFile,
    AsyncPfsClient,
    Commit,
    InvalidReference,
)
from airflow_provider_pachyderm.client._capabilities import Feature
from tests.contract.conftest import Supports
from tests.support._async.streams import collect
from tests.support.web import Website

PATHS = {"path", "paths", "pattern", "new_path", "source_path"}
FILES = {"/d/a": b"A", "/d/b": b"BB"}
#: what is read in one way and in the other: the path, and what comes behind it
READS: dict[str, tuple[str, dict[str, Any]]] = {
    "find_commits": ("/d/a", {"limit": 1}),
    "get_file": ("/d/b", {"offset_bytes": 1}),
    "get_file_tar": ("/d", {}),
    "get_files": ("/d", {"recursive": True}),
    "glob_file": ("/d/*", {}),
    "inspect_file": ("/d/a", {}),
    "list_file": ("/d", {"recursive": True}),
    "open_file": ("/d/a", {}),
    "path_exists": ("/d/a", {}),
    "walk_file": ("/d", {}),
    "diff_file": ("/d", {}),
}
#: what is written in one text, and what is read after it
WRITES = {"copy_file", "delete_file", "put_file", "put_file_bytes", "put_file_url", "put_files", "put_tar"}


@pytest.fixture
async def filled(client: AsyncPfsClient, repo: str) -> Commit:
    async with client.commit(repo, "master") as commit:
        for path, content in FILES.items():
            await client.put_file_bytes(commit, path, content)
    return (await client.wait_commit(commit)).commit


async def files(client: AsyncPfsClient, repo: str) -> dict[str, bytes]:
    return await client.get_files(f"{repo}@master", "/", recursive=True)


async def seen(result: Any) -> Any:
    """Give what a call has given."""
    if isinstance(result, AsyncItems):
        return await collect(result)
    if isinstance(result, (AsyncFileReader, AsyncOpenedFile)):
        async with result:
            return await result.read()
    return result


def test_all_of_them_are_tested() -> None:
    """Also those that will be added: whatever takes a commit and a path takes both in one text."""
    found = set()
    for name, function in inspect.getmembers(AsyncPfsClient, inspect.isfunction):
        parameters = inspect.signature(function).parameters
        if not PATHS.isdisjoint(parameters) and any("CommitLike" in str(each) for each in parameters.values()):
            found.add(name)
    assert found == {*READS, *WRITES, "download"}


@pytest.mark.parametrize("name", READS)
async def test_reading(client: AsyncPfsClient, filled: Commit, name: str) -> None:
    function, (path, options) = getattr(client, name), READS[name]
    expected = await seen(await function(filled, path, **options))
    for text in (str(filled), str(filled).partition("=")[0]):
        assert await seen(await function(f"{text}:{path}", **options)) == expected


async def test_downloading(client: AsyncPfsClient, filled: Commit, tmp_path: Path) -> None:
    saved = await client.download(f"{filled.repo}@master:/d", tmp_path, existing="fail")
    assert {file.path: file.local.read_bytes() for file in saved} == FILES


async def test_what_is_behind_the_text_needs_no_names(client: AsyncPfsClient, filled: Commit) -> None:
    async with await client.get_file(f"{filled}:/d/b", 1, 1) as reader:
        assert await reader.read() == b"B"
    assert await client.get_files(f"{filled}:/", True) == FILES


async def test_comparing(client: AsyncPfsClient, repo: str, filled: Commit) -> None:
    newer = await client.put_file_bytes(f"{repo}@master:/e/a", b"new")
    pairs = await collect(await client.diff_file(f"{newer}:/e", old_commit=f"{filled}:/d"))
    assert pairs == await collect(await client.diff_file(newer, "/e", filled, "/d"))


async def test_writing(client: AsyncPfsClient, repo: str, filled: Commit, tmp_path: Path) -> None:
    master, local = f"{repo}@master", tmp_path / "local"
    local.write_bytes(b"local")
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        tar.add(local, "packed")
    archive.seek(0)
    made = [
        await client.put_file_bytes(f"{master}:/1", b"bytes"),
        await client.put_file(f"{master}:/2", local),
        (await client.put_files(f"{master}:/3", tmp_path)).commit,
        (await client.put_tar(f"{master}:/4", archive)).commit,
    ]
    assert len(set(made)) == 4
    await client.delete_file(f"{master}:/d/b")
    assert await files(client, repo) == {
        "/1": b"bytes",
        "/2": b"local",
        "/3/local": b"local",
        "/4/packed": b"local",
        "/d/a": b"A",
    }


async def test_fetching(client: AsyncPfsClient, repo: str, website: Website) -> None:
    url = website.add("/page", b"page")
    await client.put_file_url(f"{repo}@master:/f", url)
    assert await files(client, repo) == {"/f": b"page"}


async def test_copying(client: AsyncPfsClient, repo: str, filled: Commit, supports: Supports) -> None:
    supports(Feature.COPY_FILE)
    master = f"{repo}@master"
    await client.copy_file(f"{filled}:/d/a", f"{master}:/1")
    await client.copy_file(filled, "/d/a", f"{master}:/2")
    await client.copy_file(f"{filled}:/d/a", master, "/3")
    async with client.modify(master) as changes:
        changes.copy(f"{filled}:/d/a", "/4")
    assert await files(client, repo) == {**FILES, **dict.fromkeys(("/1", "/2", "/3", "/4"), b"A")}


async def test_by_name(client: AsyncPfsClient, filled: Commit) -> None:
    call: Any = client.inspect_file
    assert await call(commit=f"{filled}:/d/a") == await client.inspect_file(commit=filled, path="/d/a")


async def test_two_paths_are_refused(client: AsyncPfsClient, repo: str, filled: Commit) -> None:
    listing: Any = client.list_file
    with pytest.raises(InvalidReference, match=f"'{repo}@master:/d' names a path, and path another one"):
        await listing(f"{repo}@master:/d", "/d")
    with pytest.raises(InvalidReference, match="leave one of them out"):
        await listing(f"{repo}@master:/d", path="/d")
    existing: Any = client.path_exists
    with pytest.raises(InvalidReference, match="leave one of them out"):
        await existing(f"{repo}@master:/d", path="/d")
    with pytest.raises(TypeError, match="positional argument"):
        await existing(f"{repo}@master:/d", "/d")
    with pytest.raises(InvalidReference, match="leave one of them out"):
        AsyncModification(None).copy(f"{repo}@master:/d", source_path="/e", dest_path="/f")  # type: ignore[call-overload]


async def test_a_text_without_a_commit(client: AsyncPfsClient) -> None:
    with pytest.raises(InvalidReference, match="does not name a commit"):
        await client.inspect_file("images:/d/a")
