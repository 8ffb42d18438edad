"""Reading 2.x goes over files in order: what is seen of empty roots, datums, clashes, pages and ranges."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import cast

import pytest

from airflow_provider_pachyderm.devserver.engine import Engine, EngineError
from airflow_provider_pachyderm.devserver.engine.files.scans import Page, Range, ScanView
from airflow_provider_pachyderm.devserver.engine.model import CommitRef, Delete, File, FileInfo, Put
from airflow_provider_pachyderm.devserver.engine.snapshots.entries import Entries, Span
from tests.unit.devserver.conftest import V2, Desk

Open = Callable[..., Engine]
FILES = ("/a", "/b.x", "/b/1", "/b/c/3", "/d/4")
TREE = ["/", "/a", "/b.x", "/b", "/b/1", "/b/c", "/b/c/3", "/d", "/d/4"]


def view(desk: Desk, ref: CommitRef, datum: str = "") -> ScanView:
    return cast(ScanView, desk.engine.files.open(ref, datum))


def paths(infos: Iterable[FileInfo]) -> list[str]:
    return [info.path for info in infos]


async def of(desk: Desk, *files: str | tuple[str, str]) -> ScanView:
    """An open commit with files, some of a datum of their own."""
    ref = desk.start()
    for file in files:
        path, datum = (file, "") if isinstance(file, str) else file
        await desk.put(ref, path, path.encode(), datum)
    return view(desk, ref)


def test_directories_stand_where_they_begin() -> None:
    entries = Entries({(path, "default"): File() for path in FILES})
    assert [node.path for node in entries.scan(Span(), strict=True)] == TREE
    assert [node.path for node in entries.scan(Span("/b"), strict=True)] == TREE[2:7]


async def test_d21_there_is_no_root_without_files(desk2: Desk) -> None:
    empty = await of(desk2)
    for path in ("/", ""):
        with pytest.raises(EngineError, match="not found"):
            empty.inspect(path)
        with pytest.raises(EngineError, match="not found"):
            list(empty.get(path))
    assert paths(empty.entries("/")) == paths(empty.walk("/")) == paths(empty.glob("/")) == []


async def test_d3_nor_of_a_datum_that_nobody_has(desk2: Desk) -> None:
    ref = desk2.start()
    await desk2.put(ref, "/a", b"A", "one")
    assert view(desk2, ref, "one").inspect("/").size == 1
    with pytest.raises(EngineError, match="not found"):
        view(desk2, ref, "two").inspect("/")


async def test_d2_a_directory_is_deleted_for_one_datum(desk2: Desk) -> None:
    ref = desk2.start()
    await desk2.put(ref, "/d/1", b"1", "one")
    await desk2.put(ref, "/d/2", b"2", "two")
    desk2.engine.files.modify(ref, [Delete("/d/", "one")])
    assert paths(view(desk2, ref).below("/")) == ["/d/2"]


@pytest.mark.parametrize(("version", "fails"), [("2.10.7", False), (V2, True)])
async def test_d53_d54_paths_that_clash(opened: Open, version: str, fails: bool) -> None:
    found = await of(Desk(opened(version)), "/f", "/f/1")
    if fails:
        for read in (lambda: found.inspect("/f"), lambda: list(found.entries("/f")), lambda: list(found.walk("/"))):
            with pytest.raises(EngineError, match=r"path collision \(/f/1\)"):
                read()
        assert found.inspect("/f/1").size == 4
    else:
        assert found.inspect("/f").is_dir
        assert paths(found.entries("/f")) == ["/f", "/f/1"]


async def test_a_file_in_between_hides_that_paths_clash(desk2: Desk) -> None:
    # "-" comes before "/"
    found = await of(desk2, "/f", "/f-1", "/f/1")
    assert paths(found.walk("/")) == ["/", "/f", "/f-1", "/f", "/f/1"]


async def test_one_path_of_two_datums(opened: Open) -> None:
    found = await of(Desk(opened("2.10.7")), ("/f", "one"), ("/f", "two"))
    assert found.inspect("/f").datum == "two"


@pytest.mark.parametrize(("version", "beside", "clashes"), [("2.0.8", 0, False), (V2, 1, True)])
async def test_d81_what_stands_beside_a_copy_clashes(opened: Open, version: str, beside: int, clashes: bool) -> None:
    desk = Desk(opened(version))
    ref = await desk.put(desk.start(), "/a", b"A")
    file = next(view(desk, ref).below("/a")).files[0]
    desk.engine.files.modify(ref, [Put("/b", file.pieces, "default"), Put("/b", file.pieces, "default", beside=beside)])
    desk.finish(ref)
    assert ("duplicate path" in desk.engine.commits.inspect(ref).error) is clashes


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        (Page(2), ["/a", "/b.x"]),
        (Page(-1), ["/a", "/b.x", "/b", "/d"]),
        (Page(2, reverse=True), ["/d", "/b"]),
        (Page(marker="/b.x"), ["/b", "/d"]),
        # as text it stands before "/b.x", but it is the name of the directory, too
        (Page(marker="/b"), ["/b.x", "/d"]),
        (Page(9, reverse=True, marker="/b/"), ["/b.x", "/a"]),
        (Page(marker="/zzz"), []),
    ],
)
async def test_d7_pages(desk2: Desk, page: Page, expected: list[str]) -> None:
    assert paths((await of(desk2, *FILES)).entries("/", page)) == expected


@pytest.mark.parametrize("version", ["2.4.6", "2.6.11"])
async def test_d43_pages_begin_with_their_marker_up_to_2_6(opened: Open, version: str) -> None:
    found = await of(Desk(opened(version)), *FILES)
    assert paths(found.entries("/", Page(1, marker="/a"))) == ["/a"]


@pytest.mark.parametrize(("version", "code"), [("2.10.7", "UNAVAILABLE"), (V2, "ABORTED")])
async def test_d6_d42_a_negative_number_in_reverse(opened: Open, version: str, code: str) -> None:
    found = await of(Desk(opened(version)), *FILES)
    with pytest.raises(EngineError) as refused:
        found.entries("/", Page(-1, reverse=True))
    assert refused.value.code == code
    with pytest.raises(EngineError, match="number must be > 0"):
        found.entries("/", Page(0, reverse=True))


async def test_a_walk_of_nothing_is_refused_but_for_all_from_the_start(desk2: Desk) -> None:
    found = await of(desk2, *FILES)
    for path, page in (("/none", Page()), ("/", Page(1, reverse=True, marker="/")), ("/b", Page(marker="/zzz"))):
        with pytest.raises(EngineError, match="does not contain item"):
            list(found.walk(path, page))
    assert paths(found.walk("/", Page(marker="/zzz"))) == []


@pytest.mark.parametrize(
    ("version", "upper", "told"),
    [
        ("2.4.0", "/b/1", ["/a", "/b.x"]),
        ("2.8.4", "/b/1", ["/a", "/b.x", "/b"]),
        ("2.8.4", "/b/0", ["/a", "/b.x"]),
        ("2.8.5", "/b/0", ["/a", "/b.x", "/b"]),
        ("2.9.0", "/b/0", ["/a", "/b.x"]),
        ("2.9.1", "/b/0", ["/a", "/b.x", "/b"]),
    ],
)
async def test_the_directory_at_the_end_of_a_range(opened: Open, version: str, upper: str, told: list[str]) -> None:
    found = await of(Desk(opened(version)), *FILES)
    assert paths(found.glob("/**", Range("/a", upper))) == told


async def test_d55_the_first_match_says_what_is_wrong(desk2: Desk) -> None:
    found = await of(desk2, *FILES)
    assert paths(found.get("/b*"))[:2] == ["/b.x", "/b"]
    assert paths(found.get("/b/*")) == ["/b/1", "/b/c", "/b/c/3"]


async def test_sizes_of_directories_are_those_of_their_files(desk2: Desk) -> None:
    found = await of(desk2, *FILES)
    sizes = {info.path: info.size for info in found.walk("/")}
    assert (sizes["/"], sizes["/b"], sizes["/b/c"]) == (sum(map(len, FILES)), 10, 6)


@pytest.mark.parametrize(("version", "copied"), [("2.0.8", []), ("2.1.9", []), ("2.2.8", ["/a"])])
async def test_d40_a_copy_of_the_root(opened: Open, version: str, copied: list[str]) -> None:
    found = await of(Desk(opened(version)), "/a")
    assert paths(found.below("/")) == copied
