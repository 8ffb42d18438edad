"""Waiting for what is made from commits. Output commits are made by the server and finished by the test."""

from __future__ import annotations

from typing import Any

import pytest

from airflow_provider_pachyderm.client import (
    AsyncPfsClient,
    Commit,
    CommitState,
    DeadlineExceeded,
    InvalidReference,
    NotFound,
    OriginKind,
)
from airflow_provider_pachyderm.client._capabilities import Feature
from tests.contract.conftest import Supports
from tests.support._async.streams import background


@pytest.fixture
async def dag(client: AsyncPfsClient, repo: str, supports: Supports) -> dict[str, str]:
    """Two inputs; ``middle`` is made from the first, ``last`` from middle and the second."""
    supports(Feature.BRANCH_OBJECTS)
    if (await client.version()).major == 2:
        supports(Feature.COMMIT_REPO)  # before it, one commit may be in several sets, under other names
    repos = {name: f"{repo}-{name}" for name in ("one", "two", "middle", "last")}
    for name in repos.values():
        await client.create_repo(name)
    for name in ("one", "two"):
        await client.put_file_bytes((repos[name], "master"), "/first", b"1")
        await client.wait_commit((repos[name], "master"))
    await client.create_branch(repos["middle"], "master", provenance=[(repos["one"], "master")])
    await client.create_branch(repos["last"], "master", provenance=[f"{repos[n]}@master" for n in ("middle", "two")])
    for name in ("middle", "last"):
        await finish(client, repos[name])
    return repos


async def finish(client: AsyncPfsClient, repo: str) -> Commit:
    """Do what a pipeline would."""
    info = await client.inspect_commit((repo, "master"))
    if info.state is CommitState.OPEN and info.origin is not OriginKind.ALIAS:
        await client.finish_commit(info.commit, wait=True)
    return info.commit


async def put(client: AsyncPfsClient, repo: str) -> Commit:
    async with client.commit(repo, "master") as commit:
        await client.put_file_bytes(commit, "/a", b"a")
    return commit


async def flushed(client: AsyncPfsClient, *args: Any) -> list[str]:
    infos = await client.flush_commit(*args)
    assert {info.state for info in infos} <= {CommitState.FINISHED}
    return sorted(f"{info.commit.repo.name}@{info.commit.id}" for info in infos)


async def test_it_waits_for_all_that_is_made(client: AsyncPfsClient, dag: dict[str, str]) -> None:
    commit = await put(client, dag["one"])
    async with background(flushed, client, commit) as flush:
        assert not await flush.done_within(0.2)
        middle = await finish(client, dag["middle"])
        assert not await flush.done_within(0.2)
        last = await finish(client, dag["last"])
        assert await flush.result() == sorted([f"{dag['middle']}@{middle.id}", f"{dag['last']}@{last.id}"])
    assert await flushed(client, commit, dag["middle"]) == [f"{dag['middle']}@{middle.id}"]
    assert await flushed(client, commit, [dag["last"]]) == [f"{dag['last']}@{last.id}"]


async def test_of_several_only_what_is_made_from_all_counts(client: AsyncPfsClient, dag: dict[str, str]) -> None:
    one = await put(client, dag["one"])
    await finish(client, dag["middle"])
    await finish(client, dag["last"])
    two = await put(client, dag["two"])
    last = await finish(client, dag["last"])
    assert await flushed(client, [one, two]) == [f"{dag['last']}@{last.id}"]
    assert await flushed(client, two) == [f"{dag['last']}@{last.id}"]


async def test_nothing_is_made(client: AsyncPfsClient, repo: str) -> None:
    """An open commit is waited for, too; old servers answer at once."""
    commit = await client.start_commit(repo, "master")
    async with background(flushed, client, f"{repo}/master") as flush:
        assert not await flush.done_within(0.2)
        await client.finish_commit(commit)
        assert await flush.result() == []


async def test_patience_ends(client: AsyncPfsClient, repo: str, dag: dict[str, str]) -> None:
    await client.start_commit(repo, "master")
    with pytest.raises(DeadlineExceeded):
        await client.flush_commit((repo, "master"), timeout=0.2)
    commit = await put(client, dag["one"])
    with pytest.raises(DeadlineExceeded):
        await client.flush_commit(commit, timeout=0.2)


async def test_what_is_no_commit(client: AsyncPfsClient, repo: str) -> None:
    with pytest.raises(InvalidReference, match="no commits"):
        await client.flush_commit([])
    with pytest.raises(NotFound):
        await client.flush_commit((repo, "missing"))


async def test_provenances_for_repo(client: AsyncPfsClient, dag: dict[str, str]) -> None:
    one = await put(client, dag["one"])
    middle = await finish(client, dag["middle"])
    provenances = await client.provenances_for_repo(dag["middle"])
    assert provenances[str(one.id)] == middle.id
    assert await client.provenances_for_repo(dag["one"]) == {}
