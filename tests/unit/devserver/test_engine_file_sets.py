"""File sets: what they hold, how long they are kept, and what servers say of those that are not there."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from airflow_provider_pachyderm.devserver.engine import Engine, EngineError
from airflow_provider_pachyderm.devserver.engine.files.file_sets import FILE_SETS
from airflow_provider_pachyderm.devserver.engine.model import Change, CommitRef, Delete, Put, RepoKey
from airflow_provider_pachyderm.devserver.releases.profile import profile_for
from tests.unit.devserver.conftest import V2, Desk

MISSING = "0123456789ab4def8123456789abcdef"
MINUTE = 60
A_LITTLE = 0.001
ALL = ("2.0.0", "2.0.8", "2.2.0", "2.3.9", "2.9.7", V2, "2.12.0-rc.3")


class Clock:
    """Time that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 10**18

    def __call__(self) -> int:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += int(seconds * 10**9)


class Sets:
    """One engine's file sets."""

    def __init__(self, version: str, folder: Path | None = None, clock: Clock | None = None) -> None:
        self.clock = clock or Clock()
        self.engine = Engine(profile_for(version), folder, self.clock)
        self.desk = Desk(self.engine)
        self.calls = self.engine.file_sets

    async def put(self, path: str, content: bytes = b"x", datum: str = "default") -> Put:
        writer = self.engine.blobs.open_writer()
        await writer.write(content)
        return Put(path, (await writer.commit(),), datum)

    async def new(self, files: dict[str, bytes]) -> str:
        return self.calls.create([await self.put(path, content) for path, content in files.items()])

    async def files(self, id: str) -> dict[str, bytes]:
        return await self.desk.files(ref(id))

    async def refused(self, id: str) -> str:
        with pytest.raises(EngineError) as caught:
            await self.files(id)
        return str(caught.value)


def ref(id: str) -> CommitRef:
    return CommitRef(RepoKey(FILE_SETS), id)


Open = Callable[..., Sets]


@pytest.fixture
def opened_sets() -> Iterator[Open]:
    found: list[Sets] = []

    def open_sets(version: str = V2, *args: object) -> Sets:
        found.append(Sets(version, *args))  # type: ignore[arg-type]
        return found[-1]

    yield open_sets
    for sets in found:
        sets.engine.close()


@pytest.fixture
def sets(opened_sets: Open) -> Sets:
    return opened_sets()


# what they hold


async def test_later_changes_win_over_earlier_ones(sets: Sets) -> None:
    one, two = await sets.put("/a", b"1"), await sets.put("/a", b"2")
    assert await sets.files(sets.calls.create([one, two])) == {"/a": b"12"}
    assert await sets.files(sets.calls.create([one, Delete("/a", "default"), two])) == {"/a": b"2"}
    assert await sets.files(sets.calls.create([one, Delete("/a", "default")])) == {}


async def test_a_directory_is_deleted_among_what_was_put(sets: Sets) -> None:
    await sets.desk.commit({"/d/old": b"old"})
    changes: list[Change] = [await sets.put("/d/a"), await sets.put("/b"), Delete("/d/", "default")]
    id = sets.calls.create(changes)
    assert await sets.files(id) == {"/b": b"x"}
    target = sets.desk.start()
    sets.calls.add(target, id)
    assert sets.desk.paths(target) == ["/b", "/d/old"]


async def test_the_path_of_the_root_is_not_everything(sets: Sets) -> None:
    id = sets.calls.create([await sets.put("/"), await sets.put("/a"), Delete("/", "default"), await sets.put("/b")])
    await sets.desk.commit({"/old": b"old"})
    target = sets.desk.start()
    sets.calls.add(target, id)
    assert sets.desk.paths(target) == ["/b", "/old"]


async def test_datums_are_kept_apart(sets: Sets) -> None:
    id = sets.calls.create([await sets.put("/a", b"1", "one"), await sets.put("/a", b"2", "two"), Delete("/a", "one")])
    assert await sets.files(id) == {"/a": b"2"}


async def test_what_was_deleted_on_the_way_to_a_commit(sets: Sets) -> None:
    await sets.desk.commit({"/d/a": b"a", "/b": b"b", "/c": b"c"})
    failed = sets.desk.start()
    sets.desk.delete(failed, "/c")
    sets.desk.finish(failed, "on purpose")
    for path in ("/d/", "/b"):
        commit = sets.desk.start()
        sets.desk.delete(commit, path)
        sets.desk.finish(commit)
    total = sets.calls.of_commit(sets.desk.head())
    assert await sets.files(total) == {"/c": b"c"}
    await sets.desk.commit({"/d/a": b"A", "/d/other": b"O", "/b": b"B", "/c": b"C"}, "other")
    target = sets.desk.start("other")
    sets.calls.add(target, total)
    assert await sets.desk.files(target) == {"/c": b"Cc", "/d/other": b"O"}


async def test_a_part_of_a_commit_is_known_when_it_is_finished(sets: Sets) -> None:
    await sets.desk.commit({"/a": b"1", "/b": b"1", "/d/c": b"1"})
    commit = sets.desk.start()
    await sets.desk.put(commit, "/a", b"2")
    sets.desk.delete(commit, "/d/")
    before = sets.calls.of_commit(commit, only_changes=True)
    sets.desk.finish(commit)
    after = sets.calls.of_commit(commit, only_changes=True)
    for id in (before, after):
        assert await sets.files(id) == {"/a": b"2"}
        target = sets.desk.start(f"b{id}")
        await sets.desk.put(target, "/d/c", b"mine")
        sets.calls.add(target, id)
        assert await sets.desk.files(target) == {"/a": b"2"}


@pytest.mark.parametrize(("version", "found"), [("2.9.0", False), ("2.10.7", False), ("2.11.0", True)])
async def test_some_find_what_a_commit_changed_by_its_id_alone(opened_sets: Open, version: str, found: bool) -> None:
    sets = opened_sets(version)
    commit = await sets.desk.commit({"/a": b"a"})
    assert await sets.files(sets.calls.of_commit(commit, only_changes=True)) == {"/a": b"a"}
    by_branch = sets.calls.of_commit(sets.desk.head(), only_changes=True)
    assert await sets.files(by_branch) == ({"/a": b"a"} if found else {})


async def test_an_open_commit_waits_for_what_it_grows_from(sets: Sets) -> None:
    base = sets.desk.start()
    sets.engine.commits.finish(base)
    child = sets.desk.start()
    with pytest.raises(EngineError, match=r"get file set: base commit .* unfinished"):
        sets.calls.of_commit(child)


# composing and sharding


async def test_layers_shard_by_the_first(sets: Sets) -> None:
    first, second = await sets.new({"/a": b"1", "/b": b"1"}), await sets.new({"/c": b"1", "/d": b"1"})
    empty = sets.calls.create([])
    composed = sets.calls.compose([empty, first, second], MINUTE)
    compact = sets.calls.compose([composed], MINUTE, compact=True)
    assert sets.calls.shards(composed, files=1) == [("", "/b"), ("/b", "")]
    assert sets.calls.shards(compact, files=1) == [("", "/b"), ("/b", "/c"), ("/c", "/d"), ("/d", "")]
    assert sets.calls.shards(empty) == [("", "")]


async def test_an_open_commit_has_two_layers(sets: Sets) -> None:
    await sets.desk.commit({"/a": b"1", "/b": b"1"})
    commit = sets.desk.start()
    await sets.desk.put(commit, "/c")
    assert len(sets.calls.shards(sets.calls.of_commit(commit), files=1)) == 2
    sets.desk.finish(commit)
    assert len(sets.calls.shards(sets.calls.of_commit(commit), files=1)) == 3


async def test_thresholds_hold_for_the_next_call(sets: Sets) -> None:
    id = await sets.new({"/a": b"12", "/b": b"12", "/c": b"12"})
    assert sets.calls.shards(id) == [("", "")]
    assert len(sets.calls.shards(id, files=2)) == 2
    assert len(sets.calls.shards(id)) == 2
    assert len(sets.calls.shards(id, size=1)) == 3
    assert len(sets.calls.shards(id, files=-1, size=-1)) == 3


async def test_parts_stay_as_long_as_the_whole(sets: Sets) -> None:
    part = await sets.new({"/a": b"a"})
    whole = sets.calls.compose([part], 20 * MINUTE)
    sets.clock.advance(15 * MINUTE)
    assert await sets.files(part) == {"/a": b"a"}
    sets.clock.advance(5 * MINUTE + A_LITTLE)
    for id in (whole, part):
        assert await sets.refused(id) == "UNKNOWN: path does not exist"


async def test_compact_ones_need_no_parts_and_last_as_new_ones(sets: Sets) -> None:
    part = await sets.new({"/a": b"a"})
    whole = sets.calls.compose([part], 1, compact=True)
    sets.calls.renew(part, 1)
    sets.clock.advance(2)
    await sets.refused(part)
    assert await sets.files(whole) == {"/a": b"a"}
    sets.clock.advance(10 * MINUTE)
    await sets.refused(whole)


# how long they are kept


async def test_they_last_ten_minutes(sets: Sets) -> None:
    commit = await sets.desk.commit({"/a": b"a"})
    made = [await sets.new({"/a": b"a"}), sets.calls.of_commit(commit), sets.calls.of_commit(commit, True)]
    sets.clock.advance(10 * MINUTE - 1)
    for id in made:
        assert await sets.files(id) == {"/a": b"a"}
    sets.clock.advance(1 + A_LITTLE)
    for id in made:
        assert await sets.refused(id) == "UNKNOWN: path does not exist"


async def test_they_are_renewed_from_now_on(sets: Sets) -> None:
    id = await sets.new({"/a": b"a"})
    sets.calls.renew(id, 30 * MINUTE)
    sets.clock.advance(25 * MINUTE)
    sets.calls.renew(id, 1)
    sets.clock.advance(1 + A_LITTLE)
    with pytest.raises(EngineError, match=re.escape(f"tracker does not contain item: (fileset/{id})")):
        sets.calls.renew(id, MINUTE)


async def test_one_that_is_composed_for_no_time_lasts_for_ever(sets: Sets) -> None:
    part = await sets.new({"/a": b"a"})
    for_ever, over = sets.calls.compose([part], 0), sets.calls.compose([part], -1)
    sets.clock.advance(1000 * MINUTE)
    assert await sets.files(for_ever) == {"/a": b"a"}
    await sets.refused(over)


async def test_a_commit_keeps_what_was_added_to_it(sets: Sets) -> None:
    target = sets.desk.start()
    sets.calls.add(target, await sets.new({"/a": b"a"}))
    sets.clock.advance(11 * MINUTE)
    assert await sets.desk.files(target) == {"/a": b"a"}
    sets.desk.finish(target)
    assert await sets.desk.files(target) == {"/a": b"a"}


async def test_they_are_there_after_a_restart(opened_sets: Open, tmp_path: Path) -> None:
    before = opened_sets(V2, tmp_path)
    commit = await before.desk.commit({"/b": b"b"})
    part = await before.new({"/a": b"a"})
    whole = before.calls.compose([part], 30 * MINUTE)
    before.engine.close()
    after = opened_sets(V2, tmp_path, before.clock)
    assert await after.files(after.calls.of_commit(commit, only_changes=True)) == {"/b": b"b"}
    after.clock.advance(20 * MINUTE)
    assert await after.files(whole) == {"/a": b"a"}
    after.clock.advance(10 * MINUTE + A_LITTLE)
    await after.refused(part)


async def test_a_time_beyond_all_that_can_be_kept(sets: Sets) -> None:
    whole = sets.calls.compose([await sets.new({"/a": b"a"})], 500_000 * 24 * 60 * MINUTE)
    sets.clock.advance(100 * 365 * 24 * 60 * MINUTE)
    assert await sets.files(whole) == {"/a": b"a"}


async def test_they_outlive_their_repo(sets: Sets) -> None:
    id = sets.calls.of_commit(await sets.desk.commit({"/a": b"a"}))
    sets.engine.repos.delete_all()
    assert await sets.files(id) == {"/a": b"a"}


# what is refused


@pytest.mark.parametrize("version", ALL)
async def test_a_missing_one(opened_sets: Open, version: str) -> None:
    sets = opened_sets(version)
    kept, target = await sets.new({"/a": b"a"}), sets.desk.start()
    adding = "add file set: " if version in (V2, "2.12.0-rc.3") else ""
    refusals: list[tuple[str, Callable[[], object]]] = [
        (f"UNKNOWN: {adding}path does not exist", lambda: sets.calls.add(target, MISSING)),
        (f"NOT_FOUND: tracker does not contain item: (fileset/{MISSING})", lambda: sets.calls.renew(MISSING, 1)),
        ("UNKNOWN: the operation would create a dangling reference", lambda: sets.calls.compose([kept, MISSING], 1)),
        ("UNKNOWN: path does not exist", lambda: sets.calls.compose([kept, MISSING], 1, compact=True)),
        ("UNKNOWN: path does not exist", lambda: sets.calls.shards(MISSING)),
        ("UNKNOWN: path does not exist", lambda: sets.engine.files.open(ref(MISSING))),
    ]
    for text, call in refusals:
        with pytest.raises(EngineError) as caught:
            call()
        assert str(caught.value) == text
    assert await sets.files(kept) == {"/a": b"a"}


@pytest.mark.parametrize(
    ("version", "id", "text"),
    [
        (V2, "", "parsing fileset.ID: too short to be ID len=0"),
        (V2, MISSING + "0", "parsing fileset.ID: too long to be ID len=33"),
        (V2, "z" + MISSING[1:], "encoding/hex: invalid byte: U+007A 'z'"),
        ("2.12.0-rc.3", MISSING[1:] + ".0", "parsing fileset.Token: too short to be Token len=31"),
    ],
)
def test_what_is_no_id(opened_sets: Open, version: str, id: str, text: str) -> None:
    with pytest.raises(EngineError, match=re.escape(text)):
        opened_sets(version).calls.renew(id, MINUTE)


async def test_an_id_may_have_dashes_and_capitals(sets: Sets) -> None:
    id = await sets.new({"/a": b"a"})
    assert await sets.files(f"{id[:8]}-{id[8:].upper()}") == {"/a": b"a"}


async def test_some_show_a_hash_of_the_content(opened_sets: Open) -> None:
    sets = opened_sets("2.12.0-rc.3")
    one, same, other = await sets.new({"/a": b"a"}), await sets.new({"/a": b"a"}), await sets.new({"/b": b"a"})
    assert all(re.fullmatch(r"[0-9a-f]{32}\.[0-9a-f]{64}", id) for id in (one, same, other))
    token, _, hash = one.partition(".")
    assert (same.endswith(hash), same.startswith(token), other.endswith(hash)) == (True, False, False)
    assert await sets.files(one) == await sets.files(token) == {"/a": b"a"}
    assert await sets.files(sets.calls.compose([one, other], MINUTE)) == {"/a": b"a", "/b": b"a"}


def test_times_are_told_in_nanoseconds(sets: Sets) -> None:
    with pytest.raises(EngineError, match=r"ttl \(0\) must be at least one second"):
        sets.calls.renew(MISSING, 0)
    with pytest.raises(EngineError, match=r"ttl \(1801000000000\) exceeds max ttl \(1800000000000\)"):
        sets.calls.renew(MISSING, 1801)


async def test_only_open_commits_take_them(sets: Sets) -> None:
    id, commit = await sets.new({"/a": b"a"}), await sets.desk.commit({})
    for target in (commit, sets.desk.head()):
        with pytest.raises(EngineError, match=r"^UNKNOWN: commit default/r@\w+ has already finished$"):
            sets.calls.add(target, id)
    with pytest.raises(EngineError, match="not found"):
        sets.calls.add(CommitRef(RepoKey("r"), MISSING), id)


async def test_one_is_no_commit_to_make_one_from(sets: Sets) -> None:
    with pytest.raises(EngineError, match="UNIMPLEMENTED"):
        sets.calls.of_commit(ref(await sets.new({})))


def test_1x_has_a_repo_of_that_name_if_users_want(desk1: Desk) -> None:
    desk1.engine.repos.create(RepoKey(FILE_SETS))
    desk1.finish(desk1.start(repo=FILE_SETS))
    assert desk1.paths(desk1.head(repo=FILE_SETS)) == []
