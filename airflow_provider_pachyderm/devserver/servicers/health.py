"""Health: ``health.Health`` in 1.x, ``grpc.health.v1.Health`` in 2.x.

The messages have at most one field, so they are handled as bytes instead of depending on grpcio-health-checking.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import grpc

from airflow_provider_pachyderm.devserver.engine import EngineError
from airflow_provider_pachyderm.devserver.servicers.base import Context, Handler, Servicer, refuse

_SERVING = b"\x08\x01"  # HealthCheckResponse{status: SERVING}
_SERVICE_UNKNOWN = b"\x08\x03"
_OVERALL = (b"", b"\x0a\x00")  # HealthCheckRequest{service: ""}, the field left out or empty


class HealthV1(Servicer):
    """Health of 1.x: an answer is all it takes."""

    def handlers(self) -> dict[str, Handler]:
        """Calls outside of the wire tables, as bytes."""
        return {"/health.Health/Health": grpc.unary_unary_rpc_method_handler(self.Health)}

    async def Health(self, request: bytes, context: Context) -> bytes:
        """Health."""
        return b""


class HealthV2(Servicer):
    """Health of 2.x: gRPC's own."""

    def handlers(self) -> dict[str, Handler]:
        """Calls outside of the wire tables, as bytes."""
        return {
            "/grpc.health.v1.Health/Check": grpc.unary_unary_rpc_method_handler(self.Check),
            "/grpc.health.v1.Health/Watch": grpc.unary_stream_rpc_method_handler(self.Watch),
        }

    async def Check(self, request: bytes, context: Context) -> bytes:
        """Check."""
        if request not in _OVERALL:
            await refuse(context, EngineError("NOT_FOUND", "unknown service"))
        return _SERVING

    async def Watch(self, request: bytes, context: Context) -> AsyncIterator[bytes]:
        """Watch: the state never changes, so it stays silent until the client goes."""
        yield _SERVING if request in _OVERALL else _SERVICE_UNKNOWN
        await asyncio.get_running_loop().create_future()
