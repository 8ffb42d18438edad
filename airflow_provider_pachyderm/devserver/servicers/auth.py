"""What ``auth.API`` of 1.x and ``auth_v2.API`` of 2.x have in common: logging in, and groups."""

from __future__ import annotations

from typing import Any

from airflow_provider_pachyderm.devserver.servicers.base import Context, Servicer


class Auth(Servicer):
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

    async def Deactivate(self, request: Any, context: Context) -> Any:
        """Deactivate."""
        self.engine.deactivate()
        return self.wire.DeactivateResponse()

    async def SetGroupsForUser(self, request: Any, context: Context) -> Any:
        """SetGroupsForUser."""
        self.engine.bindings.set_groups(self.engine.guard.canonical(request.username), request.groups)
        return self.wire.SetGroupsForUserResponse()

    async def ModifyMembers(self, request: Any, context: Context) -> Any:
        """ModifyMembers."""
        add, remove = (map(self.engine.guard.canonical, names) for names in (request.add, request.remove))
        self.engine.bindings.modify_members(request.group, [*add], [*remove])
        return self.wire.ModifyMembersResponse()

    async def GetUsers(self, request: Any, context: Context) -> Any:
        """GetUsers."""
        return self.wire.GetUsersResponse(usernames=self.engine.bindings.members(request.group))
