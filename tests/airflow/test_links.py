"""Links from a task to the Pachyderm console."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from airflow.providers.common.compat.sdk import TaskDeferred

from airflow_provider_pachyderm.client import Commit, PfsClient, parse_commit
from airflow_provider_pachyderm.links.pachyderm import PachydermFileLink, PachydermRepoLink, store_links
from airflow_provider_pachyderm.operators.pachyderm import (
    PachydermCreateBranchOperator,
    PachydermCreateRepoOperator,
    PachydermGetFilesOperator,
    PachydermPutFileOperator,
    PachydermStartCommitOperator,
)
from airflow_provider_pachyderm.sensors.pachyderm import (
    PachydermCommitSensor,
    PachydermCommitSetSensor,
    PachydermFileSensor,
)
from tests.support.airflow_task import context_of

CONSOLE = "https://console.example.com"


@pytest.fixture
def console(connection: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with_console = {**json.loads(connection), "extra": {"console_url": f"{CONSOLE}/"}}
    monkeypatch.setenv("AIRFLOW_CONN_PACHYDERM_DEFAULT", json.dumps(with_console))


def links_of(task: Any) -> tuple[Any, dict[str, str]]:
    """Run a task; what it returns, and the addresses it stored by the name of the link."""
    context = context_of(task)
    result = task.execute(context)
    return result, stored_links(task, context)


def stored_links(task: Any, context: dict[str, Any]) -> dict[str, str]:
    stored = context["ti"].xcoms
    return {link.name: stored[link.xcom_key] for link in task.operator_extra_links if link.xcom_key in stored}


def put(client: PfsClient, repo: str, path: str) -> str:
    with client.commit(repo, "master") as commit:
        client.put_file_bytes(commit, path, b"x")
    return str(client.inspect_commit(commit).commit)


def commit_links(commit: str) -> dict[str, str]:
    repo, identity = parse_commit(commit).repo.name, parse_commit(commit).id
    folder = f"{CONSOLE}/project/default/repos/{repo}"
    return {
        "Pachyderm branch": f"{folder}/latest?branchId=master",
        "Pachyderm commit": f"{folder}/commit/{identity}/",
    }


@pytest.mark.usefixtures("console")
def test_a_file_that_is_put(client: PfsClient, repo: str) -> None:
    commit, links = links_of(PachydermPutFileOperator(task_id="put", repo=repo, path="/dir/a b", content="A"))
    folder = f"{CONSOLE}/project/default/repos/{repo}"
    assert links == {
        "Pachyderm branch": f"{folder}/latest?branchId=master",
        "Pachyderm commit": f"{folder}/commit/{parse_commit(commit).id}/",
        "Pachyderm file": f"{folder}/commit/{parse_commit(commit).id}/dir%2Fa%20b",
    }


@pytest.mark.usefixtures("console")
def test_all_files_of_a_commit(client: PfsClient, repo: str, tmp_path: Path) -> None:
    with client.commit(repo, "master") as commit:
        client.put_file_bytes(commit, "/a", b"A")
    _, links = links_of(PachydermGetFilesOperator(task_id="get", repo=repo, destination=str(tmp_path)))
    assert set(links) == {"Pachyderm branch", "Pachyderm commit"}


@pytest.mark.parametrize(("repo", "count"), [("images", 2), ("images.meta", 0)])
def test_the_console_shows_repos_of_users_only(repo: str, count: int) -> None:
    task = PachydermCommitSensor(task_id="wait", repo=repo)
    context = context_of(task)
    store_links(context, CONSOLE, parse_commit(f"{repo}@master={'a' * 32}"))
    assert len(stored_links(task, context)) == count


@pytest.mark.usefixtures("console")
def test_repo_branch_and_open_commit(client: PfsClient, repo: str) -> None:
    _, links = links_of(PachydermCreateRepoOperator(task_id="create", repo=repo))
    assert links == {"Pachyderm repo": f"{CONSOLE}/lineage/default/repos/{repo}"}
    _, links = links_of(PachydermStartCommitOperator(task_id="start", repo=repo))
    assert set(links) == {"Pachyderm branch", "Pachyderm commit"}
    client.finish_commit((repo, "master"))
    _, links = links_of(PachydermCreateBranchOperator(task_id="branch", repo=repo, branch="v1", head="master"))
    assert links["Pachyderm branch"] == f"{CONSOLE}/project/default/repos/{repo}/latest?branchId=v1"


@pytest.mark.usefixtures("console")
def test_a_file_that_was_waited_for(client: PfsClient, repo: str) -> None:
    commit = put(client, repo, "/in/a")
    assert links_of(PachydermFileSensor(task_id="wait", repo=repo, path="/in/a")) == (
        commit,
        {**commit_links(commit), "Pachyderm file": f"{commit_links(commit)['Pachyderm commit']}in%2Fa"},
    )
    assert links_of(PachydermFileSensor(task_id="wait", repo=repo, pattern="/in/*")) == (commit, commit_links(commit))


@pytest.mark.usefixtures("console")
def test_commits_that_were_waited_for(client: PfsClient, repo: str) -> None:
    commit = put(client, repo, "/a")
    assert links_of(PachydermCommitSensor(task_id="wait", repo=repo)) == (commit, commit_links(commit))
    assert links_of(PachydermCommitSetSensor(task_id="wait", commit=commit)) == ([commit], commit_links(commit))


@pytest.mark.usefixtures("console")
def test_a_commit_that_the_triggerer_waited_for(client: PfsClient, repo: str) -> None:
    sensor = PachydermFileSensor(task_id="wait", repo=repo, path="/a", deferrable=True, timeout=100)
    before = context_of(sensor)
    with pytest.raises(TaskDeferred) as deferral:
        sensor.execute(before)
    assert stored_links(sensor, before) == {}
    commit = put(client, repo, "/a")
    after = context_of(sensor)
    event = asyncio.run(anext(deferral.value.trigger.run())).payload
    assert sensor.resume_execution("execute_complete", {"event": event}, after) == commit
    assert set(stored_links(sensor, after)) == {"Pachyderm branch", "Pachyderm commit", "Pachyderm file"}
    assert stored_links(sensor, after).items() >= commit_links(commit).items()


def test_no_console_no_links(client: PfsClient, repo: str) -> None:
    _, links = links_of(PachydermPutFileOperator(task_id="put", repo=repo, path="/a", content="A"))
    assert links == {}


def test_routes_of_other_projects_and_of_what_is_not_known() -> None:
    commit = parse_commit("team/images@master")
    assert PachydermRepoLink().route(commit, None) == "/lineage/team/repos/images"
    assert PachydermFileLink().route(commit, "/a") is None  # without a commit id
    assert PachydermFileLink().route(Commit(commit.repo, "master", "0" * 32), "/") is None
    directory = PachydermFileLink().route(Commit(commit.repo, "master", "1"), "/a/b/")
    assert directory == "/project/team/repos/images/commit/1/a%2Fb%2F"
