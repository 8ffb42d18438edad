"""Small real servers that misbehave as a test wants; both clients talk to them."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
from google.protobuf.empty_pb2 import Empty

from airflow_provider_pachyderm._wire.method import Method
from airflow_provider_pachyderm._wire.v1 import methods as v1
from airflow_provider_pachyderm._wire.v2 import methods as v2
from airflow_provider_pachyderm._wire.v2 import version_pb2

Behaviour = Callable[[Any, grpc.ServicerContext], Any]
AnyMethod = Method[Any, Any]


class Pachd(grpc.GenericRpcHandler):
    """A gRPC server whose calls are functions of the test. It tells its version, and knows nothing else.

    :ivar calls: what was called, the metadata of the last call, and who is still being served.
    """

    def __init__(self, version: tuple[int, int, int] = (2, 11, 6)) -> None:
        self.calls: list[str] = []
        self.metadata: dict[str, str] = {}
        self.released = threading.Event()
        self._behaviours: dict[str, tuple[AnyMethod, Behaviour]] = {}
        major, minor, micro = version
        self.on(
            v1.Version.GetVersion if major == 1 else v2.Version.GetVersion,
            lambda request, context: version_pb2.Version(major=major, minor=minor, micro=micro),
        )

    def on(self, method: AnyMethod, behaviour: Behaviour | Any = None) -> None:
        """Answer a call with a function, or with one and the same reply."""
        reply = Empty() if behaviour is None else behaviour
        function = behaviour if callable(behaviour) else lambda request, context: reply
        self._behaviours[method.path] = (method, function)

    def count(self, method: AnyMethod) -> int:
        return self.calls.count(method.name)

    def service(self, handler_call_details: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler[Any, Any] | None:
        path = handler_call_details.method
        if path not in self._behaviours:
            return None
        method, function = self._behaviours[path]

        def serve(request: Any, context: grpc.ServicerContext) -> Any:
            self.calls.append(method.name)
            self.metadata = {str(key): str(value) for key, value in context.invocation_metadata()}
            return function(request, context)

        kind = f"{'stream' if method.client_streaming else 'unary'}_{'stream' if method.server_streaming else 'unary'}"
        make = getattr(grpc, f"{kind}_rpc_method_handler")
        handler: grpc.RpcMethodHandler[Any, Any] = make(
            serve, method.request_type.FromString, method.reply_type.SerializeToString
        )
        return handler

    def wait(self, context: grpc.ServicerContext) -> None:
        """Hold a call until its client is gone or the test is over."""
        while context.is_active() and not self.released.wait(0.02):
            pass

    @contextlib.contextmanager
    def running(self) -> Iterator[str]:
        """Serve; ``host:port``."""
        server = grpc.server(ThreadPoolExecutor(16), handlers=[self])
        port = server.add_insecure_port("127.0.0.1:0")
        server.start()
        try:
            yield f"127.0.0.1:{port}"
        finally:
            self.released.set()
            server.stop(None).wait()


def unavailable(times: int, reply: Any = None) -> Behaviour:
    """Fail with UNAVAILABLE so many times, then answer."""
    left = iter(range(times))

    def behave(request: Any, context: grpc.ServicerContext) -> Any:
        if next(left, None) is not None:
            context.abort(grpc.StatusCode.UNAVAILABLE, "try again")
        return Empty() if reply is None else reply

    return behave


@contextlib.contextmanager
def silent_listener() -> Iterator[str]:
    """Accept connections and say nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"127.0.0.1:{listener.getsockname()[1]}"


def closed_port() -> str:
    """An address on which nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"127.0.0.1:{listener.getsockname()[1]}"


class CuttingProxy:
    """Passes bytes on until it is told to cut all connections.

    :param after: cut by itself when so many bytes have passed in one direction.
    """

    def __init__(self, target: str, after: int) -> None:
        host, _, port = target.partition(":")
        self._target = (host, int(port))
        self._after = after
        self._sockets: list[socket.socket] = []

    @contextlib.contextmanager
    def running(self) -> Iterator[str]:
        """Serve; ``host:port``."""
        with socket.create_server(("127.0.0.1", 0)) as listener:
            accepting = threading.Thread(target=self._accept, args=(listener,))
            accepting.start()
            try:
                yield f"127.0.0.1:{listener.getsockname()[1]}"
            finally:
                listener.shutdown(socket.SHUT_RDWR)
                accepting.join()
                self.cut()

    def cut(self) -> None:
        """Break all connections."""
        for each in self._sockets:
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def _accept(self, listener: socket.socket) -> None:
        pumps: list[threading.Thread] = []
        with contextlib.suppress(OSError):
            while True:
                near, _ = listener.accept()
                far = socket.create_connection(self._target)
                self._sockets += [near, far]
                pumps += [threading.Thread(target=self._pump, args=ends) for ends in ((near, far), (far, near))]
                for pump in pumps[-2:]:
                    pump.start()
        self.cut()
        for pump in pumps:
            pump.join()
        for each in self._sockets:
            each.close()

    def _pump(self, source: socket.socket, sink: socket.socket) -> None:
        passed = 0
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                passed += len(data)
                if passed > self._after:
                    break
                sink.sendall(data)
        self.cut()
