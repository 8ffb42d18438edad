"""Pipelines and their jobs in the engine, without anybody who runs them but the test."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from airflow_provider_pachyderm.devserver.engine import Engine, EngineError
from airflow_provider_pachyderm.devserver.engine.datums.records import DatumRecord, DatumState
from airflow_provider_pachyderm.devserver.engine.jobs.model import Counts, JobKey, JobState
from airflow_provider_pachyderm.devserver.engine.model import BranchKey, CommitRef, Put, RepoKey
from airflow_provider_pachyderm.devserver.engine.pipelines.model import PipelineKey, PipelineState
from airflow_provider_pachyderm.devserver.releases.profile import profile_for

A, B = PipelineKey("a"), PipelineKey("b")
INPUT = RepoKey("in")


def spec(name: str, repo: str, **more: Any) -> dict[str, Any]:
    return {
        "pipeline": {"name": name},
        "transform": {"cmd": ["sh"]},
        "input": {"pfs": {"repo": repo, "glob": "/*"}},
        **more,
    }


@pytest.fixture
def engine() -> Iterator[Engine]:
    engine = Engine(profile_for("2.11.6"))
    engine.repos.create(INPUT)
    yield engine
    engine.close()


def commit(engine: Engine, error: str = "") -> str:
    started = engine.commits.start(BranchKey(INPUT, "master"))
    engine.commits.finish(CommitRef(INPUT, started.id), error=error)
    engine.finisher.drain()
    return started.id


def do(engine: Engine, *failing: PipelineKey) -> None:
    """Do all jobs that can be done, each with one datum."""
    engine.finisher.drain()
    while (work := engine.work.next_job()) is not None:
        engine.work.begin(work.key)
        fails = work.key.pipeline in failing
        state = DatumState.FAILED if fails else DatumState.SUCCESS
        changes = [] if fails else [Put("/made", (), "d")]
        engine.work.datum_done(work.key, DatumRecord("d", "hash", state, work.key.id), changes)
        if fails:
            engine.work.fail(work.key)
        else:
            engine.work.finish(work.key)
        engine.finisher.drain()


def states(engine: Engine, id: str) -> dict[str, JobState]:
    return {info.key.pipeline.name: info.state for info in engine.jobs.of_set(id)}


def test_a_pipeline_has_repos_and_branches_that_follow_its_input_and_its_spec(engine: Engine) -> None:
    engine.pipelines.create(spec("a", "in", description="what it does"))
    assert {info.key.type for info in engine.repos.list() if info.key.name == "a"} == {"user", "spec", "meta"}
    for repo in (A.repo, A.meta_repo):
        branch = engine.branches.inspect(BranchKey(repo, "master"))
        assert set(branch.direct_provenance) == {BranchKey(INPUT, "master"), A.spec_branch}
    info = engine.pipelines.inspect(A)
    assert (info.version, info.state, info.last_job) == (1, PipelineState.STARTING, "CREATED")
    assert info.spec["input"]["pfs"] == {
        "name": "in",
        "repo": "in",
        "branch": "master",
        "glob": "/*",
        "repo_type": "user",
        "project": "default",
    }
    assert info.spec["datum_tries"] == "3"
    engine.controller.step()
    assert engine.pipelines.inspect(A).state is PipelineState.RUNNING


def test_of_a_pipeline_that_scales_itself_nobody_notes_when_its_workers_were_there(engine: Engine) -> None:
    engine.pipelines.create(spec("a", "in"))
    engine.pipelines.create(spec("b", "in", autoscaling=True))
    engine.controller.step()
    do(engine)
    engine.controller.step()
    assert engine.pipelines.inspect(A).workers_started is not None
    scales = engine.pipelines.inspect(B)
    assert (scales.state, scales.workers_started) == (PipelineState.STANDBY, None)


def test_a_commit_makes_a_job_in_each_pipeline_downstream(engine: Engine) -> None:
    engine.pipelines.create(spec("a", "in"))
    engine.pipelines.create(spec("b", "a"))
    do(engine)
    started = engine.commits.start(BranchKey(INPUT, "master"))
    assert states(engine, started.id) == {"a": JobState.CREATED, "b": JobState.CREATED}
    assert engine.work.next_job() is None
    engine.commits.finish(CommitRef(INPUT, started.id))
    do(engine)
    assert states(engine, started.id) == {"a": JobState.SUCCESS, "b": JobState.SUCCESS}
    info = engine.jobs.inspect(JobKey(B, started.id))
    assert info.counts == Counts(processed=1, total=1)
    assert info.started is not None
    assert info.finished is not None
    assert [one.key.pipeline for one in engine.jobs.of_set(started.id)] == [A, B]


def test_the_inputs_of_a_job_are_commits(engine: Engine) -> None:
    engine.pipelines.create(spec("a", "in"))
    do(engine)
    id = commit(engine)
    work = engine.work.next_job()
    assert work is not None
    assert work.key == JobKey(A, id)
    assert getattr(work.tree, "commit", None) == id
    assert (work.output.repo, work.output.id) == (A.repo, id)


def test_what_is_downstream_of_a_failed_job_cannot_be_run_until_the_next_commit(engine: Engine) -> None:
    engine.pipelines.create(spec("a", "in"))
    engine.pipelines.create(spec("b", "a"))
    do(engine)
    id = commit(engine)
    do(engine, A)
    assert states(engine, id) == {"a": JobState.FAILURE, "b": JobState.UNRUNNABLE}
    assert engine.jobs.inspect(JobKey(A, id)).reason == "datum d failed"
    reason = "unrunnable because the following upstream pipelines failed: a"
    assert engine.jobs.inspect(JobKey(B, id)).reason == reason
    assert engine.commits.inspect(CommitRef(B.repo, id)).error == reason
    id = commit(engine)
    do(engine)
    assert states(engine, id) == {"a": JobState.SUCCESS, "b": JobState.SUCCESS}


def test_an_input_that_was_finished_with_an_error_is_not_run_on(engine: Engine) -> None:
    engine.pipelines.create(spec("a", "in"))
    do(engine)
    id = commit(engine, error="broken")
    do(engine)
    assert states(engine, id) == {"a": JobState.UNRUNNABLE}


async def test_a_job_that_cannot_be_run_ends_before_its_commit_is_finished(engine: Engine) -> None:
    engine.pipelines.create(spec("a", "in"))
    do(engine)
    started = engine.commits.start(BranchKey(INPUT, "master"))
    finisher = asyncio.create_task(engine.finisher.run())
    engine.commits.finish(CommitRef(INPUT, started.id), error="broken")
    ended = await asyncio.wait_for(engine.job_watching.ended(JobKey(A, started.id)), 60)
    output = CommitRef(A.repo, started.id)
    told = engine.commits.inspect(output)
    assert (ended.state, told.finishing is not None, told.finished) == (JobState.UNRUNNABLE, True, None)
    await asyncio.wait_for(engine.watching.finished(output), 60)
    assert engine.commits.inspect(output).finished is not None
    finisher.cancel()
    with suppress(asyncio.CancelledError):
        await finisher


def test_a_datum_that_is_told_of_again_counts_once(engine: Engine) -> None:
    engine.pipelines.create(spec("a", "in"))
    do(engine)
    key = JobKey(A, commit(engine))
    engine.work.begin(key)
    engine.work.expect(key, 4)
    engine.work.keep(key, [DatumRecord(id, "hash", DatumState.SUCCESS, "earlier") for id in ("a", "b", "c")])
    engine.work.keep(key, [DatumRecord("a", "hash", DatumState.SUCCESS, "earlier")])
    assert engine.jobs.inspect(key).counts == Counts(skipped=3, total=4)
    engine.work.gone(key, ["b", "not there"])
    for id, state in (("a", "SUCCESS"), ("d", "FAILED"), ("d", "RECOVERED"), ("e", "FAILED"), ("e", "FAILED")):
        engine.work.datum_done(key, DatumRecord(id, "hash", DatumState(state), key.id))
    assert engine.jobs.inspect(key).counts == Counts(processed=1, skipped=1, total=4, failed=1, recovered=1)
    engine.work.begin(key)
    assert engine.jobs.inspect(key).counts == Counts()


def test_datums_of_the_last_good_job_are_the_base(engine: Engine) -> None:
    engine.pipelines.create(spec("a", "in"))
    do(engine)
    first = commit(engine)
    do(engine)
    failed = commit(engine)
    do(engine, A)
    id = commit(engine)
    key = JobKey(A, id)
    assert engine.work.next_job() is not None
    engine.work.begin(key)
    base = engine.work.base_datums(key)
    assert {record.job for record in base.values()} == {first} != {failed}
    engine.work.keep(key, base.values())
    engine.work.finish(key)
    engine.finisher.drain()
    assert engine.jobs.inspect(key).counts == Counts(skipped=1, total=1)
    files = engine.files.open(CommitRef(A.repo, id)).glob("/*")
    assert [file.path for file in files] == ["/made"]


def test_files_of_a_datum_that_is_gone_go(engine: Engine) -> None:
    engine.pipelines.create(spec("a", "in"))
    do(engine)
    commit(engine)
    do(engine)
    key = JobKey(A, commit(engine))
    engine.work.begin(key)
    engine.work.gone(key, ["d"])
    engine.work.finish(key)
    engine.finisher.drain()
    assert list(engine.files.open(CommitRef(A.repo, key.id)).glob("/*")) == []


def test_a_job_that_was_begun_is_given_again_and_begins_anew(engine: Engine) -> None:
    engine.pipelines.create(spec("a", "in"))
    do(engine)
    key = JobKey(A, commit(engine))
    engine.work.begin(key)
    engine.work.datum_done(key, DatumRecord("d", "hash", DatumState.SUCCESS, key.id), [Put("/half", (), "d")])
    work = engine.work.next_job()
    assert work is not None
    assert work.key == key
    engine.work.begin(key)
    info = engine.jobs.inspect(key)
    assert (info.restarts, info.counts) == (1, Counts())
    engine.work.finish(key)
    engine.finisher.drain()
    paths = [file.path for file in engine.files.open(CommitRef(A.repo, key.id)).glob("/*")]
    assert paths == ["/made"]


def test_a_stopped_job_ends_its_commit_with_the_reason(engine: Engine) -> None:
    engine.pipelines.create(spec("a", "in"))
    do(engine)
    key = JobKey(A, commit(engine))
    engine.work.begin(key)
    engine.jobs.stop(key, "enough of it")
    assert not engine.work.is_open(key)
    info = engine.jobs.inspect(key)
    assert (info.state, info.reason) == (JobState.KILLED, "enough of it")
    assert engine.commits.inspect(CommitRef(A.repo, key.id)).error == "enough of it"
    engine.jobs.stop(key, "again")
    assert engine.jobs.inspect(key).reason == "enough of it"


def test_an_update_is_a_new_version_and_ends_the_jobs_of_the_old_one(engine: Engine) -> None:
    engine.pipelines.create(spec("a", "in"))
    salt = engine.pipelines.inspect(A).spec["salt"]
    old = engine.jobs.list(A)[0].key
    engine.pipelines.create(spec("a", "in"), update=True)
    assert engine.jobs.inspect(old).state is JobState.KILLED
    info = engine.pipelines.inspect(A)
    assert (info.version, info.spec["salt"]) == (2, salt)
    assert [job.version for job in engine.jobs.list(A, history=0)] == [2]
    assert [job.version for job in engine.jobs.list(A)] == [2, 1]
    engine.pipelines.create(spec("a", "in"), update=True, reprocess=True)
    assert engine.pipelines.inspect(A).spec["salt"] != salt
    assert [one.version for one in engine.pipelines.list(A, history=1)] == [3, 2]
    assert engine.pipelines.inspect(PipelineKey("a^2")).version == 1


def test_a_stopped_pipeline_makes_no_jobs_until_it_is_started(engine: Engine) -> None:
    engine.pipelines.create(spec("a", "in"))
    do(engine)
    engine.lifecycle.stop(A)
    engine.controller.step()
    assert engine.pipelines.inspect(A).state is PipelineState.PAUSED
    id = commit(engine)
    assert engine.jobs.of_set(id) == []
    engine.lifecycle.start(A)
    engine.controller.step()
    assert engine.pipelines.inspect(A).state is PipelineState.RUNNING
    newest = engine.jobs.list(A)[0]
    assert newest.state is JobState.CREATED
    do(engine)
    assert engine.jobs.inspect(newest.key).state is JobState.SUCCESS


def test_a_pipeline_that_others_need_is_stopped_though_its_deletion_is_refused(engine: Engine) -> None:
    engine.pipelines.create(spec("a", "in"))
    engine.pipelines.create(spec("b", "a"))
    text = r'"default/a@master" cannot be deleted because it\'s in the direct provenance of \[default/b@master'
    with pytest.raises(EngineError, match=text):
        engine.lifecycle.delete(A)
    assert engine.pipelines.inspect(A).stopped
    engine.lifecycle.delete(A, force=True)
    assert [info.key for info in engine.pipelines.list()] == [B]
    engine.lifecycle.delete(B, keep_repo=True)
    assert {info.key for info in engine.repos.list()} == {INPUT, B.repo}
    with pytest.raises(EngineError, match="because a repo with the same name already exists"):
        engine.pipelines.create(spec("b", "in"))


def test_the_repo_of_a_pipeline_is_not_deleted_by_itself(engine: Engine) -> None:
    engine.pipelines.create(spec("a", "in"))
    with pytest.raises(EngineError, match="cannot delete a repo associated with a pipeline"):
        engine.repos.delete(A.repo, force=True)
    with pytest.raises(EngineError, match="could not delete all repos: cannot delete a repo associated"):
        engine.repos.delete_all()


def test_a_pipeline_without_a_command_fails_and_its_jobs_end(engine: Engine) -> None:
    engine.pipelines.create({**spec("a", "in"), "transform": {"image": "x"}})
    engine.controller.step()
    info = engine.pipelines.inspect(A)
    assert (info.state, info.reason) == (PipelineState.FAILURE, "nothing to run: no transform.cmd")
    assert [(job.state, job.reason) for job in engine.jobs.list(A)] == [(JobState.KILLED, "job stopped")]


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"input": {}}, "no input set"),
        ({"input": {"pfs": {"glob": "/"}}}, "input must specify a name"),
        ({"input": {"pfs": {"repo": "in"}}}, "input must specify a glob"),
        ({"input": {"pfs": {"repo": "none", "glob": "/"}}}, "repo default/none not found"),
        ({"input": {"pfs": {"repo": "in", "glob": "/", "name": "out"}}}, "input cannot be named out"),
        ({"input": {"cross": [{"pfs": {"repo": "in", "glob": "/"}}] * 2}}, 'name "in" was used more than once'),
        ({"input": {"cron": {"name": "t", "spec": "often"}}}, "error parsing cron-spec: Expected exactly 5 fields"),
        ({"parallelism_spec": {"constant": "9"}}, "pipelines with parallelism more than 8"),
        ({"transform": {"secrets": [{"name": "s", "mount_path": "/s"}]}}, "missing Kubernetes secret s"),
        ({"service": {"type": "Odd"}}, "the following service type Odd is not allowed"),
        ({"service": {}}, "it does not run services"),
        ({"pipeline": {"name": "-a"}}, "pipeline names must start with an alphanumeric character"),
        ({"pipeline": {"name": "a.b"}}, "cannot mix . and b characters"),
    ],
)
def test_specs_that_are_refused_leave_nothing(engine: Engine, change: dict[str, Any], text: str) -> None:
    with pytest.raises(EngineError) as refused:
        engine.pipelines.create({**spec("a", "in"), **change})
    assert text in refused.value.text
    assert [info.key for info in engine.repos.list()] == [INPUT]
    assert engine.pipelines.list() == []


def test_a_clock_ticks_when_it_is_due_and_when_it_is_told(tmp_path: Path) -> None:
    now = [1_700_000_000 * 10**9]
    engine = Engine(profile_for("2.11.6"), clock=lambda: now[0])
    clock = {"cron": {"name": "tick", "spec": "@every 60s"}}
    engine.pipelines.create({**spec("a", "in"), "input": clock})
    do(engine)
    engine.controller.step()
    ticks = CommitRef(RepoKey("a_tick"), branch="master")
    assert list(engine.files.open(ticks).glob("/*")) == []
    now[0] += 130 * 10**9
    for _ in range(3):
        engine.controller.step()
        do(engine)
    assert [file.path for file in engine.files.open(ticks).glob("/*")] == [
        "/2023-11-14T22:14:20Z",
        "/2023-11-14T22:15:20Z",
    ]
    assert len(engine.jobs.list(A)) == 3
    engine.ticks.run_cron(A)
    engine.finisher.drain()
    assert len(list(engine.files.open(ticks).glob("/*"))) == 3
    engine.lifecycle.delete(A)
    assert engine.repos.list() == []
    engine.close()


async def test_who_waits_for_a_job_is_told_when_it_ends(engine: Engine) -> None:
    engine.pipelines.create(spec("a", "in"))
    key = engine.jobs.list(A)[0].key
    waiting = asyncio.create_task(engine.job_watching.ended(key))
    subscribed = engine.job_watching.subscribe(A)
    assert (await anext(subscribed)).key == key
    do(engine)
    assert (await waiting).state is JobState.SUCCESS
    coming = asyncio.ensure_future(anext(subscribed))
    await asyncio.sleep(0)
    id = commit(engine)
    assert (await coming).key.id == id
    # one that comes while another is being taken
    later = commit(engine)
    assert (await asyncio.wait_for(anext(subscribed), 60)).key.id == later
    deleted = asyncio.create_task(engine.job_watching.ended(JobKey(A, id)))
    await asyncio.sleep(0)
    engine.lifecycle.delete(A)
    assert (await deleted).state is JobState.KILLED


def test_pipelines_jobs_datums_logs_and_secrets_survive_a_restart(tmp_path: Path) -> None:
    engine = Engine(profile_for("2.11.6"), tmp_path)
    engine.repos.create(INPUT)
    engine.pipelines.create(spec("a", "in"))
    do(engine)
    key = engine.jobs.list(A)[0].key
    engine.logs.add(A, "a line", key.id, "d")
    engine.secrets.create(b'{"metadata": {"name": "s"}, "stringData": {"k": "v"}}')
    begun = JobKey(A, commit(engine))
    engine.work.begin(begun)
    engine.close()
    again = Engine(profile_for("2.11.6"), tmp_path)
    assert again.pipelines.inspect(A).version == 1
    info = again.jobs.inspect(key)
    assert info.state is JobState.SUCCESS
    assert [record.id for record in again.datums.of(info.num)] == ["d"]
    assert again.secrets.value("s", "k") == b"v"
    work = again.work.next_job()
    assert work is not None
    assert work.key == begun
    again.close()


async def test_logs_are_found_by_job_datum_and_file(engine: Engine) -> None:
    engine.pipelines.create(spec("a", "in"))
    engine.logs.add(A, "one", "j1", "d1")
    engine.logs.add(A, "two", "j2", "d2", of_user=False)
    engine.logs.add(PipelineKey("none"), "lost")
    assert [line.message async for line in engine.logs.get(A)] == ["one", "two"]
    assert [line.message async for line in engine.logs.get(A, job="j2")] == ["two"]
    assert [line.message async for line in engine.logs.get(A, datum="d1")] == ["one"]
    assert [line.message async for line in engine.logs.get(A, tail=1)] == ["two"]
    assert [line.message async for line in engine.logs.get(A, filters=["/none"])] == []
    followed = engine.logs.get(A, job="j3", follow=True)
    coming = asyncio.ensure_future(anext(followed))
    await asyncio.sleep(0)
    engine.logs.add(A, "three", "j3")
    assert (await coming).message == "three"
    # one that comes while another is being taken
    engine.logs.add(A, "four", "j3")
    assert (await asyncio.wait_for(anext(followed), 60)).message == "four"
