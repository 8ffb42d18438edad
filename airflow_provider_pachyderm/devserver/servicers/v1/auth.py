"""``auth.API`` of 1.x: who one is, tokens, scopes, administrators and groups."""

# ruff: noqa: D102  (an RPC is documented by what it is named after)

from __future__ import annotations

from google.protobuf.message import Message

from airflow_provider_pachyderm._wire.v1 import auth_pb2 as pb
from airflow_provider_pachyderm._wire.v1 import methods
from airflow_provider_pachyderm.devserver.engine.auth.authentication import TokenSession
from airflow_provider_pachyderm.devserver.engine.auth.rules import ENDLESS_TOKENS, LONGEST_TOKEN
from airflow_provider_pachyderm.devserver.engine.auth.scopes import FS, SUPER
from airflow_provider_pachyderm.devserver.engine.errors import EngineError, refused
from airflow_provider_pachyderm.devserver.engine.model import RepoKey
from airflow_provider_pachyderm.devserver.servicers.auth import Auth
from airflow_provider_pachyderm.devserver.servicers.base import Context, nanoseconds, time_message
from airflow_provider_pachyderm.devserver.servicers.v1.messages import SCOPES

_NO_GITHUB = "this dev server asks no GitHub: name a robot that is to be the administrator, or give a root token"
# what only administrators may ask for
_FOR_ADMINS = {
    **{name: name for name in ("SetGroupsForUser", "ModifyMembers", "GetUsers", "ExtendAuthToken")},
    **{name: name for name in ("ExtractAuthTokens", "RestoreAuthToken")},
    "Deactivate": "DeactivateAuth",
}
_SCOPE_OF = {number: scope for scope, number in SCOPES.items()}
_ROLES = {SUPER: pb.CLUSTER_ROLE_SUPER, FS: pb.CLUSTER_ROLE_FS}
_ROLE_OF = {number: role for role, number in _ROLES.items()}


class AuthV1(Auth):
    """RPCs in the order of the proto file."""

    calls = methods.Auth
    wire = pb
    needs = dict.fromkeys(_FOR_ADMINS, ())

    def admit(self, name: str, request: Message) -> None:
        """Let nobody but administrators ask for what changes the server."""
        self.engine.scopes.check_admin(_FOR_ADMINS[name])

    async def Activate(self, request: pb.ActivateRequest, context: Context) -> pb.ActivateResponse:
        if not request.root_token and not request.subject.startswith(("robot:", "pach:")):
            raise EngineError("UNIMPLEMENTED", _NO_GITHUB)
        admin = "" if request.root_token else request.subject
        return pb.ActivateResponse(pach_token=self.engine.activate(request.root_token, admin))

    async def GetAdmins(self, request: pb.GetAdminsRequest, context: Context) -> pb.GetAdminsResponse:
        self.engine.auth.session()
        return pb.GetAdminsResponse(admins=self.engine.scopes.admins())

    async def ModifyAdmins(self, request: pb.ModifyAdminsRequest, context: Context) -> pb.ModifyAdminsResponse:
        self.engine.scopes.modify_admins(request.add, request.remove)
        return pb.ModifyAdminsResponse()

    async def GetClusterRoleBindings(
        self, request: pb.GetClusterRoleBindingsRequest, context: Context
    ) -> pb.GetClusterRoleBindingsResponse:
        self.engine.auth.session()
        bindings = {principal: _cluster_roles(roles) for principal, roles in self.engine.scopes.cluster_roles().items()}
        return pb.GetClusterRoleBindingsResponse(bindings=bindings)

    async def ModifyClusterRoleBinding(
        self, request: pb.ModifyClusterRoleBindingRequest, context: Context
    ) -> pb.ModifyClusterRoleBindingResponse:
        roles = [_ROLE_OF[number] for number in request.roles.roles if number in _ROLE_OF]
        self.engine.scopes.bind_cluster({request.principal: roles})
        return pb.ModifyClusterRoleBindingResponse()

    async def Authorize(self, request: pb.AuthorizeRequest, context: Context) -> pb.AuthorizeResponse:
        return pb.AuthorizeResponse(
            authorized=self.engine.scopes.authorize(RepoKey(request.repo), _scope(request.scope))
        )

    async def WhoAmI(self, request: pb.WhoAmIRequest, context: Context) -> pb.WhoAmIResponse:
        session = self.engine.auth.session()
        roles = self.engine.scopes.cluster_roles().get(session.user, ())
        return pb.WhoAmIResponse(
            username=session.user,
            is_admin=SUPER in roles,
            ttl=self.engine.auth.seconds_left(session),
            cluster_roles=_cluster_roles(roles),
        )

    async def GetScope(self, request: pb.GetScopeRequest, context: Context) -> pb.GetScopeResponse:
        scopes = self.engine.scopes.get(request.username, map(RepoKey, request.repos))
        return pb.GetScopeResponse(scopes=[SCOPES[scope] for scope in scopes])

    async def SetScope(self, request: pb.SetScopeRequest, context: Context) -> pb.SetScopeResponse:
        self.engine.scopes.set(request.username, RepoKey(request.repo), _scope(request.scope))
        return pb.SetScopeResponse()

    async def GetACL(self, request: pb.GetACLRequest, context: Context) -> pb.GetACLResponse:
        acl = self.engine.scopes.acl(RepoKey(request.repo))
        return pb.GetACLResponse(
            entries=[pb.ACLEntry(username=principal, scope=SCOPES[scope]) for principal, scope in acl.items()]
        )

    async def SetACL(self, request: pb.SetACLRequest, context: Context) -> pb.SetACLResponse:
        scopes = {entry.username: _scope(entry.scope) for entry in request.entries}
        self.engine.scopes.set_acl(RepoKey(request.repo), scopes)
        return pb.SetACLResponse()

    async def GetAuthToken(self, request: pb.GetAuthTokenRequest, context: Context) -> pb.GetAuthTokenResponse:
        session = self.engine.auth.session()
        is_admin, endless = self.engine.scopes.is_admin(session.user), self.engine.profile[ENDLESS_TOKENS]
        if request.ttl < 0 and not (is_admin and endless):
            raise refused("GetAuthTokenRequest.TTL must be >= 0")
        subject = self.engine.scopes.canonical(request.subject) if request.subject else session.user
        if subject != session.user:
            self.engine.scopes.check_admin("GetAuthToken on behalf of another user")
        if subject.startswith("pach:"):
            raise refused("GetAuthTokenRequest.Subject is invalid")
        if is_admin:
            token = self.engine.auth.new(subject, self._ttl_of_admin(request.ttl))
        else:
            token = self.engine.auth.new(subject, request.ttl, session.ends)
        return pb.GetAuthTokenResponse(token=token, subject=subject)

    def _ttl_of_admin(self, ttl: int) -> int:
        """How long a token holds that an administrator asks for."""
        longest = self.engine.profile[LONGEST_TOKEN]
        return longest if longest and (ttl == 0 or ttl > longest) else ttl

    async def ExtendAuthToken(self, request: pb.ExtendAuthTokenRequest, context: Context) -> pb.ExtendAuthTokenResponse:
        self.engine.auth.extend(request.token, request.ttl)
        return pb.ExtendAuthTokenResponse()

    async def RevokeAuthToken(self, request: pb.RevokeAuthTokenRequest, context: Context) -> pb.RevokeAuthTokenResponse:
        if self.engine.auth.owner(request.token) not in (None, self.engine.auth.user()):
            self.engine.scopes.check_admin("RevokeAuthToken on another user's token")
        self.engine.auth.revoke(request.token)
        return pb.RevokeAuthTokenResponse()

    async def GetGroups(self, request: pb.GetGroupsRequest, context: Context) -> pb.GetGroupsResponse:
        user = self.engine.auth.user()
        if request.username not in ("", user):
            self.engine.scopes.check_admin("GetGroups")
            user = self.engine.scopes.canonical(request.username)
        return pb.GetGroupsResponse(groups=self.engine.bindings.groups_of(user))

    async def ExtractAuthTokens(
        self, request: pb.ExtractAuthTokensRequest, context: Context
    ) -> pb.ExtractAuthTokensResponse:
        tokens = self.engine.auth.extract()
        return pb.ExtractAuthTokensResponse(tokens=[_stored(hashed, session) for hashed, session in tokens.items()])

    async def RestoreAuthToken(
        self, request: pb.RestoreAuthTokenRequest, context: Context
    ) -> pb.RestoreAuthTokenResponse:
        token = request.token
        ends = nanoseconds(token, "expiration")
        self.engine.auth.restore(token.hashed_token, TokenSession(token.token_info.subject, ends))
        return pb.RestoreAuthTokenResponse()


def _scope(number: pb.Scope) -> str:
    if number not in _SCOPE_OF:
        raise refused(f"unrecognized scope: {number}")
    return _SCOPE_OF[number]


def _cluster_roles(roles: tuple[str, ...]) -> pb.ClusterRoles:
    return pb.ClusterRoles(roles=[_ROLES[role] for role in roles])


def _stored(hashed: str, session: TokenSession) -> pb.HashedAuthToken:
    info = pb.TokenInfo(subject=session.user, source=pb.TokenInfo.GET_TOKEN)
    return pb.HashedAuthToken(hashed_token=hashed, token_info=info, expiration=time_message(session.ends))
