"""A commit that the server refuses fails the task that made it, and its branch reads as before."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from airflow.providers.common.compat.sdk import TaskDeferred

from airflow_provider_pachyderm.client import (
    CommitFailed,
    CommitNotFound,
    CommitState,
    OriginKind,
    PathConflict,
    PfsClient,
)
from airflow_provider_pachyderm.operators.pachyderm import (
    PachydermCopyFileOperator,
    PachydermFinishCommitOperator,
    PachydermPutFileOperator,
    PachydermStartCommitOperator,
)
from airflow_provider_pachyderm.tasks.identity import Marker
from tests.support.airflow_task import context_of, run


@pytest.fixture
def before(client: PfsClient, repo: str) -> list[str]:
    """A branch with a file ``/report``; its commits."""
    with client.commit(repo, "master") as commit:
        client.put_file_bytes(commit, "/report", b"good")
    return commits(client, repo)


def commits(client: PfsClient, repo: str) -> list[str]:
    return [str(info.commit.id) for info in client.list_commit(repo) if info.origin is not OriginKind.AUTO]


def reads_as_before(client: PfsClient, repo: str, before: list[str]) -> bool:
    content = client.get_files((repo, "master"), "/", recursive=True)
    return (content, commits(client, repo)) == ({"/report": b"good"}, before)


def put(repo: str, **arguments: Any) -> PachydermPutFileOperator:
    return PachydermPutFileOperator(task_id="put", repo=repo, path="/report/x", content="bad", **arguments)


def needs_judgement(client: PfsClient) -> None:
    if client.version().major < 2:
        pytest.skip("1.x servers judge when a commit is finished")


def left_failed(client: PfsClient, repo: str, description: str | None = None) -> str:
    """Leave a commit that the server refused, as whoever dies before its judgement does."""
    commit = client.start_commit(repo, "master", description=description)
    client.put_file_bytes(commit, "/report/x", b"bad")
    client.finish_commit(commit)
    assert client.inspect_commit(commit, wait=CommitState.FINISHED).state is CommitState.FAILED
    return str(commit)


def event_of(task: Any, context: dict[str, Any]) -> Any:
    """Run a task up to its deferral, and the trigger; the event, or None if it was not deferred."""
    try:
        task.execute(context)
    except TaskDeferred as deferred:
        return asyncio.run(anext(deferred.trigger.run())).payload
    raise AssertionError("the task was not deferred")


def test_put(client: PfsClient, repo: str, before: list[str]) -> None:
    with pytest.raises(PathConflict, match="report"):
        run(put(repo))
    assert reads_as_before(client, repo, before)


def test_copy(client: PfsClient, repo: str, before: list[str]) -> None:
    with pytest.raises(PathConflict, match="report"):
        run(
            PachydermCopyFileOperator(
                task_id="copy", repo=repo, path="/report/x", source_commit=f"{repo}@master", source_path="/report"
            )
        )
    assert reads_as_before(client, repo, before)


@pytest.mark.parametrize("wait_for", ["finished", "downstream"])
def test_put_that_is_deferred(
    client: PfsClient, repo: str, before: list[str], wait_for: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    needs_judgement(client)
    task = put(repo, deferrable=True, wait_for=wait_for)
    monkeypatch.setattr(task, "_is_done", lambda *_: False)  # a server that takes its time
    context = context_of(task)
    event = event_of(task, context)
    assert event["status"] == "error"
    with pytest.raises(CommitFailed, match="report"):
        task.execute_complete(context, event)
    assert reads_as_before(client, repo, before)


def test_retry_of_a_task_that_died_before_the_judgement(client: PfsClient, repo: str, before: list[str]) -> None:
    needs_judgement(client)
    task = put(repo, retries=3)
    left_failed(client, repo, Marker.of(context_of(task)).sign(None))
    task.path = "/fixed"
    commit = run(task, try_number=2)
    assert client.get_files(commit, "/", recursive=True) == {"/report": b"good", "/fixed": b"bad"}
    assert len(commits(client, repo)) == 2


def test_failed_commit_of_somebody_else_stays(client: PfsClient, repo: str, before: list[str]) -> None:
    needs_judgement(client)
    failed = left_failed(client, repo, "somebody else's")
    task = put(repo, deferrable=True)
    event = {"status": "error", "error_type": "CommitFailed", "message": "no", "reference": failed}
    with pytest.raises(CommitFailed, match="no"):
        task.execute_complete(context_of(task), event)
    assert client.inspect_commit(failed).state is CommitState.FAILED


def started(client: PfsClient, repo: str) -> str:
    commit: str = run(PachydermStartCommitOperator(task_id="start", repo=repo))
    client.put_file_bytes(commit, "/report/x", b"bad")
    return commit


def finish(commit: str, **arguments: Any) -> PachydermFinishCommitOperator:
    return PachydermFinishCommitOperator(task_id="finish", commit=commit, **arguments)


def test_finish(client: PfsClient, repo: str, before: list[str]) -> None:
    commit = started(client, repo)
    with pytest.raises(PathConflict, match="report"):
        run(finish(commit))
    assert reads_as_before(client, repo, before)
    with pytest.raises(CommitNotFound):
        run(finish(commit, retries=1), try_number=2)


def test_finish_may_keep_it(client: PfsClient, repo: str, before: list[str]) -> None:
    needs_judgement(client)
    commit = started(client, repo)
    with pytest.raises(PathConflict):
        run(finish(commit, if_failed="keep"))
    assert client.inspect_commit(commit).state is CommitState.FAILED


def test_finish_that_is_deferred(
    client: PfsClient, repo: str, before: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    needs_judgement(client)
    task = finish(started(client, repo), deferrable=True)
    monkeypatch.setattr(task, "_is_done", lambda *_: False)
    context = context_of(task)
    event = event_of(task, context)
    with pytest.raises(CommitFailed, match="report"):
        task.execute_complete(context, event)
    assert reads_as_before(client, repo, before)


@pytest.mark.parametrize("of_this_run", [True, False])
def test_finish_of_what_had_failed(client: PfsClient, repo: str, before: list[str], of_this_run: bool) -> None:
    needs_judgement(client)
    start = PachydermStartCommitOperator(task_id="start", repo=repo)
    run_id = "run-1" if of_this_run else "another"
    commit = left_failed(client, repo, Marker.of(context_of(start, run=run_id)).sign(None))
    with pytest.raises(PathConflict):
        run(finish(commit))
    assert (commit.rpartition("=")[2] in commits(client, repo)) is not of_this_run


def test_a_branch_that_was_made_for_it_goes_too(client: PfsClient, repo: str) -> None:
    folder = {"/report": b"a file", "/report/x": b"and a directory"}
    client.create_repo(f"{repo}-in")
    with client.commit(f"{repo}-in", "master") as commit:
        client.put_file_bytes(commit, "/x", b"x")
    start = run(PachydermStartCommitOperator(task_id="start", repo=repo, branch="new"))
    with pytest.raises(PathConflict):
        for path, data in folder.items():
            client.put_file_bytes(start, path, data)
        run(finish(start))
    if client.version().major > 1:  # 1.x keep what somebody else's client started
        assert client.list_branch(repo) == []
    with pytest.raises(Exception, match="missing"):
        run(PachydermCopyFileOperator(task_id="copy", repo=repo, branch="newer", path="/a", source_path="/missing",
                                      source_commit=f"{repo}-in@master"))  # fmt: skip
    assert "newer" not in [info.branch.name for info in client.list_branch(repo)]
