"""Paths: what is brought into form and what is refused."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any

import pytest

from airflow_provider_pachyderm.client import InvalidRequest
from airflow_provider_pachyderm.client._paths import (
    exacts,
    for_writing,
    join,
    literal,
    literal_root,
    normalise,
    with_parents,
)


@pytest.mark.parametrize(
    ("path", "clean"),
    [
        ("", "/"),
        ("/", "/"),
        ("a", "/a"),
        ("/a/", "/a"),
        ("//a", "/a"),
        ("/a//b/", "/a/b"),
        ("/...", "/..."),
        ("/a..b", "/a..b"),
    ],
)
def test_form(path: str, clean: str) -> None:
    assert normalise(path) == clean


@pytest.mark.parametrize("path", ["/a/../b", "/./a", "..", ".", "../x", "/a/.", None, b"/a", 3])
def test_no_path(path: Any) -> None:
    with pytest.raises(InvalidRequest):
        normalise(path)


@pytest.mark.parametrize("character", "*?[]{}()!@+^")
def test_characters_of_patterns_are_named(character: str) -> None:
    for check in (literal, for_writing):
        with pytest.raises(InvalidRequest, match="pattern") as caught:
            check(f"/a{character}b")
        assert repr(character) in str(caught.value)


@pytest.mark.parametrize("path", ["/ü", "/a\tb", "/a\nb", "/a\0b", "/a\x7f"])
def test_only_printable_ascii_is_written(path: str) -> None:
    with pytest.raises(InvalidRequest, match="ASCII"):
        for_writing(path)
    assert literal(path) == path


@pytest.mark.parametrize("path", ["", "/", "//"])
def test_the_root_is_no_file(path: str) -> None:
    with pytest.raises(InvalidRequest, match="does not name a file"):
        for_writing(path)


@pytest.mark.parametrize("path", ["/sp ace", r"/back\slash", "/a:~|#%'\",;&=$<>-`", "/.hidden", "/" + "n" * 10_000])
def test_what_servers_store(path: str) -> None:
    assert for_writing(path) == path


def test_one_path_or_several() -> None:
    assert exacts("/ab") == ["/ab"]
    assert exacts(["a", "/b/"]) == exacts(path for path in ("a", "b")) == ["/a", "/b"]
    assert exacts([]) == []
    for wrong in (None, 5, b"/a", ["/a", None], PurePosixPath("/a")):
        with pytest.raises(InvalidRequest, match="str"):
            exacts(wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("pattern", "root"),
    [
        ("/*", "/"),
        ("", "/"),
        ("/a-b/c.d/*.csv", "/a-b/c.d"),
        ("a-b/*", "/a-b"),
        ("/a/b", "/a"),
        ("/a/x{1,2}/y", "/a"),
        (r"/a\[/b", "/"),
        ("//a//**", "/a"),
    ],
)
def test_where_all_matches_of_a_pattern_are(pattern: str, root: str) -> None:
    assert literal_root(pattern) == root


def test_join() -> None:
    assert join("/", "a") == "/a"
    assert join("/d/e", "a/b") == "/d/e/a/b"


def test_directories_that_a_path_is_in() -> None:
    assert [*with_parents("/d/e/f")] == ["/d/e/f", "/d/e", "/d", "/"]
    assert [*with_parents("/")] == ["/"]
