"""What holds for every call beside its message: the token, the transaction it belongs to, how it is repeated."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from airflow_provider_pachyderm.client._config import ClientConfig
from airflow_provider_pachyderm.client._errors import InvalidConfig
from airflow_provider_pachyderm.client._retries import RetryPolicy

Metadata = tuple[tuple[str, str], ...]


class CallMetadata:
    """The metadata of one client's calls, made anew for each of them.

    So a new token needs no new channel, and a transaction holds only for the thread or task that opened it.
    """

    def __init__(self, config: ClientConfig) -> None:
        self.auth_token: str | Callable[[], str] | None = config.auth_token
        self._policy: ContextVar[RetryPolicy] = ContextVar("policy", default=config.retry)
        self._transaction: ContextVar[str | None] = ContextVar("transaction", default=None)
        self._open: set[str] = set()

    @property
    def policy(self) -> RetryPolicy:
        """How the calls of this thread or task are repeated."""
        return self._policy.get()

    @contextmanager
    def under(self, policy: RetryPolicy) -> Iterator[None]:
        """Use another policy for the calls of this thread or task."""
        outside = self._policy.set(policy)
        try:
            yield
        finally:
            self._policy.reset(outside)

    @property
    def transaction(self) -> str | None:
        """The transaction of this thread or task. A task that was started in one may live longer than it."""
        id = self._transaction.get()
        return id if id in self._open else None

    @contextmanager
    def in_transaction(self, id: str) -> Iterator[None]:
        """Make the calls of this thread or task a part of a transaction."""
        outside = self._transaction.set(id)
        self._open.add(id)
        try:
            yield
        finally:
            self._open.discard(id)
            self._transaction.reset(outside)

    def token(self) -> str | None:
        """Give the token as it is now."""
        return self.auth_token() if callable(self.auth_token) else self.auth_token

    @property
    def renews_token(self) -> bool:
        """Whether a function gives the token, so that it may be another one when it is asked again."""
        return callable(self.auth_token)

    def __call__(self) -> Metadata:
        """Make the metadata of one call. A token does no harm where authentication is off.

        :raises InvalidConfig: if the token is one that cannot be sent.
        """
        token = self.token()
        if token and not (token.isascii() and token.isprintable()):
            raise InvalidConfig("auth_token is not printable ASCII: check for a line break at its end")
        given = (("authn-token", token), ("pach-transaction", self.transaction))
        return tuple((key, value) for key, value in given if value)
