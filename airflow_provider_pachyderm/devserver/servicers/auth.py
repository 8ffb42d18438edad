"""``auth.API`` of 1.x and ``auth_v2.API`` of 2.x: who one is, and tokens. Who may do what is not played."""

from __future__ import annotations

from typing import Any

import grpc

from airflow_provider_pachyderm._wire.v1 import auth_pb2 as wire_v1
from airflow_provider_pachyderm._wire.v1 import methods as v1
from airflow_provider_pachyderm._wire.v2 import auth_pb2 as wire_v2
from airflow_provider_pachyderm._wire.v2 import methods as v2
from airflow_provider_pachyderm.devserver.engine import EngineError
from airflow_provider_pachyderm.devserver.engine.access import NOT_ACTIVATED
from airflow_provider_pachyderm.devserver.servicers.base import Context, Servicer, refuse, time_message
from airflow_provider_pachyderm.devserver.servicers.gate import token_of

NOT_LICENSED = (
    "Pachyderm Enterprise is not active in this cluster, and the Pachyderm auth API is an Enterprise-level feature"
)

# Calls that the wire table leaves out, as they are refused whatever they ask.
_MORE_V2 = (
    *("Authorize", "Deactivate", "GetConfiguration", "GetGroups", "GetPermissions", "GetRoleBinding", "GetUsers"),
    "ModifyRoleBinding",
)


class _Auth(Servicer):
    """What both worlds do alike.

    The user of a login by OIDC is taken to have logged in at once.
    """

    wire: Any

    async def Authenticate(self, request: Any, context: Context) -> Any:
        """Authenticate, with an id token or by OIDC."""
        access = self.engine.access
        token = access.trade(request.id_token) if request.id_token else access.finish_login(request.oidc_state)
        return self.wire.AuthenticateResponse(pach_token=token)

    async def GetOIDCLogin(self, request: Any, context: Context) -> Any:
        """GetOIDCLogin."""
        state = self.engine.access.begin_login()
        return self.wire.GetOIDCLoginResponse(login_url=f"http://localhost:30658/authorize?state={state}", state=state)

    async def RevokeAuthToken(self, request: Any, context: Context) -> Any:
        """RevokeAuthToken."""
        self.engine.access.revoke(request.token)
        return self.wire.RevokeAuthTokenResponse()


class AuthV1(_Auth):
    """Auth of 1.x."""

    calls = v1.Auth
    wire = wire_v1

    async def WhoAmI(self, request: wire_v1.WhoAmIRequest, context: Context) -> wire_v1.WhoAmIResponse:
        """WhoAmI."""
        access = self.engine.access
        session = access.session(token_of(context.invocation_metadata()))
        is_admin = session.user == self.engine.profile.root_user
        return wire_v1.WhoAmIResponse(username=session.user, is_admin=is_admin, ttl=access.seconds_left(session))

    async def GetAuthToken(
        self, request: wire_v1.GetAuthTokenRequest, context: Context
    ) -> wire_v1.GetAuthTokenResponse:
        """GetAuthToken."""
        caller = token_of(context.invocation_metadata())
        token = self.engine.access.new_robot(caller, request.subject, request.ttl, "GetAuthToken")
        return wire_v1.GetAuthTokenResponse(token=token, subject=request.subject)


class AuthV2(_Auth):
    """Auth of 2.x."""

    calls = v2.Auth
    wire = wire_v2

    def handlers(self) -> dict[str, grpc.RpcMethodHandler[Any, Any]]:
        """Also the calls that the wire table leaves out."""
        text = "this dev server does not play roles" if self.engine.access.active else NOT_ACTIVATED
        more = dict.fromkeys(_MORE_V2, _refusing("UNIMPLEMENTED", text))
        more["Activate"] = _refusing("UNKNOWN", NOT_LICENSED)
        return {**super().handlers(), **{f"/{self.service()}/{name}": call for name, call in more.items()}}

    async def WhoAmI(self, request: wire_v2.WhoAmIRequest, context: Context) -> wire_v2.WhoAmIResponse:
        """WhoAmI."""
        session = self.engine.access.session(token_of(context.invocation_metadata()))
        return wire_v2.WhoAmIResponse(username=session.user, expiration=time_message(session.ends))

    async def GetRobotToken(
        self, request: wire_v2.GetRobotTokenRequest, context: Context
    ) -> wire_v2.GetRobotTokenResponse:
        """GetRobotToken."""
        caller = token_of(context.invocation_metadata())
        token = self.engine.access.new_robot(caller, f"robot:{request.robot}", request.ttl, "GetRobotToken")
        return wire_v2.GetRobotTokenResponse(token=token)


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
