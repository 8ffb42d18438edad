"""Directories of small files, which come as archives: what a server may do wrong with one."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf.wrappers_pb2 import BytesValue

from airflow_provider_pachyderm._wire.v2 import pfs_pb2 as pb
from airflow_provider_pachyderm._wire.v2.methods import Pfs
from airflow_provider_pachyderm.client import AsyncPfsClient, PachydermError, StreamBroken
from tests.unit.client.pachd import Pachd

REPO = pb.Repo(name="r", type="user", project=pb.Project(name="default"))
COMMIT = pb.Commit(id="0123456789ab4def8123456789abcdef", branch=pb.Branch(repo=REPO, name="master"), repo=REPO)
LONG = "/d/" + "n" * 150 + "/" + "m" * 90
FILES = {"/d/a": b"A" * 600, "/d/b": b"", LONG: b"long" * 200}


@pytest.fixture
def old() -> Pachd:
    """A server that has FILES below ``/d``, to be told what it sends as their archive."""
    pachd = Pachd()
    pachd.on(Pfs.InspectCommit, pb.CommitInfo(commit=COMMIT))
    pachd.on(Pfs.InspectFile, pb.FileInfo(file=pb.File(commit=COMMIT, path="/d/"), file_type=pb.FILE_TYPE_DIR))
    pachd.on(Pfs.WalkFile, lambda request, context: map(_info, FILES))
    return pachd


def _info(path: str) -> pb.FileInfo:
    file = pb.File(commit=COMMIT, path=path)
    return pb.FileInfo(file=file, file_type=pb.FILE_TYPE_FILE, size_bytes=len(FILES[path]))


@pytest.fixture
def at(old: Pachd) -> Iterator[str]:
    with old.running() as address:
        yield address


def packed(*others: tarfile.TarInfo, files: dict[str, bytes] = FILES, form: int = tarfile.PAX_FORMAT) -> bytes:
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w", format=form) as tar:
        for member in others:
            tar.addfile(member, io.BytesIO(bytes(member.size)))
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return archive.getvalue()


def sends(old: Pachd, archive: bytes, step: int = 100_000, status: grpc.StatusCode | None = None) -> None:
    def replies(request: Any, context: grpc.ServicerContext) -> Iterator[BytesValue]:
        for start in range(0, len(archive), step):
            yield BytesValue(value=archive[start : start + step])
        if status is not None:
            context.abort(status, "broken")

    old.on(Pfs.GetFileTAR, replies)


def on_disk(folder: Path) -> dict[str, bytes]:
    return {"/" + str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("step", [7, 512, 100_000])
@pytest.mark.parametrize("form", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT])
async def test_one_stream_for_all(old: Pachd, at: str, tmp_path: Path, step: int, form: int) -> None:
    sends(old, packed(form=form), step)
    async with AsyncPfsClient(at) as client:
        saved = await client.download("r@master", "/d", tmp_path)
        assert await client.get_files("r@master", "/d", recursive=True) == FILES
    assert on_disk(tmp_path) == FILES
    assert [(file.path, file.size_bytes) for file in saved] == [(path, len(FILES[path])) for path in FILES]
    assert old.count(Pfs.GetFile) == 0


def member(name: str, size: int = 0, kind: bytes = tarfile.REGTYPE, link: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.size, info.type, info.linkname = size, kind, link
    return info


async def test_only_what_was_listed_is_written(old: Pachd, at: str, tmp_path: Path) -> None:
    others = [
        member("../out", 3_000_000),
        member("/d/../../out", 10),
        member("/d/other", 10),
        member("/d", kind=tarfile.DIRTYPE),
        member("/d/a", kind=tarfile.SYMTYPE, link="/etc"),
        member("/d/b", kind=tarfile.DIRTYPE),
    ]
    sends(old, packed(*others))
    async with AsyncPfsClient(at) as client:
        await client.download("r@master", "/d", tmp_path / "here")
    assert on_disk(tmp_path / "here") == FILES
    assert [path.name for path in tmp_path.iterdir()] == ["here"]


@pytest.mark.parametrize(
    ("archive", "left"),
    [
        (b"", []),
        (packed()[:300], []),
        (packed()[:700], []),
        (packed()[: 512 + 1024], ["/d/a"]),
        (packed(files={"/d/a": FILES["/d/a"], "/d/b": b""}), ["/d/a", "/d/b"]),
        (packed(files={**FILES, "/d/a": b"A"}), []),
        (b"no archive" * 1000, []),
        (packed(files={"/d/b": b""})[:512] + b"x" * 1024, []),
    ],
    ids=["empty", "in a header", "in a file", "between files", "one missing", "one too short", "none", "damaged"],
)
async def test_an_archive_that_is_not_whole(
    old: Pachd, at: str, tmp_path: Path, archive: bytes, left: Sequence[str]
) -> None:
    sends(old, archive)
    async with AsyncPfsClient(at) as client:
        with pytest.raises(StreamBroken, match="archive"):
            await client.download("r@master", "/d", tmp_path)
    assert sorted(on_disk(tmp_path)) == left


async def test_a_stream_that_breaks(old: Pachd, at: str, tmp_path: Path) -> None:
    sends(old, packed()[:700], status=grpc.StatusCode.UNAVAILABLE)
    async with AsyncPfsClient(at) as client:
        with pytest.raises(PachydermError, match="broken"):
            await client.download("r@master", "/d", tmp_path)
    assert on_disk(tmp_path) == {}
