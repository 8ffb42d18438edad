"""The worker on an engine: jobs from their first datum to their end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from airflow_provider_pachyderm.devserver.engine import Engine
from airflow_provider_pachyderm.devserver.engine.jobs.model import JobInfo, JobKey, JobState
from airflow_provider_pachyderm.devserver.engine.model import BranchKey, CommitKey, CommitRef, RepoKey
from airflow_provider_pachyderm.devserver.engine.pipelines.model import PipelineKey
from airflow_provider_pachyderm.devserver.releases.profile import profile_for
from airflow_provider_pachyderm.devserver.worker.worker import Worker
from tests.unit.devserver.conftest import Desk

COPY = 'cp -r "${PACH_PFS:-/pfs}"/%s/* "${PACH_PFS:-/pfs}/out/"'


class Shop(Desk):
    """A desk with a worker."""

    def __init__(self, engine: Engine, folder: Path, jobs: int = 2) -> None:
        super().__init__(engine)
        self._folder = folder
        self._jobs = jobs
        self._tasks: list[asyncio.Task[None]] = []

    def open(self) -> None:
        parts = (self.engine.finisher, self.engine.controller, Worker(self.engine, self._folder, self._jobs))
        self._tasks = [asyncio.create_task(part.run()) for part in parts]

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        for task in self._tasks:
            with suppress(asyncio.CancelledError):
                await task

    def pipeline(self, name: str, script: str, input: dict[str, Any], **spec: Any) -> None:
        transform = {"image": "python:3.12", "cmd": ["sh"], "stdin": [script], **spec.pop("transform", {})}
        update = spec.pop("update", False)
        self.engine.pipelines.create(
            {"pipeline": {"name": name}, "transform": transform, "input": input, **spec}, update=update
        )

    async def job(self, pipeline: str, id: str = "") -> JobInfo:
        """The end of a job, by default of the newest."""
        key = PipelineKey(pipeline)
        found = JobKey(key, id) if id else self.engine.jobs.list(key)[0].key
        return await asyncio.wait_for(self.engine.job_watching.ended(found), 60)

    def counts(self, info: JobInfo) -> tuple[int, int, int]:
        """Processed, skipped and total."""
        return info.counts.processed, info.counts.skipped, info.counts.total

    def lines(self, pipeline: str, job: str = "") -> list[str]:
        rows = self.engine.logs._after(PipelineKey(pipeline), 0, 0)
        return [row.message for row in rows if row.of_user and job in ("", row.job)]


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    async with _open_shop("2.11.6", tmp_path) as shop:
        yield shop


@pytest.fixture
async def shop1(tmp_path: Path) -> AsyncIterator[Shop]:
    async with _open_shop("1.13.4", tmp_path) as shop:
        yield shop


@asynccontextmanager
async def _open_shop(version: str, folder: Path) -> AsyncIterator[Shop]:
    (folder / "data").mkdir()
    shop = Shop(Engine(profile_for(version), folder / "data"), folder / "worker")
    shop.open()
    yield shop
    await shop.close()
    assert not (folder / "worker").exists()


def of(repo: str, glob: str = "/*", **leaf: Any) -> dict[str, Any]:
    return {"pfs": {"repo": repo, "glob": glob, **leaf}}


async def test_a_commit_runs_through_a_chain(shop: Shop) -> None:
    shop.pipeline("a", f"{COPY % 'r'}; echo at $PACH_DATUM_ID", of("r"))
    shop.pipeline("b", 'cat "${PACH_PFS:-/pfs}"/a/* | tr a-z A-Z > "${PACH_PFS:-/pfs}/out/all"', of("a", "/"))
    commit = await shop.commit({"/x": b"one\n", "/y": b"two\n"})
    first, second = await shop.job("a", commit.id), await shop.job("b", commit.id)
    assert (first.state, second.state) == (JobState.SUCCESS, JobState.SUCCESS)
    assert (shop.counts(first), shop.counts(second)) == ((2, 0, 2), (1, 0, 1))
    ref = CommitRef(second.output.repo, second.commit)
    assert await shop.files(ref) == {"/all": b"ONE\nTWO\n"}
    assert len(shop.lines("a", commit.id)) == 2


async def test_only_what_changed_is_done_again(shop: Shop) -> None:
    shop.pipeline("p", COPY % "r", of("r"))
    one = await shop.commit({"/a": b"1", "/b": b"1", "/c": b"1"})
    assert shop.counts(await shop.job("p", one.id)) == (3, 0, 3)
    two = shop.start()
    shop.delete(two, "/a")
    shop.delete(two, "/b")
    await shop.put(two, "/b", b"2")
    await shop.put(two, "/d", b"2")
    shop.finish(two)
    info = await shop.job("p", two.id)
    assert shop.counts(info) == (2, 1, 3)
    assert await shop.files(CommitRef(info.output.repo, info.commit)) == {"/b": b"2", "/c": b"1", "/d": b"2"}


async def test_a_datum_that_fails_fails_the_job_and_what_follows(shop: Shop) -> None:
    shop.pipeline("a", f'grep -q bad "$r" && {{ echo broken >&2; exit 7; }}; {COPY % "r"}', of("r"))
    shop.pipeline("b", COPY % "a", of("a"))
    good = await shop.commit({"/x": b"fine"})
    assert (await shop.job("b", good.id)).state is JobState.SUCCESS
    bad = await shop.commit({"/y": b"bad", "/z": b"fine"})
    first, second = await shop.job("a", bad.id), await shop.job("b", bad.id)
    failed = next(record for record in shop.engine.datums.of(first.num) if record.state.value == "FAILED")
    assert (first.state, first.reason) == (JobState.FAILURE, f"datum {failed.id} failed")
    assert shop.counts(first) == (1, 0, 3)
    assert shop.lines("a", bad.id) == ["broken"] * 3
    assert second.state is JobState.UNRUNNABLE
    assert second.reason == "unrunnable because the following upstream pipelines failed: a"
    healed = shop.start()
    shop.delete(healed, "/y")
    shop.finish(healed)
    last = await shop.job("b", healed.id)
    assert (last.state, shop.counts(last)) == (JobState.SUCCESS, (1, 1, 2))


async def _output(shop: Shop, input: CommitRef) -> JobInfo:
    """The end of the job of 1.x that an input commit gets."""
    while not (found := shop.engine.jobs.list(PipelineKey("p"), [CommitKey(input.repo, input.id)])):
        await shop.engine.work.changed()
    return await shop.job("p", found[0].key.id)


async def test_what_any_job_of_1_x_did_is_not_done_again(shop1: Shop) -> None:
    shop1.pipeline("p", f'grep -q bad "$r" && exit 7; echo did $r; {COPY % "r"}', of("r"), datum_tries=1)
    first = await _output(shop1, await shop1.commit({"/x": b"fine"}))
    bad = await _output(shop1, await shop1.commit({"/y": b"bad", "/z": b"good"}))
    assert (first.state, bad.state) == (JobState.SUCCESS, JobState.FAILURE)
    assert shop1.counts(bad) == (1, 1, 3)
    # the failed job, whose commit is empty, did /z
    await shop1.engine.collector.collect()
    healed = shop1.start()
    shop1.delete(healed, "/y")
    shop1.finish(healed)
    info = await _output(shop1, healed)
    assert (info.state, shop1.counts(info)) == (JobState.SUCCESS, (0, 2, 2))
    assert await shop1.files(CommitRef(info.output.repo, info.commit)) == {"/x": b"fine", "/z": b"good"}
    # what was gone for a while is known, too, also when the job that did it is not
    away = shop1.start()
    shop1.delete(away, "/x")
    shop1.finish(away)
    assert shop1.counts(await _output(shop1, away)) == (0, 1, 1)
    shop1.engine.jobs.delete(first.key)
    info = await _output(shop1, await shop1.commit({"/x": b"fine"}))
    assert shop1.counts(info) == (0, 2, 2)
    assert await shop1.files(CommitRef(info.output.repo, info.commit)) == {"/x": b"fine", "/z": b"good"}
    # other content is another datum
    info = await _output(shop1, await shop1.commit({"/x": b"more"}))
    assert shop1.counts(info) == (1, 1, 2)
    assert [line.rpartition("/")[2] for line in shop1.lines("p")] == ["x", "z", "x"]


async def test_a_job_of_1_x_that_takes_nothing_over_does_all_again(shop1: Shop) -> None:
    shop1.pipeline("p", COPY % "r", of("r"), reprocess_spec="every_job")
    await _output(shop1, await shop1.commit({"/x": b"1"}))
    assert shop1.counts(await _output(shop1, await shop1.commit({"/y": b"1"}))) == (2, 0, 2)


async def test_a_job_never_ends_after_the_output_branch_was_deleted(shop: Shop) -> None:
    shop.pipeline("p", COPY % "r", of("r"))
    await shop.job("p")
    shop.engine.branches.delete(BranchKey(RepoKey("p"), "master"))
    lost = await shop.commit({"/a": b"1"})
    assert shop.engine.jobs.find(JobKey(PipelineKey("p"), lost.id)) is None
    shop.pipeline("p", COPY % "r", of("r"), update=True)
    for _ in range(2):
        key = shop.engine.jobs.list(PipelineKey("p"))[0].key
        while (info := shop.engine.jobs.inspect(key)).state is not JobState.RUNNING:
            await shop.engine.work.changed()
        assert (info.counts.total, info.stats) == (0, None)
        # others do not wait for it, and it can be ended
        other = f"other-{key.id[:8]}"
        shop.pipeline(other, COPY % "r", of("r"))
        assert (await shop.job(other)).state is JobState.SUCCESS
        assert shop.engine.work.is_open(key)
        shop.engine.jobs.stop(key)
        assert (await shop.job("p", key.id)).state is JobState.KILLED
        # nor does the next one end
        await shop.commit({"/b": b"1"})


async def test_how_many_datums_there_are_is_told_after_that_the_job_is_running(shop: Shop) -> None:
    shop.pipeline("p", "sleep 1000", of("r"))
    await shop.job("p")
    keys = [JobKey(PipelineKey("p"), (await shop.commit({f"/{number}": b"1"})).id) for number in range(2)]
    for key, told in zip(keys, (False, True), strict=True):
        while (info := shop.engine.jobs.inspect(key)).state is not JobState.RUNNING or told > info.counts.total:
            await shop.engine.work.changed()
        shop.engine.jobs.stop(key)
        info = await shop.job("p", key.id)
        assert (info.counts.total, info.stats is not None) == ((2, True) if told else (0, False))


async def test_if_a_new_datum_fails_nothing_is_done_anew_or_removed(shop: Shop) -> None:
    shop.pipeline("p", f'grep -q bad "$r" && exit 7; {COPY % "r"}', of("r"))
    await shop.commit({"/changed": b"1", "/gone": b"1", "/same": b"1"})
    bad = shop.start()
    shop.delete(bad, "/gone")
    await shop.put(bad, "/changed", b"2")
    await shop.put(bad, "/new", b"bad")
    shop.finish(bad)
    info = await shop.job("p", bad.id)
    assert (info.state, shop.counts(info), info.counts.failed) == (JobState.FAILURE, (0, 0, 3), 1)
    told = {record.files[0].path: record.state.value for record in shop.engine.datums.of(info.num)}
    assert told == {"/changed": "SKIPPED", "/gone": "SKIPPED", "/same": "SKIPPED", "/new": "FAILED"}
    assert (await shop.files(CommitRef(info.output.repo, info.commit)))["/changed"] == b"1"


async def test_a_clock_that_overwrites_has_one_tick(shop: Shop) -> None:
    clock = {"cron": {"name": "beat", "spec": "@never", "overwrite": True}}
    shop.pipeline("p", 'ls "${PACH_PFS:-/pfs}/beat" > "${PACH_PFS:-/pfs}/out/tick"', clock)
    await shop.job("p")
    for _ in range(2):
        shop.engine.ticks.run_cron(PipelineKey("p"))
        info = await shop.job("p")
        assert (info.state, info.counts.total) == (JobState.SUCCESS, 1)
        # a tick is named by its second
        await asyncio.sleep(1)


async def test_a_job_without_datums_succeeds(shop: Shop) -> None:
    shop.pipeline("p", "exit 1", of("r"))
    assert shop.counts(info := await shop.job("p")) == (0, 0, 0)
    assert info.state is JobState.SUCCESS


async def test_a_job_that_is_stopped_ends_its_command(shop: Shop) -> None:
    shop.pipeline("p", "echo started; sleep 1000", of("r"))
    commit = await shop.commit({"/a": b"1"})
    key = JobKey(PipelineKey("p"), commit.id)
    while not shop.lines("p"):
        await asyncio.sleep(0.02)
    shop.engine.jobs.stop(key)
    info = await shop.job("p", commit.id)
    assert (info.state, info.reason) == (JobState.KILLED, "job stopped")
    # the place is free again
    shop.pipeline("q", COPY % "r", of("r"))
    assert (await shop.job("q")).state is JobState.SUCCESS


async def test_a_datum_can_be_restarted(shop: Shop) -> None:
    shop.pipeline("p", "echo started; sleep 1000", of("r"), datum_tries=1)
    commit = await shop.commit({"/a": b"1"})
    key = JobKey(PipelineKey("p"), commit.id)
    assert not shop.engine.running_datums.restart(key, ["/a"])
    while not shop.lines("p"):
        await asyncio.sleep(0.02)
    assert not shop.engine.running_datums.restart(key, ["/b"])
    assert shop.engine.running_datums.restart(key, ["/a"])
    while len(shop.lines("p")) < 2:
        await asyncio.sleep(0.02)
    shop.engine.jobs.stop(key)


async def test_a_job_is_stopped_while_its_datums_are_restarted(shop: Shop) -> None:
    shop.pipeline("p", "echo started; sleep 1000", of("r"))
    commit = await shop.commit({"/a": b"1", "/b": b"1"})
    key = JobKey(PipelineKey("p"), commit.id)
    while len(shop.lines("p")) < 2:
        await asyncio.sleep(0.02)
    for path in ("/a", "/b"):
        assert shop.engine.running_datums.restart(key, [path])
    shop.engine.jobs.stop(key)
    # both places are free again
    shop.pipeline("q", COPY % "r", of("r"))
    assert (await shop.job("q")).state is JobState.SUCCESS


async def test_a_job_that_takes_too_long_is_killed(shop: Shop) -> None:
    await shop.commit({"/a": b"1"})
    shop.pipeline("p", "sleep 1000", of("r"), job_timeout="1s")
    info = await shop.job("p")
    assert (info.state, info.reason) == (JobState.KILLED, " jobtimed out")


async def test_the_timeout_of_a_job_goes_on_from_its_start_after_a_crash(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    now = 1_700_000_000_000_000_000
    shop = Shop(Engine(profile_for("2.11.6"), tmp_path / "data", clock=lambda: now), tmp_path / "worker")
    shop.open()
    shop.pipeline("p", "echo started; sleep 1000", of("r"), job_timeout="1h")
    commit = await shop.commit({"/a": b"1"})
    while not shop.lines("p"):
        await asyncio.sleep(0.02)
    await shop.close()
    shop.engine.close()
    later = Engine(profile_for("2.11.6"), tmp_path / "data", clock=lambda: now + 3_600_000_000_000)
    again = Shop(later, tmp_path / "worker")
    again.open()
    info = await again.job("p", commit.id)
    assert (info.state, info.reason) == (JobState.KILLED, " jobtimed out")
    await again.close()
    again.engine.close()


async def test_a_job_goes_on_though_its_log_could_not_be_written(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a disk that was full for a while."""

    def full(*arguments: Any, **named: Any) -> None:
        raise OSError("no space left on device")

    begin, add = shop.engine.work.begin, shop.engine.logs.add
    tries: list[JobKey] = []

    def begin_once_more(key: JobKey) -> None:
        tries.append(key)
        if len(tries) == 1:
            full()
        shop.engine.logs.add = add  # type: ignore[method-assign]
        begin(key)

    monkeypatch.setattr(shop.engine.work, "begin", begin_once_more)
    monkeypatch.setattr(shop.engine.logs, "add", full)
    await shop.commit({"/a": b"1"})
    shop.pipeline("p", COPY % "r", of("r"))
    assert (await shop.job("p")).state is JobState.SUCCESS
    assert len(tries) == 2


async def test_jobs_of_one_commit_set_have_their_own_secrets(shop: Shop) -> None:
    """Jobs of several pipelines have the same id, and are done at once."""
    shop.engine.secrets.create(b'{"metadata": {"name": "s"}, "stringData": {"user": "me"}}')
    transform = {"secrets": [{"name": "s", "mount_path": "/the-secret"}]}
    for name in ("p", "q"):
        shop.pipeline(name, COPY % "r", of("r"), transform=transform)
    commit = await shop.commit({"/a": b"1"})
    for name in ("p", "q"):
        assert (await shop.job(name, commit.id)).state is JobState.SUCCESS
        rows = shop.engine.logs._after(PipelineKey(name), 0, 0)
        assert not [row.message for row in rows if row.message.startswith("error in job")]


async def test_a_job_that_leaves_a_relative_link_begins_again_and_again(shop: Shop) -> None:
    await shop.commit({"/a": b"1"})
    shop.pipeline("p", 'cd "${PACH_PFS:-/pfs}/out"; echo t > real; ln -s real relative', of("r"))
    key = shop.engine.jobs.list(PipelineKey("p"))[0].key
    while shop.engine.jobs.inspect(key).restarts < 2:
        await asyncio.sleep(0.05)
    assert shop.engine.jobs.inspect(key).state is JobState.RUNNING
    shop.engine.jobs.stop(key)
    assert (await shop.job("p")).state is JobState.KILLED


async def test_two_datums_with_one_path_fail_the_job(shop: Shop) -> None:
    await shop.commit({"/a": b"1", "/b": b"2"})
    shop.pipeline("p", 'echo x > "${PACH_PFS:-/pfs}/out/same"', of("r"))
    info = await shop.job("p")
    assert info.state is JobState.FAILURE
    assert info.reason.startswith("duplicate path output by different datums (/same from ")


async def test_secrets_are_given(shop: Shop, mounts_work: bool) -> None:
    shop.engine.secrets.create(b'{"metadata": {"name": "s"}, "stringData": {"pass": "word", "user": "me"}}')
    await shop.commit({"/a": b"1"})
    secrets = [{"name": "s", "key": "pass", "env_var": "SECRET"}, {"name": "s", "mount_path": "/the-secret"}]
    shop.pipeline("p", "echo $SECRET; cat /the-secret/user; echo", of("r"), transform={"secrets": secrets})
    await shop.job("p")
    assert shop.lines("p")[0] == "word"
    assert ("me" in shop.lines("p")) is mounts_work


async def test_what_was_running_when_the_server_ended_is_done_again(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    shop = Shop(Engine(profile_for("2.11.6"), tmp_path / "data"), tmp_path / "worker")
    shop.open()
    shop.engine.secrets.create(b'{"metadata": {"name": "s"}, "stringData": {"wait": "1000"}}')
    secrets = [{"name": "s", "key": "wait", "env_var": "WAIT"}]
    shop.pipeline("p", f"{COPY % 'r'}; echo started; sleep $WAIT", of("r"), transform={"secrets": secrets})
    commit = await shop.commit({"/a": b"1", "/b": b"2"})
    while not shop.lines("p"):
        await asyncio.sleep(0.02)
    await shop.close()
    shop.engine.close()
    again = Shop(Engine(profile_for("2.11.6"), tmp_path / "data"), tmp_path / "worker")
    again.engine.secrets.delete("s")
    again.engine.secrets.create(b'{"metadata": {"name": "s"}, "stringData": {"wait": "0"}}')
    again.open()
    info = await again.job("p", commit.id)
    assert (info.state, info.restarts, again.counts(info)) == (JobState.SUCCESS, 1, (2, 0, 2))
    assert await again.files(CommitRef(info.output.repo, info.commit)) == {"/a": b"1", "/b": b"2"}
    await again.close()
    again.engine.close()
