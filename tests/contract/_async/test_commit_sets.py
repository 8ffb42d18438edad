"""Commit sets: list, inspect, wait, squash, drop; and clearing and squashing one commit."""

from __future__ import annotations

import pytest

from airflow_provider_pachyderm.client import (
    AsyncPfsClient,
    Commit,
    CommitFailed,
    CommitFinished,
    CommitNotFound,
    CommitSetInfo,
    CommitState,
    Conflict,
    InvalidReference,
    Unsupported,
)
from airflow_provider_pachyderm.client._capabilities import Feature
from tests.contract.conftest import Supports
from tests.support._async.streams import background, collect, step

ID = "0123456789ab4def8123456789abcdef"


async def put(client: AsyncPfsClient, repo: str, name: str = "/a") -> Commit:
    async with client.commit(repo, "master") as commit:
        await client.put_file_bytes(commit, name, name.encode())
    return commit


@pytest.fixture
def sets(supports: Supports) -> None:
    supports(Feature.COMMIT_SETS)


@pytest.fixture
async def output(client: AsyncPfsClient, repo: str, sets: None) -> str:
    """A repo whose master is made from that of ``repo``, with a finished commit on both."""
    await put(client, repo)
    await client.create_repo(repo + "-out")
    await client.create_branch(repo + "-out", "master", provenance=[(repo, "master")])
    await client.finish_commit((repo + "-out", "master"), wait=True)
    return repo + "-out"


async def made(client: AsyncPfsClient, repo: str, output: str) -> Commit:
    """A finished commit, and what is made from it."""
    commit = await put(client, repo)
    await client.finish_commit((output, "master"), wait=True)
    return commit


async def test_a_set_holds_what_is_made_from_a_commit(client: AsyncPfsClient, repo: str, output: str) -> None:
    await made(client, repo, output)
    commit = await made(client, repo, output)
    infos = await client.inspect_commit_set(commit)
    assert [(info.commit.repo.name, info.commit.id) for info in infos] == [(repo, commit.id), (output, commit.id)]


async def test_a_set_by_every_name(client: AsyncPfsClient, repo: str, sets: None) -> None:
    commit = await put(client, repo)
    info = await client.inspect_commit(commit)
    for name in (commit.id, commit, str(commit), info, (repo, commit.id), CommitSetInfo(str(commit.id))):
        assert [each.commit.id for each in await client.inspect_commit_set(name)] == [commit.id]
    with pytest.raises(InvalidReference, match="commit set"):
        await client.inspect_commit_set((repo, "master"))


async def test_sets_are_listed_newest_first(client: AsyncPfsClient, repo: str, sets: None) -> None:
    first, second = await put(client, repo), await put(client, repo)
    newest: list[CommitSetInfo] = []
    async with await client.list_commit_set() as listed:
        while len(newest) < 2:
            info = await step(listed)
            # on a server that is shared, others have theirs between them
            newest += [info] if repo in [each.commit.repo.name for each in info.commits] else []
    assert [info.id for info in newest] == [second.id, first.id]
    assert [info.commit.repo.name for info in newest[0].commits] == [repo]


async def test_waiting_for_a_set(client: AsyncPfsClient, repo: str, output: str) -> None:
    commit = await put(client, repo)
    async with background(client.wait_commit_set, commit) as waiting:
        assert not await waiting.done_within(0.3)
        await client.finish_commit((output, "master"))
        infos = await waiting.result()
    assert [info.commit.repo.name for info in infos] == [repo, output]
    assert {info.state for info in infos} == {CommitState.FINISHED}
    assert await client.inspect_commit_set(commit, wait=True) == infos


async def test_a_set_with_a_failed_commit(client: AsyncPfsClient, repo: str, output: str) -> None:
    commit = await put(client, repo)
    await client.finish_commit((output, "master"), error="no good")
    infos = await client.inspect_commit_set(commit, wait=True)
    assert [info.state for info in infos] == [CommitState.FINISHED, CommitState.FAILED]
    with pytest.raises(CommitFailed, match="no good"):
        await client.wait_commit_set(commit)


async def test_a_set_that_is_not_there(client: AsyncPfsClient, sets: None) -> None:
    for wait in (False, True):
        with pytest.raises(CommitNotFound):
            await client.inspect_commit_set(ID, wait=wait)
    with pytest.raises(CommitNotFound):
        await client.wait_commit_set(ID)
    await client.drop_commit_set(ID)
    await client.squash_commit_set(ID)


async def test_dropping_a_set(client: AsyncPfsClient, repo: str, output: str) -> None:
    first, last = await made(client, repo, output), await made(client, repo, output)
    with pytest.raises(Conflict):
        await client.drop_commit_set(first)
    await client.drop_commit_set(last)
    for name in (repo, output):
        assert not await client.commit_exists((name, last.id))
        assert (await client.inspect_branch(name, "master")).head.id == first.id


async def test_squashing_a_set(client: AsyncPfsClient, repo: str, sets: None) -> None:
    first, last = await put(client, repo, "/1"), await put(client, repo, "/2")
    with pytest.raises(Conflict):
        await client.squash_commit_set(last)
    await client.squash_commit_set(first)
    assert [info.commit.id for info in await collect(await client.list_commit(repo, "master"))] == [last.id]
    assert await client.get_files(last, "/") == {"/1": b"/1", "/2": b"/2"}


async def test_squashing_one_commit(client: AsyncPfsClient, repo: str, supports: Supports) -> None:
    supports(Feature.DELETE_FINISHED)
    first, last = await put(client, repo, "/1"), await put(client, repo, "/2")
    with pytest.raises(Conflict):
        await client.squash_commit(last)
    await client.squash_commit(first)
    assert not await client.commit_exists(first)
    assert await client.get_files(last, "/") == {"/1": b"/1", "/2": b"/2"}
    with pytest.raises(CommitNotFound):
        await client.squash_commit(first)


async def test_squashing_with_what_is_made_from_it(client: AsyncPfsClient, repo: str, supports: Supports) -> None:
    supports(Feature.DELETE_FINISHED)
    await client.create_repo(repo + "-out")
    await client.create_branch(repo + "-out", "master", provenance=[(repo, "master")])
    commits = []
    for name in ("/1", "/2"):
        if await client.commit_exists((repo + "-out", "master")):
            await client.finish_commit((repo + "-out", "master"), wait=True)
        commits.append(await put(client, repo, name))
    await client.finish_commit((repo + "-out", "master"), wait=True)
    made = (await client.inspect_commit((repo + "-out", "master"))).parent
    with pytest.raises((Conflict, Unsupported)):
        await client.squash_commit(commits[0])
    await client.squash_commit(commits[0], recursive=True)
    assert not await client.commit_exists(commits[0])
    assert not await client.commit_exists(made)
    assert await client.get_files(commits[1], "/") == {"/1": b"/1", "/2": b"/2"}


async def test_squashing_one_commit_of_several(client: AsyncPfsClient, repo: str, supports: Supports) -> None:
    supports(Feature.SQUASH_COMMIT)
    other = repo + "-other"
    await client.create_repo(other)
    async with client.transaction():
        ours = await client.start_commit(repo, "master")
        theirs = await client.start_commit(other, "master")
    for commit in (ours, theirs):
        await client.finish_commit(commit, wait=True)
    await put(client, repo)
    await client.squash_commit(ours)
    assert not await client.commit_exists(ours)
    assert await client.commit_exists(theirs)


@pytest.mark.parametrize("finished", [False, True])
async def test_a_commit_goes_without_what_users_made_with_it(
    client: AsyncPfsClient, repo: str, supports: Supports, finished: bool
) -> None:
    supports(Feature.SQUASH_COMMIT)
    other = repo + "-other"
    await client.create_repo(other)
    kept = await put(client, repo)
    async with client.transaction():
        ours = await client.start_commit(repo, "master")
        theirs = await client.start_commit(other, "master")
    if finished:
        await client.finish_commit(ours, wait=True)
        await client.delete_commit(ours)
    else:
        await client.drop_commit(ours)
    assert not await client.commit_exists(ours)
    assert (await client.inspect_branch(repo, "master")).head.id == kept.id
    await client.finish_commit(theirs, wait=True)


async def test_a_commit_is_not_squashed_with_what_users_made(
    client: AsyncPfsClient, repo: str, sets: None, lacks: Supports
) -> None:
    lacks(Feature.SQUASH_COMMIT)
    other = repo + "-other"
    await client.create_repo(other)
    async with client.transaction():
        ours = await client.start_commit(repo, "master")
        theirs = await client.start_commit(other, "master")
    for commit in (ours, theirs):
        await client.finish_commit(commit, wait=True)
    with pytest.raises(Unsupported, match=r"2\.8\.0"):
        await client.squash_commit(ours)
    with pytest.raises(Conflict, match=other):
        await client.delete_commit(ours)
    assert await client.commit_exists(theirs)


async def test_clearing_a_commit(client: AsyncPfsClient, repo: str, supports: Supports) -> None:
    supports(Feature.CLEAR_COMMIT)
    await put(client, repo, "/kept")
    async with client.commit(repo, "master") as commit:
        await client.put_file_bytes(commit, "/half", b"half")
        await client.clear_commit(commit)
        await client.put_file_bytes(commit, "/new", b"new")
    assert await client.get_files(commit, "/") == {"/kept": b"/kept", "/new": b"new"}
    with pytest.raises(CommitFinished):
        await client.clear_commit(commit)


async def test_1x_has_no_sets(client: AsyncPfsClient, repo: str, lacks: Supports) -> None:
    lacks(Feature.COMMIT_SETS)
    commit = await put(client, repo)
    for call in (client.inspect_commit_set, client.wait_commit_set, client.drop_commit_set, client.squash_commit_set):
        with pytest.raises(Unsupported, match="flush_commit"):
            await call(commit)
    with pytest.raises(Unsupported, match="drop the commit"):
        await client.clear_commit(commit)
