"""Retries as Airflow makes them, and what it runs again when a user clears it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from airflow_provider_pachyderm.client import CommitInfo, CommitState, OriginKind, PfsClient
from tests.support.airflow_runs import AirflowRuns

pytestmark = [pytest.mark.airflow, pytest.mark.thorough]
DAGS = Path(__file__).with_name("dags")


def test_a_killed_task_is_retried_into_one_commit_and_mapped_ones_make_one_each(
    airflow_runs: AirflowRuns, client: PfsClient, connection: str, repo: str
) -> None:
    run = airflow_runs.run(DAGS / "retried_puts.py", "retried_puts", {"repo": repo}, connection)
    assert run, run
    assert "This try was killed" in run.log
    assert run.log.count("Dropping commit") == 1
    infos = [info for info in client.list_commit(repo) if info.origin is OriginKind.USER]
    assert [info.state for info in infos] == [CommitState.FINISHED] * 6
    assert len({info.description for info in infos}) == 6
    expected = {f"/{number}": f"content {number}".encode() for number in range(5)}
    assert client.get_files((repo, "master"), "/") == {"/killed": b"whole", **expected}


def test_a_killed_task_that_writes_through_a_path_is_retried_into_one_commit(
    airflow_runs: AirflowRuns, client: PfsClient, connection: str, repo: str
) -> None:
    run = airflow_runs.run(DAGS / "retried_paths.py", "retried_paths", {"repo": repo}, connection)
    assert run, run
    assert "This try was killed" in run.log
    assert run.log.count("Dropping commit") == 1
    assert [info.state for info in client.list_commit(repo) if info.origin is OriginKind.USER] == [CommitState.FINISHED]
    assert client.get_files((repo, "master"), "/") == {"/a": b"x" * 9_000_000}


def test_a_task_that_is_cleared_makes_another_commit(
    airflow_runs: AirflowRuns, client: PfsClient, connection: str, repo: str
) -> None:
    run = airflow_runs.run(DAGS / "cleared_put.py", "cleared_put", {"repo": repo}, connection, cleared=["again"])
    assert run, run
    infos = [info for info in client.list_commit(repo) if info.origin is OriginKind.USER]
    assert [info.state for info in infos] == [CommitState.FINISHED] * 3
    assert [marker_of(info) for info in reversed(infos)] == [("again", 0), ("once", 0), ("again", 1)]
    assert client.get_files((repo, "master"), "/") == {"/again": b"try 2", "/once": b"try 1"}


def marker_of(info: CommitInfo) -> tuple[str, int]:
    """What the provider noted in a commit's description: the task, and how often it had been cleared."""
    _, names, _, generation = info.description.splitlines()[-1].split(" ")
    return json.loads(names)["task"], int(generation)
