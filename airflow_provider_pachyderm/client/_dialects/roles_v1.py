"""Who may do what on 1.x: ``auth.API``; scopes, administrators, groups."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from airflow_provider_pachyderm._wire.v1 import auth_pb2 as v1
from airflow_provider_pachyderm._wire.v1 import methods
from airflow_provider_pachyderm.client._auth_models import Authorization, Cluster, RoleBinding, Scope
from airflow_provider_pachyderm.client._capabilities import Feature
from airflow_provider_pachyderm.client._dialects.calls import Call, Plan, nothing, once
from airflow_provider_pachyderm.client._dialects.names_v1 import NamesV1
from airflow_provider_pachyderm.client._dialects.roles import Resource, Roles, read_groups
from airflow_provider_pachyderm.client._errors import InvalidRequest
from airflow_provider_pachyderm.client._models import Repo

_ACL = "the scopes on {}"
_SCOPES = {
    Scope.NONE: v1.SCOPE_NONE,
    Scope.READER: v1.SCOPE_READER,
    Scope.WRITER: v1.SCOPE_WRITER,
    Scope.OWNER: v1.SCOPE_OWNER,
}
_SCOPE_OF = {number: scope for scope, number in _SCOPES.items()}
_CLUSTER_ROLES = {"super": v1.CLUSTER_ROLE_SUPER, "fs": v1.CLUSTER_ROLE_FS}
_CLUSTER_ROLE_OF = {number: name for name, number in _CLUSTER_ROLES.items()}


class RolesV1(Roles):
    """``auth.API``: a scope for each user and repo, and roles on the cluster for administrators."""

    methods = methods.Auth
    wire = v1

    def __init__(self, names: NamesV1) -> None:
        super().__init__(names.capabilities)
        self._names = names

    def authorize(self, resource: Resource, needs: Scope | Iterable[str]) -> Plan[Authorization]:
        if not isinstance(needs, Scope) or not isinstance(resource, Repo):
            raise self.capabilities.unsupported(Feature.ROLES)
        request = v1.AuthorizeRequest(repo=self._repo(resource), scope=_SCOPES[needs])
        return once(Call(self.methods.Authorize, request, _authorized, resource))

    def binding(self, resource: Resource) -> Plan[RoleBinding]:
        self._require_cluster(resource)
        request = v1.GetClusterRoleBindingsRequest()
        return once(Call(self.methods.GetClusterRoleBindings, request, _cluster_roles, resource))

    def bind(self, resource: Resource, principal: str, roles: list[str]) -> Plan[None]:
        self._require_cluster(resource)
        unknown = [role for role in roles if role not in _CLUSTER_ROLES]
        if unknown:
            raise InvalidRequest(
                f"role {unknown[0]!r} does not exist: 1.x servers only have {' and '.join(_CLUSTER_ROLES)}"
            )
        given = v1.ClusterRoles(roles=[_CLUSTER_ROLES[role] for role in roles])
        request = v1.ModifyClusterRoleBindingRequest(principal=principal, roles=given)
        return once(Call(self.methods.ModifyClusterRoleBinding, request, nothing, resource))

    def scope(self, repo: Repo, principal: str | None) -> Plan[Scope]:
        request = v1.GetScopeRequest(username=principal or "", repos=[self._repo(repo)])
        return once(Call(self.methods.GetScope, request, _first_scope, repo))

    def set_scope(self, repo: Repo, principal: str, scope: Scope) -> Plan[None]:
        request = v1.SetScopeRequest(username=principal, repo=self._repo(repo), scope=_SCOPES[scope])
        return once(Call(self.methods.SetScope, request, nothing, repo))

    def acl(self, repo: Repo) -> Plan[dict[str, Scope]]:
        self.capabilities.require(Feature.ACLS)
        request = v1.GetACLRequest(repo=self._repo(repo))
        return once(Call(self.methods.GetACL, request, _acl, _ACL.format(repo)))

    def set_acl(self, repo: Repo, scopes: Mapping[str, Scope]) -> Plan[None]:
        self.capabilities.require(Feature.ACLS)
        entries = [v1.ACLEntry(username=name, scope=_SCOPES[scope]) for name, scope in scopes.items()]
        request = v1.SetACLRequest(repo=self._repo(repo), entries=entries)
        return once(Call(self.methods.SetACL, request, nothing, _ACL.format(repo)))

    def admins(self) -> Plan[list[str]]:
        self.capabilities.require(Feature.ADMINS)
        return once(Call(self.methods.GetAdmins, v1.GetAdminsRequest(), _admins, "administrators"))

    def modify_admins(self, add: list[str], remove: list[str]) -> Plan[None]:
        self.capabilities.require(Feature.ADMINS)
        request = v1.ModifyAdminsRequest(add=add, remove=remove)
        return once(Call(self.methods.ModifyAdmins, request, nothing, "administrators"))

    def groups(self, principal: str | None) -> Plan[list[str]]:
        self.capabilities.require(Feature.GROUPS)
        request = v1.GetGroupsRequest(username=principal or "")
        return once(Call(self.methods.GetGroups, request, read_groups, principal or "my groups"))

    def _require_cluster(self, resource: Resource) -> None:
        if not isinstance(resource, Cluster):
            raise self.capabilities.unsupported(Feature.ROLES)
        self.capabilities.require(Feature.CLUSTER_ROLES)

    def _repo(self, repo: Repo) -> str:
        self.capabilities.require(Feature.SCOPES)
        return self._names.repo(repo).name


def _authorized(reply: v1.AuthorizeResponse) -> Authorization:
    return Authorization(reply.authorized)


def _cluster_roles(reply: v1.GetClusterRoleBindingsResponse) -> RoleBinding:
    return {
        principal: tuple(_CLUSTER_ROLE_OF.get(role, str(role)) for role in sorted(reply.bindings[principal].roles))
        for principal in sorted(reply.bindings)
    }


def _first_scope(reply: v1.GetScopeResponse) -> Scope:
    return _SCOPE_OF[reply.scopes[0]]


def _acl(reply: v1.GetACLResponse) -> dict[str, Scope]:
    return {entry.username: _SCOPE_OF[entry.scope] for entry in sorted(reply.entries, key=lambda each: each.username)}


def _admins(reply: v1.GetAdminsResponse) -> list[str]:
    return sorted(reply.admins)
