"""The hook against a server."""

from __future__ import annotations

import json
import socket
import threading
import time
from pathlib import Path

import pytest

from airflow_provider_pachyderm.client import PfsClient
from airflow_provider_pachyderm.hooks.pachyderm import PachydermHook
from airflow_provider_pachyderm.testing.server import DevServer


def test_clients(client: PfsClient, server: DevServer, repo: str) -> None:
    with PachydermHook().client() as lent:
        assert str(lent.version()) == server.version
    with PachydermHook().get_conn() as own:
        assert own.inspect_repo(repo).repo.name == repo


async def test_async_client(client: PfsClient, server: DevServer, repo: str) -> None:
    async with PachydermHook().async_client() as lent:
        assert (await lent.inspect_repo(repo)).repo.name == repo


def test_button_says_what_is_there_and_leaves_nothing_behind(server: DevServer, connection: str) -> None:
    before = set(threading.enumerate())
    said = f"Pachyderm {server.version} at {server.address}, TLS off, authentication off"
    assert PachydermHook().test_connection() == (True, said)
    assert set(threading.enumerate()) <= before


@pytest.mark.parametrize(("token", "works"), [("root", True), ("wrong", False), (None, False)])
def test_button_says_who_one_is(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, token: str | None, works: bool
) -> None:  # fmt: skip
    with DevServer("2.11.6", tmp_path, "--auth-token", "root") as guarded:
        connection = {"conn_type": "pachyderm", "host": guarded.host, "port": guarded.port, "password": token}
        monkeypatch.setenv("AIRFLOW_CONN_PACHYDERM_DEFAULT", json.dumps(connection))
        before = set(threading.enumerate())
        worked, said = PachydermHook().test_connection()
        assert set(threading.enumerate()) <= before
    assert worked is works
    assert "as pach:root" in said if works else "Unauthenticated" in said


def test_button_gives_up_on_a_silent_server_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        connection = {"conn_type": "pachyderm", "host": "127.0.0.1", "port": silent.getsockname()[1]}
        monkeypatch.setenv("AIRFLOW_CONN_PACHYDERM_DEFAULT", json.dumps(connection))
        began = time.monotonic()
        works, text = PachydermHook().test_connection()
    assert not works
    assert text
    assert time.monotonic() - began < 10


def test_button_looks_for_the_default_project(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with DevServer("2.11.6", tmp_path) as server:
        for project, works in (("default", True), ("missing", False)):
            connection = {"conn_type": "pachyderm", "host": server.host, "port": server.port}
            text = json.dumps({**connection, "extra": {"project": project}})
            monkeypatch.setenv("AIRFLOW_CONN_PACHYDERM_DEFAULT", text)
            worked, said = PachydermHook().test_connection()
            assert worked is works, said
    assert "ProjectNotFound" in said
