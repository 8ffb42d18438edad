"""A dev server of each world, and a folder as the examples expect it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from airflow_provider_pachyderm.client import PfsClient
from airflow_provider_pachyderm.testing.server import DevServer

Here = Callable[[str], str]


@pytest.fixture(scope="session", params=[pytest.param("1.13.4", marks=pytest.mark.thorough), "2.11.6"])
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DevServer]:
    with DevServer(request.param, tmp_path_factory.mktemp("pachyderm")) as server:
        yield server


@pytest.fixture
def here(server: DevServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Here:
    """Be where the examples think they are: a folder with files, beside a server that is empty.

    Gives what writes the server's address in place of the one that examples use.
    """
    (tmp_path / "local" / "folder").mkdir(parents=True)
    (tmp_path / "local" / "folder" / "file").write_bytes(b"from a folder")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PACHD_ADDRESS", server.address)
    with server.client() as client:
        client.delete_all()
    return lambda text: (
        text.replace("localhost:30650", server.address)
        .replace('"localhost"', f'"{server.host}"')
        .replace("30650", str(server.port))
    )


@pytest.fixture
def client(server: DevServer, here: Here) -> Iterator[PfsClient]:
    with server.client() as client:
        yield client
