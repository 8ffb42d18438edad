"""What the environment says of the server: variables that people set, and those of Kubernetes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from airflow_provider_pachyderm.client._config import pem
from airflow_provider_pachyderm.client._config.address import parse_port

if TYPE_CHECKING:
    from airflow_provider_pachyderm.client._config.settings import ClientSettings

# In a cluster the service for pachd's peers comes first, as in Pachyderm's own clients: it never wants TLS.
_SERVICES = (
    ("PACHD_PEER_SERVICE_HOST", ("PACHD_PEER_SERVICE_PORT",)),
    ("PACHD_SERVICE_HOST", ("PACHD_SERVICE_PORT_API_GRPC_PORT", "PACHD_SERVICE_PORT")),
)


def read_environment(environ: Mapping[str, str]) -> ClientSettings:
    """Read the address, and the authorities that go with it.

    :raises InvalidConfig: naming the variable that makes no sense.
    """
    if address := environ.get("PACHD_ADDRESS"):
        authorities = environ.get("PACH_CA_CERTS")
        return {"host": address, "tls_ca": _authorities(authorities)} if authorities else {"host": address}
    for host, ports in _SERVICES:
        if environ.get(host):
            port = next((name for name in ports if environ.get(name)), None)
            return {"host": environ[host], "port": None if port is None else parse_port(port, environ[port])}
    return {}


def _authorities(paths: str) -> bytes:
    return b"\n".join(pem.load("PACH_CA_CERTS", Path(path.strip())) for path in paths.split(","))
