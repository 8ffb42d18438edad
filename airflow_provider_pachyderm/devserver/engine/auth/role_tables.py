"""The built-in roles of 2.x and what they allow, release by release."""

from __future__ import annotations

from dataclasses import dataclass

from airflow_provider_pachyderm.devserver.engine.auth.role_rules import (
    CLUSTER_PERMISSIONS,
    DEFAULTS_PERMISSIONS,
    JOB_ROLE,
    LOKI_PERMISSIONS,
    PROJECT_ROLES,
    ROLES_ARE_NARROW,
)
from airflow_provider_pachyderm.devserver.releases.profile import Profile

CLUSTER, PROJECT, REPO = "CLUSTER", "PROJECT", "REPO"


@dataclass(frozen=True)
class Role:
    """A role.

    :param permissions: in the order in which servers name them.
    :param bound_to: kinds of resources that it is for.
    :param listed_for: kinds of resources for which GetPermissions tells it.
    """

    name: str
    permissions: tuple[str, ...]
    bound_to: tuple[str, ...] = (CLUSTER,)
    listed_for: tuple[str, ...] = (CLUSTER,)


def roles_of(profile: Profile) -> dict[str, Role]:
    """The roles of a release, by their names; 1.x has none."""
    if profile.world == "v1":
        return {}
    narrow = profile[ROLES_ARE_NARROW]
    on_repos = (CLUSTER, PROJECT, REPO) if profile[PROJECT_ROLES] else (CLUSTER, REPO)
    below = [Role(name, allowed, on_repos, (REPO,) if narrow else on_repos) for name, allowed in _REPO_ROLES]
    below += [Role(name, _all(allowed)) for name, allowed in _CLUSTER_ROLES.items()]
    below += _log_roles(profile) + _project_roles(profile) + _job_roles(profile)
    every = tuple(dict.fromkeys(permission for role in below for permission in role.permissions))
    allowed = (*every, *_all(_ADMIN), *_all(profile[CLUSTER_PERMISSIONS]))
    admin = Role("clusterAdmin", allowed, (CLUSTER,) if narrow else on_repos, on_repos)
    return {role.name: role for role in (*below, admin)}


def _log_roles(profile: Profile) -> list[Role]:
    loki = ("CLUSTER_GET_LOKI_LOGS",) if profile[LOKI_PERMISSIONS] else ()
    debugger = Role("debugger", ("CLUSTER_DEBUG_DUMP", "CLUSTER_GET_PACHD_LOGS", *loki))
    return [debugger, Role("lokiLogReader", loki)] if loki else [debugger]


def _project_roles(profile: Profile) -> list[Role]:
    if not profile[PROJECT_ROLES]:
        return []
    defaults = ("PROJECT_SET_DEFAULTS",) if profile[DEFAULTS_PERMISSIONS] else ()
    owners = ("PROJECT_DELETE", "PROJECT_MODIFY_BINDINGS", *defaults)
    creator = Role("projectCreator", ("PROJECT_CREATE",))
    if profile[PROJECT_ROLES] == "owner and creators":
        everywhere = (CLUSTER, PROJECT, REPO)
        return [Role("projectOwner", (*_OWNER, *owners), everywhere, everywhere), creator]
    narrow, bound = profile[ROLES_ARE_NARROW], (CLUSTER, PROJECT)
    listed = (PROJECT,) if narrow else bound
    viewer = Role("projectViewer", ("PROJECT_LIST_REPO",), bound, listed)
    writer = Role("projectWriter", (*viewer.permissions, "PROJECT_CREATE_REPO"), bound, listed)
    of_owner = (*_OWNER, *writer.permissions, *owners)
    owner = Role("projectOwner", of_owner, bound, (PROJECT, REPO) if narrow else bound)
    return [viewer, writer, owner, creator]


def _job_roles(profile: Profile) -> list[Role]:
    return [Role("jobAdmin", ("JOB_SKIP_CTX",), ("JOB", CLUSTER), ("JOB", CLUSTER))] if profile[JOB_ROLE] else []


def _all(names: str, prefix: str = "CLUSTER_") -> tuple[str, ...]:
    """Permissions, written without what they begin with; a name with a dot in front is whole."""
    return tuple(name[1:] if name[0] == "." else prefix + name for name in names.split())


_READER = _all(
    "READ INSPECT_COMMIT LIST_COMMIT LIST_BRANCH LIST_FILE INSPECT_FILE ADD_PIPELINE_READER REMOVE_PIPELINE_READER "
    ".PIPELINE_LIST_JOB",
    "REPO_",
)
_WRITER = (*_READER, *_all("WRITE DELETE_COMMIT CREATE_BRANCH DELETE_BRANCH ADD_PIPELINE_WRITER", "REPO_"))
_OWNER = (*_WRITER, *_all("MODIFY_BINDINGS DELETE", "REPO_"))
_REPO_ROLES = (("repoReader", _READER), ("repoWriter", _WRITER), ("repoOwner", _OWNER))

_CLUSTER_ROLES = {
    "oidcAppAdmin": "IDENTITY_DELETE_OIDC_CLIENT IDENTITY_CREATE_OIDC_CLIENT IDENTITY_UPDATE_OIDC_CLIENT "
    "IDENTITY_LIST_OIDC_CLIENTS IDENTITY_GET_OIDC_CLIENT",
    "idpAdmin": "IDENTITY_CREATE_IDP IDENTITY_UPDATE_IDP IDENTITY_LIST_IDPS IDENTITY_GET_IDP IDENTITY_DELETE_IDP",
    "identityAdmin": "IDENTITY_SET_CONFIG IDENTITY_GET_CONFIG",
    "robotUser": "AUTH_GET_ROBOT_TOKEN",
    "licenseAdmin": "LICENSE_ACTIVATE LICENSE_GET_CODE LICENSE_ADD_CLUSTER LICENSE_UPDATE_CLUSTER "
    "LICENSE_DELETE_CLUSTER LICENSE_LIST_CLUSTERS",
    "secretAdmin": "CREATE_SECRET LIST_SECRETS .SECRET_INSPECT .SECRET_DELETE",
    "pachdLogReader": "GET_PACHD_LOGS",
}
_ADMIN = (
    "MODIFY_BINDINGS GET_BINDINGS AUTH_ACTIVATE AUTH_DEACTIVATE AUTH_GET_CONFIG AUTH_SET_CONFIG "
    "AUTH_MODIFY_GROUP_MEMBERS AUTH_GET_GROUPS AUTH_GET_GROUP_USERS AUTH_EXTRACT_TOKENS AUTH_RESTORE_TOKEN "
    "AUTH_ROTATE_ROOT_TOKEN AUTH_DELETE_EXPIRED_TOKENS AUTH_GET_PERMISSIONS_FOR_PRINCIPAL AUTH_REVOKE_USER_TOKENS "
    "ENTERPRISE_ACTIVATE ENTERPRISE_HEARTBEAT ENTERPRISE_GET_CODE ENTERPRISE_DEACTIVATE DELETE_ALL"
)
