"""An Airflow connection as the client's configuration: one pure function."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from airflow_provider_pachyderm.client import ClientConfig, InvalidConfig, RetryPolicy
from airflow_provider_pachyderm.client._config.address import SCHEMES
from airflow_provider_pachyderm.hooks._form import (
    CONNECTION_TYPE,
    CONSOLE_URL,
    EXTRA_FIELDS,
    PACHCTL_CONFIG,
    PACHCTL_CONTEXT,
    RETRY_TIMEOUT,
    Kind,
)

if TYPE_CHECKING:
    from airflow_provider_pachyderm._compat import Connection

log = logging.getLogger(__name__)
_TLS_PORT = 443


def client_config(connection: Connection, extra: Mapping[str, Any], *, project: str | None = None) -> ClientConfig:
    """Turn a connection into the client's configuration.

    The environment is never read: Kubernetes puts the address of a Pachyderm in the same namespace there, which need
    not be the one that the connection means. A file of pachctl's is, if the connection names it or a context of it.

    :param connection: host, port and password (the auth token) are used; they win over the file. The type and the
        schema may be ``grpcs`` or the like, as in ``grpcs://:token@host:443``. A login is refused
    :param extra: the connection's extra; blank values count as absent
    :param project: default project, instead of the connection's
    :raises InvalidConfig: no host, an unknown key, a value of the wrong kind, parts that contradict each other on TLS,
        another part that says nothing to Pachyderm, or a file that is not there or makes no sense
    """
    host = (connection.host or "").strip() or None
    given = {"host": host, "port": connection.port, "auth_token": connection.password or None, **_parse(extra)}
    given["tls"] = _encrypted(connection, given.get("tls"))
    if project:
        given["project"] = project
    settings = {key: value for key, value in given.items() if value is not None}
    settings.pop(CONSOLE_URL, None)
    file, context = settings.pop(PACHCTL_CONFIG, None), settings.pop(PACHCTL_CONTEXT, None)
    if (deadline := settings.pop(RETRY_TIMEOUT, None)) is not None:
        settings["retry"] = RetryPolicy(deadline=deadline)
    if file or context:
        return _warned(ClientConfig.from_pachctl_config(file, context, environ={}, **settings))
    if not host:
        raise InvalidConfig(
            "Host is empty: fill in the address of pachd, for instance pachd.example.com, "
            "or grpcs://pachd.example.com for TLS, and the port if it is not 30650"
        )
    return _warned(ClientConfig(**settings))


def _warned(config: ClientConfig) -> ClientConfig:
    """Write to the log what looks like a slip."""
    if config.port == _TLS_PORT and not config.tls:
        log.warning(
            "Port %d usually means TLS, but no part of the connection asks for TLS: everything, including the token, "
            "is sent unencrypted. Write grpcs:// before the host, or grpc:// if this is intended",
            _TLS_PORT,
        )
    return config


def console_url(extra: Mapping[str, Any]) -> str | None:
    """Return the address of the Pachyderm console, if the connection has one.

    :param extra: the connection's extra
    """
    url: str | None = _value(CONSOLE_URL, "url", extra.get(CONSOLE_URL))
    return url


def _encrypted(connection: Connection, tls: bool | None) -> bool | None:
    """Read what every part of a connection says of TLS; None if none does.

    A part that is passed over could be the one that asks for TLS, and the token would go in clear.
    """
    if connection.login:
        raise InvalidConfig(
            "Login is filled in, but Pachyderm has no user names: put the auth token into Password. In a URI, write "
            "a colon before it: pachyderm://:<token>@<host>"
        )
    parts = {"tls in extra": tls, "Connection type": _scheme("Connection type", connection.conn_type)}
    parts["Schema"] = _scheme("Schema", connection.schema)
    said = {part: says for part, says in parts.items() if says is not None}
    if len(set(said.values())) > 1:
        shown = ", ".join(f"{part}: TLS {'on' if says else 'off'}" for part, says in said.items())
        raise InvalidConfig(f"The parts of the connection contradict each other: {shown}")
    return next(iter(said.values()), None)


def _scheme(part: str, value: str | None) -> bool | None:
    name = (value or "").strip().lower()
    if name in SCHEMES:
        return SCHEMES[name]
    if part == "Connection type" and name in ("", "generic", CONNECTION_TYPE):
        return None
    if name:
        hint = "put the default project into extra, as project" if part == "Schema" else f"use {CONNECTION_TYPE}"
        raise InvalidConfig(f"{part} must be one of {', '.join(SCHEMES)}, not {value!r}: {hint}")
    return None


def _parse(extra: Mapping[str, Any]) -> dict[str, Any]:
    kinds = {field.key: field.kind for field in EXTRA_FIELDS}
    if unknown := sorted(set(extra) - set(kinds)):
        # A misspelt "tls" that is ignored sends the token in clear.
        near = {key: found[0] for key in unknown if (found := get_close_matches(key.lower(), kinds, n=1))}
        meant = "".join(f". Did you mean {known} instead of {key}?" for key, known in near.items())
        raise InvalidConfig(f"Unknown keys in extra: {', '.join(unknown)}. Known keys: {', '.join(kinds)}{meant}")
    return {key: _value(key, kinds[key], value) for key, value in extra.items()}


def _value(key: str, kind: Kind, value: Any) -> Any:
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    try:
        return _READERS[kind](value)
    except (LookupError, TypeError, ValueError):
        raise InvalidConfig(f"{key!r} in extra must be {_EXPECTED[kind]}, not {type(value).__name__}") from None


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _url(value: object) -> str:
    url = _text(value).strip()
    if not url.startswith(("http://", "https://")):
        raise ValueError  # a link without a scheme would lead to a page of Airflow
    return url


def _proxy(value: object) -> str | bool | None:
    text = str(value) if isinstance(value, bool) else _text(value)
    return False if text.strip().lower() in ("false", "none", "0") else text


def _flag(value: object) -> bool:
    if isinstance(value, bool):
        return value
    # Connections written as a URI have only strings.
    return {"true": True, "false": False, "1": True, "0": False}[str(value).lower()]


_READERS: dict[Kind, Callable[[Any], Any]] = {
    "text": _text,
    "pem": _text,
    "url": _url,
    "flag": _flag,
    "seconds": float,
    "proxy": _proxy,
}
_EXPECTED: dict[Kind, str] = {
    "text": "a string",
    "pem": "PEM text",
    "url": "an address such as https://console.example.com",
    "flag": "true or false",
    "seconds": "a number of seconds",
    "proxy": "the address of an HTTP proxy, or false for none",
}
