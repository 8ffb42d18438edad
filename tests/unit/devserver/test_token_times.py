"""How long tokens of 1.x hold that somebody asks for with a token, by a clock that is moved."""

from __future__ import annotations

from typing import Any

import pytest

from airflow_provider_pachyderm._wire.v1 import auth_pb2 as v1
from airflow_provider_pachyderm._wire.v1 import methods
from tests.support.guarded import ROOT, Guarded, guarded

Auth = methods.Auth
MONTH = 30 * 24 * 60 * 60
NEGATIVE = ("UNKNOWN", "GetAuthTokenRequest.TTL must be >= 0")


async def asked(server: Guarded, token: str, **request: Any) -> str:
    (reply,) = await server.replies(Auth.GetAuthToken, v1.GetAuthTokenRequest(**request), token=token)
    return str(reply.token)


async def left(server: Guarded, token: str) -> int:
    (me,) = await server.replies(Auth.WhoAmI, v1.WhoAmIRequest(), token=token)
    return int(me.ttl)


@pytest.mark.parametrize("ttl", [0, 6000])
@pytest.mark.parametrize("version", ["1.7.14", "1.9.12", "1.13.4"])
async def test_a_token_makes_none_that_outlives_it(version: str, ttl: int) -> None:
    now = [10**18]
    async with guarded(version, clock=lambda: now[0]) as server:
        token = server.token("robot:ci", 10)
        now[0] += 9_500_000_000
        another = await asked(server, token, subject="robot:ci", ttl=ttl)
        assert await left(server, another) == 0
        now[0] += 500_000_000
        assert (await server.told(Auth.WhoAmI, v1.WhoAmIRequest(), token=another))[0] == "UNAUTHENTICATED"


async def test_a_token_may_hold_for_less() -> None:
    now = [10**18]
    async with guarded("1.13.4", clock=lambda: now[0]) as server:
        assert await left(server, await asked(server, server.token("robot:ci", 10), ttl=5)) == 5


@pytest.mark.parametrize(
    ("version", "ttl", "holds"),
    [
        ("1.9.12", 0, -1),
        ("1.9.12", MONTH + 1, MONTH + 1),
        ("1.10.0", 0, MONTH),
        ("1.13.4", 0, MONTH),
        ("1.13.4", 60, 60),
        ("1.13.4", MONTH + 1, MONTH),
        ("1.13.4", -1, -1),
    ],
)
async def test_tokens_that_an_administrator_asks_for(version: str, ttl: int, holds: int) -> None:
    async with guarded(version, clock=lambda: 10**18) as server:
        assert await left(server, await asked(server, ROOT, subject="robot:ci", ttl=ttl)) == holds


@pytest.mark.parametrize(
    ("version", "refused"), [("1.9.7", False), ("1.9.8", True), ("1.10.5", True), ("1.11.0", False)]
)
async def test_tokens_without_an_end(version: str, refused: bool) -> None:
    request = v1.GetAuthTokenRequest(subject="robot:ci", ttl=-1)
    async with guarded(version) as server:
        assert (await server.told(Auth.GetAuthToken, request) == NEGATIVE) is refused
        assert await server.told(Auth.GetAuthToken, request, token=server.token("robot:ci")) == NEGATIVE
