"""Bytes that are not those that a server has stated: damaged on the way, or changed in an open commit since."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from airflow_provider_pachyderm._wire.v1 import methods, pfs_pb2
from airflow_provider_pachyderm.client import FileNotFound, StreamBroken
from airflow_provider_pachyderm.client._async.checking import AsyncCheckedBytes
from airflow_provider_pachyderm.client._async.items import AsyncReadyReplies
from airflow_provider_pachyderm.client._async.reader import AsyncFileReader
from airflow_provider_pachyderm.client._dialects.calls import Call, Plan
from airflow_provider_pachyderm.client._dialects.downloads import Download, Proof, read_bytes
from airflow_provider_pachyderm.client._local.digests import Objects


def of(*contents: bytes) -> Objects:
    names = [hashlib.sha512(content).hexdigest() for content in contents]
    return Objects(hashlib.sha256("".join(names).encode()).digest(), names)


async def read(came: bytes, stated: Objects, now: Objects | Exception) -> bytes:
    def asking() -> Plan[Objects]:
        yield from ()
        if isinstance(now, Exception):
            raise now
        return now

    async def ask(proof: Proof) -> Objects:
        try:
            next(proof.ask())
        except StopIteration as stop:
            objects: Objects = stop.value
            return objects
        raise AssertionError("a call was made")

    async def again(download: Download) -> Any:
        raise AssertionError("nothing is missing")

    call = Call(methods.Pfs.GetFile, pfs_pb2.GetFileRequest(), read_bytes, "r@master:/f")
    download = Download(call, len(came), proof=Proof(stated.hash, asking))
    content = AsyncCheckedBytes(AsyncReadyReplies([came]), download, again, ask)
    return await (await AsyncFileReader(content).start()).read()


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
