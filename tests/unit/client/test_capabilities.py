"""Which versions are spoken with, and what users are told of the others."""

from __future__ import annotations

import pytest

from airflow_provider_pachyderm.client import Repo, Unsupported, Version
from airflow_provider_pachyderm.client._capabilities import Capabilities, Feature, World
from airflow_provider_pachyderm.client._dialects.choose import choose
from airflow_provider_pachyderm.client._dialects.dialect import Dialect
from airflow_provider_pachyderm.client._dialects.dialect_v1 import DialectV1
from airflow_provider_pachyderm.client._dialects.dialect_v2 import DialectV2


@pytest.mark.parametrize(
    ("versions", "world", "kind"),
    [
        (["1.4.0", "1.6.10", "1.7.0", "1.8.8", "1.9.0", "1.12.0", "1.13.4"], World.V1, DialectV1),
        (["2.0.0", "2.4.6", "2.5.9", "2.10.7", "2.12.0-rc.3", "0.0.0"], World.V2, DialectV2),
    ],
)
def test_the_dialects(versions: list[str], world: World, kind: type[Dialect]) -> None:
    for version in versions:
        dialect = choose(Version.parse(version))
        assert dialect.capabilities.world is world
        assert type(dialect) is kind


def test_what_is_reported_is_not_always_meant() -> None:
    # the tags 1.11.1 to 1.11.9 say 1.12.0
    assert Capabilities(Version(1, 12, 0))._effective == Version(1, 11, 1)
    assert Capabilities(Version(1, 12, 1))._effective == Version(1, 12, 1)
    # a build without a stamp; what is told to users stays as it was said
    assert Capabilities(Version(0, 0, 0))._effective >= Version(2, 12, 0)
    assert str(Capabilities(Version(0, 0, 0)).version) == "0.0.0"


def test_every_reason_can_be_read() -> None:
    for feature in Feature:
        for version in ("1.4.0", "1.13.4", "2.0.0", "2.12.0"):
            capabilities = Capabilities(Version.parse(version))
            if feature not in capabilities:
                reason = capabilities.reason(feature)
                assert version in reason
                assert feature.why in reason
                assert ".999" not in reason


@pytest.mark.parametrize("version", ["1.3.20", "1.14.0", "0.9.0"])
def test_other_versions_are_refused_and_told_what_works(version: str) -> None:
    with pytest.raises(Unsupported, match=r"1\.4\.0 to 1\.13, 2\.0\.0 or later") as caught:
        choose(Version.parse(version))
    assert version in str(caught.value)


@pytest.mark.parametrize(
    ("feature", "without", "with_"),
    [
        (Feature.PROJECTS, ["1.13.4", "2.4.6"], ["2.5.0", "2.11.6", "0.0.0"]),
        (Feature.COMMIT_REPO, ["2.5.9"], ["2.6.0"]),
        (Feature.LIST_NUMBER, ["1.9.12", "1.10.5"], ["1.8.8", "1.11.9", "1.13.4", "2.11.6"]),
        (Feature.RANGES, ["1.6.0", "1.7.5"], ["1.5.3", "1.7.6", "2.11.6"]),
        (Feature.MANY_FILES, ["1.4.8", "1.7.5"], ["1.7.6", "1.8.0"]),
        (Feature.REFUSES_FINISHED, ["1.4.8"], ["1.5.0", "2.0.0"]),
        (Feature.FINISHES_IN_ORDER, ["2.0.0", "2.0.8"], ["1.13.4", "2.1.0"]),
        (Feature.WRITES_BY_ID, ["1.13.4", "2.5.9"], ["2.6.0"]),
        (Feature.DELETE_TREE, ["1.7.0", "1.13.4"], ["1.6.10", "2.0.0"]),
        (Feature.COPY_TREE, ["1.6.0", "1.7.14", "2.0.0"], ["1.8.0", "1.13.4"]),
        (Feature.DELETE_ROOT, ["1.6.10", "1.8.0", "1.11.7"], ["1.7.14", "1.11.8", "2.0.0"]),
        (Feature.COPY_ROOT, ["2.0.0", "2.1.9"], ["1.13.4", "2.2.0"]),
        (Feature.COMMIT_DESCRIPTION, ["1.6.5"], ["1.6.6"]),
        (Feature.WAIT_STATE, ["1.7.0"], ["1.7.1", "2.3.9"]),
        (Feature.STREAM_FILES, ["1.6.1"], ["1.6.2"]),
        (Feature.STREAM_COMMITS, ["1.6.3"], ["1.6.4"]),
        (Feature.OVERWRITE, ["1.5.3"], ["1.6.0"]),
        (Feature.WALK_FILE, ["1.7.14"], ["1.8.0"]),
        (Feature.READ_OPEN, ["1.4.8"], ["1.5.0"]),
        (Feature.COMMIT_ERROR, ["1.13.4"], ["2.0.0"]),
        (Feature.URL_ERRORS, ["1.9.3"], ["1.9.4", "2.0.0"]),
        # from 1.9.4 on they mean something, but up to 1.9.7 a path with nothing else that is special is no pattern
        (Feature.GLOB_GROUPS, ["1.8.8", "1.9.0", "1.9.7"], ["1.9.8", "1.13.4"]),
        (Feature.WAIT_FINISHING, ["2.4.6"], ["2.5.0"]),
        (Feature.FILE_SETS, ["1.11.5", "1.13.4"], ["2.0.0"]),
        (Feature.FILE_SET_SHARDS, ["2.3.9"], ["2.4.0"]),
        (Feature.FILE_SET_DIFF, ["2.8.10"], ["2.9.0"]),
    ],
)
def test_features(feature: Feature, without: list[str], with_: list[str]) -> None:
    assert [v for v in without if feature in Capabilities(Version.parse(v))] == []
    assert [v for v in with_ if feature not in Capabilities(Version.parse(v))] == []


def test_a_missing_feature_is_explained() -> None:
    dialect = choose(Version(1, 13, 4))
    with pytest.raises(
        Unsupported, match=r"a project needs Pachyderm 2\.5\.0 or later \(this server is 1\.13\.4\): .+"
    ):
        dialect.repos.inspect(Repo("repo", "mine"))
    dialect.repos.inspect(Repo("repo", "default"))


def test_the_worlds() -> None:
    assert Capabilities(Version(1, 13, 4)).world is World.V1
    assert Capabilities(Version(2, 11, 6)).world is World.V2


def test_versions_are_ordered_by_number() -> None:
    assert Version.parse("2.9.0") < Version.parse("v2.11.6-rc.1") == Version(2, 11, 6)
    assert str(Version.parse("2.12.0-rc.3")) == "2.12.0-rc.3"
    with pytest.raises(ValueError, match="not a version"):
        Version.parse("2.11")
