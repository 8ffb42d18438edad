"""Settings out of pachctl's configuration file."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from airflow_provider_pachyderm.client import ClientConfig, InvalidConfig

PEM = b"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
V2 = {
    "user_id": "u",
    "v2": {
        "active_context": "prod",
        "metrics": True,
        "contexts": {
            "prod": {
                "source": 2,
                "pachd_address": "grpcs://pachd.example.com:443",
                "server_cas": base64.b64encode(PEM).decode(),
                "session_token": "secret",
                "project": "vision",
                "a_key_of_tomorrow": {"x": 1},
            },
            "local": {"pachd_address": "localhost:30650"},
            "forwarded": {"port_forwarders": {"pachd": 30651}},
            "kubernetes": {"namespace": "pachyderm"},
            "odd": {"pachd_address": "grpcs://h", "server_cas": "not base64!"},
        },
    },
}


def written(folder: Path, content: Any) -> Path:
    path = folder / "config.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def test_active_context(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = ClientConfig.from_pachctl_config(written(tmp_path, V2), environ={})
    assert (config.target, config.tls, config.tls_ca) == ("pachd.example.com:443", True, PEM)
    assert (config.auth_token, config.project) == ("secret", "vision")
    assert "secret" not in repr(config)
    assert capsys.readouterr() == ("", "")


def test_named_contexts(tmp_path: Path) -> None:
    path = written(tmp_path, V2)
    assert ClientConfig.from_pachctl_config(path, "local", environ={}).target == "localhost:30650"
    by_environment = {"PACH_CONFIG": str(path), "PACH_CONTEXT": "forwarded"}
    assert ClientConfig.from_pachctl_config(environ=by_environment).target == "localhost:30651"
    assert ClientConfig.from_pachctl_config(context="local", environ=by_environment).target == "localhost:30650"


def test_version_1_of_the_file(tmp_path: Path) -> None:
    path = written(tmp_path, {"user_id": "u", "v1": {"pachd_address": "pachd:650", "session_token": "t"}})
    config = ClientConfig.from_pachctl_config(path, environ={})
    assert (config.target, config.auth_token) == ("pachd:650", "t")


@pytest.mark.parametrize(
    ("content", "context", "words"),
    [
        ("{", None, "not JSON"),
        ("[]", None, "not a JSON object"),
        ({}, None, "no context 'default'"),
        (V2, "missing", "no context 'missing'.*'prod', 'local'"),
        (V2, "kubernetes", "no pachd_address"),
        (V2, "odd", "not base64"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, content: Any, context: str | None, words: str) -> None:
    path = written(tmp_path, content)
    with pytest.raises(InvalidConfig, match=words) as caught:
        ClientConfig.from_pachctl_config(path, context, environ={})
    assert str(path) in str(caught.value)


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(InvalidConfig, match="cannot read"):
        ClientConfig.from_pachctl_config(tmp_path / "missing.json", environ={})
