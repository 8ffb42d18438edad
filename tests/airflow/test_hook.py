"""The hook against a server."""

from __future__ import annotations

import json
import socket
import threading
import time

import pytest

from airflow_provider_pachyderm.client import PfsClient
from airflow_provider_pachyderm.hooks.pachyderm import PachydermHook
from tests.support.devserver import DevServer


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
    assert PachydermHook().test_connection() == (True, f"Pachyderm {server.version} at {server.address}, TLS off")
    assert set(threading.enumerate()) <= before


def test_button_gives_up_on_a_silent_server_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        connection = {"conn_type": "pachyderm", "host": "127.0.0.1", "port": silent.getsockname()[1]}
        monkeypatch.setenv("AIRFLOW_CONN_PACHYDERM_DEFAULT", json.dumps(connection))
        began = time.monotonic()
        works, text = PachydermHook().test_connection()
    assert not works
    assert text
    assert time.monotonic() - began < 10
