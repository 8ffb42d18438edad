"""Projects: create, inspect, list, delete; and that the client's project holds for all calls."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from airflow_provider_pachyderm.client import (
    AlreadyExists,
    AsyncPfsClient,
    Conflict,
    InvalidReference,
    InvalidRequest,
    ProjectNotFound,
    Repo,
    Unsupported,
)
from airflow_provider_pachyderm.client._capabilities import Feature
from tests.contract.conftest import Server, Supports
from tests.support._async.streams import collect


@pytest.fixture
async def project(client: AsyncPfsClient, project_name: str, supports: Supports) -> str:
    supports(Feature.PROJECTS)
    await client.create_project(project_name, "what it is for")
    return project_name


@pytest.fixture
async def inside(server: Server, project: str) -> AsyncIterator[AsyncPfsClient]:
    async with AsyncPfsClient(server.host, server.port, project=project) as client:
        yield client


async def test_created_project_is_described(client: AsyncPfsClient, project: str) -> None:
    info = await client.inspect_project(project)
    assert (info.name, info.description) == (project, "what it is for")
    assert info.created is None or info.created.tzinfo is not None


async def test_projects_are_listed(client: AsyncPfsClient, project: str) -> None:
    assert {"default", project} <= {info.name for info in await client.list_project()}


async def test_project_exists(client: AsyncPfsClient, project: str) -> None:
    assert await client.project_exists("default")
    assert await client.project_exists(project)
    assert not await client.project_exists("missing-" + project)


async def test_existing_project_is_refused_or_updated(client: AsyncPfsClient, project: str) -> None:
    with pytest.raises(AlreadyExists):
        await client.create_project(project)
    await client.create_project(project, "new words", update=True)
    assert (await client.inspect_project(project)).description == "new words"


async def test_missing_project(client: AsyncPfsClient, project: str) -> None:
    await client.delete_project(project)
    with pytest.raises(ProjectNotFound):
        await client.inspect_project(project)
    await client.delete_project(project)


async def test_project_with_repos_goes_only_by_force(
    client: AsyncPfsClient, inside: AsyncPfsClient, project: str, repo_name: str
) -> None:
    await inside.create_repo(repo_name)
    await inside.create_repo(repo_name + "-out")
    await inside.create_branch(repo_name + "-out", "master", provenance=[(repo_name, "master")])
    with pytest.raises(Conflict):
        await client.delete_project(project)
    await client.delete_project(project, force=True)
    assert not await client.project_exists(project)
    assert not await client.repo_exists(f"{project}/{repo_name}")


async def test_bad_names_are_refused(client: AsyncPfsClient, project: str) -> None:
    for name in ("", "a b", "a/b", "a.b"):
        with pytest.raises(InvalidReference):
            await client.create_project(name)
    for name in ("-" + project, "x" * 52):
        with pytest.raises(InvalidRequest):
            await client.create_project(name)


async def test_the_clients_project_holds_for_all_calls(
    client: AsyncPfsClient, inside: AsyncPfsClient, project: str, repo_name: str
) -> None:
    await client.create_repo(repo_name)
    await inside.create_repo(repo_name)
    async with inside.commit(repo_name, "master") as commit:
        await inside.put_file_bytes(commit, "/a", b"inside")
    assert commit.repo.project == project
    assert await inside.get_files((repo_name, "master"), "/a") == {"/a": b"inside"}
    assert await client.get_files(f"{project}/{repo_name}@master", "/a") == {"/a": b"inside"}
    assert not await client.branch_exists(repo_name, "master")

    assert [info.repo for info in await inside.list_repo()] == [Repo(repo_name, project)]
    assert [info.branch.name for info in await inside.list_branch(repo_name)] == ["master"]
    assert [info.commit.id for info in await collect(await inside.list_commit(repo_name))] == [commit.id]
    assert [info.id for info in await collect(await inside.list_commit_set())] == [commit.id]
    assert [info.commit.repo.project for info in await inside.inspect_commit_set(commit)] == [project]
    async with inside.transaction():
        await inside.create_repo(repo_name + "-2")
    assert await client.repo_exists(Repo(repo_name + "-2", project))

    await inside.delete_repo(all=True)
    assert await inside.list_repo() == []
    assert await client.repo_exists(repo_name)


async def test_repos_of_one_project_or_of_all(
    client: AsyncPfsClient, inside: AsyncPfsClient, project: str, repo_name: str
) -> None:
    await client.create_repo(repo_name)
    await inside.create_repo(repo_name)
    assert [info.repo for info in await client.list_repo(project=project)] == [Repo(repo_name, project)]
    assert {Repo(repo_name, "default"), Repo(repo_name, project)} <= {info.repo for info in await client.list_repo()}
    assert Repo(repo_name, project) not in {info.repo for info in await inside.list_repo(project="default")}


async def test_older_servers_have_no_projects(client: AsyncPfsClient, repo: str, lacks: Supports) -> None:
    lacks(Feature.PROJECTS)
    with pytest.raises(Unsupported, match=r"2\.5\.0"):
        await client.create_project("images")
    with pytest.raises(Unsupported, match=r"2\.5\.0"):
        await client.list_project()
    with pytest.raises(Unsupported, match=r"2\.5\.0"):
        await client.inspect_repo(f"images/{repo}")
    assert (await client.inspect_repo(f"default/{repo}")).repo == Repo(repo)
