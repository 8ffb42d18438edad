from __future__ import annotations

import asyncio
import gzip
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from airflow_provider_pachyderm.devserver import urls
from airflow_provider_pachyderm.devserver.url_limits import UrlLimits

BODY = bytes(range(256)) * 1000


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/nope":
            self.send_error(404)
            return
        if self.path.startswith("/to?"):
            self.send_response(302)
            self.send_header("Location", self.path[4:])
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        if self.path == "/who":
            self._send((self.headers["Authorization"] or "nobody").encode())
            return
        if self.path == "/packed":
            self._send(gzip.compress(BODY), ("Content-Encoding", "gzip"))
            return
        if self.path == "/silent":
            self.send_response(200)
            self.end_headers()
            self.rfile.read(1)  # until the client has gone
            return
        if self.path == "/drip":
            self.send_response(200)
            self.send_header("Content-Length", "1000")
            self.end_headers()
            with suppress(OSError):
                for _ in range(1000):
                    self.wfile.write(b"x")
                    self.wfile.flush()
                    time.sleep(0.05)
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(BODY)))
        self.end_headers()
        self.wfile.write(BODY[:1000] if self.path == "/short" else BODY)

    def _send(self, body: bytes, *headers: tuple[str, str]) -> None:
        self.send_response(200)
        for header in (*headers, ("Content-Length", str(len(body)))):
            self.send_header(*header)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def base() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


async def fetch(url: str, explains: bool = True, chunk: int = 100_000, **limits: float) -> bytes:
    told: Any = limits
    return b"".join([piece async for piece in urls.fetch(url, explains, chunk, limits=UrlLimits(**told))])


async def test_body_in_pieces(base: str) -> None:
    sizes = [len(piece) async for piece in urls.fetch(f"{base}/file", True, 100_000)]
    assert sizes == [100_000, 100_000, 56_000]
    assert await fetch(f"{base}/file") == BODY


async def test_missing_page(base: str) -> None:
    with pytest.raises(urls.UrlError) as caught:
        await fetch(f"{base}/nope")
    assert caught.value.text == f'error retrieving content from "{base}/nope": 404 Not Found'


async def test_a_body_that_breaks_off_is_an_error(base: str) -> None:
    with pytest.raises(urls.UrlError, match="unexpected EOF"):
        await fetch(f"{base}/short")


async def test_nobody_listens() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/x"
        with pytest.raises(urls.UrlError) as caught:
            await fetch(url)
        port = free.getsockname()[1]
    assert caught.value.text == f'Get "{url}": dial tcp 127.0.0.1:{port}: connect: connection refused'


@pytest.mark.parametrize(
    ("url", "explains", "text"),
    [
        ("foo://x/y", True, "error parsing url foo://x/y: unrecognized object store: foo"),
        ("file:///etc/hostname", True, "error parsing url file:///etc/hostname: unrecognized object store: file"),
        ("abc", True, "error parsing url abc: unrecognized object store: "),
        ("gopher://x", False, "unrecognized object store: gopher"),
        ("http://[::1", True, "parse \"http://[::1\": missing ']' in host"),
    ],
)
async def test_refused_urls(url: str, explains: bool, text: str) -> None:
    with pytest.raises(urls.UrlError) as caught:
        await fetch(url, explains)
    assert (caught.value.code, caught.value.text) == ("UNKNOWN", text)


async def test_redirects_are_followed_as_far_as_go_does(base: str) -> None:
    assert await fetch(f"{base}/to?/to?{base}/file") == BODY
    with pytest.raises(urls.UrlError, match="stopped after 10 redirects"):
        await fetch(f"{base}/" + "to?/" * 11 + "file")


@pytest.mark.parametrize("target", ["ftp://127.0.0.1/x", "file:///etc/hostname"])
async def test_redirects_lead_nowhere_else(base: str, target: str) -> None:
    with pytest.raises(urls.UrlError, match=f'unsupported protocol scheme "{target.partition(":")[0]}"'):
        await fetch(f"{base}/to?{target}")


async def test_user_and_password_of_a_url_are_sent_and_not_told(base: str) -> None:
    with_password = base.replace("//", "//ann:secret@")
    assert await fetch(f"{with_password}/who") == b"Basic YW5uOnNlY3JldA=="
    with pytest.raises(urls.UrlError) as caught:
        await fetch(f"{with_password}/nope")
    assert "secret" not in caught.value.text
    assert "//ann:***@" in caught.value.text


async def test_gzip_is_unpacked_as_go_does(base: str) -> None:
    assert await fetch(f"{base}/packed") == BODY


async def test_limits(base: str) -> None:
    with pytest.raises(urls.UrlError, match="has more than 1000 bytes"):
        await fetch(f"{base}/file", bytes=1000)
    with pytest.raises(urls.UrlError, match=r"takes longer than 0\.3 s"):
        await fetch(f"{base}/drip", seconds=0.3)
    with pytest.raises(urls.UrlError, match=r"nothing came for 0\.5 s"):
        await fetch(f"{base}/silent", silence=0.5)


async def test_many_slow_urls_hold_nothing_up_and_end_with_their_callers(base: str) -> None:
    slow = [asyncio.create_task(fetch(f"{base}/drip")) for _ in range(20)]
    await asyncio.sleep(0.2)
    assert await fetch(f"{base}/file") == BODY
    for task in slow:
        task.cancel()
    ended = await asyncio.gather(*slow, return_exceptions=True)
    assert {type(one) for one in ended} == {asyncio.CancelledError}


async def test_the_proxy_of_the_environment_is_not_for_this_machine(base: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    assert await fetch(f"{base}/file") == BODY
