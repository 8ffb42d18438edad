"""Operators that copy, delete, list, find and compare files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from airflow_provider_pachyderm.client import CommitNotFinished, FileNotFound, PfsClient
from airflow_provider_pachyderm.operators import _destinations
from airflow_provider_pachyderm.operators.pachyderm import (
    PachydermCopyFileOperator,
    PachydermDeleteFileOperator,
    PachydermDiffFilesOperator,
    PachydermGlobFilesOperator,
    PachydermListFilesOperator,
)
from tests.support.airflow_task import context_of, run

FILES = {"/a": b"A", "/deep/b": b"B", "/deep/er/c": b"C"}


@pytest.fixture
def commit(client: PfsClient, repo: str) -> str:
    return write(client, repo, FILES)


def write(client: PfsClient, repo: str, files: dict[str, bytes], delete: str | None = None) -> str:
    with client.commit(repo, "master") as commit:
        for path, content in files.items():
            client.put_file_bytes(commit, path, content)
        if delete:
            client.delete_file(commit, delete)
    return str(client.inspect_commit(commit).commit)


def content(client: PfsClient, commit: Any) -> dict[str, bytes]:
    return client.get_files(commit, "/", recursive=True)


def listed(repo: str, **arguments: Any) -> Any:
    return sorted(run(PachydermListFilesOperator(task_id="t", repo=repo, **arguments)))


def glob(repo: str, pattern: str, **arguments: Any) -> Any:
    return sorted(run(PachydermGlobFilesOperator(task_id="t", repo=repo, pattern=pattern, **arguments)))


def diff(repo: str, **arguments: Any) -> Any:
    return run(PachydermDiffFilesOperator(task_id="t", repo=repo, **arguments))


def copy(**arguments: Any) -> Any:
    return run(PachydermCopyFileOperator(task_id="t", **arguments))


def test_copy(client: PfsClient, repo: str, commit: str) -> None:
    client.create_repo(f"{repo}-copy")
    copied = copy(repo=f"{repo}-copy", path="/file", source_commit=f"{repo}@master", source_path="/a", description="d")
    assert content(client, copied) == {"/file": b"A"}
    copied = copy(repo=f"{repo}-copy", path="/dir", source_commit=commit, source_path="/deep")
    assert content(client, copied) == {"/file": b"A", "/dir/b": b"B", "/dir/er/c": b"C"}


def test_copy_within_a_branch(client: PfsClient, repo: str, commit: str) -> None:
    copied = copy(repo=repo, source_commit=f"{repo}@master", source_path="/deep", path="/copy")
    assert content(client, copied) == {**FILES, "/copy/b": b"B", "/copy/er/c": b"C"}


def test_copy_of_what_is_missing_leaves_no_commit(client: PfsClient, repo: str, commit: str) -> None:
    with pytest.raises(FileNotFound):
        copy(repo=repo, path="/x", source_commit=commit, source_path="/missing")
    assert [str(info.commit.id) for info in client.list_commit(repo, to_commit="master")] == [commit[-32:]]


def test_copy_reads_no_open_commit(client: PfsClient, repo: str, commit: str) -> None:
    opened = client.start_commit(repo, "other")
    with pytest.raises(CommitNotFinished):
        copy(repo=repo, path="/x", source_commit=str(opened), source_path="/a")


@pytest.mark.parametrize("path", ["/deep", ["/deep/b", "/deep/er/c", "/missing"]])
def test_delete(client: PfsClient, repo: str, commit: str, path: Any) -> None:
    deleted = run(PachydermDeleteFileOperator(task_id="t", repo=repo, path=path))
    assert content(client, deleted) == {"/a": b"A"}
    assert content(client, commit) == FILES


def test_list(client: PfsClient, repo: str, commit: str) -> None:
    client.start_commit(repo, "master")  # is not read
    assert listed(repo) == ["/a"]
    assert listed(repo, kind="dir") == ["/deep"]
    assert listed(repo, path="/deep/", kind="any") == ["/deep/b", "/deep/er"]
    assert listed(repo, recursive=True) == sorted(FILES)
    assert listed(repo, path="/deep", recursive=True, kind="any") == ["/deep/b", "/deep/er", "/deep/er/c"]
    with pytest.raises(FileNotFound):
        listed(repo, path="/missing")


def test_list_says_which_commit(client: PfsClient, repo: str, commit: str) -> None:
    task = PachydermListFilesOperator(task_id="t", repo=repo)
    context = context_of(task)
    assert task.execute(context) == ["/a"]
    assert context["ti"].xcoms["commit"] == commit


def test_glob(client: PfsClient, repo: str, commit: str) -> None:
    assert glob(repo, "/*") == ["/a"]
    assert glob(repo, "/*", kind="any") == ["/a", "/deep"]
    assert glob(repo, "/deep/*", commit=commit) == ["/deep/b"]
    assert glob(repo, "/nothing*") == []


def test_diff(client: PfsClient, repo: str, commit: str) -> None:
    assert diff(repo, commit=commit) == sorted(FILES)
    write(client, repo, {"/a": b"changed", "/new": b"N"}, delete="/deep/b")
    assert diff(repo) == ["/a", "/new"]
    assert diff(repo, changes=["changed"]) == ["/a"]
    assert diff(repo, changes=["deleted"]) == ["/deep/b"]
    assert diff(repo, path="/deep") == []
    last = write(client, repo, {"/new": b"NN"})
    assert diff(repo) == ["/new"]
    assert diff(repo, commit=last, old_commit=commit) == ["/a", "/new"]


@pytest.mark.parametrize("as_url", [True, False])
def test_long_lists(
    client: PfsClient, repo: str, commit: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, as_url: bool
) -> None:
    monkeypatch.setattr(_destinations, "MOST_LISTED", 2)
    with pytest.raises(ValueError, match="3 paths are too many"):
        listed(repo, recursive=True)
    place = f"{'file://' if as_url else ''}{tmp_path}/deep/list.json"
    task = PachydermListFilesOperator(task_id="t", repo=repo, recursive=True, manifest=place)
    assert run(task) == place
    assert sorted(json.loads((tmp_path / "deep" / "list.json").read_text())) == sorted(FILES)
