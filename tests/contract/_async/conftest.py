"""Clients of the server under test."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from airflow_provider_pachyderm.client import AsyncPfsClient
from airflow_provider_pachyderm.testing.server import DevServer


@pytest.fixture
async def client(server: DevServer) -> AsyncIterator[AsyncPfsClient]:
    async with AsyncPfsClient(server.host, server.port) as client:
        yield client


@pytest.fixture
async def repo(client: AsyncPfsClient, repo_name: str) -> str:
    await client.create_repo(repo_name)
    return repo_name
