"""Commits: start, finish, drop, inspect, list, wait."""

from __future__ import annotations

import pytest

from airflow_provider_pachyderm.client import (
    AsyncPfsClient,
    BranchNotFound,
    Commit,
    CommitFinished,
    CommitNotFinished,
    CommitNotFound,
    CommitState,
    NotFound,
    OriginKind,
    Repo,
    RepoNotFound,
)
from airflow_provider_pachyderm.client._capabilities import Feature
from tests.contract.conftest import Supports
from tests.support._async.streams import collect


async def test_life_of_a_commit(client: AsyncPfsClient, repo: str) -> None:
    commit = await client.start_commit(repo, "master")
    assert (commit.repo.name, commit.branch) == (repo, "master")
    assert commit.id

    info = await client.inspect_commit(commit)
    assert info.state is CommitState.OPEN
    assert info.origin is OriginKind.USER
    assert info.finished is None
    assert info.started.tzinfo is not None

    await client.finish_commit(commit)
    info = await client.wait_commit(commit)
    assert info.state is CommitState.FINISHED
    assert info.finished >= info.started
    assert info.commit.id == commit.id
    assert info.commit.branch == "master"


async def test_description_is_kept(client: AsyncPfsClient, repo: str, supports: Supports) -> None:
    supports(Feature.COMMIT_DESCRIPTION)
    commit = await client.start_commit(repo, "master", description="first")
    assert (await client.inspect_commit(commit)).description == "first"
    await client.finish_commit(commit, description="second")
    assert (await client.inspect_commit(commit)).description == "second"


async def test_description_is_left_out_where_there_is_none(client: AsyncPfsClient, repo: str) -> None:
    async with client.commit(repo, "master", description="first") as commit:
        await client.put_file_bytes(commit, "/a", b"A")
    assert (await client.inspect_commit(commit)).description in ("first", "")


async def test_second_commit_knows_its_parent(client: AsyncPfsClient, repo: str) -> None:
    async with client.commit(repo, "master") as first:
        await client.put_file_bytes(first, "/one", b"1")
    async with client.commit(repo, "master") as second:
        await client.put_file_bytes(second, "/two", b"2")
    info = await client.inspect_commit(second)
    assert info.parent.id == first.id


async def test_first_commit_knows_its_children(client: AsyncPfsClient, repo: str, supports: Supports) -> None:
    supports(Feature.COMMIT_CHILDREN)
    async with client.commit(repo, "master") as first:
        await client.put_file_bytes(first, "/one", b"1")
    async with client.commit(repo, "master") as second:
        await client.put_file_bytes(second, "/two", b"2")
    assert [child.id for child in (await client.inspect_commit(first)).children] == [second.id]


async def test_branch_is_on_every_commit_that_was_asked_for_by_it(client: AsyncPfsClient, repo: str) -> None:
    """Servers before 1.9 and from 2.11 on leave it out."""
    for content in (b"1", b"2"):
        async with client.commit(repo, "master") as commit:
            await client.put_file_bytes(commit, "/a", content)
    branch = (repo, "master")
    given = [
        commit,
        (await client.inspect_commit(branch)).commit,
        (await client.inspect_commit(commit)).commit,
        (await client.wait_commit(branch)).commit,
        (await client.inspect_branch(repo, "master")).head,
        (await client.list_branch(repo))[0].head,
        (await client.inspect_file(branch, "/a")).commit,
        *[info.commit for info in await collect(await client.list_commit(repo, "master"))],
        *[info.commit for info in await collect(await client.list_file(branch, "/"))],
        *[info.commit for info in await collect(await client.glob_file(branch, "/*"))],
        *[info.commit for info in await collect(await client.walk_file(branch, "/"))],
    ]
    assert {each.branch for each in given} == {"master"}
    assert {each.id for each in given[:7]} == {commit.id}


async def test_commit_can_be_forked_from_an_older_one(client: AsyncPfsClient, repo: str) -> None:
    async with client.commit(repo, "master") as first:
        await client.put_file_bytes(first, "/one", b"1")
    async with client.commit(repo, "master") as second:
        await client.put_file_bytes(second, "/two", b"2")
    async with client.commit(repo, "fork", first.id) as fork:
        await client.put_file_bytes(fork, "/three", b"3")
    assert sorted(await client.get_files(fork, "/")) == ["/one", "/three"]


async def test_commits_are_listed_newest_first(client: AsyncPfsClient, repo: str) -> None:
    ids = []
    for number in range(3):
        async with client.commit(repo, "master") as commit:
            await client.put_file_bytes(commit, f"/{number}", b"x")
        ids.append(commit.id)
    assert [info.commit.id for info in await collect(await client.list_commit(repo))] == ids[::-1]
    assert [info.commit.id for info in await collect(await client.list_commit(repo, number=2))] == ids[:0:-1]
    assert [i.commit.id for i in await collect(await client.list_commit(repo, to_commit=ids[1]))] == ids[1::-1]
    newer = await collect(await client.list_commit(repo, to_commit="master", from_commit=ids[0]))
    assert [info.commit.id for info in newer] == ids[:0:-1]


async def test_commit_drops_when_the_body_raises(client: AsyncPfsClient, repo: str, supports: Supports) -> None:
    supports(Feature.DROP_COMMIT)
    async with client.commit(repo, "master") as kept:
        await client.put_file_bytes(kept, "/kept", b"kept")
    with pytest.raises(ZeroDivisionError):
        async with client.commit(repo, "master") as dropped:
            await client.put_file_bytes(dropped, "/half", b"half")
            raise ZeroDivisionError
    with pytest.raises(CommitNotFound):
        await client.inspect_commit(dropped)
    assert await client.get_files((repo, "master"), "/") == {"/kept": b"kept"}
    async with client.commit(repo, "master") as later:
        await client.put_file_bytes(later, "/later", b"later")
    assert sorted(await client.get_files(later, "/")) == ["/kept", "/later"]


async def test_first_commit_of_a_branch_can_be_dropped(client: AsyncPfsClient, repo: str, supports: Supports) -> None:
    supports(Feature.DROP_COMMIT)
    commit = await client.start_commit(repo, "master")
    await client.put_file_bytes(commit, "/half", b"half")
    await client.drop_commit(commit)
    with pytest.raises(CommitNotFound):
        await client.inspect_commit(commit)
    async with client.commit(repo, "master") as later:
        await client.put_file_bytes(later, "/whole", b"whole")
    assert await client.get_files(later, "/") == {"/whole": b"whole"}


async def test_only_one_open_commit_a_branch(client: AsyncPfsClient, repo: str) -> None:
    commit = await client.start_commit(repo, "master")
    with pytest.raises(CommitNotFinished):
        await client.start_commit(repo, "master")
    await client.finish_commit(commit, wait=True)


async def test_finished_commit_refuses_everything_and_loses_nothing(client: AsyncPfsClient, repo: str) -> None:
    async with client.commit(repo, "master") as commit:
        await client.put_file_bytes(commit, "/a", b"whole")
    with pytest.raises(CommitFinished):
        await client.put_file_bytes(commit, "/a", b"late")
    with pytest.raises(CommitFinished):
        await client.finish_commit(commit)
    assert await client.get_files(commit, "/a") == {"/a": b"whole"}


async def test_unknown_repo_branch_and_commit(client: AsyncPfsClient, repo: str, repo_name: str) -> None:
    missing = "0123456789ab4def8123456789abcdef"
    with pytest.raises(RepoNotFound):
        await client.start_commit("missing-" + repo, "master")
    with pytest.raises(BranchNotFound):
        await client.inspect_commit((repo, "missing"))
    with pytest.raises(CommitNotFound):
        await client.inspect_commit((repo, missing))
    with pytest.raises(NotFound):
        await client.finish_commit((repo, missing))
    # by id, a write must never land on a branch instead
    with pytest.raises(NotFound):
        await client.put_file_bytes(Commit(Repo(repo), "master", missing), "/a", b"x")
    with pytest.raises(NotFound):
        await client.inspect_commit((repo, "master"))


async def test_every_form_of_reference(client: AsyncPfsClient, repo: str) -> None:
    async with client.commit(repo, "master") as commit:
        await client.put_file_bytes(commit, "/a", b"A")
    forms = [
        (repo, "master"),
        (repo, commit.id),
        [repo, "master"],
        f"{repo}/master",
        f"{repo}/{commit.id}",
        f"{repo}@master",
        f"{repo}@{commit.id}",
        f"{repo}@master={commit.id}",
        commit,
        str(commit),
        await client.inspect_commit(commit),
    ]
    for form in forms:
        assert (await client.inspect_commit(form)).commit.id == commit.id, form
        assert await client.get_files(form, "/a") == {"/a": b"A"}, form
