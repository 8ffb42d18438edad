"""Which proxy the way to a server leads through, if any. gRPC's own reading of the environment is turned off.

Left alone, gRPC sends calls to this very machine through ``http_proxy``, lets ``https_proxy`` count without TLS, and
knows neither ``NO_PROXY`` nor ``*``.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from airflow_provider_pachyderm._urls import masked_userinfo
from airflow_provider_pachyderm.client._config.address import is_socket
from airflow_provider_pachyderm.client._errors import InvalidConfig

_FOR_TLS = ("grpc_proxy", "https_proxy", "http_proxy")
_FOR_PLAIN = ("grpc_proxy", "http_proxy")
_EXCEPTIONS = ("no_grpc_proxy", "no_proxy", "NO_PROXY")


@dataclass(frozen=True)
class Proxy:
    """A proxy that connects (HTTP ``CONNECT``).

    :param url: ``http://host:port``, perhaps with a user and a password.
    :param named_by: the setting, or the variable of the environment, that names it.
    """

    url: str
    named_by: str

    def __str__(self) -> str:
        return f"the proxy {masked_userinfo(self.url)} (named by {self.named_by})"


def check(proxy: str | bool | None) -> str | bool | None:
    """Check the setting ``proxy``, and give a URL its scheme.

    :raises InvalidConfig: if it is neither None, False nor the address of an HTTP proxy.
    """
    if proxy is None or proxy is False:
        return proxy
    url = _usable(proxy.strip()) if isinstance(proxy, str) else None
    if url is None:
        shown = masked_userinfo(proxy) if isinstance(proxy, str) else repr(proxy)
        raise InvalidConfig(
            f"proxy must be the address of an HTTP proxy, such as http://proxy.example.com:3128, or False for none, "
            f"not {shown}"
        )
    return url


def choose(proxy: str | bool | None, host: str, port: int, *, tls: bool, environ: Mapping[str, str]) -> Proxy | None:
    """Choose the proxy for a server.

    :param proxy: the setting; it wins over the environment, but for the hosts that this excepts.
    :param host: of the server.
    :param tls: whether the connection is encrypted: only then ``https_proxy`` counts.
    """
    if proxy is False or is_socket(host) or _is_excepted(host, port, environ):
        return None
    if isinstance(proxy, str):
        return Proxy(proxy, "proxy")
    if _is_here(host):
        return None
    named = ((name, _usable(environ.get(name, "").strip())) for name in (_FOR_TLS if tls else _FOR_PLAIN))
    return next((Proxy(url, name) for name, url in named if url), None)


def _usable(url: str) -> str | None:
    """Give the URL of a proxy that gRPC can use; None of any other, which it would leave out, too."""
    full = url if "://" in url else f"http://{url}"
    try:
        parts = urlsplit(full)
        usable = url and parts.scheme == "http" and parts.hostname and parts.port != 0 and parts.path in ("", "/")
    except ValueError:
        return None
    return full.rstrip("/") if usable else None


def _is_here(host: str) -> bool:
    name = _bare(host)
    if name == "localhost" or name.endswith(".localhost"):
        return True
    address = _address(name)
    return address is not None and (address.is_loopback or address.is_unspecified)


def _is_excepted(host: str, port: int, environ: Mapping[str, str]) -> bool:
    name = _bare(host)
    listed = ",".join(environ.get(variable, "") for variable in _EXCEPTIONS)
    return any(_excepts(entry, name, port) for entry in re.split(r"[,\s]+", listed.lower()) if entry)


def _excepts(entry: str, name: str, port: int) -> bool:
    """Say whether an entry of ``no_proxy`` means a host: ``*``, a name and all below it, an address or a network."""
    if entry == "*":
        return True
    address = _address(name)
    if address is not None and (network := _network(_bare(entry))) is not None:
        return address in network
    place, colon, suffix = entry.rpartition(":")
    if colon and suffix.isdecimal() and (place.count(":") == 0 or place.endswith("]")):
        return suffix.lstrip("0") == str(port) and _excepts(place, name, port)
    suffix = entry.removeprefix("*").lstrip(".").rstrip(".")
    return bool(suffix) and (name == suffix or name.endswith(f".{suffix}"))


def _bare(host: str) -> str:
    return host.lower().removeprefix("[").removesuffix("]").rstrip(".")


def _address(name: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(name)
    except ValueError:
        return None


def _network(entry: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        return ipaddress.ip_network(entry, strict=False)
    except ValueError:
        return None
