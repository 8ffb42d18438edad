"""Tokens that cannot be sent, and functions that give none."""

from __future__ import annotations

import pytest

from airflow_provider_pachyderm.client import AsyncPfsClient, InvalidConfig


@pytest.mark.parametrize("token", ["s3cret\n", "s3crét"])
async def test_a_token_that_no_header_can_hold(address: str, token: str) -> None:
    client = AsyncPfsClient(address, auth_token=token)
    with pytest.raises(InvalidConfig, match="auth_token is not printable ASCII") as caught:
        await client.list_repo()
    await client.close()
    assert "s3cr" not in str(caught.value)


async def test_a_function_that_raises_leaves_no_call_behind(address: str) -> None:
    def token() -> str:
        raise RuntimeError("no login")

    async with AsyncPfsClient(address, version="2.11.6", auth_token=token) as client:
        for _ in range(3):
            with pytest.raises(RuntimeError, match="no login"):
                await client.list_file("repo@master")
            with pytest.raises(RuntimeError, match="no login"):
                await client.get_file("repo@master", "/f")
            with pytest.raises(RuntimeError, match="no login"):
                await client.put_file_bytes("repo@master", "/f", b"", append=True)
        lanes = client._session._transport._pool._lanes.values()
        assert [slot.calls for slots in lanes for slot in slots if slot.calls] == []
