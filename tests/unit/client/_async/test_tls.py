"""Encrypted connections, with a certificate made for the test."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
import pytest

from airflow_provider_pachyderm.client import AsyncPfsClient, ClientConfig, Unavailable
from tests.unit.client.pachd import Pachd

x509 = pytest.importorskip("cryptography.x509")


@pytest.fixture(scope="session")
def certificate() -> tuple[bytes, bytes]:
    """Key and certificate of ``pachd.test``, as PEM."""
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "pachd.test")])
    now = dt.datetime.now(dt.timezone.utc)
    builder: Any = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now - dt.timedelta(hours=1)).not_valid_after(now + dt.timedelta(hours=1))
    builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName("pachd.test")]), critical=False)
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return pem, builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


@pytest.fixture
def secure_address(certificate: tuple[bytes, bytes]) -> Iterator[str]:
    server = grpc.server(ThreadPoolExecutor(4), handlers=[Pachd()])
    port = server.add_secure_port("127.0.0.1:0", grpc.ssl_server_credentials([certificate]))
    server.start()
    yield f"127.0.0.1:{port}"
    server.stop(None).wait()


@pytest.mark.parametrize("as_text", [True, False])
async def test_with_the_right_authority(secure_address: str, certificate: tuple[bytes, bytes], as_text: bool) -> None:
    authority: str | bytes = certificate[1].decode() if as_text else certificate[1]
    config = ClientConfig(host=f"grpcs://{secure_address}", tls_ca=authority, tls_server_name="pachd.test")
    async with AsyncPfsClient(config=config) as client:
        assert str(await client.version()) == "2.11.6"


@pytest.mark.parametrize("scheme", ["grpcs", "grpc"])
async def test_with_the_wrong_settings(secure_address: str, scheme: str) -> None:
    async with AsyncPfsClient(f"{scheme}://{secure_address}") as client:
        with pytest.raises(Unavailable, match="TLS") as caught:
            await client.version()
    assert secure_address in str(caught.value)
