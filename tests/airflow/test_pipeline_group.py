"""Tasks of a group of pipelines against a server that runs them: skipped, failed, retried, killed."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from airflow.providers.common.compat.sdk import AirflowSkipException, TaskDeferred

from airflow_provider_pachyderm.client import JobFailed, JobState, PfsClient, PpsClient, parse_commit
from airflow_provider_pachyderm.operators.pachyderm import PachydermRestartDatumOperator
from airflow_provider_pachyderm.task_groups.pachyderm import PachydermPipelineJobSensor
from airflow_provider_pachyderm.testing.server import DevServer
from tests.conftest import Servers
from tests.support.airflow_task import context_of
from tests.support.copying_pipeline import spec
from tests.support.endless_datums import TIMEOUT

CONSOLE = "https://console.example.com"


@pytest.fixture(scope="session", params=["1.13.4", "2.11.6"])
def server(request: pytest.FixtureRequest, servers: Servers) -> DevServer:
    """A server that runs the commands of pipelines."""
    return servers(request.param, "--run-pipelines")


def put(client: PfsClient, repo: str, path: str = "/a", content: bytes = b"A") -> str:
    return str(client.put_file_bytes(f"{repo}@master", path, content))


def job_task(pipeline: str, *commits: str | None, **arguments: Any) -> PachydermPipelineJobSensor:
    arguments = {"task_id": "wait", "timeout": TIMEOUT, "poke_interval": 0.1, **arguments}
    return PachydermPipelineJobSensor(pipeline=pipeline, upstream_commits=list(commits), **arguments)


def paths(client: PfsClient, commit: str) -> list[str]:
    return [info.path for info in client.list_file(commit, "/")]


def run(task: PachydermPipelineJobSensor, **context: Any) -> str:
    made = task.execute(context_of(task, **context))
    assert isinstance(made, str)
    return made


def test_each_waits_for_its_job(pps: PpsClient, client: PfsClient, repo: str) -> None:
    first, second = f"{repo}-a", f"{repo}-b"
    pps.create_pipeline(spec(first, repo))
    pps.create_pipeline(spec(second, first))
    commit = put(client, repo)
    made = run(job_task(first, commit))
    assert parse_commit(made).repo.name == first
    assert paths(client, run(job_task(second, made))) == ["/a"]


def test_what_changes_nothing_is_skipped(pps: PpsClient, client: PfsClient, repo: str) -> None:
    name = f"{repo}-a"
    pps.create_pipeline(spec(name, repo))
    run(job_task(name, put(client, repo)))
    same = put(client, repo)
    task = job_task(name, same)
    context = context_of(task)
    with pytest.raises(AirflowSkipException, match="changed nothing"):
        task.execute(context)
    # what reads it may still need the commit
    assert parse_commit(context["ti"].xcoms["return_value"]).repo.name == name
    run(job_task(name, same, skip_unchanged=False))


def test_what_only_lost_a_file_is_not_skipped(pps: PpsClient, client: PfsClient, repo: str) -> None:
    name = f"{repo}-a"
    pps.create_pipeline(spec(name, repo))
    put(client, repo, "/a")
    put(client, repo, "/b")
    with client.commit(repo, "master") as commit:
        client.delete_file(commit, "/a")
    assert paths(client, run(job_task(name, str(client.inspect_commit(commit).commit)))) == ["/b"]


def test_without_a_job_it_is_skipped(pps: PpsClient, client: PfsClient, repo: str) -> None:
    name, other = f"{repo}-a", f"{repo}-other"
    client.create_repo(other)
    pps.create_pipeline(spec(name, repo))
    with pytest.raises(AirflowSkipException, match="has no job for commit"):
        run(job_task(name, put(client, other)))
    with pytest.raises(AirflowSkipException, match="what makes it was skipped"):
        run(job_task(name, None, commit="None"))


def test_a_retry_runs_it_again(pps: PpsClient, client: PfsClient, repo: str, gate: Path) -> None:
    first, second = f"{repo}-a", f"{repo}-b"
    pps.create_pipeline(spec(first, repo, f"test -e {gate} && cp /pfs/in/* /pfs/out/", datum_tries=1))
    pps.create_pipeline(spec(second, first))
    commit = put(client, repo)
    with pytest.raises(JobFailed):
        run(job_task(first, commit))
    with pytest.raises(JobFailed):
        run(job_task(first, commit, rerun_failed=False), try_number=2)
    assert pps.inspect_pipeline(first).version == 1
    with pytest.raises(JobFailed):  # of the new job
        run(job_task(first, commit), try_number=2)
    assert pps.inspect_pipeline(first).version == 2
    gate.touch()
    made = run(job_task(first, commit), try_number=3)
    assert pps.inspect_pipeline(first).version == 3
    assert paths(client, made) == ["/a"]
    # another try, as after a worker that died, finds the job, and what is downstream waits for what follows from it
    assert run(job_task(first, commit), try_number=4) == made
    assert pps.inspect_pipeline(first).version == 3
    assert paths(client, run(job_task(second, made, commit))) == ["/a"]


def test_a_retry_takes_the_job_of_the_mended_pipeline(pps: PpsClient, client: PfsClient, repo: str) -> None:
    name = f"{repo}-a"
    pps.create_pipeline(spec(name, repo, "exit 1", datum_tries=1))
    commit = put(client, repo)
    with pytest.raises(JobFailed):
        run(job_task(name, commit))
    pps.deploy_pipelines(spec(name, repo, datum_tries=1))
    assert paths(client, run(job_task(name, commit), try_number=2, cleared=1)) == ["/a"]
    assert pps.inspect_pipeline(name).version == 2


def test_a_retry_waits_for_the_job_that_still_runs(pps: PpsClient, client: PfsClient, repo: str, gate: Path) -> None:
    name = f"{repo}-a"
    pps.create_pipeline(spec(name, repo, f"while [ ! -e {gate} ]; do sleep 0.05; done"))
    task = job_task(name, put(client, repo))
    assert not task.poke(context_of(task, try_number=2))
    assert pps.inspect_pipeline(name).version == 1


def test_a_kill_stops_the_job(pps: PpsClient, client: PfsClient, repo: str, gate: Path) -> None:
    name = f"{repo}-a"
    pps.create_pipeline(spec(name, repo, f"while [ ! -e {gate} ]; do sleep 0.05; done"))
    commit = put(client, repo)
    for task in (job_task(name, commit), job_task(name, commit, stop_on_kill=True)):
        while not list(pps.list_job(name)):  # 1.x
            pass
        task.poke(context_of(task))
        task.on_kill()
        if not task.stop_on_kill:
            assert not pps.find_job(name, commit).state.done
    with pytest.raises(JobFailed):
        pps.wait_job_of(name, commit, timeout=TIMEOUT)
    assert pps.find_job(name, commit).state is JobState.KILLED


def test_a_deferred_task_stops_the_job_too(pps: PpsClient, client: PfsClient, repo: str, gate: Path) -> None:
    name = f"{repo}-a"
    pps.create_pipeline(spec(name, repo, f"while [ ! -e {gate} ]; do sleep 0.05; done"))
    commit = put(client, repo)
    task = job_task(name, commit, stop_on_kill=True, deferrable=True)
    with pytest.raises(TaskDeferred) as deferred:
        task.poke(context_of(task))
    trigger: Any = deferred.value.trigger
    path, arguments = trigger.serialize()
    assert path.endswith("PachydermStoppingJobTrigger")
    again = type(trigger)(**json.loads(json.dumps(arguments)))
    while not list(pps.list_job(name)):  # 1.x
        pass
    asyncio.run(again.on_kill())
    with pytest.raises(JobFailed):
        pps.wait_job_of(name, commit, timeout=TIMEOUT)


def test_a_deferred_task_ends_as_one_that_pokes(pps: PpsClient, client: PfsClient, repo: str) -> None:
    name = f"{repo}-a"
    pps.create_pipeline(spec(name, repo))
    commit = put(client, repo)
    job = pps.wait_job_of(name, commit, timeout=TIMEOUT)
    task = job_task(name, commit, deferrable=True)
    context = context_of(task)
    assert task.execute_complete(context, {"status": "success", "jobs": [str(job.job)]}) == str(job.output_commit)
    gone = {"status": "error", "error_type": "JobNotFound", "message": "has none", "reference": name}
    with pytest.raises(AirflowSkipException):
        task.execute_complete(context, gone)


def test_a_link_leads_to_the_job(
    pps: PpsClient, client: PfsClient, repo: str, connection: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_console = {**json.loads(connection), "extra": {"console_url": f"{CONSOLE}/"}}
    monkeypatch.setenv("AIRFLOW_CONN_PACHYDERM_DEFAULT", json.dumps(with_console))
    name = f"{repo}-a"
    pps.create_pipeline(spec(name, repo))
    commit = put(client, repo)
    task = job_task(name, commit)
    context = context_of(task)
    task.execute(context)
    id = pps.find_job(name, commit).job.id
    address = f"{CONSOLE}/lineage/default/pipelines/{name}/jobs/{id}/logs"
    assert context["ti"].xcoms["_link_PachydermJobLink"] == address
    restart = PachydermRestartDatumOperator(task_id="restart", job=f"{name}@{id}")
    context = context_of(restart)
    restart.execute(context)
    assert context["ti"].xcoms == {"_link_PachydermJobLink": address}


def test_reschedule_is_refused() -> None:
    with pytest.raises(ValueError, match="deferrable=True"):
        job_task("a", mode="reschedule")
