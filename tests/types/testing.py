"""Tests with our fixtures, as users write them. Never run: mypy and pyright read it, see ``make types``."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import assert_type

import pytest

from airflow_provider_pachyderm.client import Commit, PfsClient
from airflow_provider_pachyderm.testing.clock import Clock
from airflow_provider_pachyderm.testing.pipelines import Pipelines
from airflow_provider_pachyderm.testing.server import DevServer


@pytest.mark.pachyderm(version="1.13.4", id_seed="text")
def test_client(
    pachyderm_server: DevServer,
    pachyderm_client: PfsClient,
    pachyderm_clock: Clock,
    pachyderm_pipelines: Pipelines,
    seed: Callable[[str], list[Commit]],
) -> None:
    assert_type(seed("data"), list[Commit])
    assert_type(pachyderm_server.port, int)
    assert_type(pachyderm_server.seed(Path("data")), list[Commit])
    pachyderm_clock.advance(timedelta(days=1))
    pachyderm_clock.advance(0.5)
    pachyderm_pipelines.run(lambda work: work.log(work.id))
    pachyderm_pipelines.fail("p@0123456789abcdef0123456789abcdef", reason="text", log=["line"])
    pachyderm_pipelines.finish("p@0123456789abcdef0123456789abcdef")
    assert_type(pachyderm_clock.now, datetime)
    with pachyderm_server.client() as client:
        assert_type(client, PfsClient)
