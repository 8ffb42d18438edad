"""A dev server and a folder as the examples expect them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from airflow_provider_pachyderm.client import PfsClient
from airflow_provider_pachyderm.testing.server import DevServer, empty
from tests.support.pages import address_of

Here = Callable[[str], str]


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
        empty(client)
    return address_of(server)


@pytest.fixture
def client(server: DevServer, here: Here) -> Iterator[PfsClient]:
    with server.client() as client:
        yield client
