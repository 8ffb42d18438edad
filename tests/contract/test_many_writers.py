"""Several clients that write to one branch at once: nobody's data is lost, dropped or put into the wrong place."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait

import pytest

from airflow_provider_pachyderm.client import (
    AsyncPfsClient,
    Commit,
    CommitState,
    InvalidRequest,
    PathConflict,
    PfsClient,
)
from airflow_provider_pachyderm.client._capabilities import Feature
from airflow_provider_pachyderm.testing.server import DevServer
from tests.contract.conftest import Supports
from tests.support.web import Website

CLIENTS = 8
VERSIONS = ("1.4.8", "1.5.3", "1.7.14", "1.13.4", "2.0.8", "2.5.9", "2.11.6")


@pytest.fixture
def client(server: DevServer) -> Iterator[PfsClient]:
    with PfsClient(server.host, server.port) as client:
        yield client


@pytest.fixture
def repo(client: PfsClient, repo_name: str) -> str:
    client.create_repo(repo_name)
    return repo_name


def at_once(server: DevServer, work: Callable[[PfsClient, int], Commit | None]) -> list[Commit | None]:
    """Do something with each of several clients at the same time."""

    def with_client(number: int) -> Commit | None:
        with PfsClient(server.host, server.port) as client:
            return work(client, number)

    with ThreadPoolExecutor(CLIENTS) as threads:
        return list(threads.map(with_client, range(CLIENTS)))


def broken() -> Iterator[bytes]:
    yield b"x" * 3_000_000
    raise ZeroDivisionError


def finished(client: PfsClient, repo: str) -> set[str | None]:
    """Give the ids of all good commits; of others there are only such as good ones were made after."""
    infos = list(client.list_commit(repo))
    assert all(info.state is CommitState.FINISHED or info.children for info in infos)
    return {info.commit.id for info in infos if info.state is CommitState.FINISHED}


@pytest.mark.versions(*VERSIONS)
def test_all_puts_of_eight_clients_are_there(client: PfsClient, server: DevServer, repo: str) -> None:
    def write(client: PfsClient, number: int) -> Commit | None:
        for each in range(3):
            commit = client.put_file_bytes(f"{repo}@master", f"/{number}/{each}", b"x")
        return commit

    made = at_once(server, write)
    files = client.get_files(f"{repo}@master", "/", recursive=True)
    assert sorted(files) == [f"/{number}/{each}" for number in range(CLIENTS) for each in range(3)]
    assert {commit.id for commit in made if commit} <= finished(client, repo)


@pytest.mark.versions(*VERSIONS)
def test_one_that_fails_takes_nobody_elses_data_along(
    client: PfsClient, server: DevServer, repo: str, supports: Supports
) -> None:
    supports(Feature.DROP_COMMIT)
    client.put_file_bytes(f"{repo}@master", "/report", b"a file")

    def write(client: PfsClient, number: int) -> Commit | None:
        path, content = {1: ("/report/x", b"x"), 2: ("/a", broken())}.get(number % 3, (f"/{number}", b"x"))
        try:
            return client.put_file_bytes(f"{repo}@master", path, content)
        except (PathConflict, ZeroDivisionError):
            return None

    made = at_once(server, write)
    good = [number for number in range(CLIENTS) if number % 3 == 0]
    assert [number for number, commit in enumerate(made) if commit] == good
    files = client.get_files(f"{repo}@master", "/", recursive=True)
    assert sorted(files) == sorted(["/report", *(f"/{number}" for number in good)])
    assert {commit.id for commit in made if commit} <= finished(client, repo)


@pytest.mark.versions("1.7.14", "1.13.4")
def test_what_is_open_goes_on_when_somebody_drops_the_commit_before(
    client: PfsClient, repo: str, supports: Supports, lacks: Supports
) -> None:
    supports(Feature.DELETE_FINISHED)
    lacks(Feature.COMMIT_SETS)  # 2.x servers refuse to
    client.put_file_bytes(f"{repo}@master", "/directory/x", b"x")
    before = client.put_file_bytes(f"{repo}@master", "/dropped/x", b"x")
    with client.commit(repo, "master") as commit:
        client.put_file_bytes(commit, "/a", b"a")
        client.delete_commit(before)
        client.put_file_bytes(commit, "/dropped", b"b")
        with pytest.raises(PathConflict):
            client.put_file_bytes(commit, "/directory", b"c")
    assert client.get_files(commit, "/", recursive=True) == {"/a": b"a", "/directory/x": b"x", "/dropped": b"b"}


@pytest.mark.versions("1.7.14", "1.13.4", "2.11.6")
def test_threads_that_share_a_client(client: PfsClient, repo: str) -> None:
    with ThreadPoolExecutor(CLIENTS) as threads:
        list(threads.map(lambda each: client.put_file_bytes(f"{repo}@master", f"/{each}", b"x"), range(CLIENTS)))
    assert sorted(client.get_files(f"{repo}@master", "/")) == [f"/{number}" for number in range(CLIENTS)]


@pytest.mark.versions("1.13.4", "2.11.6")
async def test_tasks_that_share_a_client(client: PfsClient, server: DevServer, repo: str) -> None:
    async with AsyncPfsClient(server.host, server.port) as shared:
        await asyncio.gather(*(shared.put_file_bytes(f"{repo}@master", f"/{each}", b"x") for each in range(CLIENTS)))
    assert sorted(client.get_files(f"{repo}@master", "/")) == [f"/{number}" for number in range(CLIENTS)]


@pytest.mark.versions("1.13.4", "2.11.6")
async def test_64_writers_do_not_wait_for_ten_urls_that_drip(server: DevServer, repo: str, website: Website) -> None:
    enough = threading.Event()
    pages = {f"/{number}": str(number).encode() * 5_000 for number in range(10)}
    async with AsyncPfsClient(server.host, server.port) as client:
        commits = [await client.start_commit(repo, f"url-{number}") for number in range(10)]
        fetched = [
            asyncio.create_task(client.put_file_url(commit, path, website.drip(path, content, enough)))
            for commit, (path, content) in zip(commits, pages.items(), strict=True)
        ]
        await asyncio.gather(
            *(client.put_file_bytes(f"{repo}@writer-{number}", "/file", b"x" * 100_000) for number in range(64))
        )
        assert not any(task.done() for task in fetched)
        enough.set()
        await asyncio.gather(*fetched)
        for commit, (path, content) in zip(commits, pages.items(), strict=True):
            await client.finish_commit(commit, wait=True)
            assert await client.get_files(commit, "/") == {path: content}


@pytest.mark.versions("1.6.10", "1.13.4", "2.11.6")
def test_a_call_waits_for_the_end_of_another_ones_commit(
    client: PfsClient, server: DevServer, repo: str, supports: Supports
) -> None:
    supports(Feature.COMMIT_DESCRIPTION)
    before = client.put_file_bytes(f"{repo}@master", "/before", b"x")
    begun, release = threading.Event(), threading.Event()

    def slow() -> Iterator[bytes]:
        yield b"x"
        begun.set()
        release.wait(60)
        raise ZeroDivisionError

    with ThreadPoolExecutor(2) as threads, PfsClient(server.host, server.port) as other:
        first = threads.submit(client.put_file_bytes, f"{repo}@master", "/dropped", slow())
        begun.wait(60)
        second = threads.submit(other.put_file_bytes, f"{repo}@master", "/stays", b"x")
        assert not wait([second], timeout=0.5).done
        release.set()
        with pytest.raises(ZeroDivisionError):
            first.result(60)
        commit = second.result(60)
    assert client.get_files(commit, "/") == {"/before": b"x", "/stays": b"x"}
    assert finished(client, repo) == {before.id, commit.id}


@pytest.mark.versions("1.6.10", "1.13.4", "2.11.6")
def test_an_open_commit_of_somebody_else_is_written_to_and_not_ended(
    client: PfsClient, server: DevServer, repo: str, supports: Supports
) -> None:
    supports(Feature.COMMIT_DESCRIPTION)
    commit = client.start_commit(repo, "master")
    with PfsClient(server.host, server.port) as other:
        assert other.put_file_bytes(f"{repo}@master", "/a", b"a").id == commit.id
        with pytest.raises(InvalidRequest):
            other.put_file_url(f"{repo}@master", "/b", "no-store://nowhere/b")
    assert client.inspect_commit(commit).state is CommitState.OPEN
    client.finish_commit(commit, wait=True)
    assert client.get_files(commit, "/")["/a"] == b"a"
