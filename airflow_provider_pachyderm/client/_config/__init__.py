"""The settings of a client. Building them reads neither files nor the environment."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from airflow_provider_pachyderm._urls import masked_userinfo
from airflow_provider_pachyderm.client._config import pachctl, pem, proxies
from airflow_provider_pachyderm.client._config.address import Address, is_socket, parse_address, parse_port
from airflow_provider_pachyderm.client._config.environment import read_environment
from airflow_provider_pachyderm.client._config.pem import PemLike
from airflow_provider_pachyderm.client._config.settings import ClientSettings
from airflow_provider_pachyderm.client._errors import InvalidConfig
from airflow_provider_pachyderm.client._models import Version
from airflow_provider_pachyderm.client._retries import RetryPolicy

if TYPE_CHECKING:
    from typing_extensions import Unpack

DEFAULT_PORT = 30650
_DEFAULT_RETRY = RetryPolicy()
# gRPC counts milliseconds in 32 bits
_LONGEST = 2_000_000
_SECRETS = frozenset({"auth_token", "tls_private_key"})
_PEM = ("tls_ca", "tls_cert", "tls_private_key")


@dataclass(frozen=True, kw_only=True, repr=False)
class ClientConfig:
    """Settings of a client. Secrets are masked in the repr.

    :param host: name or address, or an address as Pachyderm writes it: ``grpc://h:p``, ``grpcs://h``, ``h:p``,
        ``unix:///path/of/socket``.
    :param port: 30650 if neither this nor ``host`` has one; a socket has none.
    :param auth_token: Pachyderm session token, sent with every call; or a function that returns it, called each time.
    :param project: project of bare repo names; servers from 2.5 on use ``default`` if None.
    :param tls: whether to encrypt; if None, the scheme of ``host`` decides, without one: no.
    :param tls_ca: the authorities to trust instead of the system's: PEM, base64 of PEM, or the path of a file.
    :param tls_cert: a client certificate, with ``tls_private_key``; both in the same forms.
    :param tls_server_name: name to expect in the server's certificate, if it is not the host.
    :param version: server version such as ``"2.11.6"``; if None, the server is asked.
    :param timeout: deadline of each try of a plain call, in seconds; the policy says whether there is another one.
    :param stall_timeout: longest silence between two messages of a stream, in seconds; None for no limit.
    :param connect_timeout: longest time to reach the server and get its first answer, in seconds.
    :param retry: how long the client rides out a server that is away, such as one that restarts, or silent.
    :param proxy: address of an HTTP proxy to go through, such as ``http://proxy.example.com:3128``; False: none. If
        None, the environment names it when the client connects: ``grpc_proxy``, with TLS ``https_proxy``, or
        ``http_proxy``, but none for this machine itself. No proxy is used for what ``no_proxy`` or ``NO_PROXY`` lists:
        names, with all below them, addresses, networks such as ``10.0.0.0/8``, or ``*`` for all.
    :param keepalive: seconds between the pings that detect a dead connection; 0: none.
    :raises InvalidConfig: if the settings contradict each other.
    """

    host: str = "localhost"
    port: int | None = None
    auth_token: str | Callable[[], str] | None = None
    project: str | None = None
    tls: bool | None = None
    tls_ca: PemLike | None = None
    tls_cert: PemLike | None = None
    tls_private_key: PemLike | None = None
    tls_server_name: str | None = None
    version: Version | str | None = None
    timeout: float = 30.0
    stall_timeout: float | None = 60.0
    connect_timeout: float = 10.0
    retry: RetryPolicy = _DEFAULT_RETRY
    proxy: str | bool | None = None
    keepalive: float = 20.0

    def __post_init__(self) -> None:
        address = parse_address(self.host)
        port = None if self.port is None else parse_port("port", self.port)
        self._set(host=address.host, port=_agree("port", address.port, port, DEFAULT_PORT))
        self._set(tls=_agree("tls", address.tls, _flag("tls", self.tls), False))
        self._set(proxy=proxies.check(self.proxy))
        if not self.tls and (self.tls_ca or self.tls_cert or self.tls_private_key or self.tls_server_name):
            raise InvalidConfig(
                "certificates are given, but TLS is off: set tls=True, or write grpcs:// before the host"
            )
        if bool(self.tls_cert) != bool(self.tls_private_key):
            raise InvalidConfig("tls_cert and tls_private_key must be given together")
        for name in _PEM:
            pem.check(name, getattr(self, name))
        if isinstance(self.version, str):
            self._set(version=_version(self.version))
        _check_seconds("timeout", self.timeout)
        if self.stall_timeout is not None:
            _check_seconds("stall_timeout", self.stall_timeout)
        _check_seconds("connect_timeout", self.connect_timeout)
        if self.keepalive != 0:
            _check_seconds("keepalive", self.keepalive)
        if not isinstance(self.retry, RetryPolicy):
            raise InvalidConfig(f"retry must be a RetryPolicy, not {type(self.retry).__name__}")

    def _set(self, **values: object) -> None:
        for name, value in values.items():
            object.__setattr__(self, name, value)

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None, **settings: Unpack[ClientSettings]) -> ClientConfig:
        """Read the address from ``PACHD_ADDRESS``, else from what Kubernetes sets for the services ``pachd-peer`` and
        ``pachd``: ``PACHD_PEER_SERVICE_HOST`` and ``…_PORT``, ``PACHD_SERVICE_HOST`` and
        ``PACHD_SERVICE_PORT_API_GRPC_PORT``; without any, ``localhost:30650``. With ``PACHD_ADDRESS``,
        ``PACH_CA_CERTS`` names the files of authorities, separated by commas.

        :param settings: take precedence over the environment; a host replaces the whole address.
        """  # noqa: D205
        read: ClientSettings = {}
        if settings.get("host") is None:
            read = read_environment(os.environ if environ is None else environ)
        return cls(**_joined(read, settings))

    @classmethod
    def from_pachctl_config(
        cls,
        path: str | Path | None = None,
        context: str | None = None,
        environ: Mapping[str, str] | None = None,
        **settings: Unpack[ClientSettings],
    ) -> ClientConfig:
        """Read address, session token, project and authorities from the file of pachctl, version 1 or 2.

        :param path: path of the file; else ``PACH_CONFIG``, else where pachctl keeps it.
        :param context: name of a context; else ``PACH_CONTEXT``, else the active one.
        :param settings: take precedence over the file; a host replaces the whole address.
        :raises InvalidConfig: if the file cannot be used; the message names it and what is wrong.
        """
        env = os.environ if environ is None else environ
        file = pachctl.config_path(path, env)
        return cls(**_joined(pachctl.read_context(file, context or env.get("PACH_CONTEXT")), settings))

    @property
    def target_port(self) -> int:
        """The port, never None."""
        return DEFAULT_PORT if self.port is None else self.port

    @property
    def target(self) -> str:
        """``host:port``, or ``unix:`` and the path of a socket, as gRPC and people read it."""
        return self.host if is_socket(self.host) else f"{self.host}:{self.target_port}"

    @property
    def pinned_version(self) -> Version | None:
        """The server version if it is given."""
        return _version(self.version) if isinstance(self.version, str) else self.version

    def __repr__(self) -> str:
        shown = (
            f"{field.name}={'***' if field.name in _SECRETS and value else _shown(value)}"
            for field in fields(self)
            if (value := getattr(self, field.name)) != field.default
        )
        return f"ClientConfig({', '.join(shown)})"


def _shown(value: object) -> str:
    return repr(masked_userinfo(value) if isinstance(value, str) else value)


def _joined(read: Mapping[str, Any], settings: Mapping[str, Any]) -> dict[str, Any]:
    """Join what was read with what is given, which wins over the port and scheme of an address, too."""
    # None says nothing of where the server is: above all it must not turn off the TLS of an address
    given = {name: value for name, value in settings.items() if value is not None or name not in Address._fields}
    if "host" in given or "host" not in read:
        return {**read, **given}
    address = parse_address(read["host"])._asdict()
    return {**read, **{name: value for name, value in address.items() if value is not None}, **given}


def _agree(name: str, in_host: int | None, given: int | None, default: int) -> int:
    if in_host is not None and given is not None and in_host != given:
        raise InvalidConfig(f"the host says {name}={in_host!r}, but the argument is {name}={given!r}")
    if in_host is not None:
        return in_host
    return default if given is None else given


def _flag(name: str, value: object) -> bool | None:
    if value is None or isinstance(value, bool):
        return value
    raise InvalidConfig(f"{name} must be True, False or None, not {value!r}")  # "false" would turn it on


def _check_seconds(name: str, seconds: object) -> None:
    if isinstance(seconds, bool) or not isinstance(seconds, (int, float)):
        raise InvalidConfig(f"{name} must be a number of seconds, not {type(seconds).__name__}")
    if not 0 < seconds < _LONGEST:
        raise InvalidConfig(f"{name} must be more than 0 and less than {_LONGEST} seconds, not {seconds}")


def _version(text: str) -> Version:
    try:
        return Version.parse(text)
    except ValueError as error:
        raise InvalidConfig(f"version {error}") from None
