"""What ``auth.API`` of 1.x and ``auth_v2.API`` of 2.x have in common: logging in, and groups."""

from __future__ import annotations

from types import ModuleType

from google.protobuf.message import Message

from airflow_provider_pachyderm._wire.v1 import auth_pb2 as v1
from airflow_provider_pachyderm._wire.v2 import auth_pb2 as v2
from airflow_provider_pachyderm.devserver.servicers.base import Context, Servicer


class Auth(Servicer):
    """What both worlds do alike.

    The user of a login by OIDC is taken to have logged in at once.
    """

    wire: ModuleType
    """The module of the world's messages."""

    async def Authenticate(self, request: v1.AuthenticateRequest | v2.AuthenticateRequest, context: Context) -> Message:
        """Authenticate, with an id token or by OIDC."""
        auth = self.engine.auth
        token = auth.exchange(request.id_token) if request.id_token else auth.finish_login(request.oidc_state)
        return self._reply("AuthenticateResponse", pach_token=token)

    async def GetOIDCLogin(self, request: v1.GetOIDCLoginRequest | v2.GetOIDCLoginRequest, context: Context) -> Message:
        """GetOIDCLogin."""
        state = self.engine.auth.begin_login()
        return self._reply(
            "GetOIDCLoginResponse", login_url=f"http://localhost:30658/authorize?state={state}", state=state
        )

    async def Deactivate(self, request: v1.DeactivateRequest | v2.DeactivateRequest, context: Context) -> Message:
        """Deactivate."""
        self.engine.deactivate()
        return self._reply("DeactivateResponse")

    async def SetGroupsForUser(
        self, request: v1.SetGroupsForUserRequest | v2.SetGroupsForUserRequest, context: Context
    ) -> Message:
        """SetGroupsForUser."""
        self.engine.bindings.set_groups(self.engine.guard.canonical(request.username), request.groups)
        return self._reply("SetGroupsForUserResponse")

    async def ModifyMembers(
        self, request: v1.ModifyMembersRequest | v2.ModifyMembersRequest, context: Context
    ) -> Message:
        """ModifyMembers."""
        add, remove = (map(self.engine.guard.canonical, names) for names in (request.add, request.remove))
        self.engine.bindings.modify_members(request.group, [*add], [*remove])
        return self._reply("ModifyMembersResponse")

    async def GetUsers(self, request: v1.GetUsersRequest | v2.GetUsersRequest, context: Context) -> Message:
        """GetUsers."""
        return self._reply("GetUsersResponse", usernames=self.engine.bindings.members(request.group))

    def _reply(self, name: str, **fields: object) -> Message:
        """An answer, which has the same name in both worlds."""
        reply: Message = getattr(self.wire, name)(**fields)
        return reply
