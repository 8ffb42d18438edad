from __future__ import annotations

import io
import tarfile
from collections.abc import AsyncIterator

import pytest

from airflow_provider_pachyderm.devserver.engine.files import tars
from airflow_provider_pachyderm.devserver.engine.files.tars import TarEntry

LONG = "/" + "/".join(["d" * 90] * 5)


async def pieces(*parts: bytes) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


async def entries() -> AsyncIterator[TarEntry]:
    yield TarEntry("/")
    yield TarEntry("/a", 3, pieces(b"A", b"AA"))
    yield TarEntry("/dir")
    yield TarEntry("/dir/b", 600, pieces(bytes(600)))
    yield TarEntry("/dir/empty", 0, pieces())
    yield TarEntry(LONG, 1, pieces(b"x"))


async def test_an_archive_that_tar_can_read() -> None:
    data = b"".join([piece async for piece in tars.stream(entries())])
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        members = tar.getmembers()
        contents = {m.name: tar.extractfile(m).read() for m in members if m.isfile()}  # type: ignore[union-attr]
    # tarfile takes the slash off the end of directories, the root's too
    assert [m.name for m in members] == ["", "/a", "/dir", "/dir/b", "/dir/empty", LONG]
    assert contents == {"/a": b"AAA", "/dir/b": bytes(600), "/dir/empty": b"", LONG: b"x"}
    assert {(m.mode, m.uid, m.mtime) for m in members} == {(0, 0, 0)}
    assert [m.isdir() for m in members] == [True, False, True, False, False, False]


async def test_raw_header_as_recorded() -> None:
    blocks = tars.header("/", None)
    assert len(blocks) == 512
    assert blocks[:2] == b"/\0"
    assert blocks[100:124] == b"0000000\0" * 3
    assert blocks[156:157] == b"5"


@pytest.mark.parametrize("size", [512, 1000, 10**6])
async def test_messages_are_full_except_the_last(size: int) -> None:
    data = b"".join([piece async for piece in tars.stream(entries())])
    messages = [m async for m in tars.in_messages(tars.stream(entries()), size)]
    assert b"".join(messages) == data
    assert {len(m) for m in messages[:-1]} <= {size}
    assert 0 < len(messages[-1]) <= size
