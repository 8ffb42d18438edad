"""Waiting for commits: waits and subscriptions block, wake and end."""

from __future__ import annotations

import pytest

from airflow_provider_pachyderm.client import AsyncPfsClient, Commit, CommitState, DeadlineExceeded, OriginKind, Repo
from airflow_provider_pachyderm.client._capabilities import Feature
from tests.contract.conftest import Supports
from tests.support._async.streams import background, closing, step, take


async def finished(client: AsyncPfsClient, repo: str, content: bytes = b"x") -> str:
    async with client.commit(repo, "master") as commit:
        await client.put_file_bytes(commit, "/a", content)
    return commit.id


async def test_wait_blocks_until_the_commit_is_finished(client: AsyncPfsClient, repo: str) -> None:
    commit = await client.start_commit(repo, "master")
    async with background(client.wait_commit, commit) as waiting:
        assert not await waiting.done_within(0.2)
        await client.finish_commit(commit)
        assert (await waiting.result()).state is CommitState.FINISHED


async def test_wait_has_a_deadline_when_asked(client: AsyncPfsClient, repo: str) -> None:
    commit = await client.start_commit(repo, "master")
    with pytest.raises(DeadlineExceeded) as caught:
        await client.wait_commit(commit, timeout=0.2)
    assert isinstance(caught.value, TimeoutError)


async def test_subscription_gives_history_then_what_comes(client: AsyncPfsClient, repo: str) -> None:
    ids = [await finished(client, repo), await finished(client, repo)]
    async with closing(await client.subscribe_commit(repo, "master")) as stream:
        assert [info.commit.id for info in await take(stream, 2)] == ids
        later = await finished(client, repo)
        info = await step(stream)
        assert info.commit.id == later
        assert info.commit.branch == "master"
        assert info.state is CommitState.FINISHED


async def test_subscription_starts_after_the_given_commit(client: AsyncPfsClient, repo: str) -> None:
    """Servers since 1.9 send the ancestors of ``from`` too."""
    ids = [await finished(client, repo) for _ in range(4)]
    async with closing(await client.subscribe_commit(repo, "master", ids[1])) as stream:
        assert [info.commit.id for info in await take(stream, 2)] == ids[2:]


async def test_subscription_waits_for_the_commit_to_finish(client: AsyncPfsClient, repo: str) -> None:
    first = await finished(client, repo)
    commit = await client.start_commit(repo, "master")
    stream = await client.subscribe_commit(repo, "master", first)
    async with closing(stream), background(step, stream) as waiting:
        assert not await waiting.done_within(0.2)
        await client.finish_commit(commit)
        assert (await waiting.result()).commit.id == commit.id


async def test_subscription_to_commits_of_one_origin(client: AsyncPfsClient, repo: str, supports: Supports) -> None:
    supports(Feature.SUBSCRIBE_ALL)
    await client.create_repo(repo + "-in")
    await finished(client, repo + "-in")
    own = await finished(client, repo)
    await client.create_branch(repo, "master", provenance=[(repo + "-in", "master")])
    made = (await client.inspect_commit((repo, "master"))).commit.id
    await client.finish_commit(Commit(Repo(repo), "master", made), wait=True)
    for origin, id in ((OriginKind.USER, own), (OriginKind.AUTO, made)):
        async with closing(await client.subscribe_commit(repo, "master", origin=origin)) as stream:
            assert (await step(stream)).commit.id == id
