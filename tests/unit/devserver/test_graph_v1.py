"""What 1.7 to 1.13 write down of the graph of branches and commits, and what is left of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from airflow_provider_pachyderm.devserver.engine import Engine
from airflow_provider_pachyderm.devserver.engine.errors import EngineError
from airflow_provider_pachyderm.devserver.engine.model import BranchKey, CommitRef, RepoKey, Trigger
from tests.unit.devserver.conftest import Desk

DeskOf = Callable[[str], Desk]


@pytest.fixture
def desk_of(opened: Callable[..., Engine]) -> DeskOf:
    """A desk of a version, with the repos ``a``, ``b`` and ``out``."""

    def made(version: str) -> Desk:
        desk = Desk(opened(version))
        for name in ("a", "b", "out"):
            desk.engine.repos.create(RepoKey(name))
        return desk

    return made


def key(repo: str, name: str = "master") -> BranchKey:
    return BranchKey(RepoKey(repo), name)


def rewire(desk: Desk, branch: BranchKey, *inputs: BranchKey, head: str = "") -> None:
    ref = CommitRef(branch.repo, head) if head else None
    desk.engine.branches.create(branch, ref, inputs)


def head(desk: Desk, branch: BranchKey) -> CommitRef | None:
    found = desk.engine.branches.inspect(branch).head
    return None if found is None else desk.ref(found)


def heads(desk: Desk, repo: str = "out") -> list[str]:
    """Ids of all commits of a repo, oldest first."""
    return [info.key.id for info in desk.engine.commit_lists.list(RepoKey(repo))][::-1]


async def flushed(desk: Desk, *refs: CommitRef) -> list[str]:
    return [info.key.id async for info in desk.engine.watching.flush(refs)]


def finish_all(desk: Desk, repo: str = "out") -> None:
    for id in heads(desk, repo):
        ref = CommitRef(RepoKey(repo), id)
        if desk.engine.commits.inspect(ref).is_open:
            desk.finish(ref)


@pytest.mark.parametrize("version", ["1.7.14", "1.8.8", "1.9.12", "1.13.4"])
async def test_a_range_grows_with_its_branch_and_is_counted_once(desk_of: DeskOf, version: str) -> None:
    desk = desk_of(version)
    rewire(desk, key("out"), key("a"), key("b"))
    first = await desk.commit({"/1": b"x"}, repo="a")
    for _ in range(2):
        await desk.commit({"/1": b"x"}, repo="b")
    finish_all(desk)
    ids = heads(desk)
    info = desk.engine.commits.inspect(first)
    assert info.ranges == (("default/out.user", ids[0], ids[2]),)
    assert info.counted == (1, 3 if version in {"1.9.12", "1.13.4"} else 0, 0)
    assert await flushed(desk, first) == [ids[2]]


async def test_flush_gives_what_all_have_in_common(desk_of: DeskOf) -> None:
    desk = desk_of("1.13.4")
    rewire(desk, key("out"), key("a"), key("b"))
    one, two = await desk.commit({"/1": b"x"}, repo="a"), await desk.commit({"/1": b"x"}, repo="b")
    finish_all(desk)
    assert await flushed(desk, one, two) == heads(desk)[-1:]
    later = await desk.commit({"/2": b"x"}, repo="a")
    finish_all(desk)
    assert await flushed(desk, one, later) == []


async def test_an_empty_finish_counts_as_failed(desk_of: DeskOf) -> None:
    desk = desk_of("1.13.4")
    rewire(desk, key("out"), key("a"))
    source = await desk.commit({"/1": b"x"}, repo="a")
    made = head(desk, key("out"))
    assert made is not None
    desk.engine.commits.finish(made, empty=True)
    assert desk.engine.commits.inspect(source).counted == (1, 0, 1)


async def test_a_loop_by_way_of_another_branch_is_refused_and_leaves_nothing(desk_of: DeskOf) -> None:
    for version in ("1.7.14", "1.8.8", "1.13.4"):
        desk = desk_of(version)
        rewire(desk, key("b"), key("a"))
        rewire(desk, key("out"), key("b"))
        with pytest.raises(EngineError, match="provenance loop, branch a/master cannot be provenance for itself"):
            rewire(desk, key("a"), key("out"))
        with pytest.raises(EngineError, match="its own provenance" if version == "1.13.4" else "provenance loop"):
            rewire(desk, key("a"), key("a"))
        assert desk.engine.branches.inspect(key("a")).provenance == ()
        assert desk.engine.branches.inspect(key("a")).subvenance == (key("b"), key("out"))
        # a circle of repos over different branches is none
        rewire(desk, key("a", "other"), key("out"))
        assert desk.engine.branches.inspect(key("a", "other")).provenance == (key("a"), key("b"), key("out"))


async def test_two_branches_of_a_repo_in_one_graph(desk_of: DeskOf) -> None:
    desk = desk_of("1.13.4")
    rewire(desk, key("out"), key("a", "one"), key("a", "two"))
    one = await desk.commit({"/1": b"x"}, "one", "a")
    two = await desk.commit({"/1": b"x"}, "two", "a")
    links = desk.engine.commits.inspect(desk.head(repo="out")).provenance
    assert {(link.key.id, link.branch) for link in links} == {(one.id, "one"), (two.id, "two")}
    # the other one goes to the same commit, which is another link
    rewire(desk, key("a", "two"), head=one.id)
    links = desk.engine.commits.inspect(desk.head(repo="out")).provenance
    assert {(link.key.id, link.branch) for link in links} == {(one.id, "one"), (one.id, "two")}


async def test_a_head_that_has_more_than_the_inputs_is_kept(desk_of: DeskOf) -> None:
    desk = desk_of("1.13.4")
    rewire(desk, key("out"), key("a"), key("b"))
    await desk.commit({"/1": b"x"}, repo="a")
    await desk.commit({"/1": b"x"}, repo="b")
    before = heads(desk)
    rewire(desk, key("out"), key("a"), head="master")
    assert heads(desk) == before
    rewire(desk, key("out"), key("a"))  # without a head it loses the one it had
    assert len(heads(desk)) == len(before) + 1
    assert desk.engine.commits.inspect(desk.head(repo="out")).parent is None


async def test_moving_an_input_back_makes_a_commit_on_top(desk_of: DeskOf) -> None:
    desk = desk_of("1.13.4")
    rewire(desk, key("out"), key("a"))
    first = await desk.commit({"/1": b"x"}, repo="a")
    await desk.commit({"/2": b"x"}, repo="a")
    before = heads(desk)
    rewire(desk, key("a"), head=first.id)
    assert len(heads(desk)) == 3
    info = desk.engine.commits.inspect(desk.head(repo="out"))
    assert (info.parent and info.parent.id) == before[-1]
    ranges = desk.engine.commits.inspect(first).ranges
    assert [(lower, upper) for _, lower, upper in ranges] == [(before[0], before[0]), (info.key.id, info.key.id)]


async def test_a_head_together_with_inputs(desk_of: DeskOf) -> None:
    for version, refused in [("1.7.14", True), ("1.9.5", True), ("1.9.6", False), ("1.13.4", False)]:
        desk = desk_of(version)
        rewire(desk, key("out"), key("a"))
        await desk.commit({"/1": b"x"}, repo="a")
        (old,) = heads(desk)
        if refused:
            with pytest.raises(EngineError, match="without clearing its provenance"):
                rewire(desk, key("out", "other"), key("a"), head=old)
            continue
        rewire(desk, key("out", "other"), key("a"), head=old)
        assert heads(desk) == [old]  # it is made from what the inputs are at
        await desk.commit({"/2": b"x"}, repo="a")
        with pytest.raises(EngineError, match="but that commit is not the head of branch"):
            rewire(desk, key("out"), key("a"), head=old)


async def test_a_deleted_input_is_named_on_but_does_not_lead_back(desk_of: DeskOf) -> None:
    desk = desk_of("1.13.4")
    rewire(desk, key("out"), key("a"))
    await desk.commit({"/1": b"x"}, repo="a")
    with pytest.raises(EngineError, match="as subvenance, deleting it would break those branches"):
        desk.engine.branches.delete(key("a"))
    desk.engine.branches.delete(key("a"), force=True)
    await desk.commit({"/2": b"x"}, repo="a")
    assert desk.engine.branches.inspect(key("out")).provenance == (key("a"),)
    assert desk.engine.branches.inspect(key("a")).subvenance == ()
    assert len(heads(desk)) == 1


async def test_deleting_an_input_commit_deletes_the_ranges_and_mends_others(desk_of: DeskOf) -> None:
    for version, made_anew in [("1.8.6", True), ("1.8.7", False), ("1.13.4", False)]:
        desk = desk_of(version)
        rewire(desk, key("out"), key("a"), key("b"))
        first = await desk.commit({"/1": b"x"}, repo="a")
        other = await desk.commit({"/1": b"x"}, repo="b")
        finish_all(desk)
        desk.engine.removal.delete(first)
        assert head(desk, key("a")) is None
        assert len(heads(desk)) == made_anew, version
        assert len(desk.engine.commits.inspect(other).ranges) == made_anew


async def test_only_the_deleted_end_of_a_range_goes(desk_of: DeskOf) -> None:
    desk = desk_of("1.13.4")
    rewire(desk, key("out"), key("a"), key("b"))
    first = await desk.commit({"/1": b"x"}, repo="a")
    last = [await desk.commit({"/1": b"x"}, repo="b") for _ in range(2)][-1]
    finish_all(desk)
    ids = heads(desk)
    desk.engine.removal.delete(last)
    assert heads(desk) == ids[:2]
    info = desk.engine.commits.inspect(first)
    assert info.ranges == (("default/out.user", ids[0], ids[1]),)
    assert info.counted[0] == 1
    made = head(desk, key("out"))
    assert made is not None and made.id == ids[1]


@pytest.mark.parametrize(
    ("version", "refused"), [("1.7.14", False), ("1.9.1", False), ("1.9.2", True), ("1.13.4", True)]
)
async def test_d22_delete_all_fails_if_an_output_is_older_than_its_input(
    desk_of: DeskOf, version: str, refused: bool
) -> None:
    desk = desk_of(version)
    rewire(desk, key("a"), key("out"))  # the repo of the output is older
    source = await desk.commit({"/1": b"x"}, repo="out")
    for _ in range(2 if refused else 0):
        with pytest.raises(EngineError, match=f"err fixing subvenance of upstream commit out/{source.id}"):
            desk.engine.repos.delete_all()
        assert len(desk.engine.repos.list()) == 4
    if refused:
        desk.engine.repos.delete(RepoKey("a"), force=True)
        assert desk.engine.commits.inspect(source).ranges == ()
    desk.engine.repos.delete_all()
    assert desk.engine.repos.list() == []


async def test_an_output_cannot_be_finished_once_the_repo_of_its_input_is_gone(desk_of: DeskOf) -> None:
    for version, refused in [("1.9.8", False), ("1.9.9", True), ("1.13.4", True)]:
        desk = desk_of(version)
        rewire(desk, key("out"), key("a"))
        await desk.commit({"/1": b"x"}, repo="a")
        desk.engine.repos.delete(RepoKey("a"), force=True)
        made = head(desk, key("out"))
        assert made is not None
        if not refused:
            desk.finish(made)
            continue
        with pytest.raises(EngineError, match=r"commits/a/ [0-9a-f]{32} not found"):
            desk.finish(made)
        assert desk.engine.commits.inspect(made).is_open


async def test_an_open_child_loses_what_a_deleted_parent_had(desk_of: DeskOf) -> None:
    desk = desk_of("1.13.4")
    await desk.commit({"/a": b"1"})
    deleted = await desk.commit({"/b": b"2"})
    opened = desk.start()
    await desk.put(opened, "/c")
    assert desk.paths(opened) == ["/a", "/b", "/c"]
    desk.engine.removal.delete(deleted)
    desk.finish(opened)
    assert desk.paths(opened) == ["/a", "/c"]


async def test_a_repo_is_as_large_as_it_was_last_counted(desk_of: DeskOf) -> None:
    for version, sizes in [("1.7.14", [3, 5, 5, 2]), ("1.13.4", [3, 5, 5, 3])]:
        desk = desk_of(version)
        found = []
        for files in ({"/1": b"xxx"}, {"/2": b"xx"}):
            await desk.commit(files)
            found.append(desk.engine.repos.inspect(desk.repo).size)
        desk.start()
        found.append(desk.engine.repos.inspect(desk.repo).size)
        desk.engine.removal.delete(desk.head())
        finished = head(desk, key("r"))
        assert finished is not None
        desk.engine.removal.delete(finished)
        found.append(desk.engine.repos.inspect(desk.repo).size)
        expected = [*sizes[:3], 0 if version == "1.7.14" else 3]
        assert found == expected, version


async def test_d31_a_branch_with_inputs_and_a_trigger(desk_of: DeskOf) -> None:
    desk = desk_of("1.13.4")
    desk.engine.branches.create(key("r", "both"), provenance=[key("a")], trigger=Trigger("master", commits=1))
    info = desk.engine.branches.inspect(key("r", "both"))
    assert (info.provenance, info.trigger and info.trigger.branch) == ((key("a"),), "master")


async def test_a_moved_branch_fires_triggers(desk_of: DeskOf) -> None:
    desk = desk_of("1.13.4")
    ref = await desk.commit({"/1": b"x"}, "side")
    desk.engine.branches.create(key("r", "staged"), trigger=Trigger("master", commits=1))
    rewire(desk, key("r"), head=ref.id)
    assert head(desk, key("r", "staged")) == ref


async def test_children_of_an_empty_commit_see_what_is_before_it_once_they_are_finished(desk_of: DeskOf) -> None:
    for version in ("1.7.14", "1.13.4"):
        desk = desk_of(version)
        await desk.commit({"/a": b"1"})
        desk.engine.commits.finish(desk.start(), empty=True)
        assert desk.paths(desk.head()) == []
        opened = desk.start()
        await desk.put(opened, "/b")
        assert desk.paths(opened) == ["/b"]
        desk.finish(opened)
        assert desk.paths(opened) == ["/a", "/b"]
        desk.engine.commits.finish(desk.start(), empty=True)
        await desk.put(desk.head(), "/c")  # a commit of one call
        assert desk.paths(desk.head()) == ["/c"]


async def test_branches_that_were_made_together_are_listed_by_name(desk_of: DeskOf) -> None:
    for version in ("1.7.14", "1.13.4"):
        desk = desk_of(version)
        rewire(desk, key("r", "m"), key("r", "z"), key("r", "b"))
        rewire(desk, key("r", "last"))
        listed = [
            [info.key.name for info in desk.engine.branches.list(desk.repo, reverse)] for reverse in (False, True)
        ]
        by_provenance = [["last", "b", "z", "m"], ["m", "b", "z", "last"]]
        by_name = [["last", "b", "m", "z"], ["b", "m", "z", "last"]]
        assert listed == (by_name if version == "1.7.14" else by_provenance), version


async def test_a_branch_without_a_head_gives_none(desk_of: DeskOf) -> None:
    for version in ("1.7.14", "1.10.5", "1.13.4"):
        desk = desk_of(version)
        rewire(desk, key("a", "bare"))
        rewire(desk, key("a", "other"), head="bare")
        assert head(desk, key("a", "other")) is None
        with pytest.raises(EngineError, match="not found"):
            rewire(desk, key("a", "third"), head="none")


async def test_an_open_output_is_compared_and_copied_from_but_not_read(desk_of: DeskOf) -> None:
    for version, dies in [("1.8.8", False), ("1.9.12", False), ("1.10.0", True), ("1.13.4", True)]:
        desk = desk_of(version)
        rewire(desk, key("out"), key("a"))
        await desk.commit({"/1": b"x"}, repo="a")
        made = head(desk, key("out"))
        assert made is not None
        await desk.put(made, "/o")
        with pytest.raises(EngineError, match="not finished"):
            desk.engine.files.open(made)
        assert desk.engine.files.open(made, as_written=True)
        if dies:
            with pytest.raises(EngineError, match="UNAVAILABLE"):
                desk.engine.files.open_to_copy(made, "/o")
        else:
            assert desk.engine.files.open_to_copy(made, "/o")
        desk.finish(made)
        assert desk.engine.files.open_to_copy(made, "/o")
