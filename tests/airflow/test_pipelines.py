"""Operators for pipelines: what they do, and do again when they are retried."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import pytest

from airflow_provider_pachyderm.client import (
    Conflict,
    DatumNotFound,
    InvalidSpec,
    JobNotFound,
    JobState,
    PfsClient,
    PipelineNotFound,
    PpsClient,
    RepoNotFound,
    Unavailable,
)
from airflow_provider_pachyderm.hooks.pachyderm import PachydermHook
from airflow_provider_pachyderm.operators.pachyderm import (
    PachydermCreatePipelineOperator,
    PachydermDeletePipelineOperator,
    PachydermRerunPipelineOperator,
    PachydermRestartDatumOperator,
    PachydermRunCronOperator,
    PachydermStartPipelineOperator,
    PachydermStopPipelineOperator,
)
from airflow_provider_pachyderm.testing.server import DevServer
from tests.conftest import Servers
from tests.support.airflow_runs import AirflowRuns
from tests.support.airflow_task import run
from tests.support.copying_pipeline import spec
from tests.support.endless_datums import ENDLESS, TIMEOUT, until_begun
from tests.support.faulty import striking
from tests.support.task_processes import TaskProcesses

DAG = Path(__file__).parent / "dags" / "pipelines.py"


@pytest.fixture(scope="session", params=[pytest.param("1.13.4", marks=pytest.mark.thorough), "2.11.6"])
def server(request: pytest.FixtureRequest, servers: Servers) -> DevServer:
    """A server that runs the commands of pipelines."""
    return servers(request.param, "--run-pipelines")


@pytest.fixture
def strike(connection: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str, str], None]]:
    """Have a fault strike the first of some calls that the next task makes."""
    struck = ExitStack()
    faults: list[tuple[str, str]] = []
    made = PachydermHook.get_conn

    def get_conn(hook: PachydermHook) -> PfsClient:
        client = made(hook)
        while faults:
            struck.enter_context(striking(client, *faults.pop()))
        return client

    monkeypatch.setattr(PachydermHook, "get_conn", get_conn)
    with struck:
        yield lambda fault, on: faults.append((fault, on))


def cron(name: str) -> dict[str, Any]:
    return spec(name, "", "cp /pfs/tick/* /pfs/out/", input={"cron": {"name": "tick", "spec": "@yearly"}})


def create(specs: Any, **arguments: Any) -> list[tuple[str, str, list[str]]]:
    done = run(PachydermCreatePipelineOperator(task_id="create", specs=specs, **arguments))
    assert json.loads(json.dumps(done)) == done
    return [(each["pipeline"], each["action"], each["differences"]) for each in done]


def versions(pps: PpsClient, *names: str) -> list[int]:
    return [pps.inspect_pipeline(name).version for name in names]


@pytest.mark.parametrize("points", [4, pytest.param(50, marks=pytest.mark.thorough)])
def test_a_task_that_is_killed_makes_one_job(
    pps: PpsClient, client: PfsClient, repo: str, connection: str, points: int
) -> None:
    """Its worker is killed at moments from its beginning to its end, also while it waits; a retry goes on."""
    name, clock = f"{repo}-a", f"{repo}-b"
    pps.create_pipeline(spec(name, repo, "sleep 0.5"))
    pps.create_pipeline(cron(clock))
    put = {"task_id": "put", "repo": repo, "path": "/a", "content": "a", "wait_for": "downstream", "wait_timeout": 120}
    orders = [
        ("PachydermPutFileOperator", put, name, repo),
        ("PachydermRunCronOperator", {"task_id": "tick", "pipeline": clock}, clock, f"{clock}_tick"),
    ]
    killed = 0
    with TaskProcesses(connection) as tasks:
        for operator, arguments, pipeline, source in orders:
            began = time.monotonic()
            ended = tasks.run(operator, arguments, run="measured")
            assert ended, ended.error
            took = time.monotonic() - began
            for point in range(points):
                commits, jobs = len(client.list_commit(source).to_list()), {info.job for info in pps.list_job(pipeline)}
                tasks.begin(operator, arguments, run=f"run-{point}")
                assert tasks.pid is not None
                time.sleep(took * point / points)  # as a moment is what it is about
                with suppress(ProcessLookupError):
                    os.kill(tasks.pid, signal.SIGKILL)
                killed += tasks.end().killed
                ended = tasks.run(operator, arguments, run=f"run-{point}", try_number=2)
                assert ended, ended.error
                made = ended.result[0] if isinstance(ended.result, list) else ended.result
                pps.wait_job_of(pipeline, made, timeout=TIMEOUT)
                # a job of an open commit that was dropped stays in the list of a 2.x server, and never runs
                ran = [job for job in pps.list_job(pipeline) if job.job not in jobs and job.state is JobState.SUCCESS]
                new = len(client.list_commit(source).to_list()) - commits, len(ran)
                assert new == (1, 1), (operator, point, new)
    assert killed


def test_a_dag_deploys_and_steers_pipelines(
    pps: PpsClient, client: PfsClient, repo: str, connection: str, airflow_runs: AirflowRuns
) -> None:
    other = f"{repo}-other"
    pps.create_pipeline(spec(other, repo))
    job = pps.wait_job_of(other, client.put_file_bytes(f"{repo}@master", "/a", b"A"), timeout=TIMEOUT)
    ended = airflow_runs.run(DAG, "pipelines", {"repo": repo, "job": str(job.job)}, connection)
    assert ended, ended.log
    assert f"Deployed 2 pipelines: {repo}-p created; {repo}-text created in " in ended.log
    assert f"Stopped pipeline {repo}-p in " in ended.log
    assert f"Started pipeline {repo}-p in " in ended.log
    assert f"Made version 2 of pipeline {repo}-p in " in ended.log
    assert f"Deleted pipeline {repo}-text in " in ended.log
    assert not pps.pipeline_exists(f"{repo}-text")
    info = pps.inspect_pipeline(f"{repo}-p")
    assert (info.version, info.stopped) == (2, False)


def test_templates_may_give_values(pps: PpsClient, repo: str, connection: str, airflow_runs: AirflowRuns) -> None:
    specs = [{**spec(f"{repo}-a", repo), "datum_tries": 2, "description": "null"}]
    ended = airflow_runs.run(DAG, "pipelines_native", {"specs": specs}, connection)
    assert ended, ended.log
    assert f"Deployed 1 pipeline: {repo}-a created in " in ended.log
    assert f"Deployed 1 pipeline: {repo}-a unchanged in " in ended.log
    info = pps.inspect_pipeline(f"{repo}-a")
    assert (info.version, info.description, info.spec["datum_tries"]) == (1, "null", 2)


def test_a_retry_finds_that_nothing_has_changed(pps: PpsClient, repo: str) -> None:
    first, second = f"{repo}-a", f"{repo}-b"
    specs = [spec(second, first), spec(first, repo)]
    assert create(specs, dry_run=True) == [(first, "create", []), (second, "create", [])]
    assert not pps.pipeline_exists(first)
    assert create(specs) == [(first, "create", []), (second, "create", [])]
    assert create(specs) == [(first, "none", []), (second, "none", [])]
    assert versions(pps, first, second) == [1, 1]
    specs[0] = spec(second, first, "true", description="better")
    changed = [(first, "none", []), (second, "update", ["transform.cmd", "description"])]
    for plan_only in (True, False):
        assert [(name, action, sorted(fields)) for name, action, fields in create(specs, dry_run=plan_only)] == [
            (name, action, sorted(fields)) for name, action, fields in changed
        ]
    assert versions(pps, first, second) == [1, 2]
    assert [action for _, action, _ in create(specs, reprocess=True)] == ["update", "update"]


def test_specs_are_read_from_files(pps: PpsClient, repo: str, tmp_path: Path) -> None:
    first, second = f"{repo}-a", f"{repo}-b"
    (tmp_path / "b.json").write_text(json.dumps(spec(second, first)))
    (tmp_path / "more").mkdir()
    # what looks like a template stays, as files are none
    (tmp_path / "more" / "a.yaml").write_text(json.dumps(spec(first, repo, "echo '{{ ds }}'")))
    assert create(str(tmp_path / "more" / "a.yaml")) == [(first, "create", [])]
    assert create(tmp_path) == [(first, "none", []), (second, "create", [])]
    assert pps.inspect_pipeline(first).spec["transform"]["cmd"][-1] == "echo '{{ ds }}'"
    assert create(json.dumps(spec(second, first))) == [(second, "none", [])]


def test_wrong_specs_change_nothing(pps: PpsClient, repo: str) -> None:
    with pytest.raises(InvalidSpec, match="nonsense"):
        create([spec(f"{repo}-a", repo), {**spec(f"{repo}-b", repo), "nonsense": 1}])
    with pytest.raises(RepoNotFound):
        create(spec(f"{repo}-a", f"{repo}-none"))
    assert not pps.pipeline_exists(f"{repo}-a")


def test_stopping_and_starting_twice(pps: PpsClient, client: PfsClient, repo: str) -> None:
    name = f"{repo}-a"
    create(spec(name, repo))
    for stopped, operator in ((True, PachydermStopPipelineOperator), (False, PachydermStartPipelineOperator)):
        for _try in ("first", "retry"):
            assert run(operator(task_id="t", pipeline=name)) == name
            assert pps.inspect_pipeline(name).stopped is stopped
    commit = client.put_file_bytes(f"{repo}@master", "/a", b"A")
    assert pps.wait_job_of(name, commit, timeout=TIMEOUT).state is JobState.SUCCESS


def test_a_tick_leads_to_its_job(pps: PpsClient, client: PfsClient, repo: str) -> None:
    name = f"{repo}-a"
    create(cron(name))
    (tick,) = run(PachydermRunCronOperator(task_id="t", pipeline=name))
    job = pps.wait_job_of(name, tick, timeout=TIMEOUT)
    assert job.output_commit is not None
    ticked = {info.path for info in client.list_file(tick, "/")}
    assert {info.path for info in client.list_file(job.output_commit, "/")} == ticked != set()


@pytest.mark.parametrize("fault", ["lose-reply", "unavailable"])
def test_an_answer_that_is_lost_makes_no_second_tick(
    pps: PpsClient, client: PfsClient, repo: str, fault: str, strike: Callable[[str, str], None]
) -> None:
    name = f"{repo}-a"
    create(cron(name))
    before = len(client.list_commit(f"{name}_tick").to_list())
    strike(fault, "StartCommit")
    task = PachydermRunCronOperator(task_id="t", pipeline=name)
    (tick,) = run(task)
    assert client.list_file(tick, "/").to_list()
    assert len(client.list_commit(f"{name}_tick").to_list()) == before + 1


@pytest.mark.parametrize("fault", ["lose-reply", "unavailable"])
def test_an_answer_that_is_lost_makes_no_second_version(
    pps: PpsClient, repo: str, fault: str, strike: Callable[[str, str], None]
) -> None:
    name = f"{repo}-a"
    create(spec(name, repo))
    strike(fault, "RerunPipeline,CreatePipeline")
    task = PachydermRerunPipelineOperator(task_id="t", pipeline=name)
    if fault == "unavailable" and pps.version().major == 2:
        with pytest.raises(Unavailable):
            run(task)
        assert versions(pps, name) == [1]
    assert run(task) == name
    assert versions(pps, name) == [2]


def test_a_new_version(pps: PpsClient, client: PfsClient, repo: str) -> None:
    name = f"{repo}-a"
    create(spec(name, repo))
    pps.wait_job_of(name, client.put_file_bytes(f"{repo}@master", "/a", b"A"), timeout=TIMEOUT)
    assert run(PachydermRerunPipelineOperator(task_id="t", pipeline=name, reprocess=True)) == name
    assert versions(pps, name) == [2]
    (newest,) = pps.list_job(name, number=1)
    job = pps.wait_job(newest, timeout=TIMEOUT)
    assert (job.data_processed, job.data_skipped) == (1, 0)


def test_a_datum_is_processed_again(pps: PpsClient, client: PfsClient, repo: str) -> None:
    name = f"{repo}-a"
    create(spec(name, repo, ENDLESS))
    commit = client.put_file_bytes(f"{repo}@master", "/x", b"1")
    until_begun(pps, name)
    job = str(pps.find_job(name, commit).job)
    with pytest.raises(DatumNotFound):
        run(PachydermRestartDatumOperator(task_id="t", job=job, data_filters=["/y"], if_missing="fail"))
    assert run(PachydermRestartDatumOperator(task_id="t", job=job, data_filters="/x", if_missing="fail")) == job
    until_begun(pps, name, 2)


def test_deleting_twice(pps: PpsClient, repo: str) -> None:
    first, second = f"{repo}-a", f"{repo}-b"
    create([spec(first, repo), spec(second, first)])
    with pytest.raises(Conflict):
        run(PachydermDeletePipelineOperator(task_id="t", pipeline=first))
    for _try in ("first", "retry"):
        assert run(PachydermDeletePipelineOperator(task_id="t", pipeline=first, force=True)) == first
    assert not pps.pipeline_exists(first)
    with pytest.raises(PipelineNotFound):
        run(PachydermDeletePipelineOperator(task_id="t", pipeline=first, if_missing="fail"))


@pytest.mark.parametrize(
    "operator",
    [
        PachydermStartPipelineOperator,
        PachydermStopPipelineOperator,
        PachydermRunCronOperator,
        PachydermRerunPipelineOperator,
    ],
)
def test_what_does_not_exist_fails(connection: str, repo: str, operator: Any) -> None:
    with pytest.raises(PipelineNotFound):
        run(operator(task_id="t", pipeline=f"{repo}-none"))
    with pytest.raises(JobNotFound):
        run(PachydermRestartDatumOperator(task_id="t", job=f"{repo}-none@0123456789ab4def8123456789abcdef"))
