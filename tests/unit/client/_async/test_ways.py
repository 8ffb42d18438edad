"""The way to a server: proxies, pings and certificates; errors name the setting to change."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
import pytest

from airflow_provider_pachyderm._wire.v2 import pfs_pb2
from airflow_provider_pachyderm._wire.v2.methods import Pfs
from airflow_provider_pachyderm.client import AsyncPfsClient, RetryPolicy, TlsFailed, Unavailable
from tests.unit.client.pachd import Pachd, closed_port

ONCE = RetryPolicy(deadline=0)


class ConnectProxy:
    """An HTTP proxy that knows CONNECT, and remembers what it was asked for.

    :param refuse: answer 403.
    """

    def __init__(self, refuse: bool = False) -> None:
        self.asked: list[str] = []
        self._refuse = refuse

    @contextlib.contextmanager
    def running(self) -> Iterator[str]:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            thread = threading.Thread(target=self._accept, args=(listener,))
            thread.start()
            try:
                yield f"http://127.0.0.1:{listener.getsockname()[1]}"
            finally:
                listener.shutdown(socket.SHUT_RDWR)
                thread.join()

    def _accept(self, listener: socket.socket) -> None:
        with contextlib.suppress(OSError), ThreadPoolExecutor(16) as pool:
            while True:
                pool.submit(self._serve, listener.accept()[0], pool)

    def _serve(self, near: socket.socket, pool: ThreadPoolExecutor) -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            head += near.recv(4096)
        target = head.split()[1].decode()
        self.asked.append(target)
        if self._refuse:
            near.sendall(b"HTTP/1.1 403 Forbidden\r\n\r\n")
            near.close()
            return
        host, _, port = target.rpartition(":")
        far = socket.create_connection((host, int(port)))
        near.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        pool.submit(self._pump, far, near)
        self._pump(near, far)

    def _pump(self, source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                sink.sendall(data)
        for each in (source, sink):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        source.close()


def client(address: str, **settings: Any) -> AsyncPfsClient:
    return AsyncPfsClient(address, version="2.11.6", **{"retry": ONCE, **settings})


@pytest.fixture(autouse=True)
def repo(pachd: Pachd) -> None:
    info = pfs_pb2.RepoInfo(repo=pfs_pb2.Repo(name="repo", type="user"))
    pachd.on(Pfs.InspectRepo, info)


async def test_a_proxy_that_is_set_is_used(pachd: Pachd, address: str) -> None:
    proxy = ConnectProxy()
    with proxy.running() as url:
        async with client(address, proxy=url) as c:
            assert (await c.inspect_repo("repo")).repo.name == "repo"
    assert proxy.asked == [address]


@pytest.mark.parametrize("variable", ["http_proxy", "grpc_proxy", "https_proxy"])
async def test_the_environment_does_not_take_calls_to_this_machine(
    address: str, variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """grpc#29718: a proxy that is not there would fail them."""
    monkeypatch.setenv(variable, f"http://{closed_port()}")
    async with client(address) as c:
        assert (await c.inspect_repo("repo")).repo.name == "repo"


async def test_a_proxy_of_the_environment_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("http_proxy", f"http://user:secret@{closed_port()}")
    c = client("pachd.example.com", connect_timeout=2)
    with pytest.raises(Unavailable, match=r"goes through the proxy http://.+ \(named by http_proxy\)") as e:
        await c.inspect_repo("repo")
    assert "secret" not in str(e.value)
    await c.close()


async def test_a_proxy_that_refuses_is_named(address: str) -> None:
    with ConnectProxy(refuse=True).running() as url:
        c = client(address, proxy=url, connect_timeout=2)
        with pytest.raises(Unavailable, match=rf"{address}.+through the proxy {url} \(named by proxy\)"):
            await c.inspect_repo("repo")
        await c.close()


@pytest.mark.parametrize("listed", ["*", "127.0.0.0/8", "127.0.0.1"])
async def test_no_proxy_excepts_also_from_the_setting(
    address: str, listed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_PROXY", listed)
    async with client(address, proxy=f"http://{closed_port()}") as c:
        assert (await c.inspect_repo("repo")).repo.name == "repo"


@contextlib.contextmanager
def strict(pachd: Pachd) -> Iterator[str]:
    """Serve, and allow no more pings than servers in Go do by default."""
    options = [
        ("grpc.http2.min_recv_ping_interval_without_data_ms", 300_000),
        ("grpc.http2.max_ping_strikes", 1),
        ("grpc.keepalive_permit_without_calls", 0),
    ]
    server = grpc.server(ThreadPoolExecutor(4), handlers=[pachd], options=options)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        pachd.released.set()
        server.stop(None).wait()


async def test_too_many_pings(pachd: Pachd) -> None:
    """grpc#33661: the error names the setting, and with it the call goes through."""

    def answer_late(request: Any, context: grpc.ServicerContext) -> Any:
        pachd.released.wait(4)
        return pfs_pb2.RepoInfo(repo=pfs_pb2.Repo(name="repo", type="user"))

    pachd.on(Pfs.InspectRepo, answer_late)
    with strict(pachd) as address:
        c = client(address, keepalive=0.2)
        with pytest.raises(Unavailable, match=r"too many pings: set keepalive, now 0\.2 seconds, to more, or to 0"):
            await c.inspect_repo("repo")
        await c.close()
        async with client(address, keepalive=0) as c:
            assert (await c.inspect_repo("repo")).repo.name == "repo"


async def test_words_of_a_server_are_not_taken_for_grpcs_own(pachd: Pachd, address: str) -> None:
    """What sounds like a ping or a certificate in an answer says nothing of the connection."""
    for text in ("file Too many pings is odd", "CERTIFICATE_VERIFY_FAILED", "Ssl handshake failed", "Peer name x"):

        def refuse(request: Any, context: grpc.ServicerContext, text: str = text) -> None:
            context.abort(grpc.StatusCode.UNAVAILABLE, text)

        pachd.on(Pfs.InspectRepo, refuse)
        c = client(address)
        with pytest.raises(Unavailable, match="cannot reach") as e:
            await c.inspect_repo("repo")
        assert not isinstance(e.value, TlsFailed)
        await c.close()
