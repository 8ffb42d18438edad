"""Authentication of every call: most need a token as soon as the server has authentication."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import grpc

from airflow_provider_pachyderm.devserver.engine import EngineError
from airflow_provider_pachyderm.devserver.engine.access import Access
from airflow_provider_pachyderm.devserver.servicers.base import Context, refuse

TOKEN_KEY = "authn-token"
"""Metadata key of the token."""

# Calls that a real server answers without one; those for auth say themselves what they need.
_OPEN_SERVICES = {"auth.API", "auth_v2.API", "health.Health", "grpc.health.v1.Health", "versionpb.API"}
_OPEN_SERVICES |= {"versionpb_v2.API", "enterprise_v2.API"}


def token_of(metadata: Any) -> str | None:
    """The token in the metadata of a call."""
    token = dict(metadata or ()).get(TOKEN_KEY)
    return str(token) if token else None


class Gate(grpc.aio.ServerInterceptor):
    """Server interceptor that lets nobody in without a token that holds."""

    def __init__(self, access: Access) -> None:
        self._access = access

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[grpc.RpcMethodHandler[Any, Any] | None]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> grpc.RpcMethodHandler[Any, Any] | None:
        """See grpc.aio.ServerInterceptor."""
        if handler_call_details.method.split("/")[1] not in _OPEN_SERVICES:
            try:
                self._access.session(token_of(handler_call_details.invocation_metadata))
            except EngineError as error:
                return _refusing(error)
        return await continuation(handler_call_details)


def _refusing(error: EngineError) -> grpc.RpcMethodHandler[Any, Any]:
    async def call(requests: Any, context: Context) -> None:
        await refuse(context, error)

    # it serves calls of every kind, as it answers with a status only
    return grpc.stream_unary_rpc_method_handler(call)
