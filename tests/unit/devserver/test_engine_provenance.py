"""Downstream branches and the commits that follow."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from airflow_provider_pachyderm.devserver.engine import Engine, EngineError
from airflow_provider_pachyderm.devserver.engine.branches.provenance_rules import PROVENANCE_OUTLIVES
from airflow_provider_pachyderm.devserver.engine.commits.rules import SHARED_IDS
from airflow_provider_pachyderm.devserver.engine.model import CommitInfo, Origin, RepoKey
from tests.unit.devserver.conftest import V2, Desk

Open = Callable[..., Engine]


@pytest.fixture
def line(desk: Desk) -> Desk:
    """``r`` -> ``mid`` -> ``end``."""
    for name, above in (("mid", "r"), ("end", "mid")):
        desk.engine.repos.create(RepoKey(name))
        desk.engine.branches.create(desk.branch(repo=name), provenance=[desk.branch(repo=above)])
    return desk


def finish_open_outputs(desk: Desk) -> None:
    for name in ("mid", "end"):
        for info in reversed(desk.engine.commit_lists.list(RepoKey(name))):
            if info.is_open:
                desk.finish(desk.ref(info.key))


def newest(desk: Desk, repo: str) -> CommitInfo:
    return desk.engine.commit_lists.list(RepoKey(repo))[0]


async def test_a_commit_makes_others_downstream(line: Desk) -> None:
    finish_open_outputs(line)
    ref = line.start()
    mid, end = newest(line, "mid"), newest(line, "end")
    assert [(info.origin, info.is_open) for info in (mid, end)] == [(Origin.AUTO, True)] * 2
    assert (mid.key.id == ref.id) == line.engine.profile[SHARED_IDS]
    assert ref.id in [link.key.id for link in mid.provenance]
    inputs = [(link.key.repo.name, link.key.id) for link in end.provenance]
    expected = [("mid", mid.key.id), ("r", ref.id)]
    assert sorted(inputs) == (expected if line.engine.profile.world == "v1" else expected[:1])


async def test_output_branches_take_no_commits_of_users(line: Desk) -> None:
    await line.commit({"/a": b"x"})
    finish_open_outputs(line)
    with pytest.raises(EngineError, match="on an output branch"):
        line.start(repo="mid")
    with pytest.raises(EngineError, match="on an output branch"):
        await line.put(line.head(repo="mid"), "/x")


async def test_an_open_output_commit_can_be_written(line: Desk) -> None:
    finish_open_outputs(line)
    await line.commit({"/a": b"x"})
    ref = line.ref(newest(line, "mid").key)
    await line.put(ref, "/out", b"made")
    await line.put(line.head(repo="mid"), "/more", b"too")
    line.finish(ref)
    assert await line.files(ref) == {"/more": b"too", "/out": b"made"}


async def test_2x_does_not_finish_a_commit_before_its_parent(desk2: Desk) -> None:
    desk2.engine.repos.create(RepoKey("mid"))
    desk2.engine.branches.create(desk2.branch(repo="mid"), provenance=[desk2.branch()])
    await desk2.commit({"/a": b"x"})
    second = newest(desk2, "mid")
    desk2.finish(desk2.ref(second.key))
    info = desk2.engine.commits.inspect(desk2.ref(second.key))
    assert (info.finishing is None, info.finished) == (False, None)
    # D56: nor is the parent then, until the younger one is gone
    assert second.parent is not None
    desk2.finish(desk2.ref(second.parent))
    assert desk2.engine.commits.inspect(desk2.ref(second.parent)).finished is None
    desk2.engine.removal.drop_set(second.key.id)
    desk2.engine.finisher.drain()
    assert desk2.engine.commits.inspect(desk2.ref(second.parent)).finished is not None


def test_circles_are_refused(line: Desk) -> None:
    for through in ("end", "r"):
        with pytest.raises(EngineError, match=r"provenance|cycle"):
            line.engine.branches.create(line.branch(), provenance=[line.branch(repo=through)])
    assert line.engine.branches.inspect(line.branch(repo="r")).provenance == ()


def test_an_input_is_not_deleted_without_force(line: Desk) -> None:
    with pytest.raises(EngineError, match=r"provenance|subvenance"):
        line.engine.branches.delete(line.branch(repo="mid"))
    with pytest.raises(EngineError, match=r"provenance|subvenance"):
        line.engine.repos.delete(RepoKey("r"))
    line.engine.repos.delete(RepoKey("r"), force=True)
    left = line.engine.branches.inspect(line.branch(repo="mid")).provenance
    assert bool(left) == line.engine.profile[PROVENANCE_OUTLIVES]


def test_a_missing_input_branch_is_made_a_missing_repo_is_not(desk: Desk) -> None:
    desk.engine.repos.create(RepoKey("out"))
    desk.engine.branches.create(desk.branch(repo="out"), provenance=[desk.branch("new")])
    assert desk.engine.branches.inspect(desk.branch("new")).subvenance == (desk.branch(repo="out"),)
    with pytest.raises(EngineError, match="not found"):
        desk.engine.branches.create(desk.branch("x", "out"), provenance=[desk.branch(repo="none")])
    with pytest.raises(EngineError, match="not found"):
        desk.engine.branches.inspect(desk.branch("x", "out"))


def test_inputs_moved_together_make_one_commit(desk: Desk) -> None:
    for name in ("s", "out"):
        desk.engine.repos.create(RepoKey(name))
    desk.engine.branches.create(desk.branch(repo="out"), provenance=[desk.branch(), desk.branch(repo="s")])
    for info in desk.engine.commit_lists.list(RepoKey("out")):
        desk.finish(desk.ref(info.key))
    before = len(desk.engine.commit_lists.list(RepoKey("out")))
    with desk.engine.unit():
        desk.start()
        desk.start(repo="s")
    made = desk.engine.commit_lists.list(RepoKey("out"))
    assert len(made) == before + 1
    assert len(made[0].provenance) == 2


async def test_2x_removes_sets_downstream(desk2: Desk) -> None:
    desk2.engine.repos.create(RepoKey("mid"))
    desk2.engine.branches.create(desk2.branch(repo="mid"), provenance=[desk2.branch()])
    ref = await desk2.commit({"/a": b"x"})
    infos = desk2.engine.commit_sets.inspect(ref.id)
    assert [info.key.repo.name for info in infos] == ["r", "mid"]
    with pytest.raises(EngineError, match="with subvenance without recursive"):
        desk2.engine.removal.drop(ref)
    desk2.engine.removal.drop(ref, recursive=True)
    with pytest.raises(EngineError, match="no commits found for commitset"):
        desk2.engine.commit_sets.inspect(ref.id)


async def test_1x_deletes_downstream_commits_with_their_input(desk1: Desk) -> None:
    desk1.engine.repos.create(RepoKey("mid"))
    desk1.engine.branches.create(desk1.branch(repo="mid"), provenance=[desk1.branch()])
    ref = await desk1.commit({"/a": b"x"})
    with pytest.raises(EngineError, match="non-empty provenance"):
        desk1.engine.removal.delete(desk1.head(repo="mid"))
    desk1.engine.removal.delete(ref)
    assert desk1.engine.commit_lists.list(RepoKey("mid")) == []


# graphs of branches


def outputs(desk: Desk, *names: str) -> None:
    """Repos, each made from the one before; the first one from ``r``."""
    for source, name in zip(("r", *names), names, strict=False):
        desk.engine.repos.create(RepoKey(name))
        desk.engine.branches.create(desk.branch(repo=name), provenance=[desk.branch(repo=source)])


def test_d77_2_6_accepts_a_circle_of_two(opened: Open) -> None:
    desk = Desk(opened("2.6.11"))
    outputs(desk, "out")
    desk.engine.branches.create(desk.branch(), provenance=[desk.branch(repo="out")])
    assert desk.engine.branches.inspect(desk.branch()).direct_provenance == (desk.branch(repo="out"),)


@pytest.mark.parametrize(
    ("version", "text"),
    [("2.6.11", "violates foreign key"), ("2.7.8", "cannot be both in"), ("2.8.10", "cycle detected")],
)
def test_d72_longer_circles_are_refused(opened: Open, version: str, text: str) -> None:
    desk = Desk(opened(version))
    # what comes later in the circle is looked at first in 2.6, by its name
    outputs(desk, "middle", "end")
    with pytest.raises(EngineError, match=text):
        desk.engine.branches.create(desk.branch(), provenance=[desk.branch(repo="end")])
    assert desk.engine.branches.inspect(desk.branch()).provenance == ()


@pytest.mark.parametrize(("version", "refused"), [("2.5.9", False), ("2.6.11", True), (V2, True)])
def test_two_branches_of_a_repo_do_not_meet_in_a_graph(opened: Open, version: str, refused: bool) -> None:
    desk = Desk(opened(version))
    outputs(desk, "out")
    if refused:
        # though neither is made from the other, both are made from one branch
        with pytest.raises(EngineError, match="participate in a DAG"):
            desk.engine.branches.create(desk.branch("other", "out"), provenance=[desk.branch()])
        with pytest.raises(EngineError, match="not found"):
            desk.engine.branches.inspect(desk.branch("other", "out"))
    else:
        desk.engine.branches.create(desk.branch("other", "out"), provenance=[desk.branch()])


@pytest.mark.parametrize(("version", "moves"), [("2.6.11", False), ("2.7.8", False), ("2.8.10", True), (V2, True)])
async def test_d65_an_output_branch_is_given_an_older_head(opened: Open, version: str, moves: bool) -> None:
    desk = Desk(opened(version))
    outputs(desk, "out")
    first = newest(desk, "out")
    desk.finish(desk.ref(first.key))
    await desk.commit({"/a": b"x"})
    head = desk.ref(first.key)
    desk.engine.branches.create(desk.branch(repo="out"), head, provenance=[desk.branch()])
    now = desk.engine.commits.inspect(desk.head(repo="out"))
    assert (now.key.id != first.key.id) is moves
    assert (now.parent is not None and now.parent.id == first.key.id) is moves


@pytest.mark.parametrize(("version", "named"), [("2.5.9", True), ("2.6.11", True), ("2.7.8", True), ("2.8.10", False)])
def test_d73_what_was_made_from_a_deleted_repo(opened: Open, version: str, named: bool) -> None:
    desk = Desk(opened(version))
    outputs(desk, "out")
    desk.engine.repos.delete(desk.repo, force=True)
    assert bool(newest(desk, "out").provenance) is named
