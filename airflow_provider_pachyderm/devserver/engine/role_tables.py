"""The built-in roles of 2.x and what they allow, release by release."""

from __future__ import annotations

from dataclasses import dataclass, replace

CLUSTER, PROJECT, REPO = "CLUSTER", "PROJECT", "REPO"


@dataclass(frozen=True)
class Role:
    """A role.

    :param permissions: in the order in which servers name them.
    :param bound_to: kinds of resources that it is for.
    :param told_for: kinds of resources for which GetPermissions tells it.
    """

    name: str
    permissions: tuple[str, ...]
    bound_to: tuple[str, ...] = (CLUSTER,)
    told_for: tuple[str, ...] = (CLUSTER,)


@dataclass(frozen=True)
class Release:
    """What a release has of roles.

    :param projects: roles on projects: none; its owner and creators; or all of them.
    :param loki: permissions for logs in Loki.
    :param narrow: roles are told only for what they are made for, else wherever they can be bound.
    :param defaults: permissions for defaults of projects and the cluster.
    :param jobs: the role for jobs.
    :param cluster: permissions that administrators have beside those of all other roles.
    """

    projects: int = 0
    loki: bool = False
    narrow: bool = False
    defaults: bool = False
    jobs: bool = False
    cluster: str = ""

    def roles(self) -> dict[str, Role]:
        """All roles, by their names."""
        on_repos = (CLUSTER, PROJECT, REPO) if self.projects else (CLUSTER, REPO)
        below = [Role(name, allowed, on_repos, (REPO,) if self.narrow else on_repos) for name, allowed in _REPO_ROLES]
        below += [Role(name, _all(allowed)) for name, allowed in _CLUSTER_ROLES.items()]
        below += self._log_roles() + self._project_roles() + self._job_roles()
        every = tuple(dict.fromkeys(permission for role in below for permission in role.permissions))
        bound = (CLUSTER,) if self.narrow else on_repos
        admin = Role("clusterAdmin", (*every, *_all(_ADMIN), *_all(self.cluster)), bound, on_repos)
        return {role.name: role for role in (*below, admin)}

    def _log_roles(self) -> list[Role]:
        loki = ("CLUSTER_GET_LOKI_LOGS",) if self.loki else ()
        debugger = Role("debugger", ("CLUSTER_DEBUG_DUMP", "CLUSTER_GET_PACHD_LOGS", *loki))
        return [debugger, Role("lokiLogReader", loki)] if loki else [debugger]

    def _project_roles(self) -> list[Role]:
        if not self.projects:
            return []
        owners = ("PROJECT_DELETE", "PROJECT_MODIFY_BINDINGS", *(("PROJECT_SET_DEFAULTS",) if self.defaults else ()))
        creator = Role("projectCreator", ("PROJECT_CREATE",))
        if self.projects == SOME:
            everywhere = (CLUSTER, PROJECT, REPO)
            return [Role("projectOwner", (*_OWNER, *owners), everywhere, everywhere), creator]
        bound = (CLUSTER, PROJECT)
        told = (PROJECT,) if self.narrow else bound
        viewer = Role("projectViewer", ("PROJECT_LIST_REPO",), bound, told)
        writer = Role("projectWriter", (*viewer.permissions, "PROJECT_CREATE_REPO"), bound, told)
        of_owner = (*_OWNER, *writer.permissions, *owners)
        owner = Role("projectOwner", of_owner, bound, (PROJECT, REPO) if self.narrow else bound)
        return [viewer, writer, owner, creator]

    def _job_roles(self) -> list[Role]:
        return [Role("jobAdmin", ("JOB_SKIP_CTX",), ("JOB", CLUSTER), ("JOB", CLUSTER))] if self.jobs else []


SOME, EVERY = 1, 2


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

V2_0 = Release()
V2_2 = replace(V2_0, cluster="ENTERPRISE_PAUSE")
V2_5 = replace(V2_2, projects=SOME)
V2_6 = replace(V2_5, projects=EVERY, loki=True)
V2_6_4 = replace(V2_6, narrow=True)
V2_8 = replace(V2_6_4, defaults=True, cluster="ENTERPRISE_PAUSE SET_DEFAULTS")
V2_10 = replace(V2_8, cluster="ENTERPRISE_PAUSE SET_DEFAULTS EDIT_CLUSTER_METADATA")
V2_12 = replace(V2_10, jobs=True, cluster=f"{V2_10.cluster} SNAPSHOTTER RESTART_PACHYDERM")
