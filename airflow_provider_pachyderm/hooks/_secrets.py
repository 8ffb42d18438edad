"""What nobody may read in logs: the secrets of a connection."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from airflow_provider_pachyderm._urls import secrets_of
from airflow_provider_pachyderm.hooks._form import CONSOLE_URL

if TYPE_CHECKING:
    from airflow_provider_pachyderm._compat import Connection
    from airflow_provider_pachyderm.client import ClientConfig

_KEY = "tls_private_key"
# shorter lines of a key are its first and last, which are the same in all keys
_SHORTEST_LINE = 24


def secrets_of_connection(connection: Connection, extra: Mapping[str, Any]) -> list[str]:
    """Give the secrets in the fields of a connection; Airflow itself masks only its password and some keys of extra.

    :param extra: the connection's extra
    """
    urls = (connection.host, extra.get(CONSOLE_URL))
    return [
        *_texts(connection.password),
        *_key_lines(extra.get(_KEY)),
        *(secret for url in urls if isinstance(url, str) for secret in secrets_of(url)),
    ]


def secrets_of_config(config: ClientConfig) -> list[str]:
    """Give the secrets of a client's configuration, which may come from a file of pachctl's."""
    return [*_texts(config.auth_token), *_key_lines(config.tls_private_key)]


def _texts(value: object) -> list[str]:
    return [value] if isinstance(value, str) and value else []


def _key_lines(value: object) -> list[str]:
    text = value.decode("latin-1") if isinstance(value, bytes) else value
    if not isinstance(text, str) or text.startswith(("/", "~", ".")):  # the path of a file is no secret
        return []
    lines = [line for line in text.splitlines() if len(line) >= _SHORTEST_LINE and not line.startswith("-----")]
    return [text, *lines] if lines else _texts(text)
