"""The commit sensor against a server: what counts as an arrival, in every mode."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from airflow_provider_pachyderm._compat import AirflowSensorTimeout
from airflow_provider_pachyderm.client import CommitFailed, CommitNotFound, PfsClient, RepoNotFound
from airflow_provider_pachyderm.sensors.pachyderm import PachydermCommitSensor
from airflow_provider_pachyderm.triggers.pachyderm import PachydermCommitTrigger
from tests.support.airflow_task import context_of

MISSING = "0123456789ab4def8123456789abcdef"


def finished(client: PfsClient, repo: str, branch: str = "master") -> str:
    with client.commit(repo, branch) as commit:
        client.put_file_bytes(commit, "/a", b"x")
    return str(client.inspect_commit(commit).commit)


def poke(due: datetime | None = None, **arguments: Any) -> str | None:
    """Poke as reschedule mode does: a sensor that remembers nothing, the context of the same run."""
    sensor = PachydermCommitSensor(task_id="wait", **arguments)
    result = sensor.poke(context_of(sensor, due=due))
    return str(result.xcom_value) if result else None


def now() -> datetime:
    return datetime.now(timezone.utc)


def test_start_point_is_the_run(client: PfsClient, repo: str) -> None:
    finished(client, repo)
    due = now()
    assert poke(due, repo=repo) is None
    first = finished(client, repo)
    finished(client, repo)
    assert poke(due, repo=repo) == first  # the oldest
    assert poke(due, repo=repo) == first  # of every poke
    assert poke(now(), repo=repo) is None  # but of the next run no more


def test_after(client: PfsClient, repo: str) -> None:
    first = finished(client, repo)
    assert poke(now(), repo=repo, after=now() - timedelta(minutes=1)) == first
    assert poke(now(), repo=repo, after=str(now() - timedelta(minutes=1))) == first
    assert poke(repo=repo, after=now().isoformat()) is None


def test_from_commit(client: PfsClient, repo: str) -> None:
    commits = [finished(client, repo) for _ in range(3)]
    assert poke(now(), repo=repo, from_commit=commits[0]) == commits[1]
    assert poke(repo=repo, from_commit=commits[2]) is None


def test_from_commit_that_is_gone_goes_by_time(client: PfsClient, repo: str, caplog: pytest.LogCaptureFixture) -> None:
    finished(client, repo)
    due = now()
    assert poke(due, repo=repo, from_commit=f"{repo}@{MISSING}") is None
    assert "no longer exists" in caplog.text
    new = finished(client, repo)
    assert poke(due, repo=repo, from_commit=f"{repo}@{MISSING}") == new


def test_given_commit(client: PfsClient, repo: str) -> None:
    commit = client.start_commit(repo, "master")
    assert poke(commit=str(commit)) is None
    client.finish_commit(commit, wait=True)
    assert poke(commit=str(commit)) == str(commit)
    with pytest.raises(CommitNotFound):
        poke(commit=f"{repo}@{MISSING}")


def test_branch_need_not_exist_but_the_repo_must(client: PfsClient, repo: str) -> None:
    assert poke(repo=repo, branch="later") is None
    with pytest.raises(RepoNotFound):
        poke(repo=f"{repo}-missing")


def test_open_commit_and_new_branch_are_no_arrivals(client: PfsClient, repo: str) -> None:
    client.start_commit(repo, "master")
    client.create_branch(repo, "new")
    assert poke(repo=repo) is None
    assert poke(repo=repo, branch="new") is None


def test_failed_commits(client: PfsClient, repo: str, caplog: pytest.LogCaptureFixture) -> None:
    if client.version().major < 2:
        pytest.skip("1.x commits do not fail")
    failed = client.start_commit(repo, "master")
    client.finish_commit(failed, error="spoilt", wait=False)
    with pytest.raises(CommitFailed):
        client.wait_commit(failed)
    assert poke(repo=repo) is None
    assert "spoilt" in caplog.text
    good = finished(client, repo)
    assert poke(repo=repo) == good
    with pytest.raises(CommitFailed, match="spoilt"):
        poke(repo=repo, on_failed="raise")
    with pytest.raises(CommitFailed, match="spoilt"):
        poke(commit=str(failed))


def test_poke_mode_returns_the_commit_as_xcom(client: PfsClient, repo: str) -> None:
    commit = finished(client, repo)
    sensor = PachydermCommitSensor(task_id="wait", repo=repo)
    assert sensor.execute(context_of(sensor)) == commit


def test_poke_mode_times_out(client: PfsClient, repo: str) -> None:
    sensor = PachydermCommitSensor(task_id="wait", repo=repo, timeout=0, poke_interval=0)
    with pytest.raises(AirflowSensorTimeout):
        sensor.execute(context_of(sensor))


def test_deferrable_does_not_defer_what_is_there(client: PfsClient, repo: str) -> None:
    commit = finished(client, repo)
    sensor = PachydermCommitSensor(task_id="wait", repo=repo, deferrable=True)
    assert sensor.execute(context_of(sensor)) == commit


def test_deferral(client: PfsClient, repo: str) -> None:
    from airflow.providers.common.compat.sdk import TaskDeferred

    sensor = PachydermCommitSensor(task_id="wait", repo=repo, deferrable=True, timeout=100, project=None)
    context = context_of(sensor)
    with pytest.raises(TaskDeferred) as caught:
        sensor.execute(context)
    trigger = caught.value.trigger
    assert isinstance(trigger, PachydermCommitTrigger)
    _, kwargs = trigger.serialize()
    assert kwargs["after"] == context["dag_run"].run_after.isoformat()
    assert timedelta(seconds=90) < datetime.fromisoformat(kwargs["deadline"]) - now() <= timedelta(seconds=100)
    assert caught.value.timeout > timedelta(seconds=100)  # our own deadline comes first and tells more
    commit = f"default/{repo}@master={'0' * 32}"
    assert getattr(sensor, caught.value.method_name)(context, {"status": "success", "commit": commit}) == commit
