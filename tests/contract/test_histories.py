"""Any history, made in any way, against a plain model: every version holds the same afterwards."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from airflow_provider_pachyderm.client import PfsClient
from tests.contract.conftest import Server
from tests.support.histories import History
from tests.support.outside import new_name
from tests.support.write_model import FIRST, HISTORIES, Step

VERSIONS = ("1.4.8", "1.7.14", "1.10.5", "1.13.4", "2.0.8", "2.5.9", "2.11.6")
EXAMPLES = os.environ.get("WRITE_EXAMPLES")


@pytest.fixture
def client(server: Server) -> Iterator[PfsClient]:
    with PfsClient(server.host, server.port) as client:
        yield client


def make(client: PfsClient, steps: list[Step]) -> None:
    history = History(client, new_name())
    client.create_repo(history.repo)
    try:
        for step in (FIRST, *steps):
            history.make(step)
            history.check()
    finally:
        client.delete_repo(history.repo)


@pytest.mark.timeout(0)
@pytest.mark.versions(*VERSIONS)
def test_all_versions_hold_what_was_made(client: PfsClient, pytestconfig: pytest.Config) -> None:
    @settings(
        max_examples=int(EXAMPLES or (10 if pytestconfig.getoption("--thorough") else 4)),
        derandomize=EXAMPLES is None,
        phases=(Phase.explicit, Phase.generate, Phase.shrink),
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @given(steps=HISTORIES)
    def made(steps: list[Step]) -> None:
        make(client, steps)

    made()
