"""Branches: create, move, inspect, list, delete, and what they are made from."""

from __future__ import annotations

import pytest

from airflow_provider_pachyderm.client import (
    AsyncPfsClient,
    Branch,
    BranchNotFound,
    Commit,
    Conflict,
    NotFound,
    OriginKind,
    OutputBranch,
    Repo,
)
from airflow_provider_pachyderm.client._capabilities import Feature
from tests.contract.conftest import Supports


async def put(client: AsyncPfsClient, repo: str, branch: str = "master") -> Commit:
    async with client.commit(repo, branch) as commit:
        await client.put_file_bytes(commit, "/a", b"A")
    return commit


@pytest.fixture
async def output(client: AsyncPfsClient, repo: str, supports: Supports) -> str:
    """A repo whose master is made from that of ``repo``, with a finished commit on both."""
    supports(Feature.BRANCH_OBJECTS)
    await put(client, repo)
    await client.create_repo(repo + "-out")
    await client.create_branch(repo + "-out", "master", provenance=[(repo, "master")])
    await client.finish_commit((repo + "-out", "master"), wait=True)
    return repo + "-out"


async def test_a_branch_is_made_of_a_commit_and_moved(client: AsyncPfsClient, repo: str) -> None:
    first, second = await put(client, repo), await put(client, repo)
    await client.create_branch(repo, "staging", second.id)
    assert (await client.inspect_branch(repo, "staging")).head.id == second.id
    await client.set_branch(first, "staging")
    assert (await client.inspect_branch(repo, "staging")).head.id == first.id
    assert await client.get_files((repo, "staging"), "/a") == {"/a": b"A"}


async def test_branch_exists(client: AsyncPfsClient, repo: str) -> None:
    await put(client, repo)
    assert await client.branch_exists(repo, "master")
    assert not await client.branch_exists(repo, "missing")
    assert not await client.branch_exists("missing-" + repo, "master")


async def test_branches_are_listed_newest_first_or_oldest_first(client: AsyncPfsClient, repo: str) -> None:
    for name in ("b", "c", "a"):
        await put(client, repo, name)
    assert [info.branch.name for info in await client.list_branch(repo)] == ["a", "c", "b"]
    assert [info.branch.name for info in await client.list_branch(repo, reverse=True)] == ["b", "c", "a"]


async def test_deleting_a_branch_keeps_its_commits(client: AsyncPfsClient, repo: str) -> None:
    commit = await put(client, repo)
    await client.delete_branch(repo, "master")
    with pytest.raises(BranchNotFound):
        await client.inspect_branch(repo, "master")
    assert await client.get_files((repo, commit.id), "/a") == {"/a": b"A"}


async def test_a_branch_tells_what_it_is_made_from(client: AsyncPfsClient, repo: str, output: str) -> None:
    info = await client.inspect_branch(output, "master")
    assert [(source.repo.name, source.name) for source in info.provenance] == [(repo, "master")]
    commit = await put(client, repo)
    made = await client.inspect_commit((output, "master"))
    assert made.origin is OriginKind.AUTO
    assert [source.id for source in made.provenance] == [commit.id]


async def test_nobody_writes_to_what_is_made(client: AsyncPfsClient, repo: str, output: str) -> None:
    with pytest.raises(OutputBranch):
        await client.start_commit(output, "master")


async def test_provenance_is_replaced_by_what_is_named_again(client: AsyncPfsClient, repo: str, output: str) -> None:
    await client.create_branch(output, "master")
    assert (await client.inspect_branch(output, "master")).provenance == ()
    assert (await client.start_commit(output, "master")).branch == "master"


async def test_what_others_are_made_from_goes_only_by_force(client: AsyncPfsClient, repo: str, output: str) -> None:
    with pytest.raises(Conflict):
        await client.delete_branch(repo, "master")
    with pytest.raises(Conflict):
        await client.delete_repo(repo)
    await client.delete_branch(repo, "master", force=True)
    assert not await client.branch_exists(repo, "master")
    assert await client.branch_exists(output, "master")


async def test_no_circles(client: AsyncPfsClient, repo: str, output: str) -> None:
    with pytest.raises(Conflict):
        await client.create_branch(repo, "master", provenance=[Branch(Repo(output), "master")])


async def test_missing_head(client: AsyncPfsClient, repo: str) -> None:
    with pytest.raises(NotFound):
        await client.create_branch(repo, "staging", "missing")
    assert not await client.branch_exists(repo, "staging")
