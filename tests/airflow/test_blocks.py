"""``hook.read`` and ``hook.write``: what a block of code reads stays as it is, what it writes is one commit or none."""

from __future__ import annotations

import itertools
import logging
import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import fsspec
import pytest

from airflow_provider_pachyderm.client import (
    BranchHasNoHead,
    BranchNotFound,
    CommitDeleted,
    CommitFailed,
    CommitFinished,
    CommitInfo,
    CommitNotFinished,
    CommitNotFound,
    CommitState,
    InvalidReference,
    NotFound,
    OriginKind,
    PathConflict,
    PfsClient,
)
from airflow_provider_pachyderm.hooks.pachyderm import PachydermHook
from airflow_provider_pachyderm.tasks.blocks import CommitToWrite, writing
from airflow_provider_pachyderm.tasks.identity import Writer
from tests.support.airflow_task import context_of

ROOT = Path(__file__).parents[2]
Write = Callable[..., AbstractContextManager[CommitToWrite]]
_runs = itertools.count()


@pytest.fixture
def hook(connection: str, repo: str, monkeypatch: pytest.MonkeyPatch) -> PachydermHook:
    """By a connection of the test's own: Airflow keeps filesystems by connection."""
    monkeypatch.setenv(f"AIRFLOW_CONN_{repo.upper().replace('-', '_')}", connection)
    return PachydermHook(repo.replace("-", "_"))


class Task:
    """A task whose tries run here, each as if it were the only one of its process."""

    task_id = "block"
    retries = 3

    def __init__(self, client: PfsClient) -> None:
        self.client = client
        self.run = f"run-{next(_runs)}"

    def write(self, target: str, **options: Any) -> AbstractContextManager[CommitToWrite]:
        context: Any = context_of(
            self, run=self.run, **{k: options.pop(k) for k in ("try_number", "cleared") if k in options}
        )
        return writing(PachydermHook(), self.client, target, context=context, open_commit_timeout=5, **options)


@pytest.fixture
def task(client: PfsClient) -> Task:
    return Task(client)


def commits(client: PfsClient, repo: str) -> list[CommitInfo]:
    """What users committed, oldest first."""
    return [info for info in client.list_commit(repo) if info.origin is OriginKind.USER][::-1]


def put(commit: CommitToWrite, path: str = "/a", content: bytes = b"A") -> None:
    commit.client.put_file_bytes(commit, path, content)


def test_a_block_writes_one_commit(
    client: PfsClient, hook: PachydermHook, repo: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    with hook.write(f"{repo}@master", description="about it") as commit:
        assert commit.info is None
        assert client.inspect_commit(commit).state is CommitState.OPEN
        put(commit)
        with fsspec.open(commit.url("b"), "wb") as file:
            file.write(b"B")
        commit.path("/deep/c").write_text("C")
        assert repr(commit) == f"<CommitToWrite {commit}>"
    assert commit.info is not None
    assert commit.info.state is CommitState.FINISHED
    assert commit.info.description.startswith("about it\noutside of tasks (")
    assert [info.commit.id for info in commits(client, repo)] == [commit.commit.id]
    assert client.get_files(str(commit), "/", recursive=True) == {"/a": b"A", "/b": b"B", "/deep/c": b"C"}
    assert str(commit).endswith(f"{repo}@master={commit.commit.id}")
    assert f"Wrote commit {commit} (3 B in all) in " in caplog.text


def test_what_is_read_stays_as_it_is(client: PfsClient, hook: PachydermHook, repo: str) -> None:
    with pytest.raises((BranchHasNoHead, BranchNotFound)), hook.read(f"{repo}@master"):
        pass
    first = client.put_file_bytes((repo, "master"), "/a", b"first")
    with hook.read(f"{repo}@master") as commit:
        client.put_file_bytes((repo, "master"), "/a", b"second")
        client.start_commit(repo, "master")
        assert commit.client.get_files(commit, "/a") == {"/a": b"first"}
        assert fsspec.open(commit.url("/a")).open().read() == b"first"
        assert commit.path("a").read_bytes() == b"first"
        assert [path.name for path in commit.path().iterdir()] == ["a"]
        assert commit.info.commit == commit.commit
        assert (commit.info.state, commit.commit.id) == (CommitState.FINISHED, first.id)
        assert str(commit).endswith(f"{repo}@master={first.id}")
    for reference in (str(first), f"{repo}@{first.id}"):
        with hook.read(reference) as commit:
            assert commit.client.get_files(commit, "/a") == {"/a": b"first"}
    with hook.read(f"{repo}@master") as newest:  # the head is open
        assert newest.client.get_files(newest, "/a") == {"/a": b"second"}
    with pytest.raises(CommitNotFinished), hook.read(client.inspect_commit((repo, "master"))):
        pass


def test_a_block_that_raises_leaves_nothing(client: PfsClient, hook: PachydermHook, repo: str) -> None:
    with pytest.raises(ZeroDivisionError), hook.write(f"{repo}@master") as commit:
        put(commit)
        print(1 // 0)
    assert commits(client, repo) == []
    assert commit.info is None


def test_a_commit_that_the_server_refuses_is_gone(client: PfsClient, hook: PachydermHook, repo: str) -> None:
    with pytest.raises((CommitFailed, PathConflict)), hook.write(f"{repo}@master") as commit:
        put(commit, "/a")
        put(commit, "/a/b")
    assert commits(client, repo) == []


def test_a_retry_finds_the_commit_of_an_earlier_try(
    client: PfsClient, repo: str, task: Task, caplog: pytest.LogCaptureFixture
) -> None:
    with task.write(f"{repo}@master") as first:
        put(first)
    caplog.set_level(logging.INFO)
    other = client.put_file_bytes((repo, "master"), "/other", b"of somebody else")
    with task.write(f"{repo}@master", try_number=2) as second:
        assert second.commit.id != first.commit.id
        put(second, content=b"not the same this time")
    assert str(second) == str(first)
    assert f"Kept what an earlier try wrote, commit {first} (1 B in all) in " in caplog.text
    assert "Wrote commit" not in caplog.text
    assert second.info is not None
    assert second.info.finished is not None
    assert [info.commit.id for info in commits(client, repo)] == [first.commit.id, other.id]
    assert client.get_files((repo, "master"), "/") == {"/a": b"A", "/other": b"of somebody else"}


def test_a_retry_that_fails_leaves_the_commit_of_an_earlier_try(client: PfsClient, repo: str, task: Task) -> None:
    with task.write(f"{repo}@master") as first:
        put(first)
    with pytest.raises(ZeroDivisionError), task.write(f"{repo}@master", try_number=2) as second:
        put(second, content=b"half")
        print(1 // 0)
    assert client.get_files((repo, "master"), "/") == {"/a": b"A"}
    assert [info.commit.id for info in commits(client, repo)] == [first.commit.id]


def test_a_task_that_is_cleared_writes_again(client: PfsClient, repo: str, task: Task) -> None:
    with task.write(f"{repo}@master") as first:
        put(first)
    with task.write(f"{repo}@master", try_number=2, cleared=1) as second:
        put(second, content=b"again")
    assert [info.commit.id for info in commits(client, repo)] == [first.commit.id, second.commit.id]


def test_blocks_of_a_task_make_a_commit_each(client: PfsClient, repo: str, task: Task) -> None:
    """Also in a retry, which knows them by their order."""
    with task.write(f"{repo}@master") as one:
        put(one, "/1", b"1")
    with pytest.raises(ZeroDivisionError), task.write(f"{repo}@master") as two:
        print(1 // 0)
    with task.write(f"{repo}@master", try_number=2) as one_again:
        put(one_again, "/1", b"1")
    with task.write(f"{repo}@master", try_number=2) as two:
        put(two, "/2", b"2")
    with task.write(f"{repo}@other", try_number=2) as other:
        put(other, "/3", b"3")
    with task.write(f"{repo}@master", try_number=3), task.write(f"{repo}@other", try_number=3):
        pass
    with task.write(f"{repo}@master", try_number=3) as two_again:
        pass
    assert [str(one_again), str(two_again)] == [str(one), str(two)]
    descriptions = [info.description.rpartition("generation ")[2] for info in commits(client, repo)]
    assert descriptions == ["0", "0 part 2", "0"]
    assert all(Writer.signed(info) == Writer("dag", task.run, "block", -1) for info in commits(client, repo))
    assert client.get_files((repo, "master"), "/") == {"/1": b"1", "/2": b"2"}


def test_a_block_in_a_block_on_one_branch_is_refused(client: PfsClient, repo: str, task: Task) -> None:
    with task.write(f"{repo}@master") as outer:
        put(outer)
        with pytest.raises(CommitNotFinished, match="this same process"), task.write(f"{repo}@master"):
            pass
    assert client.get_files((repo, "master"), "/") == {"/a": b"A"}


def test_an_open_commit_that_is_given_stays_open(client: PfsClient, repo: str, task: Task) -> None:
    given = client.start_commit(repo, "master")
    with pytest.raises(ZeroDivisionError), task.write(str(given)) as commit:
        put(commit)
        print(1 // 0)
    with task.write(str(given), try_number=2) as commit:
        put(commit, "/b", b"B")
        assert str(commit).endswith(f"@master={given.id}")
    assert client.inspect_commit(given).state is CommitState.OPEN
    client.finish_commit(given, wait=True)
    assert client.get_files((repo, "master"), "/") == {"/a": b"A", "/b": b"B"}
    with pytest.raises(CommitFinished, match="does not accept any more"), task.write(str(given)):
        pass


def test_another_writers_commit_is_waited_for(client: PfsClient, repo: str, task: Task) -> None:
    client.start_commit(repo, "master", description="of somebody else")
    with pytest.raises(CommitNotFinished, match="of somebody else"), task.write(f"{repo}@master", open_commit="fail"):
        pass


@pytest.mark.parametrize("target", ["{repo}", "{repo}@master^", "@master", 5])
def test_what_is_no_branch_is_refused(client: PfsClient, repo: str, task: Task, target: Any) -> None:
    target = target.format(repo=repo) if isinstance(target, str) else target
    with pytest.raises(InvalidReference), task.write(target):
        pass


def test_a_block_may_give_up_its_commit(client: PfsClient, repo: str, task: Task) -> None:
    with pytest.raises((NotFound, CommitDeleted, CommitNotFound)), task.write(f"{repo}@master") as commit:
        put(commit)
        commit.drop()
    assert commits(client, repo) == []


PROGRAM = """
import os, signal, sys
from airflow_provider_pachyderm.hooks.pachyderm import PachydermHook
from airflow_provider_pachyderm.tasks.blocks import writing
from tests.airflow.test_blocks import Task
where, repo, run = sys.argv[1:]
with PachydermHook().client() as client:
    task = Task(client)
    task.run = run
    with task.write(repo + "@master") as commit:
        client.put_file_bytes(commit, "/half", b"half")
        if where == "inside":
            os.kill(os.getpid(), signal.SIGKILL)
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize("where", ["inside", "after"])
def test_a_task_that_is_killed_is_retried_into_one_commit(client: PfsClient, repo: str, task: Task, where: str) -> None:
    program = [sys.executable, "-c", PROGRAM, where, repo, task.run]
    assert subprocess.run(program, cwd=ROOT, check=False).returncode == -9
    (left,) = commits(client, repo)
    assert left.state is (CommitState.OPEN if where == "inside" else CommitState.FINISHED)
    with task.write(f"{repo}@master", try_number=2) as commit:
        put(commit, "/whole", b"whole")
    (info,) = commits(client, repo)
    assert info.state is CommitState.FINISHED
    assert (info.commit.id == left.commit.id) is (where == "after")
    expected = {"/whole": b"whole"} if where == "inside" else {"/half": b"half"}
    assert client.get_files(commit, "/") == expected
