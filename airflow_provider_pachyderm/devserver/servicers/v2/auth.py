"""``auth_v2.API``: who one is, tokens, roles and groups. Who may call what is in :mod:`.needs`."""

# ruff: noqa: D102  (an RPC is documented by what it is named after)

from __future__ import annotations

import grpc
from google.protobuf.message import Message

from airflow_provider_pachyderm._wire.v2 import auth_pb2 as pb
from airflow_provider_pachyderm._wire.v2 import methods
from airflow_provider_pachyderm.devserver.engine import Engine
from airflow_provider_pachyderm.devserver.engine.auth.authentication import TokenSession
from airflow_provider_pachyderm.devserver.engine.auth.bindings import Resource
from airflow_provider_pachyderm.devserver.engine.auth.role_tables import Role
from airflow_provider_pachyderm.devserver.engine.errors import EngineError, refused
from airflow_provider_pachyderm.devserver.servicers.auth import Auth
from airflow_provider_pachyderm.devserver.servicers.base import Context, Handler, Servicer, nanoseconds, time_message
from airflow_provider_pachyderm.devserver.servicers.v2 import messages
from airflow_provider_pachyderm.devserver.servicers.v2.needs import AUTH_NEEDS

ResourceRequest = (
    pb.AuthorizeRequest
    | pb.GetPermissionsRequest
    | pb.GetPermissionsForPrincipalRequest
    | pb.ModifyRoleBindingRequest
    | pb.GetRoleBindingRequest
)
"""Requests about what roles are bound to."""


class AuthV2(Auth):
    """RPCs in the order of the proto file."""

    calls = methods.Auth
    wire = pb
    needs = AUTH_NEEDS

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self._configuration = pb.OIDCConfig()

    def admit(self, name: str, request: Message) -> None:
        """Also refuse what makes sense only with authentication."""
        self.engine.auth.require_active()
        super().admit(name, request)

    async def Activate(self, request: pb.ActivateRequest, context: Context) -> pb.ActivateResponse:
        return pb.ActivateResponse(pach_token=self.engine.activate(request.root_token))

    async def GetConfiguration(
        self, request: pb.GetConfigurationRequest, context: Context
    ) -> pb.GetConfigurationResponse:
        return pb.GetConfigurationResponse(configuration=self._configuration)

    async def SetConfiguration(
        self, request: pb.SetConfigurationRequest, context: Context
    ) -> pb.SetConfigurationResponse:
        self._configuration = request.configuration
        return pb.SetConfigurationResponse()

    async def Authorize(self, request: pb.AuthorizeRequest, context: Context) -> pb.AuthorizeResponse:
        user = self.engine.auth.user()
        wanted = [messages.permission_name(number) for number in request.permissions]
        grant = self.engine.roles.grant(user, _resource(request), wanted)
        return pb.AuthorizeResponse(
            authorized=not grant.missing,
            satisfied=map(messages.permission, grant.satisfied),
            missing=map(messages.permission, grant.missing),
            principal=user,
        )

    async def GetPermissions(self, request: pb.GetPermissionsRequest, context: Context) -> pb.GetPermissionsResponse:
        return self._permissions(self.engine.auth.user(), request)

    async def GetPermissionsForPrincipal(
        self, request: pb.GetPermissionsForPrincipalRequest, context: Context
    ) -> pb.GetPermissionsResponse:
        return self._permissions(request.principal, request)

    async def WhoAmI(self, request: pb.WhoAmIRequest, context: Context) -> pb.WhoAmIResponse:
        session = self.engine.auth.session()
        return pb.WhoAmIResponse(username=session.user, expiration=time_message(session.ends))

    async def GetRolesForPermission(
        self, request: pb.GetRolesForPermissionRequest, context: Context
    ) -> pb.GetRolesForPermissionResponse:
        roles = self.engine.roles.roles_for(messages.permission_name(request.permission))
        return pb.GetRolesForPermissionResponse(roles=map(_role, roles))

    async def ModifyRoleBinding(
        self, request: pb.ModifyRoleBindingRequest, context: Context
    ) -> pb.ModifyRoleBindingResponse:
        self.engine.roles.modify(_resource(request), request.principal, request.roles)
        return pb.ModifyRoleBindingResponse()

    async def GetRoleBinding(self, request: pb.GetRoleBindingRequest, context: Context) -> pb.GetRoleBindingResponse:
        binding = self.engine.roles.binding(_resource(request))
        entries = {principal: pb.Roles(roles=dict.fromkeys(roles, True)) for principal, roles in binding.items()}
        return pb.GetRoleBindingResponse(binding=pb.RoleBinding(entries=entries))

    async def GetRobotToken(self, request: pb.GetRobotTokenRequest, context: Context) -> pb.GetRobotTokenResponse:
        robot = request.robot.removeprefix("robot:")
        if ":" in robot:
            raise refused("robot names cannot contain colons (':')")
        return pb.GetRobotTokenResponse(token=self.engine.auth.new(f"robot:{robot}", request.ttl))

    async def RevokeAuthToken(self, request: pb.RevokeAuthTokenRequest, context: Context) -> pb.RevokeAuthTokenResponse:
        return pb.RevokeAuthTokenResponse(number=self.engine.auth.revoke(request.token))

    async def RevokeAuthTokensForUser(
        self, request: pb.RevokeAuthTokensForUserRequest, context: Context
    ) -> pb.RevokeAuthTokensForUserResponse:
        if request.username.startswith("pach:"):
            raise refused("cannot revoke tokens for pach: users")
        return pb.RevokeAuthTokensForUserResponse(number=self.engine.auth.revoke_all_of(request.username))

    async def GetGroups(self, request: pb.GetGroupsRequest, context: Context) -> pb.GetGroupsResponse:
        return pb.GetGroupsResponse(groups=self.engine.bindings.groups_of(self.engine.auth.user()))

    async def GetGroupsForPrincipal(
        self, request: pb.GetGroupsForPrincipalRequest, context: Context
    ) -> pb.GetGroupsResponse:
        return pb.GetGroupsResponse(groups=self.engine.bindings.groups_of(request.principal))

    async def ExtractAuthTokens(
        self, request: pb.ExtractAuthTokensRequest, context: Context
    ) -> pb.ExtractAuthTokensResponse:
        tokens = self.engine.auth.extract()
        return pb.ExtractAuthTokensResponse(
            tokens=[
                pb.TokenInfo(subject=session.user, expiration=time_message(session.ends), hashed_token=hashed)
                for hashed, session in tokens.items()
            ]
        )

    async def RestoreAuthToken(
        self, request: pb.RestoreAuthTokenRequest, context: Context
    ) -> pb.RestoreAuthTokenResponse:
        token = request.token
        ends = nanoseconds(token, "expiration")
        self.engine.auth.restore(token.hashed_token, TokenSession(token.subject, ends))
        return pb.RestoreAuthTokenResponse()

    async def DeleteExpiredAuthTokens(
        self, request: pb.DeleteExpiredAuthTokensRequest, context: Context
    ) -> pb.DeleteExpiredAuthTokensResponse:
        self.engine.auth.drop_expired()
        return pb.DeleteExpiredAuthTokensResponse()

    async def RotateRootToken(self, request: pb.RotateRootTokenRequest, context: Context) -> pb.RotateRootTokenResponse:
        return pb.RotateRootTokenResponse(root_token=self.engine.auth.rotate_root(request.root_token))

    # ---- shared -------------------------------------------------------------------------

    def _permissions(self, principal: str, request: ResourceRequest) -> pb.GetPermissionsResponse:
        permissions, roles = self.engine.roles.permissions(principal, _resource(request))
        return pb.GetPermissionsResponse(permissions=map(messages.permission, permissions), roles=roles)


class EnterpriseV2(Servicer):
    """``enterprise_v2.API``: it tells of no licence, and that is all it tells."""

    def handlers(self) -> dict[str, Handler]:
        """Calls outside of the wire tables, as bytes."""
        return {"/enterprise_v2.API/GetState": grpc.unary_unary_rpc_method_handler(self.GetState)}

    async def GetState(self, request: bytes, context: Context) -> bytes:
        """GetState: NONE."""
        return b""


def _resource(request: ResourceRequest) -> Resource:
    if not request.HasField("resource"):
        text = f"validate request: invalid {request.DESCRIPTOR.name}.Resource: value is required"
        raise EngineError("INVALID_ARGUMENT", text)
    return messages.resource(request.resource)


def _role(role: Role) -> pb.Role:
    return pb.Role(
        name=role.name,
        permissions=map(messages.permission, role.permissions),
        can_be_bound_to=map(messages.kind_of_resource, role.bound_to),
        returned_for=map(messages.kind_of_resource, role.listed_for),
    )
