"""Before 1.6.6 servers keep no descriptions: a retry looks at what is in the commits of the run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from airflow_provider_pachyderm.client import Conflict, PfsClient, Version
from airflow_provider_pachyderm.operators.pachyderm import (
    PachydermCopyFileOperator,
    PachydermDeleteFileOperator,
    PachydermPutFileOperator,
    PachydermPutFileUrlOperator,
)
from airflow_provider_pachyderm.testing.server import DevServer
from tests.support.airflow_task import run
from tests.support.web import Website


@pytest.fixture(scope="module", params=["1.4.8", "1.5.3", "1.6.5"])
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DevServer]:
    with DevServer(request.param, tmp_path_factory.mktemp("pachyderm")) as server:
        yield server


def commits(client: PfsClient, repo: str) -> list[str]:
    return [str(info.commit.id) for info in client.list_commit(repo)]


def other(client: PfsClient, repo: str, path: str = "/other", content: bytes = b"other") -> None:
    with client.commit(repo, "master") as commit:
        client.put_file_bytes(commit, path, content)


def put(repo: str, **arguments: Any) -> PachydermPutFileOperator:
    return PachydermPutFileOperator(task_id="put", repo=repo, retries=3, **{"path": "/a", **arguments})


@pytest.mark.parametrize("append", [False, True])
def test_nothing_was_made(client: PfsClient, repo: str, append: bool) -> None:
    other(client, repo)
    commit = run(put(repo, content="x", append=append), try_number=2)
    assert client.get_files(commit, "/", recursive=True) == {"/a": b"x", "/other": b"other"}


@pytest.mark.parametrize("content", ["x", "", b"\x00" * 3_000_000])
def test_a_put_is_found(client: PfsClient, repo: str, content: Any) -> None:
    first = run(put(repo, content=content))
    other(client, repo)
    assert run(put(repo, content=content), try_number=2) == first
    assert len(commits(client, repo)) == 2


def test_a_directory_is_found(client: PfsClient, repo: str, tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    for name in ("one", "sub/two"):
        (tmp_path / name).write_text(name)
    first = run(put(repo, path="/in", source=tmp_path))
    assert run(put(repo, path="/in", source=tmp_path), try_number=2) == first
    (tmp_path / "one").write_text("won")
    assert run(put(repo, path="/in", source=tmp_path), try_number=3) != first


def test_what_another_put_there_is_not_taken_for_it(client: PfsClient, repo: str) -> None:
    other(client, repo, "/a", b"another")
    commit = run(put(repo, content="x"), try_number=2)
    assert client.get_files(commit, "/a") == {"/a": b"x"}
    with client.commit(repo, "master") as both:
        client.put_file_bytes(both, "/b", b"x")
        client.put_file_bytes(both, "/c", b"x")
    run(put(repo, path="/b", content="x"), try_number=2)
    assert len(commits(client, repo)) == 4


def test_an_append_is_refused_unless_it_was_not_made(client: PfsClient, repo: str) -> None:
    other(client, repo, "/a", b"one")
    with pytest.raises(Conflict, match=r"stores no descriptions .*1\.6\.6") as caught:
        run(put(repo, content="+two", append=True), try_number=2)
    assert commits(client, repo)[0] in str(caught.value)
    assert client.get_files((repo, "master"), "/a") == {"/a": b"one"}


def test_a_url_is_refused_unless_it_was_not_made(client: PfsClient, repo: str, website: Website) -> None:
    def task(path: str) -> PachydermPutFileUrlOperator:
        url = website.add("/x", b"page")
        return PachydermPutFileUrlOperator(task_id="url", repo=repo, path=path, url=url, retries=3)

    run(task("/a"))
    with pytest.raises(Conflict, match=commits(client, repo)[0]):
        run(task("/a"), try_number=2)
    run(task("/b"), try_number=2)
    assert len(commits(client, repo)) == 2


def test_a_copy_is_found(client: PfsClient, repo: str) -> None:
    if client.version() < Version(1, 6, 0):
        pytest.skip("older servers copy no files")
    client.create_repo(f"{repo}-in")
    other(client, f"{repo}-in", "/dir/a", b"A")
    copy = PachydermCopyFileOperator(
        task_id="copy", repo=repo, path="/copy", source_commit=f"{repo}-in@master", source_path="/dir", retries=3
    )
    assert run(copy) == run(copy, try_number=2)
    assert len(commits(client, repo)) == 1


def test_a_delete_is_found(client: PfsClient, repo: str) -> None:
    other(client, repo, "/dir/a", b"A")
    delete = PachydermDeleteFileOperator(task_id="delete", repo=repo, path=["/dir", "/none"], retries=3)
    assert run(delete) == run(delete, try_number=2)
    assert len(commits(client, repo)) == 2
