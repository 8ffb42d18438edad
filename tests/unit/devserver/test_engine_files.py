"""What is in a commit: writing, inheriting, deleting, colliding, reading."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from airflow_provider_pachyderm.devserver.engine import Engine, EngineError
from airflow_provider_pachyderm.devserver.engine.files.diffs import diff
from airflow_provider_pachyderm.devserver.engine.files.globs import matcher
from airflow_provider_pachyderm.devserver.engine.files.rules import OPEN_OUTPUT_UNREADABLE
from airflow_provider_pachyderm.devserver.engine.model import CommitRef, Put
from tests.unit.devserver.conftest import V1, V2, Desk


async def test_a_commit_inherits_and_puts_append(desk: Desk) -> None:
    first = await desk.commit({"/a": b"one", "/d/b": b"two"})
    second = await desk.commit({"/a": b"+more"})
    assert await desk.files(first) == {"/a": b"one", "/d/b": b"two"}
    assert await desk.files(second) == {"/a": b"one+more", "/d/b": b"two"}
    assert desk.engine.commits.inspect(second).size == 11


async def test_an_open_commit_shows_what_was_written_so_far(desk: Desk) -> None:
    await desk.commit({"/a": b"old"})
    ref = desk.start()
    assert await desk.files(ref) == {"/a": b"old"}
    await desk.put(ref, "/b", b"new")
    assert await desk.files(ref) == {"/a": b"old", "/b": b"new"}
    desk.delete(ref, "/a")
    assert await desk.files(ref) == {"/b": b"new"}
    assert await desk.files(desk.head()) == {"/b": b"new"}


async def test_delete_then_put_replaces(desk: Desk) -> None:
    await desk.commit({"/a": b"old"})
    ref = desk.start()
    desk.delete(ref, "/a")
    await desk.put(ref, "/a", b"new")
    desk.finish(ref)
    assert await desk.read(ref, "/a") == b"new"


async def test_changes_are_all_or_nothing(desk: Desk) -> None:
    ref = await desk.commit({"/a": b"x"})
    with pytest.raises(EngineError, match="already finished"):
        await desk.put(ref, "/b")
    with pytest.raises(EngineError, match="not found"):
        await desk.put(desk.head(repo="nope"), "/b")
    assert desk.paths(desk.head()) == ["/a"]
    assert len(desk.engine.commit_lists.list(desk.repo)) == 1


async def test_a_put_on_a_branch_makes_a_finished_commit(desk: Desk) -> None:
    first = await desk.put(desk.head(), "/a", b"1")
    desk.engine.finisher.drain()
    second = await desk.put(desk.head(), "/b", b"2")
    desk.engine.finisher.drain()
    info = desk.engine.commits.inspect(second)
    assert (info.parent is not None and info.parent.id) == first.id
    assert info.finished is not None
    assert await desk.files(desk.head()) == {"/a": b"1", "/b": b"2"}


async def test_ranges_cross_pieces(desk: Desk) -> None:
    await desk.commit({"/a": b"0123"})
    ref = await desk.commit({"/a": b"4567"})
    assert await desk.read(ref, "/a", 2, 4) == b"2345"
    assert await desk.read(ref, "/a", 4) == b"4567"
    assert await desk.read(ref, "/a", 7, 9) == b"7"
    assert await desk.read(ref, "/a", 8) == b""


async def test_many_commits_make_deep_layers(desk: Desk) -> None:
    refs = [await desk.commit({f"/f{number:02}": str(number).encode()}) for number in range(40)]
    ref = desk.start()
    desk.delete(ref, "/f00")
    desk.finish(ref)
    assert desk.paths(refs[20]) == [f"/f{number:02}" for number in range(21)]
    assert desk.paths(ref) == [f"/f{number:02}" for number in range(1, 40)]
    assert await desk.read(ref, "/f39") == b"39"


async def test_directories_have_the_size_of_all_below(desk: Desk) -> None:
    ref = await desk.commit({"/d/a": b"12", "/d/e/b": b"345", "/c": b"6"})
    view = desk.engine.files.open(ref)
    assert [(info.path, info.is_dir, info.size) for info in view.entries("/d")] == [
        ("/d/a", False, 2),
        ("/d/e", True, 3),
    ]
    assert view.inspect("/").size == 6
    assert [info.path for info in view.glob("/**/b")] == ["/d/e/b"]


async def test_2x_names_collisions_in_the_finished_commit(desk2: Desk) -> None:
    ref = await desk2.commit({"/k": b"file", "/k/z": b"below"})
    info = desk2.engine.commits.inspect(ref)
    assert (info.error, info.size) == ("file / directory path collision (/k/z)", 9)
    listing = desk2.engine.files.open(ref).entries("/")
    assert next(listing).path == "/k"
    with pytest.raises(EngineError, match="collision"):
        next(listing)
    good = await desk2.commit({"/n": b"next"})
    assert desk2.paths(good) == ["/n"]


async def test_2x_names_two_datums_at_one_path(desk2: Desk) -> None:
    ref = desk2.start()
    await desk2.put(ref, "/dat", datum="d0")
    await desk2.put(ref, "/dat", datum="d1")
    desk2.finish(ref)
    error = desk2.engine.commits.inspect(ref).error
    assert error == "duplicate path output by different datums (/dat from d0 and /dat from d1)"


async def test_1x_leaves_a_colliding_commit_open(desk1: Desk) -> None:
    ref = desk1.start()
    await desk1.put(ref, "/k", b"file")
    await desk1.put(ref, "/k/z", b"below")
    with pytest.raises(EngineError, match='attempted to visit "/k"'):
        desk1.engine.commits.finish(ref)
    assert desk1.engine.commits.inspect(ref).is_open
    desk1.delete(ref, "/k")
    await desk1.put(ref, "/k", b"again")
    desk1.engine.commits.finish(ref)
    assert await desk1.files(ref) == {"/k": b"again"}


async def test_1x_keeps_a_directory_whose_last_file_goes(desk1: Desk) -> None:
    await desk1.commit({"/d/e/a": b"x", "/f/b": b"y"})
    ref = desk1.start()
    desk1.delete(ref, "/d/e/a")
    desk1.delete(ref, "/f")
    desk1.finish(ref)
    assert [info.path for info in desk1.engine.files.open(ref).walk("/")] == ["/", "/d", "/d/e"]


async def test_2x_deletes_a_directory_only_with_a_slash(desk2: Desk) -> None:
    await desk2.commit({"/d/a": b"x", "/e": b"y"})
    ref = desk2.start()
    desk2.delete(ref, "/d")
    assert desk2.paths(ref) == ["/d/a", "/e"]
    desk2.delete(ref, "/d/")
    assert desk2.paths(ref) == ["/e"]
    assert [info.path for info in desk2.engine.files.open(ref).walk("/")] == ["/", "/e"]


async def test_clear_forgets_what_was_written_and_read(desk2: Desk) -> None:
    await desk2.commit({"/a": b"x"})
    ref = desk2.start()
    await desk2.put(ref, "/b")
    assert desk2.paths(ref) == ["/a", "/b"]
    desk2.engine.commits.clear(ref)
    await desk2.put(ref, "/c")
    assert desk2.paths(ref) == ["/a", "/c"]
    desk2.finish(ref)
    with pytest.raises(EngineError, match="cannot clear finished commit"):
        desk2.engine.commits.clear(ref)


async def test_a_failed_commit_keeps_its_files_to_itself(desk2: Desk) -> None:
    await desk2.commit({"/a": b"x"})
    failed = desk2.start()
    await desk2.put(failed, "/b")
    desk2.finish(failed, error="boom")
    after = desk2.start()
    desk2.finish(after)
    assert desk2.paths(failed) == ["/a", "/b"]
    assert desk2.paths(after) == ["/a"]
    parent = desk2.engine.commits.inspect(after).parent
    assert parent is not None and parent.id == failed.id


async def test_copies_replace_or_append(desk: Desk) -> None:
    source = await desk.commit({"/d/a": b"A", "/d/e/b": b"B"})
    view = desk.engine.files.open(source)
    await desk.commit({"/t/a": b"old"}, branch="other")
    ref = desk.start("other")
    for append in (False, True):
        changes = desk.engine.files.copy_changes(view, "/d", "/t", append, desk.datum)
        desk.engine.files.modify(ref, changes)
    assert await desk.files(ref) == {"/t/a": b"AA", "/t/e/b": b"BB"}


async def test_diff_shows_what_changed_and_where(desk2: Desk) -> None:
    desk = desk2
    old = await desk.commit({"/same": b"s", "/gone": b"g", "/d/x": b"1"})
    ref = desk.start()
    desk.delete(ref, "/gone")
    await desk.put(ref, "/d/x", b"2")
    await desk.put(ref, "/new", b"n")
    desk.finish(ref)
    new_view, old_view = desk.engine.files.open(ref), desk.engine.files.open(old)
    pairs = [(new and new.path, old and old.path) for new, old in diff(new_view, "/", old_view, "/")]
    assert sorted(pairs, key=str) == [("/", "/"), ("/d", "/d"), ("/d/x", "/d/x"), ("/new", None), (None, "/gone")]
    assert list(diff(new_view, "/", new_view, "/")) == []


async def test_open_downstream_commits(desk: Desk) -> None:
    desk.engine.repos.create(desk.branch(repo="out").repo)
    await desk.commit({"/a": b"x"})
    desk.engine.branches.create(desk.branch(repo="out"), provenance=[desk.branch()])
    if desk.engine.profile[OPEN_OUTPUT_UNREADABLE]:
        with pytest.raises(EngineError, match=r"output commit .* not finished"):
            desk.engine.files.open(desk.head(repo="out"))
    else:
        assert desk.paths(desk.head(repo="out")) == []


def test_a_missing_path_is_told_with_repo_and_commit(desk: Desk) -> None:
    ref = desk.start()
    with pytest.raises(EngineError, match=f"file /none not found in repo .*r at commit {ref.id}"):
        desk.engine.files.open(ref).inspect("/none")


@pytest.mark.parametrize("path", ["/a*b", "\n", "/ü", ""])
def test_bad_paths_are_refused_before_anything_is_written(desk: Desk, path: str) -> None:
    with pytest.raises(EngineError, match="invalid"):
        desk.engine.files.clean_path(path)


async def test_2x_writes_to_the_branch_if_the_id_is_unknown(desk2: Desk) -> None:
    unknown = CommitRef(desk2.repo, "0" * 12 + "4" + "0" * 19, "master")
    made = await desk2.put(unknown, "/a")
    assert made.id != unknown.id
    with pytest.raises(EngineError, match="not found"):
        desk2.engine.files.modify(CommitRef(desk2.repo, unknown.id), [Put("/a")])


@pytest.mark.parametrize("version", ["1.4.8", "1.8.8", V1, V2])
async def test_a_glob_finds_what_a_walk_would(opened: Callable[..., Engine], version: str) -> None:
    desk = Desk(opened(version))
    paths = ("/a", "/ab", "/d/a", "/d/ab/1", "/d-1/a", "/d.txt", "/e/f/g/a")
    view = desk.engine.files.open(await desk.commit(dict.fromkeys(paths, b"x")))
    for pattern in ("/", "*", "/*", "/d*", "/d/*", "/d/a*", "/d/a", "/d", "/missing/*", "/**", "/[a-d]*/a", "e/f/*"):
        matches = matcher(pattern, desk.engine.profile)
        assert list(view.glob(pattern)) == [info for info in view.walk("/") if matches(info.path)], pattern


async def test_a_glob_where_there_is_nothing(desk: Desk) -> None:
    view = desk.engine.files.open(await desk.commit({}))
    for pattern in ("/", "/*", "/a", "/a/*"):
        assert [info.path for info in view.glob(pattern)] == [info.path for info in view.walk("/") if pattern == "/"]
