"""Files whose streams break while they are read: what has come is not read again, and nothing is mixed."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, TypeAlias

import grpc
import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from google.protobuf.wrappers_pb2 import BytesValue

from airflow_provider_pachyderm._wire.v1 import methods as v1_methods
from airflow_provider_pachyderm._wire.v1 import pfs_pb2 as v1
from airflow_provider_pachyderm._wire.v2 import methods as v2_methods
from airflow_provider_pachyderm._wire.v2 import pfs_pb2 as v2
from airflow_provider_pachyderm.client import AsyncPfsClient, DownloadedFile, RetryPolicy, StreamBroken, Unavailable
from tests.unit.client.pachd import Pachd

ID = "0123456789ab4def8123456789abcdef"
CONTENT = bytes(range(256)) * 40
CHUNK = 1000
QUICK = RetryPolicy(deadline=1, first_pause=0.01)
Reading: TypeAlias = Callable[[str, str], Awaitable[bytes]]


class Breaking(Pachd):
    """A server with one file, whose streams break.

    :param breaks: how many chunks each stream brings until it breaks; those after the last one are whole.
    """

    def __init__(self, major: int, breaks: list[int], *, finished: bool = True) -> None:
        super().__init__((2, 11, 6) if major == 2 else (1, 13, 4))
        self.offsets: list[int] = []
        self._breaks = iter(breaks)
        done = Timestamp()
        done.FromDatetime(datetime(2026, 1, 1, tzinfo=timezone.utc))
        pfs = v2_methods.Pfs if major == 2 else v1_methods.Pfs
        if major == 2:
            branch = v2.Branch(repo=v2.Repo(name="r", type="user", project=v2.Project(name="default")), name="master")
            commit = v2.Commit(id=ID, branch=branch, repo=branch.repo)
            self.on(pfs.InspectCommit, v2.CommitInfo(commit=commit, finished=done if finished else None))
            file = v2.File(commit=commit, path="/big")
            info: Any = v2.FileInfo(file=file, file_type=v2.FILE_TYPE_FILE, size_bytes=len(CONTENT))
        else:
            old = v1.Commit(repo=v1.Repo(name="r"), id=ID)
            self.on(pfs.InspectCommit, v1.CommitInfo(commit=old, finished=done if finished else None))
            kept = v1.File(commit=old, path="/big")
            info = v1.FileInfo(file=kept, file_type=v1.FILE_TYPE_FILE, size_bytes=len(CONTENT))
        if finished:
            info.committed.CopyFrom(done)
        self.on(pfs.InspectFile, info)
        self.on(pfs.GetFile, self._read)

    def _read(self, request: Any, context: grpc.ServicerContext) -> Iterator[BytesValue]:
        offset = request.offset if isinstance(request, v2.GetFileRequest) else request.offset_bytes
        if offset == len(CONTENT) - 1:  # where 1.x is asked how long the file is
            yield BytesValue(value=CONTENT[offset:])
            return
        self.offsets.append(offset)
        chunks = [CONTENT[at : at + CHUNK] for at in range(offset, len(CONTENT), CHUNK)]
        bring = next(self._breaks, len(chunks) + 1)
        for chunk in chunks[:bring]:
            yield BytesValue(value=chunk)
        if bring <= len(chunks):
            context.abort(grpc.StatusCode.UNAVAILABLE, "the server is shutting down")


@contextmanager
def breaking(major: int, breaks: list[int], **arguments: Any) -> Iterator[tuple[Breaking, str]]:
    pachd = Breaking(major, breaks, **arguments)
    with pachd.running() as address:
        yield pachd, address


@pytest.fixture(params=[1, 2])
def major(request: pytest.FixtureRequest) -> int:
    version: int = request.param
    return version


async def download(address: str, folder: Path) -> list[DownloadedFile]:
    async with AsyncPfsClient(address, retry=QUICK) as client:
        return await client.download(f"r@{ID}", "/big", folder)


async def read(address: str) -> dict[str, bytes]:
    async with AsyncPfsClient(address) as client:
        return await client.get_files(f"r@{ID}", "/big")


async def test_read_on_from_where_it_broke(major: int, tmp_path: Path) -> None:
    with breaking(major, [3, 0, 2]) as (pachd, address):
        (file,) = await download(address, tmp_path)
    assert file.local.read_bytes() == CONTENT
    assert file.size_bytes == len(CONTENT)
    assert pachd.offsets == [0, 3000, 3000, 5000]


async def test_read_on_into_memory(major: int) -> None:
    with breaking(major, [5]) as (pachd, address):
        assert await read(address) == {"/big": CONTENT}
    assert pachd.offsets == [0, 5000]


async def test_break_behind_the_last_byte(major: int) -> None:
    with breaking(major, [11]) as (pachd, address):
        assert await read(address) == {"/big": CONTENT}
    assert pachd.offsets == [0]


async def test_giving_up_when_nothing_comes(major: int, tmp_path: Path) -> None:
    with breaking(major, [3, *[0] * 1000]) as (pachd, address), pytest.raises(Unavailable):
        await download(address, tmp_path)
    assert pachd.offsets[:3] == [0, 3000, 3000]
    assert {*pachd.offsets} == {0, 3000}
    assert list(tmp_path.iterdir()) == []


async def test_open_commits_change_so_nothing_is_read_on(major: int, tmp_path: Path) -> None:
    with breaking(major, [3], finished=False) as (pachd, address), pytest.raises(StreamBroken):
        await download(address, tmp_path)
    assert pachd.offsets == [0]


async def got(address: str, commit: str, offset: int = 0, size: int = 0) -> bytes:
    async with AsyncPfsClient(address, retry=QUICK) as client:
        reader = await client.get_file(commit, "/big", offset, size)
        return await reader.read()


async def opened(address: str, commit: str) -> bytes:
    async with AsyncPfsClient(address, retry=QUICK) as client:
        file = await client.open_file(commit, "/big")
        return await file.read()


readers = pytest.mark.parametrize("reading", [got, opened])


@readers
async def test_readers_go_on_from_where_it_broke(major: int, reading: Reading) -> None:
    with breaking(major, [3, 0, 2, 4]) as (pachd, address):
        assert await reading(address, f"r@{ID}") == CONTENT
    assert pachd.offsets == [0, 3000, 3000, 5000, 9000]


@readers
async def test_readers_take_a_break_behind_the_last_byte_for_the_end(major: int, reading: Reading) -> None:
    with breaking(major, [11]) as (pachd, address):
        assert await reading(address, "r@master") == CONTENT
    assert pachd.offsets == [0]


@readers
async def test_readers_give_up_when_nothing_comes(major: int, reading: Reading) -> None:
    with breaking(major, [3, *[0] * 1000]) as (pachd, address), pytest.raises(Unavailable):
        await reading(address, f"r@{ID}")
    assert {*pachd.offsets} == {0, 3000}


@readers
async def test_readers_of_open_commits_do_not_go_on(major: int, reading: Reading) -> None:
    with breaking(major, [3], finished=False) as (pachd, address), pytest.raises(StreamBroken):
        await reading(address, f"r@{ID}")
    assert pachd.offsets == [0]


async def test_a_part_goes_on_within_its_bounds(major: int) -> None:
    with breaking(major, [3]) as (pachd, address):
        assert await got(address, f"r@{ID}", 100, 4500) == CONTENT[100:4600]
    assert pachd.offsets == [100, 3100]


def archive_of(names: str, content: bytes) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name in names:
            member = tarfile.TarInfo(f"/d/{name}")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return made.getvalue()


ARCHIVE = archive_of("abc", b"x" * 3000)


class BreakingArchives(Breaking):
    """A server that sends archives in streams that break.

    :param sent: the archive that each stream begins; the last one for those after it.
    """

    def __init__(self, breaks: list[int], sent: list[bytes], *, finished: bool = True) -> None:
        super().__init__(2, breaks, finished=finished)
        self.asked: list[str] = []
        self._sent = sent
        self.on(v2_methods.Pfs.GetFileTAR, self._send)

    def _send(self, request: Any, context: grpc.ServicerContext) -> Iterator[BytesValue]:
        self.asked.append(request.file.commit.id)
        archive = self._sent.pop(0) if len(self._sent) > 1 else self._sent[0]
        chunks = [archive[at : at + CHUNK] for at in range(0, len(archive), CHUNK)]
        bring = next(self._breaks, len(chunks) + 1)
        for chunk in chunks[:bring]:
            yield BytesValue(value=chunk)
        if bring <= len(chunks):
            context.abort(grpc.StatusCode.UNAVAILABLE, "the server is shutting down")


async def archived(pachd: BreakingArchives, commit: str = f"r@{ID}") -> bytes:
    with pachd.running() as address:
        return await whole_archive(address, commit)


async def whole_archive(address: str, commit: str) -> bytes:
    async with AsyncPfsClient(address, retry=QUICK) as client:
        reader = await client.get_file_tar(commit, "/d")
        return await reader.read()


@pytest.mark.parametrize("breaks", [[3], [4, 2, 0, 6], [len(ARCHIVE) // CHUNK + 1]])
async def test_an_archive_goes_on_where_it_broke(breaks: list[int]) -> None:
    pachd = BreakingArchives(breaks, [ARCHIVE])
    # of the head that the branch had when it began, as another one may come
    assert await archived(pachd, "r@master") == ARCHIVE
    assert pachd.asked == [ID] * (len(breaks) + 1)


@pytest.mark.parametrize("other", [archive_of("abc", b"y" * 3000), archive_of("", b""), ARCHIVE[:2048]])
async def test_another_archive_is_not_mixed_with_what_came(other: bytes) -> None:
    pachd = BreakingArchives([4] if len(other) > 2048 else [15, 100], [ARCHIVE, other])
    with pytest.raises(StreamBroken, match="something else"):
        await archived(pachd)
    assert len(pachd.asked) == 2


async def test_an_archive_of_an_open_commit_is_not_read_on() -> None:
    pachd = BreakingArchives([3], [ARCHIVE], finished=False)
    with pytest.raises(StreamBroken):
        await archived(pachd)
    assert len(pachd.asked) == 1
