from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import grpc
import pytest
from google.protobuf.wrappers_pb2 import BytesValue

from airflow_provider_pachyderm.devserver.faults import METADATA_KEY, Faults, parse

PIECES = [b"one", b"two", b"three"]


class Service:
    """One call of each kind; remembers what it was asked to do."""

    def __init__(self) -> None:
        self.done: list[object] = []

    async def single(self, request: BytesValue, context: object) -> BytesValue:
        self.done.append(request.value)
        return request

    async def download(self, request: BytesValue, context: object) -> AsyncIterator[BytesValue]:
        for piece in PIECES:
            yield BytesValue(value=piece)
        self.done.append("all sent")

    async def upload(self, requests: AsyncIterator[BytesValue], context: object) -> BytesValue:
        received = [request.value async for request in requests]
        self.done.append(received)
        return BytesValue(value=b"".join(received))

    async def echo(self, requests: AsyncIterator[BytesValue], context: object) -> AsyncIterator[BytesValue]:
        async for request in requests:
            yield request

    def handler(self) -> grpc.GenericRpcHandler:
        codec = (BytesValue.FromString, BytesValue.SerializeToString)
        return grpc.method_handlers_generic_handler(
            "test",
            {
                "single": grpc.unary_unary_rpc_method_handler(self.single, *codec),
                "download": grpc.unary_stream_rpc_method_handler(self.download, *codec),
                "upload": grpc.stream_unary_rpc_method_handler(self.upload, *codec),
                "echo": grpc.stream_stream_rpc_method_handler(self.echo, *codec),
            },
        )


class Client:
    """Calls that return what came before the status, and the status."""

    def __init__(self, channel: grpc.Channel) -> None:
        self._channel = channel

    async def call(self, method: str, fault: str | None, timeout: float = 10) -> tuple[list[bytes], str]:
        return await asyncio.to_thread(self._call, method, fault, timeout)

    def _call(self, method: str, fault: str | None, timeout: float) -> tuple[list[bytes], str]:
        start = self._channel.stream_stream(f"/test/{method}", BytesValue.SerializeToString, BytesValue.FromString)
        sent = PIECES if method in ("upload", "echo") else [b"x"]
        metadata = None if fault is None else [(METADATA_KEY, fault)]
        call = start((BytesValue(value=piece) for piece in sent), metadata=metadata, timeout=timeout)
        received = []
        try:
            for message in call:
                received.append(message.value)  # noqa: PERF401
        except grpc.RpcError:
            pass
        return received, call.code().name


@pytest.fixture
async def service() -> Service:
    return Service()


@pytest.fixture
async def client(service: Service) -> AsyncIterator[Client]:
    server = grpc.aio.server(interceptors=[Faults()])
    server.add_generic_rpc_handlers([service.handler()])
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield Client(channel)
    await server.stop(None)


@pytest.mark.parametrize("method", ["single", "download", "upload", "echo"])
async def test_a_call_that_asks_for_nothing_gets_nothing(client: Client, method: str) -> None:
    received, status = await client.call(method, None)
    assert status == "OK"
    assert received in ([b"x"], PIECES, [b"".join(PIECES)])


@pytest.mark.parametrize("method", ["single", "download", "upload", "echo"])
@pytest.mark.parametrize(
    ("fault", "status"),
    [
        ("unavailable", "UNAVAILABLE"),
        ("error=RESOURCE_EXHAUSTED", "RESOURCE_EXHAUSTED"),
        *((fault, None) for fault in ("nonsense", "cut-after=x", "unavailable;twice", "error=NOPE")),
    ],
)
async def test_refused_before_anything_is_done(
    client: Client, service: Service, method: str, fault: str, status: str | None
) -> None:
    assert await client.call(method, fault) == ([], status or "INVALID_ARGUMENT")
    assert service.done == []


@pytest.mark.parametrize(
    ("fault", "expected"),
    [("cut-after=0", 0), ("cut-after=2", 2), ("cut-after=3", 3), ("cut-after-bytes=11", 2)],
)
async def test_a_download_is_cut(client: Client, service: Service, fault: str, expected: int) -> None:
    assert await client.call("download", fault) == (PIECES[:expected], "UNAVAILABLE")


async def test_a_download_ends_as_if_that_were_all(client: Client) -> None:
    assert await client.call("download", "end-after=2") == (PIECES[:2], "OK")
    assert await client.call("download", "end-after=9") == (PIECES, "OK")


async def test_a_download_brings_too_much(client: Client) -> None:
    assert await client.call("download", "repeat-last") == ([*PIECES, PIECES[-1]], "OK")


@pytest.mark.parametrize("method", ["single", "download", "upload"])
async def test_ok_without_an_answer(client: Client, service: Service, method: str) -> None:
    assert await client.call(method, "no-message") == ([], "OK")
    assert len(service.done) == (method != "download")


async def test_only_calls_of_one_name(client: Client) -> None:
    assert (await client.call("single", "unavailable;on=download"))[1] == "OK"
    assert (await client.call("single", "unavailable;on=download,single;once=on"))[1] == "UNAVAILABLE"


async def test_an_upload_is_cut_even_if_its_answer_is_a_stream(client: Client) -> None:
    received, status = await client.call("echo", "cut-after=2")
    assert (len(received) <= 2, status) == (True, "UNAVAILABLE")


async def test_an_upload_is_cut(client: Client, service: Service) -> None:
    assert await client.call("upload", "cut-after=2") == ([], "UNAVAILABLE")
    assert service.done == []
    assert await client.call("upload", "cut-after=4") == ([b"onetwothree"], "OK")


async def test_a_lost_reply_was_done(client: Client, service: Service) -> None:
    assert await client.call("single", "lose-reply") == ([], "UNAVAILABLE")
    assert service.done == [b"x"]


async def test_silence(client: Client) -> None:
    assert await client.call("single", "stall", timeout=0.2) == ([], "DEADLINE_EXCEEDED")
    assert await client.call("download", "stall-after=1", timeout=0.2) == (PIECES[:1], "DEADLINE_EXCEEDED")


async def test_delay(client: Client) -> None:
    begin = asyncio.get_running_loop().time()
    assert await client.call("single", "delay=0.2") == ([b"x"], "OK")
    assert asyncio.get_running_loop().time() - begin >= 0.2


async def test_once_a_key(client: Client) -> None:
    for key in ("a", "b"):
        assert (await client.call("single", f"unavailable;once={key}"))[1] == "UNAVAILABLE"
        assert (await client.call("single", f"unavailable;once={key}"))[1] == "OK"


def test_parse_says_what_is_wrong() -> None:
    with pytest.raises(ValueError, match="unknown fault 'explode'"):
        parse("explode")
    with pytest.raises(ValueError, match="unknown option 'twice'"):
        parse("stall;twice=1")
