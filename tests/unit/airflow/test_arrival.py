"""The one rule by which sensors and triggers tell a new commit from an old one."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from airflow_provider_pachyderm.client import Commit, CommitInfo, CommitState, OriginKind, Repo
from airflow_provider_pachyderm.waiting.commit import Start, first_arrival, parse_time, reference

NOON = datetime(2026, 1, 1, 12, tzinfo=timezone.utc)
REPO = Repo("images", "default")


def commit(
    name: str,
    minutes: int | None = None,
    state: CommitState | None = None,
    origin: OriginKind = OriginKind.USER,
    provenance: tuple[Commit, ...] = (),
) -> CommitInfo:
    """A commit that finished some minutes after noon; without minutes it is open."""
    finished = None if minutes is None else NOON + timedelta(minutes=minutes)
    state = state or (CommitState.FINISHED if finished else CommitState.OPEN)
    return CommitInfo(Commit(REPO, id=name), state, origin, provenance=provenance, finished=finished)


FAILED, FINISHING = CommitState.FAILED, CommitState.FINISHING
UPSTREAM = (Commit(REPO, id="up"),)


@pytest.mark.parametrize(
    ("newest_first", "start", "arrived", "failed", "newest"),
    [
        pytest.param([], Start(NOON), None, [], None, id="no commit"),
        pytest.param([commit("a", -1)], Start(NOON), None, [], "a", id="only old ones"),
        pytest.param([commit("a", 0)], Start(NOON), None, [], "a", id="at the very start is old"),
        pytest.param([commit("a", 1)], Start(NOON), "a", [], "a", id="one new"),
        pytest.param([commit("c", 3), commit("b", 2), commit("a", -1)], Start(NOON), "b", [], "c", id="oldest new one"),
        pytest.param([commit("b"), commit("a", -1)], Start(NOON), None, [], "a", id="open head"),
        pytest.param([commit("b"), commit("a", 1)], Start(NOON), "a", [], "a", id="new below an open head"),
        pytest.param([commit("a", state=FINISHING)], Start(NOON), None, [], None, id="not quite finished"),
        pytest.param([commit("a", 1, FAILED)], Start(NOON), None, ["a"], "a", id="failed only"),
        pytest.param(
            [commit("c", 3, FAILED), commit("b", 2), commit("a", 1, FAILED)], Start(NOON), "b", ["a"], "c",
            id="failed ones after the arrival do not matter",
        ),
        pytest.param([commit("a", -1, FAILED)], Start(NOON), None, [], "a", id="old failure"),
        pytest.param([commit("b", 2), commit("a", 1)], Start(None), "a", [], "b", id="no start: everything counts"),
        pytest.param(
            [commit("c", 3), commit("b", 2), commit("a", 1)], Start(None, "b"), "c", [], "c", id="newer than a commit"
        ),
        pytest.param([commit("b", 2), commit("a", 1)], Start(None, "b"), None, [], "b", id="nothing newer"),
        pytest.param(
            [commit("d", 4), commit("c", 1)], Start(NOON + timedelta(minutes=2), "gone"), "d", [], "d",
            id="newer than a commit that is no ancestor any more",
        ),
        pytest.param([commit("b"), commit("a", 1)], Start(None, "b"), None, [], None, id="newer than an open commit"),
        pytest.param([commit("a", 1, origin=OriginKind.AUTO)], Start(NOON), None, [], "a", id="made with the branch"),
        pytest.param(
            [commit("a", 1, origin=OriginKind.AUTO, provenance=UPSTREAM)], Start(NOON), "a", [], "a",
            id="pipeline output",
        ),
    ],
)  # fmt: skip
def test_first_arrival(
    newest_first: list[CommitInfo], start: Start, arrived: str | None, failed: list[str], newest: str | None
) -> None:
    state = first_arrival(newest_first, start)
    assert (state.arrived.commit.id if state.arrived else None) == arrived
    assert [info.commit.id for info in state.failed] == failed
    assert state.newest == newest


def test_history_before_the_start_is_not_read() -> None:
    history = iter([commit("b", 1), commit("a", -1), commit("older", -2)])
    first_arrival(history, Start(NOON))
    assert next(history).commit.id == "older"


def test_reference_names_the_branch_that_was_watched() -> None:
    assert reference("master", commit("f" * 32, 1)) == f"default/images@master={'f' * 32}"
    assert reference("", commit("f" * 32, 1)) == f"default/images@{'f' * 32}"


@pytest.mark.parametrize(
    "text", ["2026-01-01T12:00:00Z", "2026-01-01 12:00:00+00:00", "2026-01-01T13:00:00+01:00", " 2026-01-01T12:00:00 "]
)
def test_times_as_templates_render_them(text: str) -> None:
    assert parse_time(text) == NOON
