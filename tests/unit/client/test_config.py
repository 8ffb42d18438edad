"""Settings: addresses, contradictions, the environment, and secrets that are not shown."""

from __future__ import annotations

import base64
import json
import pickle
from pathlib import Path
from typing import Any, get_type_hints

import pytest

from airflow_provider_pachyderm.client import AsyncPfsClient, ClientConfig, InvalidConfig, PfsClient, Version
from airflow_provider_pachyderm.client._config.settings import ClientSettings

PEM = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"


@pytest.mark.parametrize(
    ("host", "target", "tls"),
    [
        ("pachd", "pachd:30650", False),
        ("pachd:650", "pachd:650", False),
        ("grpc://pachd:1650", "pachd:1650", False),
        ("http://pachd", "pachd:30650", False),
        ("grpcs://pachd:443/", "pachd:443", True),
        ("HTTPS://pachd", "pachd:30650", True),
        ("[::1]:650", "[::1]:650", False),
        ("fd00::1", "[fd00::1]:30650", False),
        ("10.0.0.1", "10.0.0.1:30650", False),
        (" pachd ", "pachd:30650", False),
    ],
)
def test_addresses(host: str, target: str, tls: bool) -> None:
    config = ClientConfig(host=host)
    assert config.target == target
    assert config.tls is tls


@pytest.mark.parametrize(
    "settings",
    [
        {"host": ""},
        {"host": "a b"},
        {"host": "pachd/path"},
        {"host": "user@pachd"},
        {"host": "ftp://pachd"},
        {"host": "pachd:0"},
        {"host": "pachd:99999"},
        {"host": "pachd:1", "port": 2},
        {"host": "grpc://pachd", "tls": True},
        {"host": "grpcs://pachd", "tls": False},
        {"tls_ca": "PEM"},
        {"tls": True, "tls_cert": "PEM"},
        {"version": "two"},
        {"timeout": 0},
        {"stall_timeout": -1},
        {"connect_timeout": 0},
    ],
)
def test_contradictions(settings: dict[str, Any]) -> None:
    with pytest.raises(InvalidConfig):
        ClientConfig(**settings)


def test_secrets_are_masked() -> None:
    config = ClientConfig(host="grpcs://h", auth_token="TOKEN", tls_cert="CERT", tls_private_key="KEY")
    assert "TOKEN" not in repr(config)
    assert "KEY" not in repr(config)
    assert "auth_token=***" in repr(config)
    assert pickle.loads(pickle.dumps(config)) == config


def test_the_environment() -> None:
    assert ClientConfig.from_env({}).target == "localhost:30650"
    kubernetes = {"PACHD_SERVICE_HOST": "10.0.0.1", "PACHD_SERVICE_PORT_API_GRPC_PORT": "650"}
    assert ClientConfig.from_env(kubernetes).target == "10.0.0.1:650"
    config = ClientConfig.from_env({**kubernetes, "PACHD_ADDRESS": "grpcs://pachd:443"})
    assert (config.target, config.tls) == ("pachd:443", True)
    with pytest.raises(InvalidConfig):
        ClientConfig.from_env({"PACHD_SERVICE_HOST": "h", "PACHD_SERVICE_PORT_API_GRPC_PORT": "tcp://10.0.0.1:650"})


@pytest.mark.parametrize("client_class", [PfsClient, AsyncPfsClient])
def test_clients_take_settings(client_class: type[PfsClient], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PACHD_ADDRESS", raising=False)
    monkeypatch.setenv("PACHD_SERVICE_HOST", "from-env")
    monkeypatch.setenv("PACHD_SERVICE_PORT_API_GRPC_PORT", "650")
    assert client_class().config.target == "from-env:650"
    assert client_class("given").config.target == "given:30650"
    assert client_class("given", 7).config.target == "given:7"
    assert client_class(port=7).config.target == "from-env:7"
    config = ClientConfig(host="grpcs://h:1", auth_token="a", timeout=3)
    client = client_class(config=config, auth_token="b", version="1.13.4")
    assert client.config.auth_token == "b"
    assert (client.config.target, client.config.tls, client.config.timeout) == ("h:1", True, 3)
    assert client.config.pinned_version == Version(1, 13, 4)
    with pytest.raises(InvalidConfig):
        client_class("given", config=config)


@pytest.mark.parametrize("client", [PfsClient, AsyncPfsClient])
def test_every_way_to_a_client(client: type[PfsClient], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    expected = ClientConfig(host="pachd", port=443, tls=True, project="p")
    assert client.from_url("grpcs://pachd:443", project="p").config == expected
    monkeypatch.setenv("PACHD_ADDRESS", "grpc://pachd:1")
    assert client.from_env(timeout=5).config == ClientConfig(host="pachd", port=1, timeout=5)
    assert client.from_env(host="other").config == ClientConfig(host="other")
    file = tmp_path / "config.json"
    file.write_text('{"v1": {"pachd_address": "pachd:2", "session_token": "t"}}')
    assert client.from_pachctl_config(file, auth_token="mine").config == ClientConfig(host="pachd:2", auth_token="mine")


def test_what_is_given_wins_over_what_an_address_says(tmp_path: Path) -> None:
    environ = {"PACHD_ADDRESS": "grpcs://pachd:650"}
    assert ClientConfig.from_env(environ, port=7, tls=False) == ClientConfig(host="pachd", port=7)
    file = tmp_path / "config.json"
    file.write_text('{"v1": {"pachd_address": "pachd:2", "session_token": "t"}}')
    config = ClientConfig.from_pachctl_config(file, environ={}, port=7, tls=True)
    assert config == ClientConfig(host="grpcs://pachd:7", auth_token="t")
    assert ClientConfig.from_pachctl_config(file, environ={}, host="h") == ClientConfig(host="h", auth_token="t")


def test_none_says_nothing_of_where_the_server_is() -> None:
    environ = {"PACHD_ADDRESS": "grpcs://pachd:650"}
    config = ClientConfig.from_env(environ, host=None, port=None, tls=None)  # type: ignore[arg-type]
    assert config == ClientConfig(host="grpcs://pachd:650")


def test_authorities_of_an_address_without_a_scheme(tmp_path: Path) -> None:
    file = tmp_path / "config.json"
    authorities = base64.b64encode(PEM.encode()).decode()
    file.write_text(json.dumps({"v1": {"pachd_address": "pachd:2", "server_cas": authorities}}))
    config = ClientConfig.from_pachctl_config(file, environ={}, tls=True)
    assert config == ClientConfig(host="grpcs://pachd:2", tls_ca=PEM.encode())


def test_a_socket_has_no_port() -> None:
    for host in ("unix:/run/pachd.sock", "unix:///run/pachd.sock"):
        assert ClientConfig(host=host).target == "unix:/run/pachd.sock"


def test_in_a_cluster_the_service_for_peers_comes_first() -> None:
    services = {"PACHD_SERVICE_HOST": "10.0.0.1", "PACHD_SERVICE_PORT": "30650"}
    assert ClientConfig.from_env(services).target == "10.0.0.1:30650"
    peers = {**services, "PACHD_PEER_SERVICE_HOST": "10.0.0.2", "PACHD_PEER_SERVICE_PORT": "30653"}
    assert ClientConfig.from_env(peers).target == "10.0.0.2:30653"
    with pytest.raises(InvalidConfig, match="PACHD_PEER_SERVICE_PORT must be a number between 1 and 65535, not 'x'"):
        ClientConfig.from_env({**peers, "PACHD_PEER_SERVICE_PORT": "x"})


def test_authorities_of_the_environment(tmp_path: Path) -> None:
    with pytest.raises(InvalidConfig, match="PACH_CA_CERTS is neither PEM nor a file"):
        ClientConfig.from_env({"PACHD_ADDRESS": "grpcs://pachd", "PACH_CA_CERTS": str(tmp_path / "missing")})


def test_a_token_that_is_asked_for_is_masked_too() -> None:
    config = ClientConfig(auth_token=lambda: "TOKEN")
    assert "auth_token=***" in repr(config)


def test_services_of_ipv6_clusters() -> None:
    services = {"PACHD_SERVICE_HOST": "fd00::1", "PACHD_SERVICE_PORT": "650"}
    assert ClientConfig.from_env(services).target == "[fd00::1]:650"


@pytest.mark.parametrize("client_class", [PfsClient, AsyncPfsClient])
def test_clients_take_no_limit(client_class: type[PfsClient]) -> None:
    assert client_class("pachd", stall_timeout=None).config.stall_timeout is None
    assert client_class(config=ClientConfig(), stall_timeout=None).config.stall_timeout is None


def test_a_password_in_an_address_is_not_shown() -> None:
    with pytest.raises(InvalidConfig, match="is not an address") as caught:
        ClientConfig(host="grpcs://me:s3cret@pachd:443")
    assert "s3cret" not in str(caught.value)


def test_every_setting_can_be_given_by_name() -> None:
    """Functions that pass settings on take what the configuration takes, of the same types."""
    settings = {name: str(kind) for name, kind in get_type_hints(ClientSettings).items()}
    assert settings == {name: str(kind) for name, kind in get_type_hints(ClientConfig).items()}
