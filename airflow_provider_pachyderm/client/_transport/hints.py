"""What a user may do about a connection that fails, by what gRPC itself says of it.

The texts are those of gRPC 1.59 to 1.85; the tests get them from real servers. They are looked for only where gRPC
puts them, as servers and names of files may use the same words.
"""

from __future__ import annotations

import os
import re

from airflow_provider_pachyderm.client._config import ClientConfig, proxies
from airflow_provider_pachyderm.client._errors import StreamBroken, TlsFailed, Unavailable

_CONNECTING = r"failed to connect to all addresses; last error: [A-Z_]+: \S+ "
_UNTRUSTED = re.compile(_CONNECTING + r"\w+ handshake failed\b.*:CERTIFICATE_VERIFY_FAILED\b", re.DOTALL)
_OTHER_NAME = re.compile(
    _CONNECTING + r"(Custom verification check failed .*Hostname Verification|Peer name \S+ is not in peer certificate)"
)
_NO_HANDSHAKE = re.compile(_CONNECTING + r"\w+ handshake failed\b", re.DOTALL)
_CLOSED_AT_ONCE = re.compile(_CONNECTING + r"(Socket closed|.*Connection reset by peer)")
_TOO_MANY_PINGS = re.compile(r"Too many pings|(GOAWAY received; )?Error code: 11; Debug Text: too_many_pings")
# what gRPC says of a connection that there was
_BROKE = re.compile(r"Socket closed|Stream removed|RST_STREAM|GOAWAY|keepalive|ended the call")


def explain(config: ClientConfig, text: str, *, streaming: bool) -> tuple[type[Unavailable], str]:
    """Choose the error of a call that failed for its connection, and say what to look at.

    :param text: what gRPC said.
    :param streaming: whether a part of a stream had passed already.
    """
    kind: type[Unavailable] = StreamBroken if streaming else Unavailable
    if _TOO_MANY_PINGS.fullmatch(text):
        return kind, _pings(config)
    if hint := _tls(config, text):
        return TlsFailed, hint + through(config)
    broke = streaming or _BROKE.search(text)
    if broke and not _CLOSED_AT_ONCE.match(text):
        return kind, _broken(config) + through(config)
    return kind, unreachable(config) + through(config)


def through(config: ClientConfig) -> str:
    """Name the proxy, if the connection goes through one."""
    proxy = proxy_of(config)
    return f"; the connection goes through {proxy}: proxy=False connects without it" if proxy else ""


def proxy_of(config: ClientConfig) -> proxies.Proxy | None:
    """Give the proxy through which the server is reached, if there is one."""
    tls = bool(config.tls)
    return proxies.choose(config.proxy, config.host, config.target_port, tls=tls, environ=os.environ)


def unreachable(config: ClientConfig) -> str:
    """Say what to look at when nothing answers."""
    return (
        f"cannot reach Pachyderm at {config.target} with {_security(config)}: check host and port, that pachd runs "
        f"there, that this machine can reach it, and {_wants(config)}"
    )


def _tls(config: ClientConfig, text: str) -> str | None:
    if _UNTRUSTED.match(text):
        trusted = "tls_ca" if config.tls_ca else "the authorities that this machine trusts"
        return (
            f"the certificate of {config.target} is not signed by {trusted}, or has expired: set tls_ca to the "
            "certificate of the authority that signed it"
        )
    if _OTHER_NAME.match(text):
        expected = config.tls_server_name or config.host
        return f"the certificate of {config.target} is not for {expected}: set tls_server_name to a name that is in it"
    if _NO_HANDSHAKE.match(text):
        return (
            f"cannot make a TLS connection to {config.target}: if pachd does not use TLS there, set tls=False or "
            "write grpc:// before the host"
        )
    return None


def _pings(config: ClientConfig) -> str:
    return (
        f"{config.target} closed the connection because of too many pings: set keepalive, now {config.keepalive:g} "
        "seconds, to more, or to 0 for none"
    )


def _broken(config: ClientConfig) -> str:
    return (
        f"the connection to {config.target} was lost; if this happens every time, check whether the server expects "
        f"{_security(config)}"
    )


def _wants(config: ClientConfig) -> str:
    if config.tls:
        return "whether it requires TLS, or a client certificate (tls_cert, tls_private_key)"
    return "whether it requires TLS (tls=True, or grpcs:// before the host)"


def _security(config: ClientConfig) -> str:
    return "TLS" if config.tls else "no TLS"
