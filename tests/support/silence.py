"""A network that swallows packets: connections stay up, and nothing comes."""

from __future__ import annotations

import select
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress


class Swallowing:
    """Passes bytes on to a server, until it is told to swallow them.

    :param address: of the server, ``host:port``.
    """

    def __init__(self, address: str) -> None:
        host, _, port = address.rpartition(":")
        self._target = (host, int(port))
        self._swallows: frozenset[str] = frozenset()
        self._ended = threading.Event()

    @contextmanager
    def running(self) -> Iterator[str]:
        """Serve; ``host:port``."""
        with socket.create_server(("127.0.0.1", 0)) as listener:
            accepting = threading.Thread(target=self._accept, args=(listener,))
            accepting.start()
            try:
                yield f"127.0.0.1:{listener.getsockname()[1]}"
            finally:
                self._ended.set()
                listener.shutdown(socket.SHUT_RDWR)
                accepting.join()

    @contextmanager
    def swallowing(self, *what: str, seconds: float | None = None) -> Iterator[None]:
        """Swallow ``questions``, ``answers`` or both, for so long or to the end of the block.

        What a connection has lost does not come later: it stays dead, and only new ones work afterwards.
        """
        self._swallows = frozenset(what or ("questions", "answers"))
        timer = threading.Timer(seconds, self._pass) if seconds is not None else None
        if timer is not None:
            timer.start()
        try:
            yield
        finally:
            if timer is not None:
                timer.join()
            self._pass()

    def _pass(self) -> None:
        self._swallows = frozenset()

    def _accept(self, listener: socket.socket) -> None:
        pumps: list[threading.Thread] = []
        with suppress(OSError):
            while True:
                near, _ = listener.accept()
                pumps.append(threading.Thread(target=self._pump, args=(near,)))
                pumps[-1].start()
        for pump in pumps:
            pump.join()

    def _pump(self, near: socket.socket) -> None:
        with near, socket.create_connection(self._target) as far, suppress(OSError):
            lost: set[str] = set()
            ways = {near: (far, "questions"), far: (near, "answers")}
            while not self._ended.is_set():
                lost |= self._swallows
                for end in select.select([near, far], [], [], 0.05)[0]:
                    lost |= self._swallows
                    if not (data := end.recv(65536)):
                        return
                    sink, what = ways[end]
                    if what not in lost:
                        sink.sendall(data)
