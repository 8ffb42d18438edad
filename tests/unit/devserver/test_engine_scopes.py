"""Scopes and administrators of 1.x without gRPC."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from airflow_provider_pachyderm.devserver.engine import Engine, EngineError
from airflow_provider_pachyderm.devserver.engine.auth.bindings import CLUSTER
from airflow_provider_pachyderm.devserver.engine.model import RepoKey
from tests.unit.devserver.conftest import become

REPO = RepoKey("images")
Open = Callable[[str], Engine]


@pytest.fixture
def with_repo(guarded: Callable[..., Engine]) -> Open:
    """Opens engines with a repo of the administrator's."""

    def open_engine(version: str) -> Engine:
        engine = guarded(version)
        engine.repos.create(REPO)
        return engine

    return open_engine


@pytest.mark.parametrize(
    ("version", "said"),
    [
        ("1.5.3", "not authorized to perform this operation on the repo images"),
        ("1.6.10", "not authorized to perform this operation on the repo images, must have at least READER access"),
        (
            "1.7.14",
            "robot:ci is not authorized to perform this operation on the repo images, must have at least READER access",
        ),
        (
            "1.13.4",
            "robot:ci is not authorized to perform this operation on the repo images, must have at least READER access",
        ),
    ],
)
def test_how_versions_refuse(with_repo: Open, version: str, said: str) -> None:
    engine = with_repo(version)
    become(engine, "robot:ci")
    with pytest.raises(EngineError) as refused:
        engine.guard.check(REPO, "READER")
    assert (refused.value.code, refused.value.text) == ("UNKNOWN", said)


def test_nobody_has_no_scope(with_repo: Open) -> None:
    engine = with_repo("1.13.4")
    engine.auth.enter("wrong")
    with pytest.raises(EngineError, match='error during authorization check for operation on "images": provided auth'):
        engine.guard.check(REPO, "READER")


@pytest.mark.parametrize(("scope", "holds"), [("READER", 1), ("WRITER", 2), ("OWNER", 3)])
def test_each_scope_has_those_before(with_repo: Open, scope: str, holds: int) -> None:
    engine = with_repo("1.13.4")
    engine.scopes.set("robot:ci", REPO, scope)
    become(engine, "robot:ci")
    assert sum(engine.guard.may(REPO, each) for each in ("READER", "WRITER", "OWNER")) == holds


def test_the_highest_scope_counts(with_repo: Open) -> None:
    engine = with_repo("1.13.4")
    engine.scopes.set("robot:ci", REPO, "READER")
    engine.scopes.set("group/oidc:ops", REPO, "WRITER")
    engine.bindings.modify_members("group/oidc:ops", ["robot:ci"], [])
    assert engine.scopes.scope_of("robot:ci", REPO) == "WRITER"
    engine.scopes.set("allClusterUsers", REPO, "OWNER")
    assert engine.scopes.scope_of("robot:ci", REPO) == "OWNER"


@pytest.mark.parametrize(
    ("version", "given", "whole"),
    [
        ("1.6.10", "jane", "jane"),
        ("1.7.14", "jane", "github:jane"),
        ("1.7.14", "pipeline:edges", "pipeline:edges"),
        ("1.13.4", "group/oidc:ops", "group/oidc:ops"),
        ("1.13.4", "pach:root", "pach:root"),
    ],
)
def test_names_of_principals(with_repo: Open, version: str, given: str, whole: str) -> None:
    assert with_repo(version).scopes.canonical(given) == whole


def test_names_that_are_none(with_repo: Open) -> None:
    for version, name in (("1.7.14", "pach:root"), ("1.13.4", "user:jane")):
        with pytest.raises(EngineError, match="subject has unrecognized prefix"):
            with_repo(version).scopes.canonical(name)


def test_somebody_who_is_added_and_removed(with_repo: Open) -> None:
    engine = with_repo("1.13.4")
    with pytest.raises(EngineError, match='"robot:ci" both added and removed as admin'):
        engine.scopes.modify_admins(["robot:ci"], ["robot:ci"])


@pytest.mark.parametrize(("version", "call"), [("1.9.12", "ModifyAdmins"), ("1.13.4", "ModifyClusterRoleBinding")])
def test_who_may_make_administrators(with_repo: Open, version: str, call: str) -> None:
    engine = with_repo(version)
    become(engine, "robot:ci")
    with pytest.raises(EngineError, match=f"robot:ci is not authorized .*; must be an admin to call {call}"):
        engine.scopes.modify_admins(["robot:ci"], [])


def test_an_administrator_remains(with_repo: Open) -> None:
    engine = with_repo("1.13.4")
    with pytest.raises(EngineError, match="error applying cluster role bindings: invalid request: cannot remove all"):
        engine.scopes.bind_cluster({"pach:root": []})
    assert engine.bindings.of(CLUSTER) == {"pach:root": ("super",)}


def test_whoever_starts_the_server_is_administrator(guarded: Callable[..., Engine], tmp_path: Path) -> None:
    # the user of the root token had another name once
    guarded("1.9.12", tmp_path).close()
    newer = guarded("1.13.4", tmp_path)
    assert newer.scopes.check_admin("ModifyAdmins") == "pach:root"
    assert newer.scopes.admins() == ["pach:root", "robot:root"]
    newer.deactivate()
    newer.activate("another-token", "robot:boss")
    newer.close()
    assert guarded("1.13.4", tmp_path).scopes.admins() == ["pach:root", "robot:boss"]


def test_an_administrator_of_files_makes_no_others(with_repo: Open) -> None:
    engine = with_repo("1.13.4")
    engine.scopes.bind_cluster({"robot:ci": ["fs"]})
    become(engine, "robot:ci")
    engine.guard.check(REPO, "OWNER")
    assert engine.scopes.level(REPO) == "OWNER"
    with pytest.raises(EngineError, match="must be an admin"):
        engine.scopes.check_admin("GetUsers")


@pytest.mark.parametrize("principal", ["", "robot:ci"])
def test_requests_that_make_no_sense(with_repo: Open, principal: str) -> None:
    engine = with_repo("1.13.4")
    with pytest.raises(EngineError, match="invalid request: must set"):
        engine.scopes.set(principal, RepoKey("") if principal else REPO, "READER")
    with pytest.raises(EngineError, match="must provide name of repo"):
        engine.scopes.acl(RepoKey(""))
    with pytest.raises(EngineError, match="must provide name of repo"):
        engine.scopes.set_acl(RepoKey(""), {})
