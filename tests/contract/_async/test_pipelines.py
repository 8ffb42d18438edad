"""Pipelines, their jobs, datums and logs, on a server whose workers run them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from airflow_provider_pachyderm.client import (
    Action,
    AlreadyExists,
    AsyncPfsClient,
    AsyncPpsClient,
    BranchNotFound,
    Conflict,
    DatumNotFound,
    DatumState,
    DeadlineExceeded,
    InvalidRequest,
    InvalidSpec,
    JobFailed,
    JobInfo,
    JobNotFound,
    JobState,
    NotInTransaction,
    PipelineFailed,
    PipelineNotFound,
    PipelineState,
    RepoNotFound,
    SecretNotFound,
    Unsupported,
)
from airflow_provider_pachyderm.client._capabilities import Feature
from tests.conftest import Servers
from tests.contract.conftest import Server, Supports
from tests.support._async.streams import step
from tests.support.faulty import striking
from tests.support.outside import needs

pytestmark = pytest.mark.versions("1.13.4", "2.0.8", "2.11.6")
TIMEOUT = 120.0


@pytest.fixture
async def client(server: Server, servers: Servers) -> AsyncIterator[AsyncPfsClient]:
    """A client of a server that runs the commands of pipelines."""
    needs("to run commands on the machine of the server")
    there = servers(server.version, "--run-pipelines")
    async with AsyncPfsClient(there.host, there.port) as client:
        yield client


@pytest.fixture
async def pps(client: AsyncPfsClient, repo_name: str) -> AsyncIterator[AsyncPpsClient]:
    """Its calls for pipelines; those of the test are deleted behind it."""
    yield client.pps
    for info in await client.pps.list_pipeline():
        if info.pipeline.name.startswith(repo_name):
            await client.pps.delete_pipeline(info.pipeline, force=True)


def spec(name: str, source: str, command: str = "cp /pfs/in/* /pfs/out/", **more: Any) -> dict[str, Any]:
    return {
        "pipeline": {"name": name},
        "transform": {"image": "lab", "cmd": ["sh", "-c", command]},
        "input": {"pfs": {"name": "in", "repo": source, "glob": "/*"}},
        **more,
    }


async def put(client: AsyncPfsClient, repo: str, **files: bytes) -> Any:
    async with client.commit(repo, "master") as commit:
        for name, content in files.items():
            await client.put_file_bytes(commit, f"/{name}", content)
    return commit


async def test_a_commit_leads_to_the_jobs_of_a_chain(client: AsyncPfsClient, pps: AsyncPpsClient, repo: str) -> None:
    first, second = f"{repo}-a", f"{repo}-b"
    upper = "for f in /pfs/in/*; do tr a-z A-Z < $f > /pfs/out/$(basename $f); done"
    changes = await pps.deploy_pipelines([spec(second, first), spec(first, repo, upper)])
    assert [(str(each.pipeline), each.action) for each in changes] == [(first, Action.CREATE), (second, Action.CREATE)]
    commit = await put(client, repo, x=b"hello", y=b"world")
    told: list[JobInfo] = []
    job = await pps.wait_job_of(second, commit, timeout=TIMEOUT, progress=told.append)
    assert job.state is JobState.SUCCESS
    assert job.output_commit is not None and told[-1] == job
    assert (job.data_total, job.data_processed, job.data_done) == (2, 2, 2)
    assert job.progress == "success: 2 of 2 datums done"
    assert await client.get_files(job.output_commit, "/") == {"/x": b"HELLO", "/y": b"WORLD"}
    assert (await pps.find_job(second, job.output_commit)).job == job.job
    assert (await pps.find_job(second, commit)).job == job.job
    assert [info.job.pipeline.name for info in await pps.wait_jobs(commit, timeout=TIMEOUT)] == [first, second]
    assert [info.job.pipeline.name for info in await pps.wait_jobs(commit, [second], timeout=TIMEOUT)] == [second]
    assert (await pps.inspect_job(job.job, details=True)).job == job.job


async def test_unchanged_specs_make_no_new_version(pps: AsyncPpsClient, repo: str) -> None:
    name = f"{repo}-a"
    written = spec(name, repo, datum_tries=2, job_timeout="1h")
    assert (await pps.deploy_pipelines(written, dry_run=True))[0].action is Action.CREATE
    assert not await pps.pipeline_exists(name)
    await pps.deploy_pipelines(written)
    again = await pps.deploy_pipelines({**written, "job_timeout": "60m"})
    assert [each.action for each in again] == [Action.NONE]
    assert (await pps.inspect_pipeline(name)).version == 1
    changed = {**written, "datum_tries": 3, "description": "better"}
    for dry_run in (True, False):
        (change,) = await pps.deploy_pipelines(changed, dry_run=dry_run)
        assert change.action is Action.UPDATE
        assert {each.field: (each.deployed, each.wanted) for each in change.differences} == {
            "datum_tries": (2, 3),
            "description": (None, "better"),
        }
    info = await pps.inspect_pipeline(name)
    assert (info.version, info.description, info.spec["datum_tries"]) == (2, "better", 3)
    assert [str(branch) for branch in info.inputs] == [f"{repo}@master"] or info.inputs[0].repo.name == repo
    assert [each.version for each in await pps.list_pipeline(name, history=-1)] == [2, 1]
    (forced,) = await pps.deploy_pipelines(changed, reprocess=True)
    assert forced.action is Action.UPDATE and not forced.differences
    assert (await pps.inspect_pipeline(f"{name}^2")).version == 1


async def test_what_servers_fill_in_is_no_change(pps: AsyncPpsClient, repo: str) -> None:
    tick = {"cron": {"name": "tick", "spec": "@daily"}}
    source = {"pfs": {"name": "in", "repo": repo, "glob": "/*/"}}
    written = spec(f"{repo}-a", repo, input={"cross": [tick, source]}, parallelism_spec={"constant": 1})
    await pps.deploy_pipelines(written)
    assert [each.action for each in await pps.deploy_pipelines(written)] == [Action.NONE]


@pytest.mark.thorough
async def test_a_wait_ends_when_the_pipeline_has_failed(client: AsyncPfsClient, pps: AsyncPpsClient, repo: str) -> None:
    name = f"{repo}-a"
    await pps.create_pipeline(spec(name, repo, transform={"image": "lab"}))
    commit = await put(client, repo, x=b"1")
    with pytest.raises(PipelineFailed, match=r"no transform\.cmd") as caught:
        await pps.wait_job_of(name, commit, timeout=TIMEOUT)
    assert caught.value.pipeline is not None and caught.value.pipeline.state is PipelineState.FAILURE


async def test_a_job_that_fails_tells_why(client: AsyncPfsClient, pps: AsyncPpsClient, repo: str) -> None:
    first, second = f"{repo}-a", f"{repo}-b"
    command = "echo looking at $in; grep -q bad /pfs/in/* && exit 7; cp /pfs/in/* /pfs/out/"
    await pps.deploy_pipelines([spec(first, repo, command, datum_tries=1), spec(second, first)])
    commit = await put(client, repo, x=b"bad", y=b"good")
    with pytest.raises(JobFailed) as caught:
        await pps.wait_job_of(first, commit, timeout=TIMEOUT)
    failure = caught.value
    assert failure.job is not None and failure.job.state is JobState.FAILURE
    assert failure.job.reason in str(failure)
    # 1.x servers do not know which datum it was
    one_x = (await client.version()).major == 1
    assert [file.path for datum in failure.failed_datums for file in datum.files] == ([] if one_x else ["/x"])
    assert any("looking at" in line.message for line in failure.log)
    with pytest.raises(JobFailed) as caught:
        await pps.wait_jobs(commit, timeout=TIMEOUT)
    assert caught.value.job is not None and caught.value.job.job.pipeline.name == first
    with pytest.raises(JobFailed) as caught:
        await pps.wait_job_of(second, commit, timeout=TIMEOUT)
    assert caught.value.job is not None
    # before 2.3 there is no state for it
    assert caught.value.job.state in (JobState.UNRUNNABLE, JobState.FAILURE)
    if one_x:
        assert caught.value.job.reason.startswith("inputs ")
        return
    assert [each.job.pipeline.name for each in caught.value.upstream] == [first]
    assert f"{first}@{commit.id} is failure" in str(caught.value)
    assert [file.path for datum in caught.value.failed_datums for file in datum.files] == ["/x"]


async def test_datums_have_states(client: AsyncPfsClient, pps: AsyncPpsClient, repo: str, supports: Supports) -> None:
    supports(Feature.DATUM_STATES)
    name = f"{repo}-a"
    await pps.create_pipeline(spec(name, repo))
    first = await put(client, repo, x=b"1")
    await pps.wait_job_of(name, first, timeout=TIMEOUT)
    commit = await put(client, repo, y=b"2", z=b"3")
    job = await pps.wait_job_of(name, commit, timeout=TIMEOUT)
    assert (job.data_total, job.data_skipped) == (3, 1)
    datums = [datum async for datum in await pps.list_datum(job)]
    assert sorted((datum.files[0].path, datum.state) for datum in datums) == [
        ("/x", DatumState.SKIPPED),
        ("/y", DatumState.SUCCESS),
        ("/z", DatumState.SUCCESS),
    ]
    skipped = [datum async for datum in await pps.list_datum(job, states=DatumState.SKIPPED)]
    assert [datum.files[0].path for datum in skipped] == ["/x"]
    assert len([datum.id async for datum in await pps.list_datum(job, number=2)]) == 2
    done = next(datum for datum in datums if datum.state is DatumState.SUCCESS)
    assert (await pps.inspect_datum(done)).id == done.id
    with pytest.raises(DatumNotFound):
        await pps.inspect_datum("0" * 64, job)
    with pytest.raises(DatumNotFound):
        await pps.restart_datum(job, ["/x"])


async def test_datums_are_listed(client: AsyncPfsClient, pps: AsyncPpsClient, repo: str) -> None:
    name = f"{repo}-a"
    await pps.create_pipeline(spec(name, repo))
    job = await pps.wait_job_of(name, await put(client, repo, x=b"1", y=b"2", z=b"3"), timeout=TIMEOUT)
    datums = [datum async for datum in await pps.list_datum(job)]
    assert sorted(datum.files[0].path for datum in datums) == ["/x", "/y", "/z"]
    assert len({datum.id for datum in datums}) == 3
    assert len([datum async for datum in await pps.list_datum(job, number=2)]) == 2


async def test_an_input_has_datums_without_a_pipeline(
    client: AsyncPfsClient, pps: AsyncPpsClient, repo: str, supports: Supports
) -> None:
    supports(Feature.INPUT_DATUMS)
    await put(client, repo, x=b"1", y=b"2", z=b"3")
    would_be = [datum async for datum in await pps.list_datum_of_input({"pfs": {"repo": repo, "glob": "/*"}})]
    assert sorted(datum.files[0].path for datum in would_be) == ["/x", "/y", "/z"]
    with pytest.raises(InvalidSpec, match=r"input\.pfs\.glob is missing"):
        await pps.list_datum_of_input({"pfs": {"repo": repo}})


async def test_datums_of_an_input_are_found_out_in_batches(
    client: AsyncPfsClient, pps: AsyncPpsClient, repo: str, supports: Supports
) -> None:
    supports(Feature.CREATE_DATUM)
    await put(client, repo, x=b"1", y=b"2", z=b"3")
    input = {"pfs": {"repo": repo, "glob": "/*"}}
    every = [datum.id async for datum in await pps.list_datum_of_input(input)]
    for size in (1, 2, 3, 100):
        assert [datum.id async for datum in await pps.create_datum(input, batch_size=size)] == every
    async with await pps.create_datum(input, batch_size=2) as datums:
        first = await step(datums)
    assert first.id == every[0]
    with pytest.raises(StopAsyncIteration):
        await step(datums)
    with pytest.raises(BranchNotFound):
        await pps.create_datum({"pfs": {"repo": repo, "branch": "missing", "glob": "/*"}})
    with pytest.raises(InvalidSpec, match=r"input\.pfs\.glob is missing"):
        await pps.create_datum({"pfs": {"repo": repo}})
    with pytest.raises(InvalidRequest, match="batch_size"):
        await pps.create_datum(input, batch_size=0)


async def test_older_servers_find_out_all_datums_of_an_input(pps: AsyncPpsClient, repo: str, lacks: Supports) -> None:
    lacks(Feature.CREATE_DATUM)
    with pytest.raises(Unsupported, match=r"list_datum_of_input"):
        await pps.create_datum({"pfs": {"repo": repo, "glob": "/*"}})


async def test_lists_come_in_pages(client: AsyncPfsClient, pps: AsyncPpsClient, repo: str, supports: Supports) -> None:
    supports(Feature.DATUM_PAGES)
    supports(Feature.JOB_PAGES)
    name = f"{repo}-a"
    await pps.create_pipeline(spec(name, repo))
    job = await pps.wait_job_of(name, await put(client, repo, x=b"1", y=b"2", z=b"3"), timeout=TIMEOUT)
    every = [datum.id async for datum in await pps.list_datum(job)]
    page = [datum.id async for datum in await pps.list_datum(job, number=2)]
    assert page == every[:2]
    assert [datum.id async for datum in await pps.list_datum(job, number=2, after=page[-1])] == every[2:]
    assert [datum.id async for datum in await pps.list_datum(job, number=1, reverse=True)] == every[-1:]
    jobs = [info async for info in await pps.list_job(name)]
    older = [info.job.id async for info in await pps.list_job(name, number=1, before=jobs[0].created)]
    assert older == [jobs[1].job.id]
    assert [info.job.id async for info in await pps.list_job(name, reverse=True)] == [
        info.job.id for info in jobs[::-1]
    ]


async def test_a_pipeline_that_others_read_is_not_deleted(pps: AsyncPpsClient, repo: str) -> None:
    first, second = f"{repo}-a", f"{repo}-b"
    await pps.deploy_pipelines([spec(first, repo), spec(second, first)])
    with pytest.raises(Conflict, match=second):
        await pps.delete_pipeline(first)
    assert (await pps.inspect_pipeline(first)).state is not PipelineState.PAUSED
    await pps.delete_pipeline(second)
    await pps.delete_pipeline(first, must_exist=True)
    assert not await pps.pipeline_exists(first)
    await pps.delete_pipeline(first)
    with pytest.raises(PipelineNotFound):
        await pps.delete_pipeline(first, must_exist=True)


async def test_a_pipeline_is_stopped_and_started(client: AsyncPfsClient, pps: AsyncPpsClient, repo: str) -> None:
    name = f"{repo}-a"
    await pps.create_pipeline(spec(name, repo))
    await pps.stop_pipeline(name)
    assert (await pps.inspect_pipeline(name)).stopped
    commit = await put(client, repo, x=b"1")
    with pytest.raises(JobNotFound):
        await pps.find_job(name, commit)
    await pps.start_pipeline(name)
    assert not (await pps.inspect_pipeline(name)).stopped
    jobs = [job async for job in await pps.list_job(name, number=1)]
    assert (await pps.wait_job(jobs[0], timeout=TIMEOUT)).data_total == 1


async def test_jobs_are_listed_and_killed(client: AsyncPfsClient, pps: AsyncPpsClient, repo: str) -> None:
    name = f"{repo}-a"
    await pps.create_pipeline(spec(name, repo, "grep -q slow /pfs/in/* && sleep 600; cp /pfs/in/* /pfs/out/"))
    first = await put(client, repo, x=b"1")
    done = await pps.wait_job_of(name, first, timeout=TIMEOUT)
    slow = await put(client, repo, y=b"slow")
    with pytest.raises(DeadlineExceeded, match="datums done"):
        await pps.wait_job_of(name, slow, timeout=1)
    job = await pps.find_job(name, slow)
    reason = "" if (await client.version()).major == 1 else "enough"
    await pps.stop_job(job, reason)
    with pytest.raises(JobFailed) as caught:
        await pps.wait_job(job, timeout=TIMEOUT)
    assert caught.value.job is not None
    assert caught.value.job.state is JobState.KILLED
    assert reason in caught.value.job.reason
    listed = [info.job.id async for info in await pps.list_job(name)]
    assert listed[:2] == [job.job.id, done.job.id]
    assert [info.job.id async for info in await pps.list_job(name, inputs=first)] == [done.job.id]
    await pps.delete_job(job)
    with pytest.raises(JobNotFound):
        await pps.inspect_job(job)


async def test_job_sets(client: AsyncPfsClient, pps: AsyncPpsClient, repo: str, supports: Supports) -> None:
    supports(Feature.JOB_SETS)
    names = [f"{repo}-a", f"{repo}-b"]
    await pps.deploy_pipelines([spec(names[0], repo), spec(names[1], names[0])])
    commits = [await put(client, repo, x=content) for content in (b"1", b"2")]
    for commit in commits:
        await pps.wait_jobs(commit, timeout=TIMEOUT)
    found = await pps.inspect_job_set(commits[0])
    assert [each.job.pipeline.name for each in found.jobs] == names
    assert {each.job.id for each in found.jobs} == {commits[0].id}
    sets = [each.id async for each in await pps.list_job_set(number=50)]
    assert sets.index(commits[1].id) < sets.index(commits[0].id)


async def test_logs_are_read(client: AsyncPfsClient, pps: AsyncPpsClient, repo: str) -> None:
    name = f"{repo}-a"
    await pps.create_pipeline(spec(name, repo, "cat /pfs/in/*; cp /pfs/in/* /pfs/out/"))
    commit = await put(client, repo, x=b"one\n", y=b"two\n")
    job = await pps.wait_job_of(name, commit, timeout=TIMEOUT)
    lines = [line async for line in await pps.get_logs(name, job=job)]
    said = [line for line in lines if line.user]
    assert sorted(line.message for line in said) == ["one", "two"]
    assert {line.job_id for line in said} == {job.job.id}
    only = [line.message async for line in await pps.get_logs(name, data_filters=["/x"]) if line.user]
    assert only == ["one"]


async def test_pipelines_are_created_in_one_step(
    client: AsyncPfsClient, pps: AsyncPpsClient, repo: str, supports: Supports
) -> None:
    supports(Feature.PIPELINE_TRANSACTIONS)
    first, second = f"{repo}-a", f"{repo}-b"
    async with client.transaction():
        await pps.create_pipeline(spec(first, repo))
        await pps.create_pipeline(spec(second, first))
        with pytest.raises(NotInTransaction):
            await pps.stop_pipeline(first)
    assert [(await pps.inspect_pipeline(name)).version for name in (first, second)] == [1, 1]
    with pytest.raises(RepoNotFound):
        await pps.deploy_pipelines([spec(f"{repo}-c", repo), spec(f"{repo}-d", f"{repo}-none")])
    assert not await pps.pipeline_exists(f"{repo}-c")


async def test_what_does_not_exist_or_does(pps: AsyncPpsClient, repo: str) -> None:
    missing, id = f"{repo}-none", "0123456789ab4def8123456789abcdef"
    for call in (pps.inspect_pipeline, pps.start_pipeline, pps.stop_pipeline, pps.run_cron, pps.rerun_pipeline):
        with pytest.raises(PipelineNotFound):
            await call(missing)
    for call in (pps.inspect_job, pps.stop_job, pps.delete_job, pps.list_datum):
        with pytest.raises(JobNotFound):
            await call((missing, id))
    await pps.create_pipeline(spec(f"{repo}-a", repo))
    with pytest.raises(AlreadyExists):
        await pps.create_pipeline(spec(f"{repo}-a", repo))
    with pytest.raises(Unsupported):
        await pps.run_pipeline(f"{repo}-a")


async def test_a_pipeline_is_run_again(client: AsyncPfsClient, pps: AsyncPpsClient, repo: str) -> None:
    name = f"{repo}-a"
    await pps.create_pipeline(spec(name, repo))
    await pps.wait_job_of(name, await put(client, repo, x=b"1"), timeout=TIMEOUT)
    await pps.rerun_pipeline(name, reprocess=True)
    assert (await pps.inspect_pipeline(name)).version == 2
    (newest,) = [job async for job in await pps.list_job(name, number=1)]
    job = await pps.wait_job(newest, timeout=TIMEOUT)
    assert (job.pipeline_version, job.data_processed, job.data_skipped) == (2, 1, 0)


@pytest.mark.parametrize("fault", ["unavailable", "lose-reply"])
async def test_a_pipeline_is_run_again_once_though_a_call_was_lost(
    client: AsyncPfsClient, pps: AsyncPpsClient, repo: str, lacks: Supports, fault: str
) -> None:
    lacks(Feature.RERUN_PIPELINE)
    name = f"{repo}-a"
    await pps.create_pipeline(spec(name, repo))
    with striking(client, fault, "CreatePipeline"):
        await pps.rerun_pipeline(name)
    assert (await pps.inspect_pipeline(name)).version == 2


async def test_secrets(pps: AsyncPpsClient, repo: str, supports: Supports) -> None:
    supports(Feature.SECRETS)
    await pps.create_secret(repo, {"user": "me", "password": b"\xff"}, labels={"team": "x"})
    try:
        assert (await pps.inspect_secret(repo)).name == repo
        assert repo in [each.name for each in await pps.list_secret()]
        with pytest.raises(AlreadyExists):
            await pps.create_secret(repo, {"user": "me"})
    finally:
        await pps.delete_secret(repo)
    with pytest.raises(SecretNotFound):
        await pps.inspect_secret(repo)


async def test_defaults_of_a_project(
    client: AsyncPfsClient, pps: AsyncPpsClient, project_name: str, supports: Supports
) -> None:
    supports(Feature.DEFAULTS)
    await client.create_project(project_name)
    assert await pps.get_project_defaults(project_name) == {}
    assert await pps.set_project_defaults(project_name, {"datumTries": "5"}) == []
    assert await pps.get_project_defaults(project_name) == {"datum_tries": 5}
    assert isinstance(await pps.get_cluster_defaults(), dict)
    with pytest.raises(InvalidSpec, match="nonsense is not a field"):
        await pps.set_project_defaults(project_name, {"nonsense": 1})
