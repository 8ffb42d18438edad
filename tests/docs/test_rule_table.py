"""The page that is generated from the dev server's rules."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from airflow_provider_pachyderm.devserver.releases.registry import known_rules
from tools import rule_table


def test_every_rule_has_its_row_under_its_folder() -> None:
    rows = re.findall(r"^\| (?!what).*", rule_table.render(), re.MULTILINE)
    assert len(rows) == len(known_rules())
    assert all(len(re.split(r"(?<!\\)\|", row)) == 5 for row in rows)


def test_the_page_counts_how_changes_are_known() -> None:
    page = rule_table.render()
    counted = [int(number) for number in re.findall(r"\((\d+)\):", page)]
    assert sum(counted) == sum(len(known.rule.since) - 1 for known in known_rules())


def test_check_writes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "versions.md"
    monkeypatch.setattr(rule_table, "PAGE", page)
    assert rule_table.main([]) == 0
    assert rule_table.main(["--check"]) == 0
    page.write_text("old")
    assert rule_table.main(["--check"]) == 1
    assert page.read_text() == "old"
    assert "make fix" in capsys.readouterr().err
