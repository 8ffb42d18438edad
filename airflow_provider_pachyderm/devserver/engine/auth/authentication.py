"""Who is calling: the tokens that a server with authentication knows. They are forgotten when it ends."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import TYPE_CHECKING

from airflow_provider_pachyderm.devserver.engine.auth.rules import (
    ALREADY_ACTIVE,
    BAD_TOKEN,
    NO_TOKEN,
    NOT_ACTIVATED,
    ROOT_USER,
    USER_KIND,
)
from airflow_provider_pachyderm.devserver.engine.errors import EngineError, refused
from airflow_provider_pachyderm.devserver.engine.words import Words

if TYPE_CHECKING:
    from airflow_provider_pachyderm.devserver.engine.clock import Clock
    from airflow_provider_pachyderm.devserver.releases.profile import Profile

NOT_LICENSED = (
    "Pachyderm Enterprise is not active in this cluster, and the Pachyderm auth API is an Enterprise-level feature"
)
_UNKNOWN_ID_TOKEN = "could not verify token: it is none of those given with --id-token"
_NO_LOGIN = "this dev server knows nobody who could log in: start it with --id-token"
_SECOND = 10**9
_LONGEST = 30 * 24 * 60 * 60
"""Seconds for which tokens of 1.x can be prolonged."""


@dataclass(frozen=True)
class TokenSession:
    """Whom a token stands for.

    :param user: with its kind, as ``user:jane``.
    :param ends: nanoseconds since 1970; None: never.
    """

    user: str
    ends: int | None = None


_caller: ContextVar[TokenSession | EngineError | None] = ContextVar("caller", default=None)


class Authentication:
    """The tokens of one server; while authentication is off, anyone may do anything.

    :param root_token: of the administrator; None leaves authentication off, and there is no licence to turn it on.
    :param id_tokens: what the identity provider gave out, and to whom. The first of these users is the one who logs in
        when a login by OIDC is begun.
    :raises ValueError: if the root token is empty: nobody could come in.
    """

    def __init__(
        self, profile: Profile, clock: Clock, root_token: str | None = None, id_tokens: Mapping[str, str] | None = None
    ) -> None:
        if root_token == "":
            raise ValueError("the root token is empty; None leaves authentication off")
        self._profile = profile
        self._words = Words(profile)
        self._clock = clock
        self._sessions = {} if root_token is None else {_hash(root_token): TokenSession(profile[ROOT_USER])}
        self._id_tokens = dict(id_tokens or {})
        self._logins: set[str] = set()
        self.licensed = self.active = root_token is not None

    # ---- who is calling -----------------------------------------------------------------

    def enter(self, token: str | None) -> None:
        """Note that a call begins, and with which token."""
        try:
            _caller.set(self._look_up(token))
        except EngineError as error:
            _caller.set(error)

    def _look_up(self, token: str | None) -> TokenSession:
        if token is None:
            raise self._words.refusal(NO_TOKEN)
        session = self._sessions.get(_hash(token))
        if session is None or self._is_over(session):
            raise self._words.refusal(BAD_TOKEN)
        return session

    def session(self) -> TokenSession:
        """The session of the call; refused if its token does not hold."""
        self.require_active()
        caller = _caller.get() or self._words.refusal(NO_TOKEN)
        if isinstance(caller, EngineError):
            raise caller
        return caller

    def user(self) -> str:
        """Who is calling."""
        return self.session().user

    def name(self) -> str:
        """Who is calling; empty if the server does not ask, or does not know."""
        caller = _caller.get()
        return caller.user if isinstance(caller, TokenSession) else ""

    def seconds_left(self, session: TokenSession) -> int:
        """Seconds for which a session is still valid; -1 for ever."""
        return -1 if session.ends is None else (session.ends - self._clock()) // _SECOND

    # ---- logging in ---------------------------------------------------------------------

    def begin_login(self) -> str:
        """Begin a login; the user is taken to have logged in at once.

        :return: its state.
        """
        self.require_active()
        self._user_of_logins()
        state = secrets.token_hex(16)
        self._logins.add(state)
        return state

    def finish_login(self, state: str) -> str:
        """Make a session token for a login that was begun."""
        self.require_active()
        if state not in self._logins:
            raise refused(f"no login of state {state!r} was begun, or it is over")
        self._logins.discard(state)
        return self._new_token(TokenSession(self._user_of_logins()))

    def exchange(self, id_token: str) -> str:
        """Make a session token for an id token."""
        self.require_active()
        if id_token not in self._id_tokens:
            raise refused(_UNKNOWN_ID_TOKEN)
        return self._new_token(TokenSession(f"{self._profile[USER_KIND]}:{self._id_tokens[id_token]}"))

    # ---- tokens; who may ask for what is not looked at here ------------------------------

    def new(self, user: str, seconds: int, latest: int | None = None) -> str:
        """Make a session token.

        :param seconds: how long it holds; 0 or less: for ever.
        :param latest: when it ends anyway, in nanoseconds since 1970.
        """
        ends = [end for end in (self._in(seconds), latest) if end is not None]
        return self._new_token(TokenSession(user, min(ends, default=None)))

    def owner(self, token: str) -> str | None:
        """Whose token it is; None if it is nobody's."""
        session = self._sessions.get(_hash(token))
        return None if session is None or self._is_over(session) else session.user

    def revoke(self, token: str) -> int:
        """End a token; how many ended."""
        return 1 if self._sessions.pop(_hash(token), None) else 0

    def revoke_all_of(self, user: str) -> int:
        """End all tokens of somebody; how many ended."""
        return self._drop([key for key, session in self._sessions.items() if session.user == user])

    def drop_expired(self) -> None:
        """Forget the tokens that have ended."""
        self._drop([key for key, session in self._sessions.items() if self._is_over(session)])

    def extend(self, token: str, seconds: int) -> None:
        """Let a token end later (1.x)."""
        if seconds == 0:
            raise refused("invalid request: ExtendAuthTokenRequest.TTL must be > 0")
        if seconds > _LONGEST:
            raise refused(f"can only extend tokens by at most {_LONGEST} seconds")
        session = self._look_up(token)
        left = self.seconds_left(session)
        if seconds < left:
            text = f"provided TTL ({seconds}) is shorter than token's existing TTL ({left})"
            raise refused(text)
        self._sessions[_hash(token)] = replace(session, ends=self._in(seconds))

    def rotate_root(self, token: str) -> str:
        """Give the administrator another token; one is made up if it is empty."""
        self.revoke_all_of(self._profile[ROOT_USER])
        return self._insert(token or secrets.token_hex(16), TokenSession(self._profile[ROOT_USER]))

    def extract(self) -> Mapping[str, TokenSession]:
        """The tokens of robots, by their hashes."""
        return {key: session for key, session in self._sessions.items() if session.user.startswith("robot:")}

    def restore(self, hashed: str, session: TokenSession) -> None:
        """Make a token valid again."""
        if self._is_over(session):
            raise EngineError("INTERNAL", "token expiration is in the past")
        if hashed in self._sessions:
            raise refused("error restoring auth token: cannot overwrite existing token with same hash")
        self._sessions[hashed] = session

    # ---- on and off ---------------------------------------------------------------------

    def activate(self, token: str, admin: str) -> str:
        """Turn authentication on.

        :param token: of the administrator; one is made up if it is empty.
        :param admin: the administrator.
        """
        if not self.licensed:
            raise refused(NOT_LICENSED)
        if self.active:
            raise self._words.refusal(ALREADY_ACTIVE)
        self.active = True
        return self._insert(token or secrets.token_hex(16), TokenSession(admin))

    def deactivate(self) -> None:
        """Turn authentication off; all tokens are lost."""
        self.active = False
        self._sessions.clear()
        self._logins.clear()

    def require_active(self) -> None:
        """Refuse what makes sense only with authentication."""
        if not self.active:
            raise self._words.refusal(NOT_ACTIVATED)

    def _new_token(self, session: TokenSession) -> str:
        return self._insert(secrets.token_hex(16), session)

    def _insert(self, token: str, session: TokenSession) -> str:
        self._sessions[_hash(token)] = session
        return token

    def _drop(self, keys: list[str]) -> int:
        for key in keys:
            del self._sessions[key]
        return len(keys)

    def _in(self, seconds: int) -> int | None:
        return self._clock() + seconds * _SECOND if seconds > 0 else None

    def _is_over(self, session: TokenSession) -> bool:
        return session.ends is not None and session.ends <= self._clock()

    def _user_of_logins(self) -> str:
        if not self._id_tokens:
            raise EngineError("UNIMPLEMENTED", _NO_LOGIN)
        return f"{self._profile[USER_KIND]}:{next(iter(self._id_tokens.values()))}"


def _hash(token: str) -> str:
    """Hash a token: only that is kept."""
    return sha256(token.encode()).hexdigest()
