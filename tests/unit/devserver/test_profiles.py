"""The table of versions."""

from __future__ import annotations

import pytest

from airflow_provider_pachyderm.devserver import profiles


def test_every_rule_has_a_timeline_and_every_timeline_a_rule() -> None:
    assert set(profiles._RULES) == profiles.rule_names()


def test_timelines_ascend() -> None:
    for name, timeline in profiles._RULES.items():
        since = [profiles._numbers(version) for version, _ in timeline]
        assert since == sorted(set(since)), name


@pytest.mark.parametrize("version", [*profiles.RECORDED, *profiles.INFERRED])
def test_listed_versions_are_played(version: str) -> None:
    profile = profiles.profile_for(version)
    assert profile.version == version
    assert profile.world == ("v1" if version.startswith("1.") else "v2")


def test_1_11_9_reports_what_it_reported() -> None:
    assert profiles.profile_for("1.11.9").reported == "1.12.0"
    assert profiles.profile_for().reported == profiles.DEFAULT_VERSION


@pytest.mark.parametrize("version", ["", "2", "2.11", "3.0.0", "latest", "1.3.0", "2.11.x", "2.11.6.1"])
def test_others_are_refused_with_a_sentence(version: str) -> None:
    with pytest.raises(profiles.UnknownVersion, match="this dev server does not play Pachyderm"):
        profiles.profile_for(version)
