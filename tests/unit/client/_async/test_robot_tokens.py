"""How long the tokens of robots hold."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from airflow_provider_pachyderm._wire.v2 import auth_pb2
from airflow_provider_pachyderm._wire.v2.methods import Auth
from airflow_provider_pachyderm.client import AsyncPfsClient, InvalidRequest
from tests.unit.client.pachd import Pachd

# as many whole seconds as an int64 of nanoseconds can hold
LONGEST = timedelta(days=106_751, hours=23, minutes=47, seconds=16)


@pytest.mark.parametrize(
    ("ttl", "sent"),
    [
        (None, 0),
        (timedelta(hours=1), 3600),
        (timedelta(milliseconds=1), 1),
        (timedelta(seconds=1, microseconds=1), 2),
        (LONGEST, 9_223_372_036),
    ],
)
async def test_a_short_time_is_never_for_ever(pachd: Pachd, address: str, ttl: timedelta | None, sent: int) -> None:
    asked: list[Any] = []

    def answer(request: Any, context: Any) -> auth_pb2.GetRobotTokenResponse:
        asked.append(request.ttl)
        return auth_pb2.GetRobotTokenResponse(token="t")

    pachd.on(Auth.GetRobotToken, answer)
    async with AsyncPfsClient(address) as client:
        assert await client.get_robot_token("ci", ttl) == "t"
    assert asked == [sent]


@pytest.mark.parametrize(
    "ttl", [timedelta(0), timedelta(seconds=-1), LONGEST + timedelta(microseconds=1), timedelta(days=9 * 10**8)]
)
async def test_no_time_that_can_be_counted(address: str, ttl: timedelta) -> None:
    async with AsyncPfsClient(address) as client:
        with pytest.raises(InvalidRequest, match="ttl must be"):
            await client.get_robot_token("ci", ttl)
