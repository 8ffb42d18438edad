"""Who may call: the tokens that a server with authentication knows. They are forgotten when it ends."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from airflow_provider_pachyderm.devserver.engine.errors import EngineError

if TYPE_CHECKING:
    from airflow_provider_pachyderm.devserver.engine.sources import Clock
    from airflow_provider_pachyderm.devserver.profiles import Profile

NOT_ACTIVATED = "the auth service is not activated"
_UNKNOWN_ID_TOKEN = "could not verify token: it is none of those given with --id-token"
_NO_LOGIN = "this dev server knows nobody who could log in: start it with --id-token"
_SECOND = 10**9


@dataclass(frozen=True)
class Session:
    """Whom a token stands for.

    :param user: with its kind, as ``user:jane``.
    :param ends: nanoseconds since 1970; None: never.
    """

    user: str
    ends: int | None = None


class Access:
    """The tokens of one server; without a root token anyone may do anything.

    :param root_token: of the administrator; None leaves authentication off.
    :param id_tokens: what the identity provider gave out, and to whom. The first of these users is the one who logs in
        when a login by OIDC is begun.
    """

    def __init__(
        self, profile: Profile, clock: Clock, root_token: str | None = None, id_tokens: Mapping[str, str] | None = None
    ) -> None:
        self._profile = profile
        self._clock = clock
        self._sessions = {root_token: Session(profile.root_user)} if root_token else {}
        self._id_tokens = dict(id_tokens or {})
        self._logins: set[str] = set()
        self.active = root_token is not None

    def session(self, token: str | None) -> Session:
        """Find out whom a token stands for."""
        self._require_active()
        if token is None:
            raise EngineError(self._profile.auth_refused, self._profile.no_token)
        session = self._sessions.get(token)
        if session is None or (session.ends is not None and session.ends <= self._clock()):
            raise EngineError(self._profile.auth_refused, self._profile.bad_token)
        return session

    def seconds_left(self, session: Session) -> int:
        """How long a session still holds; -1 for ever."""
        return -1 if session.ends is None else (session.ends - self._clock()) // _SECOND

    def begin_login(self) -> str:
        """Begin a login; the user is taken to have logged in at once.

        :return: its state.
        """
        self._require_active()
        self._user_of_logins()
        state = secrets.token_hex(16)
        self._logins.add(state)
        return state

    def finish_login(self, state: str) -> str:
        """Make a session token for a login that was begun."""
        self._require_active()
        if state not in self._logins:
            raise EngineError("UNKNOWN", f"no login of state {state!r} was begun, or it is over")
        self._logins.discard(state)
        return self._new_token(Session(self._user_of_logins()))

    def trade(self, id_token: str) -> str:
        """Make a session token for an id token."""
        self._require_active()
        if id_token not in self._id_tokens:
            raise EngineError("UNKNOWN", _UNKNOWN_ID_TOKEN)
        return self._new_token(Session(f"{self._profile.user_kind}:{self._id_tokens[id_token]}"))

    def new_robot(self, caller: str | None, subject: str, seconds: int, call: str) -> str:
        """Make a session token for a robot; only the administrator may.

        :param caller: token of who asks.
        :param subject: ``robot:`` and a name.
        :param seconds: how long it holds; 0: for ever.
        :param call: name of the call, for refusals.
        """
        user = self.session(caller).user
        if user != self._profile.root_user:
            raise EngineError(self._profile.not_authorized, self._profile.not_admin.format(user=user, call=call))
        ends = self._clock() + seconds * _SECOND if seconds > 0 else None
        return self._new_token(Session(subject, ends))

    def revoke(self, token: str) -> int:
        """End a token; how many ended."""
        self._require_active()
        return 1 if self._sessions.pop(token, None) else 0

    def _new_token(self, session: Session) -> str:
        token = secrets.token_hex(16)
        self._sessions[token] = session
        return token

    def _user_of_logins(self) -> str:
        if not self._id_tokens:
            raise EngineError("UNIMPLEMENTED", _NO_LOGIN)
        return f"{self._profile.user_kind}:{next(iter(self._id_tokens.values()))}"

    def _require_active(self) -> None:
        if not self.active:
            raise EngineError(self._profile.auth_inactive, NOT_ACTIVATED)
