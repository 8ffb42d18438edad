"""An Airflow connection, in each form that people write it, becomes the client's configuration."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from airflow_provider_pachyderm.client import ClientConfig, InvalidConfig, Version
from airflow_provider_pachyderm.hooks.pachyderm import PachydermHook

PEM = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"


@pytest.fixture
def config_of(monkeypatch: pytest.MonkeyPatch) -> Any:
    def config_of(connection: dict[str, Any] | str, **hook_arguments: Any) -> ClientConfig:
        text = connection if isinstance(connection, str) else json.dumps({"conn_type": "pachyderm", **connection})
        monkeypatch.setenv("AIRFLOW_CONN_MINE", text)
        return PachydermHook("mine", **hook_arguments).config()

    return config_of


@pytest.mark.parametrize(
    ("connection", "expected"),
    [
        ({"host": "pachd"}, ClientConfig(host="pachd")),
        ({"host": " pachd "}, ClientConfig(host="pachd")),
        ({"host": "pachd", "port": 1234, "password": "t"}, ClientConfig(host="pachd", port=1234, auth_token="t")),
        ({"host": "grpcs://pachd"}, ClientConfig(host="pachd", tls=True)),
        ({"host": "grpc://pachd:1234"}, ClientConfig(host="pachd", port=1234)),
        ({"host": "grpcs://pachd", "extra": {"tls": True}}, ClientConfig(host="pachd", tls=True)),
        ({"host": "pachd", "extra": {"project": "p"}}, ClientConfig(host="pachd", project="p")),
        (
            {"host": "pachd", "extra": {"project": "", "tls": None, "timeout": " ", "version": ""}},
            ClientConfig(host="pachd"),
        ),
        ({"host": "pachd", "extra": {"timeout": "2.5"}}, ClientConfig(host="pachd", timeout=2.5)),
        ({"host": "pachd", "extra": {"timeout": 2}}, ClientConfig(host="pachd", timeout=2)),
        ({"host": "pachd", "extra": {"version": "1.13.4"}}, ClientConfig(host="pachd", version=Version(1, 13, 4))),
        (
            {"host": "pachd", "extra": {"tls": "true", "tls_ca": PEM, "tls_server_name": "name"}},
            ClientConfig(host="pachd", tls=True, tls_ca=PEM, tls_server_name="name"),
        ),
        (
            {"host": "pachd", "extra": {"tls": "True", "tls_cert": PEM, "tls_private_key": "key"}},
            ClientConfig(host="pachd", tls=True, tls_cert=PEM, tls_private_key="key"),
        ),
        ("pachyderm://:token@pachd:1234/?project=p&timeout=5&tls=false",
         ClientConfig(host="pachd", port=1234, auth_token="token", project="p", timeout=5, tls=False)),
        ("pachyderm://grpcs%3A%2F%2Fpachd:1234", ClientConfig(host="pachd", port=1234, tls=True)),
        ("pachyderm://:token@[fd00::1]:1234", ClientConfig(host="[fd00::1]", port=1234, auth_token="token")),
    ],
)  # fmt: skip
def test_connection(config_of: Any, connection: Any, expected: ClientConfig) -> None:
    assert config_of(connection) == expected


def test_project_of_the_hook_wins(config_of: Any) -> None:
    assert config_of({"host": "pachd", "extra": {"project": "p"}}, project="mine").project == "mine"


@pytest.fixture
def pachctl(tmp_path: Path) -> str:
    """A file as pachctl writes it."""
    contexts = {
        "here": {"pachd_address": "grpc://here:1650", "session_token": "t", "project": "p"},
        "there": {"pachd_address": "grpcs://there:443", "server_cas": base64.b64encode(PEM.encode()).decode()},
    }
    file = tmp_path / "config.json"
    file.write_text(json.dumps({"v2": {"active_context": "here", "contexts": contexts}}))
    return str(file)


@pytest.mark.parametrize(
    ("connection", "extra", "expected"),
    [
        ({}, {}, ClientConfig(host="here", port=1650, auth_token="t", project="p")),
        ({}, {"pachctl_context": "there"}, ClientConfig(host="there", port=443, tls=True, tls_ca=PEM.encode())),
        ({"password": ""}, {}, ClientConfig(host="here", port=1650, auth_token="t", project="p")),
        ({"host": "mine"}, {}, ClientConfig(host="mine", auth_token="t", project="p")),
        ({"password": "mine"}, {"project": "q"}, ClientConfig(host="here", port=1650, auth_token="mine", project="q")),
        ({}, {"console_url": "https://console"}, ClientConfig(host="here", port=1650, auth_token="t", project="p")),
    ],
)
def test_what_pachctl_knows(
    config_of: Any, pachctl: str, connection: dict[str, Any], extra: dict[str, Any], expected: ClientConfig
) -> None:
    assert config_of({**connection, "extra": {"pachctl_config": pachctl, **extra}}) == expected


def test_pachctl_is_not_asked_through_the_environment(
    config_of: Any, pachctl: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PACH_CONFIG", "/elsewhere.json")
    monkeypatch.setenv("PACH_CONTEXT", "elsewhere")
    assert config_of({"extra": {"pachctl_config": pachctl}}).host == "here"


def test_console_url(config_of: Any) -> None:
    config_of({"host": "pachd", "extra": {"console_url": " https://console "}})
    assert PachydermHook("mine").console_url == "https://console"
    config_of({"host": "pachd", "extra": {"console_url": ""}})
    assert PachydermHook("mine").console_url is None


@pytest.mark.parametrize("form", ["uri", "json"])
def test_both_forms_keep_everything(config_of: Any, monkeypatch: pytest.MonkeyPatch, form: str) -> None:
    extra = {
        "project": "p q", "tls": "true", "tls_ca": PEM, "tls_cert": PEM, "tls_private_key": "k&=?",
        "tls_server_name": "n", "version": "2.11.6", "timeout": 2.5,
    }  # fmt: skip
    expected = config_of({"host": "grpcs://pachd", "port": 443, "password": "a/b@c:d", "extra": extra})
    connection = PachydermHook.get_connection("mine")
    config = config_of(connection.get_uri() if form == "uri" else connection.as_json())
    assert config == expected


@pytest.mark.parametrize(
    ("connection", "message"),
    [
        ({"extra": {"pachctl_config": "/not/there.json"}}, "cannot read the pachctl configuration /not/there.json"),
        ({}, "Host is empty: fill in"),
        ({"host": "  "}, "Host is empty: fill in"),
        (
            {"host": "pachd", "extra": {"tsl": True, "zone": 1}},
            "Unknown keys in extra: tsl, zone. Known keys: project, tls,",
        ),
        ({"host": "grpc://pachd", "extra": {"tls": True}}, "tls"),
        ({"host": "grpcs://pachd", "extra": {"tls": "false"}}, "tls"),
        ({"host": "pachd", "extra": {"tls": "maybe"}}, "'tls' in extra must be true or false"),
        ({"host": "pachd", "extra": {"tls": ["on"]}}, "'tls' in extra must be true or false"),
        ({"host": "pachd", "extra": {"timeout": "soon"}}, "'timeout' in extra must be a number"),
        ({"host": "pachd", "extra": {"timeout": 0}}, "timeout"),
        ({"host": "pachd", "extra": {"console_url": "console"}}, "'console_url' in extra must be an address such as"),
        ({"host": "pachd", "extra": {"project": 7}}, "'project' in extra must be a string, not int"),
        ({"host": "pachd", "extra": {"version": "newest"}}, "newest"),
        ({"host": "pachd", "extra": {"tls_ca": PEM}}, "TLS is off"),
        ({"host": "ftp://pachd"}, "ftp"),
    ],
)
def test_what_is_wrong_is_said(config_of: Any, connection: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidConfig, match=message) as caught:
        config_of(connection)
    assert "Connection 'mine'" in str(caught.value)


def test_the_environment_is_never_read(config_of: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PACHD_ADDRESS", "elsewhere:1")
    monkeypatch.setenv("PACHD_SERVICE_HOST", "elsewhere")
    with pytest.raises(InvalidConfig, match="Host is empty"):
        config_of({"host": ""})
    assert config_of({"host": "pachd"}).host == "pachd"


def test_errors_keep_secrets(config_of: Any) -> None:
    with pytest.raises(InvalidConfig) as caught:
        config_of({"host": "pachd", "password": "s3cret", "extra": {"tls_private_key": "s3cret", "tls": "s3cret"}})
    assert "s3cret" not in f"{caught.value!r}{caught.value.__cause__!r}{caught.value.__context__!r}"


@pytest.mark.parametrize(
    ("connection", "message"),
    [
        ({"host": ""}, "Host is empty"),
        ({"host": "127.0.0.1", "port": 1}, "127.0.0.1:1"),
    ],
)
def test_button_answers_instead_of_raising(
    monkeypatch: pytest.MonkeyPatch, connection: dict[str, Any], message: str
) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_MINE", json.dumps({"conn_type": "pachyderm", **connection}))
    works, text = PachydermHook("mine").test_connection()
    assert not works
    assert message in text


@pytest.mark.parametrize(
    "uri",
    [
        "grpcs://:token@pachd:443",
        "https://:token@pachd:443",
        "GRPCS://:token@pachd:443",
        "pachyderm://:token@pachd:443/grpcs",
        "pachyderm://:token@pachd:443/?tls=true",
        "pachyderm://:token@grpcs%3A%2F%2Fpachd:443",
        "grpcs://:token@pachd:443/https?tls=true",
        "generic://:token@pachd:443/https",
    ],
)
def test_tls_is_on_if_any_part_asks_for_it(config_of: Any, uri: str) -> None:
    expected = ClientConfig(host="pachd", port=443, auth_token="token", tls=True)
    assert config_of(uri) == expected
    connection = PachydermHook.get_connection("mine")
    assert config_of(json.loads(connection.as_json())) == expected


@pytest.mark.parametrize(
    "uri",
    [
        "grpcs://:token@pachd:443/?tls=false",
        "grpcs://:token@pachd:443/http",
        "grpc://:token@pachd:443/?tls=true",
        "grpcs://:token@grpc%3A%2F%2Fpachd:443",
        "grpc://:token@grpcs%3A%2F%2Fpachd:443",
        "pachyderm://:token@grpcs%3A%2F%2Fpachd:443/?tls=false",
    ],
)
def test_parts_that_contradict_each_other_on_tls(config_of: Any, uri: str) -> None:
    with pytest.raises(InvalidConfig, match=r"tls|TLS") as caught:
        config_of(uri)
    assert "token" not in str(caught.value)


@pytest.mark.parametrize(
    ("uri", "message"),
    [
        ("pachyderm://secret@pachd:30650", "Login is filled in"),
        ("pachyderm://secret:token@pachd:30650", "Login is filled in"),
        ("pachyderm://:token@pachd:30650/vision", "Schema must be one of grpc, .+ not 'vision'.+project"),
        ("postgresql://:token@pachd:30650", "Connection type must be one of .+ not 'postgres'"),
        ("pachyderm://pachd/?keep_alive=5", "Did you mean keepalive instead of keep_alive?"),
        ("pachyderm://pachd/?TLS=true", "Did you mean tls instead of TLS?"),
    ],
)
def test_a_part_that_says_nothing_to_pachyderm(config_of: Any, uri: str, message: str) -> None:
    with pytest.raises(InvalidConfig, match=message) as caught:
        config_of(uri)
    assert "secret" not in str(caught.value)


def test_the_port_of_tls_without_it_is_said(config_of: Any, caplog: pytest.LogCaptureFixture) -> None:
    config_of("pachyderm://:token@pachd:443")
    assert "Port 443 usually means TLS" in caplog.text
    caplog.clear()
    config_of("grpcs://:token@pachd:443")
    assert not caplog.text


def test_retries_proxy_and_keepalive(config_of: Any) -> None:
    config = config_of({"host": "pachd", "extra": {"retry_timeout": "0", "proxy": "proxy:3128", "keepalive": 0}})
    assert (config.retry.deadline, config.proxy, config.keepalive) == (0, "http://proxy:3128", 0)
    for none in ("false", False, "None"):
        assert config_of({"host": "pachd", "extra": {"proxy": none}}).proxy is False
    assert config_of({"host": "pachd", "extra": {"proxy": "", "retry_timeout": None}}) == ClientConfig(host="pachd")
    with pytest.raises(InvalidConfig, match="address of an HTTP proxy"):
        config_of({"host": "pachd", "extra": {"proxy": "socks5://user:secret@proxy"}})
