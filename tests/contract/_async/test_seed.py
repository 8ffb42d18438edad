"""PyPachy's promise: its example as it is written, and what its own tests later asked of it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Any

import pytest

from airflow_provider_pachyderm.client import (
    AsyncPfsClient,
    Commit,
    CommitFinished,
    CommitState,
    InvalidRequest,
    NotFound,
    RepoNotFound,
    Unsupported,
)
from airflow_provider_pachyderm.client._capabilities import Capabilities, Feature
from tests.contract.conftest import Server, Supports
from tests.support._async.streams import collect
from tests.support.web import Website

ICON = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40

FORMS: list[tuple[str, Callable[[Commit], Any]]] = [
    ("commit", lambda commit: commit),
    ("repo-and-branch", lambda commit: (commit.repo.name, commit.branch)),
    ("repo-and-id", lambda commit: (commit.repo.name, commit.id)),
    ("list", lambda commit: [commit.repo.name, commit.id]),
    ("repo/branch", lambda commit: f"{commit.repo.name}/{commit.branch}"),
    ("repo/id", lambda commit: f"{commit.repo.name}/{commit.id}"),
    ("repo@branch", lambda commit: f"{commit.repo.name}@{commit.branch}"),
    ("repo@id", lambda commit: f"{commit.repo.name}@{commit.id}"),
    ("repo@branch=id", lambda commit: f"{commit.repo.name}@{commit.branch}={commit.id}"),
    ("project/repo@branch", lambda commit: f"default/{commit.repo.name}@{commit.branch}"),
    ("text", str),
]
every_form = pytest.mark.parametrize("form", [form for _, form in FORMS], ids=[name for name, _ in FORMS])


@pytest.fixture
async def empty(empty_server: Server) -> AsyncIterator[AsyncPfsClient]:
    """A client of a server of the same version that has nothing in it."""
    async with AsyncPfsClient(empty_server.host, empty_server.port) as client:
        yield client


@every_form
async def test_the_example(
    client: AsyncPfsClient, repo_name: str, website: Website, form: Callable[[Commit], Any]
) -> None:
    await client.create_repo(repo_name)
    async with client.commit(repo_name, "master") as c:
        await client.put_file_bytes(form(c), "/dir_a/data", b"DATA")
        await client.put_file_url(form(c), "/dir_b/icon.png", website.add("/icon.png", ICON))
    assert await client.get_files(form(c), "/", recursive=True) == {"/dir_a/data": b"DATA", "/dir_b/icon.png": ICON}


@every_form
async def test_every_function_takes_every_form(
    client: AsyncPfsClient, repo: str, form: Callable[[Commit], Any]
) -> None:
    written = await client.start_commit(repo, "master")
    await client.put_file_bytes(form(written), "/a", b"one")
    await client.put_file_bytes(form(written), "/b", b"one two")
    await client.delete_file(form(written), "/a")
    await client.finish_commit(form(written))
    assert (await client.wait_commit(form(written))).state is CommitState.FINISHED

    async with await client.get_file(form(written), "/b", 4, 3) as reader:
        assert await reader.read() == b"two"
    assert (await client.inspect_file(form(written), "/b")).size_bytes == 7
    for listing in (
        await client.list_file(form(written), "/"),
        await client.list_file(form(written), "/", recursive=True),
        await client.glob_file(form(written), "/*"),
    ):
        assert [info.path for info in await collect(listing)] == ["/b"]
    assert [info.path for info in await collect(await client.walk_file(form(written)))] == ["/", "/b"]
    assert [new.path for new, _ in await collect(await client.diff_file(form(written)))] == ["/b"]
    assert [info.commit.id for info in await collect(await client.list_commit(repo, form(written)))] == [written.id]
    assert await client.flush_commit(form(written)) == []


@every_form
async def test_a_commit_of_every_form_becomes_a_head(
    client: AsyncPfsClient, repo: str, form: Callable[[Commit], Any]
) -> None:
    await client.put_file_bytes((repo, "master"), "/a", b"A")
    commit = (await client.wait_commit((repo, "master"))).commit
    await client.set_branch(form(replace(commit, branch="master")), "other")
    assert (await client.inspect_branch(repo, "other")).head.id == commit.id


@every_form
async def test_a_commit_of_every_form_is_deleted(
    client: AsyncPfsClient, repo: str, supports: Supports, form: Callable[[Commit], Any]
) -> None:
    supports(Feature.DELETE_FINISHED)
    async with client.commit(repo, "master") as commit:
        await client.put_file_bytes(commit, "/a", b"A")
    await client.delete_commit(form(commit))
    assert commit.id not in [info.commit.id for info in await collect(await client.list_commit(repo))]


@pytest.mark.parametrize(
    ("suffix", "content", "feature"),
    [
        ("^", b"2", Feature.ANCESTRY),
        ("^^", b"1", Feature.ANCESTRY),
        ("^2", b"1", Feature.ANCESTRY),
        ("~1", b"2", Feature.ANCESTRY),
        (".1", b"1", Feature.ANCESTRY_FROM_ROOT),
    ],
)
async def test_ancestry(
    client: AsyncPfsClient, repo: str, supports: Supports, suffix: str, content: bytes, feature: Feature
) -> None:
    for number in b"123":
        async with client.commit(repo, "master") as commit:
            await client.put_file_bytes(commit, "/a", bytes([number]))
    supports(feature)
    assert await client.get_files(f"{repo}@master{suffix}", "/a") == {"/a": content}
    if suffix[0] != ".":
        assert await client.get_files((repo, f"{commit.id}{suffix}"), "/a") == {"/a": content}


@pytest.mark.parametrize("suffix", ["^", "~1", ".1"])
async def test_ancestry_that_the_server_does_not_know(client: AsyncPfsClient, repo: str, suffix: str) -> None:
    feature = Feature.ANCESTRY_FROM_ROOT if suffix == ".1" else Feature.ANCESTRY
    if feature in Capabilities(await client.version()):
        with pytest.raises(NotFound):
            await client.inspect_commit(f"{repo}@missing{suffix}")
    else:
        with pytest.raises(Unsupported, match="older servers"):
            await client.inspect_commit(f"{repo}@master{suffix}")


# its own later tests


async def test_list_repo_empty(empty: AsyncPfsClient) -> None:
    assert await empty.list_repo() == []


@pytest.mark.parametrize("description", [None, "what it is for"])
async def test_create_repo(empty: AsyncPfsClient, description: str | None) -> None:
    await empty.create_repo("test-repo", description)
    (info,) = await empty.list_repo()
    assert (info.repo.name, info.description, info.size_bytes) == ("test-repo", description or "", 0)
    assert await empty.provenances_for_repo("test-repo") == {}


async def test_delete_repo(empty: AsyncPfsClient) -> None:
    await empty.create_repo("test-repo")
    await empty.create_repo("other-repo")
    await empty.delete_repo("test-repo")
    assert [info.repo.name for info in await empty.list_repo()] == ["other-repo"]


async def test_delete_all_repos(empty: AsyncPfsClient) -> None:
    await empty.create_repo("test-repo-1")
    await empty.create_repo("test-repo-2")
    await empty.delete_repo(all=True)
    assert await empty.list_repo() == []


async def test_delete_all_repos_of_which_one_is_made_from_the_other(empty: AsyncPfsClient, supports: Supports) -> None:
    supports(Feature.BRANCH_OBJECTS)
    await empty.create_repo("test-repo-1")
    await empty.create_repo("test-repo-2")
    await empty.create_branch("test-repo-2", "out", provenance=["test-repo-1@master"])
    await empty.delete_repo(all=True)
    assert await empty.list_repo() == []


async def test_delete_repo_without_a_name(client: AsyncPfsClient, repo: str) -> None:
    with pytest.raises(ValueError, match="Either a repo_name or all=True needs to be provided") as caught:
        await client.delete_repo()
    assert isinstance(caught.value, InvalidRequest)
    assert (await client.inspect_repo(repo)).repo.name == repo


async def test_delete_repo_with_a_name_and_all(client: AsyncPfsClient, repo: str) -> None:
    with pytest.raises(ValueError, match="Cannot specify a repo_name if all=True") as caught:
        await client.delete_repo(repo, all=True)
    assert isinstance(caught.value, InvalidRequest)
    assert (await client.inspect_repo(repo)).repo.name == repo


async def test_delete_a_repo_that_does_not_exist(client: AsyncPfsClient, repo_name: str) -> None:
    """PyPachy's servers said "cannot delete ... as it does not exist"; all since 1.7 take it for done."""
    await client.delete_repo(repo_name)
    with pytest.raises(RepoNotFound, match=repo_name):
        await client.inspect_repo(repo_name)


async def test_start_commit_on_a_branch(client: AsyncPfsClient, repo: str) -> None:
    commit = await client.start_commit(repo, "master")
    assert (commit.repo.name, commit.branch) == (repo, "master")
    assert [info.branch.name for info in await client.list_branch(repo)] == ["master"]


async def test_start_commit_with_a_parent(client: AsyncPfsClient, repo: str) -> None:
    first = await client.start_commit(repo, "master")
    await client.finish_commit(first, wait=True)
    for parent in ("master", first.id, first):
        second = await client.start_commit(repo, "master", parent)
        assert (await client.inspect_commit(second)).parent.id == first.id
        await client.drop_commit(second)


async def test_start_commit_as_a_fork(client: AsyncPfsClient, repo: str) -> None:
    first = await client.start_commit(repo, "master")
    await client.finish_commit(first, wait=True)
    fork = await client.start_commit(repo, "fork", parent="master")
    assert (await client.inspect_commit(fork)).parent.id == first.id
    assert {info.branch.name: info.head.id for info in await client.list_branch(repo)} == {
        "master": first.id,
        "fork": fork.id,
    }


async def test_start_commit_in_a_repo_that_does_not_exist(client: AsyncPfsClient, repo_name: str) -> None:
    with pytest.raises(RepoNotFound, match=repo_name):
        await client.start_commit(repo_name, "master")


@every_form
async def test_finish_commit(client: AsyncPfsClient, repo: str, form: Callable[[Commit], Any]) -> None:
    commit = await client.start_commit(repo, "master")
    await client.finish_commit(form(commit), wait=True)
    (info,) = await collect(await client.list_commit(repo))
    assert (info.commit.id, info.state) == (commit.id, CommitState.FINISHED)
    with pytest.raises(CommitFinished):
        await client.finish_commit(form(commit))


async def test_commit_context_manager(client: AsyncPfsClient, repo: str) -> None:
    async with client.commit(repo, "master") as c:
        await client.put_file_bytes(c, "input.json", b"hello world")
    assert await client.get_files(f"{repo}/{c.id}", "/") == {"/input.json": b"hello world"}
    async with client.commit(repo, "master", "master") as later:
        pass
    assert (await client.inspect_commit(later)).parent.id == c.id


# what it offered and had no tests for


async def test_delete_all(empty: AsyncPfsClient) -> None:
    await empty.create_repo("test-repo")
    await empty.put_file_bytes("test-repo/master", "/a", b"A")
    await empty.delete_all()
    assert await empty.list_repo() == []
    await empty.create_repo("test-repo")
    assert await collect(await empty.list_commit("test-repo")) == []


async def test_set_branch(client: AsyncPfsClient, repo: str) -> None:
    async with client.commit(repo, "staging") as first:
        await client.put_file_bytes(first, "/a", b"1")
    async with client.commit(repo, "staging") as second:
        await client.put_file_bytes(second, "/a", b"2")
    for commit, content in ((second, b"2"), (first, b"1")):
        await client.set_branch(commit, "master")
        assert (await client.inspect_branch(repo, "master")).head.id == commit.id
        assert await client.get_files((repo, "master"), "/a") == {"/a": content}
    assert {info.branch.name for info in await client.list_branch(repo)} == {"staging", "master"}


async def test_delete_branch_keeps_its_commits(client: AsyncPfsClient, repo: str) -> None:
    async with client.commit(repo, "master") as commit:
        await client.put_file_bytes(commit, "/a", b"A")
    await client.delete_branch(repo, "master")
    assert await client.list_branch(repo) == []
    assert await client.get_files((repo, commit.id), "/a") == {"/a": b"A"}
