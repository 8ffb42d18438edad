"""A website on loopback for servers to fetch from."""

from __future__ import annotations

from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread


class Website:
    """Serves what was added to it; everything else is 404."""

    def __init__(self) -> None:
        pages: dict[str, bytes] = {}
        dripping: dict[str, Event] = {}

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                page = pages.get(self.path)
                if page is None:
                    self.send_error(HTTPStatus.NOT_FOUND)
                    return
                self.send_response(HTTPStatus.OK)
                self.send_header("Content-Length", str(len(page)))
                self.end_headers()
                sent = 0
                while self.path in dripping and sent < len(page) and not dripping[self.path].wait(0.05):
                    self.wfile.write(page[sent : sent + 1])
                    sent += 1
                self.wfile.write(page[sent:])

            def log_message(self, *args: object) -> None:
                """Keep the test output clean."""

        self._pages = pages
        self._dripping = dripping
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = Thread(target=self._server.serve_forever, daemon=True)

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self._server.server_port}{path}"

    def add(self, path: str, content: bytes) -> str:
        """Serve ``content`` and return its address."""
        self._pages[path] = content
        return self.url(path)

    def drip(self, path: str, content: bytes, until: Event) -> str:
        """Serve ``content`` byte by byte until something happens, then the rest, and return its address."""
        self._dripping[path] = until
        return self.add(path, content)

    def __enter__(self) -> Website:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
