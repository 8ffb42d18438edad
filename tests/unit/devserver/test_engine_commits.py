"""Repos, branches and commits: names, lines of parents, states, removal."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from airflow_provider_pachyderm.devserver.engine import Engine, EngineError
from airflow_provider_pachyderm.devserver.engine.branches.rules import HEAD_ALWAYS
from airflow_provider_pachyderm.devserver.engine.model import CommitRef, Origin, RepoKey
from tests.unit.devserver.conftest import Desk


@pytest.mark.parametrize("name", ["", "a b", "a/b", "a.b", "a@b", "ünï", "a\n", "..", "*"])
def test_bad_names_are_refused(desk: Desk, name: str) -> None:
    with pytest.raises(EngineError, match="only alphanumeric characters"):
        desk.engine.repos.create(RepoKey(name))
    if name:
        with pytest.raises(EngineError, match="only alphanumeric characters"):
            desk.start(name)
    assert [info.key.name for info in desk.engine.repos.list()] == ["r"]


def test_a_repo_is_there_once(desk: Desk) -> None:
    with pytest.raises(EngineError, match="already exists"):
        desk.engine.repos.create(desk.repo)
    desk.engine.repos.create(desk.repo, "told", update=True)
    assert desk.engine.repos.inspect(desk.repo).description == "told"
    assert desk.engine.repos.delete(desk.repo)
    assert not desk.engine.repos.delete(desk.repo)
    with pytest.raises(EngineError, match="not found"):
        desk.engine.repos.inspect(desk.repo)


async def test_a_repo_that_is_made_again_is_empty(desk: Desk) -> None:
    await desk.commit({"/a": b"x"})
    desk.engine.repos.delete(desk.repo)
    desk.engine.repos.create(desk.repo)
    assert desk.engine.commit_lists.list(desk.repo) == []
    assert desk.engine.branches.list(desk.repo) == []


def test_an_open_head_stops_the_next_commit(desk: Desk) -> None:
    ref = desk.start()
    with pytest.raises(EngineError, match="has not been finished"):
        desk.start()
    desk.finish(ref)
    desk.start()


def test_finishing_twice_is_refused(desk: Desk) -> None:
    ref = desk.start()
    desk.finish(ref)
    for again in (ref, desk.head()):
        with pytest.raises(EngineError, match="already finished"):
            desk.engine.commits.finish(again)


def test_descriptions(desk: Desk) -> None:
    key = desk.engine.commits.start(desk.branch(), description="first")
    assert desk.engine.commits.inspect(desk.ref(key)).description == "first"
    desk.finish(desk.ref(key))
    assert desk.engine.commits.inspect(desk.ref(key)).description == "first"
    key = desk.engine.commits.start(desk.branch(), description="before")
    desk.engine.commits.finish(desk.ref(key), "after")
    assert desk.engine.commits.inspect(desk.ref(key)).description == "after"


def test_2x_finishes_in_the_background(desk2: Desk) -> None:
    ref = desk2.start()
    desk2.engine.commits.finish(ref)
    info = desk2.engine.commits.inspect(ref)
    assert (info.finishing is None, info.finished) == (False, None)
    child = desk2.start()
    desk2.engine.commits.finish(child)
    desk2.engine.finisher.drain()
    infos = [desk2.engine.commits.inspect(one) for one in (ref, child)]
    assert [info.finished is not None for info in infos] == [True, True]


def test_ancestry(desk: Desk) -> None:
    ids = []
    for _ in range(3):
        ref = desk.start()
        desk.finish(ref)
        ids.append(ref.id)
    for suffix, index in (("", 2), ("^", 1), ("^^", 0), ("~2", 0), ("^0", 2), (".1", 0), (".3", 2)):
        assert desk.engine.commits.inspect(CommitRef(desk.repo, "master" + suffix)).key.id == ids[index]
    assert desk.engine.commits.inspect(CommitRef(desk.repo, ids[2] + "^")).key.id == ids[1]
    for wrong in ("master^3", "master.4", "nobranch^"):
        with pytest.raises(EngineError, match="not found"):
            desk.engine.commits.inspect(CommitRef(desk.repo, wrong))


def test_lists(desk: Desk) -> None:
    refs = []
    for _ in range(3):
        refs.append(desk.start())
        desk.finish(refs[-1])
    side = desk.start("side")
    ids = [ref.id for ref in refs]

    def listed(**kwargs: object) -> list[str]:
        return [info.key.id for info in desk.engine.commit_lists.list(desk.repo, **kwargs)]  # type: ignore[arg-type]

    assert listed() == [side.id, *reversed(ids)]
    assert listed(reverse=True, number=2) == ids[:2]
    assert listed(to=refs[1]) == [ids[1], ids[0]]
    assert listed(to=refs[2], start=refs[0]) == [ids[2], ids[1]]
    assert listed(origin=Origin.AUTO) == []
    with pytest.raises(EngineError, match="cannot use `from`"):
        listed(start=refs[0])
    with pytest.raises(EngineError, match="not found"):
        desk.engine.commit_lists.list(RepoKey("none"))


async def test_branches_move(desk: Desk) -> None:
    first = await desk.commit({"/a": b"1"})
    second = await desk.commit({"/b": b"2"})
    desk.engine.branches.create(desk.branch("dev"), head=first)
    assert desk.paths(desk.head("dev")) == ["/a"]
    desk.engine.branches.create(desk.branch("dev"), head=second)
    assert desk.paths(desk.head("dev")) == ["/a", "/b"]
    assert [info.key.name for info in desk.engine.branches.list(desk.repo)] == ["dev", "master"]
    desk.engine.branches.delete(desk.branch("dev"))
    with pytest.raises(EngineError, match="not found"):
        desk.engine.branches.inspect(desk.branch("dev"))
    assert desk.paths(second) == ["/a", "/b"]


def test_a_new_branch_has_a_head_only_in_2x(desk: Desk) -> None:
    desk.engine.branches.create(desk.branch("bare"))
    head = desk.engine.branches.inspect(desk.branch("bare")).head
    assert (head is not None) == desk.engine.profile[HEAD_ALWAYS]
    if head is None:
        with pytest.raises(EngineError, match="has no head"):
            desk.engine.commits.inspect(desk.head("bare"))


async def test_2x_squash_and_drop(desk2: Desk) -> None:
    refs = [await desk2.commit({f"/f{number}": b"x"}) for number in range(3)]
    removal = desk2.engine.removal
    with pytest.raises(EngineError, match="has no children"):
        removal.squash_set(refs[2].id)
    with pytest.raises(EngineError, match="has children"):
        removal.drop_set(refs[1].id)
    removal.squash_set(refs[1].id)
    assert desk2.paths(refs[2]) == ["/f0", "/f1", "/f2"]
    removal.drop_set(refs[2].id)
    assert desk2.paths(desk2.head()) == ["/f0"]
    removal.drop_set(refs[0].id)
    assert desk2.paths(desk2.head()) == []
    assert desk2.engine.commits.inspect(desk2.head()).origin is Origin.AUTO


async def test_1x_deletes_commits(desk1: Desk) -> None:
    refs = [await desk1.commit({f"/f{number}": b"x"}) for number in range(3)]
    desk1.engine.removal.delete(refs[1])
    assert desk1.paths(refs[2]) == ["/f0", "/f1", "/f2"]
    desk1.engine.removal.delete(refs[2])
    assert desk1.paths(desk1.head()) == ["/f0"]
    opened = desk1.start()
    desk1.engine.removal.delete(opened)
    assert desk1.engine.commits.inspect(desk1.head()).key.id == refs[0].id


def test_projects(desk2: Desk) -> None:
    projects = desk2.engine.projects
    projects.create("p", "told")
    with pytest.raises(EngineError, match="already exists"):
        projects.create("p")
    other = RepoKey("r", "p")
    desk2.engine.repos.create(other)
    assert [info.key.project for info in desk2.engine.repos.list()] == ["default", "p"]
    assert [info.key for info in desk2.engine.repos.list(projects=["p"])] == [other]
    with pytest.raises(EngineError, match="still exists") as caught:
        projects.delete("p")
    assert caught.value.code == "FAILED_PRECONDITION"
    desk2.engine.repos.delete(other)
    projects.delete("p")
    assert [info.name for info in projects.list()] == ["default"]
    for name, text in (("-x", "must start with"), ("y" * 52, "1 characters longer"), ("a b", "only alphanumeric")):
        with pytest.raises(EngineError, match=text):
            projects.create(name)


async def test_delete_all(desk: Desk) -> None:
    await desk.commit({"/a": b"x"})
    desk.engine.repos.delete_all()
    assert desk.engine.repos.list() == []
    desk.engine.repos.create(desk.repo)
    ref = await desk.commit({"/b": b"y"})
    assert await desk.files(ref) == {"/b": b"y"}


def test_a_refused_unit_changes_nothing(desk: Desk) -> None:
    with pytest.raises(EngineError), desk.engine.unit():
        desk.engine.repos.create(RepoKey("other"))
        desk.start()
        desk.engine.repos.create(desk.repo)
    assert [info.key.name for info in desk.engine.repos.list()] == ["r"]
    assert desk.engine.commit_lists.list(desk.repo) == []


def test_a_dry_run_answers_and_changes_nothing(desk: Desk) -> None:
    with desk.engine.unit(dry_run=True):
        ref = desk.start()
        assert desk.engine.commits.inspect(ref).is_open
    with pytest.raises(EngineError, match="not found"):
        desk.engine.commits.inspect(ref)


async def test_d19_a_branch_is_not_its_own_parent_by_name(opened: Callable[..., Engine]) -> None:
    for version, refused in [("1.6.10", False), ("1.7.0", True), ("1.13.4", True)]:
        desk = Desk(opened(version))
        first = await desk.commit({"/a": b"x"})
        parent = CommitRef(desk.repo, "master")
        if not refused:
            desk.engine.commits.start(desk.branch(), parent)
            continue
        with pytest.raises(EngineError, match="parent commit not found: commit master not found"):
            desk.engine.commits.start(desk.branch(), parent)
        head = desk.engine.branches.inspect(desk.branch()).head
        assert head is not None and head.id == first.id
        desk.engine.commits.start(desk.branch("fork"), parent)


async def test_d63_a_time_is_ignored_together_with_a_commit_to_begin_at(desk2: Desk) -> None:
    first, second = await desk2.commit({"/a": b"1"}), await desk2.commit({"/a": b"2"})
    time = desk2.engine.commits.inspect(second).started
    assert [info.key.id for info in desk2.engine.commit_lists.list(desk2.repo, before=time)] == [first.id]
    told = desk2.engine.commit_lists.list(desk2.repo, to=second, before=time)
    assert [info.key.id for info in told] == [second.id, first.id]
