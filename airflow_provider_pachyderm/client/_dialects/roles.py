"""Who may do what, and groups: what ``auth.API`` of 1.x and ``auth_v2.API`` of 2.x have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from typing import Any

from airflow_provider_pachyderm.client._auth_models import (
    Authorization,
    Cluster,
    Permissions,
    Project,
    Role,
    RoleBinding,
    Scope,
)
from airflow_provider_pachyderm.client._capabilities import Capabilities, Feature
from airflow_provider_pachyderm.client._dialects.calls import Call, Plan, nothing, once
from airflow_provider_pachyderm.client._models import Repo

Resource = Repo | Project | Cluster


class Roles(ABC):
    """The calls of one world."""

    methods: Any
    wire: Any

    def __init__(self, capabilities: Capabilities) -> None:
        self.capabilities = capabilities

    @abstractmethod
    def authorize(self, resource: Resource, needs: Scope | Iterable[str]) -> Plan[Authorization]: ...

    def permissions(self, resource: Resource, principal: str | None) -> Plan[Permissions]:
        """GetPermissions, or GetPermissionsForPrincipal if one is named."""
        raise self.capabilities.unsupported(Feature.ROLES)

    def roles_for(self, permission: str) -> Plan[list[Role]]:
        raise self.capabilities.unsupported(Feature.ROLES)

    @abstractmethod
    def binding(self, resource: Resource) -> Plan[RoleBinding]: ...

    @abstractmethod
    def bind(self, resource: Resource, principal: str, roles: list[str]) -> Plan[None]: ...

    def scope(self, repo: Repo, principal: str | None) -> Plan[Scope]:
        raise self.capabilities.unsupported(Feature.SCOPES)

    def set_scope(self, repo: Repo, principal: str, scope: Scope) -> Plan[None]:
        raise self.capabilities.unsupported(Feature.SCOPES)

    def acl(self, repo: Repo) -> Plan[dict[str, Scope]]:
        raise self.capabilities.unsupported(Feature.ACLS)

    def set_acl(self, repo: Repo, scopes: Mapping[str, Scope]) -> Plan[None]:
        raise self.capabilities.unsupported(Feature.ACLS)

    def admins(self) -> Plan[list[str]]:
        raise self.capabilities.unsupported(Feature.ADMINS)

    def modify_admins(self, add: list[str], remove: list[str]) -> Plan[None]:
        raise self.capabilities.unsupported(Feature.ADMINS)

    @abstractmethod
    def groups(self, principal: str | None) -> Plan[list[str]]:
        """List the groups of the caller, or of somebody else."""

    def users(self, group: str) -> Plan[list[str]]:
        """List the members of a group, or of all groups if it is empty."""
        self.capabilities.require(Feature.GROUPS)
        return once(Call(self.methods.GetUsers, self.wire.GetUsersRequest(group=group), _users, group or "users"))

    def set_groups(self, principal: str, groups: list[str]) -> Plan[None]:
        self.capabilities.require(Feature.GROUPS)
        request = self.wire.SetGroupsForUserRequest(username=principal, groups=groups)
        return once(Call(self.methods.SetGroupsForUser, request, nothing, principal))

    def modify_members(self, group: str, add: list[str], remove: list[str]) -> Plan[None]:
        self.capabilities.require(Feature.GROUPS)
        request = self.wire.ModifyMembersRequest(group=group, add=add, remove=remove)
        return once(Call(self.methods.ModifyMembers, request, nothing, group))


def read_groups(reply: Any) -> list[str]:
    return sorted(reply.groups)


def _users(reply: Any) -> list[str]:
    return sorted(reply.usernames)
