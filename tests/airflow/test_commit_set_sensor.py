"""The commit set sensor against a server, in every mode. The test finishes output commits, as pipelines would."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from airflow_provider_pachyderm.client import CommitFailed, CommitNotFound, CommitState, PfsClient, parse_commit
from airflow_provider_pachyderm.sensors.pachyderm import PachydermCommitSetSensor
from airflow_provider_pachyderm.triggers.pachyderm import PachydermCommitSetTrigger
from tests.support.airflow_task import context_of

MISSING = "0123456789ab4def8123456789abcdef"


@pytest.fixture
def output(client: PfsClient, repo: str) -> str:
    """A repo whose master is made from the other's master."""
    output = f"{repo}-out"
    client.create_repo(output)
    put(client, repo)
    client.create_branch(output, "master", provenance=[(repo, "master")])
    finish(client, output)
    return output


def put(client: PfsClient, repo: str) -> str:
    with client.commit(repo, "master") as commit:
        client.put_file_bytes(commit, "/a", b"x")
    return str(client.inspect_commit(commit).commit)


def finish(client: PfsClient, repo: str, error: str | None = None) -> str:
    info = client.inspect_commit((repo, "master"))
    client.finish_commit(info.commit, error=error)
    client.inspect_commit(info.commit, wait=CommitState.FINISHED)
    return str(info.commit)


def poke(**arguments: Any) -> Any:
    sensor = PachydermCommitSetSensor(task_id="wait", **arguments)
    result = sensor.poke(context_of(sensor))
    return result.xcom_value if result else None


def in_sets(client: PfsClient) -> bool:
    return client.version().major >= 2


def set_of(commit: str) -> str:
    return commit[-32:]


def test_commit_alone(client: PfsClient, repo: str) -> None:
    commit = client.start_commit(repo, "master")
    assert poke(commit=str(commit)) is None
    client.finish_commit(commit, wait=True)
    assert poke(commit=str(commit)) == [str(client.inspect_commit(commit).commit)]
    with pytest.raises(CommitNotFound):
        poke(commit=f"{repo}@{MISSING}")


def test_all_that_is_made_from_it(client: PfsClient, repo: str, output: str) -> None:
    commit = put(client, repo)
    assert poke(commit=commit) is None
    made = finish(client, output)
    assert list(map(set_of, poke(commit=commit))) == [set_of(commit), set_of(made)]


def test_set(client: PfsClient, repo: str, output: str) -> None:
    if not in_sets(client):
        pytest.skip("1.x servers have no commit sets")
    commit = put(client, repo)
    assert poke(commit_set=set_of(commit)) is None
    made = finish(client, output)
    made_repos = {parse_commit(reference).repo.name for reference in poke(commit_set=set_of(commit))}
    assert set_of(made) == set_of(commit)
    assert made_repos == {repo, output}


def test_failure(client: PfsClient, repo: str, output: str) -> None:
    if not in_sets(client):
        pytest.skip("1.x commits do not fail")
    commit = put(client, repo)
    finish(client, output, error="spoilt")
    with pytest.raises(CommitFailed, match="spoilt"):
        poke(commit=commit)
    with pytest.raises(CommitFailed, match="spoilt"):
        poke(commit_set=set_of(commit))


@pytest.mark.parametrize("by", ["commit", "commit_set"])
async def test_deferral(client: PfsClient, repo: str, output: str, by: str) -> None:
    from airflow.providers.common.compat.sdk import TaskDeferred

    if by == "commit_set" and not in_sets(client):
        pytest.skip("1.x servers have no commit sets")
    commit = await asyncio.to_thread(put, client, repo)
    sensor = PachydermCommitSetSensor(
        task_id="wait", deferrable=True, timeout=30, **{by: commit if by == "commit" else set_of(commit)}
    )
    with pytest.raises(TaskDeferred) as caught:
        await asyncio.to_thread(sensor.poke, context_of(sensor))
    trigger = caught.value.trigger
    assert isinstance(trigger, PachydermCommitSetTrigger)
    running = asyncio.ensure_future(events(trigger))
    await asyncio.sleep(1.5)
    assert not running.done()
    made = await asyncio.to_thread(finish, client, output)
    (event,) = await asyncio.wait_for(running, 10)
    found = getattr(sensor, caught.value.method_name)(context_of(sensor), event)
    assert sorted(map(set_of, found)) == sorted([set_of(commit), set_of(made)])


async def test_trigger_waits_for_a_commit_alone(client: PfsClient, repo: str) -> None:
    commit = await asyncio.to_thread(client.start_commit, repo, "master")
    deadline = (datetime.now(timezone.utc) + timedelta(seconds=20)).isoformat()
    running = asyncio.ensure_future(events(PachydermCommitSetTrigger(commit=str(commit), deadline=deadline)))
    await asyncio.sleep(1.5)
    assert not running.done()
    await asyncio.to_thread(client.finish_commit, commit)
    (event,) = await asyncio.wait_for(running, 5)
    assert list(map(set_of, event["commit"])) == [commit.id]


async def test_trigger_tells_of_a_failure(client: PfsClient, repo: str, output: str) -> None:
    if not in_sets(client):
        pytest.skip("1.x commits do not fail")
    commit = await asyncio.to_thread(put, client, repo)
    deadline = (datetime.now(timezone.utc) + timedelta(seconds=20)).isoformat()
    running = asyncio.ensure_future(events(PachydermCommitSetTrigger(commit=commit, deadline=deadline)))
    await asyncio.sleep(0.3)
    await asyncio.to_thread(finish, client, output, "spoilt")
    (event,) = await asyncio.wait_for(running, 10)
    assert (event["status"], event["error_type"]) == ("error", "CommitFailed")
    assert "spoilt" in event["message"]


async def events(trigger: PachydermCommitSetTrigger) -> list[Any]:
    return [event.payload async for event in trigger.run()]


@pytest.mark.parametrize("arguments", [{}, {"commit": "a@b", "commit_set": MISSING}])
def test_one_of_both(arguments: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="either commit or commit_set"):
        poke(**arguments)
