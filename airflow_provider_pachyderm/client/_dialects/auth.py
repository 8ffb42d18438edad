"""Authentication: the calls of ``auth.API`` (1.x) and ``auth_v2.API`` (2.x). Who may do what is in :mod:`.roles`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import fields
from datetime import datetime
from functools import partial
from typing import Any

from google.protobuf.empty_pb2 import Empty

from airflow_provider_pachyderm._wire.method import Method
from airflow_provider_pachyderm._wire.v1 import auth_pb2 as v1
from airflow_provider_pachyderm._wire.v1 import methods as v1_methods
from airflow_provider_pachyderm._wire.v2 import auth_pb2 as v2
from airflow_provider_pachyderm._wire.v2 import methods as v2_methods
from airflow_provider_pachyderm._wire.v2 import pfs_pb2
from airflow_provider_pachyderm.client._auth_models import AuthConfiguration, StoredToken
from airflow_provider_pachyderm.client._capabilities import Capabilities, Feature
from airflow_provider_pachyderm.client._dialects.calls import Call, Plan, nothing, once, read_time, read_ttl
from airflow_provider_pachyderm.client._errors import AuthNotActivated, Unsupported
from airflow_provider_pachyderm.client._models import OidcLogin, WhoAmI

_LOGIN = "login"
_AUTH = "authentication"

# one call of a service that is none of ours; its messages are empty
_PIPELINES = Method("/pps_v2.API/ActivateAuth", Empty, Empty, client_streaming=False, server_streaming=False)


class Auth(ABC):
    """The calls of one world."""

    methods: Any
    wire: Any

    def __init__(self, capabilities: Capabilities) -> None:
        self.capabilities = capabilities

    def is_active(self) -> Plan[bool]:
        """Find out whether the server asks who one is; a bad token is an answer, too."""
        if Feature.AUTH not in self.capabilities:
            return False
        try:
            yield from self.who_am_i(datetime.min)
        except AuthNotActivated:
            return False
        except PermissionError:
            pass
        return True

    def who_am_i(self, now: datetime) -> Plan[WhoAmI]:
        """WhoAmI itself.

        :param now: when it is asked, as 1.x tells only how long a token still holds.
        """
        self.capabilities.require(Feature.AUTH)
        request = self.wire.WhoAmIRequest()
        return once(Call(self.methods.WhoAmI, request, partial(self._read_user, now), "who I am"))

    @abstractmethod
    def _read_user(self, now: datetime, reply: Any) -> WhoAmI:
        """Read the reply of WhoAmI."""

    def begin_login(self) -> Plan[OidcLogin]:
        self.capabilities.require(Feature.OIDC_LOGIN)
        return once(Call(self.methods.GetOIDCLogin, self.wire.GetOIDCLoginRequest(), _read_login, _LOGIN))

    def await_login(self, state: str) -> Plan[str]:
        self.capabilities.require(Feature.OIDC_LOGIN)
        request = self.wire.AuthenticateRequest(oidc_state=state)
        return once(Call(self.methods.Authenticate, request, _read_session, _LOGIN, waits=True))

    def trade_id_token(self, id_token: str) -> Plan[str]:
        self.capabilities.require(Feature.ID_TOKEN)
        request = self.wire.AuthenticateRequest(id_token=id_token)
        return once(Call(self.methods.Authenticate, request, _read_session, _LOGIN))

    @abstractmethod
    def robot_token(self, robot: str, ttl: int) -> Plan[str]:
        """Make a token for a robot, for so many seconds; 0 leaves that to the server."""

    def revoke(self, token: str) -> Plan[None]:
        self.capabilities.require(Feature.AUTH)
        request = self.wire.RevokeAuthTokenRequest(token=token)
        return once(Call(self.methods.RevokeAuthToken, request, nothing, "a token"))

    def extend(self, token: str, ttl: int) -> Plan[None]:
        """Let a token hold for so many seconds from now on."""
        raise self.capabilities.unsupported(Feature.EXTEND_TOKEN)

    def revoke_all_of(self, principal: str) -> Plan[None]:
        raise self.capabilities.unsupported(Feature.USER_TOKENS)

    def delete_expired(self) -> Plan[None]:
        raise self.capabilities.unsupported(Feature.EXPIRED_TOKENS)

    def rotate_root(self, root_token: str | None) -> Plan[str]:
        raise self.capabilities.unsupported(Feature.ROTATE_ROOT)

    def extract(self) -> Plan[list[StoredToken]]:
        self.capabilities.require(Feature.STORED_TOKENS)
        request = self.wire.ExtractAuthTokensRequest()
        return once(Call(self.methods.ExtractAuthTokens, request, self._read_stored, "all tokens"))

    @abstractmethod
    def _read_stored(self, reply: Any) -> list[StoredToken]:
        """Read the reply of ExtractAuthTokens."""

    def restore(self, token: StoredToken) -> Plan[None]:
        self.capabilities.require(Feature.STORED_TOKENS)
        request = self.wire.RestoreAuthTokenRequest(token=self._stored(token))
        if token.expires is not None:
            request.token.expiration.FromDatetime(token.expires)
        return once(Call(self.methods.RestoreAuthToken, request, nothing, f"a token of {token.subject}"))

    @abstractmethod
    def _stored(self, token: StoredToken) -> Any:
        """Make the message for a token as the server stores it, without its time."""

    @abstractmethod
    def activate(self, root_token: str | None) -> Plan[str]:
        """Turn authentication on; it gives the root token."""

    @abstractmethod
    def activate_services(self) -> Plan[None]:
        """Do what is left after that, by the root token."""

    def deactivate(self) -> Plan[None]:
        self.capabilities.require(Feature.DEACTIVATE)
        return once(Call(self.methods.Deactivate, self.wire.DeactivateRequest(), nothing, _AUTH))

    def configuration(self) -> Plan[AuthConfiguration]:
        raise self.capabilities.unsupported(Feature.AUTH_CONFIGURATION)

    def configure(self, configuration: AuthConfiguration) -> Plan[None]:
        raise self.capabilities.unsupported(Feature.AUTH_CONFIGURATION)


class AuthV1(Auth):
    """``auth.API``."""

    methods = v1_methods.Auth
    wire = v1

    def _read_user(self, now: datetime, reply: v1.WhoAmIResponse) -> WhoAmI:
        # -1: never, 0: not said
        return WhoAmI(reply.username, read_ttl(now, reply.ttl) if reply.ttl > 0 else None)

    def robot_token(self, robot: str, ttl: int) -> Plan[str]:
        self.capabilities.require(Feature.ROBOT_TOKEN)
        request = v1.GetAuthTokenRequest(subject=f"robot:{robot}", ttl=ttl)
        return once(Call(self.methods.GetAuthToken, request, _read_token, f"robot {robot}"))

    def extend(self, token: str, ttl: int) -> Plan[None]:
        self.capabilities.require(Feature.EXTEND_TOKEN)
        request = v1.ExtendAuthTokenRequest(token=token, ttl=ttl)
        return once(Call(self.methods.ExtendAuthToken, request, nothing, "a token"))

    def _read_stored(self, reply: v1.ExtractAuthTokensResponse) -> list[StoredToken]:
        return [
            StoredToken(each.token_info.subject, each.hashed_token, read_time(each, "expiration"))
            for each in reply.tokens
        ]

    def _stored(self, token: StoredToken) -> v1.HashedAuthToken:
        info = v1.TokenInfo(subject=token.subject, source=v1.TokenInfo.GET_TOKEN)
        return v1.HashedAuthToken(hashed_token=token.hashed_token, token_info=info)

    def activate(self, root_token: str | None) -> Plan[str]:
        self.capabilities.require(Feature.ACTIVATE)
        if root_token is not None:
            self.capabilities.require(Feature.ROOT_TOKEN)
        root = "pach:root" if Feature.ROOT_TOKEN in self.capabilities else "robot:root"
        request = v1.ActivateRequest(subject=root, root_token=root_token or "")
        return once(Call(self.methods.Activate, request, _read_session, _AUTH))

    def activate_services(self) -> Plan[None]:
        yield from ()


class AuthV2(Auth):
    """``auth_v2.API``."""

    methods = v2_methods.Auth
    wire = v2

    def _read_user(self, now: datetime, reply: v2.WhoAmIResponse) -> WhoAmI:
        return WhoAmI(reply.username, read_time(reply, "expiration"))

    def robot_token(self, robot: str, ttl: int) -> Plan[str]:
        request = v2.GetRobotTokenRequest(robot=robot, ttl=ttl)
        return once(Call(self.methods.GetRobotToken, request, _read_token, f"robot {robot}"))

    def revoke_all_of(self, principal: str) -> Plan[None]:
        request = v2.RevokeAuthTokensForUserRequest(username=principal)
        return once(Call(self.methods.RevokeAuthTokensForUser, request, nothing, f"the tokens of {principal}"))

    def delete_expired(self) -> Plan[None]:
        request = v2.DeleteExpiredAuthTokensRequest()
        return once(Call(self.methods.DeleteExpiredAuthTokens, request, nothing, "tokens that have ended"))

    def rotate_root(self, root_token: str | None) -> Plan[str]:
        request = v2.RotateRootTokenRequest(root_token=root_token or "")
        return once(Call(self.methods.RotateRootToken, request, lambda reply: str(reply.root_token), "the root token"))

    def _read_stored(self, reply: v2.ExtractAuthTokensResponse) -> list[StoredToken]:
        return [StoredToken(each.subject, each.hashed_token, read_time(each, "expiration")) for each in reply.tokens]

    def _stored(self, token: StoredToken) -> v2.TokenInfo:
        return v2.TokenInfo(subject=token.subject, hashed_token=token.hashed_token)

    def activate(self, root_token: str | None) -> Plan[str]:
        return once(Call(self.methods.Activate, v2.ActivateRequest(root_token=root_token or ""), _read_session, _AUTH))

    def activate_services(self) -> Plan[None]:
        # without these, what is there already has no bindings: not even its owners could be given a role
        yield Call(v2_methods.Pfs.ActivateAuth, pfs_pb2.ActivateAuthRequest(), nothing, _AUTH)
        try:
            yield Call(_PIPELINES, Empty(), nothing, _AUTH)
        except Unsupported:
            pass  # a server without pipelines

    def configuration(self) -> Plan[AuthConfiguration]:
        return once(Call(self.methods.GetConfiguration, v2.GetConfigurationRequest(), _read_configuration, _AUTH))

    def configure(self, configuration: AuthConfiguration) -> Plan[None]:
        given = {name: getattr(configuration, name) for name in _CONFIGURATION}
        request = v2.SetConfigurationRequest(configuration=v2.OIDCConfig(**given))
        return once(Call(self.methods.SetConfiguration, request, nothing, _AUTH))


def _read_login(reply: Any) -> OidcLogin:
    return OidcLogin(reply.login_url, reply.state)


def _read_session(reply: Any) -> str:
    return str(reply.pach_token)


def _read_token(reply: Any) -> str:
    return str(reply.token)


_CONFIGURATION = tuple(field.name for field in fields(AuthConfiguration))
"""The settings, which have the same names on the wire."""


def _read_configuration(reply: v2.GetConfigurationResponse) -> AuthConfiguration:
    given = {name: getattr(reply.configuration, name) for name in _CONFIGURATION}
    return AuthConfiguration(**{**given, "scopes": tuple(reply.configuration.scopes)})
