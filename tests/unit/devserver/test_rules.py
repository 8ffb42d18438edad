"""The rules in which releases differ."""

from __future__ import annotations

import re
from collections import Counter
from string import Formatter

import pytest

from airflow_provider_pachyderm.devserver import profiles
from airflow_provider_pachyderm.devserver.releases import fields_v1, fields_v2, played, profile
from airflow_provider_pachyderm.devserver.releases.played import INFERRED, PLAYED, RECORDED
from airflow_provider_pachyderm.devserver.releases.profile import UnknownVersion, profile_for
from airflow_provider_pachyderm.devserver.releases.registry import Known, known_rules
from airflow_provider_pachyderm.devserver.releases.rule import Rule, numbers
from airflow_provider_pachyderm.devserver.releases.text import Text

RULES = known_rules()
STILL_INFERRED = (
    "BAD_OUTPUTS_NEVER_END 2.0",
    "BAD_URL_IS_NAMED 1.5",
    "COMMIT_VARIABLES 1.7.11",
    "COUNTING_FINISHED 1.13",
    "DATUM_ORDER 1.7",
    "DEFAULT_PROJECT_UNDATED 2.6",
    "DEFAULT_PROJECT_UNDATED 2.7",
    "DIFF_SETS_BY_ID 2.9",
    "EMPTY_STREAM_STATUS 1.7",
    "FILE_SET_VARIABLE 2.11",
    "FOLDING_COMMIT 1.13",
    "PROJECT_VARIABLES 2.5",
    "SUBSCRIBE_NO_BRANCH 1.6",
    "TRANSACTION_TO_DELETE_NOT_FOUND 1.13",
)
"""Changes of which neither a recording nor the source is named."""
EVERY = [*(known.rule for known in RULES), *fields_v1.FIELDS.values(), *fields_v2.FIELDS.values()]


def test_releases_ascend_and_are_no_nonsense() -> None:
    for rule in EVERY:
        releases = [numbers(release) for release in rule.since]
        assert releases == sorted(set(releases)), rule.about
        assert all(any(numbers(version)[: len(one)] == one for version in PLAYED) for one in releases), rule.about


def test_each_change_changes_something() -> None:
    for rule in EVERY:
        values = list(rule.since.values())
        assert all(values[at] != values[at + 1] for at in range(len(values) - 1)), rule.about
    assert not [known.name for known in RULES if len(known.rule.since) == 1]


def test_no_two_rules_share_a_name() -> None:
    assert max(Counter(known.name for known in RULES).values()) == 1


def test_recorded_versions_are_recorded() -> None:
    for rule in EVERY:
        assert set(rule.recorded.split()) <= set(RECORDED), rule.about


def test_what_is_inferred_is_counted() -> None:
    """Who finds out how one of these is known takes it away here."""
    found = [
        f"{known.name} {release}" for known in RULES for release, how in known.changes().items() if how == "inferred"
    ]
    assert sorted(found) == sorted(STILL_INFERRED)


def test_sources_are_of_changes_and_name_a_file() -> None:
    for known in RULES:
        sources = known.rule.source if isinstance(known.rule.source, dict) else {"": known.rule.source}
        assert set(sources) <= {"", *known.changes()}, known.name
        assert all(re.match(r"(src/|go\.mod)|$", source) for source in sources.values()), known.name


def test_a_rule_means_nothing_before_its_first_release() -> None:
    rule = Rule("What a test needs", {"2.0": 1, "2.5.3": 2})
    assert [profile_for(version)[rule] for version in ("2.0.0", "2.5.2", "2.5.3", "2.12.0-rc.1")] == [1, 1, 2, 2]
    with pytest.raises(LookupError, match=r"1\.13\.4 is older than this rule: What a test needs"):
        profile_for("1.13.4")[rule]


@pytest.mark.parametrize(
    "known", [known for known in RULES if isinstance(known.rule, Text)], ids=lambda known: known.name
)
def test_texts_have_a_status_and_fields_with_names(known: Known) -> None:
    for said in known.rule.since.values():
        assert re.fullmatch("[A-Z_]+", said.code)
        assert all(name is None or re.match("[a-z]", name) for _, name, _, _ in Formatter().parse(said.text))


@pytest.mark.parametrize(
    ("before", "after", "recorded", "source", "known"),
    [
        ("1.4", "1.11", "1.10.5 1.11.9", "", "recorded"),
        ("1.4", "1.9.6", "1.8.8 1.9.12", "pfs/server/driver.go: listCommit", "recorded"),
        # one side only
        ("1.4", "1.11", "1.11.9", "", "inferred"),
        ("1.4", "1.11", "1.10.5", "pfs/server/driver.go: listCommit", "source"),
        # 2.8.5 is newer than no recorded version that has the value before, 2.9.0 is older than any that has its own
        ("2.8.3", "2.8.5", "2.7.8 2.8.10", "", "inferred"),
    ],
)
def test_a_change_is_known_by_both_its_sides(before: str, after: str, recorded: str, source: str, known: str) -> None:
    rule = Rule("What a test needs", {before: 1, after: 2}, recorded, source)
    assert Known("RULE", "", rule).changes() == {after: known}


def test_a_change_that_is_taken_back_before_it_was_recorded_is_inferred() -> None:
    rule = Rule("What a test needs", {"2.0": 1, "2.9": 2, "2.9.1": 1}, "2.8.10 2.9.7")
    assert Known("RULE", "", rule).changes() == {"2.9": "inferred", "2.9.1": "inferred"}


@pytest.mark.parametrize("version", PLAYED)
def test_listed_versions_are_played(version: str) -> None:
    profile = profile_for(version)
    assert profile.version == version
    assert profile.world == ("v1" if version.startswith("1.") else "v2")


def test_versions_are_recorded_or_inferred() -> None:
    assert sorted([*RECORDED, *INFERRED]) == sorted(PLAYED)


def test_1_11_9_reports_what_it_reported() -> None:
    assert profile_for("1.11.9").reported == "1.12.0"
    assert profile_for().reported == "2.11.6"


@pytest.mark.parametrize("version", ["", "2", "2.11", "3.0.0", "latest", "1.3.0", "2.11.x", "2.11.6.1"])
def test_others_are_refused_with_a_sentence(version: str) -> None:
    with pytest.raises(UnknownVersion, match="this dev server does not play Pachyderm"):
        profile_for(version)


@pytest.mark.parametrize("name", ["profile_for", "Profile", "UnknownVersion", "DEFAULT_VERSION", "PLAYED"])
def test_the_old_place_of_public_names_tells_the_new_one(name: str) -> None:
    with pytest.warns(DeprecationWarning, match=rf"use airflow_provider_pachyderm\.devserver\.releases\.\w+\.{name}"):
        assert getattr(profiles, name) is getattr(played if name.isupper() else profile, name)
    with pytest.raises(AttributeError, match="nothing"):
        getattr(profiles, "nothing")  # noqa: B009 (an attribute that mypy would not let pass)
