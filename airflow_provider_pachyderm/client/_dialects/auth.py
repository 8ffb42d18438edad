"""Authentication: the calls of ``auth.API`` (1.x) and ``auth_v2.API`` (2.x)."""

from __future__ import annotations

from abc import ABC, abstractmethod
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from airflow_provider_pachyderm._wire.v1 import auth_pb2 as v1
from airflow_provider_pachyderm._wire.v1 import methods as v1_methods
from airflow_provider_pachyderm._wire.v2 import auth_pb2 as v2
from airflow_provider_pachyderm._wire.v2 import methods as v2_methods
from airflow_provider_pachyderm.client._capabilities import Capabilities, Feature
from airflow_provider_pachyderm.client._dialects.calls import Call, Plan, nothing, read_time
from airflow_provider_pachyderm.client._errors import AuthNotActivated
from airflow_provider_pachyderm.client._models import OidcLogin, WhoAmI

_LOGIN = "login"


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
            yield self.who_am_i(datetime.min)
        except AuthNotActivated:
            return False
        except PermissionError:
            pass
        return True

    def who_am_i(self, now: datetime) -> Call[WhoAmI]:
        """WhoAmI itself.

        :param now: when it is asked, as 1.x tells only how long a token still holds.
        """
        self.capabilities.require(Feature.AUTH)
        request = self.wire.WhoAmIRequest()
        return Call(self.methods.WhoAmI, request, partial(self.read_user, now), "who I am", retry=True)

    @abstractmethod
    def read_user(self, now: datetime, reply: Any) -> WhoAmI:
        """Read the reply of WhoAmI."""

    def begin_login(self) -> Call[OidcLogin]:
        self.capabilities.require(Feature.OIDC_LOGIN)
        return Call(self.methods.GetOIDCLogin, self.wire.GetOIDCLoginRequest(), _read_login, _LOGIN, retry=True)

    def await_login(self, state: str) -> Call[str]:
        self.capabilities.require(Feature.OIDC_LOGIN)
        request = self.wire.AuthenticateRequest(oidc_state=state)
        return Call(self.methods.Authenticate, request, _read_session, _LOGIN, waits=True)

    def trade_id_token(self, id_token: str) -> Call[str]:
        self.capabilities.require(Feature.ID_TOKEN)
        request = self.wire.AuthenticateRequest(id_token=id_token)
        return Call(self.methods.Authenticate, request, _read_session, _LOGIN)

    @abstractmethod
    def robot_token(self, robot: str, ttl: int) -> Call[str]:
        """Make a token for a robot, for so many seconds; 0 leaves that to the server."""

    def revoke(self, token: str) -> Call[None]:
        self.capabilities.require(Feature.AUTH)
        request = self.wire.RevokeAuthTokenRequest(token=token)
        return Call(self.methods.RevokeAuthToken, request, nothing, "a token")


class AuthV1(Auth):
    """``auth.API``."""

    methods = v1_methods.Auth
    wire = v1

    def read_user(self, now: datetime, reply: v1.WhoAmIResponse) -> WhoAmI:
        # -1: never, 0: not said
        return WhoAmI(reply.username, now + timedelta(seconds=reply.ttl) if reply.ttl > 0 else None)

    def robot_token(self, robot: str, ttl: int) -> Call[str]:
        self.capabilities.require(Feature.ROBOT_TOKEN)
        request = v1.GetAuthTokenRequest(subject=f"robot:{robot}", ttl=ttl)
        return Call(self.methods.GetAuthToken, request, _read_token, f"robot {robot}")


class AuthV2(Auth):
    """``auth_v2.API``."""

    methods = v2_methods.Auth
    wire = v2

    def read_user(self, now: datetime, reply: v2.WhoAmIResponse) -> WhoAmI:
        return WhoAmI(reply.username, read_time(reply, "expiration"))

    def robot_token(self, robot: str, ttl: int) -> Call[str]:
        request = v2.GetRobotTokenRequest(robot=robot, ttl=ttl)
        return Call(self.methods.GetRobotToken, request, _read_token, f"robot {robot}")


def _read_login(reply: Any) -> OidcLogin:
    return OidcLogin(reply.login_url, reply.state)


def _read_session(reply: Any) -> str:
    return str(reply.pach_token)


def _read_token(reply: Any) -> str:
    return str(reply.token)
