from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from airflow_provider_pachyderm.devserver import urls

BODY = bytes(range(256)) * 1000


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/nope":
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(BODY)))
        self.end_headers()
        self.wfile.write(BODY[:1000] if self.path == "/short" else BODY)

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


async def fetch(url: str, explains: bool = True, chunk: int = 100_000) -> bytes:
    return b"".join([piece async for piece in urls.fetch(url, explains, chunk)])


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
