"""Addresses as Pachyderm and people write them."""

from __future__ import annotations

import ipaddress
import re
from typing import NamedTuple

from airflow_provider_pachyderm._urls import masked_url
from airflow_provider_pachyderm.client._errors import InvalidConfig

_SOCKET = re.compile(r"unix:(?://(?=/))?(?P<path>[^\s].*)")
_ADDRESS = re.compile(
    r"""(?:(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://)?
        (?P<host>\[[0-9a-fA-F:.%]+\]|[^/:?\#@\[\]\s]+)
        (?::(?P<port>[0-9]+))?/?""",
    re.VERBOSE,
)
_PORT = re.compile(r"0{0,200}[0-9]{1,5}", re.ASCII)
_LONGEST_SHOWN = 200
SCHEMES = {"grpc": False, "http": False, "grpcs": True, "https": True}


class Address(NamedTuple):
    """What an address says.

    :param host: name or address, or ``unix:`` and the path of a socket.
    :param port: None if it names none.
    :param tls: None if it does not say.
    """

    host: str
    port: int | None = None
    tls: bool | None = None


def parse_address(text: str) -> Address:
    """Read ``host``, ``host:port``, ``grpc://…``, ``grpcs://…``, ``http://…``, ``https://…`` or ``unix:/path``.

    :raises InvalidConfig: if it is something else.
    """
    if not isinstance(text, str):
        raise InvalidConfig(f"the host must be a str, not {type(text).__name__}")
    address = text.strip()
    if not address:
        raise InvalidConfig("the host is empty")
    if socket := _SOCKET.fullmatch(address):
        return Address(f"unix:{socket['path']}")
    if _is_bare_ipv6(address):
        return Address(f"[{address}]")
    match = _ADDRESS.fullmatch(address)
    if match is None:
        raise InvalidConfig(f"{shortened(masked_url(address))!r} is not an address: {_reason(address)}")
    scheme = match["scheme"].lower() if match["scheme"] else None
    if scheme is not None and scheme not in SCHEMES:
        raise InvalidConfig(
            f"unknown scheme {scheme!r} in {shortened(text)!r}: use grpc or http without TLS, grpcs or https with TLS"
        )
    port = parse_port("the port of the host", match["port"]) if match["port"] else None
    return Address(match["host"], port, None if scheme is None else SCHEMES[scheme])


def parse_port(name: str, given: object) -> int:
    """Read the number of a port, which may be given as text.

    :param name: what it is called in error texts.
    :raises InvalidConfig: if it is none.
    """
    port = int(given) if isinstance(given, str) and _PORT.fullmatch(given.strip()) else given
    if isinstance(port, int) and not isinstance(port, bool) and 0 < port < 65536:
        return port
    shown = repr(shortened(given)) if isinstance(given, str) else f"of type {type(given).__name__}"
    raise InvalidConfig(f"{name} must be a number between 1 and 65535, not {shown}")


def _reason(address: str) -> str:
    rest = address.partition("://")[2] or address
    if "@" in rest:
        return "give a token as auth_token; Pachyderm has no user names"
    if "?" in rest or "#" in rest:
        return "give options as arguments of their own"
    if "/" in rest.rstrip("/"):
        return "remove the path; the default project is the argument project"
    return "write host, host:port, grpcs://host:port or unix:///path/of/socket"


def shortened(text: str) -> str:
    """Give the beginning of a text that may be too long to be shown."""
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"


def _is_bare_ipv6(text: str) -> bool:
    """Say whether this is an IPv6 address as Kubernetes and Airflow give it, without brackets, so without a port."""
    try:
        ipaddress.IPv6Address(text)
    except ValueError:
        return False
    return True


def is_socket(host: str) -> bool:
    """Say whether this is the ``host`` of a Unix socket."""
    return host.startswith("unix:")
