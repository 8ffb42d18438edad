"""Directories as tar archives: the same members from every server, and back again."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterable
from pathlib import Path

import pytest

from airflow_provider_pachyderm.client import AsyncPfsClient, Commit, FileNotFound, InvalidRequest
from airflow_provider_pachyderm.client._capabilities import Feature
from tests.contract.conftest import Supports
from tests.support._async.streams import collect
from tests.support.content import numbered

LONG = numbered(1_300_001)
DEEP = "/d/" + "n" * 120 + "/f"
FILES = {"/a": b"A", "/d/empty": b"", "/d/long": LONG, DEEP: b"1" * 512}


@pytest.fixture
async def filled(client: AsyncPfsClient, repo: str) -> Commit:
    async with client.commit(repo, "master") as commit:
        for path, content in FILES.items():
            await client.put_file_bytes(commit, path, content)
    return commit


def unpacked(archive: bytes) -> dict[str, bytes | None]:
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        files = {member.name: tar.extractfile(member) for member in tar.getmembers()}
        return {name: None if file is None else file.read() for name, file in files.items()}


def packed(files: Iterable[tuple[str, bytes]], mode: str = "w") -> bytes:
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode=mode) as tar:
        for name, content in files:
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return archive.getvalue()


async def test_a_directory(client: AsyncPfsClient, filled: Commit) -> None:
    async with await client.get_file_tar(filled, "/d") as reader:
        assert unpacked(await reader.read()) == {
            "/d": None,
            "/d/empty": b"",
            "/d/long": LONG,
            DEEP.rpartition("/")[0]: None,
            DEEP: b"1" * 512,
        }


async def test_all_and_one_file(client: AsyncPfsClient, filled: Commit) -> None:
    async with await client.get_file_tar((filled.repo.name, "master")) as reader:
        members = unpacked(await reader.read())
    assert {name: content for name, content in members.items() if content is not None} == FILES
    async with await client.get_file_tar(filled, "/a") as reader:
        assert unpacked(await reader.read()) == {"/a": b"A"}


async def test_it_unpacks_to_the_disk(client: AsyncPfsClient, filled: Commit, tmp_path: Path) -> None:
    async with await client.get_file_tar(filled) as reader:
        archive = io.BytesIO(await reader.read())
    with tarfile.open(fileobj=archive) as tar:
        tar.extractall(tmp_path, filter="data")
    assert (tmp_path / DEEP[1:]).read_bytes() == b"1" * 512


async def test_of_files_that_grow_meanwhile(client: AsyncPfsClient, repo: str, supports: Supports) -> None:
    supports(Feature.READ_OPEN)
    async with client.commit(repo, "master") as commit:
        for path in ("/a", "/b"):
            await client.put_file_bytes(commit, path, b"1" * 600)
        async with await client.get_file_tar(commit) as reader:
            start = await reader.read(1)
            await client.put_file_bytes(commit, "/a", b"2" * 600, append=True)
            members = unpacked(start + await reader.read())
    assert members.pop("") is None
    assert members == {"/a": b"1" * 600, "/b": b"1" * 600}


async def test_closed_early(client: AsyncPfsClient, filled: Commit) -> None:
    reader = await client.get_file_tar(filled)
    assert len(await reader.read(1000)) == 1000
    await reader.close()
    assert (await client.inspect_file(filled, "/a")).size_bytes == 1


async def test_what_is_not_there(client: AsyncPfsClient, filled: Commit) -> None:
    for path in ("/missing", "/d/*"):
        with pytest.raises(FileNotFound):
            await client.get_file_tar(filled, path)


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:xz"])
async def test_put(client: AsyncPfsClient, filled: Commit, mode: str) -> None:
    files = {"a": b"new", "./x/long": LONG, "/x/empty": b""}
    archive = io.BytesIO(packed(files.items(), mode))
    assert await client.put_tar((filled.repo.name, "master"), archive) == 3
    await client.wait_commit((filled.repo.name, "master"))
    found = await client.get_files((filled.repo.name, "master"), "/", recursive=True)
    assert found == {**FILES, "/a": b"new", "/x/long": LONG, "/x/empty": b""}
    assert len(await collect(await client.list_commit(filled.repo, branch="master"))) == 2


async def test_put_from_the_disk_below_a_directory(client: AsyncPfsClient, filled: Commit, tmp_path: Path) -> None:
    (tmp_path / "a.tar").write_bytes(packed([("f", b"F"), ("long", b"more")]))
    async with client.commit(filled.repo, "master") as commit:
        assert await client.put_tar(commit, tmp_path / "a.tar", "/d", append=True) == 2
    found = await client.get_files(commit, "/d")
    assert (found["/d/f"], found["/d/long"]) == (b"F", LONG + b"more")


async def test_there_and_back(client: AsyncPfsClient, filled: Commit) -> None:
    async with await client.get_file_tar(filled) as reader:
        archive = io.BytesIO(await reader.read())
    async with client.commit(filled.repo, "copy") as commit:
        assert await client.put_tar(commit, archive) == len(FILES)
    assert await client.get_files(commit, "/", recursive=True) == FILES


def _link() -> bytes:
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        member = tarfile.TarInfo("link")
        member.type, member.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(member)
    return archive.getvalue()


GOOD = packed([("f", b"F" * 2000), ("g", b"G")])


@pytest.mark.parametrize(
    ("archive", "reason"),
    [
        (packed([("f", b""), ("../out", b"x")]), r"segment '\.\.'"),
        (packed([("f", b""), ("d/../../out", b"x")]), r"segment '\.\.'"),
        (packed([("f", b"1"), ("./f", b"2")]), "twice"),
        (_link(), "a link"),
        (GOOD[:1500], "damaged or incomplete"),
        (GOOD[: 512 + 2048], "damaged or incomplete"),
        (GOOD[: 512 + 2048 + 100], "damaged or incomplete"),
        (packed([("f", b"F" * 3_000_000)], "w:gz")[:-600], "damaged or incomplete"),
        (b"no archive", "damaged or incomplete"),
        (b"", "damaged or incomplete"),
    ],
    ids=["out", "deep-out", "twice", "link", "in-content", "no-end", "in-header", "gzip", "no-archive", "nothing"],
)
async def test_put_of_what_is_refused_writes_nothing(
    client: AsyncPfsClient, filled: Commit, archive: bytes, reason: str
) -> None:
    with pytest.raises(InvalidRequest, match=reason):
        await client.put_tar((filled.repo.name, "master"), io.BytesIO(archive))
    assert await client.get_files((filled.repo.name, "master"), "/", recursive=True) == FILES


async def test_put_of_no_archive(client: AsyncPfsClient, filled: Commit, tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest, match="binary file"):
        await client.put_tar(filled, b"bytes")  # type: ignore[arg-type]
    with pytest.raises(InvalidRequest, match="text mode"):
        await client.put_tar(filled, io.TextIOWrapper(io.BytesIO()))  # type: ignore[arg-type]
    with pytest.raises(FileNotFoundError):
        await client.put_tar(filled, tmp_path / "missing")


async def test_put_of_an_empty_archive_makes_no_commit(client: AsyncPfsClient, filled: Commit) -> None:
    assert await client.put_tar((filled.repo.name, "master"), io.BytesIO(packed([]))) == 0
    assert len(await collect(await client.list_commit(filled.repo, branch="master"))) == 1
