"""The job sensor against a server that runs pipelines, in every mode: whose job it takes, how it ends, what it says."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from airflow.providers.common.compat.sdk import TaskDeferred

from airflow_provider_pachyderm.client import (
    AsyncPfsClient,
    JobFailed,
    JobNotFound,
    PfsClient,
    PipelineFailed,
    PipelineNotFound,
    PpsClient,
    Unsupported,
    parse_commit,
)
from airflow_provider_pachyderm.devserver.app import serve
from airflow_provider_pachyderm.devserver.releases.profile import profile_for
from airflow_provider_pachyderm.operators.pachyderm import PachydermPutFileOperator
from airflow_provider_pachyderm.sensors.pachyderm import PachydermCommitSetSensor, PachydermJobSensor
from airflow_provider_pachyderm.testing.server import DevServer
from airflow_provider_pachyderm.triggers.pachyderm import PachydermJobTrigger
from tests.airflow.test_hub import SUBSCRIBE, Calls
from tests.conftest import Servers
from tests.support.airflow_task import context_of
from tests.support.copying_pipeline import spec
from tests.support.endless_datums import TIMEOUT

MISSING = "0123456789ab4def8123456789abcdef"


@pytest.fixture(scope="session", params=["1.13.4", "2.11.6"])
def server(request: pytest.FixtureRequest, servers: Servers) -> DevServer:
    """A server that runs the commands of pipelines."""
    return servers(request.param, "--run-pipelines")


def gated(gate: Path) -> str:
    return f"while [ ! -e {gate} ]; do sleep 0.05; done; cp /pfs/in/* /pfs/out/"


def put(client: PfsClient, repo: str, path: str = "/a") -> str:
    return str(client.put_file_bytes(f"{repo}@master", path, path.encode()))


def sensor(**arguments: Any) -> PachydermJobSensor:
    return PachydermJobSensor(task_id="wait", **{"timeout": TIMEOUT, **arguments})


def poke(task: PachydermJobSensor) -> Any:
    result = task.poke(context_of(task))
    return result.xcom_value if result else None


def until_done(task: PachydermJobSensor) -> Any:
    """Poke as a sensor does, until it is done."""
    task.poke_interval = 0.1
    return task.execute(context_of(task))


def deferred(task: PachydermJobSensor) -> TaskDeferred:
    with pytest.raises(TaskDeferred) as caught:
        task.poke(context_of(task))
    return caught.value


async def fired(trigger: PachydermJobTrigger) -> dict[str, Any]:
    (event,) = [event.payload async for event in trigger.run()]
    assert json.loads(json.dumps(event)) == event
    return event


def trigger(**arguments: Any) -> PachydermJobTrigger:
    deadline = datetime.now(timezone.utc) + timedelta(seconds=TIMEOUT)
    made = PachydermJobTrigger(**{"deadline": deadline.isoformat(), **arguments})
    path, kwargs = made.serialize()
    assert path.endswith("PachydermJobTrigger")
    return PachydermJobTrigger(**json.loads(json.dumps(kwargs)))


def test_the_job_of_a_commit(pps: PpsClient, client: PfsClient, repo: str, gate: Path) -> None:
    name, other = f"{repo}-a", f"{repo}-b"
    pps.create_pipeline(spec(name, repo, gated(gate)))
    pps.create_pipeline(spec(other, name))
    first = put(client, repo)
    assert poke(sensor(pipeline=name, commit=first)) is None
    assert poke(sensor(pipeline=other, commit=first)) is None
    second = put(client, repo, "/b")
    gate.touch()
    for pipeline in (name, other):
        assert [
            [info.path for info in client.list_file(until_done(sensor(pipeline=pipeline, commit=each)), "/")]
            for each in (first, second)
        ] == [["/a"], ["/a", "/b"]]
    job = pps.find_job(name, first)
    assert until_done(sensor(job=str(job.job))) == str(job.output_commit)


def test_all_jobs_of_a_commit(pps: PpsClient, client: PfsClient, repo: str, gate: Path) -> None:
    names = [f"{repo}-a", f"{repo}-b"]
    pps.create_pipeline(spec(names[0], repo, gated(gate)))
    pps.create_pipeline(spec(names[1], names[0]))
    commit = put(client, repo)
    task = sensor(commit=commit)
    assert poke(task) is None
    gate.touch()
    made = until_done(task)
    assert [parse_commit(each).repo.name for each in made] == names
    assert [[info.path for info in client.list_file(each, "/")] for each in made] == [["/a"], ["/a"]]


def test_a_failure_tells_all_there_is(pps: PpsClient, client: PfsClient, repo: str) -> None:
    first, second = f"{repo}-a", f"{repo}-b"
    pps.create_pipeline(spec(first, repo, "echo it is spoilt; exit 1", datum_tries=1))
    pps.create_pipeline(spec(second, first))
    commit = put(client, repo)
    for arguments in ({"pipeline": first}, {}):
        with pytest.raises(JobFailed) as caught:
            until_done(sensor(commit=commit, **arguments))
        datums = ["failed datums (1 in all)", "/a"] if pps.version().major >= 2 else []  # 1.x does not tell
        for part in (f"{first}@", "failure", *datums, "it is spoilt"):
            assert part in str(caught.value)


def test_never_fail_skips(pps: PpsClient, client: PfsClient, repo: str) -> None:
    from airflow.providers.common.compat.sdk import AirflowSkipException

    name = f"{repo}-a"
    pps.create_pipeline(spec(name, repo, "exit 1", datum_tries=1))
    task = sensor(pipeline=name, commit=put(client, repo), never_fail=True)
    with pytest.raises(AirflowSkipException):
        until_done(task)
    job = str(pps.find_job(name, task.commit or "").job)
    with pytest.raises(AirflowSkipException):
        task.execute_complete(context_of(task), {"status": "success", "jobs": [job]})


def test_waiting_for_what_is_downstream_says_which_job_failed(pps: PpsClient, client: PfsClient, repo: str) -> None:
    first, second = f"{repo}-a", f"{repo}-b"
    pps.create_pipeline(spec(first, repo))
    pps.create_pipeline(spec(second, first, "echo it is spoilt; exit 1", datum_tries=1))
    task = PachydermPutFileOperator(
        task_id="put", repo=repo, path="/a", content="a", wait_for="downstream", wait_timeout=TIMEOUT, deferrable=False
    )
    with pytest.raises(JobFailed, match="(?s)" + f"{second}@.*failure.*it is spoilt") as caught:
        task.execute(context_of(task))
    assert caught.value.job and caught.value.job.job.pipeline.name == second
    # its commit stays, and a retry finds it and the same failure
    with pytest.raises(JobFailed, match=f"{second}@"):
        task.execute(context_of(task, try_number=2))
    (commit,) = [info for info in client.list_commit(repo).to_list() if "task" in info.description]
    with pytest.raises(JobFailed, match=f"{second}@"):
        poke(PachydermCommitSetSensor(task_id="wait", commit=str(commit.commit)))  # type: ignore[arg-type]


def test_waiting_for_what_is_downstream_of_a_pipeline_in_failure(
    pps: PpsClient, repo: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if pps.version().major < 2:
        pytest.skip("1.x servers refuse what fails here")
    monkeypatch.setattr("airflow_provider_pachyderm.operators._finishing._LOOK", 1.0)
    pps.create_pipeline({**spec(f"{repo}-a", repo), "transform": {"image": "alpine:3"}})
    task = PachydermPutFileOperator(
        task_id="put", repo=repo, path="/a", content="a", wait_for="downstream", wait_timeout=TIMEOUT, deferrable=False
    )
    with pytest.raises((PipelineFailed, JobFailed), match=f"{repo}-a"):
        task.execute(context_of(task))


@pytest.mark.parametrize("of_pipeline", [True, False])
async def test_deferral(pps: PpsClient, client: PfsClient, repo: str, gate: Path, of_pipeline: bool) -> None:
    name = f"{repo}-a"
    await asyncio.to_thread(pps.create_pipeline, spec(name, repo, gated(gate)))
    commit = await asyncio.to_thread(put, client, repo)
    task = sensor(commit=commit, deferrable=True, **({"pipeline": name} if of_pipeline else {}))
    deferral = await asyncio.to_thread(deferred, task)
    assert isinstance(deferral.trigger, PachydermJobTrigger)
    running = asyncio.ensure_future(fired(deferral.trigger))
    await asyncio.sleep(0.3)
    assert not running.done()
    gate.touch()
    event = await running
    made = await asyncio.to_thread(getattr(task, deferral.method_name), context_of(task), event)
    assert made == (str(pps.find_job(name, commit).output_commit) if of_pipeline else [made[0]])


async def test_a_deferred_failure(pps: PpsClient, client: PfsClient, repo: str) -> None:
    name = f"{repo}-a"
    await asyncio.to_thread(pps.create_pipeline, spec(name, repo, "echo spoilt; exit 1", datum_tries=1))
    commit = await asyncio.to_thread(put, client, repo)
    event = await fired(trigger(pipeline=name, commit=commit))
    with pytest.raises(JobFailed, match=r"(?s)failure.*spoilt"):
        await asyncio.to_thread(sensor(pipeline=name, commit=commit).execute_complete, {}, event)


async def test_progress_is_logged(
    pps: PpsClient, client: PfsClient, repo: str, gate: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "airflow_provider_pachyderm")
    name = f"{repo}-a"
    await asyncio.to_thread(pps.create_pipeline, spec(name, repo, f"[ -e /pfs/in/quick ] || {gated(gate)}"))
    await asyncio.to_thread(put, client, repo, "/quick")
    commit = await asyncio.to_thread(put, client, repo, "/slow")
    running = asyncio.ensure_future(fired(trigger(pipeline=name, commit=commit, poll_interval=0.2)))
    while "1 of 2 datums done" not in caplog.text:
        await asyncio.sleep(0.05)
    assert f"Waiting for the job of pipeline {name} for {commit}: " in caplog.text
    gate.touch()
    await running


@pytest.mark.parametrize("what", ["job", "pipeline"])
async def test_what_is_deleted_ends_the_waiting(
    pps: PpsClient, client: PfsClient, repo: str, gate: Path, what: str
) -> None:
    name = f"{repo}-a"
    await asyncio.to_thread(pps.create_pipeline, spec(name, repo, gated(gate)))
    commit = await asyncio.to_thread(put, client, repo)
    waiting = [
        asyncio.ensure_future(fired(trigger(poll_interval=0.3, **arguments)))
        for arguments in ({"pipeline": name, "commit": commit}, {"commit": commit})
    ]
    while not any(pps.list_job(name, inputs=commit) if pps.version().major < 2 else [True]):
        await asyncio.sleep(0.05)
    await asyncio.sleep(0.5)
    if what == "job":
        await asyncio.to_thread(lambda: pps.delete_job(pps.find_job(name, commit)))
    else:
        await asyncio.to_thread(pps.delete_pipeline, name, force=True)
    events = await asyncio.gather(*waiting)
    assert {event["status"] for event in events} == {"error"}, events
    assert {event["error_type"] for event in events} <= {
        "JobNotFound",
        "PipelineNotFound",
        "CommitDeleted",
    }, events


def test_what_cannot_be_waited_for(pps: PpsClient, client: PfsClient, repo: str) -> None:
    name, other = f"{repo}-a", f"{repo}-b"
    pps.create_pipeline(spec(name, repo))
    commit = put(client, repo)
    client.create_repo(other)
    elsewhere = put(client, other)
    with pytest.raises(PipelineNotFound):
        poke(sensor(pipeline=f"{repo}-none", commit=commit))
    with pytest.raises(JobNotFound, match="does not read its branch"):
        until_done(sensor(pipeline=name, commit=elsewhere))
    with pytest.raises(JobNotFound, match="no pipeline reads it"):
        until_done(sensor(commit=elsewhere))
    with pytest.raises(JobNotFound, match="may have been deleted"):
        poke(sensor(job=f"{name}@{MISSING}"))
    for arguments in (
        {},
        {"pipeline": name},
        {"commit": f"{repo}@master"},
        {"commit": commit, "job": f"{name}@{MISSING}"},
    ):
        with pytest.raises(ValueError, match="commit"):
            poke(sensor(**arguments))


def test_a_pipeline_in_failure(pps: PpsClient, client: PfsClient, repo: str) -> None:
    if pps.version().major < 2:
        pytest.skip("1.x servers refuse what fails here")
    name = f"{repo}-a"
    pps.create_pipeline({**spec(name, repo), "transform": {"image": "alpine:3"}})
    commit = put(client, repo)
    for arguments in ({"pipeline": name}, {}):
        with pytest.raises((PipelineFailed, JobFailed)):
            until_done(sensor(commit=commit, **arguments))


def test_older_servers_have_none(servers: Servers, monkeypatch: pytest.MonkeyPatch) -> None:
    server = servers("1.7.14", of="Airflow")
    connection = {"conn_type": "pachyderm", "host": server.host, "port": server.port}
    monkeypatch.setenv("AIRFLOW_CONN_PACHYDERM_DEFAULT", json.dumps(connection))
    for arguments in ({"pipeline": "p"}, {}):
        with server.client() as client:
            if not client.repo_exists("old"):
                client.create_repo("old")
            commit = put(client, "old")
        with pytest.raises(Unsupported, match=r"1\.9"):
            poke(sensor(commit=commit, **arguments))


@pytest.mark.parametrize("version", ["1.13.4", "2.11.6"])
async def test_restart_of_the_server(version: str, tmp_path: Path, gate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with DevServer(version, tmp_path / "data", "--run-pipelines") as server:
        connection = {"conn_type": "pachyderm", "host": server.host, "port": server.port}
        monkeypatch.setenv("AIRFLOW_CONN_PACHYDERM_DEFAULT", json.dumps(connection))
        with PfsClient(server.host, server.port) as client:
            client.create_repo("images")
            client.pps.create_pipeline(spec("copy", "images", gated(gate)))
            commit = put(client, "images")
        of_one = asyncio.ensure_future(fired(trigger(pipeline="copy", commit=commit)))
        of_all = asyncio.ensure_future(fired(trigger(commit=commit)))
        await asyncio.sleep(0.5)
        await asyncio.to_thread(server.kill)
        await asyncio.sleep(0.3)
        assert not of_one.done() and not of_all.done()
        gate.touch()
        await asyncio.to_thread(server.start)
        one, all = await asyncio.gather(of_one, of_all)
        assert one == all
        assert "copy@" in one["jobs"][0]


@asynccontextmanager
async def counted(
    version: str, monkeypatch: pytest.MonkeyPatch, folder: Path
) -> AsyncIterator[tuple[Calls, AsyncPfsClient]]:
    calls = Calls()
    async with serve(profile_for(version), folder=folder, interceptors=[calls], grace=0.1, run_pipelines=2) as server:
        host, _, port = server.address.rpartition(":")
        connection = {"conn_type": "pachyderm", "host": host, "port": int(port)}
        monkeypatch.setenv("AIRFLOW_CONN_PACHYDERM_DEFAULT", json.dumps(connection))
        async with AsyncPfsClient(host, int(port)) as client:
            yield calls, client


@pytest.mark.parametrize("version", ["1.13.4", "2.11.6"])
async def test_five_hundred_waiters_share_one_stream(
    version: str, tmp_path: Path, gate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with counted(version, monkeypatch, tmp_path) as (calls, client):
        await client.create_repo("images")
        await client.pps.create_pipeline(spec("copy", "images", gated(gate)))
        commits = [str(await client.put_file_bytes("images@master", f"/{n}", b"x")) for n in range(5)]
        waiting = [
            asyncio.create_task(fired(trigger(pipeline="copy", commit=commit)))
            for commit in commits
            for _ in range(100)
        ]
        begun = None
        while begun != calls.begun or not calls.begun[SUBSCRIBE]:
            begun = calls.begun.copy()
            await asyncio.sleep(0.3)
        assert not any(task.done() for task in waiting)
        gate.touch()
        events = await asyncio.gather(*waiting)
        assert {len({event["jobs"][0] for event in events[n : n + 100]}) for n in range(0, 500, 100)} == {1}
        assert len({event["jobs"][0] for event in events}) == 5
        assert calls.begun[SUBSCRIBE] == 1
