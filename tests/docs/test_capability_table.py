"""The page that is generated from the client's table."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from airflow_provider_pachyderm.client._capabilities import Feature, readable
from tools import capability_table


@pytest.mark.parametrize(
    ("versions", "text"),
    [
        ("2.5.0+", "2.5.0 or later"),
        ("1.9.0 to 1.13.999, 2.5.0+", "1.9.0 to 1.13, 2.5.0 or later"),
        ("2.0.0 to 2.0.999", "2.0"),
        ("2.5.8 to 2.5.999", "2.5.8 to the last 2.5"),
    ],
)
def test_versions_are_written_for_people(versions: str, text: str) -> None:
    assert readable(versions) == text


def test_every_feature_has_its_row_under_a_heading() -> None:
    groups = list(capability_table.grouped())
    assert [feature for _, rows in groups for feature in rows] == list(Feature)
    assert all(title for title, _ in groups)
    assert capability_table.render().count("\n| ") == len(Feature) + len(groups)


def test_code_is_not_cut_in_two() -> None:
    cut = [code for code in re.findall(r"`(.*?)`", capability_table.render()) if code.count("(") != code.count(")")]
    assert cut == []


def test_check_writes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "capabilities.md"
    monkeypatch.setattr(capability_table, "PAGE", page)
    assert capability_table.main([]) == 0
    assert capability_table.main(["--check"]) == 0
    page.write_text("old")
    assert capability_table.main(["--check"]) == 1
    assert page.read_text() == "old"
    assert "make fix" in capsys.readouterr().err
