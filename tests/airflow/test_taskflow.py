"""``@task.pachyderm``, as Airflow runs it: its commits, its XComs, retries, and what it refuses."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from airflow_provider_pachyderm._compat import require_partition_keys
from airflow_provider_pachyderm.client import BranchHasNoHead, CommitInfo, CommitState, NotFound, OriginKind, PfsClient
from airflow_provider_pachyderm.operators.pachyderm import PachydermPutFileOperator
from tests.support.airflow_runs import AirflowRuns
from tests.support.airflow_task import context_of

DAGS = Path(__file__).with_name("dags")
ROOT = Path(__file__).parents[2]


def commits(client: PfsClient, repo: str, branch: str) -> list[CommitInfo]:
    try:
        infos = list(client.list_commit(repo, to_commit=branch))
    except (NotFound, BranchHasNoHead):  # a branch that was made for a commit goes with it
        return []
    return [info for info in infos if info.origin is OriginKind.USER]


@pytest.mark.airflow
def test_functions_get_commits_and_pass_them_on(
    airflow_runs: AirflowRuns, client: PfsClient, connection: str, repo: str
) -> None:
    run = airflow_runs.run(DAGS / "commits_of_functions.py", "commits_of_functions", {"repo": repo}, connection)
    assert run, run
    assert run.tasks.pop("skipped") == ["skipped"]
    assert commits(client, repo, "skipped") == []
    if run.tasks.pop("asynchronous", None):
        assert client.get_files((repo, "asynchronous"), "/") == {"/a": b"A"}
    assert {task: len(states) for task, states in run.tasks.items()} == {
        "put": 1, "both": 1, "compare": 1, "check": 1, "mapped": 2,
    }  # fmt: skip
    assert client.get_files((repo, "upper"), "/") == {"/a": b"AA"}
    assert client.get_files((repo, "lower"), "/") == {"/a": b"aa"}
    assert [len(commits(client, repo, branch)) for branch in ("in", "upper", "lower", "mapped", "checked")] == [
        1, 1, 1, 2, 1,
    ]  # fmt: skip
    assert '"task":"both"' in commits(client, repo, "upper")[0].description
    assert '"map":' in commits(client, repo, "mapped")[0].description
    assert client.get_files((repo, "mapped"), "/")["/same"] in (b"AA", b"aa")


@pytest.mark.airflow
def test_asset_events_say_which_commit_they_are_about(
    airflow_runs: AirflowRuns, client: PfsClient, connection: str, repo: str
) -> None:
    run = airflow_runs.run(DAGS / "keyed_events.py", "keyed_events", {"repo": repo}, connection)
    assert run, run
    ids = {branch: commits(client, repo, branch)[0].commit.id for branch in ("master", "other", "one", "two")}
    shown = [
        ("put", "master", "finished"), ("put_too", "master", "finished"), ("into", "other", "open"),
        ("finish", "other", "finished"), ("function", "one", "finished"), ("function", "two", "finished"),
    ]  # fmt: skip
    for asset, branch, state in shown:
        assert f"Said of {asset}: {ids[branch]}, {state}." in run.log
    if find_spec("airflow.sdk") is None:
        return  # dag.test() of Airflow 2 makes no events
    said = {asset: extra["commit_info"] for asset, _, extra in run.events}
    assert said.keys() == {"put", "put_too", "into", "finish", "function"}
    assert said["put"] == said["put_too"]
    assert (said["put"]["id"], said["put"]["state"], said["put"]["size_bytes"]) == (ids["master"], "finished", 1)
    assert (said["into"]["id"], said["into"]["state"]) == (ids["other"], "open")
    assert (said["finish"]["id"], said["finish"]["state"]) == (ids["other"], "finished")
    assert {name: info["id"] for name, info in said["function"].items()} == {"one": ids["one"], "two": ids["two"]}
    keyed = {"put": {ids["master"]}, "put_too": {ids["master"]}, "finish": {ids["other"]}}
    expected = {**keyed, "function": {ids["one"], ids["two"]}} if can_have_keys() else {}
    found: dict[str, set[str]] = {}
    for asset, key, _ in run.events:
        if key:
            found.setdefault(asset, set()).add(key)
    assert found == expected


def can_have_keys() -> bool:
    try:
        require_partition_keys("this")
    except ValueError:
        return False
    return True


def test_a_key_is_refused_where_there_can_be_none(client: PfsClient, repo: str) -> None:
    options: Any = {"repo": repo, "path": "/a", "content": "A", "partition_by_commit": True}
    if not can_have_keys():
        with pytest.raises(ValueError, match=r"partition_by_commit needs Airflow 3\.3"):
            PachydermPutFileOperator(task_id="put", **options)
        return
    del options["repo"]
    task = PachydermPutFileOperator(task_id="put", commit=str(client.start_commit(repo, "master")), **options)
    with pytest.raises(ValueError, match="is still open when this task has ended"):
        task.execute(context_of(task))


PROGRAM = """
import signal, sys, time
from airflow_provider_pachyderm.decorators._task import _PachydermTask
from tests.support.airflow_task import context_of

def slow(out):
    out.client.put_file_bytes(out, "/a", b"half")
    print("begun", flush=True)
    time.sleep(60)

task = _PachydermTask(task_id="slow", python_callable=slow, writes={"out": sys.argv[1] + "@master"})
signal.signal(signal.SIGTERM, lambda *_: task.on_kill())  # as Airflow 3 does, which raises nothing
task.execute(context_of(task))
"""


def test_a_function_that_is_told_to_stop_leaves_no_commit_open(client: PfsClient, repo: str) -> None:
    """Airflow 3 sends SIGKILL 5 s after SIGTERM, and a function that computes hears of neither."""
    command = [sys.executable, "-c", PROGRAM, repo]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        try:
            while "begun" not in process.stdout.readline():
                assert process.poll() is None
            assert client.inspect_commit((repo, "master")).state is CommitState.OPEN
            began = time.monotonic()
            process.send_signal(signal.SIGTERM)
            while commits(client, repo, "master") and time.monotonic() - began < 5:
                time.sleep(0.05)
        finally:
            process.kill()
    assert commits(client, repo, "master") == []


@pytest.mark.airflow
@pytest.mark.thorough
def test_functions_that_are_killed_are_retried_into_one_commit(
    airflow_runs: AirflowRuns, client: PfsClient, connection: str, repo: str
) -> None:
    run = airflow_runs.run(DAGS / "killed_functions.py", "killed_functions", {"repo": repo}, connection)
    assert run, run
    assert run.log.count("This try was killed") >= 2
    expected = {"inside": "/try-2", "one": "/try-1", "two": "/try-1", "plain": "/try-1"}
    for branch, path in expected.items():
        (info,) = commits(client, repo, branch)
        assert info.state is CommitState.FINISHED
        assert client.get_files((repo, branch), "/") == {path: b"x"}, branch
