"""Bytes that are not those that a server has stated: damaged on the way, or changed in an open commit since."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from google.protobuf.wrappers_pb2 import BytesValue

from airflow_provider_pachyderm._wire.v1 import methods, pfs_pb2
from airflow_provider_pachyderm.client import FileNotFound, StreamBroken
from airflow_provider_pachyderm.client._async.items import AsyncReadyReplies
from airflow_provider_pachyderm.client._async.reader import AsyncFileReader
from airflow_provider_pachyderm.client._dialects.calls import Call, Download, Proof, raw, read_bytes
from airflow_provider_pachyderm.client._local.digests import Objects


def of(*contents: bytes) -> Objects:
    names = [hashlib.sha512(content).hexdigest() for content in contents]
    return Objects(hashlib.sha256("".join(names).encode()).digest(), names)


async def read(came: bytes, stated: Objects, now: Objects | Exception) -> bytes:
    async def ask(call: Call[Any]) -> Objects:
        if isinstance(now, Exception):
            raise now
        return now

    asking: Call[Any] = Call(methods.Pfs.InspectFile, pfs_pb2.InspectFileRequest(), raw)
    call = Call(methods.Pfs.GetFile, pfs_pb2.GetFileRequest(), read_bytes, "r@master:/f")
    download = Download(call, len(came), proof=Proof(stated.hash, asking))
    reader = AsyncFileReader(download, AsyncReadyReplies([BytesValue(value=came)]), ask=ask)
    return await (await reader.start()).read()


async def test_other_bytes_than_those_of_the_only_object() -> None:
    with pytest.raises(StreamBroken, match="SHA-512"):
        await read(b"ne!", of(b"new"), of(b"new"))


async def test_what_fits_is_not_asked_about() -> None:
    assert await read(b"new", of(b"new"), AssertionError("it has been asked about")) == b"new"


@pytest.mark.parametrize("now", [of(b"ne!"), of(b"other"), FileNotFound("it is gone")])
async def test_what_has_changed_since_is_not_damaged(now: Objects | Exception) -> None:
    assert await read(b"ne!", of(b"new"), now) == b"ne!"


async def test_where_several_objects_begin_is_not_known() -> None:
    assert await read(b"onetwo", of(b"one", b"two"), of(b"one", b"two")) == b"onetwo"
