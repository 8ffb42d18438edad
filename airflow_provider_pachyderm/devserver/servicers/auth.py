"""``auth.API`` of 1.x and ``auth_v2.API`` of 2.x as long as auth is not activated, which it never is here."""

from __future__ import annotations

from typing import Any, NoReturn

import grpc

from airflow_provider_pachyderm._wire.v1 import methods as v1
from airflow_provider_pachyderm._wire.v2 import methods as v2
from airflow_provider_pachyderm.devserver.engine import EngineError
from airflow_provider_pachyderm.devserver.servicers.base import Context, Servicer, refuse

NOT_ACTIVATED = "the auth service is not activated"

# Calls that the wire table leaves out: the answer does not depend on the request.
_MORE_V2 = ("GetRobotToken", "Deactivate", "GetRoleBinding")


class AuthV1(Servicer):
    """Auth of 1.x."""

    calls = v1.Auth

    async def WhoAmI(self, request: object, context: Context) -> NoReturn:
        """WhoAmI."""
        raise EngineError(self.engine.profile.auth_inactive, NOT_ACTIVATED)


class AuthV2(AuthV1):
    """Auth of 2.x."""

    calls = v2.Auth  # type: ignore[assignment]  # another table

    def handlers(self) -> dict[str, grpc.RpcMethodHandler[Any, Any]]:
        """Also the calls that the wire table leaves out."""
        call: grpc.RpcMethodHandler[bytes, bytes] = grpc.unary_unary_rpc_method_handler(_refuse)
        return {**super().handlers(), **{f"/{self.service()}/{name}": call for name in _MORE_V2}}


async def _refuse(request: bytes, context: Context) -> bytes:
    await refuse(context, EngineError("UNIMPLEMENTED", NOT_ACTIVATED))
    return b""
