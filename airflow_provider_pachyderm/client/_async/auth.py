"""Authentication: tokens, logging in, and turning it on and off."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone

from airflow_provider_pachyderm.client._async.base import AsyncCalls, not_empty, whole_seconds
from airflow_provider_pachyderm.client._auth_models import AuthConfiguration, StoredToken
from airflow_provider_pachyderm.client._models import OidcLogin, WhoAmI


class AsyncAuthCalls(AsyncCalls):
    """The client's calls for authentication."""

    @property
    def auth_token(self) -> str | None:
        """The session token that is sent with every call. A new one is used from the next call on.

        It may also be set to a function, which is then called before every call.
        """
        return self._session.metadata.token()

    @auth_token.setter
    def auth_token(self, token: str | Callable[[], str] | None) -> None:
        self._session.metadata.auth_token = token

    async def who_am_i(self) -> WhoAmI:
        """Return who the caller is to the server (WhoAmI).

        :raises AuthNotActivated: if authentication is off; then anyone may do anything.
        :raises Unauthenticated: if there is no token, or it is invalid or has expired.
        """
        dialect = await self._session.dialect()
        return await self._session.run(dialect.auth.who_am_i(datetime.now(timezone.utc)))

    async def is_auth_active(self) -> bool:
        """Return whether authentication is on (WhoAmI)."""
        dialect = await self._session.dialect()
        return await self._session.run(dialect.auth.is_active())

    async def authenticate_id_token(self, id_token: str) -> str:
        """Trade an id token of the identity provider for a session token, which this client then uses (Authenticate).

        :return: the session token.
        :raises Unauthenticated: if the server does not accept it.
        """
        proof = not_empty("id_token", id_token)
        dialect = await self._session.dialect()
        token = await self._session.run(dialect.auth.trade_id_token(proof))
        self.auth_token = token
        return token

    async def start_oidc_login(self) -> OidcLogin:
        """Begin a login by OIDC (GetOIDCLogin): show its ``url`` to the user, then call :meth:`authenticate_oidc`."""
        dialect = await self._session.dialect()
        return await self._session.run(dialect.auth.begin_login())

    async def authenticate_oidc(self, login: OidcLogin | str, *, timeout: float | None = None) -> str:
        """Wait until the user has logged in, for a session token, which this client then uses (Authenticate).

        :param login: the result of :meth:`start_oidc_login`, or its ``state``.
        :param timeout: seconds, or None for no limit.
        :return: the session token.
        :raises DeadlineExceeded: if the user has not logged in in time.
        """
        state = not_empty("login", login.state if isinstance(login, OidcLogin) else login)
        dialect = await self._session.dialect()
        token = await self._session.run(dialect.auth.await_login(state), timeout)
        self.auth_token = token
        return token

    async def get_robot_token(self, robot: str, ttl: timedelta | None = None) -> str:
        """Create a session token for a robot; only administrators may (GetRobotToken; 1.x: GetAuthToken).

        :param robot: its name, without ``robot:``.
        :param ttl: how long the token is valid, rounded up to whole seconds; the server decides if None.
        :raises PermissionDenied: if the caller is not an administrator.
        """
        name = not_empty("robot", not_empty("robot", robot).removeprefix("robot:"))
        seconds = 0 if ttl is None else whole_seconds(ttl)
        dialect = await self._session.dialect()
        return await self._session.run(dialect.auth.robot_token(name, seconds))

    async def revoke_auth_token(self, token: str) -> None:
        """Revoke a session token (RevokeAuthToken)."""
        ended = not_empty("token", token)
        dialect = await self._session.dialect()
        await self._session.run(dialect.auth.revoke(ended))

    async def revoke_auth_tokens_for_user(self, principal: str) -> None:
        """Revoke all session tokens of a user, a robot or a pipeline (RevokeAuthTokensForUser, 2.x).

        :param principal: such as ``user:jane@example.com``.
        :raises PermissionDenied: if the caller is not an administrator.
        """
        name = not_empty("principal", principal)
        dialect = await self._session.dialect()
        await self._session.run(dialect.auth.revoke_all_of(name))

    async def extend_auth_token(self, token: str, ttl: timedelta) -> None:
        """Extend a session token (ExtendAuthToken, 1.x); only administrators may.

        :param ttl: how long it is to be valid from now on, rounded up to whole seconds; 30 days at most.
        :raises InvalidRequest: if it is already valid for longer.
        """
        longer = not_empty("token", token)
        dialect = await self._session.dialect()
        await self._session.run(dialect.auth.extend(longer, whole_seconds(ttl)))

    async def delete_expired_auth_tokens(self) -> None:
        """Delete expired tokens from the server (DeleteExpiredAuthTokens, 2.x), which also does so now and then."""
        dialect = await self._session.dialect()
        await self._session.run(dialect.auth.delete_expired())

    async def extract_auth_tokens(self) -> list[StoredToken]:
        """List the tokens of robots as the server keeps them, for a backup (ExtractAuthTokens).

        :raises PermissionDenied: if the caller is not an administrator.
        """
        dialect = await self._session.dialect()
        return await self._session.run(dialect.auth.extract())

    async def restore_auth_token(self, token: StoredToken) -> None:
        """Restore a token from :meth:`extract_auth_tokens`, on this or another server (RestoreAuthToken).

        :raises Unauthenticated: if it has expired.
        :raises AlreadyExists: if the server already has it.
        """
        dialect = await self._session.dialect()
        await self._session.run(dialect.auth.restore(token))

    async def rotate_root_token(self, root_token: str | None = None) -> str:
        """Replace the token of the administrator ``pach:root`` (RotateRootToken, 2.x).

        The client keeps the token that it has: if that is the old one, set :attr:`auth_token`.

        :param root_token: the new one; the server makes one up if None.
        :return: the new one.
        """
        dialect = await self._session.dialect()
        return await self._session.run(dialect.auth.rotate_root(root_token))

    async def activate_auth(self, root_token: str | None = None) -> str:
        """Turn authentication on, which needs a licence (Activate; 2.x: also ActivateAuth of files and pipelines).

        From then on every call needs a token, and everything that exists belongs to the administrator alone.

        :param root_token: of the administrator, ``pach:root``; the server makes one up if None.
        :return: the administrator's token, which this client then uses. Keep it: there is no other way to get in again.
        :raises Conflict: if it is already on.
        :raises Unsupported: if the server has no licence.
        """
        dialect = await self._session.dialect()
        token = await self._session.run(dialect.auth.activate(root_token))
        self.auth_token = token
        await self._session.run(dialect.auth.activate_services())
        return token

    async def deactivate_auth(self) -> None:
        """Turn authentication off: all tokens, roles and groups are lost, and anyone may do anything (Deactivate).

        :raises PermissionDenied: if the caller is not an administrator.
        """
        dialect = await self._session.dialect()
        await self._session.run(dialect.auth.deactivate())

    async def get_auth_configuration(self) -> AuthConfiguration:
        """Return how users log in by OIDC (GetConfiguration, 2.x); only administrators may."""
        dialect = await self._session.dialect()
        return await self._session.run(dialect.auth.configuration())

    async def set_auth_configuration(self, configuration: AuthConfiguration) -> None:
        """Change how users log in by OIDC (SetConfiguration, 2.x); only administrators may."""
        dialect = await self._session.dialect()
        await self._session.run(dialect.auth.configure(configuration))
