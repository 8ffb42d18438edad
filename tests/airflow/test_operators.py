"""What each operator does to a server, and what it returns."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from airflow_provider_pachyderm.client import (
    AlreadyExists,
    BranchHasNoHead,
    BranchNotFound,
    CommitFinished,
    CommitNotFinished,
    CommitState,
    FileNotFound,
    PachydermError,
    PfsClient,
    RepoNotFound,
    parse_commit,
)
from airflow_provider_pachyderm.operators import _destinations
from airflow_provider_pachyderm.operators.pachyderm import (
    PachydermCreateRepoOperator,
    PachydermGetFilesOperator,
    PachydermPutFileOperator,
    PachydermPutFileUrlOperator,
)
from tests.support.airflow_task import context_of, run
from tests.support.web import Website

FILES = {"/a": b"A" * 3_000_000, "/deep/er/b": b"B", "/empty": b""}


def put(**arguments: Any) -> Any:
    return run(PachydermPutFileOperator(task_id="put", **{"path": "/", **arguments}))


def history(client: PfsClient, repo: str) -> list[str]:
    return [info.description.splitlines()[0] for info in client.list_commit(repo, to_commit="master")]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for path, content in FILES.items():
        file = tmp_path / "source" / path.lstrip("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    return tmp_path / "source"


def test_create_repo(client: PfsClient, repo: str) -> None:
    def create(name: str, description: str, if_exists: str = "skip") -> Any:
        return run(PachydermCreateRepoOperator(task_id="t", repo=name, description=description, if_exists=if_exists))

    name = create(f"{repo}-new", "one")
    assert name == str(client.inspect_repo(f"{repo}-new").repo)
    assert create(name, "two") == name
    assert client.inspect_repo(name).description == "one"
    assert create(name, "three", "update") == name
    assert client.inspect_repo(name).description == "three"
    with pytest.raises(AlreadyExists):
        create(name, "four", "fail")


@pytest.mark.parametrize("content", [b"\x00\xff", "grün", ""])
def test_put_content(client: PfsClient, repo: str, content: str | bytes) -> None:
    task = PachydermPutFileOperator(task_id="t", repo=repo, path="/dir/file", content=content, description="about it")
    context = context_of(task)
    commit = task.execute(context)
    assert client.get_files(commit, "/dir/file")["/dir/file"] == (
        content.encode() if isinstance(content, str) else content
    )
    info = client.inspect_commit(commit)
    assert info.state is CommitState.FINISHED
    assert info.description.splitlines()[0] == "about it"
    assert (parse_commit(commit).branch, parse_commit(commit).id) == ("master", info.commit.id)
    details = context["ti"].xcoms["commit_info"]
    assert json.loads(json.dumps(details)) == details
    assert (details["commit"], details["repo"], details["state"]) == (commit, repo, "finished")


def test_put_directory_is_one_commit_and_comes_back(client: PfsClient, repo: str, folder: Path, tmp_path: Path) -> None:
    commit = put(repo=repo, path="/in", source=str(folder))
    assert len(history(client, repo)) == 1
    result = run(PachydermGetFilesOperator(task_id="get", commit=commit, path="/in", destination=str(tmp_path / "out")))
    assert result["commit"] == commit
    assert result["total_bytes"] == sum(map(len, FILES.values()))
    assert {file["path"]: file["size"] for file in result["files"]} == {
        f"/in{path}": len(content) for path, content in FILES.items()
    }
    assert {file["path"]: Path(file["local"]).read_bytes() for file in result["files"]} == {
        f"/in{path}": content for path, content in FILES.items()
    }
    assert json.loads(json.dumps(result)) == result


@pytest.mark.parametrize(("path", "expected"), [("/renamed", "/renamed"), ("/dir/", "/dir/a")])
def test_put_local_file(client: PfsClient, repo: str, folder: Path, path: str, expected: str) -> None:
    commit = put(repo=repo, path=path, source=folder / "a")
    assert client.get_files(commit, "/", recursive=True) == {expected: FILES["/a"]}


@pytest.mark.parametrize("as_text", [True, False])
def test_put_from_object_storage(client: PfsClient, repo: str, folder: Path, as_text: bool) -> None:
    from airflow.providers.common.compat.sdk import ObjectStoragePath

    def storage(path: Path) -> Any:
        return f"file://{path}" if as_text else ObjectStoragePath(f"file://{path}")

    commit = put(repo=repo, path="/in", source=storage(folder))
    assert client.get_files(commit, "/", recursive=True) == {f"/in{path}": content for path, content in FILES.items()}
    commit = put(repo=repo, path="/one/", source=storage(folder / "a"))
    assert client.get_files(commit, "/one", recursive=True) == {"/one/a": FILES["/a"]}


def test_put_overwrites_unless_told_to_append(client: PfsClient, repo: str) -> None:
    put(repo=repo, path="/a", content="one")
    commit = put(repo=repo, path="/a", content="two")
    assert client.get_files(commit, "/a") == {"/a": b"two"}
    commit = put(repo=repo, path="/a", content="+three", append=True)
    assert client.get_files(commit, "/a") == {"/a": b"two+three"}


def test_put_url(client: PfsClient, repo: str, website: Website) -> None:
    task = PachydermPutFileUrlOperator(task_id="t", repo=repo, path="/web/x", url=website.add("/x", FILES["/a"]))
    commit = run(task)
    assert client.get_files(commit, "/web", recursive=True) == {"/web/x": FILES["/a"]}


def test_url_that_is_missing_leaves_no_commit(client: PfsClient, repo: str, website: Website) -> None:
    put(repo=repo, path="/a", content="kept", description="kept")
    with pytest.raises(PachydermError, match="404"):
        run(PachydermPutFileUrlOperator(task_id="t", repo=repo, path="/x", url=website.url("/missing")))
    assert history(client, repo) == ["kept"]


def test_source_that_is_missing_leaves_no_commit(client: PfsClient, repo: str, tmp_path: Path) -> None:
    put(repo=repo, path="/a", content="kept", description="kept")
    with pytest.raises(FileNotFoundError, match="missing"):
        put(repo=repo, source=str(tmp_path / "missing"))
    assert history(client, repo) == ["kept"]


def test_put_into_a_given_commit_leaves_it_open(client: PfsClient, repo: str) -> None:
    commit = client.start_commit(repo, "master")
    assert put(commit=str(commit), path="/a", content="A") == str(commit)
    assert put(commit=f"{repo}@master", path="/b", content="B") == str(commit)
    client.finish_commit(commit, wait=True)
    assert client.get_files(commit, "/") == {"/a": b"A", "/b": b"B"}
    with pytest.raises(CommitFinished):
        put(commit=str(commit), path="/c", content="C")


def test_unknown_places(client: PfsClient, repo: str, tmp_path: Path) -> None:
    with pytest.raises(RepoNotFound):
        put(repo=f"{repo}-missing", path="/a", content="A")
    with pytest.raises((BranchNotFound, BranchHasNoHead)):
        run(PachydermGetFilesOperator(task_id="t", repo=repo, branch="missing", destination=str(tmp_path)))
    put(repo=repo, path="/a", content="A")
    with pytest.raises(FileNotFound):
        run(PachydermGetFilesOperator(task_id="t", repo=repo, path="/missing", destination=str(tmp_path)))


def test_get_files_reads_the_newest_finished_commit(client: PfsClient, repo: str, tmp_path: Path) -> None:
    finished = put(repo=repo, path="/a", content="finished")
    client.put_file_bytes(opened := client.start_commit(repo, "master"), "/a", b"half")
    result = run(PachydermGetFilesOperator(task_id="t", repo=repo, destination=str(tmp_path)))
    assert result["commit"] == finished
    assert (tmp_path / "a").read_text() == "finished"
    with pytest.raises(CommitNotFinished):
        run(PachydermGetFilesOperator(task_id="t", commit=str(opened), destination=str(tmp_path)))


def test_get_files_by_name(client: PfsClient, repo: str, folder: Path, tmp_path: Path) -> None:
    commit = put(repo=repo, source=folder)
    task = PachydermGetFilesOperator(
        task_id="t", commit=commit, path=["/empty", "/deep"], destination=str(tmp_path / "out")
    )
    assert sorted(file["path"] for file in run(task)["files"]) == ["/deep/er/b", "/empty"]


@pytest.mark.parametrize(("pattern", "expected"), [("/dee*/**", ["/deep/er/b"]), ("/e*", ["/empty"]), ("/x*", [])])
def test_get_files_by_pattern(
    client: PfsClient, repo: str, folder: Path, tmp_path: Path, pattern: str, expected: list[str]
) -> None:
    commit = put(repo=repo, source=folder)
    task = PachydermGetFilesOperator(task_id="t", commit=commit, pattern=pattern, destination=str(tmp_path / "out"))
    assert [file["path"] for file in run(task)["files"]] == expected


# Airflow 2.11 does that with each path it joins.
@pytest.mark.filterwarnings("ignore:in a future version of UPath:PendingDeprecationWarning")
@pytest.mark.parametrize("as_text", [True, False])
def test_get_files_into_object_storage(
    client: PfsClient, repo: str, folder: Path, tmp_path: Path, as_text: bool
) -> None:
    from airflow.providers.common.compat.sdk import ObjectStoragePath

    commit = put(repo=repo, path="/in", source=folder)
    url = f"file://{tmp_path}/out"
    task = PachydermGetFilesOperator(
        task_id="t", commit=commit, path=["/in/deep", "/in/a"], destination=url if as_text else ObjectStoragePath(url)
    )
    result = run(task)
    assert {file["path"]: Path(file["local"].removeprefix("file://")).read_bytes() for file in result["files"]} == {
        "/in/a": FILES["/a"],
        "/in/deep/er/b": b"B",
    }
    assert not (tmp_path / "out" / "in" / "empty").exists()
    assert (result["destination"], json.loads(json.dumps(result))) == (url, result)


def test_long_lists_go_to_a_manifest(
    client: PfsClient, repo: str, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_destinations, "MOST_LISTED", 2)
    commit = put(repo=repo, source=folder)
    result = run(PachydermGetFilesOperator(task_id="t", commit=commit, destination=str(tmp_path / "out")))
    assert "files" not in result
    assert Path(result["manifest"]).parent == tmp_path  # beside the files, not among them
    listed = json.loads(Path(result["manifest"]).read_text())
    assert sorted(file["path"] for file in listed) == sorted(FILES)
