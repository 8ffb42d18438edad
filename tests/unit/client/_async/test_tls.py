"""Encrypted connections, with certificates made for the test."""

from __future__ import annotations

import base64
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from airflow_provider_pachyderm.client import AsyncPfsClient, InvalidConfig, TlsFailed, Unavailable
from airflow_provider_pachyderm.testing.server import DevServer

pytest.importorskip("cryptography", reason="without cryptography no certificate can be made")
from tests.support.certificates import Authority, Pair

NAME = "pachd.test"
VERSION = "2.11.6"


@pytest.fixture(scope="session")
def authority() -> Authority:
    return Authority()


@pytest.fixture(scope="session")
def tls_options(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    certificate, key = authority.sign(NAME).write(tmp_path_factory.mktemp("tls"), "server")
    return ["--tls-cert", str(certificate), "--tls-key", str(key)]


@pytest.fixture(scope="session")
def encrypted(tls_options: list[str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[DevServer]:
    with DevServer(VERSION, tmp_path_factory.mktemp("encrypted"), *tls_options) as server:
        yield server


@pytest.fixture(scope="session")
def mutual(
    authority: Authority, tls_options: list[str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[DevServer]:
    folder = tmp_path_factory.mktemp("mutual")
    (folder / "ca.pem").write_bytes(authority.certificate)
    options = [*tls_options, "--tls-client-ca", str(folder / "ca.pem")]
    with DevServer(VERSION, folder, *options) as server:
        yield server


def url_of(server: DevServer, scheme: str = "grpcs") -> str:
    return f"{scheme}://{server.address}"


def as_file(pem: bytes, folder: Path) -> Path:
    file = folder / "ca.pem"
    file.write_bytes(pem)
    return file


FORMS: dict[str, Callable[[bytes, Path], Any]] = {
    "text": lambda pem, folder: pem.decode(),
    "bytes": lambda pem, folder: pem,
    "base64": lambda pem, folder: base64.b64encode(pem).decode(),
    "one line": lambda pem, folder: pem.decode().replace("\n", " "),
    "escaped lines": lambda pem, folder: pem.decode().replace("\n", "\\n"),
    "path": as_file,
    "name of a file": lambda pem, folder: str(as_file(pem, folder)),
}


@pytest.mark.parametrize("form", FORMS)
async def test_with_the_right_authority(
    encrypted: DevServer, authority: Authority, form: str, tmp_path: Path
) -> None:  # fmt: skip
    given = FORMS[form](authority.certificate, tmp_path)
    async with AsyncPfsClient.from_url(url_of(encrypted), tls_ca=given, tls_server_name=NAME) as client:
        assert str(await client.version()) == VERSION


@pytest.mark.parametrize(
    ("variable", "value"),
    [("SSL_CERT_FILE", "{}/0123abcd.0"), ("SSL_CERT_DIR", "{}"), ("SSL_CERT_DIR", f"{{}}/missing{os.pathsep}{{}}")],
)
async def test_with_an_authority_of_this_machine(
    encrypted: DevServer,
    authority: Authority,
    variable: str,
    value: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("GRPC_DEFAULT_SSL_ROOTS_FILE_PATH", raising=False)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "missing"))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path / "missing"))
    (tmp_path / "0123abcd.0").write_bytes(authority.certificate)
    (tmp_path / "4567cdef.0").write_bytes(b"no certificate")
    monkeypatch.setenv(variable, value.replace("{}", str(tmp_path)))
    async with AsyncPfsClient.from_url(url_of(encrypted), tls_server_name=NAME) as client:
        assert str(await client.version()) == VERSION


async def test_a_server_that_wants_tls(encrypted: DevServer) -> None:
    c = AsyncPfsClient(url_of(encrypted, "grpc"), connect_timeout=1)
    with pytest.raises(Unavailable, match=r"whether it requires TLS \(tls=True") as e:
        await c.version()
    assert encrypted.address in str(e.value)
    await c.close()


@pytest.mark.parametrize("wrong", ["authority", "trust", "name", "address"])
async def test_a_server_that_is_another(encrypted: DevServer, authority: Authority, wrong: str) -> None:
    """The error names the setting, and the call is not made again."""
    settings: dict[str, Any] = {"tls_ca": authority.certificate, "tls_server_name": NAME}
    settings |= {
        "authority": {"tls_ca": Authority("somebody.else").certificate},
        "trust": {"tls_ca": None},
        "name": {"tls_server_name": "other.test"},
        "address": {"tls_server_name": None},
    }[wrong]
    client = AsyncPfsClient.from_url(url_of(encrypted), **settings)
    with pytest.raises(
        TlsFailed, match="set tls_ca" if wrong in ("authority", "trust") else "set tls_server_name"
    ) as e:
        await client.version()
    assert e.value.attempts == 1
    await client.close()


async def test_tls_where_the_server_has_none(tmp_path: Path) -> None:
    with DevServer(VERSION, tmp_path) as plain:
        client = AsyncPfsClient(url_of(plain))
        with pytest.raises(TlsFailed, match="set tls=False or write grpc://"):
            await client.version()
        await client.close()


def credentials(pair: Pair) -> dict[str, Any]:
    return {"tls_cert": pair.certificate, "tls_private_key": pair.key}


async def test_both_sides_show_a_certificate(mutual: DevServer, authority: Authority) -> None:
    common: dict[str, Any] = {"tls_ca": authority.certificate, "tls_server_name": NAME}
    async with AsyncPfsClient.from_url(url_of(mutual), **common, **credentials(authority.sign("jane"))) as client:
        assert await client.list_repo() == []
    stranger = Authority("somebody.else").sign("jane")
    for wrong in ({}, credentials(stranger)):
        client = AsyncPfsClient.from_url(url_of(mutual), connect_timeout=1, **common, **wrong)
        with pytest.raises(Unavailable, match="tls_cert, tls_private_key"):
            await client.version()
        await client.close()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"tls_ca": b"neither"}, "tls_ca is neither PEM nor base64"),
        ({"tls_ca": "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"}, "tls_ca is PEM, but its"),
        ({"tls_ca": "/not/there.pem"}, "tls_ca is neither PEM nor a file: /not/there.pem"),
    ],
)
async def test_an_authority_that_is_none(encrypted: DevServer, settings: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidConfig, match=message):
        async with AsyncPfsClient.from_url(url_of(encrypted), **settings) as client:
            await client.version()


async def test_keys_and_certificates_that_are_mixed_up(authority: Authority) -> None:
    pair = authority.sign("jane")
    with pytest.raises(InvalidConfig, match="tls_cert is PEM without a CERTIFICATE: it has PRIVATE KEY"):
        AsyncPfsClient.from_url("grpcs://h", tls_cert=pair.key, tls_private_key=pair.certificate)


async def test_a_unix_socket(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("socket")
    with DevServer(VERSION, folder, "--socket", str(folder / "pachd.sock")) as server:
        assert server.address == f"unix:{folder}/pachd.sock"
        for url in (server.address, f"unix://{folder}/pachd.sock"):
            async with AsyncPfsClient.from_url(url) as client:
                assert str(await client.version()) == VERSION
    async with AsyncPfsClient(server.address, connect_timeout=1) as client:
        with pytest.raises(Unavailable, match=r"pachd\.sock"):
            await client.version()
