"""The dev server as ``pachyderm_default``, and a repo for each test."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from airflow_provider_pachyderm.client import PfsClient, PpsClient
from airflow_provider_pachyderm.testing.server import DevServer
from tests.support.web import Website


@pytest.fixture
def connection(server: DevServer, monkeypatch: pytest.MonkeyPatch) -> str:
    """The Airflow connection to the server, as the environment variable has it."""
    text = json.dumps({"conn_type": "pachyderm", "host": server.host, "port": server.port})
    monkeypatch.setenv("AIRFLOW_CONN_PACHYDERM_DEFAULT", text)
    return text


@pytest.fixture
def client(server: DevServer, connection: str) -> Iterator[PfsClient]:
    with PfsClient(server.host, server.port) as client:
        yield client


@pytest.fixture
def repo(client: PfsClient) -> str:
    name = f"airflow-{uuid.uuid4().hex[:12]}"
    client.create_repo(name)
    return name


@pytest.fixture
def pps(client: PfsClient, repo: str) -> Iterator[PpsClient]:
    """The calls for pipelines; those of the test are deleted behind it."""
    yield client.pps
    for info in client.pps.list_pipeline():
        if info.pipeline.name.startswith(repo):
            client.pps.delete_pipeline(info.pipeline, force=True)


@pytest.fixture
def gate() -> Iterator[Path]:
    """A file that the commands of pipelines may look for; they have a ``/tmp`` of their own."""
    with TemporaryDirectory(dir="/var/tmp") as folder:
        yield Path(folder) / "gate"


@pytest.fixture(scope="session")
def website() -> Iterator[Website]:
    with Website() as website:
        yield website
