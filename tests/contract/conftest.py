"""One dev server a version for the whole run. Each test works in a repo of its own."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest

from tests.support.devserver import DevServer
from tests.support.web import Website

VERSIONS = ("1.13.4", "2.11.6")


@pytest.fixture(scope="session", params=VERSIONS)
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DevServer]:
    with DevServer(request.param, tmp_path_factory.mktemp("pachyderm")) as server:
        yield server


@pytest.fixture
def repo_name() -> str:
    return f"contract-{uuid.uuid4().hex[:12]}"


@pytest.fixture(scope="session")
def website() -> Iterator[Website]:
    with Website() as website:
        yield website
