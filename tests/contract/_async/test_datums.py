"""Files that were put by datum: reading only those of one."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest

from airflow_provider_pachyderm.client import AsyncPfsClient, Commit, FileNotFound, Unsupported
from airflow_provider_pachyderm.client._capabilities import Feature
from tests.contract.conftest import Supports
from tests.support._async.streams import collect

ONE, TWO = {"/d/both": b"one", "/d/1/only": b"111"}, {"/d/both": b"two!", "/d/plain": b"plain"}


@pytest.fixture
async def open_commit(client: AsyncPfsClient, repo: str, supports: Supports) -> Commit:
    """An open commit: one in which two datums have put to one path cannot be finished."""
    supports(Feature.DATUM_FILES)
    commit = await client.start_commit(repo, "master")
    for files, datum in ((ONE, "one"), (TWO, "")):
        for path, content in files.items():
            await client.put_file_bytes(commit, path, content, datum=datum)
    return commit


@pytest.mark.parametrize(("datum", "files"), [("one", ONE), ("default", TWO)])
async def test_reading(
    client: AsyncPfsClient, open_commit: Commit, tmp_path: Path, datum: str, files: dict[str, bytes]
) -> None:
    assert await client.get_files(open_commit, "/", recursive=True, datum=datum) == files
    async with await client.get_file(open_commit, "/d/both", datum=datum) as reader:
        assert await reader.read() == files["/d/both"]
    async with await client.get_file(open_commit, "/d/both", 1, 2, datum=datum) as reader:
        assert await reader.read() == files["/d/both"][1:3]
    async with await client.open_file(open_commit, "/d/both", datum=datum) as opened:
        await opened.seek(1)
        assert await opened.read() == files["/d/both"][1:]
    saved = await client.download(open_commit, "/d", tmp_path, datum=datum)
    assert {file.path: file.local.read_bytes() for file in saved} == files


@pytest.mark.parametrize(("datum", "files"), [("one", ONE), ("default", TWO)])
async def test_listing(client: AsyncPfsClient, open_commit: Commit, datum: str, files: dict[str, bytes]) -> None:
    listed = await collect(await client.list_file(open_commit, "/d", recursive=True, datum=datum))
    assert {info.path: info.size_bytes for info in listed} == {path: len(files[path]) for path in files}
    names = sorted({"/".join(path.split("/")[:3]) for path in files})
    in_it = [info.path for info in await collect(await client.list_file(open_commit, "/d", datum=datum))]
    assert in_it == names
    behind = await collect(await client.list_file(open_commit, "/d", after=names[0], datum=datum))
    assert [info.path for info in behind] == names[1:]
    walked = [info.path for info in await collect(await client.walk_file(open_commit, "/d", datum=datum))]
    assert set(walked) == {"/d", *names, *files}
    for path, content in files.items():
        assert (await client.inspect_file(open_commit, path, datum=datum)).size_bytes == len(content)
    size = sum(map(len, files.values()))
    assert (await client.inspect_file(open_commit, "/d", datum=datum)).size_bytes == size


async def test_an_archive(client: AsyncPfsClient, open_commit: Commit) -> None:
    async with await client.get_file_tar(open_commit, datum="one") as reader:
        archive = io.BytesIO(await reader.read())
    with tarfile.open(fileobj=archive) as tar:
        files = {member.name: tar.extractfile(member).read() for member in tar if member.isreg()}  # type: ignore[union-attr]
    assert files == ONE


async def test_a_copy(client: AsyncPfsClient, open_commit: Commit) -> None:
    async with client.commit(open_commit.repo, "other") as other:
        await client.copy_file(open_commit, "/d", other, "/c", datum="one")
    assert await client.get_files(other, "/", recursive=True) == {"/c/both": b"one", "/c/1/only": b"111"}


@pytest.mark.parametrize(("datum", "left"), [("", {"/d/both", "/d/1/only"}), ("one", {"/d/both", "/d/plain"})])
async def test_deleting_takes_what_one_datum_has_put(
    client: AsyncPfsClient, open_commit: Commit, datum: str, left: set[str]
) -> None:
    await client.delete_file(open_commit, "/d", datum=datum)
    assert set(await client.get_files(open_commit, "/", recursive=True)) == left


async def test_a_datum_that_has_put_nothing(client: AsyncPfsClient, open_commit: Commit) -> None:
    for path in ("/d/plain", "/d/missing", "/d/1"):
        with pytest.raises(FileNotFound):
            await client.inspect_file(open_commit, path, datum="two")
        with pytest.raises(FileNotFound):
            await client.get_file(open_commit, path, datum="two")
    with pytest.raises(FileNotFound):
        await client.copy_file(open_commit, "/d/plain", open_commit, "/c", datum="one")


async def test_older_servers_know_no_datums(client: AsyncPfsClient, repo: str, lacks: Supports) -> None:
    lacks(Feature.DATUM_FILES)
    async with client.commit(repo, "master") as commit:
        await client.put_file_bytes(commit, "/f", b"1")
    for call in (client.get_file, client.get_files, client.open_file, client.inspect_file, client.list_file):
        with pytest.raises(Unsupported, match="datum"):
            await call(commit, "/f", datum="one")
    with pytest.raises(Unsupported, match="datum"):
        await client.get_file_tar(commit, datum="one")
