"""Repos: create, inspect, list, delete."""

from __future__ import annotations

import traceback
from datetime import datetime, timezone

import pytest

from airflow_provider_pachyderm.client import (
    AlreadyExists,
    AsyncPfsClient,
    InvalidReference,
    Repo,
    RepoNotFound,
    Unsupported,
)
from airflow_provider_pachyderm.client._capabilities import Feature
from tests.contract.conftest import SAY_OTHERWISE, Supports


async def test_created_repo_is_described(client: AsyncPfsClient, repo_name: str) -> None:
    before = datetime.now(timezone.utc)
    await client.create_repo(repo_name, "what it is for")
    info = await client.inspect_repo(repo_name)
    assert info.repo.name == repo_name
    assert info.description == "what it is for"
    assert info.size_bytes == 0
    assert info.branches == ()
    assert abs((info.created - before).total_seconds()) < 60


async def test_created_repo_is_listed(client: AsyncPfsClient, repo: str) -> None:
    assert repo in [info.repo.name for info in await client.list_repo()]


async def test_repo_exists(client: AsyncPfsClient, repo: str) -> None:
    assert await client.repo_exists(repo)
    assert not await client.repo_exists("missing-" + repo)


async def test_repos_of_another_type(client: AsyncPfsClient, repo: str, supports: Supports) -> None:
    supports(Feature.REPO_TYPES)
    spec = Repo(repo, type="spec")
    await client.create_repo(spec)
    assert str((await client.inspect_repo(spec)).repo).endswith(f"{repo}.spec")
    assert await client.repo_exists(f"{repo}.spec")
    assert not await client.repo_exists(f"{repo}.meta")
    assert (repo, "spec") not in [(info.repo.name, info.repo.type) for info in await client.list_repo()]
    listed = [(info.repo.name, info.repo.type) for info in await client.list_repo(type="spec")]
    assert (repo, "spec") in listed
    assert {type for _, type in listed} == {"spec"}
    assert {(repo, "user"), (repo, "spec")} <= {
        (info.repo.name, info.repo.type) for info in await client.list_repo(type=None)
    }
    async with client.commit(spec, "master") as commit:
        await client.put_file_bytes(commit, "/a", b"A")
    assert await client.get_files(str(commit), "/a") == {"/a": b"A"}
    assert await client.get_files(f"{repo}.spec@master", "/a") == {"/a": b"A"}
    assert not await client.branch_exists(repo, "master")


async def test_1x_repos_have_no_type(client: AsyncPfsClient, repo: str, lacks: Supports) -> None:
    lacks(Feature.REPO_TYPES)
    for name in (f"{repo}.spec", Repo(repo, type="spec")):
        with pytest.raises(Unsupported, match="no types"):
            await client.create_repo(name)
    with pytest.raises(Unsupported, match="no types"):
        await client.list_repo(type="spec")
    assert repo in [info.repo.name for info in await client.list_repo(type=None)]


async def test_existing_repo_is_refused(client: AsyncPfsClient, repo: str) -> None:
    with pytest.raises(AlreadyExists) as caught:
        await client.create_repo(repo)
    assert isinstance(caught.value, FileExistsError)
    assert repo in str(caught.value)


async def test_existing_repo_is_updated(client: AsyncPfsClient, repo: str, supports: Supports) -> None:
    supports(Feature.REPO_UPDATE)
    await client.create_repo(repo, "new words", update=True)
    assert (await client.inspect_repo(repo)).description == "new words"


async def test_missing_repo_is_created_by_an_update(client: AsyncPfsClient, repo_name: str) -> None:
    await client.create_repo(repo_name, "words", update=True)
    assert (await client.inspect_repo(repo_name)).description == "words"


async def test_deleting_a_missing_branch_is_no_error(client: AsyncPfsClient, repo: str) -> None:
    await client.delete_branch(repo, "missing")


async def test_repo_names_its_branches(client: AsyncPfsClient, repo: str, supports: Supports) -> None:
    supports(Feature.REPO_BRANCHES)
    async with client.commit(repo, "master"):
        pass
    assert [branch.name for branch in (await client.inspect_repo(repo)).branches] == ["master"]


async def test_deleting_a_missing_repo_is_no_error(client: AsyncPfsClient, repo_name: str) -> None:
    await client.delete_repo(repo_name)


async def test_unknown_repo(client: AsyncPfsClient, repo_name: str) -> None:
    with pytest.raises(RepoNotFound) as caught:
        await client.inspect_repo(repo_name)
    assert isinstance(caught.value, FileNotFoundError)
    assert repo_name in str(caught.value)
    # what is shown of it is ours alone; what the server said is in it
    assert caught.value.server_text in str(caught.value)
    assert "During handling" not in (shown := "".join(traceback.format_exception(caught.value)))
    assert "debug_error_string" not in shown
    assert "direct cause" not in shown


async def test_deleted_repo_is_gone(client: AsyncPfsClient, repo: str) -> None:
    await client.delete_repo(repo)
    with pytest.raises(RepoNotFound):
        await client.inspect_repo(repo)


@pytest.mark.parametrize("name", ["", "a b", "a.b", "ä", "a\n", ".."])
async def test_bad_names_are_refused_before_anything_is_sent(client: AsyncPfsClient, name: str) -> None:
    with pytest.raises(InvalidReference):
        await client.create_repo(name)
    with pytest.raises(InvalidReference):
        await client.delete_repo(name)


async def test_version_is_the_servers(client: AsyncPfsClient, server) -> None:
    assert str(await client.version()) == SAY_OTHERWISE.get(server.version, server.version)
