"""Content that comes is copied once, in pieces of a bounded size, and not held while more is received."""

from __future__ import annotations

import io
import tarfile
import tracemalloc
from collections.abc import Iterator

import pytest
from google.protobuf.message import DecodeError
from google.protobuf.wrappers_pb2 import BytesValue

from airflow_provider_pachyderm.client._local import tars
from airflow_provider_pachyderm.client._local.chunks import CHUNK_SIZE
from airflow_provider_pachyderm.client._sync.items import MadeReplies
from airflow_provider_pachyderm.client._sync.reader import FileReader
from airflow_provider_pachyderm.client._transport.base import content_of

MESSAGE = 4 * CHUNK_SIZE


@pytest.mark.parametrize("size", [0, 1, 127, 128, 16383, 16384, CHUNK_SIZE])
def test_content_is_found_where_it_is(size: int) -> None:
    content = bytes(index % 251 for index in range(size))
    message = BytesValue(value=content).SerializeToString()
    found = content_of(message)
    assert bytes(found) == content
    assert not size or found.obj is message


@pytest.mark.parametrize(
    "message",
    [
        b"\n\x01a\n\x02bc",  # the last one counts
        b"\n\x02bc\x10\x01",  # with a field that is not known
        b"\x10\x01\n\x02bc",
        b"\n\x82\x80\x80\x80\x00bc",  # a longer number than is needed
    ],
)
def test_what_is_encoded_otherwise_is_left_to_protobuf(message: bytes) -> None:
    assert bytes(content_of(message)) == BytesValue.FromString(message).value == b"bc"


@pytest.mark.parametrize("message", [b"\n", b"\n\x05bc", b"\n\xff\xff\xff\xff\xff\xff\xff"])
def test_what_is_cut_off_is_no_content(message: bytes) -> None:
    with pytest.raises(DecodeError):
        content_of(message)


def test_a_reader_gives_pieces_and_holds_no_message_that_was_read() -> None:
    def messages() -> Iterator[memoryview]:
        for _ in range(4):
            yield memoryview(bytes(MESSAGE))

    reader = FileReader(MadeReplies(messages()), expected=4 * MESSAGE).start()  # type: ignore[arg-type]
    tracemalloc.start()
    try:
        sizes = [len(piece) for piece in reader]
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert sum(sizes) == 4 * MESSAGE
    assert max(sizes) == CHUNK_SIZE
    assert peak < MESSAGE + 2 * CHUNK_SIZE + CHUNK_SIZE // 2


def test_a_plain_header_says_what_the_archive_says() -> None:
    for name, kind in (("a/file", tarfile.REGTYPE), ("a/file", tarfile.AREGTYPE), ("a", tarfile.DIRTYPE)):
        written = tarfile.TarInfo(name)
        written.type, written.size, written.mtime = kind, 0 if kind == tarfile.DIRTYPE else 5, 1_700_000_000
        header = written.tobuf()
        with tarfile.open(fileobj=io.BytesIO(header + tars.END)) as archive:
            read, known = tars.parse(header), archive.next()
        assert read is not None and known is not None
        assert read.get_info() == known.get_info()
