"""Each test finds the server empty, whatever the one before has left there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from airflow_provider_pachyderm.client import PfsClient, Trigger, Unsupported
from airflow_provider_pachyderm.client._capabilities import Capabilities, Feature
from airflow_provider_pachyderm.testing.server import SharedServers


@pytest.fixture
def servers(tmp_path: Path) -> Iterator[SharedServers]:
    numbers = iter(range(10))
    servers = SharedServers(lambda: tmp_path / str(next(numbers)))
    yield servers
    servers.stop()


def leave_behind(client: PfsClient) -> None:
    """Leave what makes it hard to delete everything."""
    capabilities = Capabilities(client.version())
    client.create_repo("out")
    client.create_repo("in")
    with client.commit("in", "master") as commit:
        client.put_file_bytes(commit, "/a", b"A")
    client.start_commit("in", "open")
    if Feature.BRANCH_OBJECTS in capabilities:
        # a repo that is older than the one that it is made from (D22), with an open commit in it
        client.create_branch("out", "master", provenance=["in@master"])
    if Feature.TRIGGERS in capabilities:
        client.create_branch("in", "follows", trigger=Trigger("master", commits=1))
    if Feature.PROJECTS in capabilities:
        client.create_project("mine")
        client.create_repo("mine/deep")
    if Feature.TRANSACTIONS in capabilities:
        client.start_transaction()


@pytest.mark.parametrize("version", ["1.4.8", "1.10.5", "1.13.4", "2.3.9", "2.11.6"])
def test_whatever_was_left_there_is_gone(servers: SharedServers, version: str) -> None:
    for _ in range(2):
        with servers.empty(version).client() as client:
            assert client.list_repo() == []
            try:
                assert client.list_transaction() == []
                assert [project.name for project in client.list_project()] == ["default"]
            except Unsupported:
                pass
            leave_behind(client)
