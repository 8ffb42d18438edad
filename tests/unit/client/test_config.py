"""Settings: addresses, contradictions, the environment, and secrets that are not shown."""

from __future__ import annotations

import pickle
from typing import Any

import pytest

from airflow_provider_pachyderm.client import AsyncPfsClient, ClientConfig, InvalidConfig, PfsClient, Version


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
