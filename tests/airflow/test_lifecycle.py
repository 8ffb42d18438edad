"""Operators for repos, branches and commits: what they do, and do again when they are retried."""

from __future__ import annotations

from typing import Any

import pytest

from airflow_provider_pachyderm.client import (
    AlreadyExists,
    BranchNotFound,
    CommitFinished,
    CommitNotFinished,
    CommitNotFound,
    CommitState,
    Conflict,
    NotFound,
    PathConflict,
    PfsClient,
    ProjectNotFound,
    RepoNotFound,
    Unsupported,
    parse_commit,
)
from airflow_provider_pachyderm.operators.pachyderm import (
    PachydermCreateBranchOperator,
    PachydermCreateProjectOperator,
    PachydermDeleteBranchOperator,
    PachydermDeleteProjectOperator,
    PachydermDeleteRepoOperator,
    PachydermDropCommitOperator,
    PachydermFinishCommitOperator,
    PachydermPutFileOperator,
    PachydermStartCommitOperator,
)
from tests.support.airflow_task import context_of, run

MISSING = "0123456789ab4def8123456789abcdef"


def write(client: PfsClient, repo: str, branch: str, content: bytes = b"x") -> str:
    with client.commit(repo, branch) as commit:
        client.put_file_bytes(commit, "/a", content)
    return str(client.inspect_commit(commit).commit)


def create_branch(repo: str, branch: str, head: str | None = None, if_exists: str = "move") -> Any:
    return run(PachydermCreateBranchOperator(task_id="b", repo=repo, branch=branch, head=head, if_exists=if_exists))


def delete_branch(repo: str, branch: str, **arguments: Any) -> Any:
    return run(PachydermDeleteBranchOperator(task_id="b", repo=repo, branch=branch, **arguments))


def delete_repo(repo: str, **arguments: Any) -> Any:
    return run(PachydermDeleteRepoOperator(task_id="t", repo=repo, **arguments))


def start(repo: str, *, timeout: float = 5, **context: Any) -> str:
    task = PachydermStartCommitOperator(
        task_id="start", repo=repo, description="about it", retries=3, open_commit_timeout=timeout
    )
    commit: str = run(task, **context)
    return commit


def put(commit: str, path: str) -> None:
    run(PachydermPutFileOperator(task_id="put", commit=commit, path=path, content="x"))


def finish(commit: str, **arguments: Any) -> Any:
    return run(PachydermFinishCommitOperator(task_id="finish", commit=commit, **arguments))


def drop(commit: str, **arguments: Any) -> Any:
    return run(PachydermDropCommitOperator(task_id="drop", commit=commit, **arguments))


def create_project(project: str, description: str, if_exists: str = "skip") -> Any:
    return run(
        PachydermCreateProjectOperator(task_id="p", project=project, description=description, if_exists=if_exists)
    )


def delete_project(project: str, **arguments: Any) -> Any:
    return run(PachydermDeleteProjectOperator(task_id="p", project=project, **arguments))


def test_projects(client: PfsClient, repo: str) -> None:
    if client.version().major < 2:
        with pytest.raises(Unsupported):
            create_project("p", "one")
        return
    project = f"p-{repo}"
    assert create_project(project, "one") == create_project(project, "two") == project
    assert client.inspect_project(project).description == "one"
    create_project(project, "three", "update")
    assert client.inspect_project(project).description == "three"
    with pytest.raises(AlreadyExists):
        create_project(project, "four", "fail")
    client.create_repo(f"{project}/r")
    with pytest.raises(Conflict):
        delete_project(project)
    assert delete_project(project, force=True) == delete_project(project) == project
    with pytest.raises(ProjectNotFound):
        delete_project(project, if_missing="fail")


def test_delete_repo(client: PfsClient, repo: str) -> None:
    name = str(client.inspect_repo(repo).repo)
    assert delete_repo(repo) == name
    with pytest.raises(RepoNotFound):
        client.inspect_repo(repo)
    assert delete_repo(repo) == repo
    with pytest.raises(RepoNotFound):
        delete_repo(repo, if_missing="fail")


def test_repo_that_others_are_made_from_is_deleted_by_force(client: PfsClient, repo: str) -> None:
    write(client, repo, "master")
    client.create_repo(f"{repo}-out")
    client.create_branch(f"{repo}-out", "master", provenance=[(repo, "master")])
    with pytest.raises(Conflict):
        delete_repo(repo)
    delete_repo(repo, force=True)
    with pytest.raises(RepoNotFound):
        client.inspect_repo(repo)


def test_move_master_to_staging(client: PfsClient, repo: str) -> None:
    write(client, repo, "master", b"old")
    staged = write(client, repo, "staging", b"new")
    for head in (staged, "staging", str(parse_commit(staged).id), f"{repo}@staging"):
        moved = create_branch(repo, "master", head)
        assert parse_commit(moved) == parse_commit(staged.replace("@staging", "@master"))
    assert client.get_files((repo, "master"), "/a") == {"/a": b"new"}


def test_create_branch_that_exists(client: PfsClient, repo: str) -> None:
    old, new = write(client, repo, "master", b"old"), write(client, repo, "staging", b"new")
    assert create_branch(repo, "master") == old
    assert create_branch(repo, "master", new, "skip") == old
    with pytest.raises(AlreadyExists, match="master"):
        create_branch(repo, "master", new, "fail")
    assert create_branch(repo, "third", new, "fail") == new.replace("@staging", "@third")


def test_create_branch_in_unknown_places(client: PfsClient, repo: str) -> None:
    empty = create_branch(repo, "empty")
    assert empty.startswith(f"{client.inspect_repo(repo).repo}@empty")
    with pytest.raises(NotFound):
        create_branch(repo, "master", MISSING)
    with pytest.raises(RepoNotFound):
        create_branch(f"{repo}-missing", "master")


def test_moved_branch_keeps_what_it_is_made_from(client: PfsClient, repo: str) -> None:
    write(client, repo, "master")
    client.create_repo(f"{repo}-out")
    client.create_branch(f"{repo}-out", "master", provenance=[(repo, "master")])
    sources = client.inspect_branch(f"{repo}-out", "master").provenance
    assert sources
    head = client.inspect_branch(f"{repo}-out", "master").head
    create_branch(f"{repo}-out", "master", head and str(head))
    assert client.inspect_branch(f"{repo}-out", "master").provenance == sources


def test_delete_branch(client: PfsClient, repo: str) -> None:
    commit = write(client, repo, "old")
    assert delete_branch(repo, "old") == commit.partition("=")[0]
    with pytest.raises(BranchNotFound):
        client.inspect_branch(repo, "old")
    assert client.inspect_commit((repo, str(parse_commit(commit).id))).state is CommitState.FINISHED
    assert delete_branch(repo, "old") == f"{repo}@old"
    with pytest.raises(BranchNotFound):
        delete_branch(repo, "old", if_missing="fail")
    with pytest.raises(RepoNotFound):
        delete_branch(f"{repo}-missing", "old")


def test_many_tasks_put_into_one_commit(client: PfsClient, repo: str) -> None:
    commit = start(repo)
    for number in range(4):
        put(commit, f"/{number}")
    task = PachydermFinishCommitOperator(task_id="finish", commit=commit)
    context = context_of(task)
    assert task.execute(context) == commit
    assert context["ti"].xcoms["commit_info"]["state"] == "finished"
    assert client.inspect_commit(commit).description.splitlines()[0] == "about it"
    assert client.get_files((repo, "master"), "/") == {f"/{number}": b"x" for number in range(4)}
    assert finish(commit) == commit  # a retry


def test_start_is_done_once(client: PfsClient, repo: str) -> None:
    first = start(repo)
    put(first, "/a")
    assert start(repo, try_number=2) == first
    cleared = start(repo, try_number=3, cleared=2)
    assert cleared != first
    with pytest.raises(NotFound):
        client.inspect_commit((repo, str(parse_commit(first).id)))
    finish(cleared)
    again = start(repo, try_number=4, cleared=2)
    assert again != cleared
    assert client.get_files(finish(again), "/") == {}


def test_start_waits_for_others(client: PfsClient, repo: str) -> None:
    other = client.start_commit(repo, "master", description="somebody else's")
    for try_number in (1, 2):
        with pytest.raises(CommitNotFinished, match="somebody else's"):
            start(repo, timeout=0, try_number=try_number)
    client.finish_commit(other)
    assert start(repo)


def test_finish_replaces_the_description(client: PfsClient, repo: str) -> None:
    commit = finish(start(repo), description="better")
    assert client.inspect_commit(commit).description == "better"


def test_content_that_is_refused_blocks_nobody(client: PfsClient, repo: str) -> None:
    commit = start(repo)
    put(commit, "/a")
    put(commit, "/a/b")
    with pytest.raises(PathConflict):
        finish(commit)
    assert finish(start(repo, run="next"))


def test_drop(client: PfsClient, repo: str) -> None:
    kept = write(client, repo, "master")
    commit = start(repo)
    put(commit, "/half")
    assert drop(commit) == commit
    assert client.get_files((repo, "master"), "/") == {"/a": b"x"}
    assert drop(commit) == commit
    with pytest.raises(NotFound):
        drop(commit, if_missing="fail")
    with pytest.raises(CommitFinished):
        drop(kept)
    with pytest.raises(CommitNotFound):
        drop(f"{repo}@{MISSING}", if_missing="fail")


def test_drop_leaves_a_failed_commit(client: PfsClient, repo: str) -> None:
    if client.version().major < 2:
        pytest.skip("1.x commits do not fail")
    failed = client.start_commit(repo, "master")
    client.finish_commit(failed, error="spoilt")
    client.inspect_commit(failed, wait=CommitState.FINISHED)
    assert drop(str(failed)) == str(failed)
    assert client.inspect_commit(failed).error == "spoilt"
