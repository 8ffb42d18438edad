"""Where a server is and how to talk to it. Building one reads neither files nor the environment."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from airflow_provider_pachyderm.client import _pachctl
from airflow_provider_pachyderm.client._errors import InvalidConfig
from airflow_provider_pachyderm.client._models import Version

DEFAULT_PORT = 30650
_ADDRESS = re.compile(
    r"""(?:(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://)?
        (?P<host>\[[0-9a-fA-F:.%]+\]|[^/:?\#@\[\]\s]+)
        (?::(?P<port>[0-9]+))?/?""",
    re.VERBOSE,
)
_SCHEMES = {"grpc": False, "http": False, "grpcs": True, "https": True}
_SECRETS = frozenset({"auth_token", "tls_private_key"})


@dataclass(frozen=True, kw_only=True, repr=False)
class ClientConfig:
    """Settings of a client. Secrets are masked in the repr.

    :param host: name or address, or an address as Pachyderm writes it: ``grpc://h:p``, ``grpcs://h``, ``h:p``.
    :param port: 30650 if neither this nor ``host`` has one.
    :param auth_token: Pachyderm session token, sent with every call.
    :param project: project of bare repo names; servers from 2.5 on use ``default`` if None.
    :param tls: encrypt; if None, the scheme of ``host`` decides, without one: no.
    :param tls_ca: PEM of the authorities to trust instead of the system's.
    :param tls_cert: PEM of a client certificate, with ``tls_private_key``.
    :param tls_server_name: name to expect in the server's certificate, if it is not the host.
    :param version: server version such as ``"2.11.6"``; if None, the server is asked.
    :param timeout: deadline of one plain call, in seconds.
    :param stall_timeout: longest silence between two messages of a stream, in seconds; None for no limit.
    :param connect_timeout: longest time to reach the server and have its first answer, in seconds.
    :raises InvalidConfig: if the settings contradict each other.
    """

    host: str = "localhost"
    port: int | None = None
    auth_token: str | None = None
    project: str | None = None
    tls: bool | None = None
    tls_ca: str | bytes | None = None
    tls_cert: str | bytes | None = None
    tls_private_key: str | bytes | None = None
    tls_server_name: str | None = None
    version: Version | str | None = None
    timeout: float = 30.0
    stall_timeout: float | None = 60.0
    connect_timeout: float = 10.0

    def __post_init__(self) -> None:
        scheme, host, port = _split(self.host)
        self._set(host=host, port=_agree("port", port, self.port, DEFAULT_PORT))
        self._set(tls=_agree("tls", None if scheme is None else _SCHEMES[scheme], self.tls, False))
        if not 0 < self.target_port < 65536:
            raise InvalidConfig(f"port {self.port} is not between 1 and 65535")
        if not self.tls and (self.tls_ca or self.tls_cert or self.tls_private_key or self.tls_server_name):
            raise InvalidConfig(
                "certificates are given, but tls is off: set tls=True or write grpcs:// before the host"
            )
        if bool(self.tls_cert) != bool(self.tls_private_key):
            raise InvalidConfig("tls_cert and tls_private_key go together")
        if isinstance(self.version, str):
            self._set(version=_version(self.version))
        for name in ("timeout", "stall_timeout", "connect_timeout"):
            seconds = getattr(self, name)
            if seconds is not None and not seconds > 0:
                raise InvalidConfig(f"{name} is {seconds} seconds: it has to be more than 0")

    def _set(self, **values: object) -> None:
        for name, value in values.items():
            object.__setattr__(self, name, value)

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None) -> ClientConfig:
        """Read the address from ``PACHD_ADDRESS``, else from what Kubernetes sets for the service ``pachd``:
        ``PACHD_SERVICE_HOST`` and ``PACHD_SERVICE_PORT_API_GRPC_PORT``; without either, ``localhost:30650``.
        """  # noqa: D205
        env = os.environ if environ is None else environ
        if address := env.get("PACHD_ADDRESS"):
            return cls(host=address)
        host = env.get("PACHD_SERVICE_HOST")
        port = env.get("PACHD_SERVICE_PORT_API_GRPC_PORT") or env.get("PACHD_SERVICE_PORT")
        if port and not port.isdecimal():
            raise InvalidConfig(f"PACHD_SERVICE_PORT_API_GRPC_PORT is {port!r}, not a port number")
        return cls(host=host or "localhost", port=int(port) if port else None)

    @classmethod
    def from_pachctl_config(
        cls,
        path: str | Path | None = None,
        context: str | None = None,
        environ: Mapping[str, str] | None = None,
        **settings: Any,
    ) -> ClientConfig:
        """Read address, session token, project and authorities as pachctl has them, version 1 and 2 of its file.

        :param path: of the file; else ``PACH_CONFIG``, else where pachctl keeps it.
        :param context: name of a context; else ``PACH_CONTEXT``, else the active one.
        :param settings: win over what is in the file; a host stands for the whole address.
        :raises InvalidConfig: naming the file and what is wrong in it.
        """
        env = os.environ if environ is None else environ
        file = _pachctl.config_path(path, env)
        return cls(**{**_pachctl.read_context(file, context or env.get("PACH_CONTEXT")), **settings})

    @property
    def target_port(self) -> int:
        """The port, never None."""
        return DEFAULT_PORT if self.port is None else self.port

    @property
    def target(self) -> str:
        """``host:port``, as gRPC and people read it."""
        return f"{self.host}:{self.target_port}"

    @property
    def pinned_version(self) -> Version | None:
        """The server version if it is given."""
        return _version(self.version) if isinstance(self.version, str) else self.version

    def __repr__(self) -> str:
        shown = (
            f"{field.name}={'***' if field.name in _SECRETS and value else repr(value)}"
            for field in fields(self)
            if (value := getattr(self, field.name)) != field.default
        )
        return f"ClientConfig({', '.join(shown)})"


def _split(address: str) -> tuple[str | None, str, int | None]:
    if not address.strip():
        raise InvalidConfig("the host is empty")
    match = _ADDRESS.fullmatch(address.strip())
    if match is None:
        raise InvalidConfig(f"{address!r} is not an address: write host, host:port or grpcs://host:port")
    scheme = match["scheme"].lower() if match["scheme"] else None
    if scheme is not None and scheme not in _SCHEMES:
        raise InvalidConfig(
            f"unrecognized scheme {scheme!r} in {address!r}: grpc and http are plain, grpcs and https TLS"
        )
    return scheme, match["host"], int(match["port"]) if match["port"] else None


def _agree(name: str, in_host: int | None, given: int | None, default: int) -> int:
    if in_host is not None and given is not None and in_host != given:
        raise InvalidConfig(f"the host says {name}={in_host!r}, the argument says {name}={given!r}")
    if in_host is not None:
        return in_host
    return default if given is None else given


def _version(text: str) -> Version:
    try:
        return Version.parse(text)
    except ValueError as error:
        raise InvalidConfig(f"version {error}") from None
