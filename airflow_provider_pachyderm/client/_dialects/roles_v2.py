"""Who may do what on 2.x: ``auth_v2.API``; roles, permissions, groups."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from airflow_provider_pachyderm._wire.v2 import auth_pb2 as v2
from airflow_provider_pachyderm._wire.v2 import methods
from airflow_provider_pachyderm.client._auth_models import (
    Authorization,
    Cluster,
    Permissions,
    Project,
    Role,
    RoleBinding,
    Scope,
)
from airflow_provider_pachyderm.client._capabilities import Feature
from airflow_provider_pachyderm.client._dialects.calls import Call, Plan, nothing, once
from airflow_provider_pachyderm.client._dialects.names_v2 import NamesV2
from airflow_provider_pachyderm.client._dialects.roles import Resource, Roles, read_groups
from airflow_provider_pachyderm.client._errors import InvalidRequest
from airflow_provider_pachyderm.client._models import Repo

_DIGITS = 9
"""All numbers of so many fit in an enum of protobuf."""


class RolesV2(Roles):
    """``auth_v2.API``: roles bound to the cluster, projects and repos."""

    methods = methods.Auth
    wire = v2

    def __init__(self, names: NamesV2) -> None:
        super().__init__(names.capabilities)
        self._names = names

    def authorize(self, resource: Resource, needs: Scope | Iterable[str]) -> Plan[Authorization]:
        if isinstance(needs, Scope):
            raise self.capabilities.unsupported(Feature.SCOPES)
        wanted = [_permission(name) for name in needs]
        request = v2.AuthorizeRequest(resource=self._resource(resource), permissions=wanted)
        return once(Call(self.methods.Authorize, request, _authorization, resource))

    def permissions(self, resource: Resource, principal: str | None) -> Plan[Permissions]:
        named = self._resource(resource)
        if principal is None:
            mine = v2.GetPermissionsRequest(resource=named)
            return once(Call(self.methods.GetPermissions, mine, _permissions, resource))
        request = v2.GetPermissionsForPrincipalRequest(resource=named, principal=principal)
        return once(Call(self.methods.GetPermissionsForPrincipal, request, _permissions, resource))

    def roles_for(self, permission: str) -> Plan[list[Role]]:
        request = v2.GetRolesForPermissionRequest(permission=_permission(permission))
        return once(Call(self.methods.GetRolesForPermission, request, _roles, permission))

    def binding(self, resource: Resource) -> Plan[RoleBinding]:
        request = v2.GetRoleBindingRequest(resource=self._resource(resource))
        return once(Call(self.methods.GetRoleBinding, request, _binding, resource))

    def bind(self, resource: Resource, principal: str, roles: list[str]) -> Plan[None]:
        named = self._resource(resource)
        request = v2.ModifyRoleBindingRequest(resource=named, principal=principal, roles=roles)
        return once(Call(self.methods.ModifyRoleBinding, request, nothing, resource))

    def groups(self, principal: str | None) -> Plan[list[str]]:
        if principal is None:
            return once(Call(self.methods.GetGroups, v2.GetGroupsRequest(), read_groups, "my groups"))
        request = v2.GetGroupsForPrincipalRequest(principal=principal)
        return once(Call(self.methods.GetGroupsForPrincipal, request, read_groups, principal))

    def _resource(self, resource: Resource) -> v2.Resource:
        if isinstance(resource, Cluster):
            return v2.Resource(type=v2.CLUSTER)
        if isinstance(resource, Project):
            self.capabilities.require(Feature.PROJECTS)
            return v2.Resource(type=v2.PROJECT, name=resource.name)
        kind = v2.SPEC_REPO if resource.type == "spec" else v2.REPO
        return v2.Resource(type=kind, name=self._repo(resource))

    def _repo(self, repo: Repo) -> str:
        project = self._names.project(repo.project)
        return repo.name if project is None else f"{project.name}/{repo.name}"


def _permission(name: str) -> Any:
    """Find the number of a permission; pachctl takes small letters, too."""
    found = v2.Permission.DESCRIPTOR.values_by_name.get(name.upper())
    if found is not None:
        return found.number
    if not name.isdecimal() or len(name) > _DIGITS:
        raise InvalidRequest(f"permission {name!r} does not exist: permissions are spelled like REPO_READ")
    return int(name)


def _name(enum: Any, number: int) -> str:
    """Name a permission or a kind of resource; one that this client does not know yet is called by its number."""
    found = enum.DESCRIPTOR.values_by_number.get(number)
    return str(number) if found is None else str(found.name)


def _names(permissions: Iterable[int]) -> tuple[str, ...]:
    # servers name a permission once for each role that gives it
    return tuple(dict.fromkeys(_name(v2.Permission, number) for number in permissions))


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
