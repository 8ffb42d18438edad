"""Servers that ask who one is: tokens, logging in, and what is said to those who may not."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from airflow_provider_pachyderm.client import (
    AsyncPfsClient,
    AuthNotActivated,
    PermissionDenied,
    Unauthenticated,
    Unsupported,
)
from airflow_provider_pachyderm.client._capabilities import Feature
from airflow_provider_pachyderm.testing.server import DevServer
from tests.contract.conftest import ID_TOKEN, JANE, ROOT, Supports


def client_of(server: DevServer, token: str | None = None) -> AsyncPfsClient:
    return AsyncPfsClient(server.host, server.port, auth_token=token)


async def test_a_server_that_asks_nobody(client: AsyncPfsClient, supports: Supports) -> None:
    assert not await client.is_auth_active()
    supports(Feature.AUTH)
    with pytest.raises(AuthNotActivated):
        await client.who_am_i()


async def test_a_server_that_knows_no_authentication(client: AsyncPfsClient, lacks: Supports) -> None:
    lacks(Feature.AUTH)
    with pytest.raises(Unsupported, match=r"authentication needs Pachyderm 1\.5\.1"):
        await client.who_am_i()


async def test_the_administrator(guarded: DevServer) -> None:
    async with client_of(guarded, ROOT) as client:
        assert await client.is_auth_active()
        me = await client.who_am_i()
        assert (me.username.partition(":")[2], me.expires) == ("root", None)
        await client.create_repo("of-root", update=True)


@pytest.mark.parametrize("token", [None, "wrong"])
async def test_without_a_token_that_holds(guarded: DevServer, token: str | None) -> None:
    async with client_of(guarded, ROOT) as root:
        await root.create_repo("of-root", update=True)  # 1.x servers look for a token where they find a repo
    async with client_of(guarded, token) as client:
        await client.version()  # is told to anyone
        assert await client.is_auth_active()
        for call in (client.who_am_i, client.list_repo):
            with pytest.raises(Unauthenticated, match="set auth_token"):
                await call()
        with pytest.raises(Unauthenticated):
            await client.put_file_bytes(("of-root", "master"), "/a", b"A")
        with pytest.raises(Unauthenticated):
            await client.get_file(("of-root", "master"), "/a")


async def test_an_id_token_becomes_a_session(guarded: DevServer, supports: Supports) -> None:
    supports(Feature.ID_TOKEN)
    async with client_of(guarded) as client:
        token = await client.authenticate_id_token(ID_TOKEN)
        assert client.auth_token == token
        assert (await client.who_am_i()).username.partition(":")[2] == JANE
        await client.list_repo()
        with pytest.raises(Unauthenticated):
            await client.authenticate_id_token("forged")
        assert client.auth_token == token


async def test_a_login_by_oidc(guarded: DevServer, supports: Supports) -> None:
    supports(Feature.OIDC_LOGIN)
    async with client_of(guarded) as client:
        login = await client.start_oidc_login()
        assert login.state in login.url
        assert login.state not in repr(login)
        await client.authenticate_oidc(login, timeout=10)
        assert (await client.who_am_i()).username.partition(":")[2] == JANE


async def test_a_robot_for_a_while(guarded: DevServer, supports: Supports) -> None:
    supports(Feature.ROBOT_TOKEN)
    async with client_of(guarded, ROOT) as client:
        token = await client.get_robot_token("ci", timedelta(hours=1))
        client.auth_token = token
        me = await client.who_am_i()
        assert me.username == "robot:ci"
        if me.expires is not None:  # 1.x servers say it from 1.7.5 on
            left = me.expires - datetime.now(timezone.utc)
            assert timedelta(minutes=58) < left <= timedelta(minutes=61)
        with pytest.raises(PermissionDenied, match="not authorized"):
            await client.get_robot_token("another")
        await client.revoke_auth_token(token)
        with pytest.raises(Unauthenticated):
            await client.who_am_i()


async def test_a_token_that_is_made_anew(guarded: DevServer) -> None:
    tokens = ["old", ROOT]
    async with AsyncPfsClient(guarded.host, guarded.port, auth_token=lambda: tokens[0]) as client:
        with pytest.raises(Unauthenticated):
            await client.inspect_repo("of-root")
        tokens.pop(0)
        await client.create_repo("of-root", update=True)
        assert client.auth_token == ROOT


async def test_a_refused_call_is_made_again_with_a_newer_token(guarded: DevServer) -> None:
    async with client_of(guarded, ROOT) as root:
        await root.create_repo("of-root", update=True)
    tokens = iter(["old", ROOT, "older", ROOT, "oldest", "still none", ROOT])
    async with AsyncPfsClient(
        guarded.host, guarded.port, auth_token=lambda: next(tokens), version=guarded.version
    ) as c:
        assert (await c.inspect_repo("of-root")).repo.name == "of-root"
        assert "of-root" in [info.repo.name for info in await c.list_repo()]
        with pytest.raises(Unauthenticated):
            await c.inspect_repo("of-root")


async def test_a_thousand_tokens_need_no_new_channel(guarded: DevServer) -> None:
    async with client_of(guarded, ROOT) as client:
        await client.list_repo()
        slots = client._session._transport._pool._lanes
        before = {lane: list(each) for lane, each in slots.items()}
        for number in range(1000):
            client.auth_token = f"token-{number}"
            if number % 100 == 0:
                assert await client.is_auth_active()
        client.auth_token = ROOT
        await client.list_repo()
        assert {lane: list(each) for lane, each in slots.items()} == before
