"""The names and types of all settings, for functions that pass them on as keywords."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypedDict

from airflow_provider_pachyderm.client._config.pem import PemLike
from airflow_provider_pachyderm.client._models import Version
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
