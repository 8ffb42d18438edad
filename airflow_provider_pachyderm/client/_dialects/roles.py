"""Who may do what: roles of ``auth_v2.API`` (2.x), scopes and administrators of ``auth.API`` (1.x), groups of both."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from typing import Any, NoReturn

from airflow_provider_pachyderm._wire.v1 import auth_pb2 as v1
from airflow_provider_pachyderm._wire.v1 import methods as v1_methods
from airflow_provider_pachyderm._wire.v2 import auth_pb2 as v2
from airflow_provider_pachyderm._wire.v2 import methods as v2_methods
from airflow_provider_pachyderm.client._access import (
    Authorization,
    Cluster,
    Permissions,
    Project,
    Role,
    RoleBinding,
    Scope,
)
from airflow_provider_pachyderm.client._capabilities import Capabilities, Feature
from airflow_provider_pachyderm.client._dialects.calls import Call, nothing
from airflow_provider_pachyderm.client._errors import InvalidRequest
from airflow_provider_pachyderm.client._models import Repo
from airflow_provider_pachyderm.client._refs import DEFAULT_PROJECT

Resource = Repo | Project | Cluster
_ACL = "the scopes on {}"


class Roles(ABC):
    """The calls of one world."""

    methods: Any
    wire: Any

    def __init__(self, capabilities: Capabilities) -> None:
        self.capabilities = capabilities

    @abstractmethod
    def authorize(self, resource: Resource, needs: Scope | Iterable[str]) -> Call[Authorization]: ...

    def permissions(self, resource: Resource, principal: str | None) -> Call[Permissions]:
        """GetPermissions, or GetPermissionsForPrincipal if one is named."""
        return self._lacking(Feature.ROLES)

    def roles_for(self, permission: str) -> Call[list[Role]]:
        return self._lacking(Feature.ROLES)

    @abstractmethod
    def binding(self, resource: Resource) -> Call[RoleBinding]: ...

    @abstractmethod
    def bind(self, resource: Resource, principal: str, roles: list[str]) -> Call[None]: ...

    def scope(self, repo: Repo, principal: str | None) -> Call[Scope]:
        return self._lacking(Feature.SCOPES)

    def set_scope(self, repo: Repo, principal: str, scope: Scope) -> Call[None]:
        return self._lacking(Feature.SCOPES)

    def acl(self, repo: Repo) -> Call[dict[str, Scope]]:
        return self._lacking(Feature.ACLS)

    def set_acl(self, repo: Repo, scopes: Mapping[str, Scope]) -> Call[None]:
        return self._lacking(Feature.ACLS)

    def admins(self) -> Call[list[str]]:
        return self._lacking(Feature.ADMINS)

    def modify_admins(self, add: list[str], remove: list[str]) -> Call[None]:
        return self._lacking(Feature.ADMINS)

    @abstractmethod
    def groups(self, principal: str | None) -> Call[list[str]]:
        """List the groups of the caller, or of somebody else."""

    def users(self, group: str) -> Call[list[str]]:
        """List the members of a group, or of all groups if it is empty."""
        self.capabilities.require(Feature.GROUPS)
        return Call(self.methods.GetUsers, self.wire.GetUsersRequest(group=group), _users, group or "users", retry=True)

    def set_groups(self, principal: str, groups: list[str]) -> Call[None]:
        self.capabilities.require(Feature.GROUPS)
        request = self.wire.SetGroupsForUserRequest(username=principal, groups=groups)
        return Call(self.methods.SetGroupsForUser, request, nothing, principal)

    def modify_members(self, group: str, add: list[str], remove: list[str]) -> Call[None]:
        self.capabilities.require(Feature.GROUPS)
        request = self.wire.ModifyMembersRequest(group=group, add=add, remove=remove)
        return Call(self.methods.ModifyMembers, request, nothing, group)

    def _lacking(self, feature: Feature) -> NoReturn:
        raise self.capabilities.unsupported(feature)


class RolesV1(Roles):
    """``auth.API``: a scope for each user and repo, and roles on the cluster for administrators."""

    methods = v1_methods.Auth
    wire = v1

    def authorize(self, resource: Resource, needs: Scope | Iterable[str]) -> Call[Authorization]:
        if not isinstance(needs, Scope) or not isinstance(resource, Repo):
            self._lacking(Feature.ROLES)
        request = v1.AuthorizeRequest(repo=self._repo(resource), scope=_SCOPES[needs])
        return Call(self.methods.Authorize, request, _authorized, resource, retry=True)

    def binding(self, resource: Resource) -> Call[RoleBinding]:
        self._require_cluster(resource)
        request = v1.GetClusterRoleBindingsRequest()
        return Call(self.methods.GetClusterRoleBindings, request, _cluster_roles, resource, retry=True)

    def bind(self, resource: Resource, principal: str, roles: list[str]) -> Call[None]:
        self._require_cluster(resource)
        unknown = [role for role in roles if role not in _CLUSTER_ROLES]
        if unknown:
            raise InvalidRequest(f"role {unknown[0]!r}: 1.x servers have only {' and '.join(_CLUSTER_ROLES)}")
        given = v1.ClusterRoles(roles=[_CLUSTER_ROLES[role] for role in roles])
        request = v1.ModifyClusterRoleBindingRequest(principal=principal, roles=given)
        return Call(self.methods.ModifyClusterRoleBinding, request, nothing, resource)

    def scope(self, repo: Repo, principal: str | None) -> Call[Scope]:
        request = v1.GetScopeRequest(username=principal or "", repos=[self._repo(repo)])
        return Call(self.methods.GetScope, request, _first_scope, repo, retry=True)

    def set_scope(self, repo: Repo, principal: str, scope: Scope) -> Call[None]:
        request = v1.SetScopeRequest(username=principal, repo=self._repo(repo), scope=_SCOPES[scope])
        return Call(self.methods.SetScope, request, nothing, repo)

    def acl(self, repo: Repo) -> Call[dict[str, Scope]]:
        self.capabilities.require(Feature.ACLS)
        request = v1.GetACLRequest(repo=self._repo(repo))
        return Call(self.methods.GetACL, request, _acl, _ACL.format(repo), retry=True)

    def set_acl(self, repo: Repo, scopes: Mapping[str, Scope]) -> Call[None]:
        self.capabilities.require(Feature.ACLS)
        entries = [v1.ACLEntry(username=name, scope=_SCOPES[scope]) for name, scope in scopes.items()]
        request = v1.SetACLRequest(repo=self._repo(repo), entries=entries)
        return Call(self.methods.SetACL, request, nothing, _ACL.format(repo))

    def admins(self) -> Call[list[str]]:
        self.capabilities.require(Feature.ADMINS)
        return Call(self.methods.GetAdmins, v1.GetAdminsRequest(), _admins, "administrators", retry=True)

    def modify_admins(self, add: list[str], remove: list[str]) -> Call[None]:
        self.capabilities.require(Feature.ADMINS)
        request = v1.ModifyAdminsRequest(add=add, remove=remove)
        return Call(self.methods.ModifyAdmins, request, nothing, "administrators")

    def groups(self, principal: str | None) -> Call[list[str]]:
        self.capabilities.require(Feature.GROUPS)
        request = v1.GetGroupsRequest(username=principal or "")
        return Call(self.methods.GetGroups, request, _groups, principal or "my groups", retry=True)

    def _require_cluster(self, resource: Resource) -> None:
        if not isinstance(resource, Cluster):
            self._lacking(Feature.ROLES)
        self.capabilities.require(Feature.CLUSTER_ROLES)

    def _repo(self, repo: Repo) -> str:
        self.capabilities.require(Feature.SCOPES)
        if repo.project not in (None, DEFAULT_PROJECT):
            self.capabilities.require(Feature.PROJECTS)
        if repo.type != "user":
            self.capabilities.require(Feature.REPO_TYPES)
        return repo.name


class RolesV2(Roles):
    """``auth_v2.API``: roles bound to the cluster, projects and repos."""

    methods = v2_methods.Auth
    wire = v2

    def authorize(self, resource: Resource, needs: Scope | Iterable[str]) -> Call[Authorization]:
        if isinstance(needs, Scope):
            self._lacking(Feature.SCOPES)
        wanted = [_permission(name) for name in needs]
        request = v2.AuthorizeRequest(resource=self._resource(resource), permissions=wanted)
        return Call(self.methods.Authorize, request, _authorization, resource, retry=True)

    def permissions(self, resource: Resource, principal: str | None) -> Call[Permissions]:
        named = self._resource(resource)
        if principal is None:
            mine = v2.GetPermissionsRequest(resource=named)
            return Call(self.methods.GetPermissions, mine, _permissions, resource, retry=True)
        request = v2.GetPermissionsForPrincipalRequest(resource=named, principal=principal)
        return Call(self.methods.GetPermissionsForPrincipal, request, _permissions, resource, retry=True)

    def roles_for(self, permission: str) -> Call[list[Role]]:
        request = v2.GetRolesForPermissionRequest(permission=_permission(permission))
        return Call(self.methods.GetRolesForPermission, request, _roles, permission, retry=True)

    def binding(self, resource: Resource) -> Call[RoleBinding]:
        request = v2.GetRoleBindingRequest(resource=self._resource(resource))
        return Call(self.methods.GetRoleBinding, request, _binding, resource, retry=True)

    def bind(self, resource: Resource, principal: str, roles: list[str]) -> Call[None]:
        named = self._resource(resource)
        request = v2.ModifyRoleBindingRequest(resource=named, principal=principal, roles=roles)
        return Call(self.methods.ModifyRoleBinding, request, nothing, resource, retry=True)

    def groups(self, principal: str | None) -> Call[list[str]]:
        if principal is None:
            return Call(self.methods.GetGroups, v2.GetGroupsRequest(), _groups, "my groups", retry=True)
        request = v2.GetGroupsForPrincipalRequest(principal=principal)
        return Call(self.methods.GetGroupsForPrincipal, request, _groups, principal, retry=True)

    def _resource(self, resource: Resource) -> v2.Resource:
        if isinstance(resource, Cluster):
            return v2.Resource(type=v2.CLUSTER)
        if isinstance(resource, Project):
            self.capabilities.require(Feature.PROJECTS)
            return v2.Resource(type=v2.PROJECT, name=resource.name)
        kind = v2.SPEC_REPO if resource.type == "spec" else v2.REPO
        return v2.Resource(type=kind, name=self._repo(resource))

    def _repo(self, repo: Repo) -> str:
        if Feature.PROJECTS in self.capabilities:
            return f"{repo.project or DEFAULT_PROJECT}/{repo.name}"
        if repo.project not in (None, DEFAULT_PROJECT):
            self.capabilities.require(Feature.PROJECTS)
        return repo.name


_SCOPES = {
    Scope.NONE: v1.SCOPE_NONE,
    Scope.READER: v1.SCOPE_READER,
    Scope.WRITER: v1.SCOPE_WRITER,
    Scope.OWNER: v1.SCOPE_OWNER,
}
_SCOPE_OF = {number: scope for scope, number in _SCOPES.items()}
_CLUSTER_ROLES = {"super": v1.CLUSTER_ROLE_SUPER, "fs": v1.CLUSTER_ROLE_FS}
_CLUSTER_ROLE_OF = {number: name for name, number in _CLUSTER_ROLES.items()}


def _permission(name: str) -> Any:
    """Find the number of a permission; pachctl takes small letters, too."""
    found = v2.Permission.DESCRIPTOR.values_by_name.get(name.upper())
    if found is None and not name.isdecimal():
        raise InvalidRequest(f"permission {name!r}: there is none of that name; they are spelt as REPO_READ is")
    return int(name) if found is None else found.number


def _name(enum: Any, number: int) -> str:
    """Name a permission or a kind of resource; one that this client does not know yet is called by its number."""
    found = enum.DESCRIPTOR.values_by_number.get(number)
    return str(number) if found is None else str(found.name)


def _names(permissions: Iterable[int]) -> tuple[str, ...]:
    # servers name a permission once for each role that gives it
    return tuple(dict.fromkeys(_name(v2.Permission, number) for number in permissions))


def _authorized(reply: v1.AuthorizeResponse) -> Authorization:
    return Authorization(reply.authorized)


def _authorization(reply: v2.AuthorizeResponse) -> Authorization:
    return Authorization(reply.authorized, reply.principal, _names(reply.satisfied), _names(reply.missing))


def _permissions(reply: v2.GetPermissionsResponse) -> Permissions:
    return Permissions(_names(reply.permissions), tuple(reply.roles))


def _roles(reply: v2.GetRolesForPermissionResponse) -> list[Role]:
    return sorted((_role(role) for role in reply.roles), key=lambda role: role.name)


def _role(role: v2.Role) -> Role:
    resources = tuple(_name(v2.ResourceType, number) for number in role.can_be_bound_to)
    return Role(role.name, _names(role.permissions), resources)


def _binding(reply: v2.GetRoleBindingResponse) -> RoleBinding:
    entries = reply.binding.entries
    return {principal: tuple(sorted(entries[principal].roles)) for principal in sorted(entries)}


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


def _groups(reply: Any) -> list[str]:
    return sorted(reply.groups)


def _users(reply: Any) -> list[str]:
    return sorted(reply.usernames)
