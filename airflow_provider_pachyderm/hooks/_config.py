"""An Airflow connection as the client's configuration: one pure function."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from airflow_provider_pachyderm.client import ClientConfig, InvalidConfig, RetryPolicy
from airflow_provider_pachyderm.hooks._form import (
    CONSOLE_URL,
    EXTRA_FIELDS,
    PACHCTL_CONFIG,
    PACHCTL_CONTEXT,
    RETRY_TIMEOUT,
    Kind,
)

if TYPE_CHECKING:
    from airflow_provider_pachyderm._compat import Connection


def client_config(connection: Connection, extra: Mapping[str, Any], *, project: str | None = None) -> ClientConfig:
    """Turn a connection into the client's configuration.

    The environment is never read: Kubernetes puts the address of a Pachyderm in the same namespace there, which need
    not be the one that the connection means. A file of pachctl's is, if the connection names it or a context of it.

    :param connection: host, port and password (the auth token) are used; they win over the file
    :param extra: the connection's extra; blank values count as absent
    :param project: default project, instead of the connection's
    :raises InvalidConfig: no host, an unknown key, a value of the wrong kind, ``tls`` against the host's scheme, or a
        file that is not there or makes no sense
    """
    host = (connection.host or "").strip() or None
    given = {"host": host, "port": connection.port, "auth_token": connection.password or None, **_parse(extra)}
    if project:
        given["project"] = project
    settings = {key: value for key, value in given.items() if value is not None}
    settings.pop(CONSOLE_URL, None)
    file, context = settings.pop(PACHCTL_CONFIG, None), settings.pop(PACHCTL_CONTEXT, None)
    if (deadline := settings.pop(RETRY_TIMEOUT, None)) is not None:
        settings["retry"] = RetryPolicy(deadline=deadline)
    if file or context:
        return ClientConfig.from_pachctl_config(file, context, environ={}, **settings)
    if not host:
        raise InvalidConfig(
            "Host is empty: fill in the address of pachd, for instance pachd.example.com, "
            "or grpcs://pachd.example.com for TLS, and the port if it is not 30650"
        )
    return ClientConfig(**settings)


def console_url(extra: Mapping[str, Any]) -> str | None:
    """Return the address of the Pachyderm console, if the connection has one.

    :param extra: the connection's extra
    """
    url: str | None = _value(CONSOLE_URL, "url", extra.get(CONSOLE_URL))
    return url


def _parse(extra: Mapping[str, Any]) -> dict[str, Any]:
    kinds = {field.key: field.kind for field in EXTRA_FIELDS}
    if unknown := sorted(set(extra) - set(kinds)):
        # A misspelt "tls" that is ignored sends the token in clear.
        raise InvalidConfig(f"Unknown keys in extra: {', '.join(unknown)}. Known: {', '.join(kinds)}")
    return {key: _value(key, kinds[key], value) for key, value in extra.items()}


def _value(key: str, kind: Kind, value: Any) -> Any:
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    try:
        return _READERS[kind](value)
    except (LookupError, TypeError, ValueError):
        raise InvalidConfig(f"{key!r} in extra must be {_EXPECTED[kind]}, not {type(value).__name__}") from None


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _url(value: Any) -> str:
    url = _text(value).strip()
    if not url.startswith(("http://", "https://")):
        raise ValueError  # a link without a scheme would lead to a page of Airflow
    return url


def _flag(value: Any) -> bool:
    # Connections written as a URI have only strings.
    return {True: True, False: False, "true": True, "false": False, "1": True, "0": False}[
        value.lower() if isinstance(value, str) else value
    ]


_READERS: dict[Kind, Callable[[Any], Any]] = {
    "text": _text,
    "pem": _text,
    "url": _url,
    "flag": _flag,
    "seconds": float,
}
_EXPECTED: dict[Kind, str] = {
    "text": "a string",
    "pem": "PEM text",
    "url": "an address such as https://console.example.com",
    "flag": "true or false",
    "seconds": "a number of seconds",
}
