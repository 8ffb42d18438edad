"""Roles of 2.x without gRPC: what releases know, where a look-up ends, what goes with a repo."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from airflow_provider_pachyderm.devserver.engine import Engine, EngineError
from airflow_provider_pachyderm.devserver.engine.auth.bindings import CLUSTER, Resource, resource_of
from airflow_provider_pachyderm.devserver.engine.auth.role_tables import roles_of
from airflow_provider_pachyderm.devserver.engine.model import RepoKey
from airflow_provider_pachyderm.devserver.releases.profile import profile_for
from tests.unit.devserver.conftest import V2, become

REPO = RepoKey("images")
IMAGES = resource_of(REPO)
NOT_AUTHORIZED = (
    "robot:ci is not authorized to perform this operation - needs permissions [{needs}] on {resource}. "
    "Run `pachctl auth roles-for-permission` to find roles that grant a given permission."
)
Open = Callable[..., Engine]


def refusal(engine: Engine, *needs: str) -> tuple[str, str]:
    with pytest.raises(EngineError) as refused:
        engine.guard.check(REPO, *needs)
    return refused.value.code, refused.value.text


@pytest.mark.parametrize(
    ("version", "code", "name"),
    [
        ("2.0.8", "UNKNOWN", "images"),
        ("2.5.9", "UNKNOWN", "default/images"),
        ("2.6.11", "UNKNOWN", "default/images"),
        ("2.7.0", "PERMISSION_DENIED", "default/images"),
        ("2.11.6", "PERMISSION_DENIED", "default/images"),
    ],
)
def test_how_versions_refuse(guarded: Open, version: str, code: str, name: str) -> None:
    engine = guarded(version)
    engine.repos.create(REPO)
    become(engine, "robot:ci")
    text = NOT_AUTHORIZED.format(needs="REPO_READ REPO_LIST_FILE", resource=f"REPO {name}")
    assert refusal(engine, "REPO_READ", "REPO_LIST_FILE") == (code, text)
    become(engine)
    engine.repos.delete(REPO)
    become(engine, "robot:ci")
    assert refusal(engine, "REPO_READ") == ("UNKNOWN", f"no role binding exists for REPO {name}")


def test_the_cluster_has_no_name(guarded: Open) -> None:
    engine = guarded(V2)
    become(engine, "robot:ci")
    with pytest.raises(EngineError) as refused:
        engine.guard.check_cluster("PROJECT_CREATE", "CLUSTER_DELETE_ALL")
    assert refused.value.text == NOT_AUTHORIZED.format(needs="PROJECT_CREATE CLUSTER_DELETE_ALL", resource="CLUSTER ")


@pytest.mark.parametrize(
    ("version", "role", "there"),
    [
        ("2.0.0", "repoOwner", True),
        ("2.4.6", "projectOwner", False),
        ("2.5.0", "projectOwner", True),
        ("2.5.9", "projectWriter", False),
        ("2.6.0", "projectWriter", True),
        ("2.11.6", "jobAdmin", False),
        ("2.12.0-rc.1", "jobAdmin", True),
    ],
)
def test_which_release_has_which_role(version: str, role: str, there: bool) -> None:
    assert (role in roles_of(profile_for(version))) is there


@pytest.mark.parametrize(
    ("version", "permission", "there"),
    [
        ("2.1.9", "CLUSTER_ENTERPRISE_PAUSE", False),
        ("2.2.0", "CLUSTER_ENTERPRISE_PAUSE", True),
        ("2.7.8", "CLUSTER_SET_DEFAULTS", False),
        ("2.8.0", "PROJECT_SET_DEFAULTS", True),
        ("2.10.0", "CLUSTER_EDIT_CLUSTER_METADATA", True),
        ("2.12.0-rc.1", "CLUSTER_RESTART_PACHYDERM", True),
    ],
)
def test_what_administrators_may(version: str, permission: str, there: bool) -> None:
    roles = roles_of(profile_for(version))
    assert (permission in roles["clusterAdmin"].permissions) is there
    # they may whatever another role allows
    assert all({*role.permissions} <= {*roles["clusterAdmin"].permissions} for role in roles.values())


@pytest.mark.parametrize(
    ("version", "on_cluster", "on_repo"),
    [("2.6.3", {"projectCreator", "repoReader"}, True), ("2.6.4", {"projectCreator"}, False)],
)
def test_what_roles_for_other_things_allow(guarded: Open, version: str, on_cluster: set[str], on_repo: bool) -> None:
    engine = guarded(version)
    engine.roles.modify(CLUSTER, "robot:ci", ["repoReader"])
    engine.repos.create(REPO)
    permissions, roles = engine.roles.permissions("robot:ci", IMAGES)
    assert ([*roles], "PROJECT_CREATE" in permissions) == (["repoReader"], on_repo)
    assert {*engine.roles.permissions("robot:ci", CLUSTER)[1]} == on_cluster


def test_a_look_up_ends_when_all_is_found(guarded: Open) -> None:
    engine = guarded(V2)
    # the administrator needs no repo, others are told that there is none
    assert engine.roles.grant("pach:root", IMAGES, ["REPO_READ"]).satisfied == ["REPO_READ"]
    with pytest.raises(EngineError, match="no role binding exists for REPO default/images"):
        engine.roles.grant("robot:ci", IMAGES, ["REPO_READ"])
    with pytest.raises(EngineError, match="no role binding exists for PROJECT other"):
        engine.roles.grant("robot:ci", Resource("REPO", "other/images"), ["REPO_READ"])


def test_anyone_reads_specs(guarded: Open) -> None:
    engine = guarded(V2)
    engine.repos.create(REPO)
    engine.repos.create(RepoKey("images", type="spec"))
    become(engine, "robot:ci")
    engine.guard.check(RepoKey("images", type="spec"), "REPO_READ")
    with pytest.raises(EngineError, match="REPO_WRITE"):
        engine.guard.check(RepoKey("images", type="spec"), "REPO_WRITE")


def test_what_is_tried_binds_nothing(guarded: Open) -> None:
    engine = guarded(V2)
    become(engine, "robot:ci")
    with engine.unit(dry_run=True):
        engine.repos.create(REPO)
        assert engine.roles.binding(IMAGES) == {"robot:ci": ("repoOwner",)}
    assert engine.roles.binding(IMAGES) == {}


def in_a_project_of_somebody_else(engine: Engine) -> None:
    become(engine)
    engine.projects.create("vision")
    become(engine, "robot:ci")
    engine.repos.create(RepoKey("images", "vision"))


def test_before_2_6_anyone_creates_repos_and_sees_all(guarded: Open) -> None:
    engine = guarded("2.5.9")
    in_a_project_of_somebody_else(engine)
    become(engine, "robot:other")
    assert [engine.guard.may_list(info.key) for info in engine.repos.list()] == [True]


def test_repos_in_a_project_of_somebody_else(guarded: Open) -> None:
    with pytest.raises(EngineError, match="failed to create repo: robot:ci is not authorized"):
        in_a_project_of_somebody_else(guarded("2.6.0"))


def test_a_list_leaves_out_what_one_may_not_see(guarded: Open) -> None:
    engine = guarded(V2)
    engine.projects.create("vision")
    hidden = RepoKey("images", "vision")
    engine.repos.create(hidden)
    become(engine, "robot:ci")
    assert not engine.guard.may_list(hidden)
    become(engine)
    engine.roles.modify(resource_of(hidden), "robot:ci", ["repoReader"])
    become(engine, "robot:ci")
    assert engine.guard.may_list(hidden)


@pytest.mark.parametrize(("version", "quietly"), [("2.5.9", False), ("2.6.0", True)])
def test_deleting_what_is_not_ones_own(guarded: Open, version: str, quietly: bool) -> None:
    engine = guarded(version)
    engine.repos.create(REPO)
    become(engine, "robot:ci")
    if quietly:
        assert engine.repos.delete(REPO) is False
    else:
        with pytest.raises(EngineError, match="REPO_DELETE"):
            engine.repos.delete(REPO)
    engine.repos.create(RepoKey("mine"))
    assert engine.repos.delete_every(force=True) == [RepoKey("mine")]
    assert [info.key for info in engine.repos.list()] == [REPO]


def test_deleting_everything_takes_all_projects(guarded: Open) -> None:
    engine = guarded(V2)
    become(engine, "robot:ci")
    engine.repos.create(REPO)
    with pytest.raises(EngineError, match='user is not authorized to delete project "default": robot:ci is not'):
        engine.repos.delete_all()
    assert engine.roles.binding(IMAGES) == {"robot:ci": ("repoOwner",)}
    become(engine)
    engine.repos.delete_all()
    assert engine.roles.binding(IMAGES) == {}
    # whoever makes the default project anew owns it, and others have to be let in
    assert engine.roles.binding(Resource("PROJECT", "default")) == {"pach:root": ("projectOwner",)}


def test_before_projects_one_deletes_what_one_may(guarded: Open) -> None:
    engine = guarded("2.3.9")
    engine.repos.create(REPO)
    become(engine, "robot:ci")
    engine.repos.create(RepoKey("mine"))
    engine.repos.delete_all()
    assert [info.key for info in engine.repos.list()] == [REPO]


def test_bindings_are_kept_with_the_data(guarded: Open, tmp_path: Path) -> None:
    engine = guarded(V2, tmp_path)
    become(engine, "robot:ci")
    engine.repos.create(REPO)
    become(engine)
    engine.roles.modify(CLUSTER, "allClusterUsers", [])
    engine.bindings.set_groups("robot:ci", ["group:ops"])
    engine.close()
    again = guarded(V2, tmp_path)
    assert again.roles.binding(IMAGES) == {"robot:ci": ("repoOwner",)}
    assert "allClusterUsers" not in again.roles.binding(CLUSTER)
    assert again.bindings.groups_of("robot:ci") == ["group:ops"]


def test_an_older_version_passes_over_roles_it_does_not_know(guarded: Open, tmp_path: Path) -> None:
    newer = guarded("2.8.5", tmp_path)
    newer.repos.create(REPO)
    newer.close()
    older = guarded("2.4.6", tmp_path)
    older.guard.check(REPO, "REPO_READ")
    become(older, "robot:ci")
    assert refusal(older, "REPO_READ")[0] == "UNKNOWN"
    assert older.roles.permissions("robot:ci", CLUSTER) == ([], [])


def test_a_newer_version_gives_what_the_older_did_not_know(guarded: Open, tmp_path: Path) -> None:
    guarded("2.4.6", tmp_path).close()
    newer = guarded("2.5.5", tmp_path)
    assert newer.roles.binding(CLUSTER) == {"allClusterUsers": ("projectCreator",), "pach:root": ("clusterAdmin",)}
    newer.roles.modify(CLUSTER, "allClusterUsers", [])
    newer.close()
    newest = guarded("2.8.5", tmp_path)
    # what was taken from everybody is not given again
    assert newest.roles.binding(CLUSTER) == {"pach:root": ("clusterAdmin",)}
    become(newest, "robot:ci")
    newest.repos.create(REPO)


def test_whoever_starts_the_server_is_administrator(guarded: Open, tmp_path: Path) -> None:
    engine = guarded(V2, tmp_path)
    engine.deactivate()
    engine.activate("another-token", "robot:boss")
    engine.close()
    again = guarded(V2, tmp_path)
    again.guard.check_cluster("CLUSTER_DELETE_ALL")
    assert again.roles.binding(CLUSTER)["robot:boss"] == ("clusterAdmin",)


def test_what_was_there_before_belongs_to_the_administrator(opened: Open, guarded: Open, tmp_path: Path) -> None:
    engine = opened("2.11.6", tmp_path)
    engine.repos.create(REPO)
    engine.close()
    again = guarded(V2, tmp_path)
    assert again.roles.binding(IMAGES) == {}
    become(again, "robot:ci")
    assert refusal(again, "REPO_READ")[0] == "PERMISSION_DENIED"
    become(again)
    again.guard.check(REPO, "REPO_READ", "REPO_DELETE")


def test_nobody_is_asked_without_authentication(opened: Open) -> None:
    engine = opened("2.11.6")
    engine.repos.create(REPO)
    engine.guard.check(REPO, "REPO_READ")
    engine.guard.check_cluster("CLUSTER_DELETE_ALL")
    assert engine.guard.may(REPO, "REPO_DELETE")
    assert engine.roles.binding(IMAGES) == {}
