"""Health: ``grpc.health.v1.Health`` in 2.x, ``health.Health`` in 1.x.

The messages have at most one field, so they are handled as bytes instead of depending on grpcio-health-checking.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import grpc

from airflow_provider_pachyderm.devserver.profiles import Profile

_SERVING = b"\x08\x01"  # HealthCheckResponse{status: SERVING}
_SERVICE_UNKNOWN = b"\x08\x03"
_OVERALL = (b"", b"\x0a\x00")  # HealthCheckRequest{service: ""}, the field left out or empty

_Context = grpc.aio.ServicerContext[bytes, bytes]


def handler(profile: Profile) -> grpc.GenericRpcHandler:
    """The health service of the world that is played."""
    if profile.world == "v1":
        return grpc.method_handlers_generic_handler(
            "health.Health", {"Health": grpc.unary_unary_rpc_method_handler(_health)}
        )
    return grpc.method_handlers_generic_handler(
        "grpc.health.v1.Health",
        {
            "Check": grpc.unary_unary_rpc_method_handler(_check),
            "Watch": grpc.unary_stream_rpc_method_handler(_watch),
        },
    )


async def _health(request: bytes, context: _Context) -> bytes:
    return b""


async def _check(request: bytes, context: _Context) -> bytes:
    if request not in _OVERALL:
        await context.abort(grpc.StatusCode.NOT_FOUND, "unknown service")
    return _SERVING


async def _watch(request: bytes, context: _Context) -> AsyncIterator[bytes]:
    yield _SERVING if request in _OVERALL else _SERVICE_UNKNOWN
    await asyncio.get_running_loop().create_future()  # the state never changes; ends when the client goes
