"""An open commit on the branch: whose it is, who takes it out of the way, and a start whose answer is lost."""

from __future__ import annotations

from enum import Enum
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.providers.common.compat.sdk import AirflowSkipException

from airflow_provider_pachyderm.client import (
    CommitFinished,
    CommitNotFinished,
    CommitState,
    OriginKind,
    PfsClient,
    Unavailable,
)
from airflow_provider_pachyderm.operators.pachyderm import (
    PachydermDropCommitOperator,
    PachydermPutFileOperator,
    PachydermStartCommitOperator,
)
from airflow_provider_pachyderm.tasks.commit_starter import CommitStarter
from airflow_provider_pachyderm.tasks.identity import Marker
from airflow_provider_pachyderm.testing.server import DevServer
from tests.support.airflow_task import context_of, run


def put(repo: str, **arguments: Any) -> PachydermPutFileOperator:
    return PachydermPutFileOperator(
        task_id="put", repo=repo, path="/a", content="x", **{"open_commit_timeout": 0.2, **arguments}
    )


def start(repo: str, **arguments: Any) -> PachydermStartCommitOperator:
    return PachydermStartCommitOperator(task_id="start", repo=repo, **{"open_commit_timeout": 0.2, **arguments})


def left_open(client: PfsClient, repo: str, task: Any, run_id: str = "yesterday") -> str:
    """Leave what a task leaves open that is killed for good."""
    commit = client.start_commit(repo, "master", description=Marker.of(context_of(task, run=run_id)).sign("about it"))
    client.put_file_bytes(commit, "/half", b"half")
    return str(commit.id)


class RunState(str, Enum):
    """How tasks of Airflow 3 are told the state of a run: its text is not the word."""

    RUNNING = "running"
    SUCCESS = "success"
    FAILED = "failed"


def told(task: Any, runs: dict[str, str], tasks: dict[str, str]) -> dict[str, Any]:
    """A context in which Airflow knows the states of other runs, and of the task in them."""
    context = context_of(task, run="today")
    ti = context["ti"]
    ti.get_dr_count = lambda dag_id, run_ids: len([run for run in run_ids if run in runs])
    ti.get_dagrun_state = lambda dag_id, run_id: RunState(runs[run_id])
    ti.get_task_states = lambda dag_id, map_index, task_ids, run_ids: {
        run: {task_ids[0]: tasks[run]} for run in run_ids if run in tasks
    }
    return context


def open_ids(client: PfsClient, repo: str) -> list[str | None]:
    return [info.commit.id for info in client.list_commit(repo) if info.state is CommitState.OPEN]


def test_the_error_says_whose_it_is_and_how_to_clean_up(client: PfsClient, repo: str) -> None:
    commit = left_open(client, repo, put(repo))
    with pytest.raises(CommitNotFinished) as caught:
        run(put(repo), run="today")
    message = str(caught.value)
    assert "task 'put' of DAG 'dag', run 'yesterday'" in message
    command = f"pachctl delete commit {commit}" if client.version().major > 1 else f"delete commit {repo}@{commit}"
    assert command in message
    assert "PachydermDropCommitOperator" in message
    assert "open_commit='drop_ours'" in message
    assert open_ids(client, repo) == [commit]


@pytest.mark.parametrize(
    ("runs", "tasks"),
    [
        ({}, {}),  # that run was deleted
        ({"yesterday": "failed"}, {"yesterday": "failed"}),
        ({"yesterday": "success"}, {"yesterday": "upstream_failed"}),
        ({"yesterday": "running"}, {"yesterday": "failed"}),
    ],
)
def test_what_a_dead_run_left_open_is_dropped(
    client: PfsClient, repo: str, runs: dict[str, str], tasks: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    left_open(client, repo, put(repo))
    task = put(repo, open_commit="drop_ours", open_commit_timeout=20)
    commit = task.execute(told(task, runs, tasks))
    assert client.get_files(commit, "/", recursive=True) == {"/a": b"x"}
    assert "run 'yesterday'" in caplog.text


@pytest.mark.parametrize("state", ["running", "deferred", "queued", "up_for_retry", "restarting"])
def test_what_another_run_still_writes_is_not(client: PfsClient, repo: str, state: str) -> None:
    commit = left_open(client, repo, put(repo))
    task = put(repo, open_commit="drop_ours")
    with pytest.raises(CommitNotFinished, match="yesterday"):
        task.execute(told(task, {"yesterday": "running"}, {"yesterday": state}))
    assert open_ids(client, repo) == [commit]


def test_what_airflow_does_not_tell_is_not(client: PfsClient, repo: str) -> None:
    left_open(client, repo, put(repo))
    task = put(repo, open_commit="drop_ours")
    context = told(task, {"yesterday": "failed"}, {})
    del context["ti"].get_task_states
    with pytest.raises(CommitNotFinished):
        task.execute(context)


def test_a_started_commit_is_left_while_its_run_goes_on(client: PfsClient, repo: str) -> None:
    commit = left_open(client, repo, start(repo))
    task = start(repo, open_commit="drop_ours", open_commit_timeout=20)
    task.open_commit_timeout = 0.2
    with pytest.raises(CommitNotFinished):  # others of its run fill it
        task.execute(told(task, {"yesterday": "running"}, {"yesterday": "success"}))
    assert open_ids(client, repo) == [commit]
    task.open_commit_timeout = 20
    assert task.execute(told(task, {"yesterday": "failed"}, {"yesterday": "success"}))[-32:] != commit


@pytest.mark.parametrize("other", ["another task", "somebody"])
def test_what_others_left_open_is_never_dropped(client: PfsClient, repo: str, other: str) -> None:
    if other == "somebody":
        commit = client.start_commit(repo, "master", description="mine").id
    else:
        commit = left_open(client, repo, PachydermPutFileOperator(task_id="other", path="/a"))
    task = put(repo, open_commit="drop_ours")
    with pytest.raises(CommitNotFinished):
        task.execute(told(task, {"yesterday": "failed"}, {"yesterday": "failed"}))
    assert open_ids(client, repo) == [commit]


def test_it_may_fail_at_once(client: PfsClient, repo: str) -> None:
    left_open(client, repo, put(repo))
    for task in (put(repo, open_commit="fail", open_commit_timeout=600), start(repo, open_commit="fail")):
        with pytest.raises(CommitNotFinished, match="yesterday"):
            run(task, run="today")
    assert run(put(repo, open_commit="fail", retries=1), run="yesterday", try_number=2)  # its own


def test_other_choices_are_refused(repo: str) -> None:
    with pytest.raises(ValueError, match="drop_ours"):
        put(repo, open_commit="drop")


class Unheard:
    """Loses the answers of StartCommit."""

    def __init__(self, client: PfsClient, times: int = 1) -> None:
        self.client = client
        self.times = times
        self._start, client.start_commit = client.start_commit, self.start_commit  # type: ignore[method-assign]

    def start_commit(self, *args: Any, **kwargs: Any) -> Any:
        commit = self._start(*args, **kwargs)
        self.times -= 1
        if self.times >= 0:
            raise Unavailable("the answer is lost")
        return commit


def test_a_start_whose_answer_is_lost_is_found(client: PfsClient, repo: str) -> None:
    Unheard(client)
    commit = CommitStarter(client, repo, "master", 1).start("of nobody else")
    assert (open_ids(client, repo), commit.branch) == ([commit.id], "master")
    client.finish_commit(commit)


def test_a_start_of_another_is_not_taken_for_it(client: PfsClient, repo: str) -> None:
    other = client.start_commit(repo, "master", description="somebody else's")

    def refuse(*_: Any, **__: Any) -> Any:
        raise Unavailable("no answer")

    client.start_commit = refuse  # type: ignore[method-assign]
    with pytest.raises(Unavailable):
        CommitStarter(client, repo, "master", 1).start("mine")
    assert open_ids(client, repo) == [other.id]


def test_below_1_6_6_such_a_commit_is_named(tmp_path: Any) -> None:
    with DevServer("1.5.3", tmp_path) as server, PfsClient(server.host, server.port) as client:
        client.create_repo("r")
        Unheard(client)
        with pytest.raises(CommitNotFinished, match="pachctl delete-commit r ") as caught:
            CommitStarter(client, "r", "master", 1).start("mine")
        (left,) = open_ids(client, "r")
        assert str(left) in str(caught.value)


def drop(commit: Any, **arguments: Any) -> PachydermDropCommitOperator:
    return PachydermDropCommitOperator(task_id="drop", commit=commit, **arguments)


@pytest.mark.parametrize("commit", [None, "", "None"])
def test_nothing_is_dropped_where_nothing_was_started(connection: str, commit: Any) -> None:
    with pytest.raises(AirflowSkipException, match="No commit was started"):
        run(drop(commit))


def test_teardown_of_what_went_well_is_skipped(client: PfsClient, repo: str) -> None:
    commit = run(put(repo))
    with pytest.raises(AirflowSkipException, match="finished"):
        run(drop(commit, if_finished="skip"))
    with pytest.raises(CommitFinished):
        run(drop(commit))
    assert client.inspect_commit(commit).origin is not OriginKind.AUTO


def test_a_mapped_task_is_told_apart(client: PfsClient, repo: str) -> None:
    task = put(repo, open_commit="drop_ours")
    mapped = context_of(task, run="yesterday")
    mapped["ti"] = SimpleNamespace(**{**vars(mapped["ti"]), "map_index": 3})
    commit = client.start_commit(repo, "master", description=Marker.of(mapped).sign(None))
    with pytest.raises(CommitNotFinished, match="map index 3"):
        task.execute(told(task, {"yesterday": "failed"}, {"yesterday": "failed"}))
    assert open_ids(client, repo) == [commit.id]
