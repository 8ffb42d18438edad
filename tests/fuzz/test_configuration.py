"""Addresses, environments, pachctl's files and connections: any content is used, or refused as documented."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_pachyderm.client import ClientConfig, InvalidConfig
from airflow_provider_pachyderm.client._config import pem
from airflow_provider_pachyderm.hooks import _form
from airflow_provider_pachyderm.hooks._config import client_config, console_url
from airflow_provider_pachyderm.hooks._secrets import secrets_of_connection
from tests.support.fuzzing import anything, fuzzed, json_values, pieces, texts

VARIABLES = [
    *("PACHD_ADDRESS", "PACH_CA_CERTS", "PACHD_PEER_SERVICE_HOST", "PACHD_PEER_SERVICE_PORT"),
    *("PACHD_SERVICE_HOST", "PACHD_SERVICE_PORT_API_GRPC_PORT", "PACHD_SERVICE_PORT"),
]
CONTEXT_KEYS = ["pachd_address", "session_token", "project", "server_cas", "port_forwarders", "source"]


@fuzzed
@given(address=texts)
def test_any_text_is_an_address_or_refused(address: str) -> None:
    try:
        config = ClientConfig(host=address)
    except InvalidConfig:
        return
    assert 0 < config.target_port < 65536
    assert config.tls is address.strip().lower().startswith(("grpcs://", "https://"))
    assert ClientConfig(host=config.target, tls=config.tls) == config


@fuzzed
@given(st.dictionaries(st.sampled_from(VARIABLES), texts.filter(lambda text: "\0" not in text)))
def test_any_environment_is_read_or_refused(environ: dict[str, str]) -> None:
    try:
        ClientConfig.from_env(environ)
    except InvalidConfig:
        return


contexts = st.dictionaries(st.sampled_from(CONTEXT_KEYS), json_values | st.dictionaries(st.just("pachd"), json_values))
named_contexts = st.dictionaries(st.sampled_from(["default", "a", ""]), contexts | json_values, max_size=2)
second_versions = st.fixed_dictionaries(
    {}, optional={"contexts": named_contexts | json_values, "active_context": st.sampled_from(["a", ""]) | json_values}
)
configurations = st.fixed_dictionaries(
    {}, optional={"v1": contexts | json_values, "v2": second_versions | json_values, "user_id": json_values}
)


@fuzzed
@given(content=(configurations | json_values).map(json.dumps) | texts | st.binary(), name=st.none() | texts)
def test_any_file_of_pachctl_is_read_or_refused(
    content: str | bytes, name: str | None, tmp_path_factory: pytest.TempPathFactory
) -> None:
    file = tmp_path_factory.getbasetemp() / "config.json"
    file.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass"))
    try:
        ClientConfig.from_pachctl_config(file, name, environ={})
    except InvalidConfig as error:
        assert str(file) in str(error) or "host" in str(error) or "port" in str(error) or "address" in str(error)


@fuzzed
@given(path=texts)
def test_any_path_of_a_pachctl_file_is_read_or_refused(path: str) -> None:
    for environ in ({"PACH_CONFIG": path}, {"PACH_CONFIG": str(Path("/dev/null") / path)}):
        try:
            ClientConfig.from_pachctl_config(environ=environ)
        except InvalidConfig:
            continue


extras = st.dictionaries(st.sampled_from([field.key for field in _form.EXTRA_FIELDS]) | pieces, anything, max_size=4)


@fuzzed
@given(host=st.none() | texts, password=st.none() | texts, port=st.none() | st.integers(), extra=extras)
def test_any_connection_is_used_or_refused(host: Any, password: Any, port: Any, extra: dict[str, Any]) -> None:
    connection: Any = SimpleNamespace(
        conn_type="pachyderm", host=host, port=port, login=None, password=password, schema=None, extra_dejson=extra
    )
    assert all(isinstance(secret, str) for secret in secrets_of_connection(connection, extra))
    for read in (lambda: client_config(connection, extra), lambda: console_url(extra)):
        try:
            read()
        except InvalidConfig:
            continue


@fuzzed
@given(name=st.sampled_from(["tls_ca", "tls_cert", "tls_private_key"]), value=texts | st.binary())
def test_any_certificate_is_read_or_refused(name: str, value: str | bytes) -> None:
    try:
        pem.check(name, value)
        pem.load(name, value)
    except InvalidConfig:
        return
