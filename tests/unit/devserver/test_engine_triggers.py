"""Triggers: what counts, what fires, and that they stay; and commits that are made from others by hand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path

import pytest

from airflow_provider_pachyderm.devserver.engine import Engine, EngineError
from airflow_provider_pachyderm.devserver.engine.cron import BadCron, Cron
from airflow_provider_pachyderm.devserver.engine.model import CommitRef, RepoKey, Trigger
from airflow_provider_pachyderm.devserver.profiles import profile_for
from tests.unit.devserver.conftest import V1, V2, Desk

Open = Callable[..., Engine]


def head(desk: Desk, name: str) -> str | None:
    key = desk.engine.branches.inspect(desk.branch(name)).head
    return None if key is None else key.id


async def test_the_count_begins_anew(desk: Desk) -> None:
    desk.engine.branches.create(desk.branch("staging"), trigger=Trigger("master", commits=2))
    before = head(desk, "staging")
    heads = []
    for name in ("/1", "/2", "/3", "/4"):
        made = await desk.commit({name: b"x"})
        heads.append((made.id, head(desk, "staging")))
    ids = [id for id, _ in heads]
    assert [staging for _, staging in heads] == [before, ids[1], ids[1], ids[3]]


async def test_a_failed_commit_counts_for_nothing(desk2: Desk) -> None:
    desk2.engine.branches.create(desk2.branch("staging"), trigger=Trigger("master", commits=1))
    before = head(desk2, "staging")
    desk2.finish(await desk2.put(desk2.start(), "/a"), error="no good")
    assert head(desk2, "staging") == before


async def test_up_to_2_5_the_branch_gets_an_alias(opened: Open) -> None:
    desk = Desk(opened("2.3.9"))
    desk.engine.branches.create(desk.branch("staging"), trigger=Trigger("master", commits=1))
    made = await desk.commit({"/a": b"A"})
    assert head(desk, "staging") not in (None, made.id)
    assert await desk.files(desk.head("staging")) == {"/a": b"A"}


@pytest.mark.parametrize("version", [V1, V2])
async def test_a_trigger_outlives_the_server_and_a_move(opened: Open, tmp_path: Path, version: str) -> None:
    desk = Desk(opened(version, tmp_path))
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
    trigger = desk1.engine.commits.triggers
    small, enough = {"size": bytes_ - 1}, {"size": bytes_}
    assert not trigger._is_enough(Trigger("master", size=size), None, small)
    assert trigger._is_enough(Trigger("master", size=size), None, enough)


async def test_not_more_often_than_that() -> None:
    noon = datetime(2024, 2, 28, 12, tzinfo=timezone.utc).timestamp()
    clock = [int(noon * 10**9)]
    desk = Desk(Engine(profile_for(V1), clock=lambda: clock[0]))
    desk.engine.branches.create(desk.branch("staging"), trigger=Trigger("master", rate_limit="@daily"))
    moved = []
    for hours in (0, 6, 12, 1):
        clock[0] += hours * 3600 * 10**9
        made = await desk.commit({f"/{len(moved)}": b"x"})
        moved.append(head(desk, "staging") == made.id)
    desk.engine.close()
    assert moved == [True, False, True, False]


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
        ("0 0 30 2 *", None),
    ],
)
def test_when_it_is_due(spec: str, due: str | None) -> None:
    found = Cron.parse(spec).after(datetime(2024, 2, 28, 12, 30))
    assert (found and found.strftime("%Y-%m-%d %H:%M")) == due


@pytest.mark.parametrize(
    "spec", ["", "@never", "* * * *", "60 * * * *", "5-1 * * * *", "*/0 * * * *", "x * * * *", "1.5 * * * *"]
)
def test_what_is_no_cron_expression(desk1: Desk, spec: str) -> None:
    with pytest.raises(BadCron):
        Cron.parse(spec)
    if spec:
        with pytest.raises(EngineError, match="invalid trigger"):
            desk1.engine.branches.create(desk1.branch("b"), trigger=Trigger("master", rate_limit=spec))


def test_triggers_that_make_no_sense(desk: Desk) -> None:
    for trigger, why in (
        (Trigger(""), "must specify a branch"),
        (Trigger("master", size="a lot"), "invalid trigger size"),
        (Trigger("master", commits=-1), "negative"),
        (Trigger("staging"), "loop"),
    ):
        with pytest.raises(EngineError, match=why):
            desk.engine.branches.create(desk.branch("staging"), trigger=trigger)
    desk.engine.repos.create(RepoKey("in"))
    with pytest.raises(EngineError, match="both"):
        inputs = [desk.branch(repo="in")]
        desk.engine.branches.create(desk.branch("staging"), provenance=inputs, trigger=Trigger("master", commits=1))


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
