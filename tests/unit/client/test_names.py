"""Names that PFS cannot store: quoted without loss, refused with all of them, or left out and said."""

from __future__ import annotations

import logging
import pickle
from itertools import product

import pytest

from airflow_provider_pachyderm.client import InvalidRequest, UnstorableNames, quote_path, unquote_path
from airflow_provider_pachyderm.client._local.names import storable
from airflow_provider_pachyderm.client._paths import for_writing


@pytest.mark.parametrize(
    ("name", "quoted"),
    [
        ("plain.csv", "plain.csv"),
        ("a[1].csv", "a%5B1%5D.csv"),
        ("d/ü.txt", "d/%C3%BC.txt"),
        ("100%.csv", "100%.csv"),
        ("100%25.csv", "100%2525.csv"),
        ("%4\udcff", "%4%FF"),
        ("line\nend", "line%0Aend"),
    ],
)
def test_quoted_names(name: str, quoted: str) -> None:
    assert quote_path(name) == quoted
    assert unquote_path(quoted) == name
    assert for_writing(quoted) == f"/{quoted}"


def test_quoting_makes_no_two_names_one_and_can_be_undone() -> None:
    names = [
        "".join(parts)
        for length in range(1, 5)
        for parts in product(["%", "4", "1", "*", "ü", "F", "\udc80"], repeat=length)
    ]
    quoted = [quote_path(name) for name in names]
    assert len(set(quoted)) == len(names)
    assert [unquote_path(each) for each in quoted] == names


def test_a_name_that_is_no_text_cannot_be_quoted() -> None:
    with pytest.raises(InvalidRequest, match="UTF-8"):
        quote_path("a\ud800")


FILES = [("fine", 1), ("a*", 2), ("sub/ü", 3), ("sub/fine", 4)]


def test_names_are_refused_with_all_of_them() -> None:
    with pytest.raises(UnstorableNames, match="bad_names") as caught:
        storable(FILES, "/in")
    assert caught.value.names == ("a*", "sub/ü")
    assert isinstance(caught.value, ValueError)
    assert pickle.loads(pickle.dumps(caught.value)).names == caught.value.names


def test_the_text_of_many_names_is_short() -> None:
    with pytest.raises(UnstorableNames) as caught:
        storable([(f"*{number}", None) for number in range(10_000)], "/")
    assert len(caught.value.names) == 10_000
    assert "9980 more" in str(caught.value)
    assert len(str(caught.value)) < 1000


def test_names_are_left_out_and_said(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        assert storable(FILES, "/in", "skip") == [("/in/fine", 1), ("/in/sub/fine", 4)]
    assert "'a*', 'sub/ü'" in caplog.text


def test_names_are_quoted() -> None:
    assert [path for path, _ in storable(FILES, "/", "quote")] == ["/fine", "/a%2A", "/sub/%C3%BC", "/sub/fine"]


def test_what_is_to_become_of_names_is_checked() -> None:
    with pytest.raises(InvalidRequest, match="'keep'"):
        storable(FILES, "/", "keep")  # type: ignore[arg-type]
