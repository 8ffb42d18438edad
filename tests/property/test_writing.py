"""Any writes, in any form, against a dictionary: every version holds the same afterwards."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from airflow_provider_pachyderm.client import PfsClient
from airflow_provider_pachyderm.testing.server import DevServer
from tests.support.write_model import ROUNDS, Round, Writer

VERSIONS = ("1.4.8", "1.7.14", "1.10.5", "1.13.4", "2.0.8", "2.5.9", "2.11.6")
EXAMPLES = int(os.environ.get("WRITE_EXAMPLES", "10"))


@pytest.fixture(scope="module", params=VERSIONS)
def client(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PfsClient]:
    server = DevServer(request.param, tmp_path_factory.mktemp("pachyderm"))
    with server, PfsClient(server.host, server.port) as client:
        yield client


def write(client: PfsClient, rounds: list[Round]) -> None:
    writer = Writer(client, f"writes-{uuid.uuid4().hex[:12]}")
    client.create_repo(writer.repo)
    for round in rounds:
        writer.make(round)
        writer.check()
    client.delete_repo(writer.repo)


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    phases=(Phase.explicit, Phase.generate, Phase.shrink),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(rounds=ROUNDS)
def test_all_versions_hold_what_was_written(client: PfsClient, rounds: list[Round]) -> None:
    write(client, rounds)
