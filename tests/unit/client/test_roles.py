"""Who may do what: what is asked of which server, and what is made of its answers."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any, TypeVar

import pytest

from airflow_provider_pachyderm._wire.v1 import auth_pb2 as v1
from airflow_provider_pachyderm._wire.v2 import auth_pb2 as v2
from airflow_provider_pachyderm.client import (
    CLUSTER,
    AuthConfiguration,
    Authorization,
    InvalidRequest,
    Permissions,
    Project,
    Repo,
    Role,
    Scope,
    StoredToken,
    Unsupported,
    Version,
)
from airflow_provider_pachyderm.client._dialects.calls import Call, Plan
from airflow_provider_pachyderm.client._dialects.choose import choose
from airflow_provider_pachyderm.client._dialects.dialect import Dialect
from tests.unit.client.test_plans import Played

T = TypeVar("T")
REPO = Repo("images")
LATER = 999
V1, V1_11, V1_5 = choose(Version(1, 13, 4)), choose(Version(1, 11, 0)), choose(Version(1, 5, 3))
V2, V2_3 = choose(Version(2, 11, 6)), choose(Version(2, 3, 9))


def only_call(plan: Plan[T]) -> Call[T]:
    """The call of a plan that makes no other."""
    call = next(plan)
    assert isinstance(call, Call)
    with pytest.raises(StopIteration):
        plan.send(None)
    return call


@pytest.mark.parametrize(
    ("dialect", "resource", "kind", "name"),
    [
        (V2, REPO, v2.REPO, "default/images"),
        (V2, Repo("images", "vision"), v2.REPO, "vision/images"),
        (V2, Repo("edges", "vision", "spec"), v2.SPEC_REPO, "vision/edges"),
        (V2, Repo("edges", "vision", "meta"), v2.REPO, "vision/edges"),
        (V2, Project("vision"), v2.PROJECT, "vision"),
        (V2, CLUSTER, v2.CLUSTER, ""),
        (V2_3, REPO, v2.REPO, "images"),
        (V2_3, Repo("images", "default"), v2.REPO, "images"),
        (V2_3, CLUSTER, v2.CLUSTER, ""),
    ],
)
def test_how_2x_names_what_roles_are_bound_to(dialect: Dialect, resource: Any, kind: Any, name: str) -> None:
    request = only_call(dialect.roles.bind(resource, "robot:ci", ["repoReader"])).request
    expected = v2.Resource(type=kind, name=name)
    assert request == v2.ModifyRoleBindingRequest(resource=expected, principal="robot:ci", roles=["repoReader"])
    assert only_call(dialect.roles.binding(resource)).request == v2.GetRoleBindingRequest(resource=expected)
    assert only_call(dialect.roles.permissions(resource, None)).request == v2.GetPermissionsRequest(resource=expected)
    of_jane = v2.GetPermissionsForPrincipalRequest(resource=expected, principal="user:jane")
    assert only_call(dialect.roles.permissions(resource, "user:jane")).request == of_jane


@pytest.mark.parametrize("resource", [Project("vision"), Repo("images", "vision")])
def test_projects_came_later(resource: Any) -> None:
    with pytest.raises(Unsupported, match="a project needs Pachyderm 2\\.5\\.0"):
        V2_3.roles.binding(resource)


def test_what_a_newer_server_says_is_not_lost() -> None:
    reply = v2.GetPermissionsResponse(permissions=[v2.REPO_READ, LATER, v2.REPO_READ], roles=["repoReader", "new"])  # type: ignore[list-item]
    assert only_call(V2.roles.permissions(REPO, None)).read(reply) == Permissions(
        ("REPO_READ", "999"), ("repoReader", "new")
    )
    role = v2.Role(name="new", permissions=[LATER], can_be_bound_to=[v2.REPO, LATER])  # type: ignore[list-item]
    found = only_call(V2.roles.roles_for("999"))
    assert found.request == v2.GetRolesForPermissionRequest(permission=LATER)  # type: ignore[arg-type]
    assert found.read(v2.GetRolesForPermissionResponse(roles=[role])) == [Role("new", ("999",), ("REPO", "999"))]


def test_roles_are_listed_in_order() -> None:
    reply = v2.GetRolesForPermissionResponse(roles=[v2.Role(name="repoWriter"), v2.Role(name="repoReader")])
    assert [role.name for role in only_call(V2.roles.roles_for("repo_read")).read(reply)] == [
        "repoReader",
        "repoWriter",
    ]
    with pytest.raises(InvalidRequest, match="permission 'REPO_RAED'"):
        V2.roles.roles_for("REPO_RAED")


def test_bindings() -> None:
    entries = {"user:jane": v2.Roles(roles={"repoWriter": True, "repoReader": True}), "robot:ci": v2.Roles()}
    reply = v2.GetRoleBindingResponse(binding=v2.RoleBinding(entries=entries))
    assert only_call(V2.roles.binding(REPO)).read(reply) == {"robot:ci": (), "user:jane": ("repoReader", "repoWriter")}
    assert only_call(V2.roles.binding(REPO)).read(v2.GetRoleBindingResponse()) == {}


def test_bindings_on_a_1x_cluster() -> None:
    both = v1.ClusterRoles(roles=[v1.CLUSTER_ROLE_FS, v1.CLUSTER_ROLE_SUPER])
    reply = v1.GetClusterRoleBindingsResponse(bindings={"pach:root": both})
    assert only_call(V1.roles.binding(CLUSTER)).read(reply) == {"pach:root": ("super", "fs")}
    request = only_call(V1.roles.bind(CLUSTER, "robot:ci", ["fs"])).request
    fs = v1.ClusterRoles(roles=[v1.CLUSTER_ROLE_FS])
    assert request == v1.ModifyClusterRoleBindingRequest(principal="robot:ci", roles=fs)
    with pytest.raises(InvalidRequest, match=r"'clusterAdmin' does not exist: 1\.x servers only have super and fs"):
        V1.roles.bind(CLUSTER, "robot:ci", ["clusterAdmin"])


def test_asking_whether_one_may() -> None:
    call = only_call(V2.roles.authorize(REPO, ["REPO_READ", "REPO_WRITE"]))
    assert call.request.permissions == [v2.REPO_READ, v2.REPO_WRITE]  # type: ignore[attr-defined]
    reply = v2.AuthorizeResponse(
        authorized=False, satisfied=[v2.REPO_READ], missing=[v2.REPO_WRITE], principal="robot:ci"
    )
    refused = Authorization(False, "robot:ci", ("REPO_READ",), ("REPO_WRITE",))
    assert call.read(reply) == refused
    assert not refused
    scoped = only_call(V1.roles.authorize(REPO, Scope.WRITER))
    assert scoped.request == v1.AuthorizeRequest(repo="images", scope=v1.SCOPE_WRITER)
    assert scoped.read(v1.AuthorizeResponse(authorized=True))


def test_scopes() -> None:
    asked = only_call(V1.roles.scope(REPO, None))
    assert asked.request == v1.GetScopeRequest(repos=["images"])
    assert asked.read(v1.GetScopeResponse(scopes=[v1.SCOPE_OWNER])) is Scope.OWNER
    assert only_call(V1_5.roles.scope(REPO, "jane")).request == v1.GetScopeRequest(username="jane", repos=["images"])
    given = only_call(V1.roles.set_scope(REPO, "robot:ci", Scope.NONE)).request
    assert given == v1.SetScopeRequest(username="robot:ci", repo="images", scope=v1.SCOPE_NONE)
    entries = [v1.ACLEntry(username="robot:ci", scope=v1.SCOPE_READER)]
    whole = v1.SetACLRequest(repo="images", entries=entries)
    assert only_call(V1.roles.set_acl(REPO, {"robot:ci": Scope.READER})).request == whole
    assert only_call(V1.roles.acl(REPO)).read(v1.GetACLResponse(entries=entries)) == {"robot:ci": Scope.READER}


@pytest.mark.parametrize(("dialect", "kinds"), [(V1, v1), (V2, v2)])
def test_groups(dialect: Dialect, kinds: Any) -> None:
    roles = dialect.roles
    assert only_call(roles.users("")).request == kinds.GetUsersRequest()
    assert only_call(roles.users("g")).read(kinds.GetUsersResponse(usernames=["b", "a"])) == ["a", "b"]
    assert only_call(roles.set_groups("user:j", ["g"])).request == kinds.SetGroupsForUserRequest(
        username="user:j", groups=["g"]
    )
    changed = kinds.ModifyMembersRequest(group="g", add=["a"], remove=["b"])
    assert only_call(roles.modify_members("g", ["a"], ["b"])).request == changed
    assert only_call(roles.groups(None)).request == kinds.GetGroupsRequest()
    assert only_call(roles.groups(None)).read(kinds.GetGroupsResponse(groups=["b", "a"])) == ["a", "b"]


def test_the_groups_of_somebody_else() -> None:
    assert only_call(V1.roles.groups("robot:ci")).request == v1.GetGroupsRequest(username="robot:ci")
    assert only_call(V2.roles.groups("robot:ci")).request == v2.GetGroupsForPrincipalRequest(principal="robot:ci")


@pytest.mark.parametrize(
    ("ask", "reason"),
    [
        (lambda: V1.roles.binding(REPO), "a role needs Pachyderm 2.0.0.*set_scope"),
        (lambda: V1.roles.bind(Project("p"), "robot:ci", []), "a role needs"),
        (lambda: V1.roles.permissions(REPO, None), "a role needs"),
        (lambda: V1.roles.roles_for("REPO_READ"), "a role needs"),
        (lambda: V1.roles.authorize(REPO, ["REPO_READ"]), "a role needs"),
        (lambda: V1.roles.scope(Repo("r", "p"), None), "a project needs"),
        (lambda: V1.roles.scope(Repo("r", type="meta"), None), "a repo type other than user"),
        (lambda: V1_5.roles.binding(CLUSTER), "a role on the cluster needs Pachyderm 1.11.0.*modify_admins"),
        (lambda: V1_5.roles.acl(REPO), "the list of scopes on a repo needs"),
        (lambda: V1_5.roles.set_acl(REPO, {}), "the list of scopes on a repo needs"),
        (lambda: V1_5.roles.admins(), "a list of administrators needs Pachyderm 1.6.0"),
        (lambda: V1_5.roles.groups(None), "a group needs Pachyderm 1.7.2"),
        (lambda: V1_5.auth.activate(None), "turning authentication on needs Pachyderm 1.7.1"),
        (lambda: V1_5.auth.deactivate(), "turning authentication off needs Pachyderm 1.6.0"),
        (lambda: V1_5.auth.extend("t", 1), "extending a token needs Pachyderm 1.7.0"),
        (lambda: V1_11.auth.activate("mine"), "choosing the root token needs Pachyderm 1.11.9"),
        (lambda: V1_11.auth.extract(), "reading tokens as the server stores them needs Pachyderm 1.11.9"),
        (lambda: V1.auth.revoke_all_of("robot:ci"), "revoking all tokens of a user needs"),
        (lambda: V1.auth.delete_expired(), "deleting expired tokens needs"),
        (lambda: V1.auth.rotate_root(None), "changing the root token needs"),
        (lambda: V1.auth.configuration(), "the authentication configuration needs"),
        (lambda: V1.auth.configure(AuthConfiguration()), "the authentication configuration needs"),
        (lambda: V2.auth.extend("t", 1), "extending a token needs Pachyderm 1.7.0 to 1.13"),
        (lambda: V2.roles.scope(REPO, None), "a scope needs Pachyderm 1.5.3 to 1.13.*modify_role_binding"),
        (lambda: V2.roles.set_scope(REPO, "robot:ci", Scope.READER), "a scope needs"),
        (lambda: V2.roles.authorize(REPO, Scope.READER), "a scope needs"),
        (lambda: V2.roles.acl(REPO), "get_role_binding"),
        (lambda: V2.roles.set_acl(REPO, {}), "get_role_binding"),
        (lambda: V2.roles.admins(), "clusterAdmin"),
        (lambda: V2.roles.modify_admins([], []), "clusterAdmin"),
    ],
)
def test_what_other_servers_do_instead(ask: Any, reason: str) -> None:
    with pytest.raises(Unsupported, match=reason):
        ask()


def test_turning_it_on() -> None:
    assert only_call(V1.auth.activate("mine")).request == v1.ActivateRequest(subject="pach:root", root_token="mine")
    assert only_call(V1_11.auth.activate(None)).request == v1.ActivateRequest(subject="robot:root")
    assert only_call(V2.auth.activate(None)).request == v2.ActivateRequest()
    assert Played(V1.auth.activate_services()).calls == []
    both = Played(V2.auth.activate_services(), None, Unsupported("unknown service pps_v2.API"))
    assert [step.method.path for step in both.steps] == ["/pfs_v2.API/ActivateAuth", "/pps_v2.API/ActivateAuth"]


ENDS = datetime(2030, 1, 2, 3, 4, 5, tzinfo=timezone.utc)
TOKENS = [StoredToken("robot:ci", "abcd", ENDS), StoredToken("robot:cd", "ef01")]


@pytest.mark.parametrize("token", TOKENS)
@pytest.mark.parametrize(("dialect", "kinds"), [(V1, v1), (V2, v2)])
def test_stored_tokens(dialect: Dialect, kinds: Any, token: StoredToken) -> None:
    sent: Any = only_call(dialect.auth.restore(token)).request
    reply = kinds.ExtractAuthTokensResponse(tokens=[sent.token])
    assert only_call(dialect.auth.extract()).read(reply) == [token]
    assert token.hashed_token not in repr(token)


@pytest.mark.parametrize(
    ("seconds", "year"), [(253_402_300_799, 9999), (2**63 - 1, 9999), (-62_135_596_800, 1), (-(2**63), 1)]
)
def test_times_that_no_datetime_can_hold(seconds: int, year: int) -> None:
    reply = v2.WhoAmIResponse(username="robot:ci")
    reply.expiration.seconds = seconds
    expires = only_call(V2.auth.who_am_i(ENDS)).read(reply).expires
    assert expires is not None
    assert (expires.year, expires.tzinfo) == (year, timezone.utc)


def test_tokens_that_hold_for_longer_than_there_are_years() -> None:
    ask = only_call(V1.auth.who_am_i(ENDS))
    assert ask.read(v1.WhoAmIResponse(ttl=60)).expires == ENDS + timedelta(minutes=1)
    assert ask.read(v1.WhoAmIResponse(ttl=-1)).expires is None
    for ttl in (10**12, 2**63 - 1):
        assert ask.read(v1.WhoAmIResponse(ttl=ttl)).expires == datetime.max.replace(tzinfo=timezone.utc)


def test_stored_tokens_of_1x_can_be_revoked() -> None:
    sent: Any = only_call(V1.auth.restore(TOKENS[0])).request
    assert sent.token.token_info.source == v1.TokenInfo.GET_TOKEN


def test_the_configuration() -> None:
    configuration = AuthConfiguration("https://dex", "pachyderm", "secret", "https://pachd", ("email", "groups"), True)
    sent: Any = only_call(V2.auth.configure(configuration)).request
    reply = v2.GetConfigurationResponse(configuration=sent.configuration)
    assert only_call(V2.auth.configuration()).read(reply) == configuration
    assert "secret" not in repr(configuration)
