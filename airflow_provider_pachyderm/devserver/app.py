"""The gRPC server: one port, one version, the services that it had."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import grpc

from airflow_provider_pachyderm.devserver import access_log
from airflow_provider_pachyderm.devserver.engine import Engine
from airflow_provider_pachyderm.devserver.engine.auth.authentication import Authentication
from airflow_provider_pachyderm.devserver.engine.clock import Clock
from airflow_provider_pachyderm.devserver.engine.ids import Ids, random_id
from airflow_provider_pachyderm.devserver.releases.profile import Profile
from airflow_provider_pachyderm.devserver.servicers import admin, health, version
from airflow_provider_pachyderm.devserver.servicers.base import Context, Handler, Servicer
from airflow_provider_pachyderm.devserver.servicers.gate import Gate
from airflow_provider_pachyderm.devserver.servicers.rules import OLD_CLIENTS_TOLD, UNKNOWN_METHOD
from airflow_provider_pachyderm.devserver.servicers.v1.auth import AuthV1
from airflow_provider_pachyderm.devserver.servicers.v1.pfs import PfsV1
from airflow_provider_pachyderm.devserver.servicers.v1.pps import PpsV1
from airflow_provider_pachyderm.devserver.servicers.v1.transactions import TransactionV1
from airflow_provider_pachyderm.devserver.servicers.v2.auth import AuthV2, EnterpriseV2
from airflow_provider_pachyderm.devserver.servicers.v2.pfs import PfsV2
from airflow_provider_pachyderm.devserver.servicers.v2.pps import PpsV2
from airflow_provider_pachyderm.devserver.servicers.v2.transactions import TransactionV2
from airflow_provider_pachyderm.devserver.url_limits import URL_LIMITS, UrlLimits
from airflow_provider_pachyderm.devserver.worker.worker import Worker

_log = logging.getLogger(__name__)

MAX_MESSAGE = 20 * 1024 * 1024
"Bytes of the largest message, as on real servers."

_PENDING = 1_000_000

_OPTIONS = [
    ("grpc.max_receive_message_length", MAX_MESSAGE),
    ("grpc.max_send_message_length", MAX_MESSAGE),
    ("grpc.so_reuseport", 0),
    # as pachd: clients may ping every 5 s, also while nothing is under way
    ("grpc.http2.min_ping_interval_without_data_ms", 5_000),
    ("grpc.keepalive_permit_without_calls", 1),
    # gRPC's own limits cancel calls at random when more than 1,000 come at once; real servers have none
    ("grpc.server.max_pending_requests", _PENDING),
    ("grpc.server.max_pending_requests_hard_limit", _PENDING),
]

_OLD_SERVICES = {
    f"{name}.API"
    for name in ("admin", "auth", "debug", "enterprise", "identity", "pfs", "pps", "transaction", "versionpb")
}
_OLD_CLIENT = "this server is running pachyderm 2.x, but your client appears to be an older version - please upgrade"

WORKER = "worker"
"""The folder in that of the data in which datums are laid out."""


class Beside(Protocol):
    """What goes on beside the calls."""

    async def run(self) -> None:
        """Go on until it is cancelled."""


Handlers = dict[str, Handler]
"""gRPC handlers by path, ``/package.Service/Method``."""


@dataclass(frozen=True)
class Running:
    """A running server.

    :param address: ``host:port``, with the actual port if 0 was given; or ``unix:`` and a path.
    """

    address: str
    engine: Engine
    server: grpc.aio.Server


@asynccontextmanager
async def serve(
    profile: Profile,
    host: str = "127.0.0.1",
    port: int = 0,
    folder: Path | None = None,
    interceptors: Sequence[grpc.aio.ServerInterceptor] = (),
    grace: float = 1.0,
    clock: Clock = time.time_ns,
    new_id: Ids = random_id,
    root_token: str | None = None,
    id_tokens: Mapping[str, str] | None = None,
    credentials: grpc.ServerCredentials | None = None,
    url_limits: UrlLimits = URL_LIMITS,
    durable: bool = False,
    run_pipelines: int = 0,
    pipeline_command: Sequence[str] = (),
) -> AsyncIterator[Running]:
    """Serve until the ``async with`` block ends.

    :param profile: the version to play.
    :param host: address to listen on, or ``unix:`` and the path of a socket.
    :param port: 0 chooses a free one; ignored for a socket.
    :param folder: folder for the data; None keeps everything in memory.
    :param interceptors: gRPC server interceptors, e.g. faults.
    :param grace: seconds that running calls have at the end.
    :param clock: returns the current time.
    :param new_id: makes the IDs of commits and transactions.
    :param root_token: token of the administrator; turns authentication on.
    :param id_tokens: ID tokens, as from an identity provider, with the names of their users.
    :param credentials: server credentials for TLS.
    :param url_limits: limits for fetching URLs.
    :param durable: changes that were confirmed survive a crash of the machine, not only of the process.
    :param run_pipelines: how many commands of pipelines run at once on this machine, each for a datum; 0 runs none.
        Otherwise whoever can reach the server runs commands here.
    :param pipeline_command: program and arguments that are run in place of each pipeline's command, with ``PACH_PFS``.
    :raises DataFolderError: if the folder belongs to the other protocol, 1.x or 2.x.
    :raises ValueError: if the root token is empty.
    """
    auth = Authentication(profile, clock, root_token, id_tokens)
    engine = Engine(profile, folder, clock, new_id, auth, url_limits, durable)
    log = [access_log.AccessLog(auth)] if access_log.is_wanted() else []
    gate = [Gate(engine)] if auth.licensed else []
    parts: list[Beside] = [engine.finisher, engine.timetable, engine.collector, engine.controller]
    if run_pipelines:
        parts.append(Worker(engine, None if folder is None else folder / WORKER, run_pipelines, pipeline_command))
    beside = [asyncio.create_task(_unless_broken(part)) for part in parts]
    try:
        server = grpc.aio.server(interceptors=[*log, *interceptors, *gate], options=_OPTIONS)
        handlers = handlers_of(servicers_of(engine))
        server.add_generic_rpc_handlers((Router(handlers, profile[UNKNOWN_METHOD], profile[OLD_CLIENTS_TOLD]),))
        is_socket = host.startswith("unix:")
        address = host if is_socket else f"{host}:{port}"
        bound = server.add_secure_port(address, credentials) if credentials else server.add_insecure_port(address)
        await server.start()
        try:
            yield Running(host if is_socket else f"{host}:{bound}", engine, server)
        finally:
            await server.stop(grace)
    finally:
        for task in beside:
            task.cancel()
        await asyncio.gather(*beside, return_exceptions=True)
        engine.close()


async def _unless_broken(part: Beside) -> None:
    """Run a part; the server goes on without one that breaks, but says so."""
    try:
        await part.run()
    except Exception:
        _log.exception("%s has stopped", type(part).__name__)


def handlers_of(servicers: Iterable[Servicer]) -> Handlers:
    """All calls of these services."""
    return {path: handler for servicer in servicers for path, handler in servicer.handlers().items()}


class Router(grpc.GenericRpcHandler):
    """Finds the handler of a call; unknown ones are refused in the words of grpc-go."""

    def __init__(
        self,
        handlers: Handlers,
        unknown_method: str = "unknown method {name} for service {service}",
        old_clients_told: bool = False,
    ) -> None:
        self._handlers = handlers
        self._services = {path.split("/")[1] for path in handlers}
        self._unknown_method = unknown_method
        self._old_clients_told = old_clients_told

    def service(self, handler_call_details: grpc.HandlerCallDetails) -> Handler:
        """See :class:`grpc.GenericRpcHandler`."""
        path = handler_call_details.method
        return self._handlers.get(path) or self._unknown(path)

    def _unknown(self, path: str) -> Handler:
        service, _, name = path.lstrip("/").rpartition("/")
        known = service in self._services
        code = grpc.StatusCode.UNIMPLEMENTED
        text = self._unknown_method if known else "unknown service {service}"
        text = text.format(name=name, service=service)
        if self._old_clients_told:
            code = grpc.StatusCode.UNKNOWN
            text = _OLD_CLIENT if service in _OLD_SERVICES else f'no auth function for "{path}", this is a bug'

        async def refuse(requests: object, context: Context) -> None:
            await context.abort(code, text)

        return grpc.stream_unary_rpc_method_handler(refuse)


def servicers_of(engine: Engine) -> list[Servicer]:
    """The services of the engine's version."""
    return [servicer(engine) for servicer in _WORLDS[engine.profile.world]]


_WORLDS: dict[str, tuple[type[Servicer], ...]] = {
    "v1": (
        *(PfsV1, PpsV1, TransactionV1, AuthV1, admin.EnterpriseV1),
        *(admin.AdminV1, health.HealthV1, version.VersionV1),
    ),
    "v2": (
        *(PfsV2, TransactionV2, AuthV2, EnterpriseV2, PpsV2),
        *(admin.AdminV2, health.HealthV2, version.VersionV2),
    ),
}
