"""Which versions are spoken with, and what users are told of the others."""

from __future__ import annotations

import pytest

from airflow_provider_pachyderm.client import Repo, Unsupported, Version
from airflow_provider_pachyderm.client._capabilities import Capabilities, Feature, World
from airflow_provider_pachyderm.client._dialects import choose
from airflow_provider_pachyderm.client._dialects.v1 import DialectV1
from airflow_provider_pachyderm.client._dialects.v2 import DialectV2


@pytest.mark.parametrize("version", ["1.9.0", "1.11.9", "1.12.0", "1.13.4"])
def test_v1(version: str) -> None:
    assert isinstance(choose(Version.parse(version)), DialectV1)


@pytest.mark.parametrize("version", ["2.0.0", "2.5.9", "2.11.6", "2.12.0-rc.3", "0.0.0"])
def test_v2(version: str) -> None:
    assert isinstance(choose(Version.parse(version)), DialectV2)


@pytest.mark.parametrize("version", ["1.4.8", "1.8.8", "1.14.0", "0.9.0"])
def test_other_versions_are_refused_and_told_what_works(version: str) -> None:
    with pytest.raises(Unsupported, match=r"1\.9\.0 to 1\.13 and 2\.0 and later") as caught:
        choose(Version.parse(version))
    assert version in str(caught.value)


@pytest.mark.parametrize(
    ("feature", "without", "with_"),
    [
        (Feature.PROJECTS, ["1.13.4", "2.4.6"], ["2.5.0", "2.11.6", "0.0.0"]),
        (Feature.COMMIT_REPO, ["2.5.9"], ["2.6.0"]),
        (Feature.LIST_NUMBER, ["1.9.12"], ["1.10.0", "1.13.4", "2.11.6"]),
        (Feature.COMMIT_ERROR, ["1.13.4"], ["2.0.0"]),
        (Feature.URL_ERRORS, ["1.9.3"], ["1.9.4", "2.0.0"]),
        (Feature.WAIT_FINISHING, ["2.4.6"], ["2.5.0"]),
    ],
)
def test_features(feature: Feature, without: list[str], with_: list[str]) -> None:
    assert [v for v in without if feature in Capabilities(Version.parse(v))] == []
    assert [v for v in with_ if feature not in Capabilities(Version.parse(v))] == []


def test_a_missing_feature_is_explained() -> None:
    dialect = choose(Version(1, 13, 4))
    with pytest.raises(Unsupported, match=r"projects needs Pachyderm 2\.5\.0\+, the server is 1\.13\.4: .+"):
        dialect.inspect_repo(Repo("repo", "mine"))
    dialect.inspect_repo(Repo("repo", "default"))


def test_the_worlds() -> None:
    assert Capabilities(Version(1, 13, 4)).world is World.V1
    assert Capabilities(Version(2, 11, 6)).world is World.V2


def test_versions_are_ordered_by_number() -> None:
    assert Version.parse("2.9.0") < Version.parse("v2.11.6-rc.1") == Version(2, 11, 6)
    assert str(Version.parse("2.12.0-rc.3")) == "2.12.0-rc.3"
    with pytest.raises(ValueError, match="not a version"):
        Version.parse("2.11")
