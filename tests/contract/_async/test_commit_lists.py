"""Listing commits by origin, time and number, in both directions; and finding those that changed a file."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from airflow_provider_pachyderm.client import (
    AsyncPfsClient,
    Commit,
    CommitNotFinished,
    Conflict,
    InvalidRequest,
    OriginKind,
    Unsupported,
)
from airflow_provider_pachyderm.client._capabilities import Feature
from tests.contract.conftest import Supports
from tests.support._async.streams import collect


async def put(client: AsyncPfsClient, repo: str, path: str = "/a", content: bytes = b"A") -> Commit:
    async with client.commit(repo, "master") as commit:
        await client.put_file_bytes(commit, path, content)
    return commit


@pytest.fixture
async def ids(client: AsyncPfsClient, repo: str) -> list[str]:
    """Four commits on master, the oldest first."""
    return [str((await put(client, repo, f"/{number}")).id) for number in range(4)]


async def listed(client: AsyncPfsClient, repo: str, *args: Any, **how: Any) -> list[str]:
    return [str(info.commit.id) for info in await collect(await client.list_commit(repo, *args, **how))]


async def test_the_oldest_first(client: AsyncPfsClient, repo: str, ids: list[str]) -> None:
    assert await listed(client, repo, reverse=True) == ids
    assert await listed(client, repo, reverse=True, number=2) == ids[:2]
    assert await listed(client, repo, branch="master", reverse=True) == ids
    assert await listed(client, repo, "master", ids[0], reverse=True) == ids[1:]
    assert await listed(client, repo, ids[2], reverse=True, number=1) == ids[:1]


async def test_those_started_before(client: AsyncPfsClient, repo: str, ids: list[str]) -> None:
    third = (await client.inspect_commit((repo, ids[2]))).started
    assert await listed(client, repo, before=third) == [ids[1], ids[0]]
    assert await listed(client, repo, before=third, number=1) == [ids[1]]
    assert await listed(client, repo, branch="master", before=third) == [ids[1], ids[0]]
    assert await listed(client, repo, before=third, reverse=True) == ids[:2]


async def test_those_of_one_origin(client: AsyncPfsClient, repo: str, supports: Supports) -> None:
    supports(Feature.BRANCH_OBJECTS)
    out = repo + "-out"
    await client.create_repo(out)
    own = [str((await put(client, out, f"/{number}")).id) for number in range(2)]
    await client.create_branch(out, "master", provenance=[(repo, "master")])
    await put(client, repo)
    assert await listed(client, out, origin=OriginKind.USER) == own[::-1]
    assert await listed(client, out, origin=OriginKind.USER, number=1) == own[:0:-1]
    assert await listed(client, out, origin=OriginKind.USER, reverse=True) == own
    made = await listed(client, out, origin=OriginKind.AUTO)
    assert made
    assert not set(made) & set(own)
    assert await listed(client, out, origin=OriginKind.FSCK) == []


async def test_aliases_only_when_asked_for(client: AsyncPfsClient, repo: str, ids: list[str]) -> None:
    aliases = await listed(client, repo, origin=OriginKind.ALIAS)
    assert await listed(client, repo) == ids[::-1]
    assert sorted(await listed(client, repo, all=True)) == sorted([*ids, *aliases])


async def test_what_makes_no_sense(client: AsyncPfsClient, repo: str) -> None:
    with pytest.raises(InvalidRequest, match="time zone"):
        await client.list_commit(repo, before=datetime(2020, 1, 1))
    with pytest.raises(InvalidRequest, match="origin and all"):
        await client.list_commit(repo, origin=OriginKind.AUTO, all=True)


async def test_commit_exists(client: AsyncPfsClient, repo: str, ids: list[str]) -> None:
    assert await client.commit_exists((repo, ids[0]))
    assert await client.commit_exists((repo, "master"))
    assert not await client.commit_exists((repo, "missing"))
    assert not await client.commit_exists((repo, "f" * 32))
    assert not await client.commit_exists(f"{repo}@master={'f' * 32}")
    assert not await client.commit_exists(("missing-" + repo, "master"))


async def test_a_branch_without_commits_has_none(client: AsyncPfsClient, repo: str, supports: Supports) -> None:
    supports(Feature.BRANCH_OBJECTS)
    await client.create_branch(repo, "empty")
    heads = [info.head for info in await client.list_branch(repo)]
    assert await client.commit_exists((repo, "empty")) == (heads != [None])


async def test_commits_that_changed_a_file(client: AsyncPfsClient, repo: str, supports: Supports) -> None:
    supports(Feature.DIFF_FILE)
    first, _, third = [await put(client, repo, *change) for change in (("/a",), ("/b",), ("/a", b"AA"))]
    async with client.commit(repo, "master") as last:
        await client.delete_file(last, "/a")
    found = await collect(await client.find_commits((repo, "master"), "/a"))
    assert [commit.id for commit in found] == [last.id, third.id, first.id]
    assert [commit.id for commit in await collect(await client.find_commits(third, "/a"))] == [third.id, first.id]
    assert [c.id for c in await collect(await client.find_commits(last, "/a", 2))] == [last.id, third.id]
    assert await collect(await client.find_commits(last, "/missing")) == []


async def test_finding_starts_at_a_finished_commit(client: AsyncPfsClient, repo: str, supports: Supports) -> None:
    supports(Feature.DIFF_FILE)
    commit = await client.start_commit(repo, "master")
    with pytest.raises(CommitNotFinished):
        await client.find_commits(commit, "/a")


async def test_commits_made_from_others_by_hand(client: AsyncPfsClient, repo: str, supports: Supports) -> None:
    supports(Feature.ANY_PROVENANCE)
    source = await put(client, repo)
    await client.create_repo(repo + "-out")
    made = await client.start_commit(repo + "-out", "master", provenance=source)
    info = await client.inspect_commit(made)
    assert [commit.id for commit in info.provenance] == [source.id]
    await client.finish_commit(made)
    by_branch = await client.start_commit(repo + "-out", "other", provenance=(repo, "master"))
    assert [commit.id for commit in (await client.inspect_commit(by_branch)).provenance] == [source.id]
    deeper = await client.start_commit(repo + "-out", "deeper", provenance=[made])
    assert {commit.id for commit in (await client.inspect_commit(deeper)).provenance} == {source.id, made.id}


async def test_commits_made_by_hand_from_an_ancestor(client: AsyncPfsClient, repo: str, supports: Supports) -> None:
    supports(Feature.ANY_PROVENANCE)
    supports(Feature.ANCESTRY)
    source = await put(client, repo)
    await client.create_repo(repo + "-out")
    made = await client.start_commit(repo + "-out", "master", provenance=f"{repo}@{source.id}^0")
    assert [commit.id for commit in (await client.inspect_commit(made)).provenance] == [source.id]


async def test_commits_made_from_others_of_their_own_branch(
    client: AsyncPfsClient, repo: str, supports: Supports, lacks: Supports
) -> None:
    supports(Feature.COMMIT_PROVENANCE)
    lacks(Feature.ANY_PROVENANCE)
    source = await put(client, repo)
    await client.create_repo(repo + "-out")
    with pytest.raises(Conflict, match="not provenant on"):
        await client.start_commit(repo + "-out", "master", provenance=source)
    made = await client.start_commit(repo, "master", provenance=[(repo, "master")])
    info = await client.inspect_commit(made)
    assert [(commit.branch, commit.id) for commit in info.provenance] == [("master", source.id)]
    await client.finish_commit(made)
    with pytest.raises(Conflict, match="same branch"):
        await client.start_commit(repo, "master", provenance=[source, made])


async def test_2x_makes_such_commits_itself(client: AsyncPfsClient, repo: str, lacks: Supports) -> None:
    lacks(Feature.COMMIT_PROVENANCE)
    source = await put(client, repo)
    await client.create_repo(repo + "-out")
    with pytest.raises(Unsupported, match="create_branch"):
        await client.start_commit(repo + "-out", "master", provenance=[source])
