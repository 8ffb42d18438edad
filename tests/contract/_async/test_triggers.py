"""Branches that the server moves to the head of another one when enough has come there."""

from __future__ import annotations

import time

import pytest

from airflow_provider_pachyderm.client import AsyncPfsClient, Conflict, InvalidRequest, Trigger, Unsupported
from airflow_provider_pachyderm.client._capabilities import Feature
from tests.contract.conftest import Supports


@pytest.fixture
async def triggers(client: AsyncPfsClient, repo: str, supports: Supports) -> None:
    """The server has them, and the repo the branch that they follow: from 2.8.0 on it must be there."""
    supports(Feature.TRIGGERS)
    await client.create_branch(repo, "master")


async def put(client: AsyncPfsClient, repo: str, path: str, size: int = 1) -> None:
    async with client.commit(repo, "master") as commit:
        await client.put_file_bytes(commit, path, b"x" * size)


async def seen(client: AsyncPfsClient, repo: str, branch: str) -> list[str]:
    """The files at the head of a branch, if it has one."""
    return sorted(await client.get_files((repo, branch), "/")) if await client.commit_exists((repo, branch)) else []


async def test_a_branch_tells_its_trigger(client: AsyncPfsClient, repo: str, triggers: None) -> None:
    trigger = Trigger("master", all=True, size="10MB", commits=3, rate_limit_spec="0 9 * * *")
    await client.create_branch(repo, "staging", trigger=trigger)
    assert (await client.inspect_branch(repo, "staging")).trigger == trigger
    await client.create_branch(repo, "plain")
    assert [info.trigger for info in await client.list_branch(repo)] == [None, trigger, None]


async def test_so_many_commits(client: AsyncPfsClient, repo: str, triggers: None) -> None:
    await put(client, repo, "/0")
    await client.create_branch(repo, "staging", "master", trigger=Trigger("master", commits=2))
    await put(client, repo, "/1")
    assert await seen(client, repo, "staging") == ["/0"]
    await put(client, repo, "/2")
    assert await seen(client, repo, "staging") == ["/0", "/1", "/2"]


async def test_so_much(client: AsyncPfsClient, repo: str, triggers: None) -> None:
    await client.create_branch(repo, "staging", trigger=Trigger("master", size="1K"))
    await put(client, repo, "/1", 500)
    assert await seen(client, repo, "staging") == []
    await put(client, repo, "/2", 500)
    assert await seen(client, repo, "staging") == ["/1", "/2"]
    await put(client, repo, "/3", 999)
    assert await seen(client, repo, "staging") == ["/1", "/2"]


async def test_one_condition_or_all(client: AsyncPfsClient, repo: str, triggers: None) -> None:
    await client.create_branch(repo, "one", trigger=Trigger("master", commits=1, size="1K"))
    await client.create_branch(repo, "all", trigger=Trigger("master", all=True, commits=1, size="1K"))
    await put(client, repo, "/1")
    assert await seen(client, repo, "one") == ["/1"]
    assert await seen(client, repo, "all") == []
    await put(client, repo, "/2", 1000)
    assert await seen(client, repo, "all") == ["/1", "/2"]


async def test_one_branch_after_the_other(client: AsyncPfsClient, repo: str, triggers: None) -> None:
    await client.create_branch(repo, "next", trigger=Trigger("master", commits=1))
    await client.create_branch(repo, "last", trigger=Trigger("next", commits=1))
    await put(client, repo, "/1")
    assert await seen(client, repo, "next") == await seen(client, repo, "last") == ["/1"]


async def test_what_is_made_from_a_branch_that_moves(client: AsyncPfsClient, repo: str, triggers: None) -> None:
    await client.create_branch(repo, "staging", trigger=Trigger("master", commits=1))
    await client.create_repo(repo + "-out")
    await client.create_branch(repo + "-out", "master", provenance=[(repo, "staging")])
    before = await client.inspect_branch(repo + "-out", "master")
    await put(client, repo, "/1")
    assert (await client.inspect_branch(repo + "-out", "master")).head != before.head


async def test_what_makes_no_sense(client: AsyncPfsClient, repo: str, triggers: None) -> None:
    for trigger in (
        Trigger("", commits=1),
        Trigger("master", size="much"),
        Trigger("master", commits=-1),
        Trigger("master", rate_limit_spec="often"),
    ):
        with pytest.raises(InvalidRequest):
            await client.create_branch(repo, "staging", trigger=trigger)
    with pytest.raises(InvalidRequest, match="both"):
        await client.create_branch(repo, "staging", provenance=[(repo, "other")], trigger=Trigger("master"))
    await client.create_branch(repo, "next")
    await client.create_branch(repo, "staging", trigger=Trigger("next", commits=1))
    for branch, other in (("next", "staging"), ("self", "self")):
        with pytest.raises(Conflict, match="loop"):
            await client.create_branch(repo, branch, trigger=Trigger(other, commits=1))


async def test_at_its_time(client: AsyncPfsClient, repo: str, triggers: None, supports: Supports) -> None:
    supports(Feature.TRIGGER_CRON)
    every_second = Trigger("master", cron_spec="@every 1s")
    await client.create_branch(repo, "staging", trigger=every_second)
    assert (await client.inspect_branch(repo, "staging")).trigger == every_second
    await put(client, repo, "/1")
    give_up = time.monotonic() + 60
    while await seen(client, repo, "staging") != ["/1"]:
        assert time.monotonic() < give_up, "the branch never moves"


async def test_not_before_its_time(client: AsyncPfsClient, repo: str, triggers: None, supports: Supports) -> None:
    supports(Feature.TRIGGER_CRON)
    await client.create_branch(repo, "staging", trigger=Trigger("master", commits=1, cron_spec="@never"))
    await put(client, repo, "/1")
    assert await seen(client, repo, "staging") == []
    with pytest.raises(InvalidRequest, match="Expected exactly 5 fields"):
        await client.create_branch(repo, "staging", trigger=Trigger("master", cron_spec="at nine"))


async def test_older_servers_move_no_branches(client: AsyncPfsClient, repo: str, lacks: Supports) -> None:
    lacks(Feature.TRIGGERS)
    await put(client, repo, "/1")
    with pytest.raises(Unsupported, match=r"1\.11\.4"):
        await client.create_branch(repo, "staging", "master", trigger=Trigger("master", commits=1))
    assert not await client.branch_exists(repo, "staging")


async def test_older_triggers_do_not_go_by_the_clock(client: AsyncPfsClient, repo: str, lacks: Supports) -> None:
    lacks(Feature.TRIGGER_CRON)
    with pytest.raises(Unsupported):
        await client.create_branch(repo, "staging", trigger=Trigger("master", cron_spec="@daily"))
