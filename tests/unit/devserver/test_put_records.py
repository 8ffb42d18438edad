"""How 1.x joins what was written to an open commit, and what becomes of it: the hazards that clients must know."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from airflow_provider_pachyderm.devserver.engine import Engine
from airflow_provider_pachyderm.devserver.engine.errors import EngineError
from airflow_provider_pachyderm.devserver.engine.model import Change, CommitRef, Delete, HeaderFooter, Put, PutSplit
from airflow_provider_pachyderm.devserver.engine.store.blobs import Blob
from tests.unit.devserver.conftest import Desk

JOINING = ["1.6.10", "1.7.14", "1.8.8", "1.13.4"]


@pytest.fixture
def desk_of(opened: Callable[..., Engine]) -> Callable[[str], Desk]:
    return lambda version: Desk(opened(version))


async def blob(desk: Desk, content: bytes) -> Blob:
    writer = desk.engine.blobs.open_writer()
    await writer.write(content)
    return await writer.commit()


async def split(desk: Desk, ref: CommitRef, *contents: bytes, header: bytes = b"", path: str = "/h") -> None:
    shared = HeaderFooter(await blob(desk, header)) if header else HeaderFooter()
    pieces = tuple([await blob(desk, content) for content in contents])
    desk.engine.files.modify(ref, [PutSplit(path, pieces, shared)])


def size(desk: Desk, ref: CommitRef, path: str) -> int:
    return desk.engine.files.open(ref).inspect(path).size


def refused_to_finish(desk: Desk, ref: CommitRef) -> EngineError:
    with pytest.raises(EngineError) as caught:
        desk.finish(ref)
    return caught.value


@pytest.mark.parametrize(
    ("version", "content"),
    [
        ("1.4.8", b"NEW"),
        ("1.6.6", b"NEW"),
        ("1.6.10", b"NEW"),
        ("1.7.2", b"OLDNEW"),
        ("1.8.8", b"OLDNEW"),
        ("1.13.4", b"OLDNEW"),
    ],
)
@pytest.mark.parametrize("directory", ["/d", "/d/e"])
async def test_d25_a_put_after_its_directory_was_deleted_joins_what_was_put_before(
    desk_of: Callable[[str], Desk], version: str, content: bytes, directory: str
) -> None:
    desk = desk_of(version)
    ref = desk.start()
    await desk.put(ref, "/d/e/f", b"OLD")
    await desk.put(ref, "/d/e/g", b"OLD")
    desk.delete(ref, directory)
    await desk.put(ref, "/d/e/f", b"NEW")
    desk.finish(ref)
    assert await desk.files(ref) == {"/d/e/f": content}


@pytest.mark.parametrize("version", JOINING)
async def test_a_put_after_the_file_itself_was_deleted_replaces_it(
    desk_of: Callable[[str], Desk], version: str
) -> None:
    desk = desk_of(version)
    ref = desk.start()
    await desk.put(ref, "/f", b"OLD")
    desk.delete(ref, "/f")
    await desk.put(ref, "/f", b"NEW")
    desk.finish(ref)
    assert await desk.files(ref) == {"/f": b"NEW"}


@pytest.mark.parametrize(
    ("version", "left"), [("1.6.10", {"/t/1": b"1"}), ("1.8.8", {"/t/1": b"11"}), ("1.13.4", {"/t/1": b"11"})]
)
async def test_d80_d82_a_copied_directory_replaces_what_is_there_but_joins_what_was_copied_before(
    desk_of: Callable[[str], Desk], version: str, left: dict[str, bytes]
) -> None:
    desk = desk_of(version)
    source = await desk.commit({"/s/1": b"1"}, branch="source")
    await desk.commit({"/t/other": b"x"})
    ref = desk.start()
    for _ in range(2):
        copy(desk, source, ref)
    desk.finish(ref)
    assert await desk.files(ref) == left


def copy(desk: Desk, source: CommitRef, ref: CommitRef, path: str = "/s", append: bool = False) -> None:
    view = desk.engine.files.open(source)
    desk.engine.files.modify(ref, desk.engine.files.copy_changes(view, path, "/t", append))


async def test_d18_a_directory_copied_over_another_loses_its_files(desk_of: Callable[[str], Desk]) -> None:
    for version, files in [("1.7.9", {"/t/1": b"1"}), ("1.7.10", {}), ("1.7.14", {}), ("1.8.0", {"/t/1": b"1"})]:
        desk = desk_of(version)
        source = await desk.commit({"/s/1": b"1"}, branch="source")
        ref = desk.start()
        copy(desk, source, ref)
        desk.finish(ref)
        assert await desk.files(ref) == files, version


async def test_siblings_whose_names_begin_alike_are_copied_too(desk_of: Callable[[str], Desk]) -> None:
    for version, expected in [("1.7.14", [("/s", "/s2/a"), ("/t", "/t/1")]), ("1.8.8", [("/t", "/t/1")])]:
        desk = desk_of(version)
        source = await desk.commit({"/s/1": b"1", "/s2/a": b"a"}, branch="source")
        ref = desk.start()
        copy(desk, source, ref, append=True)
        desk.finish(ref)
        assert desk.paths(ref) == [path for _, path in expected], version


@pytest.mark.parametrize("version", JOINING)
async def test_d1_a_size_stays_too_large_after_an_overwrite_in_a_later_commit(
    desk_of: Callable[[str], Desk], version: str
) -> None:
    desk = desk_of(version)
    ref = desk.start()
    for content in (b"aaa", b"bbb"):
        await desk.put(ref, "/d/f", content)
    desk.engine.files.modify(ref, [Put("/d/f", (await blob(desk, b"c"),), overwrite=1)])
    desk.finish(ref)
    assert size(desk, ref, "/d/f") == 4  # in the commit that wrote it all sizes are known
    later = desk.start()
    desk.engine.files.modify(later, [Put("/d/f", (await blob(desk, b"dd"),), overwrite=1)])
    desk.finish(later)
    assert await desk.read(later, "/d/f") == b"aaadd"
    assert [size(desk, later, path) for path in ("/d/f", "/d", "/")] == [6, 6, 6]
    last = desk.start()
    desk.delete(last, "/d/f")
    desk.finish(last)
    assert size(desk, last, "/") == 0


@pytest.mark.parametrize("version", ["1.8.0", "1.8.8", "1.13.4"])
async def test_d27_a_header_put_into_a_directory_without_one_kills_the_server_each_time(
    desk_of: Callable[[str], Desk], version: str
) -> None:
    desk = desk_of(version)
    first = desk.start()
    await split(desk, first, b"1\n")
    desk.finish(first)
    ref = desk.start()
    await split(desk, ref, b"2\n", header=b"h\n")
    for _ in range(2):
        assert refused_to_finish(desk, ref).code == "UNAVAILABLE"
    assert desk.engine.commits.inspect(ref).is_open


async def test_d29_the_last_put_of_a_commit_decides_about_the_header_of_its_directory(
    desk_of: Callable[[str], Desk],
) -> None:
    desk = desk_of("1.13.4")
    cases = [((b"", b"h\n"), b"h\n1\n2\n"), ((b"h\n", b""), b"1\n2\n"), ((b"a\n", b"b\n"), b"b\n1\n2\n")]
    for headers, expected in cases:
        ref = desk.ref(desk.engine.commits.start(desk.branch(f"b{expected.hex()}")))
        for number, header in enumerate(headers, start=1):
            await split(desk, ref, b"%d\n" % number, header=header)
        desk.finish(ref)
        view = desk.engine.files.open(ref)
        blobs = view.content(view.glob("/h/*"))
        assert b"".join([piece async for piece in desk.engine.files.read("/", blobs)]) == expected


async def test_sizes_of_directories_with_headers_are_added_up_as_the_server_does(
    desk_of: Callable[[str], Desk],
) -> None:
    desk = desk_of("1.13.4")
    ref = desk.start()
    await split(desk, ref, b"1\n", b"2\n", header=b"h\n")
    desk.finish(ref)
    assert [size(desk, ref, path) for path in ("/h/0000000000000000", "/h", "/")] == [4, 6, 4]
    gone = desk.start()
    desk.delete(gone, "/h")
    desk.finish(gone)
    assert size(desk, gone, "/") == -2  # an enormous number on the wire


@pytest.mark.parametrize(("version", "refused"), [("1.5.3", True), ("1.6.10", False), ("1.13.4", False)])
async def test_d14_split_then_plain_at_one_path(desk_of: Callable[[str], Desk], version: str, refused: bool) -> None:
    desk = desk_of(version)
    ref = desk.start()
    await split(desk, ref, b"1\n", b"2\n")
    await desk.put(ref, "/h", b"3\n")
    if refused:
        assert "already there" in refused_to_finish(desk, ref).text
    else:
        desk.finish(ref)
        assert await desk.files(ref) == {"/h": b"1\n2\n3\n"}


async def test_d15_a_split_into_a_directory_with_a_name_that_is_no_number(desk_of: Callable[[str], Desk]) -> None:
    for version in ("1.4.8", *JOINING):
        desk = desk_of(version)
        await desk.commit({"/h/nonsense": b"x"})
        ref = desk.start()
        await split(desk, ref, b"1\n")
        assert "error parsing filename nonsense as int" in refused_to_finish(desk, ref).text
        assert desk.engine.commits.inspect(ref).is_open
        numbered = desk.ref(desk.engine.commits.start(desk.branch("numbered")))
        await desk.put(numbered, "/h/2a", b"x")
        desk.finish(numbered)
        after = desk.ref(desk.engine.commits.start(desk.branch("numbered")))
        await split(desk, after, b"1\n")
        desk.finish(after)
        assert desk.paths(after)[0] == "/h/000000000000002b"


@pytest.mark.parametrize(
    ("version", "left"),
    [
        ("1.6.10", ["/a", "/d/1", "/d/2", "/d/sub/3"]),
        ("1.7.14", []),
        ("1.8.8", ["/d/2", "/d/sub/3"]),
        ("1.10.5", ["/d/2", "/d/sub/3"]),
        ("1.11.7", ["/d/2", "/d/sub/3"]),
        ("1.11.8", []),
        ("1.13.4", []),
    ],
)
async def test_d30_delete_takes_patterns_and_may_leave_every_second_entry(
    desk_of: Callable[[str], Desk], version: str, left: list[str]
) -> None:
    desk = desk_of(version)
    await desk.commit(dict.fromkeys(["/a", "/d/1", "/d/2", "/d/sub/3"], b"x"))
    ref = desk.start()
    desk.delete(ref, "/*")
    desk.finish(ref)
    assert desk.paths(ref) == left
    if left[1:2] == ["/d/sub/3"]:
        assert size(desk, ref, "/") == 0  # of which the root knows nothing


@pytest.mark.parametrize("version", ["1.8.8", "1.10.5"])
async def test_d66_deleting_by_two_stars_finds_what_the_first_deletion_left(
    desk_of: Callable[[str], Desk], version: str
) -> None:
    desk = desk_of(version)
    await desk.commit(dict.fromkeys(["/a", "/d/1", "/d/2"], b"x"))
    ref = desk.start()
    desk.delete(ref, "/**")
    assert refused_to_finish(desk, ref).text == 'delete discovered orphaned file "/d/2"'


async def test_a_reader_of_an_open_commit_sees_only_records_under_its_path(desk_of: Callable[[str], Desk]) -> None:
    desk = desk_of("1.13.4")
    await desk.commit({"/d/1": b"x"})
    ref = desk.start()
    desk.delete(ref, "/d")
    assert desk.paths(ref) == []
    assert desk.engine.files.open(ref, path="/d/1").find("/d/1")


async def test_changes_of_one_call_that_makes_a_commit_are_not_joined(desk_of: Callable[[str], Desk]) -> None:
    desk = desk_of("1.13.4")
    await desk.commit({"/d/1": b"x"})
    changes: list[Change] = [
        Put("/d/1", (await blob(desk, b"y"),)),
        Delete("/d"),
        Put("/d/1", (await blob(desk, b"z"),)),
    ]
    desk.engine.files.modify(desk.head(), changes)
    assert await desk.files(desk.head()) == {"/d/1": b"z"}


async def test_overwriting_objects_of_a_directory_kills_the_server(desk_of: Callable[[str], Desk]) -> None:
    for version in ("1.6.10", "1.13.4"):
        desk = desk_of(version)
        await desk.commit({"/d/f": b"x"})
        ref = desk.start()
        desk.engine.files.modify(ref, [Put("/d", (await blob(desk, b"y"),), overwrite=1)])
        assert refused_to_finish(desk, ref).code == "UNAVAILABLE"
        assert desk.engine.commits.inspect(ref).is_open
