"""The names and types of all settings, for functions that take them as keywords."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from difflib import get_close_matches
from typing import TypedDict

from airflow_provider_pachyderm.client._config.pem import PemLike
from airflow_provider_pachyderm.client._models import Version
from airflow_provider_pachyderm.client._other_clients import SETTINGS_HERE
from airflow_provider_pachyderm.client._retries import RetryPolicy


class Settings(TypedDict, total=False):
    """What a client can be told beside its server's address; :class:`ClientConfig` explains each."""

    auth_token: str | Callable[[], str] | None
    project: str | None
    tls: bool | None
    tls_ca: PemLike | None
    tls_cert: PemLike | None
    tls_private_key: PemLike | None
    tls_server_name: str | None
    version: Version | str | None
    timeout: float
    stall_timeout: float | None
    connect_timeout: float
    retry: RetryPolicy
    proxy: str | bool | None
    keepalive: float


class ClientSettings(Settings, total=False):
    """All that a client can be told."""

    host: str
    port: int | None


_KNOWN = tuple(ClientSettings.__annotations__)


def check_settings(owner: str, settings: Iterable[str]) -> None:
    """Refuse settings that no client has.

    :raises TypeError: with what to use instead, if that is known.
    """
    for name in settings:
        if name not in _KNOWN:
            close = get_close_matches(name, _KNOWN, 1)
            there = SETTINGS_HERE.get(name) or (close[0] if close else "")
            raise TypeError(f"{owner}() has no setting {name!r}" + (f": use {there}" if there else ""))
