"""Triggers: what counts, what fires, and that they stay; and commits that are made from others by hand."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from airflow_provider_pachyderm.devserver.engine import Engine, EngineError
from airflow_provider_pachyderm.devserver.engine.branches.cron import Cron
from airflow_provider_pachyderm.devserver.engine.errors import NeverAnswers
from airflow_provider_pachyderm.devserver.engine.model import CommitRef, RepoKey, Trigger
from airflow_provider_pachyderm.devserver.releases.profile import profile_for
from tests.unit.devserver.conftest import V1, V2, Desk

Open = Callable[..., Engine]


def head(desk: Desk, name: str) -> str | None:
    key = desk.engine.branches.inspect(desk.branch(name)).head
    return None if key is None else key.id


async def test_the_count_begins_anew(desk: Desk) -> None:
    desk.engine.branches.create(desk.branch())
    desk.engine.branches.create(desk.branch("staging"), trigger=Trigger("master", commits=2))
    before = head(desk, "staging")
    heads = []
    for name in ("/1", "/2", "/3", "/4"):
        made = await desk.commit({name: b"x"})
        heads.append((made.id, head(desk, "staging")))
    ids = [id for id, _ in heads]
    assert [staging for _, staging in heads] == [before, ids[1], ids[1], ids[3]]


async def test_a_failed_commit_counts_for_nothing(desk2: Desk) -> None:
    desk2.engine.branches.create(desk2.branch())
    desk2.engine.branches.create(desk2.branch("staging"), trigger=Trigger("master", commits=1))
    before = head(desk2, "staging")
    desk2.finish(await desk2.put(desk2.start(), "/a"), error="no good")
    assert head(desk2, "staging") == before


async def test_d48_up_to_2_5_the_branch_gets_an_alias_of_the_same_id(opened: Open) -> None:
    desk = Desk(opened("2.3.9"))
    desk.engine.branches.create(desk.branch("staging"), trigger=Trigger("master", commits=1))
    made = await desk.commit({"/a": b"A"})
    assert head(desk, "staging") == made.id
    assert await desk.files(desk.head("staging")) == {"/a": b"A"}


@pytest.mark.parametrize("version", [V1, V2])
async def test_a_trigger_outlives_the_server_and_a_move(opened: Open, tmp_path: Path, version: str) -> None:
    desk = Desk(opened(version, tmp_path))
    desk.engine.branches.create(desk.branch())
    desk.engine.branches.create(desk.branch("staging"), trigger=Trigger("master", size="1K"))
    desk.engine.close()
    desk = Desk(opened(version, tmp_path))
    first = await desk.commit({"/a": bytes(999)})
    desk.engine.branches.create(desk.branch("staging"), first)
    assert desk.engine.branches.inspect(desk.branch("staging")).trigger == Trigger("master", size="1K")
    second = await desk.commit({"/b": bytes(1000)})
    assert head(desk, "staging") == second.id


@pytest.mark.parametrize(
    ("size", "bytes_"), [("7", 7), ("1.5k", 1500), ("2 MB", 2_000_000), ("1GiB", 10**9), ("3b", 3)]
)
async def test_sizes(desk1: Desk, size: str, bytes_: int) -> None:
    desk1.engine.branches.create(desk1.branch("staging"), trigger=Trigger("master", size=size))
    commit = desk1.engine.commits.resolve(desk1.start())
    small, enough = commit._replace(size=bytes_ - 1), commit._replace(size=bytes_)
    assert not desk1.engine.triggers._is_enough(Trigger("master", size=size), None, small)
    assert desk1.engine.triggers._is_enough(Trigger("master", size=size), None, enough)


NOON = datetime(2024, 2, 28, 12, tzinfo=timezone.utc)
HOUR = timedelta(hours=1)


class Hand:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.shows = NOON

    def __call__(self) -> int:
        return int(self.shows.timestamp()) * 10**9


async def test_not_more_often_than_that() -> None:
    clock = Hand()
    desk = Desk(Engine(profile_for(V1), clock=clock))
    desk.engine.branches.create(desk.branch("staging"), trigger=Trigger("master", rate_limit="@daily"))
    moved = []
    for hours in (0, 6, 12, 1):
        clock.shows += hours * HOUR
        made = await desk.commit({f"/{len(moved)}": b"x"})
        moved.append(head(desk, "staging") == made.id)
    desk.engine.close()
    assert moved == [True, False, True, False]


async def test_at_its_time_whatever_comes(tmp_path: Path) -> None:
    clock = Hand()
    desk = Desk(Engine(profile_for(V2), tmp_path, clock=clock))
    old = await desk.commit({"/old": b"x"})
    desk.engine.branches.create(desk.branch("staging"), old, trigger=Trigger("master", commits=1, cron="0 18 * * *"))
    new = await desk.commit({"/new": b"x"})
    moved = []
    for hours in (0, 5, 1, 1):
        clock.shows += hours * HOUR
        assert desk.engine.timetable.step()
        moved.append(head(desk, "staging") == new.id)
    assert moved == [False, False, True, True]
    newer = await desk.commit({"/newer": b"x"})
    desk.engine.timetable.step()
    assert head(desk, "staging") == new.id
    desk.engine.close()
    # after a restart 18:00 has not been yet since the head was started
    desk = Desk(Engine(profile_for(V2), tmp_path, clock=clock))
    desk.engine.timetable.step()
    assert head(desk, "staging") == newer.id
    desk.engine.close()


async def test_a_timetable_goes_with_its_branch_and_its_trigger() -> None:
    clock = Hand()
    desk = Desk(Engine(profile_for(V2), clock=clock))
    made = await desk.commit({"/a": b"x"})
    assert not desk.engine.timetable.step()
    desk.engine.branches.create(desk.branch("staging"), trigger=Trigger("master", cron="@yearly"))
    assert desk.engine.timetable.step()
    desk.engine.branches.create(desk.branch("staging"), trigger=Trigger("master", cron="@every 10m"))
    clock.shows += HOUR
    desk.engine.timetable.step()
    assert head(desk, "staging") == made.id
    desk.engine.branches.delete(desk.branch("staging"), force=True)
    assert not desk.engine.timetable.step()
    desk.engine.close()


def chain(desk: Desk) -> None:
    """``staging`` follows ``master``, and ``last`` follows ``staging``."""
    desk.engine.branches.create(desk.branch())
    desk.engine.branches.create(desk.branch("staging"), trigger=Trigger("master", commits=1))
    desk.engine.branches.create(desk.branch("last"), trigger=Trigger("staging", commits=1))


@pytest.mark.parametrize(
    ("version", "refused"),
    [("2.7.8", []), ("2.8.10", ["master", "staging"]), ("2.9.7", ["master", "staging", "last"])],
)
def test_d34_d45_triggers_keep_branches_from_being_deleted(opened: Open, version: str, refused: list[str]) -> None:
    for name in ("master", "staging", "last"):
        desk = Desk(opened(version))
        chain(desk)
        if name in refused:
            with pytest.raises(EngineError, match="trigger"):
                desk.engine.branches.delete(desk.branch(name))
            desk.engine.branches.delete(desk.branch(name), force=True)
            followers = [info for info in desk.engine.branches.list(desk.repo) if info.trigger is not None]
            assert name not in [info.trigger.branch for info in followers if info.trigger is not None]
        else:
            desk.engine.branches.delete(desk.branch(name))


@pytest.mark.parametrize("version", ["2.0.8", "2.5.9", "2.6.5"])
def test_d41_the_look_for_loops_sees_the_oldest_branch_everywhere(opened: Open, version: str) -> None:
    desk = Desk(opened(version))
    desk.engine.branches.create(desk.branch("first"), trigger=Trigger("hand", commits=1))
    # neither branch is there that the oldest one follows
    desk.engine.branches.create(desk.branch("second"), trigger=Trigger("first", commits=1))
    desk.engine.branches.create(desk.branch("hand"))
    with pytest.raises(NeverAnswers):
        desk.engine.branches.create(desk.branch("third"), trigger=Trigger("second", commits=1))
    assert [info.key.name for info in desk.engine.branches.list(desk.repo)] == ["hand", "second", "first"]
    with pytest.raises(EngineError, match="loop"):
        desk.engine.branches.create(desk.branch("hand"), trigger=Trigger("second", commits=1))


def test_from_2_6_6_loops_are_found(opened: Open) -> None:
    desk = Desk(opened("2.6.6"))
    chain(desk)
    with pytest.raises(EngineError, match="loop"):
        desk.engine.branches.create(desk.branch("staging"), trigger=Trigger("last", commits=1))


async def test_what_it_follows_may_come_later() -> None:
    clock = Hand()
    desk = Desk(Engine(profile_for("2.6.6"), clock=clock))
    desk.engine.branches.create(desk.branch("staging"), trigger=Trigger("master", cron="@hourly"))
    clock.shows += HOUR
    desk.engine.timetable.step()
    opened = desk.start()
    desk.engine.timetable.step()
    assert head(desk, "staging") == opened.id
    desk.engine.close()


async def test_the_clock_is_looked_at_beside() -> None:
    clock = Hand()
    desk = Desk(Engine(profile_for(V2), clock=clock))
    task = asyncio.ensure_future(desk.engine.timetable.run())
    made = await desk.commit({"/a": b"x"})
    desk.engine.branches.create(desk.branch("staging"), trigger=Trigger("master", cron="@hourly"))
    clock.shows += HOUR
    while head(desk, "staging") != made.id:
        await asyncio.sleep(0.01)
    task.cancel()
    desk.engine.close()


async def test_one_that_cannot_be_read_keeps_no_other_from_moving(caplog: pytest.LogCaptureFixture) -> None:
    clock = Hand()
    desk = Desk(Engine(profile_for(V2), clock=clock))
    made = await desk.commit({"/a": b"x"})
    for name in ("broken", "staging"):
        desk.engine.branches.create(desk.branch(name), trigger=Trigger("master", cron="@hourly"))
    with desk.engine.unit() as unit:
        desk.engine.triggers.set(unit, desk.branch("broken"), Trigger("master", cron="@every blue moon"))
    for _ in range(3):
        clock.shows += HOUR
        assert desk.engine.timetable.step()
    assert (head(desk, "staging") == made.id, head(desk, "broken") == made.id) == (True, False)
    assert [record.getMessage().partition(" stays")[0] for record in caplog.records] == ["branch broken"]
    desk.engine.branches.create(desk.branch("broken"), trigger=Trigger("master", cron="@every 10m"))
    desk.engine.timetable.step()
    assert head(desk, "broken") == made.id
    desk.engine.close()


async def test_the_longest_time_between_two(desk: Desk) -> None:
    desk.engine.branches.create(desk.branch())
    longest = "@every 2562047h47m16s"
    desk.engine.branches.create(desk.branch("slow"), trigger=Trigger("master", cron=longest))
    desk.engine.branches.create(desk.branch("staging"), trigger=Trigger("master", rate_limit=longest))
    before = [head(desk, name) for name in ("slow", "staging")]
    await desk.commit({"/a": b"x"})
    desk.engine.timetable.step()
    assert [head(desk, name) for name in ("slow", "staging")] == before


async def test_it_must_follow_a_branch_that_is_there(desk2: Desk) -> None:
    with pytest.raises(EngineError, match=r"branch \(id=0, branch=default/r@next\) not found") as refusal:
        desk2.engine.branches.create(desk2.branch("staging"), trigger=Trigger("next", commits=1))
    assert refusal.value.code == "NOT_FOUND"


@pytest.mark.parametrize(("version", "moved"), [("2.7.8", True), ("2.8.10", False)])
async def test_whether_the_commit_a_branch_begins_with_counts(opened: Open, version: str, moved: bool) -> None:
    desk = Desk(opened(version))
    for name, trigger in (("master", None), ("staging", Trigger("master", commits=2))):
        desk.engine.branches.create(desk.branch(name), trigger=trigger)
    made = await desk.commit({"/a": b"x"})
    assert (head(desk, "staging") == made.id) is moved


@pytest.mark.parametrize(
    ("spec", "due"),
    [
        ("* * * * *", "2024-02-28 12:31"),
        ("*/20 * * * *", "2024-02-28 12:40"),
        ("5,35 13-15 * * *", "2024-02-28 13:05"),
        ("0 0 29 2 ?", "2024-02-29 00:00"),
        ("15 3 1 jan *", "2025-01-01 03:15"),
        ("0 9 * * MON-FRI", "2024-02-29 09:00"),
        ("0 9 * * sun", "2024-03-03 09:00"),
        ("0 9 1 * 5", "2024-03-01 09:00"),
        ("10/25 * * * *", "2024-02-28 12:35"),
        ("@hourly", "2024-02-28 13:00"),
        ("@weekly", "2024-03-03 00:00"),
        ("@every 1h30m", "2024-02-28 14:00"),
        ("@every 1.5h", "2024-02-28 14:00"),
        ("@every +1h.5h60000ms1us2µs", "2024-02-28 14:01"),
        ("@every 2562047h47m16s", "2316-06-09 12:17"),
        ("0" * 5000 + " */030 * * *", "2024-02-29 00:00"),
        ("0 0 30 2 *", None),
        (" @never ", None),
    ],
)
def test_when_it_is_due(spec: str, due: str | None) -> None:
    found = Cron.parse(spec).after(datetime(2024, 2, 28, 12, 30))
    assert (found and found.strftime("%Y-%m-%d %H:%M")) == due


@pytest.mark.parametrize(("spec", "following"), [("@every 7m", "14:02"), ("*/7 * * * *", "14:07"), ("@never", None)])
def test_when_it_is_due_again(spec: str, following: str | None) -> None:
    found = Cron.parse(spec).following(datetime(2024, 2, 28, 12, 3), datetime(2024, 2, 28, 14, 1))
    assert (found and found.strftime("%H:%M")) == following


@pytest.mark.parametrize(
    ("spec", "why"),
    [
        ("* * * *", "Expected exactly 5 fields, found 4: * * * *"),
        ("@often", "Unrecognized descriptor: @often"),
        ("60 * * * *", "End of range (60) above maximum (59): 60"),
        ("* * 0-3 * *", "Beginning of range (0) below minimum (1): 0-3"),
        ("5-1 * * * *", "Beginning of range (5) beyond end of range (1): 5-1"),
        ("1-2-3 * * * *", "Too many hyphens: 1-2-3"),
        ("1/2/3 * * * *", "Too many slashes: 1/2/3"),
        ("*/0 * * * *", "Step of range should be a positive number: */0"),
        (
            "*/99999999999999999999 * * * *",
            "Failed to parse int from 99999999999999999999: "
            'strconv.Atoi: parsing "99999999999999999999": value out of range',
        ),
        ("x * * * *", 'Failed to parse int from x: strconv.Atoi: parsing "x": invalid syntax'),
        ("@never", "Unrecognized descriptor: @never"),
    ],
)
def test_what_is_no_cron_expression(desk1: Desk, spec: str, why: str) -> None:
    with pytest.raises(EngineError) as refusal:
        desk1.engine.branches.create(desk1.branch("b"), trigger=Trigger("master", rate_limit=spec))
    assert refusal.value.text == f"invalid trigger cron spec: {why}"


@pytest.mark.parametrize(
    ("given", "seconds"),
    [("500ms", 1), ("0", 1), ("-5m", 1), ("1999ms", 1), (".5m", 30), ("1.m", 60), ("0.1000000000000000000009h", 360)],
)
def test_it_comes_every_so_many_seconds(given: str, seconds: int) -> None:
    assert Cron.parse(f"@every {given}").every == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ("", "invalid duration"),
        ("-", "invalid duration"),
        ("h", "invalid duration"),
        (".s", "invalid duration"),
        (" 1h", "invalid duration"),
        ("90000000h", "invalid duration"),
        ("2562047h48m", "invalid duration"),
        ("9" * 5000 + "h", "invalid duration"),
        ("5", "missing unit in duration"),
        ("1h5", "missing unit in duration"),
        ("1d", 'unknown unit "d" in duration'),
        ("1h-5m", 'unknown unit "h-" in duration'),
        ("1h ", 'unknown unit "h " in duration'),
    ],
)
def test_what_is_no_duration(desk1: Desk, given: str, why: str) -> None:
    with pytest.raises(EngineError) as refusal:
        desk1.engine.branches.create(desk1.branch("b"), trigger=Trigger("master", rate_limit=f"@every {given}"))
    said = f'Failed to parse duration @every {given}: time: {why} "{given}"'
    assert refusal.value.text == f"invalid trigger cron spec: {said}"


def test_which_spec_is_wrong(desk2: Desk) -> None:
    for trigger, name in ((Trigger("m", rate_limit="x"), "rate limit spec"), (Trigger("m", cron="x"), "cron spec")):
        with pytest.raises(EngineError, match=f"invalid trigger {name}: Expected exactly 5"):
            desk2.engine.branches.create(desk2.branch("b"), trigger=trigger)


def test_triggers_that_make_no_sense(desk: Desk) -> None:
    for trigger, why in (
        (Trigger(""), "must specify a branch"),
        (Trigger("master", size="a lot"), "invalid trigger size"),
        (Trigger("master", commits=-1), "negative"),
        (Trigger("staging"), "loop"),
    ):
        with pytest.raises(EngineError, match=why):
            desk.engine.branches.create(desk.branch("staging"), trigger=trigger)


def test_a_branch_of_2x_has_a_trigger_or_inputs(desk2: Desk) -> None:
    desk2.engine.repos.create(RepoKey("in"))
    with pytest.raises(EngineError, match="both"):
        inputs = [desk2.branch(repo="in")]
        desk2.engine.branches.create(desk2.branch("staging"), provenance=inputs, trigger=Trigger("master", commits=1))


async def test_provenance_by_hand_is_flushed(opened: Open) -> None:
    desk = Desk(opened("1.8.8"))
    desk.engine.repos.create(RepoKey("out"))
    source = await desk.commit({"/a": b"A"})
    made = desk.engine.commits.start(desk.branch(repo="out"), provenance=[source])
    desk.finish(desk.ref(made))
    flushed = [info.key async for info in desk.engine.watching.flush([source], [])]
    assert flushed == [made]


async def test_provenance_by_hand_goes_along_branches(desk1: Desk) -> None:
    desk1.engine.repos.create(RepoKey("out"))
    source = await desk1.commit({"/a": b"A"})
    with pytest.raises(EngineError, match="not provenant on"):
        desk1.engine.commits.start(desk1.branch(repo="out"), provenance=[source])
    nowhere = desk1.engine.commits.start(desk1.branch("", repo="out"), provenance=[source])
    links = desk1.engine.commits.inspect(desk1.ref(nowhere)).provenance
    assert [(link.key.id, link.branch) for link in links] == [(source.id, "master")]
    other = CommitRef(desk1.repo, source.id, "other")
    with pytest.raises(EngineError, match="multiple commits"):
        desk1.engine.commits.start(desk1.branch("new"), provenance=[other, other])
