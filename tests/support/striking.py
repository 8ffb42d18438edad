"""Faults at the boundaries of a task's calls: what stands between a task and the dev server, and strikes on order."""

from __future__ import annotations

import os
import random
import select
import signal
import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Any

import grpc

from airflow_provider_pachyderm.testing.server import DevServer

MAX_MESSAGE = 20 * 1024 * 1024
_OPTIONS = [
    ("grpc.max_receive_message_length", MAX_MESSAGE),
    ("grpc.max_send_message_length", MAX_MESSAGE),
    ("grpc.so_reuseport", 0),
    ("grpc.use_local_subchannel_pool", 1),
    ("grpc.enable_http_proxy", 0),
]
_LOST = (grpc.StatusCode.UNAVAILABLE, "Socket closed")


@dataclass(frozen=True)
class Strike:
    """A fault.

    :param call: the number of the call that it strikes, from 0 on, counted through all tries
    :param kind: ``kill worker``, ``kill server``, ``cut`` the connection, or ``lose`` the answer
    :param after: when the server has done the call, else before it hears of it
    """

    call: int
    kind: str
    after: bool

    def __str__(self) -> str:
        return f"{self.kind} {'after' if self.after else 'before'} call {self.call}"


KINDS = tuple(
    (kind, after)
    for kind in ("kill worker", "kill server", "cut", "lose answer")
    for after in ((True,) if kind == "lose answer" else (False, True))
)


class Striker:
    """Passes calls on to a dev server, counts them, and strikes.

    :param server: is killed and started again on order
    """

    def __init__(self, server: DevServer) -> None:
        self._server = server
        self._lock = threading.Lock()
        self._restarting = threading.Lock()
        self._strikes: list[Strike] = []
        self._worker: Callable[[], int | None] = lambda: None
        self.calls: list[str] = []

    def begin(self, strikes: Iterable[Strike], worker: Callable[[], int | None]) -> None:
        """Forget what was, and strike so from now on.

        :param worker: gives the process of the task
        """
        with self._lock:
            self.calls, self._strikes, self._worker = [], list(strikes), worker

    def soon(self, kind: str, after: bool) -> None:
        """Strike one of the next calls, whoever makes it."""
        with self._lock:
            self._strikes.append(Strike(len(self.calls) + random.randrange(8), kind, after))

    @property
    def struck_all(self) -> bool:
        """Whether every fault has struck."""
        return not self._strikes

    def __enter__(self) -> Striker:
        with ExitStack() as opened:
            self._inner = grpc.server(ThreadPoolExecutor(256), options=_OPTIONS, handlers=[_Everything(self)])
            port = self._inner.add_insecure_port("127.0.0.1:0")
            self._inner.start()
            opened.callback(lambda: self._inner.stop(0).wait())
            self._wire = opened.enter_context(Wire(port))
            self._channel = self._connected()
            opened.callback(lambda: self._channel.close())
            self._opened = opened.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._opened.close()

    @property
    def port(self) -> int:
        """Where tasks connect to, on loopback."""
        return self._wire.port

    def _connected(self) -> grpc.Channel:
        channel = grpc.insecure_channel(self._server.address, _OPTIONS)
        grpc.channel_ready_future(channel).result(timeout=60)
        return channel

    def pass_on(self, path: str, requests: Iterator[bytes], context: grpc.ServicerContext) -> Iterator[bytes]:
        """Do one call."""
        before, after = self._due(path)
        if before is not None:
            self._strike(before, context)
        invoke: Any = self._channel.stream_stream(path)
        metadata = [pair for pair in context.invocation_metadata() if not pair[0].startswith(("grpc-", "user-agent"))]
        rpc = invoke(requests, metadata=metadata)
        context.add_callback(rpc.cancel)  # also when the caller's deadline has passed
        try:
            if after is None:
                yield from rpc
                return
            list(rpc)
        except grpc.RpcError as error:
            failure: Any = error
            context.abort(failure.code(), failure.details())
        self._strike(after, context)

    def _due(self, path: str) -> tuple[Strike | None, Strike | None]:
        with self._lock:
            number = len(self.calls)
            self.calls.append(path.rpartition("/")[2])
            due = [strike for strike in self._strikes if strike.call == number]
            self._strikes = [strike for strike in self._strikes if strike.call != number]
        return (
            next((strike for strike in due if not strike.after), None),
            next((strike for strike in due if strike.after), None),
        )

    def _strike(self, strike: Strike, context: grpc.ServicerContext) -> None:
        if strike.kind == "kill worker" and (pid := self._worker()):
            with suppress(ProcessLookupError):  # it has ended just now
                os.kill(pid, signal.SIGKILL)
        elif strike.kind == "kill server":
            with self._restarting:
                self._server.kill()
                self._server.start()
                self._channel.close()
                self._channel = self._connected()
        elif strike.kind == "cut":
            self._wire.cut()
        context.abort(*_LOST)


class _Everything(grpc.GenericRpcHandler):
    def __init__(self, striker: Striker) -> None:
        self._striker = striker

    def service(self, details: grpc.HandlerCallDetails) -> Any:
        path = details.method
        return grpc.stream_stream_rpc_method_handler(
            lambda requests, context: self._striker.pass_on(path, requests, context)
        )


class Wire:
    """A connection that can be cut: passes bytes on to a port of this machine.

    :param port: on loopback
    """

    def __init__(self, port: int) -> None:
        self._target = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._pairs: set[tuple[socket.socket, socket.socket]] = set()
        self._thread = threading.Thread(target=self._accept, daemon=True)

    def cut(self) -> None:
        """End every connection, as a network that breaks does."""
        for pair in list(self._pairs):
            for end in pair:
                with suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)

    def __enter__(self) -> Wire:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut()
        self._thread.join()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._pass, args=(near,), daemon=True).start()

    def _pass(self, near: socket.socket) -> None:
        try:
            far = socket.create_connection(("127.0.0.1", self._target))
        except OSError:
            near.close()
            return
        pair = (near, far)
        self._pairs.add(pair)
        with near, far, suppress(OSError):
            other = {near: far, far: near}
            while True:
                for end in select.select(pair, [], [])[0]:
                    if not (data := end.recv(65536)):
                        return
                    other[end].sendall(data)
        self._pairs.discard(pair)
