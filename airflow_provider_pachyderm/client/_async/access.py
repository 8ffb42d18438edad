"""Who one is for the server: tokens, and logging in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone

from airflow_provider_pachyderm.client._async.base import AsyncCalls
from airflow_provider_pachyderm.client._errors import InvalidRequest
from airflow_provider_pachyderm.client._models import OidcLogin, WhoAmI


class AsyncAccessCalls(AsyncCalls):
    """The client's calls for authentication."""

    @property
    def auth_token(self) -> str | None:
        """The session token that is sent with every call. A new one holds from the next call on, on the same channels.

        It may be set to a function, too, which is then asked before every call.
        """
        return self._session.metadata.token()

    @auth_token.setter
    def auth_token(self, token: str | Callable[[], str] | None) -> None:
        self._session.metadata.auth_token = token

    async def who_am_i(self) -> WhoAmI:
        """Ask whom the server takes one for (WhoAmI).

        :raises AuthNotActivated: if the server asks nobody who they are; then anyone may do anything.
        :raises Unauthenticated: if there is no token, or it is wrong or has ended.
        """
        dialect = await self._session.dialect()
        return await self._session.call(dialect.auth.who_am_i(datetime.now(timezone.utc)))

    async def is_auth_active(self) -> bool:
        """Find out whether the server asks who one is (WhoAmI)."""
        dialect = await self._session.dialect()
        return await self._session.run(dialect.auth.is_active())

    async def authenticate_id_token(self, id_token: str) -> str:
        """Trade an id token of the identity provider for a session token, which this client then uses (Authenticate).

        :return: the session token.
        :raises Unauthenticated: if the server does not take it.
        """
        dialect = await self._session.dialect()
        token = await self._session.call(dialect.auth.trade_id_token(id_token))
        self.auth_token = token
        return token

    async def start_oidc_login(self) -> OidcLogin:
        """Begin a login by OIDC (GetOIDCLogin): show its ``url`` to the user, then call :meth:`authenticate_oidc`."""
        dialect = await self._session.dialect()
        return await self._session.call(dialect.auth.begin_login())

    async def authenticate_oidc(self, login: OidcLogin | str, *, timeout: float | None = None) -> str:
        """Wait until the user has logged in, for a session token, which this client then uses (Authenticate).

        :param login: what :meth:`start_oidc_login` gave, or its ``state``.
        :param timeout: seconds, or None for no limit.
        :return: the session token.
        :raises DeadlineExceeded: if the user has not logged in in time.
        """
        state = login.state if isinstance(login, OidcLogin) else login
        dialect = await self._session.dialect()
        token = await self._session.call(dialect.auth.await_login(state), timeout)
        self.auth_token = token
        return token

    async def get_robot_token(self, robot: str, ttl: timedelta | None = None) -> str:
        """Make a session token for a robot; only administrators may (GetRobotToken; 1.x: GetAuthToken).

        :param robot: its name, without ``robot:``.
        :param ttl: how long the token holds, in whole seconds, rounded up; the server decides if None.
        :raises PermissionDenied: if one is not an administrator.
        """
        # to servers 0 means that they decide, and then a token may hold for ever
        seconds = 0 if ttl is None else -(-ttl // timedelta(seconds=1))
        if ttl is not None and seconds <= 0:
            raise InvalidRequest(f"ttl is {ttl}: it has to be more than 0")
        dialect = await self._session.dialect()
        return await self._session.call(dialect.auth.robot_token(robot.removeprefix("robot:"), seconds))

    async def revoke_auth_token(self, token: str) -> None:
        """End a session token at once (RevokeAuthToken)."""
        dialect = await self._session.dialect()
        await self._session.call(dialect.auth.revoke(token))
