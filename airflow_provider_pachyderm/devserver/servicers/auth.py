"""``auth.API`` of 1.x and ``auth_v2.API`` of 2.x as long as auth is not activated, which it never is here."""

from __future__ import annotations

from typing import Any, NoReturn

import grpc

from airflow_provider_pachyderm._wire.v1 import methods as v1
from airflow_provider_pachyderm._wire.v2 import methods as v2
from airflow_provider_pachyderm.devserver.engine import EngineError
from airflow_provider_pachyderm.devserver.servicers.base import Context, Servicer, refuse

NOT_ACTIVATED = "the auth service is not activated"

NOT_LICENSED = (
    "Pachyderm Enterprise is not active in this cluster, and the Pachyderm auth API is an Enterprise-level feature"
)

# Calls that the wire table leaves out: the answer does not depend on the request.
_MORE_V2 = (
    *("Authenticate", "Authorize", "Deactivate", "GetConfiguration", "GetGroups", "GetPermissions"),
    *("GetRobotToken", "GetRoleBinding", "GetUsers", "ModifyRoleBinding", "RevokeAuthToken"),
)


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
        inactive = _refusing("UNIMPLEMENTED", NOT_ACTIVATED)
        more = dict.fromkeys(_MORE_V2, inactive) | {"Activate": _refusing("UNKNOWN", NOT_LICENSED)}
        return {**super().handlers(), **{f"/{self.service()}/{name}": call for name, call in more.items()}}


class EnterpriseV2(Servicer):
    """``enterprise_v2.API``: there is no licence, and that is all it tells."""

    def handlers(self) -> dict[str, grpc.RpcMethodHandler[Any, Any]]:
        """Calls outside of the wire tables, as bytes."""
        return {"/enterprise_v2.API/GetState": grpc.unary_unary_rpc_method_handler(self.GetState)}

    async def GetState(self, request: bytes, context: Context) -> bytes:
        """GetState: NONE."""
        return b""


def _refusing(code: str, text: str) -> grpc.RpcMethodHandler[Any, Any]:
    async def call(request: bytes, context: Context) -> bytes:
        await refuse(context, EngineError(code, text))
        return b""

    return grpc.unary_unary_rpc_method_handler(call)
