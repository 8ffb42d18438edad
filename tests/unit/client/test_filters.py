"""Patterns that pick the files of a directory."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from airflow_provider_pachyderm.client import InvalidRequest
from airflow_provider_pachyderm.client._local.filters import Filter


@pytest.mark.parametrize(
    ("pattern", "matches", "others"),
    [
        ("*.csv", ["a.csv", "d/e/a.csv"], ["a.csv.gz", "csv"]),
        (".git", [".git/config", "sub/.git/HEAD", ".git"], [".github/x", "a.git"]),
        ("2026/*.csv", ["2026/a.csv"], ["a.csv", "2026/01/a.csv", "x/2026/a.csv"]),
        ("/a.csv", ["a.csv"], ["d/a.csv"]),
        ("**/raw/*", ["raw/a", "x/raw/a", "x/y/raw/a/b"], ["raw", "x/raws/a"]),
        ("raw/**", ["raw/a", "raw/a/b"], ["raw", "x/raw/a"]),
        ("raw/", ["raw/a", "x/raw/a/b"], ["raws/a"]),
        ("file-?.[ch]", ["file-1.c", "d/file-2.h"], ["file-10.c", "file-1.o"]),
        ("[!a]*", ["b", "x/b"], []),
        ("x/a[!b]c", ["x/aac", "x/a!c"], ["x/a/c", "x/abc"]),
        ("[a!]", ["a", "!"], ["^", "b"]),
        ("[!]", ["!"], ["a"]),
        (r"[[\^&&]", ["[", "\\", "^", "&"], ["a"]),
        ("a+b(1).txt", ["a+b(1).txt"], ["aab1.txt"]),
    ],
)
def test_patterns(pattern: str, matches: list[str], others: list[str]) -> None:
    assert [path for path in matches + others if Filter(include=pattern).wants(path)] == matches
    assert [path for path in matches + others if Filter(exclude=pattern).wants(path)] == others


def test_both() -> None:
    chosen = Filter(include=["*.csv", "*.txt"], exclude=["tmp", "old.csv"])
    wanted = ["a.csv", "d/b.txt"]
    assert [path for path in [*wanted, "tmp/a.csv", "d/old.csv", "c.py"] if chosen.wants(path)] == wanted


@pytest.mark.parametrize("pattern", ["", "/", "[b-a]", Path("a.csv"), 5])
def test_what_is_no_pattern(pattern: Any) -> None:
    with pytest.raises(InvalidRequest, match="is not a pattern"):
        Filter(exclude=[pattern])


def test_what_is_no_patterns() -> None:
    with pytest.raises(InvalidRequest, match="include must be a str or an iterable of str, not int"):
        Filter(include=5)  # type: ignore[arg-type]
