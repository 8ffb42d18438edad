"""What is uploaded: cutting sources into chunks, and the messages around them, which are encoded by hand."""

from __future__ import annotations

import array
import io
import mmap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.wrappers_pb2 import BytesValue
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_pachyderm._wire.v1 import pfs_pb2 as v1
from airflow_provider_pachyderm._wire.v2 import pfs_pb2 as v2
from airflow_provider_pachyderm.client import Commit, InvalidRequest, Repo, Version
from airflow_provider_pachyderm.client._changes import PutUrl
from airflow_provider_pachyderm.client._dialects.calls import Plan
from airflow_provider_pachyderm.client._dialects.choose import choose
from airflow_provider_pachyderm.client._dialects.uploads import Content, Upload
from airflow_provider_pachyderm.client._dialects.uploads_v2 import UploadV2
from airflow_provider_pachyderm.client._local.chunks import CHUNK_SIZE, Rechunker, check_async_source, check_source
from airflow_provider_pachyderm.client._sync.sources import encode

BRANCH = Commit(Repo("repo", "project"), "master")
ROOT = Commit(Repo("repo"), "master")
SIZES = st.sampled_from([0, 1, 127, 128, 129, 16_383, 16_384, 65_536, CHUNK_SIZE - 1, CHUNK_SIZE])


def finish(plan: Plan[Upload]) -> Upload:
    with pytest.raises(StopIteration) as stop:
        next(plan)
    value: Upload = stop.value.value
    return value


def upload_v1(*, append: bool) -> Upload:
    return finish(choose(Version(1, 13, 4)).uploads.prepare(ROOT, "/any", append=append))


def upload_v2(existing: frozenset[str] = frozenset()) -> Upload:
    appending = finish(choose(Version(2, 11, 6)).uploads.prepare(BRANCH, "/any", append=True))
    assert isinstance(appending, UploadV2)
    return UploadV2(BRANCH, appending._commit, existing)


@given(size=SIZES, path=st.sampled_from(["/a", "/" + "n" * 200]), append=st.booleans())
def test_v1_frames_are_what_protobuf_makes(size: int, path: str, append: bool) -> None:
    data = bytes(size)
    upload = upload_v1(append=append)
    file = v1.File(commit=v1.Commit(repo=v1.Repo(name="repo"), id="master"), path=path)
    overwrite = None if append else v1.OverwriteIndex(index=0)
    first = v1.PutFileRequest(file=file, overwrite_index=overwrite, value=data)
    assert list(upload.opening()) == []
    assert [v1.PutFileRequest.FromString(frame) for frame in upload.data(path, data, first=True)] == [first]
    if data:
        next_ = v1.PutFileRequest(value=data).SerializeToString()
        assert list(upload.data(path, memoryview(data), first=False)) == [next_]


@given(size=SIZES, path=st.sampled_from(["/a", "/" + "n" * 200]))
def test_v2_frames_are_what_protobuf_makes(size: int, path: str) -> None:
    data = bytes(size)
    upload = upload_v2(frozenset({path}))
    add = v2.ModifyFileRequest(add_file=v2.AddFile(path=path, raw=BytesValue(value=data))).SerializeToString()
    delete = v2.ModifyFileRequest(delete_file=v2.DeleteFile(path=path)).SerializeToString()
    assert list(upload.data(path, bytearray(data), first=True)) == [delete, add]
    assert list(upload.data(path, memoryview(data), first=False)) == [add]
    assert list(upload_v2().data(path, data, first=True)) == [add]


def test_a_stream_of_two_files_v1() -> None:
    frames = encode(upload_v1(append=False), [Content("/a", b"x" * (CHUNK_SIZE + 1)), Content("/b", b"")])
    messages = [v1.PutFileRequest.FromString(frame) for frame in frames]
    assert [(m.file.path, len(m.value), m.HasField("overwrite_index")) for m in messages] == [
        ("/a", CHUNK_SIZE, True),
        ("", 1, False),
        ("/b", 0, True),
    ]


def test_a_stream_of_two_files_v2() -> None:
    frames = encode(upload_v2(frozenset({"/b"})), [Content("/a", b"x" * (CHUNK_SIZE + 1)), Content("/b", b"")])
    opening, *messages = [v2.ModifyFileRequest.FromString(frame) for frame in frames]
    assert opening.set_commit.branch.name == "master"
    assert opening.set_commit.repo.project.name == "project"
    assert [(m.WhichOneof("body"), m.add_file.path, len(m.add_file.raw.value)) for m in messages] == [
        ("add_file", "/a", CHUNK_SIZE),
        ("add_file", "/a", 1),
        ("delete_file", "", 0),
        ("add_file", "/b", 0),
    ]
    assert messages[-1].add_file.WhichOneof("source") == "raw"


def test_urls() -> None:
    (frame,) = upload_v1(append=True).url(PutUrl("/u", "http://h/x"))
    request = v1.PutFileRequest.FromString(frame)
    assert (request.url, request.recursive, request.HasField("overwrite_index")) == ("http://h/x", False, False)
    frames = [
        v2.ModifyFileRequest.FromString(f)
        for f in upload_v2(frozenset({"/u"})).url(PutUrl("/u", "s3://b", recursive=True, concurrency=7))
    ]
    assert [frame.WhichOneof("body") for frame in frames] == ["delete_file", "add_file"]
    url = frames[1].add_file.url
    assert (url.url, url.recursive, url.concurrency) == ("s3://b", True, 7)


# chunks


def chunks(source: Any) -> list[bytes]:
    upload = upload_v2()
    messages = (v2.ModifyFileRequest.FromString(frame) for frame in encode(upload, [Content("/f", source)]))
    return [message.add_file.raw.value for message in messages if message.WhichOneof("body") == "add_file"]


@given(st.lists(st.sampled_from([0, 1, 1000, CHUNK_SIZE - 1, CHUNK_SIZE, CHUNK_SIZE + 1]), max_size=5))
def test_pieces_of_any_size_become_full_chunks(sizes: list[int]) -> None:
    rechunker = Rechunker()
    pieces = [bytes([number + 1]) * size for number, size in enumerate(sizes)]
    out = [bytes(chunk) for piece in pieces for chunk in rechunker.feed(piece)]
    assert {len(chunk) for chunk in out} <= {CHUNK_SIZE}
    rest = rechunker.rest()
    assert len(rest) < CHUNK_SIZE
    assert b"".join([*out, rest]) == b"".join(pieces)


def test_a_buffer_that_is_used_again_between_pieces() -> None:
    buffer = bytearray(1000)

    def fill() -> Iterator[bytearray]:
        for number in range(3):
            buffer[:] = bytes([number]) * len(buffer)
            yield buffer

    assert chunks(fill()) == [b"\0" * 1000 + b"\1" * 1000 + b"\2" * 1000]


def test_sources(tmp_path: Path) -> None:
    content = bytes(range(256)) * 10
    local = tmp_path / "data"
    local.write_bytes(content)
    for source in (
        content,
        bytearray(content),
        memoryview(content),
        array.array("B", content),
        [content[:9], content[9:]],
    ):
        assert chunks(source) == [content]
    assert chunks(memoryview(content)[::1].cast("B", [10, 256])) == [content]
    assert chunks(io.BytesIO(content)) == [content]
    assert chunks(local) == [content]
    with local.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        assert chunks(mapped) == [content]
        assert chunks(file) == [content]
    assert chunks(b"") == chunks([]) == chunks(io.BytesIO()) == [b""]


def test_a_local_file_is_closed_when_the_upload_ends_early(tmp_path: Path) -> None:
    local = tmp_path / "data"
    local.write_bytes(bytes(3 * CHUNK_SIZE))
    frames = encode(upload_v2(), [Content("/f", local)])
    next(frames), next(frames)
    frames.close()  # an open file would warn, and warnings are errors


@pytest.mark.parametrize("source", ["text", Path("a"), 5, None, io.StringIO("text")])
def test_what_is_no_content(source: Any) -> None:
    for check in (check_source, check_async_source):
        with pytest.raises(InvalidRequest):
            check(source)


@pytest.mark.parametrize("source", [["text"], [5], io.BytesIO])
def test_what_is_no_piece_of_content(source: Any) -> None:
    with pytest.raises((InvalidRequest, TypeError)):
        chunks(source)


def test_the_reason_is_told() -> None:
    with pytest.raises(InvalidRequest, match=r"encode it, or use put_file\(\)"):
        check_source("text")
    with pytest.raises(InvalidRequest, match="'rb'"):
        check_source(io.StringIO("text"))
