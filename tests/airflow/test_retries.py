"""A task that fails, is killed, retried or cleared leaves one commit, whole or not at all."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from airflow_provider_pachyderm.client import CommitNotFinished, CommitState, OriginKind, PfsClient
from airflow_provider_pachyderm.hooks.pachyderm import PachydermHook
from airflow_provider_pachyderm.operators.pachyderm import PachydermPutFileOperator
from airflow_provider_pachyderm.tasks.commits import TaskCommits
from airflow_provider_pachyderm.tasks.identity import Marker, Writer
from tests.support.airflow_task import context_of

ROOT = Path(__file__).parents[2]


def put(repo: str, content: str = "whole", *, timeout: float = 5, **context: Any) -> str:
    task = PachydermPutFileOperator(
        task_id="put", repo=repo, path="/a", content=content, retries=3, open_commit_timeout=timeout
    )
    commit: str = task.execute(context_of(task, **context))
    return commit


def put_appending(repo: str, **context: Any) -> str:
    task = PachydermPutFileOperator(task_id="put", repo=repo, path="/a", content="x", append=True, retries=3)
    commit: str = task.execute(context_of(task, **context))
    return commit


def left_open(client: PfsClient, repo: str) -> None:
    """Leave what a first try leaves that died after putting half of its data."""
    task = PachydermPutFileOperator(task_id="put", path="/a", retries=3)
    commit = client.start_commit(repo, "master", description=Marker.of(context_of(task)).sign("about it"))
    client.put_file_bytes(commit, "/half", b"half")


def commits(client: PfsClient, repo: str) -> list[str]:
    """What users committed; a 2.x branch whose only commit was dropped gets an empty one from the server."""
    infos = client.list_commit(repo, to_commit="master")
    return [str(info.commit.id) for info in infos if info.origin is OriginKind.USER]


def test_retry_finds_the_commit_of_an_earlier_try(client: PfsClient, repo: str) -> None:
    first = put_appending(repo)
    for _ in range(3):  # others write meanwhile
        with client.commit(repo, "master") as commit:
            client.put_file_bytes(commit, "/other", b"other")
    assert put_appending(repo, try_number=2) == first
    assert len(commits(client, repo)) == 4
    assert client.get_files((repo, "master"), "/a") == {"/a": b"x"}


def test_clear_writes_again(client: PfsClient, repo: str) -> None:
    first = put(repo, "one")
    second = put(repo, "two", try_number=2, cleared=1)
    assert first != second
    assert client.get_files(second, "/a") == {"/a": b"two"}
    assert put(repo, "three", try_number=3, cleared=1) == second


def test_other_runs_write_again(client: PfsClient, repo: str) -> None:
    assert put(repo, run="run-1") != put(repo, run="run-2", try_number=2)
    assert len(commits(client, repo)) == 2


@pytest.mark.parametrize("context", [{"try_number": 2}, {"try_number": 2, "cleared": 1}], ids=["retry", "clear"])
def test_commit_left_open_is_dropped(client: PfsClient, repo: str, context: dict[str, int]) -> None:
    left_open(client, repo)
    commit = put(repo, **context)
    assert client.get_files(commit, "/") == {"/a": b"whole"}
    assert len(commits(client, repo)) == 1


def test_error_on_the_way_drops_the_commit(client: PfsClient, repo: str, tmp_path: Path) -> None:
    (tmp_path / "good").write_text("good")
    (tmp_path / "tab\t").write_text("no such path in Pachyderm")
    before = put(repo, run="before")
    task = PachydermPutFileOperator(task_id="bad", repo=repo, path="/", source=tmp_path)
    with pytest.raises(ValueError, match="tab"):
        task.execute(context_of(task))
    assert client.get_files((repo, "master"), "/") == {"/a": b"whole"}
    assert [f"{before.partition('=')[2]}"] == commits(client, repo)


def test_waits_for_the_commit_of_another_writer(client: PfsClient, repo: str) -> None:
    other = client.start_commit(repo, "master", description="somebody else's")
    client.put_file_bytes(other, "/other", b"other")
    timer = threading.Timer(0.5, client.finish_commit, [other])
    timer.start()
    commit = put(repo, timeout=20)
    timer.join()
    assert client.get_files(commit, "/") == {"/a": b"whole", "/other": b"other"}


def test_gives_up_on_the_commit_of_another_writer(client: PfsClient, repo: str) -> None:
    other = client.start_commit(repo, "master", description="somebody else's")
    with pytest.raises(CommitNotFinished, match="somebody else's") as caught:
        put(repo, timeout=0.2)
    assert str(other.id) in str(caught.value)
    assert client.inspect_commit(other).state is CommitState.OPEN  # it is never deleted


def test_tasks_at_once_on_one_branch(client: PfsClient, repo: str) -> None:
    def put_one(number: int) -> None:
        hook, marker = PachydermHook(), Marker(Writer("d", "r", f"task-{number}", -1), 0)
        with hook.client() as own:
            commits = TaskCommits(hook, own, repo, "master", marker, timeout=60)
            commits.write(None, lambda commit: own.put_file_bytes(commit, f"/{number}", b"x"))

    with ThreadPoolExecutor(6) as tasks:
        list(tasks.map(put_one, range(6)))
    assert len(commits(client, repo)) == 6
    assert client.get_files((repo, "master"), "/") == {f"/{number}": b"x" for number in range(6)}


PROGRAM = """
import json, signal, sys
class Terminated(BaseException): pass
from tests.support.airflow_task import context_of
from airflow_provider_pachyderm.operators.pachyderm import PachydermPutFileOperator
task = PachydermPutFileOperator(retries=3, **json.loads(sys.argv[1]))
def handler(*_):
    task.on_kill()
    if sys.argv[2] == "2":  # Airflow 2 raises in the handler, Airflow 3 does not
        raise Terminated
signal.signal(signal.SIGTERM, handler)
task.execute(context_of(task))
"""


@contextmanager
def uploading(repo: str, tmp_path: Path, airflow: str = "3") -> Iterator[subprocess.Popen[str]]:
    """A task in its own process that has put half of a file and waits for the rest."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    arguments = json.dumps({"task_id": "put", "repo": repo, "path": "/a", "source": str(pipe)})
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM, arguments, airflow], cwd=ROOT, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            with pipe.open("wb", buffering=0) as half:
                half.write(b"x" * 5_000_000)
                yield process
        finally:
            process.kill()


def test_task_that_is_killed_hard_is_retried_into_one_commit(client: PfsClient, repo: str, tmp_path: Path) -> None:
    with uploading(repo, tmp_path) as process:
        process.kill()
        process.wait()
    assert client.inspect_commit((repo, "master")).state is CommitState.OPEN
    commit = put(repo, try_number=2)
    assert client.get_files(commit, "/") == {"/a": b"whole"}
    assert len(commits(client, repo)) == 1


@pytest.mark.parametrize("airflow", ["2", "3"])
def test_task_that_is_told_to_stop_drops_its_commit_in_time(
    client: PfsClient, repo: str, tmp_path: Path, airflow: str
) -> None:
    with uploading(repo, tmp_path, airflow) as process:
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=30)
        assert time.monotonic() - began < 5  # then Airflow 3 sends SIGKILL
        assert process.returncode == 1, errors
        assert ("Terminated" if airflow == "2" else "ClientClosed") in errors
    assert all(info.state is not CommitState.OPEN for info in client.list_commit(repo))
    assert client.get_files(put(repo, try_number=2), "/") == {"/a": b"whole"}
