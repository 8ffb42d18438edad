"""The public face: complete, lazy, and the same for both clients."""

from __future__ import annotations

import ast
import inspect
import subprocess
import sys
from pathlib import Path

import pytest

import airflow_provider_pachyderm.client as client
from airflow_provider_pachyderm.client import AsyncPfsClient, PfsClient

PLAIN = ["ClientConfig", "Commit", "CommitInfo", "CommitNotFound", "PachydermError", "Version", "parse_commit"]


def run(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.strip()


def test_every_name_is_there() -> None:
    for name in client.__all__:
        assert getattr(client, name) is not None
    assert len(client.__all__) == len(set(client.__all__))
    assert set(client.__all__) <= set(dir(client))
    with pytest.raises(AttributeError, match="Nonsense"):
        client.Nonsense  # noqa: B018


def test_type_checkers_see_what_is_exported() -> None:
    tree = ast.parse(Path(client.__file__ or "").read_text())
    imported = {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.level == 0
        for alias in node.names
    }
    assert set(client.__all__) <= imported


def test_what_dags_need_loads_no_grpc() -> None:
    code = f"""
import sys
from airflow_provider_pachyderm.client import {", ".join(PLAIN)}
parse_commit("repo@master")
ClientConfig(host="grpcs://pachd")
print([name for name in sys.modules if name.startswith(("grpc", "google.protobuf", "airflow."))])
"""
    assert run(code) == "[]"


def test_the_clients_load_it() -> None:
    assert (
        run("import sys; from airflow_provider_pachyderm.client import PfsClient; print('grpc' in sys.modules)")
        == "True"
    )


def test_both_clients_have_the_same_methods() -> None:
    def face(kind: type) -> dict[str, list[str]]:
        members = inspect.getmembers(kind, lambda member: inspect.isfunction(member) or isinstance(member, property))
        return {
            name: [] if isinstance(member, property) else list(inspect.signature(member).parameters)
            for name, member in members
            if not name.startswith("_")
        }

    assert face(PfsClient) == face(AsyncPfsClient)


def test_every_public_method_is_documented() -> None:
    for kind in (PfsClient, client.FileReader, client.Items):
        for name, member in inspect.getmembers(kind):
            if not name.startswith("_"):
                assert inspect.getdoc(member), f"{kind.__name__}.{name}"
