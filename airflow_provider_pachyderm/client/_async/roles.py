"""Who may do what: roles (2.x), scopes and administrators (1.x), groups."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from airflow_provider_pachyderm.client import _refs
from airflow_provider_pachyderm.client._async.base import AsyncCalls, not_empty
from airflow_provider_pachyderm.client._auth_models import (
    Authorization,
    Cluster,
    Permissions,
    Project,
    Role,
    RoleBinding,
    Scope,
)
from airflow_provider_pachyderm.client._errors import InvalidRequest
from airflow_provider_pachyderm.client._models import Repo
from airflow_provider_pachyderm.client._refs import RepoLike, ResourceLike


class AsyncRoleCalls(AsyncCalls):
    """The client's calls about who may do what; all raise :class:`AuthNotActivated` where authentication is off.

    A ``resource`` is a repo, as everywhere; a :class:`Project`; or :data:`CLUSTER`. What applies to the cluster applies
    to all projects and repos, what applies to a project to its repos. A ``principal`` is a user, a robot, a pipeline, a
    group or everybody: ``user:jane@example.com``, ``robot:ci``, ``pipeline:…``, ``group:…``, ``allClusterUsers``; 1.x:
    ``github:jane``.
    """

    def _resource(self, resource: ResourceLike) -> Repo | Project | Cluster:
        return _refs.parse_resource(resource, self.config.project)

    async def authorize(self, resource: ResourceLike, needs: str | Iterable[str] | Scope) -> Authorization:
        """Ask whether the caller may do something (Authorize).

        :param needs: permissions, such as ``REPO_READ`` (2.x); or a scope on the repo (1.x).
        :return: true if so.
        """
        wanted = _needs(needs)
        given = self._resource(resource)
        dialect = await self._session.dialect()
        return await self._session.run(dialect.roles.authorize(given, wanted))

    async def get_permissions(self, resource: ResourceLike, principal: str | None = None) -> Permissions:
        """Return what the caller or somebody else may do (GetPermissions, GetPermissionsForPrincipal; 2.x).

        :param principal: the caller if None; only administrators may ask about others.
        """
        given, name = self._resource(resource), _if_given("principal", principal)
        dialect = await self._session.dialect()
        return await self._session.run(dialect.roles.permissions(given, name))

    async def get_roles_for_permission(self, permission: str) -> list[Role]:
        """List the roles that give a permission, sorted by name (GetRolesForPermission, 2.x).

        :param permission: such as ``REPO_READ``.
        :raises InvalidRequest: if there is no such permission.
        """
        name = not_empty("permission", permission)
        dialect = await self._session.dialect()
        return await self._session.run(dialect.roles.roles_for(name))

    async def get_role_binding(self, resource: ResourceLike) -> RoleBinding:
        """Return who has which roles on a resource (GetRoleBinding; 1.x: GetClusterRoleBindings).

        On 1.x only :data:`CLUSTER` has roles, from 1.11 on: ``super``, for administrators, and ``fs``, for those of
        the file system; for repos there is :meth:`get_acl`.

        :return: principal -> names of its roles. What is bound further up, to the project or the cluster, is not in it.
        """
        given = self._resource(resource)
        dialect = await self._session.dialect()
        return await self._session.run(dialect.roles.binding(given))

    async def modify_role_binding(self, resource: ResourceLike, principal: str, roles: Iterable[str] = ()) -> None:
        """Set the roles of somebody on a resource (ModifyRoleBinding; 1.x: ModifyClusterRoleBinding).

        :param roles: names, such as ``repoReader``, ``repoWriter``, ``repoOwner``, ``projectWriter``, ``clusterAdmin``;
            none takes all of them away.
        :raises PermissionDenied: if the caller may not: on a repo, only its owners may; also if there is no such repo.
        :raises InvalidRequest: if there is no such role.
        """
        name, names = not_empty("principal", principal), _list("roles", roles)
        given = self._resource(resource)
        dialect = await self._session.dialect()
        await self._session.run(dialect.roles.bind(given, name, names))

    async def get_scope(self, repo_name: RepoLike, principal: str | None = None) -> Scope:
        """Return what the caller or somebody else may do with a repo (GetScope, 1.x). Administrators may do more.

        :param principal: the caller if None; to ask about others, the caller needs ``READER``.
        """
        repo, name = self._repo(repo_name), _if_given("principal", principal)
        dialect = await self._session.dialect()
        return await self._session.run(dialect.roles.scope(repo, name))

    async def set_scope(self, repo_name: RepoLike, principal: str, scope: Scope) -> None:
        """Set what somebody may do with a repo (SetScope, 1.x).

        :param scope: ``NONE`` for nothing.
        :raises PermissionDenied: if the caller does not own it.
        """
        repo, name, given = self._repo(repo_name), not_empty("principal", principal), _scope(scope)
        dialect = await self._session.dialect()
        await self._session.run(dialect.roles.set_scope(repo, name, given))

    async def get_acl(self, repo_name: RepoLike) -> dict[str, Scope]:
        """Return who may do what with a repo (GetACL, 1.x).

        :return: principal -> scope. Administrators are not in it.
        """
        repo = self._repo(repo_name)
        dialect = await self._session.dialect()
        return await self._session.run(dialect.roles.acl(repo))

    async def set_acl(self, repo_name: RepoLike, scopes: Mapping[str, Scope]) -> None:
        """Set who may do what with a repo (SetACL, 1.x); those not named may do nothing from then on.

        :param scopes: principal -> scope.
        :raises PermissionDenied: if the caller does not own it.
        """
        repo, given = self._repo(repo_name), _scopes(scopes)
        dialect = await self._session.dialect()
        await self._session.run(dialect.roles.set_acl(repo, given))

    async def get_admins(self) -> list[str]:
        """List the administrators (GetAdmins, 1.x)."""
        dialect = await self._session.dialect()
        return await self._session.run(dialect.roles.admins())

    async def modify_admins(self, add: Iterable[str] = (), remove: Iterable[str] = ()) -> None:
        """Add and remove administrators (ModifyAdmins, 1.x); only administrators may.

        :raises InvalidRequest: if none would be left.
        """
        more, fewer = _list("add", add), _list("remove", remove)
        dialect = await self._session.dialect()
        await self._session.run(dialect.roles.modify_admins(more, fewer))

    async def get_groups(self, principal: str | None = None) -> list[str]:
        """List the groups of the caller or of somebody else (GetGroups, GetGroupsForPrincipal).

        :param principal: the caller if None; only administrators may ask about others.
        """
        name = _if_given("principal", principal)
        dialect = await self._session.dialect()
        return await self._session.run(dialect.roles.groups(name))

    async def get_users(self, group: str | None = None) -> list[str]:
        """List the members of a group, or of all groups (GetUsers); only administrators may.

        :raises NotFound: if there is no such group.
        """
        name = _if_given("group", group) or ""
        dialect = await self._session.dialect()
        return await self._session.run(dialect.roles.users(name))

    async def set_groups_for_user(self, principal: str, groups: Iterable[str]) -> None:
        """Make somebody a member of these groups, and of no others (SetGroupsForUser); only administrators may.

        :param groups: names with their kind, such as ``group:ops``. Logging in may replace them.
        """
        name, names = not_empty("principal", principal), _list("groups", groups)
        dialect = await self._session.dialect()
        await self._session.run(dialect.roles.set_groups(name, names))

    async def modify_members(self, group: str, add: Iterable[str] = (), remove: Iterable[str] = ()) -> None:
        """Add principals to a group and remove others from it (ModifyMembers); only administrators may."""
        name, more, fewer = not_empty("group", group), _list("add", add), _list("remove", remove)
        dialect = await self._session.dialect()
        await self._session.run(dialect.roles.modify_members(name, more, fewer))


def _list(name: str, given: Any) -> list[str]:
    """Check names: a text would be taken apart into letters."""
    if isinstance(given, str) or not isinstance(given, Iterable):
        raise InvalidRequest(f"{name} must be a list of names, not {given!r}")
    return [not_empty(f"a name in {name}", each) for each in given]


def _if_given(name: str, given: str | None) -> str | None:
    return None if given is None else not_empty(name, given)


def _needs(given: Any) -> Scope | list[str]:
    """Check what is asked about; servers say yes to nothing at all."""
    if isinstance(given, Scope):
        return given
    names = _list("needs", [given] if isinstance(given, str) else given)
    if not names:
        raise InvalidRequest("needs must not be empty: give a permission such as REPO_READ (2.x) or a Scope (1.x)")
    return names


def _scope(given: Any) -> Scope:
    if not isinstance(given, Scope):
        raise InvalidRequest(f"scope must be a Scope, such as Scope.READER, not {given!r}")
    return given


def _scopes(given: Any) -> dict[str, Scope]:
    if not isinstance(given, Mapping):
        raise InvalidRequest(f"scopes must be a dict from principals to their scopes, not {given!r}")
    return dict(zip(_list("scopes", given), map(_scope, given.values()), strict=True))
