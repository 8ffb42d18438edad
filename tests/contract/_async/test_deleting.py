"""Deleting commits: what goes, what stays, and what is refused."""

from __future__ import annotations

import pytest

from airflow_provider_pachyderm.client import AsyncPfsClient, BranchNotFound, Commit, CommitNotFound, Conflict
from airflow_provider_pachyderm.client._capabilities import Capabilities, Feature
from tests.contract.conftest import Supports
from tests.support._async.streams import collect

pytestmark = pytest.mark.usefixtures("deletes")

ID = "0123456789ab4def8123456789abcdef"


@pytest.fixture
def deletes(supports: Supports) -> None:
    supports(Feature.DELETE_FINISHED)


async def put(client: AsyncPfsClient, repo: str, name: str) -> Commit:
    async with client.commit(repo, "master") as commit:
        await client.put_file_bytes(commit, name, name.encode())
    return commit


async def ids(client: AsyncPfsClient, repo: str) -> list[str | None]:
    return [info.commit.id for info in await collect(await client.list_commit(repo, "master"))]


async def test_a_commit_without_children_goes_with_its_files(client: AsyncPfsClient, repo: str) -> None:
    first, second = await put(client, repo, "/1"), await put(client, repo, "/2")
    await client.delete_commit(second)
    with pytest.raises(CommitNotFound):
        await client.inspect_commit(second)
    assert await ids(client, repo) == [first.id]
    assert await client.get_files((repo, "master"), "/") == {"/1": b"/1"}


async def test_later_commits_keep_the_files_of_one_that_goes(client: AsyncPfsClient, repo: str) -> None:
    first, second, third = [await put(client, repo, name) for name in ("/1", "/2", "/3")]
    await client.delete_commit(second)
    assert await ids(client, repo) == [third.id, first.id]
    assert (await client.inspect_commit(third)).parent.id == first.id
    assert await client.get_files(third, "/") == {"/1": b"/1", "/2": b"/2", "/3": b"/3"}


async def test_an_open_commit_by_its_branch(client: AsyncPfsClient, repo: str) -> None:
    first = await put(client, repo, "/1")
    half = await client.start_commit(repo, "master")
    await client.put_file_bytes(half, "/half", b"half")
    await client.delete_commit((repo, "master"))
    assert await ids(client, repo) == [first.id]
    await client.put_file_bytes((repo, "master"), "/2", b"2")


async def test_what_the_server_made_from_it_goes_with_it(client: AsyncPfsClient, repo: str) -> None:
    out = repo + "-out"
    await client.create_repo(out)
    await client.create_branch(out, "master", provenance=[(repo, "master")])
    commit = await put(client, repo, "/1")
    made = await client.inspect_commit((out, "master"))
    assert [source.id for source in made.provenance] == [commit.id]
    await client.delete_commit(commit)
    with pytest.raises(CommitNotFound):
        await client.inspect_commit(commit)
    with pytest.raises(CommitNotFound):
        await client.inspect_commit(made)


async def test_a_commit_that_two_branches_have(client: AsyncPfsClient, repo: str) -> None:
    """Servers of 2.0 to 2.5 have put another commit beside it, which it cannot be deleted without."""
    first, second = await put(client, repo, "/1"), await put(client, repo, "/2")
    await client.set_branch(second, "other")
    capabilities = Capabilities(await client.version())
    refused = Feature.COMMIT_SETS in capabilities and Feature.COMMIT_REPO not in capabilities
    if refused:
        with pytest.raises(Conflict):
            await client.delete_commit(second)
    else:
        await client.delete_commit(second)
    head = second if refused else first
    for branch in ("master", "other"):
        assert (await client.inspect_branch(repo, branch)).head.id == head.id
    assert await client.commit_exists(second) == refused


async def test_a_commit_that_is_not_there(client: AsyncPfsClient, repo: str) -> None:
    with pytest.raises(BranchNotFound):
        await client.delete_commit((repo, "missing"))
    kept = await put(client, repo, "/1")
    for missing in ((repo, ID), f"{repo}@master={ID}"):
        with pytest.raises(CommitNotFound):
            await client.delete_commit(missing)
    assert await ids(client, repo) == [kept.id]
