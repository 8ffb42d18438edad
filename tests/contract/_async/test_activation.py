"""Turning authentication off and on, and tokens that outlive it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from airflow_provider_pachyderm.client import (
    AlreadyExists,
    AsyncPfsClient,
    AuthNotActivated,
    InvalidRequest,
    PermissionDenied,
    Unauthenticated,
    Unsupported,
)
from airflow_provider_pachyderm.client._capabilities import Feature
from airflow_provider_pachyderm.testing.server import DevServer
from tests.contract.conftest import ROOT, Server, Supports
from tests.support.outside import needs


@pytest.fixture
def own(server: Server, supports: Supports, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DevServer]:
    """A server of the test's own that asks who one is."""
    supports(Feature.ACTIVATE)
    needs("authentication")
    with DevServer(server.version, tmp_path_factory.mktemp("own"), "--auth-token", ROOT) as own:
        yield own


async def test_off_and_on_again(own: DevServer) -> None:
    async with AsyncPfsClient(own.host, own.port, auth_token=ROOT) as root:
        robot = await root.get_robot_token("ci")
        async with AsyncPfsClient(own.host, own.port, auth_token=robot) as ci:
            await ci.create_repo("images")
            with pytest.raises(PermissionDenied):
                await ci.deactivate_auth()
        await root.deactivate_auth()
    async with AsyncPfsClient(own.host, own.port) as client:
        assert not await client.is_auth_active()
        with pytest.raises(AuthNotActivated):
            await client.deactivate_auth()
        await client.inspect_repo("images")
        token = await client.activate_auth()
        assert client.auth_token == token
        assert (await client.who_am_i()).username.partition(":")[2] == "root"
        await client.inspect_repo("images")
        for ended in (ROOT, robot):
            client.auth_token = ended
            with pytest.raises(Unauthenticated):
                await client.who_am_i()
        client.auth_token = token
        client.auth_token = await client.get_robot_token("ci")
        with pytest.raises(PermissionDenied):
            await client.create_branch("images", "master")


async def test_a_root_token_of_ones_own(own: DevServer, supports: Supports) -> None:
    supports(Feature.ROOT_TOKEN)
    async with AsyncPfsClient(own.host, own.port, auth_token=ROOT) as root:
        await root.deactivate_auth()
        assert await root.activate_auth("mine") == "mine"
        assert (await root.who_am_i()).username == "pach:root"


async def test_without_a_licence(client: AsyncPfsClient, supports: Supports) -> None:
    supports(Feature.ACTIVATE)
    needs("a server that certainly has no licence")
    with pytest.raises(Unsupported, match="an Enterprise-level feature"):
        await client.activate_auth()
    assert client.auth_token is None


async def test_tokens_from_a_backup(own: DevServer, supports: Supports) -> None:
    supports(Feature.STORED_TOKENS)
    async with AsyncPfsClient(own.host, own.port, auth_token=ROOT) as root:
        token = await root.get_robot_token("ci", timedelta(hours=1))
        (stored,) = await root.extract_auth_tokens()
        assert (stored.subject, len(stored.hashed_token)) == ("robot:ci", 64)
        assert stored.expires is not None
        with pytest.raises(AlreadyExists):
            await root.restore_auth_token(stored)
        await root.revoke_auth_token(token)
        await root.restore_auth_token(stored)
        assert await root.extract_auth_tokens() == [stored]
        root.auth_token = token
        assert (await root.who_am_i()).username == "robot:ci"
        with pytest.raises(PermissionDenied):
            await root.extract_auth_tokens()


async def test_a_token_that_holds_longer(own: DevServer, supports: Supports) -> None:
    supports(Feature.EXTEND_TOKEN)
    async with AsyncPfsClient(own.host, own.port, auth_token=ROOT) as root:
        token = await root.get_robot_token("ci", timedelta(minutes=5))
        await root.extend_auth_token(token, timedelta(hours=1))
        with pytest.raises(InvalidRequest, match="shorter than token's existing TTL"):
            await root.extend_auth_token(token, timedelta(minutes=5))
        with pytest.raises(InvalidRequest, match="can only extend tokens"):
            await root.extend_auth_token(token, timedelta(days=31))
        root.auth_token = token
        with pytest.raises(PermissionDenied):
            await root.extend_auth_token(token, timedelta(hours=2))


async def test_who_may_what_is_there_again_after_a_restart(own: DevServer) -> None:
    async with AsyncPfsClient(own.host, own.port, auth_token=ROOT) as root:
        root.auth_token = await root.get_robot_token("ci")
        await root.create_repo("images")
    own.stop()
    own.start()
    async with AsyncPfsClient(own.host, own.port, auth_token=ROOT) as root:
        tokens = [await root.get_robot_token(name) for name in ("ci", "other")]
    async with AsyncPfsClient(own.host, own.port, auth_token=tokens[0]) as client:
        await client.create_branch("images", "master")
        client.auth_token = tokens[1]
        with pytest.raises(PermissionDenied):
            await client.create_branch("images", "other")
