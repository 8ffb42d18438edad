"""Clients of the server under test."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from airflow_provider_pachyderm.client import AsyncPfsClient
from airflow_provider_pachyderm.client._capabilities import Feature
from airflow_provider_pachyderm.testing.server import DevServer
from tests.contract.conftest import ROOT, Server, Supports


@pytest.fixture
async def client(server: Server) -> AsyncIterator[AsyncPfsClient]:
    async with AsyncPfsClient(server.host, server.port) as client:
        yield client


@pytest.fixture
async def repo(client: AsyncPfsClient, repo_name: str) -> str:
    await client.create_repo(repo_name)
    return repo_name


@pytest.fixture
async def root(guarded: DevServer) -> AsyncIterator[AsyncPfsClient]:
    """The administrator of a server that asks who one is."""
    async with AsyncPfsClient(guarded.host, guarded.port, auth_token=ROOT) as client:
        yield client


@asynccontextmanager
async def robot(guarded: DevServer, root: AsyncPfsClient, name: str) -> AsyncIterator[AsyncPfsClient]:
    token = await root.get_robot_token(f"{name}-{uuid.uuid4().hex[:8]}")
    async with AsyncPfsClient(guarded.host, guarded.port, auth_token=token) as client:
        yield client


@pytest.fixture
async def alice(guarded: DevServer, root: AsyncPfsClient, supports: Supports) -> AsyncIterator[AsyncPfsClient]:
    """Somebody there."""
    supports(Feature.ROBOT_TOKEN)
    async with robot(guarded, root, "alice") as client:
        yield client


@pytest.fixture
async def bob(guarded: DevServer, root: AsyncPfsClient, supports: Supports) -> AsyncIterator[AsyncPfsClient]:
    """Somebody else there."""
    supports(Feature.ROBOT_TOKEN)
    async with robot(guarded, root, "bob") as client:
        yield client


@pytest.fixture
async def hers(alice: AsyncPfsClient, repo_name: str) -> str:
    """A repo of Alice's with the file ``/a`` in it."""
    await alice.create_repo(repo_name)
    async with alice.commit(repo_name, "master") as commit:
        await alice.put_file_bytes(commit, "/a", b"A")
    return repo_name
